"""The command line's `ttslib prepare`: compute everything that training reads, in advance.

torch and everything built on it is imported inside the functions, so that `--help` answers at once.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from ttslib.cli.features import acoustic_data_of
from ttslib.cli.options import Corpora, Gta, Jobs, Pieces, Speakers, Tokens, named

__all__ = ["prepare"]


class Model(StrEnum):
    """The models that can be trained."""

    tacotron2 = "tacotron2"
    fastspeech2 = "fastspeech2"
    matcha = "matcha"
    listener = "listener"
    hifigan = "hifigan"
    vocos = "vocos"
    wavenet = "wavenet"
    waveglow = "waveglow"


WITH_PITCH = (Model.fastspeech2, Model.matcha, Model.vocos)  # a Vocos: for its preset `source`
RAY_PROCESS = {"num_cpus": 1}  # by default 0, and then one machine gets all processes


def prepare(
    model: Annotated[
        Model | None, typer.Argument(help="The model to train; without it, text and mels only.")
    ] = None,
    corpus: Corpora = None,
    speaker: Speakers = None,
    tokens: Tokens = None,
    vocabulary_size: Pieces = None,
    gta: Gta = None,
    jobs: Jobs = -1,
    dask: Annotated[
        str | None, typer.Option(help="The scheduler of a Dask cluster that does the work.")
    ] = None,
    ray: Annotated[
        str | None, typer.Option(help="The head of a Ray cluster that does the work, or auto.")
    ] = None,
) -> None:
    """Compute everything that a training reads, and cache it for the training.

    A run that is stopped or killed loses a few minutes at most; run it again. On a cluster, all
    machines must see the corpus and the cache (TTSLIB_DATA) under the same paths.

    \b
    Examples:
      ttslib prepare --corpus mini
      ttslib prepare fastspeech2 --corpus data/LibriTTS/train-clean-100 --jobs 16
      ttslib prepare fastspeech2 --corpus data/LibriTTS/train-clean-360 --dask tcp://head:8786
      ttslib prepare fastspeech2 --corpus data/LibriTTS/train-clean-360 --ray head:6379
      ttslib prepare vocos --corpus mini --gta mini --gta mini-fastspeech2
    """
    corpora = named(corpus)
    with _cluster(dask, ray):
        data = acoustic_data_of(
            corpora,
            speaker,
            jobs,
            tokens=tokens and tokens.value,
            vocabulary_size=vocabulary_size,
            prosody=model in WITH_PITCH,
        )
        for name, features in (("training", data.training), ("held out", data.held_out)):
            seconds = int(features.n_frames.sum()) / data.audio.frames_per_second
            print(f"{name}: {len(features)} clips, {seconds / 60:.1f} minutes")
        for voice in gta or ():
            _predict_mels(corpora, speaker, voice, jobs)


@contextmanager
def _cluster(dask: str | None = None, ray: str | None = None) -> Iterator[None]:
    """Run all of joblib's work on a Dask or Ray cluster, if there is one."""
    if dask and ray:
        raise ValueError("--dask and --ray each name a cluster; give one of them")
    import joblib

    with ExitStack() as connected:
        try:
            if dask:
                from distributed import Client

                connected.enter_context(Client(dask, timeout=30))
                connected.enter_context(joblib.parallel_config(backend="dask"))
            if ray:
                from ray import init
                from ray.util.joblib import register_ray

                register_ray()
                connected.enter_context(init(ray, logging_level="ERROR", log_to_driver=False))
                connected.enter_context(joblib.parallel_config("ray", ray_remote_args=RAY_PROCESS))
        except ImportError:
            name, extra = ("ray", "ray") if ray else ("dask", "cluster")
            raise ValueError(
                f"--{name} needs the package: pip install 'ttslib-course[{extra}]'"
            ) from None
        yield


def _predict_mels(corpora: list[str], speakers: list[str] | None, name: str, jobs: int) -> None:
    """Predict the mel of every clip with a voice, under teacher forcing, for vocoders."""
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.teacher_mels import predict_features

    voice, folder = load_voice(name), data_folder() / "features"
    for part in corpus_parts(corpora, speakers=speakers):
        clips = len(predict_features(part, voice, folder=folder, jobs=jobs))
        print(f"{clips} mels predicted by {name}")
