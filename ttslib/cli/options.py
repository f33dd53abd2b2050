"""Options that several commands share, each defined once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Corpora",
    "CorpusName",
    "Gta",
    "Jobs",
    "Pieces",
    "Precision",
    "Preset",
    "Speakers",
    "TokenKind",
    "Tokens",
    "named",
]


class TokenKind(StrEnum):
    """What a model reads."""

    phonemes = "phonemes"
    characters = "characters"
    subwords = "subwords"


class Precision(StrEnum):
    """The numeric precision of training."""

    auto = "auto"  # bf16 where the processor has it, else float32
    no = "no"
    bf16 = "bf16"
    fp16 = "fp16"


class Preset(StrEnum):
    """A model's size and the settings that train it."""

    small = "small"  # for a laptop
    source = "source"  # a Vocos with a harmonic source, for a laptop and a human voice
    published = "published"  # the paper's, for GPUs


CORPUS = "mini, or a folder: a LibriTTS subset, LJ Speech, or recordings."
CorpusName = Annotated[str, typer.Option(help=CORPUS)]
Corpora = Annotated[
    list[str] | None, typer.Option("--corpus", help=f"{CORPUS} Repeat it to join several.")
]
Speakers = Annotated[
    list[str] | None, typer.Option("--speaker", help="Only this one; repeat it for several.")
]
Gta = Annotated[
    list[str] | None,
    typer.Option("--gta", help="Also train on mels predicted by this voice; may be repeated."),
]
Tokens = Annotated[TokenKind | None, typer.Option(help="What the model reads.")]
Pieces = Annotated[int | None, typer.Option("--vocabulary-size", help="Symbols, for subwords.")]
Jobs = Annotated[int, typer.Option(help="Processes for features; -1 is one per core.")]
Steps = Annotated[int | None, typer.Option(min=1, help="How many, schedules included.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="name=value: change a setting of the preset; may be repeated."),
]
Minutes = Annotated[float | None, typer.Option(help="Save and end after this time.")]
Out = Annotated[Path | None, typer.Option(help="The folder for checkpoints and logs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the training in --out.")]
Start = Annotated[Path | None, typer.Option(help="A trained vocoder to start from.")]
Seed = Annotated[int | None, typer.Option(help="Of weights, batches and dropout.")]


def named(corpora: list[str] | None) -> list[str]:
    """Return the corpora that were asked for; the mini corpus by default."""
    return corpora or ["mini"]
