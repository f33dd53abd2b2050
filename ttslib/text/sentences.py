"""Cut long text into pieces that a model can speak at once."""

import re
from collections.abc import Iterable
from itertools import pairwise

from ttslib.text.normalization.abbreviations import ends_sentence
from ttslib.text.normalization.layout import line_ends

__all__ = ["split_sentences"]

SENTENCE_MARKS = (".", "!", "?", "…", '"', "'", "”", "’", ")")  # a sentence ends in one of these
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’)\]]*\s+(?=[^\sa-z])")
_CLAUSE_END = re.compile(r"[,;:]\s+|\s[–—-]+\s+")
_WORD_END = re.compile(r"\s+")
_BRACES = re.compile(r"\{[^{}]*\}")  # a pronunciation: {R EH1 D}
_GLUE = "\0"  # replaces the spaces within braces, so that nothing is cut there
_NEXT_WORD = re.compile(r"[\"'“‘(]?([\w']{1,20})")
_ITEM_NUMBER = re.compile(r"(?:^|\n)[ \t]*\d{1,3}$")
_LAST_WORD = re.compile(r"(?<![A-Za-z.])[A-Za-z.]+$")


def split_sentences(text: str, *, max_characters: int = 200) -> list[str]:
    """Cut `text` into sentences, and long sentences at clauses or else between words.

    Nothing is lost: the words of all pieces are the words of `text`. A word is cut only if it is
    longer than `max_characters`, and a pronunciation in braces never is.

    Parameters
    ----------
    text : str
        As written or normalized. A blank line, a heading and an item of a list end a sentence; a
        title's dot (`Dr. Lee`) does not.
    max_characters : int > 0
        The most characters in a piece.

    Returns
    -------
    list of str
        Pieces without outer spaces, none empty; no piece for blank text.

    Raises
    ------
    ValueError
        If `text` is not a string or `max_characters` is not positive.

    Examples
    --------
    >>> split_sentences("Dr. Lee came. Really? Yes, at noon.", max_characters=12)
    ['Dr. Lee', 'came.', 'Really?', 'Yes,', 'at noon.']

    Taught in: notebooks/07_inference
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be a str, got {type(text).__name__}: decode or convert it")
    if max_characters < 1:
        raise ValueError(f"max_characters must be at least 1, got {max_characters}")
    text = _BRACES.sub(lambda match: _GLUE.join(match[0].split()), text)
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if not _is_shortened(match)]
    sentences = [" ".join(sentence.split()) for sentence in _cut(text, [*ends, *line_ends(text)])]
    pieces = [piece for sentence in sentences for piece in _shorten(sentence, max_characters)]
    return [_BRACES.sub(lambda match: match[0].replace(_GLUE, " "), piece) for piece in pieces]


def _is_shortened(end: re.Match) -> bool:
    """Return True if the dot belongs to a title, an initial or another abbreviation."""
    if _ITEM_NUMBER.search(end.string[max(0, end.start() - 20) : end.start()]):
        return end[0].startswith(". ")  # the 1. of a list
    last = _LAST_WORD.search(end.string[max(0, end.start() - 20) : end.start()])
    if not last or not end[0].startswith(".") or end[0].startswith(".."):
        return False
    following = _NEXT_WORD.match(end.string, end.end())
    return not ends_sentence(last[0], following[1] if following else "")


def _cut(text: str, ends: Iterable[int]) -> list[str]:
    """Cut `text` at every offset; joined, the pieces are `text`, and none is blank."""
    cuts = [0, *sorted({*ends}), len(text)]
    return [text[start:stop] for start, stop in pairwise(cuts) if text[start:stop].strip()]


def _shorten(sentence: str, limit: int) -> list[str]:
    if len(sentence) <= limit:
        return [sentence]
    for ends in (_CLAUSE_END, _WORD_END):
        parts = _cut(sentence, [match.end() for match in ends.finditer(sentence)])
        if len(parts) > 1:
            return [short for piece in _pack(parts, limit) for short in _shorten(piece, limit)]
    if _BRACES.search(sentence):
        return [sentence]
    return [sentence[at : at + limit] for at in range(0, len(sentence), limit)]


def _pack(parts: list[str], limit: int) -> list[str]:
    """Join neighbors again as long as they fit within the limit."""
    packed = [""]
    for part in parts:
        if packed[-1] and len(packed[-1]) + len(part.rstrip()) > limit:
            packed.append("")
        packed[-1] += part
    return [piece.strip() for piece in packed]
