"""The command line's `ttslib train`: one command per model, all with the same options.

torch and everything built on it is imported inside the functions, so that `--help` answers at once.
"""

import dataclasses
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import typer

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
    TokenKind,
    Tokens,
    named,
)

__all__ = ["acoustic_data_of", "train_app"]

train_app = typer.Typer(help="Train a model on a corpus.", rich_markup_mode=None)


class Task(NamedTuple):
    """What a command needs of a model's training."""

    presets: dict
    settings: type
    train: Callable
    prosody: bool = False  # pitch and energy, beside mels


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
        begun = _Begun.of(out, model, corpus, resume=resume)
        said = begun.choose(
            corpus=corpus,
            only_speakers=speaker,
            preset=preset and preset.value,
            tokens=tokens and tokens.value,
            vocabulary_size=vocabulary_size,
        )
        settings = begun.settings(task, said, changes, steps=steps, seed=seed, precision=precision)
        data = acoustic_data_of(
            named(said["corpus"]), said["only_speakers"], jobs, prosody=task.prosody,
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
        begun = _Begun.of(out, model, corpus, resume=resume)
        said = begun.choose(
            corpus=corpus,
            only_speakers=speaker,
            preset=preset and preset.value,
            gta=gta,
            start=start and str(start),
        )
        settings = begun.settings(task, said, changes, steps=steps, seed=seed, precision=precision)
        data = _vocoder_data_of(named(said["corpus"]), said["only_speakers"], said["gta"], jobs)
        chosen = task.presets[said["preset"] or "small"]
        task.train(
            data,
            begun.run(said, minutes),
            config=chosen.config(),
            settings=settings,
            start=None if start is None else load_vocoder(start),
            **{name: config() for name, config in chosen.parts.items()},
        )
        print(begun.best())

    train_app.command(model, help=description)(command)


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
    """Train a Matcha-TTS, which draws sharp mels, with its own aligner; Ctrl-C saves and ends.

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
    """Train a listener, which recognizes phonemes and judges speech by them.

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
    Fine-tuning on the mels of an acoustic model, beside the recordings' own:
      ttslib train hifigan --gta mini --start data/voices/mini-hifigan/vocoder.safetensors \
--steps 3000 --out data/runs/hifigan-mini-gta
    """,
)
_add_vocoder(
    "wavenet",
    _wavenet,
    """Train a WaveNet, a vocoder that draws one sample after the other; Ctrl-C saves and ends.

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


@dataclasses.dataclass(frozen=True)
class _Begun:
    """A training's folder, and how the training in it was begun, if there is one."""

    folder: Path
    provenance: dict  # empty where nothing was trained yet

    @classmethod
    def of(cls, out: Path | None, model: str, corpora: list[str] | None, *, resume: bool):
        from ttslib.checkpoints import load_checkpoint
        from ttslib.config import data_folder

        corpus = "+".join(Path(name).name for name in named(corpora))
        folder = out or data_folder() / "runs" / f"{model}-{corpus}"
        last = folder / "last.safetensors"
        if last.exists() and not resume:
            raise ValueError(
                f"{folder} holds a training; add --resume to continue it, or give another --out"
            )
        return cls(folder, load_checkpoint(last).provenance if last.exists() else {})

    def choose(self, **asked) -> dict:
        """Return what was asked for, and what the training began with where nothing was."""
        chosen = {}
        for name, value in asked.items():
            before = self.provenance.get(name)
            before = [before] if name == "corpus" and isinstance(before, str) else before
            if self.provenance and value is not None and value != before:
                raise ValueError(
                    f"{self.folder} was begun with {name}={before}, now it is {value}; leave it "
                    "out, or train into another folder"
                )
            chosen[name] = before if value is None else value
        return chosen

    def settings(
        self, task: Task, said: dict, changes: list[str] | None, *,
        steps: int | None, seed: int | None, precision: Precision,
    ):  # fmt: skip
        """Return the settings: those it began with or the preset's, then what was asked for."""
        from ttslib.training.loop import native_precision

        before = self.provenance.get("settings")
        known = {field.name for field in dataclasses.fields(task.settings)}
        if before is None:
            if said["preset"] not in (None, *task.presets):
                raise ValueError(
                    f"there is no preset {said['preset']} of this model, only "
                    f"{', '.join(task.presets)}"
                )
            before = task.presets[said["preset"] or "small"].settings
        chosen = {name: value for name, value in before.items() if name in known}
        chosen |= dict(_changed(one, task.settings) for one in changes or ())
        chosen |= {n: v for n, v in (("steps", steps), ("seed", seed)) if v is not None}
        if precision != Precision.auto:
            chosen["mixed_precision"] = precision.value
        elif not self.provenance:
            chosen.setdefault("mixed_precision", native_precision())
        return task.settings(
            **{n: tuple(v) if isinstance(v, list) else v for n, v in chosen.items()}
        )

    def run(self, provenance: dict, minutes: float | None):
        from ttslib.training.state import Run

        return Run(self.folder, resume=True, provenance=provenance, monitor=_Clock(minutes))

    def best(self) -> Path:
        """Return the best checkpoint's path, or the last one's where none was validated."""
        return next(p for n in ("best", "last") if (p := self.folder / f"{n}.safetensors").exists())


def _changed(text: str, settings: type) -> tuple[str, object]:
    """Read `name=value` as one of these settings."""
    name, equals, written = text.partition("=")
    fields = {field.name: field for field in dataclasses.fields(settings)}
    if not equals or name not in fields:
        raise ValueError(f"--set takes name=value with one of {', '.join(fields)}; got {text!r}")
    try:
        value = json.loads(written.lower() if written in ("True", "False", "None") else written)
    except ValueError:
        value = written
    default = fields[name].default
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    fits = type(value) is type(default) or (isinstance(default, tuple) and isinstance(value, list))
    if default is not None and not fits:
        raise ValueError(f"{name} is a {type(default).__name__}, as {default!r}; got {written!r}")
    return name, value


def _parts(corpora: list[str], speakers: list[str] | None):
    from ttslib.corpora.parts import corpus_parts

    return corpus_parts(corpora[0] if len(corpora) == 1 else corpora, speakers=speakers)


def acoustic_data_of(
    corpora: list[str],
    speakers: list[str] | None,
    jobs: int,
    *,
    tokens: str | None = None,
    vocabulary_size: int | None = None,
    prosody: bool = False,
):
    """Return the features of corpora by their names, in two parts (`AcousticData`)."""
    from ttslib.config import data_folder
    from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer, SubwordTokenizer
    from ttslib.training.data.acoustic import acoustic_data

    parts = _parts(corpora, speakers)
    if vocabulary_size and tokens != TokenKind.subwords.value:
        raise ValueError("--vocabulary-size is for --tokens subwords alone")
    if tokens == TokenKind.subwords.value:
        texts = (utterance.text for utterance in parts[0].utterances)
        tokenizer = SubwordTokenizer.train(texts, vocabulary_size=vocabulary_size or 200)
    else:
        characters = tokens == TokenKind.characters.value
        tokenizer = CharTokenizer() if characters else PhonemeTokenizer()
    folder = data_folder() / "features"
    return acoustic_data(*parts, folder=folder, tokenizer=tokenizer, prosody=prosody, jobs=jobs)


def _vocoder_data_of(
    corpora: list[str], speakers: list[str] | None, gta: list[str] | None, jobs: int
):
    """Return recordings beside their mels, and beside those that the `gta` voices predict."""
    from ttslib.config import data_folder
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.teacher_mels import add_predictions
    from ttslib.training.data.vocoder import VocoderData, vocoder_data

    cache = {"folder": data_folder() / "features", "jobs": jobs}
    data = vocoder_data(*_parts(corpora, speakers), **cache)
    voices = [load_voice(name) for name in gta or ()]
    return VocoderData(
        training=add_predictions(data.training, voices, **cache),
        held_out=add_predictions(data.held_out, voices, **cache),
    )


class _Clock:
    """A monitor that stops a training after some minutes; None lets it run."""

    def __init__(self, minutes: float | None):
        self.end = math.inf if minutes is None else time.monotonic() + 60 * minutes

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        pass

    def on_validation(self, step: int, validation: object) -> None:
        pass

    def should_stop(self) -> bool:
        return time.monotonic() >= self.end
