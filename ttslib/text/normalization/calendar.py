"""Shortened months and weekdays, with or without a dot: `in Jan`, `Tues. night`, `Sat and Sun`."""

import re

__all__ = ["MONTHS", "WEEKDAYS", "expand_calendar"]

MONTHS = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NAMES = {name[:3]: name for name in (*MONTHS, *WEEKDAYS)}

_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_CLEAR_DAY, _CLEAR_MONTH = (
    _DAY.replace("|Sat|Sun", ""),
    _MONTH.replace("Jan|", "").replace("Mar|", ""),
)
_DOT = r"(?:\.(?=,|\s?[a-z\d–-]))?"  # a dot before a capital may end the sentence, and stays
_NAME = r"\s[A-Z][a-z]"  # Mon Dieu, Jan Lee

_AT_NUMBERS = re.compile(
    rf"\b({_MONTH})\b\.?(?=,?\s?\d)|(?<=\d\s)({_MONTH})\b(?:\.(?=\s\d)|(?!\.?[\w.]))"
    rf"|\b({_DAY}|{_MONTH})\.(?=\s[a-z])"
    rf"|\b({_DAY})\b(?:\.(?=,)|\.?(?=,?\s(?:{'|'.join(MONTHS)}|{_MONTH}\b|\d)))"
)
_SHORT = rf"\b(?:{_DAY}|{_MONTH})\b"
_IN_A_ROW = re.compile(  # Sat and Sun, Jan-Mar
    rf"{_SHORT}\.?(?:(?:\s?[–/-]\s?|,\s|,?\s(?:and|or|to|through|until)\s){_SHORT}{_DOT})+"
)
_EACH = re.compile(rf"({_SHORT})\.?")
_AFTER = re.compile(
    rf"\b((?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Nn]ext|[Tt]his|[Ee]very|[Ee]arly|[Mm]id|[Ll]ate|[Dd]uring|[Tt]hrough)[\s-])"
    rf"({_MONTH})\b{_DOT}(?!{_NAME}|'s)"
    rf"|\b((?:[Oo]n|[Uu]ntil|[Ll]ast|[Nn]ext|[Ee]very|[Ee]ach|[Bb]y)\s)({_DAY})\b{_DOT}(?!{_NAME}|'s)"
)
_CLEAR = re.compile(
    rf"(?<!\w-)\b(?!Wed\s(?:in|to)\b)(?:({_CLEAR_DAY})|({_CLEAR_MONTH}))\b{_DOT}(?!{_NAME}|['\w]|\.\w)"
    rf"|\b(Sat|Sun)(?=\s(?:morning|noon|afternoon|evening|night|at\s(?:noon|midnight|\d))\b)"
)


def expand_calendar(text: str) -> str:
    """Write out shortened months and weekdays.

    `Jan`, `Mar`, `Sat` and `Sun` are unchanged where they may be a name or another word.

    Examples
    --------
    >>> expand_calendar("in Jan. and Feb, Sat and Sun; Jan Lee sat in the sun")
    'in January and February, Saturday and Sunday; Jan Lee sat in the sun'
    """
    text = _AT_NUMBERS.sub(_name, _IN_A_ROW.sub(lambda row: _EACH.sub(_name, row[0]), text))
    return _CLEAR.sub(_name, _AFTER.sub(_name, text))


def _name(match: re.Match) -> str:
    *before, short = (group for group in match.groups() if group)
    return "".join(before) + _NAMES[short[:3]]
