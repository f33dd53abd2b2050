"""Times of day, time stamps of logs, durations and ratios, as words."""

import re

from ttslib.text.normalization.saying import say_number

__all__ = ["expand_durations", "expand_times"]

_HALF = r"(?:\s?(ay em|pee em))?"
_SECONDS = r"([0-5]?\d):([0-5]\d):([0-5]\d)(?:[.,](\d{1,6}))?"
_CLOCK = re.compile(rf"(?<=\bat\s){_SECONDS}{_HALF}(?![\d:])|\b{_SECONDS}\s?(ay em|pee em)\b")
_DURATION = re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?Z?(?![\d:])")
_TIME = re.compile(
    rf"(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d){_HALF}(?:\s?h(?:rs)?\b)?(?![\d:]|[.,]\d)"
)
_MILITARY = re.compile(r"(?<![\d.,:])0(\d)(\d\d)(?=\s?(?:hours|hrs?)\b)")
_STAMP = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")  # 20240303T153045
_OFFSET = re.compile(r"(\d:\d\d:\d\d(?:[.,]\d{1,6})?)\s?(?:Z\b|([+-])(\d\d):?(\d\d)\b)")
_ON_THE_HOUR = re.compile(  # 3:00-4:00 pm
    r"(?<![\d:.,])(\d\d?):00(?=\sto\s\d\d?(?::\d\d)?\s(?:ay|pee)\sem\b)"
)
_RATIO = re.compile(r"(?<![\d:.])(\d{1,3}):(\d{1,4})(?![\d:])")

_SPAN = re.compile(  # two or more of 1d 2h 3m 4s, in a row
    r"(?<![\w.,$£€¥₹/-])(?:(\d{1,3})\s?d\s?)?(?:(\d{1,3})\s?h\s?)?(?:(\d{1,3})\s?m\s?)?(?:(\d{1,3}(?:\.\d{1,3})?)\s?s)?(?![\w/^])"
)
_UNITS = ("day", "hour", "minute", "second")


def expand_durations(text: str) -> str:
    """Replace what other passes would split: `2h30m`, `0800 hours`, the `Z` after a time.

    A single `3m` may be meters and is unchanged.

    Examples
    --------
    >>> expand_durations("2h30m, 3m, 0800 hours")
    '2 hours 30 minutes, 3m, oh eight hundred hours'
    """
    text = _STAMP.sub(r"\1-\2-\3T\4:\5:\6", text)
    text = _MILITARY.sub(_military, _OFFSET.sub(_offset, text))
    return _SPAN.sub(_span, text)


def expand_times(text: str) -> str:
    """Write times of day, durations with seconds, and ratios as words.

    Examples
    --------
    >>> expand_times("15:30, 4:00 and 3:1")
    "fifteen thirty, four o'clock and 3 to 1"
    """
    text = _ON_THE_HOUR.sub(r"\1", text)
    text = _DURATION.sub(_duration, _CLOCK.sub(_clock, text))
    return _RATIO.sub(r"\1 to \2", _TIME.sub(_time, text))


def _span(match: re.Match) -> str:
    if sum(count is not None for count in match.groups()) < 2:
        return match[0]
    parts = zip(match.groups(), _UNITS, strict=True)
    spoken = [f"{count} {unit}{'' if count == '1' else 's'}" for count, unit in parts if count]
    return " ".join(spoken) + " " * match[0].endswith(" ")


def _minutes(minute: str) -> str:
    """Return the words for `05`, or nothing on the hour."""
    if minute == "00":
        return ""
    return f" {'oh ' if minute[0] == '0' else ''}{say_number(str(int(minute)))}"


def _time(match: re.Match) -> str:
    hour, minute, half_of_day = match.groups()
    hours = say_number(str(int(hour)))
    after = f" {half_of_day}" if half_of_day else ""
    if minute == "00" and not half_of_day:
        return f"{hours} o'clock" if 0 < int(hour) <= 12 else f"{hours} hundred"
    return hours + _minutes(minute) + after


def _military(match: re.Match) -> str:
    return f"oh {say_number(match[1])}{_minutes(match[2]) or ' hundred'}"


def _clock(match: re.Match) -> str:
    hour, minute, second, part, half_of_day = match.groups()[:5] if match[1] else match.groups()[5:]
    spoken = say_number(str(int(hour))) + (_minutes(minute) or ("" if half_of_day else " hundred"))
    if 0 < int(hour) <= 12 and minute == "00" and not half_of_day:
        spoken = f"{say_number(str(int(hour)))} o'clock"
    if int(second) or part:
        seconds = str(int(second)) + (f".{part}" if part else "")
        spoken += f" and {say_number(seconds)} second{'' if seconds == '1' else 's'}"
    if half_of_day:
        spoken += f" {half_of_day}"
    return spoken


def _offset(match: re.Match) -> str:
    """Return ` UTC plus two` for the `+02:00` after a time."""
    clock, sign, hours, minutes = match.groups()
    if not sign or not int(hours + minutes):
        return f"{clock} UTC"
    sign = "plus" if sign == "+" else "minus"
    return f"{clock} UTC {sign} {say_number(str(int(hours)))}{_minutes(minutes)}"


def _duration(match: re.Match) -> str:
    counts = [str(int(digits)) for digits in match.groups()[:3]]
    if match[4]:
        counts[2] += f".{match[4]}"
    *parts, last = [
        f"{say_number(count)} {unit}{'' if count == '1' else 's'}"
        for count, unit in zip(counts, _UNITS[1:], strict=True)
        if count != "0"
    ] or ["zero seconds"]
    return f"{', '.join(parts)} and {last}" if parts else last
