"""Words with one spelling and two pronunciations: *live* music in the town where they *live*.

A tag or a word nearby selects the reading. Most pairs are a verb and another part of speech, so a
part-of-speech tag is enough. If both are nouns (a bass guitar, a bass from the lake), a word nearby
decides.

References
----------
Yarowsky 1997, Homograph disambiguation in text-to-speech synthesis (the range of nearby words).
Park and Kim 2019, g2pE, https://github.com/Kyubyong/g2p (most of the pairs come from its list).

Taught in: notebooks/03_tokenization
"""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["USUAL", "choose_reading", "needs_a_tag"]

USUAL = {
    "miz": "M IH1 Z",
    "bow": "B OW1",
    "bows": "B OW1 Z",
    "bass": "B EY1 S",
    "buffet": "B AH0 F EY1",
    "invalid": "IH0 N V AE1 L IH0 D",
    "lead": "L IY1 D",
    "live": "L IH1 V",
    "perfect": "P ER1 F IH2 K T",
    "polish": "P AA1 L IH0 SH",
    "read": "R IY1 D",
    "record": "R EH1 K ER0 D",
    "records": "R EH1 K ER0 D Z",
    "sow": "S OW1",
    "tear": "T IH1 R",
    "tears": "T IH1 R Z",
    "use": "Y UW1 Z",
    "wind": "W IH1 N D",
    "wound": "W UW1 N D",
    # newer than the dictionary, or foreign words
    "captcha": "K AE1 P CH AH0",
    "covid": "K OW1 V IH0 D",
    "crore": "K R AO1 R",
    "doss": "D AO1 S",
    "emoji": "IH0 M OW1 JH IY0",
    "gif": "G IH1 F",
    "jpeg": "JH EY1 P EH2 G",
    "json": "JH EY1 S AH0 N",
    "lakh": "L AA1 K",
    "voip": "V OY1 P",
    "wi": "W AY1",
    "yaml": "Y AE1 M AH0 L",
}
"""Words whose first reading in the dictionary isn't the usual one, and words that it lacks."""


class _Pair(NamedTuple):
    """Two readings, and the beginnings of the tags that select the first."""

    first: str
    second: str
    tags: tuple[str, ...]


_VERB, _PAST = ("V",), ("VBD", "VBN")
# Pairs that g2p_en's list lacks or has wrong.
_PAIRS = {
    "accents": _Pair("AH0 K S EH1 N T S", "AE1 K S EH2 N T S", _VERB),
    "bow": _Pair("B AW1", "B OW1", _VERB),
    "bows": _Pair("B AW1 Z", "B OW1 Z", _VERB),
    "dove": _Pair("D OW1 V", "D AH1 V", _VERB),
    "interchange": _Pair("IH2 N T ER0 CH EY1 N JH", "IH1 N T ER0 CH EY2 N JH", _VERB),
    "invalid": _Pair("IH1 N V AH0 L AH0 D", "IH0 N V AE1 L IH0 D", ("N",)),
    "live": _Pair("L IH1 V", "L AY1 V", _VERB),
    "lives": _Pair("L IH1 V Z", "L AY1 V Z", _VERB),
    "minute": _Pair("M AY0 N UW1 T", "M IH1 N AH0 T", ("J",)),
    "object": _Pair("AH0 B JH EH1 K T", "AA1 B JH EH0 K T", _VERB),
    "read": _Pair("R EH1 D", "R IY1 D", _PAST),
    "sow": _Pair("S OW1", "S AW1", _VERB),
    "tear": _Pair("T EH1 R", "T IH1 R", _VERB),
    "tears": _Pair("T EH1 R Z", "T IH1 R Z", _VERB),
    "wind": _Pair("W AY1 N D", "W IH1 N D", _VERB),
    "winds": _Pair("W AY1 N D Z", "W IH1 N D Z", _VERB),
    "wound": _Pair("W AW1 N D", "W UW1 N D", _PAST),
}
_REVERSED_THERE = frozenset(  # g2p_en's list has the verb's reading second
    "articulate blessed certificate certificates counterbalance dogged exploit exploits fragment "
    "learned misconduct misuse mouth pontificate pontificates precipitate predicate predicates "
    "rebel segment subcontract torment".split()
)
_WRONG_THERE = frozenset(  # the dictionary is better
    "baths diagnoses interchanges inverse prefix prefixes presage presages process processes "
    "processing unused used".split()
)

_NEAR = 4  # words to either side
# word -> (words nearby, the reading that they select). The part of speech doesn't decide, or the
# tagger is often wrong.
_TELLING = {
    "bass": ("fish fishing fished lake river caught fried grilled", "B AE1 S"),
    "bow": ("ship ship's boat boat's stern deck", "B AW1"),
    "lead": ("pipe pipes paint pencil poisoning bullet tin copper zinc", "L EH1 D"),
    "read": ("yesterday ago", "R EH1 D"),
    "row": ("angry noisy furious blazing quarrel", "R AW1"),
}
_BEFORE_A_VERB = {"i", "we", "they", "please", "never"}  # and never before a noun


def choose_reading(words: Sequence[str], at: int, tag: str) -> str | None:
    """Return the reading of the word at `at`, or None if nothing selects one.

    Parameters
    ----------
    words : sequence of str
        The words and marks of a text, in lower case.
    at : int
        The index of the word.
    tag : str
        Its Penn part-of-speech tag; empty without a tagger.

    Examples
    --------
    >>> choose_reading(["a", "wooden", "bow"], 2, "NN")
    'B OW1'
    >>> choose_reading(["the", "ship's", "bow"], 2, "NN")
    'B AW1'

    Taught in: notebooks/03_tokenization
    """
    word = words[at]
    if word in _TELLING:
        telling, reading = _TELLING[word]
        if not set(telling.split()).isdisjoint(words[max(0, at - _NEAR) : at + _NEAR + 1]):
            return reading
    if not tag or word not in _pairs():
        return None
    if at and words[at - 1] in _BEFORE_A_VERB and not tag.startswith("V"):
        tag = "VB"
    pair = _pairs()[word]
    return pair.first if tag.startswith(pair.tags) else pair.second


def needs_a_tag(words: Sequence[str]) -> bool:
    """Return True if a part-of-speech tag could select a reading of one of `words`."""
    return not _pairs().keys().isdisjoint(words)


@lru_cache(maxsize=1)
def _pairs() -> dict[str, _Pair]:
    """Return g2p_en's list, corrected; it is read as text, since importing g2p_en takes 2 s."""
    spec = importlib.util.find_spec("g2p_en")
    assert spec is not None  # g2p_en is installed with ttslib
    assert spec.origin is not None
    lines = Path(spec.origin).with_name("homographs.en").read_text(encoding="utf-8").splitlines()
    pairs = {}
    for line in lines:
        if not line.startswith("#"):
            word, first, second, tag = line.strip().lower().split("|")
            if word in _REVERSED_THERE:
                first, second = second, first
            pairs[word] = _Pair(first.strip().upper(), second.strip().upper(), (tag.upper(),))
    return {word: pairs[word] for word in pairs if word not in _WRONG_THERE} | _PAIRS
