"""Feet and inches, minutes and seconds of arc or of time: `6'2"`, `40°26'46"N`, `a 3'45" song`."""

import re

__all__ = ["expand_primes"]

_POINTS = {"N": "north", "S": "south", "E": "east", "W": "west"}
_ANGLE = re.compile(
    r"(?:\b([NSEW])\s?)?(?<![\d.])(\d{1,3})\s?°\s?(\d{1,2}(?:\.\d+)?)\s?'(?!')"
    r"(?:\s?(\d{1,2}(?:\.\d+)?)\s?(?:\"|''))?(?:\s?([NSEW])(?![A-Za-z]))?"
)
_TWO_PRIMES = re.compile(
    r"(?<![\d'])(\d{1,2})'\s?(\d{1,2}(?:\.\d+|\s\d/\d)?)(?:\"|'')(?=(\s[a-z])?)"
)
_INCHES_IN_A_FOOT = 12
_RANGE = re.compile(r"(?<![\d'])(\d{1,3})(['\"])\s?[-–]\s?(\d{1,3})\2(?=(\s[a-z])?)")
_FOOT = re.compile(
    r"(?<![\d'])(\d{1,4})'(?=\s?(?:x|by|tall|long|wide|high|deep)\b)|(?<=\sx\s)(\d{1,4})'(?!\w)"
)
_QUOTED_OR_INCHES = re.compile(r'"[^"]*"|(\d)"')
_ARTICLE = re.compile(r"\b[Aa]n?\s$")


def expand_primes(text: str) -> str:
    """Replace the primes after numbers with the names of the units.

    Examples
    --------
    >>> expand_primes("40°26'46\\"N, 6'2\\" tall").split(", ")
    ['40 degrees 26 minutes 46 seconds north ', '6 foot 2  tall']
    """
    if "'" not in text and '"' not in text:
        return text
    if "°" in text:
        text = _ANGLE.sub(_angle, text)
    text = _RANGE.sub(_range, _TWO_PRIMES.sub(_two_primes, text))
    text = _FOOT.sub(lambda match: f"{match[1] or match[2]} feet ", text)
    return _QUOTED_OR_INCHES.sub(lambda match: f"{match[1]} inch " if match[1] else match[0], text)


def _counted(number: str, unit: str) -> str:
    return f"{int(number) if number.isdigit() else number} {unit}{'' if number == '1' else 's'}"


def _angle(match: re.Match) -> str:
    point, degrees, minutes, seconds, last_point = match.groups()
    parts = [_POINTS.get(point, ""), _counted(degrees, "degree"), _counted(minutes, "minute")]
    parts += [_counted(seconds, "second") if seconds else "", _POINTS.get(last_point, "")]
    return " ".join(filter(None, parts)) + ("" if match.string[match.end() :][:1] == " " else " ")


def _two_primes(match: re.Match) -> str:
    """Return feet and inches, or minutes and seconds where there are too many inches."""
    first, second, before_noun = match.groups()
    if not second.isdigit() or int(second) < _INCHES_IN_A_FOOT:
        return f"{first} foot {second} "
    if before_noun and _describes(match):
        return f"{first} minute {second} second "
    return f"{_counted(first, 'minute')} {_counted(second, 'second')} "


def _range(match: re.Match) -> str:
    first, prime, last, before_noun = match.groups()
    one, many = ("foot", "feet") if prime == "'" else ("inch", "inches")
    if before_noun and _describes(match):
        joint = "-" if one == "inch" else " "  # 10 inch is a measure, and would get a plural
        return f"{first} to {last}{joint}{one} "
    return f"{first} to {last} {many} "


def _describes(match: re.Match) -> bool:
    """Return True if the amount describes the next word: a 3' board."""
    return bool(_ARTICLE.search(match.string[: match.start()][-4:]))
