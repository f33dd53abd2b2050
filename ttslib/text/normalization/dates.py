"""Dates, times of day, decades and years with their era, as words."""

import re

from ttslib.text.normalization.saying import say_number, say_ordinal, say_year, set_apart

__all__ = ["expand_dates", "expand_times"]

_MONTHS = "January February March April May June July August September October November December"
_MONTHS = _MONTHS.split()
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS}
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SHORT_DAYS = {day[:3]: day for day in _WEEKDAYS}

_MONTH = "|".join(_MONTHS)
_DAY = r"(3[01]|[12]\d|0?[1-9])"
_ENDS = r"(?![\d/-]|[.,:]\d)"
_SHORT_MONTH = re.compile(
    rf"\b({'|'.join(_SHORT_MONTHS)})t?\b\.?(?=,?\s?\d)"
    rf"|(?<=\d\s)({'|'.join(_SHORT_MONTHS)})t?\b(?:\.(?=\s\d)|(?!\.?[\w.]))"
)
_DAYS = "|".join(_SHORT_DAYS)
_SHORT_DAY = re.compile(
    rf"\b({_DAYS})(?:s|r|rs|nes)?\b"
    rf"(?:\.(?=,)|\.?(?=,?\s(?:{_MONTH}|\d)|[-–](?:{_DAYS}))|(?<=-...)(?!\w))"
)
_ON_DAY = re.compile(
    r"\b((?:[Oo]n|[Uu]ntil|[Dd]ue|[Bb]efore|[Ss]ince)\s)"
    rf"(1[0-2]|0?[1-9])/{_DAY}(?![/\d])(?!.\d)"
)
_ISO = re.compile(rf"(?<![\d/.-])(\d{{4}})([-/.])(1[0-2]|0?[1-9])\2{_DAY}(?:T(?=\d\d:)|{_ENDS})")
_NUMERIC = re.compile(rf"(?<![\d/.-])(\d\d?)([-/.])(\d\d?)\2(\d{{4}}|\d\d){_ENDS}")
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\s{_DAY}(?:st|nd|rd|th)?\b(?:\s?[–-]\s?{_DAY}(?:st|nd|rd|th)?\b)?"
    r"(?![.:/]\d|-\w|%|,\d\d\d(?!\d))(,?\s\d{4}\b(?!,\d))?"
)
_DAY_FIRST = re.compile(
    rf"(?<![\d.,:/$-])(?<!umber )(\b[Tt]he\s)?{_DAY}(st|nd|rd|th)?(\sof)?"
    rf"\s({_MONTH})\b(?:(,?\s\d{{4}})\b(?!,\d))?"
)
_ERA = re.compile(r"(?<![\d.,])(\d{1,4})\s?(BCE|BC|CE|AD)\b|\bAD\s(\d{1,4})(?![\d,.]\d)")
_EARLY_YEAR = re.compile(
    r"(?<=\b[Ii]n\s)(10\d\d)(?!\d|[.,:/-]\d|%|\s?[a-z]{2})"
    r"|(?<=\b[Yy]ear\s)([1-9]\d\d|10\d\d)(?![\d,]|\.\d)"
)
_DECADE = re.compile(r"(?<![\d.,$£€])'?((?:1[1-9]|20)?[1-9]0|(?:1[1-9]|20)00)'?s\b")
_SHORT_YEAR = re.compile(r"(?<![\w'])'(\d\d)(?![\d'])")

_ZONE = r"(?:\s?(ay em|pee em))?"
_DURATION = re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?Z?(?![\d:])")
_TIME = re.compile(
    rf"(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d){_ZONE}(?:\s?h(?:rs)?\b)?(?![\d:]|[.,]\d)"
)
_RATIO = re.compile(r"(?<![\d:.])(\d{1,3}):(\d{1,4})(?![\d:])")


def expand_dates(text: str) -> str:
    """Days, months, decades and years, with the month named and the day an ordinal.

    Dates in digits are read as written in the United States, month first, unless the first number
    can't be a month; those with dots between are read day first.

    Examples
    --------
    >>> expand_dates("on 3/14/2015, in the '90s")
    'on March fourteenth, twenty fifteen, in the nineties'
    """
    text = _SHORT_MONTH.sub(lambda match: _SHORT_MONTHS[match[1] or match[2]], text)
    text = _SHORT_DAY.sub(lambda match: _SHORT_DAYS[match[1]], text)
    text = _ON_DAY.sub(_on_day, text)
    text = _NUMERIC.sub(_numeric, _ISO.sub(_iso, text))
    text = _DAY_FIRST.sub(_day_first, _MONTH_FIRST.sub(_month_first, text))
    text = re.sub(rf"\b({_MONTH}),?\s(\d{{4}})\b(?![,:]\d)", _month_and_year, text)
    text = _EARLY_YEAR.sub(lambda match: _pairs(match[1] or match[2]), _ERA.sub(_era, text))
    text = _DECADE.sub(_decade, text)
    return _SHORT_YEAR.sub(lambda match: _pairs(match[1]), text)


def expand_times(text: str) -> str:
    """Times of day, durations with seconds, and ratios.

    Examples
    --------
    >>> expand_times("15:30, 4:00 and 3:1")
    "fifteen thirty, four o'clock and 3 to 1"
    """
    text = _TIME.sub(_time, _DURATION.sub(_duration, text))
    return _RATIO.sub(r"\1 to \2", text)


def _date(month: str, day: str, year: str | None) -> str:
    spoken = f"{month} {say_ordinal(day)}"
    return f"{spoken}, {_year(year)}" if year else spoken


def _year(digits: str) -> str:
    """A year of two digits is at most 49 years after 2000, or before it."""
    if len(digits) == 2:
        digits = f"20{digits}" if digits < "50" else f"19{digits}"
    return say_year(digits)


def _iso(match: re.Match) -> str:
    after = " at " if match[0].endswith("T") else ""
    return _date(_MONTHS[int(match[3]) - 1], match[4], match[1]) + after


def _on_day(match: re.Match) -> str:
    if (match[2], match[3]) == ("9", "11"):
        return match[0]
    return match[1] + _date(_MONTHS[int(match[2]) - 1], match[3], None)


def _numeric(match: re.Match) -> str:
    first, between, second, year = match.groups()
    month, day = (second, first) if between == "." or int(first) > 12 else (first, second)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31) or (between == "." and len(year) < 4):
        return match[0]
    return _date(_MONTHS[int(month) - 1], day, year)


def _month_first(match: re.Match) -> str:
    month, day, last_day, year = match.groups()
    spoken = _date(month, day, None) + (f" to {say_ordinal(last_day)}" if last_day else "")
    return f"{spoken}, {_year(year[-4:])}" if year else spoken


def _day_first(match: re.Match) -> str:
    the, day, ordinal, _, month, year = match.groups()
    if month in ("March", "May") and not (ordinal or year):
        return match[0]  # 3 March hares, in 5 May flowers
    spoken = f"{the or 'the '}{say_ordinal(day)} of {month}"
    return f"{spoken}, {_year(year[-4:])}" if year else spoken


def _month_and_year(match: re.Match) -> str:
    return f"{match[1]} {say_year(match[2])}"


def _era(match: re.Match) -> str:
    if match[3]:
        return f"ay D {_pairs(match[3])}"
    letters = " ".join(match[2]).replace("A", "ay")
    return f"{_pairs(match[1])} {letters}"


def _pairs(digits: str) -> str:
    """A year as it is said: ten sixty-six, four seventy-six, oh five, forty-four."""
    if len(digits) == 2 and digits[0] == "0":
        return f"oh {say_number(digits[1])}"
    head, tail = digits[:-2], digits[-2:]
    if not head:
        return say_number(digits)
    if tail == "00" or (len(digits) == 4 and digits[1:3] == "00"):
        return say_year(digits)
    return f"{say_number(head)} {_pairs(tail)}"


def _decade(match: re.Match) -> str:
    """`nineteen eighties`, `nineteen hundreds`."""
    return set_apart(match, re.sub("y$", "ie", say_year(match[1])) + "s")


def _time(match: re.Match) -> str:
    hour, minute, half_of_day = match.groups()
    hours = say_number(str(int(hour)))
    after = f" {half_of_day}" if half_of_day else ""
    if minute != "00":
        oh = "oh " if minute[0] == "0" else ""
        return f"{hours} {oh}{say_number(str(int(minute)))}{after}"
    if half_of_day:
        return hours + after
    return f"{hours} o'clock" if 0 < int(hour) <= 12 else f"{hours} hundred"


def _duration(match: re.Match) -> str:
    units = ("hour", "minute", "second")
    counts = [str(int(digits)) for digits in match.groups()[:3]]
    if match[4]:
        counts[2] += f".{match[4]}"
    *parts, last = [
        f"{say_number(count)} {unit}{'' if count == '1' else 's'}"
        for count, unit in zip(counts, units, strict=True)
        if count != "0"
    ] or ["zero seconds"]
    return f"{', '.join(parts)} and {last}" if parts else last
