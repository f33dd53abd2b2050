"""The command line's `ttslib train`: one command a model; the vocoders' are in cli_vocoders.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import math
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CorpusName",
    "Gta",
    "Pieces",
    "Speakers",
    "TokenKind",
    "Tokens",
    "prepared",
    "train_app",
]

train_app = typer.Typer(help="Train a model on a corpus.", rich_markup_mode=None)

CorpusName = Annotated[
    str, typer.Option(help="mini, or a folder: a LibriTTS subset, LJ Speech, or recordings.")
]
Speakers = Annotated[
    list[str] | None, typer.Option("--speaker", help="Only this one; may be given several times.")
]

Gta = Annotated[
    list[str] | None,
    typer.Option("--gta", help="Mels as this voice predicts them, too; several times if need be."),
]


class TokenKind(str, Enum):
    """What a model reads."""

    phonemes = "phonemes"
    characters = "characters"
    subwords = "subwords"


Tokens = Annotated[TokenKind | None, typer.Option(help="What the model reads.")]
Pieces = Annotated[
    int | None, typer.Option("--vocabulary-size", help="Symbols in all, for subwords.")
]
Steps = Annotated[int | None, typer.Option(min=1, help="The schedule's length.")]
FrameBudget = Annotated[int | None, typer.Option(help="Mel frames in a batch.")]
Minutes = Annotated[float | None, typer.Option(help="Save and end after so many.")]
Out = Annotated[Path | None, typer.Option(help="The folder for checkpoints and logs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where --out stopped.")]
Jobs = Annotated[int, typer.Option(help="Processes for features; -1 is one a core.")]
Accumulate = Annotated[int | None, typer.Option(min=1, help="Batches in a step.")]


class Precision(str, Enum):
    """What the heavy sums of training are computed in."""

    auto = "auto"  # bf16 where the processor has it, else float32
    no = "no"
    bf16 = "bf16"
    fp16 = "fp16"


@train_app.command()
def tacotron2(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    accumulate: Accumulate = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and dropout.")] = None,
    tokens: Tokens = None,
    vocabulary_size: Pieces = None,
    jobs: Jobs = -1,
) -> None:
    """Train a small Tacotron 2; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train tacotron2 --corpus mini
      ttslib train tacotron2 --corpus mini --resume
      ttslib train tacotron2 --corpus data/LibriTTS/train-clean-100 --steps 50000
    Several processes or GPUs, after `ttslib prepare` with the same corpus:
      accelerate launch -m ttslib.cli.main train tacotron2 --corpus mini
    """
    from ttslib.training.loop import TrainingSettings
    from ttslib.training.recipes import train_tacotron2

    asked = {"steps": steps, "frame_budget": frame_budget, "accumulate": accumulate, "seed": seed}
    folder = _train_acoustic(
        "tacotron2", train_tacotron2, TrainingSettings, corpus, speaker, asked,
        minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs, tokens=tokens,
        vocabulary_size=vocabulary_size,
    )  # fmt: skip
    _tell_how_to_hear(folder)


@train_app.command()
def fastspeech2(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    accumulate: Accumulate = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and dropout.")] = None,
    tokens: Tokens = None,
    vocabulary_size: Pieces = None,
    jobs: Jobs = -1,
) -> None:
    """Train a small FastSpeech 2, with its own aligner; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train fastspeech2 --corpus mini
      ttslib train fastspeech2 --corpus data/LibriTTS/train-clean-100 --steps 50000
    """
    from ttslib.training.recipes import FastSpeech2Settings, train_fastspeech2

    asked = {"steps": steps, "frame_budget": frame_budget, "accumulate": accumulate, "seed": seed}
    folder = _train_acoustic(
        "fastspeech2", train_fastspeech2, FastSpeech2Settings, corpus, speaker, asked, prosody=True,
        minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs, tokens=tokens,
        vocabulary_size=vocabulary_size,
    )  # fmt: skip
    _tell_how_to_hear(folder)


@train_app.command()
def listener(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and noise.")] = None,
    jobs: Jobs = -1,
) -> None:
    """Train a listener, which hears phonemes and judges speech by them; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train listener --corpus mini
      ttslib train listener --corpus data/LibriTTS/train-clean-100 --steps 20000
    """
    from ttslib.config import data_folder
    from ttslib.training.listener import ListenerSettings, train_listener

    folder = out or data_folder() / "runs" / f"listener-{Path(corpus).name}"
    asked = {"steps": steps, "frame_budget": frame_budget, "seed": seed}
    train_listener(
        prepared(corpus, speaker, jobs),
        folder=folder,
        settings=ListenerSettings(**chosen_settings(asked, folder, precision, resume=resume)),
        provenance={"corpus": corpus, "only_speakers": speaker},
        resume=resume,
        monitor=Clock(minutes),
    )
    print(best_of(folder))


def _train_acoustic(
    model: str,
    recipe: Callable,
    settings: type,
    corpus: str,
    speakers: list[str] | None,
    asked: dict[str, int | None],
    *,
    minutes: float | None,
    out: Path | None,
    resume: bool,
    precision: Precision,
    jobs: int,
    tokens: TokenKind | None,
    vocabulary_size: int | None,
    prosody: bool = False,
) -> Path:
    """What is the same for both; returns the folder that was trained into."""
    from ttslib.config import data_folder

    folder = out or data_folder() / "runs" / f"{model}-{Path(corpus).name}"
    chosen = chosen_settings(asked, folder, precision, resume=resume)
    begun = begun_with(folder)
    tokens = tokens or TokenKind(begun.get("tokens", "phonemes"))
    vocabulary_size = vocabulary_size or begun.get("vocabulary_size")
    read = {"tokens": tokens, "vocabulary_size": vocabulary_size}
    recipe(
        prepared(corpus, speakers, jobs, prosody=prosody, **read),
        folder=folder,
        settings=settings(**chosen),
        provenance={"corpus": corpus, "only_speakers": speakers, **read},
        resume=resume,
        monitor=Clock(minutes),
    )
    return folder


def _tell_how_to_hear(folder: Path) -> None:
    best = best_of(folder)
    print(f'{best}\nhear it: ttslib speak "Hello, world." --voice {best}')


def prepared(
    name: str,
    speakers: list[str] | None,
    jobs: int,
    *,
    tokens: TokenKind | None = None,
    vocabulary_size: int | None = None,
    prosody: bool = False,
):
    """The features of a corpus in two parts, to learn from and to check with (`AcousticData`)."""
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer, SubwordTokenizer
    from ttslib.training.recipes import prepare_data

    parts = corpus_parts(name, speakers=speakers)
    if vocabulary_size and tokens != TokenKind.subwords:
        raise ValueError("--vocabulary-size is for --tokens subwords alone")
    if tokens == TokenKind.subwords:
        texts = (utterance.text for utterance in parts[0].utterances)
        tokenizer = SubwordTokenizer.train(texts, vocabulary_size=vocabulary_size or 200)
    else:
        tokenizer = CharTokenizer() if tokens == TokenKind.characters else PhonemeTokenizer()
    folder = data_folder() / "features"
    return prepare_data(*parts, folder=folder, tokenizer=tokenizer, prosody=prosody, jobs=jobs)


def best_of(folder: Path) -> Path:
    """The best checkpoint of a training, or its last where none was ever looked at."""
    return next(p for n in ("best", "last") if (p := folder / f"{n}.safetensors").exists())


def chosen_settings(asked: dict, folder: Path, precision: Precision, *, resume: bool) -> dict:
    """The settings of a training: what was asked for, and else what it began with."""
    from ttslib.training.loop import native_precision

    begun = begun_with(folder)
    if begun and not resume:
        raise ValueError(f"{folder} holds a training; add --resume to go on, or give another --out")
    before = begun.get("settings", {})
    chosen = {name: value for name, value in asked.items() if value is not None}
    if precision != Precision.auto or not before:
        auto = precision == Precision.auto
        chosen["mixed_precision"] = native_precision() if auto else precision.value
    return before | chosen


def begun_with(folder: Path) -> dict:
    """The provenance of the training in `folder`; nothing where there is none."""
    from ttslib.checkpoints import load_checkpoint

    last = folder / "last.safetensors"
    return load_checkpoint(last).provenance if last.exists() else {}


class Clock:
    """A monitor of training that looks at nothing but the time; without minutes, not even that."""

    def __init__(self, minutes: float | None):
        self.end = math.inf if minutes is None else time.monotonic() + 60 * minutes

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        pass

    def on_validation(self, step: int, validation: object) -> None:
        pass

    def should_stop(self) -> bool:
        return time.monotonic() >= self.end
