"""Dates, decades, and years with their era, as words."""

import re

from ttslib.text.normalization.calendar import MONTHS, WEEKDAYS
from ttslib.text.normalization.saying import say_ordinal, say_pairs, say_year, set_apart

__all__ = ["expand_dates"]

_MONTH = "|".join(MONTHS)
_DAY = r"(3[01]|[12]\d|0?[1-9])"
_ENDS = r"(?![\d/-]|[.,:]\d)"
_DIGITS = rf"(1[0-2]|0?[1-9])/{_DAY}"
_BEFORE_A_DAY = "on|until|due|before|since|by|after|starting|beginning|through|dated"
_BY_SLASH = re.compile(  # on 7/4, due Friday 3/4; but not: it fell by 3/4, by 3/4 of an inch
    rf"\b((?:(?i:{_BEFORE_A_DAY})|(?:[Bb]y|[Oo]n|[Dd]ue)\s\w+day,?|(?:{'|'.join(WEEKDAYS)}),?)\s)"
    rf"{_DIGITS}(?![/\d]|\s(?:of|as|full|inch|cup|mile|ton|pound|majority|vote|and|an?)\b|.\d)"
)
_SPAN_OF_DAYS = re.compile(rf"\b([Ff]rom\s){_DIGITS}(\sto\s){_DIGITS}(?![/\d]|.\d)")
_CHANGE = re.compile(  # it fell by 3/4: after these, a fraction
    r"\b(?:cut|fell|fall\w*|rose|ris\w+|grew|grow\w*|dropp?\w*|shr[aiu]nk\w*|reduc\w+|increas\w+"
    r"|decreas\w+|declin\w+|lower\w*|rais\w+|multipl\w+|divid\w+|down|up|short\w*)"
    r"(?:\s(?:it|them|him|her|that|this|prices|costs))?\s$",
    re.IGNORECASE,
)
_DECADES = re.compile(r"(?<=\d0s)\s?[-–]\s?(?='?\d\d)")
_CLOCK_NEXT = r"(?=\d\d?:\d\d)"
_STAMP = re.compile(  # 03/Mar/2024:15:30:45
    rf"(?<![\d/]){_DAY}/({'|'.join(month[:3] for month in MONTHS)})/(\d{{4}}):{_CLOCK_NEXT}"
)
_ISO = re.compile(
    rf"(?<![\d/.-])(\d{{4}})([-/.])(1[0-2]|0?[1-9])\2{_DAY}(?:(T){_CLOCK_NEXT}|(,?\s){_CLOCK_NEXT}|{_ENDS})"
)
_NUMERIC = re.compile(
    rf"(?<![\d/.-])(\d\d?)([-/.])(\d\d?)\2(\d{{4}}|\d\d)(?:(,?\s){_CLOCK_NEXT}|{_ENDS})"
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\s{_DAY}(?:st|nd|rd|th)?\b(?:\s?[–-]\s?{_DAY}(?:st|nd|rd|th)?\b)?"
    r"(?![.:/]\d|-\w|%|,\d\d\d(?!\d))(,?\s\d{4}\b(?!,\d))?"
    rf"(?:(,?\s){_CLOCK_NEXT})?"
)
_DAY_FIRST = re.compile(
    rf"(?<![\d.,:/$-])(?<!umber )(\b[Tt]he\s)?{_DAY}(st|nd|rd|th)?(\sof)?"
    rf"\s({_MONTH})\b(?:(,?\s\d{{4}})\b(?!,\d))?"
)
_TO_A_MONTH = re.compile(rf"(?<=\d)\s?[-–]\s?(?=(?:{_MONTH})\s\d)")  # April 5 - May 9
_TO_A_DAY = re.compile(  # 10-12 October
    rf"(?<![\w.,:/$-]){_DAY}(?:st|nd|rd|th)?\s?[-–]\s?(?={_DAY}(?:st|nd|rd|th)?\s(?:{_MONTH})\b)"
)
_MONTH_AND_YEAR = re.compile(rf"\b({_MONTH}),?\s(\d{{4}})\b(?![,:]\d)")
_SOME_MONTH = re.compile(_MONTH)
_MAYBE_NUMERIC = re.compile(r"\d(?:s\s?)?[-–/.]")
_ERA = re.compile(r"(?<![\d.,])(\d{1,4})\s?(BCE|BC|CE|AD)\b|\bAD\s(\d{1,4})(?![\d,.]\d)")
_EARLY_YEAR = re.compile(
    r"(?<=\b[Ii]n\s)(10\d\d)(?!\d|[.,:/-]\d|%|\s?[a-z]{2})"
    r"|(?<=\b[Yy]ear\s)([1-9]\d\d|10\d\d)(?![\d,]|\.\d)"
)
_DECADE = re.compile(r"(?<![\d.,$£€])'?((?:1[1-9]|20)?[1-9]0|(?:1[1-9]|20)00)'?s\b")
_SHORT_YEAR = re.compile(r"(?<![\w'])'(\d\d)(?![\d'])")


def expand_dates(text: str) -> str:
    """Write days, months, decades and years as words, with the month's name and an ordinal day.

    Dates in digits are read as in the United States, month first, unless the first number can't be
    a month; dates with dots are read day first.

    Examples
    --------
    >>> expand_dates("on 3/14/2015, in the '90s")
    'on March fourteenth, twenty fifteen, in the nineties'
    """
    if "/" in text:
        text = _BY_SLASH.sub(_by_slash, _SPAN_OF_DAYS.sub(_span_of_days, _STAMP.sub(_stamp, text)))
    if _MAYBE_NUMERIC.search(text):
        text = _DECADES.sub(" to ", _NUMERIC.sub(_numeric, _ISO.sub(_iso, text)))
    if _SOME_MONTH.search(text):
        text = _TO_A_DAY.sub(_to_a_day, _TO_A_MONTH.sub(" to ", text))
        text = _DAY_FIRST.sub(_day_first, _MONTH_FIRST.sub(_month_first, text))
        text = _MONTH_AND_YEAR.sub(_month_and_year, text)
    text = _EARLY_YEAR.sub(lambda match: say_pairs(match[1] or match[2]), _ERA.sub(_era, text))
    text = _DECADE.sub(_decade, text)
    return _SHORT_YEAR.sub(lambda match: say_pairs(match[1]), text)


def _date(month: str, day: str, year: str | None) -> str:
    spoken = f"{month} {say_ordinal(day)}"
    return f"{spoken}, {_year(year)}" if year else spoken


def _year(digits: str) -> str:
    """Return a year as words; two digits below 50 are after 2000."""
    if len(digits) == 2:
        digits = f"20{digits}" if digits < "50" else f"19{digits}"
    return say_year(digits)


def _iso(match: re.Match) -> str:
    after = " at " if match[5] or match[6] else ""
    return _date(MONTHS[int(match[3]) - 1], match[4], match[1]) + after


def _stamp(match: re.Match) -> str:
    month = next(name for name in MONTHS if name.startswith(match[2]))
    return f"{_date(month, match[1], match[3])} at "


def _span_of_days(match: re.Match) -> str:
    """Write out the days of `from 3/4 to 3/8`."""
    first, last = (_date(MONTHS[int(match[at]) - 1], match[at + 1], None) for at in (2, 5))
    return match[1] + first + match[4] + last


def _by_slash(match: re.Match) -> str:
    is_change = match[1].lower() == "by " and _CHANGE.search(match.string[: match.start()][-24:])
    if is_change or (match[2], match[3]) == ("9", "11"):
        return match[0]
    return match[1] + _date(MONTHS[int(match[2]) - 1], match[3], None)


def _numeric(match: re.Match) -> str:
    first, between, second, year, clock = match.groups()
    month, day = (second, first) if between == "." or int(first) > 12 else (first, second)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31) or (between == "." and len(year) < 4):
        return match[0]
    return _date(MONTHS[int(month) - 1], day, year) + (" at " if clock else "")


def _month_first(match: re.Match) -> str:
    month, day, last_day, year, clock = match.groups()
    spoken = _date(month, day, None) + (f" to {say_ordinal(last_day)}" if last_day else "")
    spoken += f", {_year(year[-4:])}" if year else ""
    return spoken + (" at " if clock else "")


def _day_first(match: re.Match) -> str:
    the, day, ordinal, _, month, year = match.groups()
    if month in ("March", "May") and not (ordinal or year):
        return match[0]  # 3 March hares, in 5 May flowers
    spoken = f"{the or 'the '}{say_ordinal(day)} of {month}"
    return f"{spoken}, {_year(year[-4:])}" if year else spoken


def _to_a_day(match: re.Match) -> str:
    return f"the {say_ordinal(match[1])} to "


def _month_and_year(match: re.Match) -> str:
    return f"{match[1]} {say_year(match[2])}"


def _era(match: re.Match) -> str:
    if match[3]:
        return f"ay D {say_pairs(match[3])}"
    letters = " ".join(match[2]).replace("A", "ay")
    return f"{say_pairs(match[1])} {letters}"


def _decade(match: re.Match) -> str:
    """Return `nineteen eighties` or `nineteen hundreds`."""
    return set_apart(match, re.sub("y$", "ie", say_year(match[1])) + "s")
