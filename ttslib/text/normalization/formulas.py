"""Chemical formulas, letter by letter: `NaCl`, `H2SO4`, `Ca2+`, `(NH4)2SO4`."""

import re

__all__ = ["expand_formulas"]

# The common elements; with rare ones, names and words would look like formulas.
_ELEMENT = (
    "(?:He|Li|Be|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|As|Se|Br|Rb|Sr|Zr|Mo|Ag|Cd|Sn|Sb"
    "|Xe|Cs|Ba|Pt|Au|Hg|Pb|Bi|[HBCNOFPSKVIWU])"
)
_GROUP = rf"(?:{_ELEMENT}\d{{0,3}}|\((?:{_ELEMENT}\d{{0,2}}){{1,6}}\)\d{{0,2}})"
_FORMULA = re.compile(
    rf"(?<![A-Za-z0-9.'/-])(?!NaN\b)(?={_GROUP}{{2}}|[A-Z][a-z]\d|[A-Z][a-z]?\^?\d?[+⁺⁻])({_GROUP}{{1,12}})"
    r"(?:(\d?)(\+)(?![\w+])|\^(\d?)([+-])(?!\w))?(?![A-Za-z0-9]|\+\w)"
)
_PARTS = re.compile(r"[A-Z][a-z]?|\d+")
_ACRONYM = re.compile(r"[A-Z]+s?\d*")  # PCs, COP26
_OXIDE = re.compile(r"[A-Z]{1,3}[OH]\d")  # HNO3


def expand_formulas(text: str) -> str:
    """Write formulas as separate letters and numbers.

    Examples
    --------
    >>> expand_formulas("NaCl, C2H5OH, Ca2+; PCs and COP26")
    'N ay C L, C 2 H 5 O H, C ay 2 plus; PCs and COP26'
    """
    return _FORMULA.sub(_formula, text)


def _formula(match: re.Match) -> str:
    formula, *charges = match.groups()
    charge, sign = (charges[0], charges[1]) if charges[1] else (charges[2], charges[3])
    if not sign and _ACRONYM.fullmatch(formula) and not _OXIDE.fullmatch(formula):
        return match[0]
    if sign and len(formula) < 2:  # vitamin C+
        return match[0]
    parts = [*_PARTS.findall(formula), charge or "", {"+": "plus", "-": "minus", None: ""}[sign]]
    return " ".join(_named(part) for part in parts if part)


def _named(part: str) -> str:
    """Return the letters of an element; a number or `plus` unchanged."""
    return " ".join(part.upper()).replace("A", "ay") if part[0].isupper() else part
