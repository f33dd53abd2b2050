"""Your own pronunciations, in a file in the format of the CMU dictionary.

    ;;; a comment
    KUBERNETES  K UW2 B ER0 N EH1 T IY0 Z
    GIF  JH IH1 F
    GIF(2)  G IH1 F

Taught in: notebooks/03_tokenization
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ttslib.text.arpabet import parse_phonemes

__all__ = ["read_lexicon"]

_WORD = re.compile(r"[a-z']*[a-z][a-z']*")  # between spaces and hyphens in normalized text
_VARIANT = re.compile(r"\(\d+\)$")


def read_lexicon(source: Path | str | Mapping[str, str]) -> dict[str, str]:
    """Read pronunciations; return words in lower case, each with its phonemes.

    Parameters
    ----------
    source : path, or mapping of str to str
        A file in CMU's format: a word, blanks, its phonemes. `;;;` begins a comment line, ` #` a
        comment after an entry. A second reading, `GIF(2)`, is skipped: each word has one. A mapping
        is checked in the same way.

    Raises
    ------
    ValueError
        If the file can't be read, or a line isn't an entry; the message gives the line's number.

    Examples
    --------
    >>> read_lexicon({"GIF": "jh ih1 f"})
    {'gif': 'JH IH1 F'}

    Taught in: notebooks/03_tokenization
    """
    if isinstance(source, Mapping):
        return _checked((f"{word!r}", word, phonemes) for word, phonemes in source.items())
    try:
        lines = Path(source).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ValueError(f"lexicon {source} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"lexicon {source} is not UTF-8 text: save it as such") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        word, *phonemes = line.partition(" #")[0].split(maxsplit=1) or [";;;"]
        if not word.startswith(";;;") and not _VARIANT.search(word):
            entries.append((f"{source}, line {number}", word, "".join(phonemes)))
    return _checked(entries)


def _checked(entries: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return the entries `(place, word, phonemes)` as a dictionary."""
    lexicon: dict[str, str] = {}
    for place, written, phonemes in entries:
        word = str(written).lower()
        if not _WORD.fullmatch(word):
            raise ValueError(
                f"lexicon {place}: {written!r} is not a word of normalized text; a word "
                "has only the letters a to z and apostrophes, and a hyphen separates two words"
            )
        if word in lexicon:
            raise ValueError(
                f"lexicon {place}: {written!r} is there twice: keep one, or mark the second "
                f"as {written}(2)"
            )
        try:
            lexicon[word] = parse_phonemes(str(phonemes))
        except ValueError as error:
            raise ValueError(f"lexicon {place}: {error}") from error
    return lexicon
