"""Amounts as words: ranges, money and units."""

import re

from ttslib.text.normalization.saying import NUMBER, say_number, set_apart

__all__ = ["expand_measures", "expand_ranges"]

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
_SCALES |= {scale: scale for scale in ("hundred", "thousand", "million", "billion", "trillion")}
_UNITS = {
    **{"km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "mi": "mile"},
    **{"um": "micrometer", "nm": "nanometer", "yd": "yard", "yds": "yard", "ft": "foot"},
    **{
        "in.": "inch",
        "inch": "inch",
        "c.": "cup",
        "ha": "hectare",
        "sq ft": "square foot",
        "sq mi": "square mile",
    },
    **{"cu ft": "cubic foot", "kg": "kilogram", "g": "gram", "mg": "milligram"},
    **{"ug": "microgram", "ng": "nanogram", "lb": "pound", "lbs": "pound", "oz": "ounce"},
    **{"l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "dL": "deciliter"},
    **{"uL": "microliter", "gal": "gallon", "qt": "quart", "fl oz": "fluid ounce"},
    **{"tsp": "teaspoon", "tbsp": "tablespoon", "h": "hour", "hr": "hour", "hrs": "hour"},
    **{"min": "minute", "mins": "minute", "s": "second", "sec": "second", "secs": "second"},
    **{"ms": "millisecond", "us": "microsecond", "ns": "nanosecond", "yr": "year"},
    **{"yrs": "year", "wk": "week", "wks": "week", "kB": "kilobyte", "KB": "kilobyte"},
    **{"MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "px": "pixel", "W": "watt"},
    **{"kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "Wh": "watt hour"},
    **{"kWh": "kilowatt hour", "V": "volt", "kV": "kilovolt", "mV": "millivolt"},
    **{"mA": "milliamp", "mAh": "milliamp hour", "ohm": "ohm", "kohm": "kiloohm"},
    **{"kJ": "kilojoule", "kcal": "kilocalorie", "cal": "calorie", "eV": "electron volt"},
    **{"kPa": "kilopascal", "hPa": "hectopascal", "mol": "mole", "mmol": "millimole"},
    **{"ft-lb": "foot-pound", "Nm": "newton meter", "N-m": "newton meter", "mW": "milliwatt"},
    **{
        "mo": "month",
        "mos": "month",
        "uM": "micromolar",
        "Hz": "hertz",
        "kHz": "kilohertz",
        "MHz": "megahertz",
        "GHz": "gigahertz",
    },
    **{"dB": "decibel", "hp": "horsepower", "kt": "knot", "kts": "knot"},
    **{"mph": "mile per hour", "kph": "kilometer per hour", "rpm": "revolution per minute"},
    **{"bpm": "beat per minute", "fps": "frame per second", "dpi": "dot per inch"},
    **{"kbps": "kilobit per second", "Mbps": "megabit per second"},
    **{"Gbps": "gigabit per second", "ppm": "part per million"},
    **{"psi": "pound per square inch", "%": "percent", "¢": "cent", "°": "degree"},
    **{"°C": "degree Celsius", "°F": "degree Fahrenheit", "°N": "degree north"},
    **{"°S": "degree south", "°E": "degree east", "°W": "degree west"},
}
_IRREGULAR = {"foot": "feet", "inch": "inches"}
_IRREGULAR |= {name: name for name in ("hertz", "horsepower", "percent", "micromolar")}
_IRREGULAR |= {f"{kilo}hertz": f"{kilo}hertz" for kilo in ("kilo", "mega", "giga")}
_DETERMINER = r"\b(?i:an?|the|this|that|its|his|her|my|our|your|their)\s$"
_SMALL = (
    "a|an|and|as|at|by|for|from|he|if|in|into|is|it|of|on|or|per|she|than|the|they|this|to|was|we"
    "|when|with|you"
)

_UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_PART = r"(?:[2-9]|1[026]|32|64)(?!\d)"
_AMOUNT = rf"{NUMBER}(?:[ -]\d{{1,2}}/{_PART}|/{_PART}|\^-?\d{{1,3}})?"
_MEASURE = re.compile(
    rf"(?<![\w.,/^])(?<!\^-)(?<!\b[A-Z]\s)(?P<amount>{_AMOUNT})(?:\s?|-)(?P<unit>{_UNIT})(?:\^?(?P<power>[23]))?"
    rf"(?P<per>(?:/(?:{_UNIT}|day|week|month|year)(?:\^?[23])?)*)"
    r"(?![\w^]|/[A-Za-z]|\s?[A-Za-z]\^)(?:\.(?=\s[a-z\d]))?"
)
_PER = re.compile(rf"/({_UNIT}|\w+?)(?:\^?([23]))?(?=/|$)")
_SUM = re.compile(
    rf"(?:\b(?P<nation>{'|'.join(_NATIONS)}))?(?P<sign>[{''.join(_MONEY)}])\s?(?P<number>{NUMBER})"
    rf"(?:\sto\s[{''.join(_MONEY)}]?(?P<last>{NUMBER}))?"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|mn|bn|tn)\b"
    rf"|(?P<letter>[kKmMbBT])\b)?(?P<per>/(?:{_UNIT}|[a-z]+)\b)?"
)
_SIGN_LAST = re.compile(rf"(?<![\d.,$£€¥₹])({NUMBER})\s?([$£€¥₹])(?!\s?\.?\d)")
_THOUSANDS = re.compile(rf"(?<![\w.,$£€¥₹])({NUMBER})(k|M(?=\s[a-z])|\s?[mb]n)(?!\w)")

_SEQUENCE = re.compile(r"(?<![\d-])\d\d?(?:-\d\d?){2,3}(?![\d-])")
_TO = re.compile(
    r"(?<=[\d%°])(?:\s?–\s?|-)(?=[$£€¥₹]?\.?\d)(?!\d{1,2}/\d)|(?<=\bem)\s?[-–]\s?(?=\d)"
    r"|(?<=\d[kKmMbB])[-–](?=[$£€¥₹])|(?<=[\dkKmMbB])\s[-–]\s(?=[$£€¥₹])"
)
_BY = re.compile(r"(?<=[\d\"])\s?[xX]\s?(?=[1-9])|(?<=\d\s(?:feet|inch))\s+[xX]\s?(?=[1-9])")
_TIMES = re.compile(r"(?<=\d)x\b(?!\s(?:plus|minus|equals|times|squared)\b)")


def expand_ranges(text: str) -> str:
    """`10-20` and `10–20` with `to`, `3x4` with `by`, `10x` with `times`.

    Examples
    --------
    >>> expand_ranges("$5-10 for 3x4, a 4-3-3")
    '$5 to 10 for 3 by 4, a 4 3 3'
    """
    text = _SEQUENCE.sub(lambda match: match[0].replace("-", " "), text)
    text = _TO.sub(" to ", text)
    return _TIMES.sub(" times", _BY.sub(" by ", text))


def expand_measures(text: str) -> str:
    """Money and numbers with a unit; other numbers are left.

    Examples
    --------
    >>> expand_measures("$3.50 for 2 kg, a 5 km run, 10 m^2, $1.5M")
    'three dollars and fifty cents for two kilograms, a five kilometer run, ten square meters, one \
point five million dollars'
    """
    text = _SUM.sub(_sum, _SIGN_LAST.sub(r"\2\1", text))
    text = _THOUSANDS.sub(lambda match: f"{match[1]} {_SCALES[match[2].strip()]}", text)
    return _MEASURE.sub(_measure, text)


def _is_before_noun(match: re.Match) -> bool:
    """Whether the amount describes what follows: a *five kilometer* run, a *ten dollar* bill."""
    article = re.search(_DETERMINER, match.string[max(0, match.start() - 8) : match.start()])
    following = match.string[match.end() : match.end() + 16]
    return bool(article and re.match(rf" (?!(?:{_SMALL})\b|\w+ed\b)[a-z]", following))


def _sum(match: re.Match) -> str:
    one, many, cent, cents = _MONEY[match["sign"]]
    number, last = match["number"].replace(",", ""), match["last"]
    scale = _SCALES.get(match["scale"] or match["letter"], "")
    whole, _, fraction = number.partition(".")
    if last or scale or len(fraction) not in (0, 2):
        amount = say_number(match["number"]) + (f" to {say_number(last)}" if last else "")
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
    return set_apart(match, spoken + _per(match["per"] or ""))


def _measure(match: re.Match) -> str:
    amount, unit = match["amount"], match["unit"]
    part = re.fullmatch(r"(\d+)/\d+", amount)
    singular = amount == "1" or "-" + unit in match[0] or _is_before_noun(match)
    name = _name(unit, match["power"], many=not (part or singular))
    if part and part[1] != "1":
        name = f"of {'an' if name[0] in 'aeiou' else 'a'} {name}"
    spoken = amount if "/" in amount or "^" in amount else say_number(amount)
    ends = "." if unit in ("in.", "c.") and not match.string[match.end() :].strip() else ""
    return set_apart(match, f"{spoken} {name}{_per(match['per'])}{ends}")


def _name(unit: str, power: str | None, *, many: bool) -> str:
    name = _UNITS.get(unit, unit)
    noun, *rest = re.split(r"(?= per | Celsius| Fahrenheit| north| south| east| west)", name)
    if power and noun.endswith(("meter", "foot", "inch", "mile", "yard")):
        noun = f"{'square' if power == '2' else 'cubic'} {noun}"
        power = None
    if many:
        *adjectives, noun = noun.split(" ")
        noun = " ".join([*adjectives, _IRREGULAR.get(noun, f"{noun}s")])
    raised = {"2": " squared", "3": " cubed", None: ""}[power]
    return noun + "".join(rest) + raised


def _per(units: str) -> str:
    """` per kilogram per day` for `/kg/day`."""
    return _PER.sub(lambda match: f" per {_name(match[1], match[2], many=False)}", units)
