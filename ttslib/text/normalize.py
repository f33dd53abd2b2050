"""What is written, as it is said: `Dr. Lee paid $3.50` becomes `Doctor Lee paid three dollars ...`.

Whatever comes in, what goes out is ASCII letters, apostrophes, spaces and the marks `, . ? ! ; : -`,
so that a model needs to learn few symbols and each of them often.

References
----------
Sproat et al. 2001, Normalization of non-standard words, Computer Speech & Language 15(3).
"""

import re
import unicodedata
import warnings

from num2words import num2words

__all__ = ["MARKS", "normalize_text"]

MARKS = "?!.;:,-"  # of several in a row the one that comes first here is kept

# Before NFKC, which would take some of them apart.
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒", "-"),
        **dict.fromkeys("—―", " - "),
        **dict.fromkeys("™®©", ""),
        **dict.fromkeys("()[]{}", ", "),
        **{"−": "-", "²": " squared", "³": " cubed", "…": "...", "⁄": " over "},
        **{"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O"},
        **{"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "th", "þ": "th", "Þ": "Th", "ı": "i"},
    }
)
_SIGNS = {
    "&": " and ",
    "+": " plus ",
    "=": " equals ",
    "@": " at ",
    "×": " times ",
    "÷": " divided by ",
    "%": " percent ",
    "°": " degrees ",
    "$": " dollars ",
    "£": " pounds ",
    "€": " euros ",
    "¥": " yen ",
}
_ABBREVIATIONS = {
    "mr": "Mister",
    "mrs": "Missus",
    "ms": "Miz",
    "dr": "Doctor",
    "prof": "Professor",
    "jr": "Junior",
    "sr": "Senior",
    "vs": "versus",
    "etc": "et cetera",
    "e.g": "for example",
    "i.e": "that is",
    "a.m": "ay em",
    "p.m": "pee em",
    "mt": "Mount",
    "capt": "Captain",
    "gen": "General",
    "sgt": "Sergeant",
    "lt": "Lieutenant",
    "col": "Colonel",
    "rev": "Reverend",
    "gov": "Governor",
    "inc": "Incorporated",
    "ltd": "Limited",
    "corp": "Corporation",
    "co": "Company",
    "dept": "department",
    "approx": "approximately",
    "fig": "figure",
}
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z.])(?:(mr|mrs|ms|dr|vs)\b\.?|("
    + "|".join(map(re.escape, _ABBREVIATIONS))
    + r")\.)(\s*$)?",
    re.IGNORECASE,
)
_MONTHS = "January February March April May June July August September October November December"
_MONTH = {month[:3]: month for month in _MONTHS.split()}
_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
}
_UNITS = {
    **{"km": "kilometer", "cm": "centimeter", "mm": "millimeter", "m": "meter", "kg": "kilogram"},
    **{"g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce", "mi": "mile"},
    **{"ms": "millisecond", "s": "second", "min": "minute", "h": "hour", "l": "liter"},
    **{"ml": "milliliter", "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte"},
}
_FIXED_UNITS = {"hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz"}
_FIXED_UNITS |= {"mph": "miles per hour", "km/h": "kilometers per hour", "db": "decibels"}
_UNIT = "|".join(sorted([*_UNITS, *_FIXED_UNITS], key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)*|\.\d+"
_WORD_OR_MARK = re.compile(
    # an apostrophe belongs to the word inside it, before a clipped one and after a plural or -in'
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
    text = _expand_numbers(_expand_abbreviations(_fold(text)))
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    _warn_of_silent(text)
    return _set_marks(_WORD_OR_MARK.findall(re.sub(r"--+|\s-+|-+\s", " - ", text)))


def _fold(text: str) -> str:
    """Compatibility forms, accents, invisible characters and foreign digits, down to plain ones."""
    text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS)).translate(_CHARACTERS)
    folded = []
    for character in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(character)
        if category == "Nd":
            folded.append(str(unicodedata.decimal(character)))
        elif category not in ("Mn", "Me", "Cf"):  # accents, and what only guides a display
            folded.append(character)
    return "".join(folded)


def _expand_abbreviations(text: str) -> str:
    def expand(match):
        words = _ABBREVIATIONS[(match[1] or match[2]).lower()]
        # at the very end the dot also ends the sentence
        return f"{words}." if match[3] is not None and match[0].rstrip()[-1] == "." else words

    def spell(match):
        letters = " ".join(
            "ay" if letter in "aA" else letter for letter in match[0] if letter != "."
        )
        return letters + ("." if not text[match.end() :].strip() else "")

    text = re.sub(r"\bSt\.(?=\s+[A-Z])", "Saint", text)
    text = re.sub(r"\bSt\.", "Street", text)
    text = re.sub(r"\b[Nn]o\.\s*(?=\d)|#(?=\d)", "number ", text)
    text = re.sub(
        rf"\b({'|'.join(_MONTH)}|Sept)\b\.?(?=\s+\d)", lambda match: _MONTH[match[1][:3]], text
    )
    text = _ABBREVIATION.sub(expand, text)
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}", spell, text)  # U.S.A.
    text = re.sub(r"\b([A-HJ-Z])\.(?=\s+[A-Z])", r"\1", text)  # an initial: J. Smith
    return re.sub(r"(?<=[A-Za-z])\.(?=[a-z])", " dot ", text)  # example.com


def _expand_numbers(text: str) -> str:
    text = re.sub(
        rf"([$£€¥])\s?({_NUMBER})(?:\s*(thousand|million|billion|trillion)\b)?", _money, text
    )
    text = re.sub(r"\b(1?\d|2[0-3]):([0-5]\d)\b", _time, text)
    text = re.sub(rf"({_NUMBER})\s?({_UNIT})(?![A-Za-z])", _measure, text, flags=re.IGNORECASE)
    text = re.sub(r"(\d+)(?:st|nd|rd|th)\b", lambda match: _ordinal(match[1]), text)
    text = re.sub(r"\b(1[1-9]|20)(\d)0'?s\b", _decade, text)
    text = re.sub(r"(?<=\d)\s?–\s?(?=\d)", " to ", text).replace("–", " - ")
    text = re.sub(r"(?<![\w.])-(?=\.?\d)", " minus ", text)
    text = re.sub(r"(?<![\d.,])(?:1[1-9]|20)\d\d(?![\d]|[.,]\d)", _year, text)
    return re.sub(_NUMBER, lambda match: f" {_number(match[0])} ", text)


def _number(digits: str) -> str:
    """Words for `1,234`, `3.14`, `007`, or digits without end."""
    whole, *fractions = digits.replace(",", "").split(".")
    if not whole:
        words = ""
    elif len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        words = _one_by_one(whole)
    else:
        words = num2words(int(whole)).replace(",", "")
    return " point ".join([words, *map(_one_by_one, fractions)])


def _one_by_one(digits: str) -> str:
    return " ".join(num2words(int(digit)) for digit in digits)


def _ordinal(digits: str) -> str:
    if len(digits) > 15:
        return f" {_one_by_one(digits)}th "
    return f" {num2words(int(digits), to='ordinal').replace(',', '')} "


def _year(match: re.Match) -> str:
    return f" {num2words(int(match[0]), to='year').replace('oh-', 'oh ')} "


def _decade(match: re.Match) -> str:
    words = num2words(int(f"{match[1]}{match[2]}0"), to="year")
    return f" {words[:-1]}ies " if words.endswith("y") else f" {words}s "


def _time(match: re.Match) -> str:
    hours, minutes = num2words(int(match[1])), int(match[2])
    if minutes == 0:
        return f" {hours} o'clock "
    return f" {hours} {'oh ' if minutes < 10 else ''}{num2words(minutes)} "


def _money(match: re.Match) -> str:
    one, many, cent, cents = _MONEY[match[1]]
    amount, scale = match[2].replace(",", ""), match[3]
    if scale:
        return f" {_number(amount)} {scale} {many} "
    whole, _, fraction = amount.partition(".")
    if len(fraction) not in (0, 2):
        return f" {_number(amount)} {many} "
    parts = []
    if int(fraction or 0) == 0 or whole.strip("0"):
        parts.append(f"{_number(whole or '0')} {one if whole == '1' else many}")
    if int(fraction or 0):
        parts.append(f"{num2words(int(fraction))} {cent if int(fraction) == 1 else cents}")
    return f" {' and '.join(parts)} "


def _measure(match: re.Match) -> str:
    number, unit = match[1], match[2].lower()
    name = _FIXED_UNITS.get(unit) or _UNITS[unit] + ("" if number == "1" else "s")
    return f" {_number(number)} {name} "


def _warn_of_silent(text: str) -> None:
    """Name what will be left out: letters, numbers and symbols beyond ASCII."""
    composed = unicodedata.normalize("NFC", text)
    silent = sorted({c for c in composed if c > "\x7f" and unicodedata.category(c)[0] in "LNS"})
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
