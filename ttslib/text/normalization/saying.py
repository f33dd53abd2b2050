"""Words for numbers of each kind."""

import re
from functools import lru_cache

__all__ = ["NUMBER", "say_number", "say_ordinal", "say_pairs", "say_year", "set_apart"]

NUMBER = r"(?:(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d\d)+,\d{3})(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*|\.\d+)"
"""A pattern of written numbers: `7`, `1,234.5`, `1,23,456`, `.5`, `2.11.0`."""

_LONGEST = 15  # digits; a longer number is read digit by digit


def say_number(digits: str) -> str:
    """Return words for `1,234`, `3.14`, `007`, `.5`, `2.11.0`, or any number of digits."""
    whole, *fractions = digits.replace(",", "").split(".")
    if not whole:
        words = ""
    elif len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
        words = _one_by_one(whole)
    else:
        words = _cardinal(whole)
    if len(fractions) > 1:  # a version, whose parts are separate numbers
        return " point ".join([words, *map(say_number, fractions)]).strip()
    return " point ".join([words, *map(_one_by_one, fractions)]).strip()


def say_ordinal(digits: str) -> str:
    """Return words for the `21` of `21st`."""
    digits = digits.replace(",", "")
    if len(digits) > _LONGEST:
        return _one_by_one(digits)
    return _num2words(int(digits), to="ordinal").replace(",", "")


@lru_cache(maxsize=1000)
def say_year(digits: str) -> str:
    """Return words for a year: nineteen eighty-four, two thousand and five."""
    return _num2words(int(digits), to="year").replace("oh-", "oh ")


def say_pairs(digits: str) -> str:
    """Return a year in pairs: ten sixty-six, four seventy-six, oh five, forty-four."""
    if len(digits) == 2 and digits[0] == "0":
        return f"oh {say_number(digits[1])}"
    head, tail = digits[:-2], digits[-2:]
    if not head:
        return say_number(digits)
    if tail == "00" or (len(digits) == 4 and digits[1:3] == "00"):
        return say_year(digits)
    return f"{say_number(head)} {say_pairs(tail)}"


def set_apart(match: re.Match, words: str) -> str:
    """Return `words` with a space if a letter or digit touches the match."""
    text, start, end = match.string, match.start(), match.end()
    before = " " if start and text[start - 1] not in " -" else ""
    after = " " if text[end : end + 1].isalnum() else ""
    return before + words + after


@lru_cache(maxsize=1000)
def _cardinal(digits: str) -> str:
    return _num2words(int(digits)).replace(",", "")


def _one_by_one(digits: str) -> str:
    return " ".join(map(_cardinal, digits))


def _num2words(number: int, **how: str) -> str:
    from num2words import num2words  # takes 70 ms, for all its languages: only if there is a number

    return num2words(number, **how)
