"""The command line's `ttslib train` for vocoders.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ttslib.cli.train import (
    Clock,
    CorpusName,
    FrameBudget,
    Gta,
    Jobs,
    Minutes,
    Out,
    Precision,
    Resume,
    Speakers,
    Steps,
    begun_with,
    best_of,
    chosen_settings,
    train_app,
)

__all__ = ["hifigan", "waveglow", "wavenet"]

LearningRate = Annotated[float | None, typer.Option(help="At its peak.")]
SegmentFrames = Annotated[int | None, typer.Option(help="Mel frames in each piece of a clip.")]
Start = Annotated[Path | None, typer.Option(help="A vocoder to begin with.")]
Kind = Annotated[Precision, typer.Option("--precision", help="Of the heavy sums.")]
Seed = Annotated[int | None, typer.Option(help="Of weights and batches.")]


class HiFiGANSize(str, Enum):
    """How large a HiFi-GAN."""

    small = "small"  # for a laptop
    v1 = "v1"  # the paper's, which need a GPU
    v2 = "v2"
    v3 = "v3"


class Size(str, Enum):
    """How large a WaveNet or a WaveGlow."""

    small = "small"  # for a laptop
    published = "published"  # the paper's, which needs a GPU


@train_app.command()
def hifigan(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    size: Annotated[HiFiGANSize, typer.Option(help="small is for laptops.")] = HiFiGANSize.small,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    segment_frames: SegmentFrames = None,
    adversarial_from: Annotated[
        float | None, typer.Option(help="Share of the steps before the discriminators join.")
    ] = None,
    learning_rate: LearningRate = None,
    start: Start = None,
    gta: Gta = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Kind = Precision.auto,
    seed: Seed = None,
    jobs: Jobs = -1,
) -> None:
    """Train a HiFi-GAN, the vocoder; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train hifigan --corpus mini
      ttslib train hifigan --corpus mini --resume
      ttslib train hifigan --corpus data/LibriTTS/train-clean-100 --size v1 --steps 500000
    Fine-tuning on the mels of an acoustic model, beside the recordings' own:
      ttslib train hifigan --gta mini --start data/voices/mini-hifigan/vocoder.safetensors \
        --steps 3000 --out data/runs/hifigan-mini-gta
    """
    from ttslib.models import hifigan as models
    from ttslib.models import hifigan_discriminators as judges
    from ttslib.training.vocoders import HiFiGANSettings, train_hifigan

    published = judges.hifigan_discriminators_published
    config, discriminators = {
        HiFiGANSize.small: (models.hifigan_small, judges.hifigan_discriminators_small),
        HiFiGANSize.v1: (models.hifigan_v1, published),
        HiFiGANSize.v2: (models.hifigan_v2, published),
        HiFiGANSize.v3: (models.hifigan_v3, published),
    }[size]

    recipe = partial(train_hifigan, config=config(), discriminators=discriminators())
    _train_vocoder(
        "hifigan", recipe, HiFiGANSettings, corpus, speaker,
        {"steps": steps, "frame_budget": frame_budget, "segment_frames": segment_frames,
         "adversarial_from": adversarial_from, "peak_learning_rate": learning_rate, "seed": seed},
        start=start, gta=gta, minutes=minutes, out=out, resume=resume, precision=precision,
        jobs=jobs,
    )  # fmt: skip


@train_app.command()
def wavenet(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    size: Annotated[Size, typer.Option(help="small is for laptops.")] = Size.small,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    segment_frames: SegmentFrames = None,
    learning_rate: LearningRate = None,
    start: Start = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Kind = Precision.auto,
    seed: Seed = None,
    jobs: Jobs = -1,
) -> None:
    """Train a WaveNet, a vocoder that says one sample after the other; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train wavenet --corpus mini
      ttslib train wavenet --corpus data/LibriTTS/train-clean-100 --size published --steps 1000000
    """
    from ttslib.models.wavenet.wavenet import wavenet_published, wavenet_small
    from ttslib.training.likelihood import WaveNetSettings, train_wavenet

    config = {Size.small: wavenet_small, Size.published: wavenet_published}[size]
    recipe = partial(train_wavenet, config=config())
    _train_vocoder(
        "wavenet", recipe, WaveNetSettings, corpus, speaker,
        {"steps": steps, "frame_budget": frame_budget, "segment_frames": segment_frames,
         "peak_learning_rate": learning_rate, "seed": seed},
        start=start, minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs,
    )  # fmt: skip


@train_app.command()
def waveglow(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    size: Annotated[Size, typer.Option(help="small is for laptops.")] = Size.small,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    segment_frames: SegmentFrames = None,
    learning_rate: LearningRate = None,
    spectral_from: Annotated[
        float | None, typer.Option(help="Share of the steps before it also speaks; 1: never.")
    ] = None,
    start: Start = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Kind = Precision.auto,
    seed: Seed = None,
    jobs: Jobs = -1,
) -> None:
    """Train a WaveGlow, a vocoder that turns noise into speech; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train waveglow --corpus mini
      ttslib train waveglow --corpus data/LibriTTS/train-clean-100 --size published --steps 580000
    """
    from ttslib.models.waveglow import waveglow_published, waveglow_small
    from ttslib.training.likelihood import WaveGlowSettings, train_waveglow

    config = {Size.small: waveglow_small, Size.published: waveglow_published}[size]
    recipe = partial(train_waveglow, config=config())
    _train_vocoder(
        "waveglow", recipe, WaveGlowSettings, corpus, speaker,
        {"steps": steps, "frame_budget": frame_budget, "segment_frames": segment_frames,
         "peak_learning_rate": learning_rate, "spectral_from": spectral_from, "seed": seed},
        start=start, minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs,
    )  # fmt: skip


def _train_vocoder(
    name: str,
    recipe: Callable,
    settings: type,
    corpus: str,
    speakers: list[str] | None,
    asked: dict[str, float | None],
    *,
    start: Path | None,
    minutes: float | None,
    out: Path | None,
    resume: bool,
    precision: Precision,
    jobs: int,
    gta: list[str] | None = None,
) -> None:
    """What is the same for all."""
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.synthesis.vocoders import load_vocoder
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.teacher_mels import add_predictions
    from ttslib.training.vocoders import VocoderData, prepare_recordings

    folder = out or data_folder() / "runs" / f"{name}-{Path(corpus).name}"
    chosen = settings(**chosen_settings(asked, folder, precision, resume=resume))
    parts = corpus_parts(corpus, speakers=speakers)
    cache = {"folder": data_folder() / "features", "jobs": jobs}
    data = prepare_recordings(*parts, **cache)
    gta = gta or begun_with(folder).get("gta") or []
    voices = [load_voice(name) for name in gta]
    data = VocoderData(
        training=add_predictions(data.training, voices, **cache),
        held_out=add_predictions(data.held_out, voices, **cache),
    )
    recipe(
        data,
        folder=folder,
        settings=chosen,
        start=None if start is None else load_vocoder(start),
        provenance={
            "corpus": corpus,
            "only_speakers": speakers,
            "start": start and str(start),
            "gta": gta,
        },
        resume=resume,
        monitor=Clock(minutes),
    )
    print(best_of(folder))
