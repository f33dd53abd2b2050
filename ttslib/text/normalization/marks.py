"""Sentence marks and dashes: which are kept, and where."""

import re

__all__ = ["MARKS", "set_marks", "tidy_marks"]

MARKS = "?!.;:,-"
"""The marks that are kept; from several in a row, the one that is first here is kept."""

_MARK = r"(?:[?!;,]|:(?!\d)|\.(?!\d)|-(?!\.?\d|[$£€¥₹]))"
_RUN = re.compile(rf" ?{_MARK}(?: ?{_MARK})*")
_DASH = re.compile(r"--+|\s-+(?!\.?\d|[$£€¥₹-])|-+\s")
_JOINING_DASH = re.compile(r"(?<=[A-Za-z])–(?=[A-Z])")  # the Paris–London train
_EN_DASH = re.compile(r"(?<![\d%°mM.])\s?–\s?|\s?–\s?(?![$£€¥₹]?\.?\d|\s)")  # not in a range
_SUSPENDED = re.compile(r"(?<=\w)-(?=\s(?:and|or|to)\b)")  # pre- and post-war
_GLUED = re.compile(
    r"(?<=[a-z]{2}|[A-Z]{2})\.(?=[A-Z])|(?<=\d)\.(?=[A-Z])|(?<=[A-Za-z])\.(?=[A-Z][a-z])"
)
_NAME_AND_NUMBER = re.compile(  # COVID-19, but not 5kg-10kg
    r"(?<=[A-Za-z])(?<!\d[A-Za-z])(?<!\d[A-Za-z]{2})(?<!\d[A-Za-z]{3})-(?=\d)"
)
_HALF_TO_HALF = re.compile(r"(?<=[ap]\.m\.)\s?[-–]\s?(?=\d)")  # 10 p.m. - 2 a.m.
_ABBREVIATION_DOT = re.compile(r"\.(?=[,;:?!])")
_WORD_OR_MARK = re.compile(
    # an apostrophe belongs to the word inside it, before a clipped word, after a plural or -in'
    r"(?:(?<![A-Za-z])'(?=(?:em|tis|twas|til|cause|bout|n)\b))?[A-Za-z]+(?:['-][A-Za-z]+)*"
    r"(?:(?<=[sn])'(?![A-Za-z]))?|[?!.;:,-]",
    re.IGNORECASE,
)


def tidy_marks(text: str) -> str:
    """Put each mark right after its word, alone unless it follows an abbreviation's dot.

    Numbers keep their dots, commas, colons, hyphens and the dash of a range.

    Examples
    --------
    >>> tidy_marks("Really ?! Pens, etc., for $3.50 -- or 3–5 .")
    'Really? Pens, etc., for $3.50 - or 3–5.'
    """
    text = _HALF_TO_HALF.sub(" to ", text)
    if "–" in text:
        text = _EN_DASH.sub(" - ", _JOINING_DASH.sub("-", text))
    if "-" in text:
        text = _DASH.sub(" - ", _SUSPENDED.sub("", _NAME_AND_NUMBER.sub(" ", text)))
    text = _RUN.sub(_one_mark, " ".join(text.split()))
    return " ".join(_GLUED.sub(". ", text).split())


def _one_mark(match: re.Match) -> str:
    marks = match[0].replace(" ", "")
    if match.start() == 0:
        return ""
    if len(marks) == 1:
        return match[0] if marks == "-" else marks
    shortened = len(marks) > 1 and marks[0] == "." and marks[1] in ",;:?!"
    mark = min(marks.replace(".", "") if shortened else marks, key=MARKS.index)
    return ("." if shortened else "") + (" - " if mark == "-" else mark + " ")


def set_marks(text: str) -> str:
    """Keep only words and marks: no initial mark, one mark at a time, single spaces.

    Examples
    --------
    >>> set_marks(", yes – (well-known) etc., no")
    'yes - well-known etc, no'
    """
    text = _ABBREVIATION_DOT.sub("", text)
    if "-" in text or "–" in text:
        text = _DASH.sub(" - ", text.replace("–", " - "))
    pieces = _WORD_OR_MARK.findall(text)
    spoken: list[str] = []  # words with their mark attached
    mark = ""
    for piece in pieces:
        if piece not in MARKS:
            spoken.append(piece)
            mark = ""
        elif spoken and (not mark or MARKS.index(piece) < MARKS.index(mark)):
            bare = spoken[-1].removesuffix(mark).rstrip() if mark else spoken[-1]
            spoken[-1] = f"{bare} -" if piece == "-" else bare + piece
            mark = piece
    return " ".join(spoken)
