"""Digits as words: cardinals, ordinals, decimals, fractions, powers, years and the rest."""

import re

from ttslib.text.normalization.saying import NUMBER, say_number, say_ordinal, say_year, set_apart

__all__ = ["expand_minus", "expand_numbers"]

_SAYINGS = {"24/7": "twenty-four seven", "9/11": "nine eleven"}
_DENOMINATORS = {2: "half", 4: "quarter"}
_PARTS = frozenset((*range(2, 11), 12, 16, 20, 32, 64, 100, 1000))
_FRACTION = re.compile(
    r"(?<![\d/.,])(?:(\d{1,4})[ -])?(\d{1,4})/(\d{1,4})((?:rds?|ths?|nds?)\b)?(?![\d/]|[.,]\d)"
)
_POWER = re.compile(r"\^(-?)(\d{1,15})")
_ORDINAL = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b")
_MINUS = re.compile(r"(?<![\w.^-])-(?=[$£€¥₹]?\.?\d)")
_YEAR = re.compile(r"(?<![\d.,])(?<!\d-)(?:1[1-9]|20)\d\d(?!\d|[.,]\d)")
_PLURAL = re.compile(rf"(?<!\d)(?<!\d[.,])({NUMBER})'?s\b")
_NUMBER = re.compile(NUMBER)


def expand_minus(text: str) -> str:
    """Replace a hyphen before a number, but not after a word, with `minus`."""
    return _MINUS.sub("minus ", text)


def expand_numbers(text: str) -> str:
    """Replace every number in `text` with words.

    A bare number from 1100 to 2099 is read as a year.

    Examples
    --------
    >>> expand_numbers("3/4 of the 1st 10-year plan of 1984")
    'three quarters of the first ten-year plan of nineteen eighty-four'
    """
    text = re.sub(r"(?<=\d\.\d)/(?=10\b)", " out of ", text)
    text = _FRACTION.sub(_fraction, text)
    text = _POWER.sub(_power, text)
    text = _ORDINAL.sub(lambda match: set_apart(match, say_ordinal(match[1])), text)
    text = re.sub(r"(?<=\d)/(?=\d)", " ", text)  # 2023/24
    text = _YEAR.sub(lambda match: set_apart(match, say_year(match[0])), text)
    text = _PLURAL.sub(lambda match: set_apart(match, _plural(say_number(match[1]))), text)
    return _NUMBER.sub(lambda match: set_apart(match, say_number(match[0])), text)


def _plural(words: str) -> str:
    """Return a plural: `sixes`, `forties`, `threes`."""
    return re.sub("x$", "xe", re.sub("y$", "ie", words)) + "s"


def _fraction(match: re.Match) -> str:
    whole, over, under = match[1], int(match[2]), int(match[3])
    if match[0] in _SAYINGS:
        return set_apart(match, _SAYINGS[match[0]])
    if not whole and _YEAR.fullmatch(match[2]):  # 2023/24
        return match[0]
    following = match.string[match.end() : match.end() + 4]
    is_part = bool(match[4])  # 2/3rds
    if (
        not (is_part or whole)
        and under in (10, 100)
        and 1 < over <= under
        and not re.match(r"\s(?:of|in)\b", following)
    ):
        return set_apart(match, f"{say_number(match[2])} out of {say_number(match[3])}")
    if not is_part and (under not in _PARTS or (over > under and under > 10)):
        spoken = f"{say_number(match[2])} over {say_number(match[3])}"
        return set_apart(match, f"{say_number(whole)} {spoken}" if whole else spoken)
    part = _DENOMINATORS.get(under) or say_ordinal(match[3])
    parts = part if over == 1 else "halves" if under == 2 else f"{part}s"
    if whole:
        article = "a" if over == 1 else say_number(match[2])
        return set_apart(match, f"{say_number(whole)} and {article} {parts}")
    return set_apart(match, f"{say_number(match[2])} {parts}")


def _power(match: re.Match) -> str:
    if match[1]:
        return set_apart(match, f"to the minus {say_number(match[2])}")
    raised = {"2": "squared", "3": "cubed"}.get(match[2])
    return set_apart(match, raised or f"to the {say_ordinal(match[2])}")
