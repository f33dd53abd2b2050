"""Numbers that name something and don't count it: phones, ISBNs, PINs, flights, versions."""

import re

from ttslib.text.normalization.saying import say_number, say_pairs

__all__ = ["expand_codes"]

_PHONE = re.compile(
    r"(?<![\w.-])(\+?1[-. ])?(\d{3})[-. ](\d{3})[-. ](\d{4})(?![\w-]|\.\d)"  # 212-555-0187
    r"|(?<![\w.,-])()()(\d{3})-(\d{4})(?![\w-]|[.,]\d)"  # 555-0123
)
_ABROAD = re.compile(r"(?<![\w.-])\+(\d{1,3})((?:[-. ]\d{1,5}){2,5})(?![\w-]|\.\d)")
_GROUPS = re.compile(  # cards, social security numbers, long ZIP codes
    r"(?<![\w.,-])(?:\d{4}(?:[ -]\d{4}){3}|\d{3}-\d{2}-\d{4}|\d{5}-\d{4})(?![\w-]|[.,]\d)"
)
_LINES = re.compile(r"(?<![\w.,])(240|360|480|576|720|1080|1440|2160|4320)([pi])(?!\w)")  # of video
_FORMULA = re.compile(r"(?<![A-Za-z])([A-Z]{2})(?=\d)")  # CO2, AK47
_EMERGENCY = re.compile(r"\b((?:[Cc]all|[Dd]ial|[Tt]ext)(?:ed|ing|s)?\s)([1-9]11)\b")
_FREE = re.compile(r"(?<![\w.-])1-([89])00-(?=[A-Z\d])")
_NAMED = re.compile(
    r"\b((?:[Rr]oom|[Ff]light|[Rr]oute|[Hh]ighway|[Ii]nterstate|Boeing|Airbus|[Aa]partment|[Ss]uite)\s)"
    r"([1-9]\d\d)(?![\d.,]\d|\d)"
)
_ADDRESS_PART = re.compile(r"(?<![\w.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w.]*\.?\w)")
_THING = (
    "account|batch|booking|card|case|claim|confirmation|customer|docket|invoice|license|member"
    "|membership|model|order|part|passport|policy|reference|registration|routing|serial|ticket|tracking"
)
_COUNT = r"(?:\s(?:number|no\.|code|ID)|\s?#)"
_LABEL = re.compile(
    rf"\b((?:ISBN(?:-1[03])?|ISSN|UPC|EAN|IMEI|SKU|PIN|(?i:(?:{_THING}){_COUNT}|zip\scode|area\scode"
    r"|(?:pass|access\s|postal\s)?code))(?:\sis\b)?(?:(?<=#)|:?\s|:))"
    r"(\d[\dX]*(?:[ -]\d[\dX]*){0,7}(?:[ -]X)?)(?![\w,]|[.-]\d)"
)
_SOME_LABEL = re.compile("[Nn]umber|[Nn]o[.]|[Cc]ode|#|ID|IS[BS]N|PIN|UPC|EAN|IMEI|SKU")
_SHORTEST = 3  # digits; chapter number 12 is a count
_EUROPEAN = re.compile(  # 1.234.567, 1.234,56
    r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3}){2}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d{1,2})(?![\w]|[.,]\d)"
)
_SWAP = str.maketrans(".,", ",.")
_VERSIONED = "[Vv]ersion|[Rr]elease|Python|PyTorch|CUDA|i?OS|macOS|Android|Ubuntu|Linux|Firefox"
_VERSION = re.compile(
    rf"(?<![\w.])(?:[vV]\.?|((?:{_VERSIONED})\s[vV]?))(\d{{1,4}}(?:\.\d{{1,4}}){{0,5}})(?!\d|\.\d)"
)


def expand_codes(text: str) -> str:
    """Read a number digit by digit or in pairs if it names something.

    Examples
    --------
    >>> expand_codes("Call 911 or (212-555-0187) on flight 370, v2.11")
    'Call nine one one or (two one two, five five five, zero one eight seven) on flight three \
seventy, version two point eleven'
    """
    text = _EUROPEAN.sub(lambda match: match[0].translate(_SWAP), text)
    if _SOME_LABEL.search(text):
        text = _LABEL.sub(_labelled, text)
    text = _GROUPS.sub(lambda match: _by_groups(re.split("[ -]", match[0])), text)
    text = _ABROAD.sub(_abroad, _PHONE.sub(_phone, text))
    text = _FREE.sub(lambda match: f"one {_say_hundred(match[1])} ", text)
    text = _LINES.sub(lambda match: f"{say_pairs(match[1])} {match[2].upper()}", text)
    text = re.sub(r"\bWW(?=[12]\b)", "World War ", text)
    text = _FORMULA.sub(lambda match: " ".join(match[1]).replace("A", "ay") + " ", text)
    text = _EMERGENCY.sub(lambda match: match[1] + _digits(match[2]), text)
    text = _NAMED.sub(lambda match: match[1] + _in_two(match[2]), text)
    text = _ADDRESS_PART.sub(lambda match: " dot ".join(map(say_number, match.groups())), text)
    return _VERSION.sub(_version, text)


def _labelled(match: re.Match) -> str:
    label, code = match.groups()
    if len(code) < _SHORTEST:
        return match[0]
    label = re.sub(r"\s?#|\sno\.", " number ", label.replace("-", " "))
    return " ".join(label.split()) + " " + _by_groups(re.split("[ -]", code))


def _digits(digits: str) -> str:
    return " ".join(digit if digit == "X" else say_number(digit) for digit in digits)


def _by_groups(groups: list[str]) -> str:
    return ", ".join(map(_digits, groups))


def _say_hundred(digit: str) -> str:
    return f"{say_number(digit)} hundred"


def _phone(match: re.Match) -> str:
    country, area, *local = match.groups()[:4] if match[4] else match.groups()[4:]
    if not area and all(group.endswith("0") for group in local):
        return match[0]  # 500-1000 is a range
    groups = [*filter(None, [area]), *local]
    said = [
        _say_hundred(group[0]) if group in ("800", "900") else _digits(group) for group in groups
    ]
    prefix = "" if not country else "plus one, " if country[0] == "+" else "one, "
    return prefix + ", ".join(said)


def _abroad(match: re.Match) -> str:
    return f"plus {_digits(match[1])}, {_by_groups(re.split('[-. ]', match[2])[1:])}"


def _in_two(digits: str) -> str:
    """Read `370` as three seventy, `101` as one oh one, `200` as two hundred."""
    head, tail = digits[0], digits[1:]
    if tail == "00":
        return _say_hundred(head)
    return f"{say_number(head)} {'oh ' if tail[0] == '0' else ''}{say_number(str(int(tail)))}"


def _version(match: re.Match) -> str:
    spoken = " point ".join(map(say_number, match[2].split(".")))
    return (match[1] or "version ").rstrip("vV") + spoken
