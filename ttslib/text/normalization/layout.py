"""Line breaks as pauses: headings, lists and verse, but not the breaks of wrapped text.

A line break makes no pause only where it wraps a sentence: the next line continues in lower case,
or the line has no room for the next word. All others make a pause, and so do blank lines.
"""

import re
from typing import NamedTuple

__all__ = ["lay_out", "line_ends"]

_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_WIDTH = 50  # characters: text is wrapped at this width or above; a shorter line ends on purpose
_SHORT = 3  # words: `eggs` above `milk` is a list

_HEADING = re.compile(r"#{1,6}[ \t]+(?=\S)")
_ITEM = re.compile(
    r"(?:[-*•◦▪‣–>][ \t]+)(?:\[[ xX]\][ \t]+)?(?=\S)"  # of Markdown and mail
    r"|\(?(\d{1,3}|[a-hA-H]|[ivx]{1,4})\)[ \t]+(?=\S)|(\d{1,3})\.[ \t]+(?=\S)"  # 1) a) (ii) 1.
)
_RULE = re.compile(r"[-=_*~#|:+\s]{3,}")  # between lines, or under a heading
_MARKED = re.compile(r"[.,;:?!…—–-][\"'”’)\]*_]*$")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}


class _Line(NamedTuple):
    """A line with words on it."""

    words: str  # without bullet, number and outer spaces
    number: str  # of a numbered item, or empty
    pause: str  # before it: a period, a comma, or nothing if the text may just be wrapped there
    start: int  # its offset in the text


def lay_out(text: str) -> str:
    """Return `text` on one line, with a comma or period where a line break makes a pause.

    Examples
    --------
    >>> lay_out("# Shopping\\n1. eggs\\n2. milk")
    'Shopping. 1, eggs. 2, milk'
    """
    if not (_BREAK.search(text) or _HEADING.match(text) or _ITEM.match(text)):
        return text
    laid: list[str] = []
    for line in _lines(text):
        if line.pause and laid and not _MARKED.search(laid[-1]):
            laid[-1] += line.pause
        laid.append(f"{line.number}, {line.words}" if line.number else line.words)
    return " ".join(laid)


def line_ends(text: str) -> list[int]:
    """Return the offsets of the lines in `text` before which a speaker pauses.

    Examples
    --------
    >>> line_ends("Roses are red\\nViolets are blue")
    [0, 14]
    """
    if not _BREAK.search(text):
        return []
    return [line.start for line in _lines(text) if line.pause]


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    width = max((len(found[0].strip()) for found in _LINE.finditer(text)), default=0)
    is_apart, end = False, 0  # after a blank line, a rule or a heading
    for found in _LINE.finditer(text):
        written = found[0].strip()
        is_apart = is_apart or text.count("\n", end, found.start()) > 1
        end = found.end()
        if not written or _RULE.fullmatch(written):
            is_apart = True
            continue
        words, number, is_item = _parts(written)
        is_heading = is_item and not number and written.startswith("#")
        if is_apart or is_heading:
            pause = "."
        elif is_item or not _wraps(lines[-1].words if lines else "", words, width):
            pause = "," if words[0].islower() and not number else "."
        else:
            pause = ""
        lines.append(_Line(words, number, pause, found.start()))
        is_apart = is_heading
    return lines


def _parts(line: str) -> tuple[str, str, bool]:
    """Return a line's words, its number in a list, and whether it is a heading or an item."""
    if heading := _HEADING.match(line):
        return line[heading.end() :].rstrip("# ") or "#", "", True
    if not (item := _ITEM.match(line)):
        return line, "", False
    number = item[1] or item[2] or ""
    number = _ROMAN.get(number, "ay" if number in ("a", "A") else number)
    return line[item.end() :], number, True


def _wraps(line: str, following: str, width: int) -> bool:
    """Return True if the sentence in `line` continues in the line `following`."""
    if following[0].islower():
        return len(line.split()) > _SHORT or len(following.split()) > _SHORT
    first = following.partition(" ")[0]
    return len(line) >= _WIDTH and len(line) + 1 + len(first) > width
