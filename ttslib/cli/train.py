"""The command line's `ttslib train`: one command per model, all with the same options.

torch and everything built on it is imported inside the functions, so that `--help` answers at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ttslib.cli.begun import Begun, Task
from ttslib.cli.features import acoustic_data_of, parts_of, vocoder_data_of
from ttslib.cli.options import (
    Changes,
    Corpora,
    Gta,
    Jobs,
    Minutes,
    Out,
    Pieces,
    Precision,
    Preset,
    Resume,
    Seed,
    Speakers,
    Start,
    Steps,
    Tokens,
)

__all__ = ["train_app"]

train_app = typer.Typer(help="Train a model on a corpus.", rich_markup_mode=None)


def _tacotron2() -> Task:
    from ttslib.training.tasks import tacotron2 as task

    return Task(task.PRESETS, task.Tacotron2Settings, task.train_tacotron2)


def _fastspeech2() -> Task:
    from ttslib.training.tasks import fastspeech2 as task

    return Task(task.PRESETS, task.FastSpeech2Settings, task.train_fastspeech2, prosody=True)


def _matcha() -> Task:
    from ttslib.training.tasks import matcha as task

    return Task(task.PRESETS, task.MatchaSettings, task.train_matcha, prosody=True)


def _listener() -> Task:
    from ttslib.training.tasks import listener as task

    return Task(task.PRESETS, task.ListenerSettings, task.train_listener)


def _hifigan() -> Task:
    from ttslib.training.tasks import hifigan as task

    return Task(task.PRESETS, task.HiFiGANSettings, task.train_hifigan)


def _vocos() -> Task:
    from ttslib.training.tasks import vocos as task

    return Task(task.PRESETS, task.VocosSettings, task.train_vocos)


def _wavenet() -> Task:
    from ttslib.training.tasks import wavenet as task

    return Task(task.PRESETS, task.WaveNetSettings, task.train_wavenet)


def _waveglow() -> Task:
    from ttslib.training.tasks import waveglow as task

    return Task(task.PRESETS, task.WaveGlowSettings, task.train_waveglow)


def _add_acoustic(
    model: str, task_of: Callable[[], Task], description: str, *, speaks: bool
) -> None:
    """Add the command that trains a model on texts and mels."""

    def command(
        corpus: Corpora = None,
        speaker: Speakers = None,
        preset: Preset | None = None,
        changes: Changes = None,
        steps: Steps = None,
        minutes: Minutes = None,
        out: Out = None,
        resume: Resume = False,
        precision: Precision = Precision.auto,
        seed: Seed = None,
        tokens: Tokens = None,
        vocabulary_size: Pieces = None,
        jobs: Jobs = -1,
    ) -> None:
        task = task_of()
        begun = Begun.of(out, model, corpus, resume=resume)
        said = begun.choose(
            corpus=corpus,
            only_speakers=speaker,
            preset=preset and preset.value,
            tokens=tokens and tokens.value,
            vocabulary_size=vocabulary_size,
        )
        settings = begun.settings(task, said, changes, steps=steps, seed=seed, precision=precision)
        data = acoustic_data_of(
            said["corpus"], said["only_speakers"], jobs, prosody=task.prosody,
            tokens=said["tokens"], vocabulary_size=said["vocabulary_size"],
        )  # fmt: skip
        config = task.presets[said["preset"] or "small"].config(
            n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers)
        )
        task.train(data, begun.run(said, minutes), config=config, settings=settings)
        best = begun.best()
        print(f'{best}\nhear it: ttslib speak "Hello, world." --voice {best}' if speaks else best)

    train_app.command(model, help=description)(command)


def _add_vocoder(model: str, task_of: Callable[[], Task], description: str) -> None:
    """Add the command that trains a vocoder."""

    def command(
        corpus: Corpora = None,
        speaker: Speakers = None,
        preset: Preset | None = None,
        changes: Changes = None,
        steps: Steps = None,
        minutes: Minutes = None,
        out: Out = None,
        resume: Resume = False,
        precision: Precision = Precision.auto,
        seed: Seed = None,
        start: Start = None,
        gta: Gta = None,
        jobs: Jobs = -1,
    ) -> None:
        from ttslib.synthesis.vocoders import load_vocoder

        task = task_of()
        begun = Begun.of(out, model, corpus, resume=resume)
        said = begun.choose(
            corpus=corpus,
            only_speakers=speaker,
            preset=preset and preset.value,
            gta=gta,
            start=start and str(start),
        )
        settings = begun.settings(task, said, changes, steps=steps, seed=seed, precision=precision)
        first = None if start is None else load_vocoder(start)
        chosen = task.presets[said["preset"] or "small"]
        pitch = getattr(chosen.config(), "pitch_channels", 0) > 0
        data = vocoder_data_of(
            said["corpus"], said["only_speakers"], said["gta"], jobs, pitch=pitch
        )
        task.train(
            data,
            begun.run(said, minutes),
            config=chosen.config(),
            settings=settings,
            start=first,
            **{name: config() for name, config in chosen.parts.items()},
        )
        print(begun.best())

    train_app.command(model, help=description)(command)


@train_app.command("distill")
def _distill(
    teacher: Annotated[Path, typer.Argument(help="The checkpoint of a trained Matcha-TTS.")],
    corpus: Corpora = None,
    speaker: Speakers = None,
    changes: Changes = None,
    steps: Steps = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Precision = Precision.auto,
    seed: Seed = None,
    jobs: Jobs = -1,
) -> None:
    """Distill a Matcha-TTS: its mels in one step instead of several; Ctrl-C saves and ends.

    Give the corpus that it was trained on: only the texts are used.

    \b
    Examples:
      ttslib train distill data/runs/matcha-mini/best.safetensors --corpus mini
      ttslib train distill data/runs/matcha-mini/best.safetensors --corpus mini --resume
    """
    from ttslib.config import data_folder
    from ttslib.text.tokenizers import tokenizer_from_dict
    from ttslib.training.data.acoustic import acoustic_data
    from ttslib.training.tasks import distillation

    settings_of = distillation.DistillationSettings
    task = Task(distillation.PRESETS, settings_of, distillation.distill_matcha)
    begun = Begun.of(out, "distill", corpus, resume=resume)
    said = begun.choose(corpus=corpus, only_speakers=speaker, preset=None, teacher=str(teacher))
    settings = begun.settings(task, said, changes, steps=steps, seed=seed, precision=precision)
    tokenizer = tokenizer_from_dict(distillation.load_teacher(teacher).tokenizer or {})
    data = acoustic_data(
        *parts_of(said["corpus"], said["only_speakers"]),
        folder=data_folder() / "features",
        tokenizer=tokenizer,
        jobs=jobs,
    )
    task.train(teacher, data, begun.run(said, minutes), settings=settings)
    best = begun.best()
    print(f'{best}\nhear it: ttslib speak "Hello, world." --voice {best}')


_add_acoustic(
    "tacotron2",
    _tacotron2,
    """Train a Tacotron 2; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train tacotron2 --corpus mini
      ttslib train tacotron2 --corpus mini --minutes 5
      ttslib train tacotron2 --corpus mini --resume
      ttslib train tacotron2 --corpus data/LibriTTS/dev-clean --set frame_budget=12000
      ttslib train tacotron2 --corpus data/LibriTTS/train-clean-100 \
--corpus data/LibriTTS/train-clean-360 --preset published
    """,
    speaks=True,
)
_add_acoustic(
    "fastspeech2",
    _fastspeech2,
    """Train a FastSpeech 2, with its own aligner; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train fastspeech2 --corpus mini
      ttslib train fastspeech2 --corpus data/LibriTTS/train-clean-100 --preset published
      ttslib train fastspeech2 --corpus mini --set peak_learning_rate=1e-3 --out mine
    """,
    speaks=True,
)
_add_acoustic(
    "matcha",
    _matcha,
    """Train a Matcha-TTS, with sharp mels and its own aligner; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train matcha --corpus mini
      ttslib train matcha --corpus mini --steps 2000 --set frame_budget=4000
      ttslib train matcha --corpus data/LibriTTS/train-clean-100 --preset published
    """,
    speaks=True,
)
_add_acoustic(
    "listener",
    _listener,
    """Train a listener, which recognizes phonemes to score speech; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train listener --corpus mini
      ttslib train listener --corpus data/LibriTTS/train-clean-100 --steps 20000
    """,
    speaks=False,
)
_add_vocoder(
    "hifigan",
    _hifigan,
    """Train a HiFi-GAN, a vocoder with discriminators; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train hifigan --corpus mini
      ttslib train hifigan --corpus mini --resume
      ttslib train hifigan --corpus data/LibriTTS/train-clean-100 --preset published
    """,
)
_add_vocoder(
    "vocos",
    _vocos,
    """Train a Vocos, the vocoder for laptops; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train vocos --corpus mini
      ttslib train vocos --corpus mini --resume
      ttslib train vocos --corpus data/LibriTTS/train-clean-100 --preset published
    With a harmonic source, which learns a human voice faster:
      ttslib train vocos --corpus my/recordings --preset source
    Fine-tuning on mels from an acoustic model and from the recordings:
      ttslib train vocos --gta mini --start data/voices/mini-vocos/vocoder.safetensors \
--steps 3000 --set adversarial_from=0 --out data/runs/vocos-mini-gta
    """,
)
_add_vocoder(
    "wavenet",
    _wavenet,
    """Train a WaveNet, a vocoder that generates one sample at a time; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train wavenet --corpus mini
      ttslib train wavenet --corpus data/LibriTTS/train-clean-100 --preset published
    """,
)
_add_vocoder(
    "waveglow",
    _waveglow,
    """Train a WaveGlow, a vocoder that turns noise into speech; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train waveglow --corpus mini
      ttslib train waveglow --corpus data/LibriTTS/train-clean-100 --preset published
    """,
)
