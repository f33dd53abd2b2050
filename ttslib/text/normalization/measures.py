"""Amounts of money and of units, as words."""

import re

from ttslib.text.normalization.saying import NUMBER, say_number, set_apart
from ttslib.text.normalization.units import UNIT, name_unit, say_per

__all__ = ["expand_measures", "expand_units"]

_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
_NATIONS = {
    **{"US": "U S", "C": "Canadian", "CA": "Canadian", "A": "Australian", "AU": "Australian"},
    **{"NZ": "New Zealand", "HK": "Hong Kong"},
}
_SCALES = {
    **{"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million"},
    **{"b": "billion", "B": "billion", "bn": "billion", "T": "trillion", "tn": "trillion"},
}
_SCALE_WORDS = "hundred|thousand|million|billion|trillion|lakh|crore"
_SCALES |= {scale: scale for scale in _SCALE_WORDS.split("|")}
_DETERMINER = r"\b(?i:an?|the|this|that|its|his|her|my|our|your|their)\s(?:[\d.,]+\s(?:by|to)\s)?$"
_SMALL = (
    "a|an|and|as|at|by|for|from|he|if|in|into|is|it|of|on|or|per|she|than|the|they|this|to|was|we"
    "|when|with|you"
)

_PART = r"(?:[2-9]|1[026]|32|64)(?!\d)"
_AMOUNT = rf"{NUMBER}(?:[ -]\d{{1,2}}/{_PART}|/{_PART}|\^-?\d{{1,3}})?"
_MEASURE = re.compile(
    rf"(?<![\w.,/^])(?<!\^-)(?<!\b[A-Z]\s)(?P<amount>{_AMOUNT})(?:\s?|-)(?P<unit>{UNIT})(?:\^?(?P<power>[23]))?"
    rf"(?P<per>(?:/(?:{UNIT}|day|week|month|year)(?:\^?[23])?)*)"
    r"(?![\w^]|'s|/[A-Za-z]|\s?[A-Za-z]\^)(?:\.(?=\s[a-z\d]))?"
)
_SUM = re.compile(
    rf"(?:\b(?P<nation>{'|'.join(_NATIONS)}))?(?P<sign>[{''.join(_MONEY)}])\s?(?P<number>{NUMBER})"
    rf"(?:(?:(?P<first>[kKmMbBT])\sto\s|\sto\s[{''.join(_MONEY)}]?)(?P<last>{NUMBER}))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE_WORDS}|mn|bn|tn)\b"
    rf"|(?P<letter>[kKmMbBT])\b)?(?P<per>/(?:{UNIT}|[a-z]+)\b)?"
)
_POINT = re.compile(r"(?<=\d)\s?°\s([NSEW])\b(?!['.]\w)")  # 40.71° N
_RUPEES = re.compile(r"Rs\b(?<!\wRs)\.?\s?(?=\d)")
_SIGN_LAST = re.compile(rf"(?<![\d.,$£€¥₹])({NUMBER})\s?([$£€¥₹])(?!\s?\.?\d)")
_COUNTED = (  # things that come in millions, so that m isn't a measure of length
    r"(?:(?:more|new|other|young|old|extra|active|daily|monthly|paying|unique|American|British|US|UK)\s)?"
    r"(?:people|men|women|children|(?!(?:hurdles|races|runs|sprints|finals|heats|dashes|relays|swims|events"
    r"|was|has|is|its|plus|always|towards|upwards|downwards|forwards|backwards|inwards|outwards)\b)"
    r"[a-z]{3,}(?<!s)s)\b"
)
_THOUSANDS = re.compile(
    rf"(?<![\w.,$£€¥₹])({NUMBER})(k|M(?=\s(?!is\b|was\b|has\b)[a-z])|[mbKB](?=\s{_COUNTED})|\s?[mb]n)(?!\w)"
    r"|(?<=\d)([kKMB])(?=\sto\s\d)"
)


_FEET_INCHES = re.compile(
    r"(?<=\d)(?:\s?(?:ft\.?|feet)\s?)(\d{1,2}(?:\.\d+)?)(\s?in\b(?!\s(?:an?|the|his|her|my|their)\b)(?:\.(?!\W*$))?)?(?!\w)"
)
_DOTTED = re.compile(r"(?<=\d\s)(sq|cu|fl)\.\s?(?=[a-z])")
_FEET_OR_DOTTED = re.compile("ft|feet|sq|cu|fl")
_NAMED = (
    "km|kg|cm|mm|mg|ml|mL|mph|mpg|kph|lbs?|oz|ft|hrs|mins|secs|yrs|[kMG]?Hz|[kMGT]?Wh|kW|[kMG]bps"
    "|dBA?"
)
_BARE = re.compile(
    rf"(?<![\w./'-])(?<!\d\s)(?:({UNIT})((?:/(?:{UNIT}|day|week|month|year)(?:\^?[23])?)+)|({_NAMED}))(?![\w/'])"
)
_PER_UNIT = re.compile(rf"(?<=\bper\s)({UNIT})(?:\^?([23]))?(?![\w'])")


_PER_AMOUNT = re.compile(rf"(?<=[A-Za-z])/(?=\d{{1,4}}\s?(?:{UNIT})(?!\w))")  # 5 L/100 km


def expand_measures(text: str) -> str:
    """Write money and numbers with a unit as words; leave other numbers unchanged.

    Examples
    --------
    >>> expand_measures("$3.50 for 2 kg, a 5 km run, 10 m^2, $1.5M")
    'three dollars and fifty cents for two kilograms, a five kilometer run, ten square meters, one \
point five million dollars'
    """
    if "°" in text:
        text = _POINT.sub(r"°\1", text)
    if "/" in text:
        text = _PER_AMOUNT.sub(" per ", text)
    text = _RUPEES.sub("₹", text)
    text = _SUM.sub(_sum, _SIGN_LAST.sub(r"\2\1", text))
    text = _THOUSANDS.sub(_thousands, text)
    if _FEET_OR_DOTTED.search(text):
        text = _FEET_INCHES.sub(_feet_and_inches, _DOTTED.sub(r"\1 ", text))
    return _MEASURE.sub(_measure, text)


def expand_units(text: str) -> str:
    """Write out units that have no number before them.

    Examples
    --------
    >>> expand_units("in km/h, per kg")
    'in kilometers per hour, per kilogram'
    """
    text = _PER_UNIT.sub(lambda match: name_unit(match[1], power=match[2], many=False), text)
    return _BARE.sub(_bare, text)


def _feet_and_inches(match: re.Match) -> str:
    return f" feet {match[1]}" + (" inches" if match[2] else "")


def _bare(match: re.Match) -> str:
    if match[3]:
        return name_unit(match[3], many=not _is_before_noun(match))
    if len(match[1]) + len(match[2]) == 3 and match[0] not in ("m/s", "g/L", "g/l"):
        return match[0]  # W/L
    return name_unit(match[1], many=True) + say_per(match[2])


def _is_before_noun(match: re.Match) -> bool:
    """Return True if the amount describes the next word: a *five kilometer* run."""
    article = re.search(_DETERMINER, match.string[max(0, match.start() - 20) : match.start()])
    following = match.string[match.end() : match.end() + 16]
    return bool(article and re.match(rf" (?!(?:{_SMALL})\b|\w+ed\b)[a-z]", following))


def _sum(match: re.Match) -> str:
    one, many, cent, cents = _MONEY[match["sign"]]
    number, last = match["number"].replace(",", ""), match["last"]
    scale = _SCALES.get(match["scale"] or match["letter"], "")
    whole, _, fraction = number.partition(".")
    if last or scale or len(fraction) not in (0, 2):
        first = f" {_SCALES[match['first']]}" if match["first"] else ""
        amount = say_number(number) + first + (f" to {say_number(last)}" if last else "")
        parts = [" ".join(filter(None, [amount, scale, one if _is_before_noun(match) else many]))]
    else:
        parts = []
        if int(fraction or 0) == 0 or whole.strip("0"):
            singular = whole == "1" or (_is_before_noun(match) and not int(fraction or 0))
            parts.append(f"{say_number(whole)} {one if singular else many}")
        if int(fraction or 0):
            counted = say_number(fraction.lstrip("0"))
            parts.append(f"{counted} {cent if fraction == '01' else cents}")
    spoken = " and ".join(parts)
    if match["nation"]:
        spoken = re.sub(rf"\b({one}|{many})\b", rf"{_NATIONS[match['nation']]} \1", spoken)
    return set_apart(match, spoken + say_per(match["per"] or ""))


def _thousands(match: re.Match) -> str:
    if match[0] in ("4K", "8K"):  # screens
        return match[0]
    number, scale = (match[1], match[2].strip()) if match[1] else ("", match[3])
    return f"{number} {_SCALES[scale]}"


def _measure(match: re.Match) -> str:
    amount, unit = match["amount"], match["unit"]
    part = re.fullmatch(r"(\d+)/\d+", amount)
    singular = amount == "1" or "-" + unit in match[0] or _is_before_noun(match)
    name = name_unit(unit, power=match["power"], many=not (part or singular))
    if part and part[1] != "1":
        name = f"of {'an' if name[0] in 'aeiou' else 'a'} {name}"
    spoken = amount if "/" in amount or "^" in amount else say_number(amount)
    ends = "." if unit in ("in.", "c.") and not match.string[match.end() :].strip() else ""
    return set_apart(match, f"{spoken} {name}{say_per(match['per'])}{ends}")
