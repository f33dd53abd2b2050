"""Convert text to token IDs and back, by letters, subwords or phonemes.

A tokenizer is saved in the checkpoint of the model that was trained with it, as plain JSON values.

Taught in: notebooks/03_tokenization
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ttslib.text.arpabet import PHONEMES
from ttslib.text.lexicon import read_lexicon
from ttslib.text.normalize import MARKS, normalize_text
from ttslib.text.phonemes import Phonemizer

__all__ = [
    "CharTokenizer",
    "PhonemeTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "UnspeakableError",
    "tokenizer_from_dict",
    "with_lexicon",
]

PAD, END, BOUNDARY = "_", "~", " "
_FRAME = (PAD, END, BOUNDARY, *MARKS)
_LETTERS = (*_FRAME, "'", *"abcdefghijklmnopqrstuvwxyz")  # all symbols of normalized text


class UnspeakableError(ValueError):
    """A text without a word: blank, or only marks and emoji."""


class Tokenizer(ABC):
    """The base of all tokenizers: a table of symbols, in which a symbol's index is its ID.

    Parameters
    ----------
    symbols : sequence of str, optional
        A checkpoint's own table, whose IDs are kept; by default the full table of the kind. The
        first must be the pad `"_"`. Symbols missing from the table are left out of texts. Published
        tables lack the end symbol `"~"`, which ends a text in ours.

    Raises
    ------
    ValueError
        If `symbols` isn't such a table.
    """

    kind: str
    pad_id = 0

    def __init__(self, symbols: Sequence[str]):
        self.symbols = tuple(symbols)
        if not all(isinstance(symbol, str) for symbol in self.symbols) or len(
            set(self.symbols)
        ) != len(self.symbols):
            raise ValueError("symbols must be strings, each once: take them from to_dict()")
        if self.symbols[:1] != (PAD,):
            raise ValueError(
                f"symbols must begin with {PAD!r}, got {self.symbols[:5]!r}...: take them from "
                "to_dict()"
            )
        self._ids = {symbol: index for index, symbol in enumerate(self.symbols)}
        self.end_id = self._ids.get(END)

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Normalize `text` and return its symbols, without the end symbol."""

    def encode(self, text: str, *, close: bool = False) -> list[int]:
        """Return the IDs of `text`, followed by that of the end symbol if the table has one.

        Parameters
        ----------
        text : str
            As written.
        close : bool
            Whether to add a period if the last word has no mark. A model that was trained on whole
            sentences cuts off the end of a text without one.

        Raises
        ------
        UnspeakableError
            If `text` has no word.
        ValueError
            If `text` is not a string, or has braces that this tokenizer can't read.
        """
        symbols = [symbol for symbol in self.split(text) if symbol in self._ids]
        if all(symbol in _FRAME for symbol in symbols):
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise UnspeakableError(
                f"nothing in {shown!r} can be said: give text with Latin letters or digits"
            )
        if close and symbols[-1] not in MARKS and "." in self._ids:
            symbols.append(".")
        ids = [self._ids[symbol] for symbol in symbols]
        return ids if self.end_id is None else [*ids, self.end_id]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of `ids`, without pad and end; `encode` and `decode` normalize a text.

        Raises
        ------
        ValueError
            If an ID is not in the table.
        """
        ids = [int(index) for index in ids]
        if beyond := [index for index in ids if not 0 <= index < len(self.symbols)]:
            raise ValueError(
                f"id {beyond[0]} is not in this tokenizer's table of {len(self.symbols)} symbols: "
                "decode with the tokenizer that encoded"
            )
        return self._join([self.symbols[index] for index in ids if index not in (0, self.end_id)])

    @abstractmethod
    def _join(self, symbols: list[str]) -> str: ...

    def to_dict(self) -> dict:
        """Return the kind and the table as plain JSON values, for `tokenizer_from_dict`."""
        return {"kind": self.kind, "symbols": list(self.symbols)}


class CharTokenizer(Tokenizer):
    """One token per letter: the pad, the end, the space, the marks, the apostrophe and a to z.

    `decode(encode(text))` is `normalize_text(text).lower()`.

    Examples
    --------
    >>> CharTokenizer().decode(CharTokenizer().encode("It's 5!"))
    "it's five!"

    Taught in: notebooks/03_tokenization
    """

    kind = "char"

    def __init__(self, symbols: Sequence[str] = _LETTERS):
        super().__init__(symbols)

    def split(self, text: str) -> list[str]:
        """Return the letters and marks of `text`, normalized and in lower case."""
        return list(_spelled(text))

    def _join(self, symbols: list[str]) -> str:
        return "".join(symbols)


class SubwordTokenizer(Tokenizer):
    """One token per frequent piece of a word, learned from texts by byte-pair encoding.

    Training begins with the letters, then repeatedly joins the most frequent pair of neighbors into
    a new symbol. The space between words is a separate token and never part of a piece, as in the
    other tokenizers: a model finds pauses in one place, and doesn't learn a word twice, with a
    space and without. Every letter stays in the table, so it can encode any text;
    `decode(encode(text))` is `normalize_text(text).lower()`.

    Parameters
    ----------
    symbols : sequence of str
        A checkpoint's own table.
    merges : sequence of pairs of str
        The pairs of symbols to join, in the order in which they were learned.

    Raises
    ------
    ValueError
        If `merges` aren't pairs, or need a symbol that the table lacks.

    References
    ----------
    Sennrich, Haddow and Birch 2016, Neural Machine Translation of Rare Words with Subword Units,
    https://arxiv.org/abs/1508.07909

    Examples
    --------
    >>> texts = ["in the ring", "sing the thing"]
    >>> SubwordTokenizer.train(texts, vocabulary_size=41).split("Bring!")
    ['b', 'r', 'ing', '!']

    Taught in: notebooks/03_tokenization
    """

    kind = "subword"

    def __init__(self, symbols: Sequence[str], merges: Sequence[Sequence[str]]):
        super().__init__(symbols)
        self.merges = tuple(map(tuple, merges))
        if not all(
            len(pair) == 2 and all(isinstance(s, str) for s in pair) for pair in self.merges
        ):
            raise ValueError("merges must be pairs of symbols: take them from to_dict()")
        for left, right in self.merges:
            if lacking := {left, right, left + right} - self._ids.keys():
                raise ValueError(
                    f"merge {left!r} + {right!r} needs {lacking.pop()!r}, which is not among the "
                    "symbols: take both from to_dict()"
                )
        self._pieces = _byte_pair_encoding(self._ids, self.merges)

    @classmethod
    def train(cls, texts: Iterable[str], *, vocabulary_size: int) -> "SubwordTokenizer":
        """Learn the pieces from `texts`; the same texts always give the same pieces.

        Parameters
        ----------
        texts : iterable of str
            As written; they are normalized. Use the texts that the model is trained on.
        vocabulary_size : int
            Symbols in the table, including the 37 of `CharTokenizer`.

        Raises
        ------
        ValueError
            If `vocabulary_size` leaves no room for a piece, or `texts` don't have that many pieces
            that occur twice.
        """
        if isinstance(texts, str):
            raise ValueError("texts must be a list of str, not a single str")
        if vocabulary_size <= len(_LETTERS):
            raise ValueError(
                f"vocabulary_size={vocabulary_size} has no room for pieces: the pad, the end, the "
                f"space, the marks and the letters are {len(_LETTERS)}; give more"
            )
        from tokenizers import trainers

        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary_size,
            min_frequency=2,
            initial_alphabet=list(_LETTERS[2:]),
            special_tokens=[PAD, END],
            show_progress=False,
        )
        learner = _byte_pair_encoding({}, ())
        learner.train_from_iterator(map(_spelled, texts), trainer)
        merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
        # two merges may give the same piece: th + e, t + he
        symbols = tuple(dict.fromkeys((*_LETTERS, *map("".join, merges))))
        if len(symbols) < vocabulary_size:
            raise ValueError(
                f"vocabulary_size={vocabulary_size} is more than these texts hold: {len(symbols)} "
                "at most; give less, or more text"
            )
        return cls(symbols, merges)

    def split(self, text: str) -> list[str]:
        """Return the pieces, spaces and marks of `text`, normalized and in lower case."""
        return self._pieces.encode(_spelled(text), add_special_tokens=False).tokens

    def _join(self, symbols: list[str]) -> str:
        return "".join(symbols)

    def to_dict(self) -> dict:
        """Return the table and the merges as plain JSON values."""
        return super().to_dict() | {"merges": [list(pair) for pair in self.merges]}


class PhonemeTokenizer(Tokenizer):
    """One token per ARPAbet phoneme: the pad, the end, the word boundary, the marks, 69 phonemes.

    `decode` writes words in braces, which `encode` reads: `{HH AH0 L OW1}, {W ER1 L D}.`

    Parameters
    ----------
    symbols : sequence of str, optional
        A checkpoint's own table.
    lexicon : path, or mapping of str to str, optional
        Your own pronunciations of words (`read_lexicon`). They are saved with the table, so that a
        voice pronounces them the same everywhere.

    Examples
    --------
    >>> PhonemeTokenizer().decode(PhonemeTokenizer().encode("Hello, world."))
    '{HH AH0 L OW1}, {W ER1 L D}.'

    Taught in: notebooks/03_tokenization
    """

    kind = "phoneme"

    def __init__(
        self,
        symbols: Sequence[str] = (*_FRAME, *PHONEMES),
        *,
        lexicon: Path | str | Mapping[str, str] | None = None,
    ):
        super().__init__(symbols)
        self._phonemize = Phonemizer(lexicon=lexicon)

    @property
    def lexicon(self) -> dict[str, str]:
        """Return the words with your own pronunciations."""
        return self._phonemize.lexicon

    def split(self, text: str) -> list[str]:
        """Return the phonemes, word boundaries and marks of `text` (see `Phonemizer`)."""
        return self._phonemize(text)

    def words(self, text: str) -> list[tuple[str, str]]:
        """Return the words of the normalized `text`, each with its phonemes."""
        return self._phonemize.words(text)

    def _join(self, symbols: list[str]) -> str:
        runs = groupby(symbols, key=lambda symbol: symbol not in _FRAME)
        return "".join("{" + " ".join(run) + "}" if said else "".join(run) for said, run in runs)

    def to_dict(self) -> dict:
        """Return the table, and the lexicon if there is one, as plain JSON values."""
        return super().to_dict() | ({"lexicon": self.lexicon} if self.lexicon else {})


def _spelled(text: str) -> str:
    """Normalize `text` for a tokenizer of letters.

    Raises
    ------
    ValueError
        If it has braces.
    """
    if isinstance(text, str) and ("{" in text or "}" in text):
        raise ValueError(
            "text has braces, which hold phonemes, and this tokenizer reads letters: use the "
            "PhonemeTokenizer or leave them out"
        )
    return normalize_text(text).lower()


def _byte_pair_encoding(ids: Mapping[str, int], merges: Sequence[tuple[str, ...]]) -> Any:
    """Build a `tokenizers.Tokenizer` whose pieces never cross a word boundary."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    pairs = [(left, right) for left, right in merges]
    pieces = Tokenizer(models.BPE(vocab=dict(ids), merges=pairs))
    pieces.pre_tokenizer = pre_tokenizers.Split(Regex("[^a-z']"), behavior="isolated")
    return pieces


def tokenizer_from_dict(saved: dict) -> Tokenizer:
    """Rebuild the tokenizer that `to_dict` described, with the same ID for each symbol.

    Raises
    ------
    ValueError
        If `saved` is of another kind, or has no table of symbols.
    """
    if not isinstance(saved, dict) or not isinstance(saved.get("symbols"), (list, tuple)):
        raise ValueError("the saved tokenizer has no list 'symbols': the file is incomplete")
    kind, symbols = saved.get("kind"), saved["symbols"]
    if kind == CharTokenizer.kind:
        return CharTokenizer(symbols)
    if kind == SubwordTokenizer.kind:
        if not isinstance(merges := saved.get("merges"), (list, tuple)):
            raise ValueError("the saved tokenizer has no list 'merges': the file is incomplete")
        return SubwordTokenizer(symbols, merges)
    if kind == PhonemeTokenizer.kind:
        if not isinstance(lexicon := saved.get("lexicon", {}), dict):
            raise ValueError(
                "the saved tokenizer's 'lexicon' must be an object: the file is broken"
            )
        return PhonemeTokenizer(symbols, lexicon=lexicon)
    raise ValueError(
        f"tokenizer kind {kind!r} is not known: it must be {CharTokenizer.kind!r}, "
        f"{SubwordTokenizer.kind!r} or {PhonemeTokenizer.kind!r}"
    )


def with_lexicon(tokenizer: Tokenizer, lexicon: Path | str | Mapping[str, str] | None) -> Tokenizer:
    """Return a tokenizer that also has the pronunciations of `lexicon` (`read_lexicon`).

    Raises
    ------
    ValueError
        If the tokenizer reads letters, or the lexicon can't be read.
    """
    if lexicon is None:
        return tokenizer
    if not isinstance(tokenizer, PhonemeTokenizer):
        raise ValueError("this voice reads letters, and a lexicon has phonemes: leave it out")
    both = tokenizer.lexicon | read_lexicon(lexicon)
    return PhonemeTokenizer(tokenizer.symbols, lexicon=both)
