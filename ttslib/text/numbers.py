"""Digits as words: cardinals, ordinals, decimals, years, money, times and simple units."""

import re

from num2words import num2words

__all__ = ["expand_numbers"]

_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
}
_COUNTED_UNITS = {
    **{"km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "mi": "mile"},
    **{"kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound"},
    **{"oz": "ounce", "l": "liter", "ml": "milliliter", "h": "hour", "min": "minute"},
    **{"s": "second", "ms": "millisecond", "kB": "kilobyte", "KB": "kilobyte"},
    **{"MB": "megabyte", "GB": "gigabyte", "TB": "terabyte"},
}
_OTHER_UNITS = {
    **{"Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz"},
    **{"dB": "decibels", "mph": "miles per hour", "km/h": "kilometers per hour"},
}
_UNIT = "|".join(sorted([*_COUNTED_UNITS, *_OTHER_UNITS], key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*|\.\d+"
_LONGEST = 15  # digits; a longer number is read digit by digit


def expand_numbers(text: str) -> str:
    """Replace every number in `text`, and the sign or unit that belongs to it, by words.

    A bare number from 1100 to 2099 is read as a year.

    Examples
    --------
    >>> expand_numbers("$3.50 for 2 kg in 1984")
    ' three dollars and fifty cents  for  two kilograms  in  nineteen eighty-four '
    """
    scales = "thousand|million|billion|trillion"
    text = re.sub(rf"([$£€¥])\s?({_NUMBER})(?:\s?({scales})\b)?", _money, text)
    text = re.sub(r"(?<!\d)(1?\d|2[0-3]):([0-5]\d)(?!\d)(\s(?:ay|pee) em)?", _time, text)
    text = re.sub(r"(?<!\d)(?:(?:1[1-9]|20)\d|[2-9])0(?='?s\b)", _decade, text)
    text = re.sub(rf"(?<!\d)(?<!\d[.,])({_NUMBER})\s?({_UNIT})(?![A-Za-z])", _measure, text)
    text = re.sub(r"(?<!\d)(\d+)(?:st|nd|rd|th)\b", _ordinal, text)
    text = re.sub(r"(?<=\d)\s?–\s?(?=\d)", " to ", text)
    text = re.sub(r"(?<![\w.-])-(?=\.?\d)", " minus ", text)
    text = re.sub(r"(?<![\d.,])(?:1[1-9]|20)\d\d(?!\d|[.,]\d)", _year, text)
    return re.sub(_NUMBER, lambda match: f" {_number(match[0])} ", text)


def _number(digits: str) -> str:
    """Words for `1,234`, `3.14`, `007`, `.5`, or digits without end."""
    whole, *fractions = digits.replace(",", "").split(".")
    if not whole:
        words = ""
    elif len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
        words = _one_by_one(whole)
    else:
        words = _cardinal(whole)
    return " point ".join([words, *map(_one_by_one, fractions)]).strip()


def _cardinal(digits: str) -> str:
    return num2words(int(digits)).replace(",", "")


def _one_by_one(digits: str) -> str:
    return " ".join(map(_cardinal, digits))


def _ordinal(match: re.Match) -> str:
    if len(match[1]) > _LONGEST:
        return f" {_one_by_one(match[1])} "
    return f" {num2words(int(match[1]), to='ordinal').replace(',', '')} "


def _year(match: re.Match) -> str:
    return f" {num2words(int(match[0]), to='year').replace('oh-', 'oh ')} "


def _decade(match: re.Match) -> str:
    """What stands before the `s`: `nineteen eightie`, `nineteen hundred`."""
    return " " + re.sub("y$", "ie", num2words(int(match[0]), to="year"))


def _time(match: re.Match) -> str:
    hours, half_of_day = _cardinal(match[1]), match[3]
    if match[2] == "00":
        return f" {hours}{half_of_day} " if half_of_day else f" {hours} o'clock "
    oh = "oh " if match[2][0] == "0" else ""
    return f" {hours} {oh}{_cardinal(match[2])}{half_of_day or ''} "


def _money(match: re.Match) -> str:
    one, many, cent, cents = _MONEY[match[1]]
    amount, scale = match[2].replace(",", ""), match[3]
    whole, _, fraction = amount.partition(".")
    if scale or len(fraction) not in (0, 2):
        return f" {_number(amount)} {scale or ''} {many} "
    parts = []
    if int(fraction or 0) == 0 or whole.strip("0"):
        parts.append(f"{_number(whole)} {one if whole == '1' else many}")
    if int(fraction or 0):
        parts.append(f"{_cardinal(fraction)} {cent if fraction == '01' else cents}")
    return f" {' and '.join(parts)} "


def _measure(match: re.Match) -> str:
    number, unit = match[1], match[2]
    name = _OTHER_UNITS.get(unit) or _COUNTED_UNITS[unit] + ("" if number == "1" else "s")
    return f" {_number(number)} {name} "
