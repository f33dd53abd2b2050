"""Options that several commands share, and checks for all options, each defined once."""

import errno
import math
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AnySeed",
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
    "factor",
    "named",
    "processes",
    "remedy_of",
    "require_place",
    "require_whole",
]

LARGEST_SEED = 2**63 - 1  # what torch and NumPy both take
REMEDIES = {
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOSPC: "free some space, or choose a folder on another disk",
    errno.EDQUOT: "free some space, or choose a folder on another disk",
    errno.EACCES: "choose a folder that you can write to",
    errno.EPERM: "choose a folder that you can write to",
    errno.EROFS: "choose a folder that you can write to",
    errno.ENOTDIR: "a file is where a folder should be: give another path",
    errno.EEXIST: "a file is where a folder should be: give another path",
    errno.EISDIR: "a folder is where a file should be: give another path",
    errno.ENOENT: "check the path",
    errno.ELOOP: "a link leads to itself: give another path",
    errno.EADDRINUSE: "give another --port",
}


def processes(jobs: int) -> int:
    """Check a number of processes."""
    if jobs != -1 and not 1 <= jobs <= 10_000:
        raise typer.BadParameter(f"it must be 1 or more, or -1 for one per core, got {jobs}")
    return jobs


def duration(minutes: float | None) -> float | None:
    """Check a number of minutes."""
    if minutes is not None and not 0 < minutes < math.inf:
        raise typer.BadParameter(f"it must be above 0, got {minutes}")
    return minutes


def factor(value: float) -> float:
    """Check a factor of speed, pitch or energy; values out of this range are mistakes."""
    if not 0.1 <= value <= 10:
        raise typer.BadParameter(f"it must be from 0.1 to 10, got {value}; 1 changes nothing")
    return value


def require_whole(arguments: Sequence[str]) -> None:
    """Raise an error for an empty value or a NUL byte, which no command can use."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        name, equals, value = argument.partition("=")
        if argument == "" or (name.startswith("--") and equals and not value):
            named = name or (before if before.startswith("-") else "an argument")
            raise ValueError(f"{named} is empty; give it a value, or leave it out")
        if "\0" in argument:
            raise ValueError(f"{argument[:40]!r} contains a NUL byte; remove it")


def require_place(folder: Path) -> Path:
    """Raise an error if a folder can't be made or written to, before hours of work are spent."""
    there = folder.absolute()
    while not there.exists() and there.parent != there:
        there = there.parent
    if not there.is_dir():
        raise ValueError(f"can't make the folder {folder}: {there} is a file; give another path")
    if not os.access(there, os.W_OK):
        raise ValueError(f"can't write to {folder}; choose a folder that you can write to")
    return folder


def remedy_of(error: BaseException | None) -> str:
    """Return what to do about an operating system's error; "" for another error."""
    while isinstance(error, OSError):
        if error.errno is not None:
            return REMEDIES.get(error.errno, "")
        error = error.__cause__  # one of ours may wrap another's error
    return ""


class TokenKind(StrEnum):
    """The symbols that a model takes."""

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
    list[str] | None, typer.Option("--corpus", help=f"{CORPUS} Repeat it to combine several.")
]
Speakers = Annotated[
    list[str] | None, typer.Option("--speaker", help="Only this one; repeat it for several.")
]
Gta = Annotated[
    list[str] | None,
    typer.Option("--gta", help="Also train on mels predicted by this voice; may be repeated."),
]
Tokens = Annotated[TokenKind | None, typer.Option(help="The symbols that the model reads.")]
Pieces = Annotated[int | None, typer.Option("--vocabulary-size", min=1, help="Number of subwords.")]
Jobs = Annotated[int, typer.Option(help="Processes; -1 is one per core.", callback=processes)]
Steps = Annotated[int | None, typer.Option(min=1, help="Training steps, schedules included.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="name=value: change a setting of the preset; may be repeated."),
]
Minutes = Annotated[
    float | None, typer.Option(help="Save and stop after this time.", callback=duration)
]
Out = Annotated[Path | None, typer.Option(help="The folder for checkpoints and logs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the training in --out.")]
Start = Annotated[Path | None, typer.Option(help="A trained vocoder to start from.")]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=LARGEST_SEED, help="The seed for weights, batches and dropout."),
]
AnySeed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="The random seed.")]


def named(corpora: list[str] | None) -> list[str]:
    """Return the corpora that were asked for; the mini corpus by default."""
    return corpora or ["mini"]
