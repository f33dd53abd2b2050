"""Sounds that people make, and words that they draw out: `psst`, `brrr`, `nooo`.

Taught in: notebooks/03_tokenization
"""

import re
from collections.abc import Callable

__all__ = ["say_interjection"]

_SOUNDS = {
    "ps+t+": "P S T",
    "pf+t*": "P F T",
    "s+h+": "SH",
    "t+s+k": "T IH1 S K",
    "b+r+": "B R ER1",
    "g+r+": "G R ER1",
    "z+": "Z",
    "h+m+": "HH AH0 M",
    "m+": "M",
    "m+h+m+": "M HH AH1 M",
    "a+h+": "AA1",
    "a{3,}": "AA1",
    "o{3,}h*": "UW1",
    "e+w+": "IY1 UW0",
    "e{3,}k+": "IY1 K",
    "u+g+h+": "AH1 G",
    "a+r+g+h+": "AA1 R G",
}
_SOUND = re.compile("|".join(f"({pattern})" for pattern in _SOUNDS))
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_LONGEST = 24  # letters; longer ones aren't words
_NOT_DOUBLE = {"soo": "so", "noo": "no", "goo": "go", "oo": "oh"}  # although these are words


def say_interjection(word: str, look_up: Callable[[str], str | None]) -> str | None:
    """Return the phonemes of a sound or a drawn-out word, or None for any other word.

    Parameters
    ----------
    word : str
        In lower case.
    look_up : callable
        Returns the phonemes of a word, or None.

    Examples
    --------
    >>> say_interjection("psst", {}.get), say_interjection("nooo", {"no": "N OW1"}.get)
    ('P S T', 'N OW1')

    Taught in: notebooks/03_tokenization
    """
    if sound := _SOUND.fullmatch(word):
        assert sound.lastindex is not None  # each alternative is a group
        return list(_SOUNDS.values())[sound.lastindex - 1]
    if len(word) > _LONGEST or not _DRAWN_OUT.search(word):
        return None
    doubled = _DRAWN_OUT.sub(r"\1\1", word)
    single = _DRAWN_OUT.sub(r"\1", word)
    return look_up(_NOT_DOUBLE.get(doubled, doubled)) or look_up(single)
