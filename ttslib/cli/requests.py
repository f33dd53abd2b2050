"""The input of `ttslib speak`: one text, lines, or lines of JSON."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Request", "read_requests"]

STANDARD = "-"  # input or output


class Request(NamedTuple):
    """A text to speak, and the file to write."""

    text: str
    out: Path
    speaker: str | None = None


def read_requests(
    text: str | None, file: Path | None, *, lines: bool, json_lines: bool, out: Path
) -> Iterator[Request]:
    """Yield the texts to speak, each line as soon as it is read.

    Parameters
    ----------
    text
        From the command line; "-" or None reads standard input, or `file`.
    file
        A text file, or None.
    lines
        Each line is a text, written to files that are numbered from `out`.
    json_lines
        Each line is a JSON object with "text" and, if you like, "out" and "speaker".
    out
        The file to write; "-" is standard output.

    Raises
    ------
    ValueError
        If there are both a text and a file, or neither and no input, or a line is malformed.
    """
    if file is not None and text is not None:
        raise ValueError("give a text or --file, not both")
    if lines and json_lines:
        raise ValueError("give --lines or --json, not both")
    if not (lines or json_lines):
        return iter([Request(_whole(file) if text is None or text == STANDARD else text, out)])
    if text not in (None, STANDARD):
        raise ValueError("--lines and --json read --file or standard input: leave the text out")
    found = ((number, line) for number, line in enumerate(_lines(file), 1) if line.strip())
    if json_lines:
        return (_from_json(line, number, out) for number, line in found)
    return (Request(line.strip(), _numbered(out, number)) for number, line in found)


def _whole(file: Path | None) -> str:
    if file is not None:
        return _read(file)
    if sys.stdin is None or sys.stdin.isatty():
        raise ValueError('there is no text; give one, as in ttslib speak "Hello."')
    return sys.stdin.read()


def _lines(file: Path | None) -> Iterable[str]:
    if file is None:
        return iter(sys.stdin.readline, "")  # each line as it arrives
    return _read(file).splitlines()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't UTF-8"
        raise ValueError(f"can't read the text {file} ({reason})") from error


def _numbered(out: Path, number: int) -> Path:
    if str(out) == STANDARD:
        return out
    return out.with_name(f"{out.stem}-{number:03d}{out.suffix}")


def _from_json(line: str, number: int, out: Path) -> Request:
    try:
        wish = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"line {number} isn't JSON: {line.strip()[:60]!r}") from error
    if not isinstance(wish, dict) or not all(isinstance(value, str) for value in wish.values()):
        raise ValueError(f"line {number} must be an object whose values are strings")
    if "text" not in wish or wish.keys() - {"text", "out", "speaker"}:
        raise ValueError(
            f'line {number} must have "text" and may have "out" and "speaker", '
            f"it has {', '.join(map(repr, wish)) or 'nothing'}"
        )
    named = Path(wish["out"]) if "out" in wish else _numbered(out, number)
    return Request(wish["text"], named, wish.get("speaker"))
