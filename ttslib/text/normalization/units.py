"""Units of measure: their symbols, names and plurals."""

import re

__all__ = ["UNIT", "is_unit", "name_unit", "say_per"]

_UNITS = dict(
    entry.split(": ")
    for entry in (
        # length, area
        "km: kilometer, m: meter, cm: centimeter, mm: millimeter, um: micrometer, nm: nanometer, "
        "mi: mile, nmi: nautical mile, yd: yard, yds: yard, ft: foot, in.: inch, inch: inch, "
        "ha: hectare, sq ft: square foot, sq in: square inch, sq yd: square yard, "
        "sq mi: square mile, sq m: square meter, sq km: square kilometer, "
        # volume, mass
        "cu ft: cubic foot, cu in: cubic inch, cu yd: cubic yard, cu m: cubic meter, "
        "cc: cubic centimeter, l: liter, L: liter, hl: hectoliter, dl: deciliter, dL: deciliter, "
        "cl: centiliter, ml: milliliter, mL: milliliter, uL: microliter, gal: gallon, qt: quart, "
        "fl oz: fluid ounce, c.: cup, tsp: teaspoon, tbsp: tablespoon, kg: kilogram, g: gram, "
        "mg: milligram, ug: microgram, mcg: microgram, ng: nanogram, lb: pound, lbs: pound, "
        "oz: ounce, mol: mole, mmol: millimole, uM: micromolar, "
        # time
        "h: hour, hr: hour, hrs: hour, min: minute, mins: minute, s: second, sec: second, "
        "secs: second, ms: millisecond, us: microsecond, ns: nanosecond, yr: year, yrs: year, "
        "mo: month, mos: month, wk: week, wks: week, "
        # electricity, energy, force, pressure
        "V: volt, kV: kilovolt, mV: millivolt, mA: milliamp, mAh: milliamp hour, ohm: ohm, "
        "kohm: kiloohm, W: watt, mW: milliwatt, kW: kilowatt, MW: megawatt, GW: gigawatt, "
        "TW: terawatt, Wh: watt hour, kWh: kilowatt hour, MWh: megawatt hour, GWh: gigawatt hour, "
        "TWh: terawatt hour, kJ: kilojoule, MJ: megajoule, kcal: kilocalorie, cal: calorie, "
        "eV: electron volt, keV: kiloelectron volt, MeV: megaelectron volt, "
        "GeV: gigaelectron volt, hp: horsepower, kN: kilonewton, ft-lb: foot-pound, "
        "Nm: newton meter, N-m: newton meter, Pa: pascal, hPa: hectopascal, kPa: kilopascal, "
        "MPa: megapascal, GPa: gigapascal, psi: pound per square inch, "
        # data, frequency, light, sound
        "kB: kilobyte, KB: kilobyte, kb: kilobyte, KiB: kibibyte, MB: megabyte, mb: megabyte, "
        "MiB: mebibyte, GB: gigabyte, gb: gigabyte, GiB: gibibyte, TB: terabyte, tb: terabyte, "
        "PB: petabyte, Mb: megabit, Gb: gigabit, kbps: kilobit per second, "
        "Mbps: megabit per second, Gbps: gigabit per second, px: pixel, MP: megapixel, "
        "dpi: dot per inch, fps: frame per second, Hz: hertz, kHz: kilohertz, MHz: megahertz, "
        "GHz: gigahertz, THz: terahertz, lm: lumen, lx: lux, dB: decibel, dBA: decibel, "
        # speed, rates, angles
        "kt: knot, kts: knot, mph: mile per hour, kph: kilometer per hour, mpg: mile per gallon, "
        "rpm: revolution per minute, bpm: beat per minute, wpm: word per minute, "
        "ppm: part per million, ppb: part per billion, %: percent, ¢: cent, °: degree, "
        "°C: degree Celsius, °F: degree Fahrenheit, °N: degree north, °S: degree south, "
        "°E: degree east, °W: degree west"
    ).split(", ")
)
_IRREGULAR = {"foot": "feet", "inch": "inches"} | {
    name: name
    for name in (
        *("hertz", "kilohertz", "megahertz", "gigahertz", "terahertz"),
        *("horsepower", "lux", "percent", "micromolar"),
    )
}

UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
"""A pattern of all symbols, the longest first."""

_PER = re.compile(rf"/({UNIT}|\w+?)(?:\^?([23]))?(?=/|$)")
_NOUN_ENDS = re.compile("(?= per | Celsius| Fahrenheit| north| south| east| west)")


def is_unit(symbol: str) -> bool:
    """Return True if `symbol` is a unit's symbol."""
    return symbol in _UNITS


def name_unit(symbol: str, *, power: str | None = None, many: bool) -> str:
    """Return the name of a unit, or `symbol` itself if it isn't a unit.

    Parameters
    ----------
    symbol : str
        As written: `km`.
    power : {"2", "3"}, optional
        Its exponent.
    many : bool
        Whether to return the plural.

    Examples
    --------
    >>> name_unit("ft", power="2", many=True), name_unit("mph", many=True)
    ('square feet', 'miles per hour')
    """
    noun, *rest = _NOUN_ENDS.split(_UNITS.get(symbol, symbol))
    if power and noun.endswith(("meter", "foot", "inch", "mile", "yard")):
        noun = f"{'square' if power == '2' else 'cubic'} {noun}"
        power = None
    if many:
        *adjectives, noun = noun.split(" ")
        noun = " ".join([*adjectives, _IRREGULAR.get(noun, f"{noun}s")])
    raised = {"2": " squared", "3": " cubed", None: ""}[power]
    return noun + "".join(rest) + raised


def say_per(units: str) -> str:
    """Return ` per kilogram per day` for `/kg/day`."""
    return _PER.sub(lambda match: f" per {name_unit(match[1], power=match[2], many=False)}", units)
