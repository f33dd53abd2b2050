"""What is written, as it is said: `Dr. Lee paid $3` becomes `Doctor Lee paid three dollars`.

Whatever comes in, what goes out is ASCII letters, apostrophes, spaces and `, . ? ! ; : -`, so that
a model needs to learn few symbols and meets each of them often.

References
----------
Sproat et al. 2001, Normalization of non-standard words, Computer Speech & Language 15(3).
"""

import re
import unicodedata
import warnings

from ttslib.text.numbers import expand_numbers

__all__ = ["ABBREVIATIONS", "MARKS", "normalize_text"]

MARKS = "?!.;:,-"
"""The marks that are kept; of several in a row the one that comes first here stays."""

ABBREVIATIONS = {
    **{"mr": "Mister", "mrs": "Missus", "ms": "Miz", "dr": "Doctor", "prof": "Professor"},
    **{"capt": "Captain", "col": "Colonel", "gen": "General", "gov": "Governor"},
    **{"lt": "Lieutenant", "rev": "Reverend", "sgt": "Sergeant", "st": "Saint", "mt": "Mount"},
    **{"vs": "versus", "e.g": "for example", "i.e": "that is", "approx": "approximately"},
    **{"dept": "department", "fig": "figure"},
}
"""What is shortened before another word; its dot, left out here, never ends a sentence."""

_CLOSING = {  # often a sentence's last word: the dot then ends both
    **{"etc": "et cetera", "a.m": "ay em", "p.m": "pee em", "jr": "Junior", "sr": "Senior"},
    **{"inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "co": "Company"},
}
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z.])(?:"
    rf"(?<!\d)(?<!\d\s)((?i:{'|'.join(map(re.escape, ABBREVIATIONS))}))\."  # not in "5 ms."
    rf"|((?i:{'|'.join(map(re.escape, _CLOSING))}))\.|(?:Mrs?|Ms|Dr|vs)\b)(?=(\s[A-Z]|\W*$)?)"
)
_MONTHS = "January February March April May June July August September October November December"
_MONTH = {month[:3]: month for month in _MONTHS.split()}

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒", "-"),
        **dict.fromkeys("—―", " - "),
        **dict.fromkeys("()[]{}", ", "),
        **dict.fromkeys("™®©", ""),
        **dict(zip("−…⁄²³", ["-", "...", " over ", " squared", " cubed"], strict=True)),
        **dict(zip("ßæÆœŒøØłŁđĐı", "ss ae Ae oe Oe o O l L d D i".split(), strict=True)),
        **dict(zip("ðÐþÞ", "th Th th Th".split(), strict=True)),
        **dict(zip("、。，！？：；", ", . , ! ? : ;".split(), strict=True)),
    }
)
_SIGNS = {
    **{"&": "and", "+": "plus", "=": "equals", "@": "at", "×": "times", "÷": "divided by"},
    **{"%": "percent", "°C": "degrees Celsius", "°F": "degrees Fahrenheit", "°": "degrees"},
    **{"$": "dollars", "£": "pounds", "€": "euros", "¥": "yen"},
}
_WORD_OR_MARK = re.compile(
    # an apostrophe belongs to the word inside it, before a clipped word, after a plural or -in'
    r"(?:(?<![A-Za-z])'(?=(?:em|tis|twas|til|cause|bout|n)\b))?[A-Za-z]+(?:['-][A-Za-z]+)*"
    r"(?:(?<=[sn])'(?![A-Za-z]))?|[?!.;:,-]",
    re.IGNORECASE,
)


def normalize_text(text: str) -> str:
    """Spell `text` out as it is spoken; never fails, whatever the string.

    Numbers, ordinals, years, money, percentages, times, simple units and common abbreviations
    become words; accents are folded (`café` -> `cafe`). Marks stand right after their word, one at
    a time (`Really?!` -> `Really?`); a dash between words is ` - `. Case is kept. Characters that
    have no sound here (emoji, other scripts) are left out, with a warning that names them.

    Parameters
    ----------
    text : str
        Any string, of any length.

    Returns
    -------
    str
        ASCII letters, apostrophes, single spaces and `, . ? ! ; : -`; empty if nothing is left.

    Raises
    ------
    ValueError
        If `text` is not a string.

    Examples
    --------
    >>> normalize_text("Dr. Lee paid $3.50 in 1984 — really?!")
    'Doctor Lee paid three dollars and fifty cents in nineteen eighty-four - really?'

    Taught in: notebooks/03_tokenization
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be a str, got {type(text).__name__}: decode or convert it")
    text = expand_numbers(_expand_abbreviations(_fold(text)))
    for sign, words in _SIGNS.items():
        text = text.replace(sign, f" {words} ")
    _warn_of_silent(text)
    return _set_marks(_WORD_OR_MARK.findall(re.sub(r"--+|\s-+|-+\s|–", " - ", text)))


def _fold(text: str) -> str:
    """Compatibility forms, accents, invisible characters and foreign digits, down to plain ones."""
    text = re.sub("(?<=[0-9])(?=[¼½¾⅓⅔⅛])", " and ", text)
    # before NFKC, which would take some of them apart, and after, for those that it makes
    text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS)).translate(_CHARACTERS)
    folded = []
    for character in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(character)
        if category == "Nd":
            folded.append(str(unicodedata.decimal(character)))
        elif category not in ("Mn", "Me", "Cf"):  # accents, and what only guides a display
            folded.append(character)
    return " ".join("".join(folded).split())


def _expand_abbreviations(text: str) -> str:
    text = re.sub(r"\bSt\.(?=\W*$)", "Street.", text)
    text = re.sub(r"\bSt\.(?!\s[A-Z])", "Street", text)
    text = re.sub(r"(?i)(?<=\d)\s?([ap])m\b", r" \1.m.", text)
    text = re.sub(r"\b[Nn]o\.\s?(?=\d)|#(?=\d)", "number ", text)
    months = "|".join(_MONTH)
    text = re.sub(rf"\b({months})t?\.?(?=\s\d)", lambda match: _MONTH[match[1]], text)
    text = _ABBREVIATION.sub(_expand, text)
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}(\W*$)?", _spell, text)  # U.S.A.
    text = re.sub(r"\b([A-HJ-Z])\.(?=\s[A-Z])", r"\1", text)  # an initial: J. Smith
    text = re.sub(r"(?<!\w)'(\w\w+)'(?!\w)", r"\1", text)  # quotes around one word
    return re.sub(r"(?<=[A-Za-z])\.(?=[a-z])", " dot ", text)  # example.com


def _expand(match: re.Match) -> str:
    leading, closing, following = match.groups()
    word = match[0].removesuffix(".").lower()
    ends = following is not None and (closing or (leading and not following.strip()))
    return (_CLOSING.get(word) or ABBREVIATIONS[word]) + ("." if ends else "")


def _spell(match: re.Match) -> str:
    letters = [letter for letter in match[0] if letter.isalpha()]
    spoken = " ".join("ay" if letter in "aA" else letter for letter in letters)
    return spoken if match[1] is None else f"{spoken}."


def _warn_of_silent(text: str) -> None:
    """Name what will be left out: letters, numbers and symbols beyond ASCII."""
    composed = unicodedata.normalize("NFC", text)
    silent = [c for c in composed if c > "\x7f" and unicodedata.category(c)[0] in "LNS"]
    if silent:
        shown = "".join(silent[:20]) + ("..." if len(silent) > 20 else "")
        warnings.warn(f"no sound is known for {shown!r}: left out", stacklevel=3)


def _set_marks(pieces: list[str]) -> str:
    """Join words and marks: no mark first, one mark at a time, single spaces."""
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
