"""Two numbers and the sign between them: ranges, shares, sizes and multiples."""

import re

from ttslib.text.normalization.saying import NUMBER, say_number, set_apart
from ttslib.text.normalization.units import UNIT

__all__ = ["expand_ranges"]

_SIGN = "[$£€¥₹]"
_SHARED = (
    r"splits?|rules?|mix|mixture|blend|chances?|odds|ratios?|deals?|shares?|partnership|custody"
)
_SHARES = re.compile(
    rf"(?<![\d/.,-])(\d\d)([/-])(\d\d)(?![\d/]|[.,-]\d)(\s(?:{_SHARED}|principle|ownership)\b)?"
)
_SEQUENCE = re.compile(r"(?<![\d-])\d\d?(?:-\d\d?){2,3}(?![\d-])")  # a 4-3-3 formation
_TO = re.compile(
    # 5-10, 5%-6%, 20°–25°
    rf"(?<=[\d%°])(?:\s?–\s?|-)(?=-?{_SIGN}?\.?\d)(?!\d{{1,2}}/\d)"
    r"|(?<=\bem)\s?[-–]\s?(?=\d)"  # 6 am-8 am
    rf"|(?<=\d[kKmMbB])[-–](?={_SIGN})|(?<=[\dkKmMbB])\s[-–]\s(?={_SIGN})"  # $5K-$10K
    rf"|(?<=\d[kKmMbBT])[-–](?=\d[\d.,]*[kKmMbBT]\b)"  # $5K-10K
    r"|(?<=\d(?:st|nd|rd|th))\s?[-–]\s?(?=\d{1,3}(?:st|nd|rd|th)\b)"  # 1st-3rd
)
_SAME_UNIT = re.compile(rf"(?<=\d)(\s?({UNIT}))\s?[-–]\s?(?=-?{NUMBER}\s?\2(?!\w))")  # 5kg-10kg
_BY = re.compile(r"(?<=[\d\"])\s?[xX]\s?(?=[1-9])|(?<=\d\s(?:feet|inch))\s+[xX]\s?(?=[1-9])")
_PRODUCT = re.compile(r"(?<=\d)(?<!\b0)\s?[xX]\s?(?=\d+\s(?:is|equals|makes)\b)")
_TIMES = re.compile(r"(?<=\d)x\b(?!\s(?:plus|minus|equals|times|squared)\b)")


_BETWEEN = re.compile(r"[-–/xX]")


def expand_ranges(text: str) -> str:
    """Replace the hyphen, dash, slash or `x` between numbers.

    `10-20` and `5kg-10kg` get `to`, `3x4` gets `by`, `10x` gets `times`; `50-50` and `60/40` are
    shares that add up to a hundred.

    Examples
    --------
    >>> expand_ranges("$5-10 for 3x4, a 4-3-3, a 60/40 split")
    '$5 to 10 for 3 by 4, a 4 3 3, a sixty-forty split'
    """
    if not _BETWEEN.search(text):
        return text
    text = _SHARES.sub(_shares, text)
    text = _SEQUENCE.sub(lambda match: match[0].replace("-", " "), text)
    text = _TO.sub(" to ", _SAME_UNIT.sub(r"\1 to ", text))
    return _TIMES.sub(" times", _BY.sub(" by ", _PRODUCT.sub(" times ", text)))


def _shares(match: re.Match) -> str:
    """Write out two numbers that add up to a hundred, or `20/20`."""
    first, between, second, shared = match.groups()
    is_hundred = int(first) + int(second) == 100
    is_even = first == second and first in ("50", "20")
    is_round = between == "/" and first[1] in "05"
    if not (is_even or (is_hundred and (shared or is_round))):
        return match[0]
    return set_apart(match, f"{say_number(first)}-{say_number(second)}{shared or ''}")
