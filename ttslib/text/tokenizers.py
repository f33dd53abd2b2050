"""Text to token IDs and back, by letters or by phonemes: one interface, saved in each checkpoint.

Taught in: notebooks/03_tokenization
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import groupby

from ttslib.text.normalize import MARKS, normalize_text
from ttslib.text.phonemes import PHONEMES, Phonemizer

__all__ = ["CharTokenizer", "PhonemeTokenizer", "Tokenizer", "tokenizer_from_dict"]

PAD, END, BOUNDARY = "_", "~", " "
_FRAME = (PAD, END, BOUNDARY, *MARKS)


class Tokenizer(ABC):
    """What both tokenizers share: a table of symbols, in which a symbol's index is its ID.

    Parameters
    ----------
    symbols : sequence of str, optional
        A checkpoint's own table, whose IDs are kept; by default the kind's full one. The first must
        be the pad `"_"`, and the end `"~"` must be among them. What a text needs and the table
        lacks is left out.

    Raises
    ------
    ValueError
        If `symbols` is not such a table.
    """

    kind: str
    pad_id = 0

    def __init__(self, symbols: Sequence[str]):
        self.symbols = tuple(symbols)
        if not all(isinstance(symbol, str) for symbol in self.symbols) or len(
            set(self.symbols)
        ) != len(self.symbols):
            raise ValueError("symbols must be strings, each once: take them from to_dict()")
        if self.symbols[:1] != (PAD,) or END not in self.symbols:
            raise ValueError(
                f"symbols must begin with {PAD!r} and contain {END!r}, got "
                f"{self.symbols[:5]!r}...: take them from to_dict()"
            )
        self._ids = {symbol: index for index, symbol in enumerate(self.symbols)}
        self.end_id = self._ids[END]

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """The symbols of `text`, normalized first; without the end symbol."""

    def encode(self, text: str) -> list[int]:
        """The IDs of `text`, ended by the end symbol's.

        Raises
        ------
        ValueError
            If `text` is not a string, or holds nothing that can be said.
        """
        symbols = [symbol for symbol in self.split(text) if symbol in self._ids]
        if all(symbol in _FRAME for symbol in symbols):
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise ValueError(
                f"nothing in {shown!r} can be said: give text with Latin letters or digits"
            )
        return [self._ids[symbol] for symbol in symbols] + [self.end_id]

    def decode(self, ids: Sequence[int]) -> str:
        """What `ids` say, without pad and end; `decode(encode(text))` is the text as it is said.

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
        """The kind and the table as plain JSON values; `tokenizer_from_dict` is the way back."""
        return {"kind": self.kind, "symbols": list(self.symbols)}


class CharTokenizer(Tokenizer):
    """Each letter a token: the pad, the end, the space, the marks, the apostrophe and a to z.

    `decode(encode(text))` is `normalize_text(text).lower()`.

    Examples
    --------
    >>> CharTokenizer().decode(CharTokenizer().encode("It's 5!"))
    "it's five!"

    Taught in: notebooks/03_tokenization
    """

    kind = "char"

    def __init__(self, symbols: Sequence[str] = (*_FRAME, "'", *"abcdefghijklmnopqrstuvwxyz")):
        super().__init__(symbols)

    def split(self, text: str) -> list[str]:
        """The letters and marks of `text`, normalized and lower-case."""
        return list(normalize_text(text).lower())

    def _join(self, symbols: list[str]) -> str:
        return "".join(symbols)


class PhonemeTokenizer(Tokenizer):
    """Each ARPAbet phoneme a token: the pad, the end, the word boundary, the marks, 69 phonemes.

    `decode` writes words in braces: `{HH AH0 L OW1}, {W ER1 L D}.`

    Examples
    --------
    >>> PhonemeTokenizer().decode(PhonemeTokenizer().encode("Hello, world."))
    '{HH AH0 L OW1}, {W ER1 L D}.'

    Taught in: notebooks/03_tokenization
    """

    kind = "phoneme"

    def __init__(self, symbols: Sequence[str] = (*_FRAME, *PHONEMES)):
        super().__init__(symbols)
        self._phonemize = Phonemizer()

    def split(self, text: str) -> list[str]:
        """The phonemes, word boundaries and marks of `text` (see `Phonemizer`)."""
        return self._phonemize(text)

    def _join(self, symbols: list[str]) -> str:
        runs = groupby(symbols, key=lambda symbol: symbol not in _FRAME)
        return "".join("{" + " ".join(run) + "}" if said else "".join(run) for said, run in runs)


def tokenizer_from_dict(saved: dict) -> Tokenizer:
    """The tokenizer that `to_dict` described, with the same ID for each symbol.

    Raises
    ------
    ValueError
        If `saved` is of another kind, or holds no table of symbols.
    """
    kind = saved.get("kind") if isinstance(saved, dict) else saved
    if kind not in [CharTokenizer.kind, PhonemeTokenizer.kind]:
        raise ValueError(
            f"tokenizer kind {kind!r} is not known: it must be "
            f"{CharTokenizer.kind!r} or {PhonemeTokenizer.kind!r}"
        )
    symbols = saved.get("symbols") if isinstance(saved, dict) else None
    if not isinstance(symbols, (list, tuple)):
        raise ValueError("the saved tokenizer has no list 'symbols': the file is incomplete")
    return CharTokenizer(symbols) if kind == CharTokenizer.kind else PhonemeTokenizer(symbols)
