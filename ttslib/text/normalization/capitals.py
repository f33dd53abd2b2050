"""Capitals that are numbers or letters: `Henry VIII`, `Chapter IV`, `FBI`, `PCs`, `vitamin A`."""

import re
from collections.abc import Callable

from ttslib.text.normalization.saying import say_number, say_ordinal

__all__ = ["expand_acronyms", "expand_roman_numerals"]

# Spelled although they have a vowel; one without any (HTML, TV) is always spelled, and every other
# one (NASA, OPEC) is a word.
_SPELLED = frozenset(
    "AA ABC AC AI AKA API ASAP ATM BA CEO CFO CI CIA CIO COO CPA CPU CTO DIY DNA DOA DOJ EDT EEG "
    "EKG EPA EPS ESPN EST ETA EU EV FAA FAQ FBI FDA FEC FYI GIS GPA GPU GUI HBO HIV IBM ID IDE "
    "IEEE IO IOU IP IPO IQ IRS ISBN ISO ISP IV IVF LA LAX LED MBA MIT MRI NAACP NBA NCAA NGO NIH "
    "NPR NRA NSA NY NYC NYPD NYU OCD OECD OMG OS OST OT PSA PTA QA RNA ROI RPG SEC SEO SUV TBA "
    "UAE UCLA UFO UI UK UN URI URL USA USAF USB USC USDA USS USSR UTC UV UX VIP XML".split()
)
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_SOUNDS = re.compile(r"(?:h+m+|m+|s+h+|b+r+|g+r+|z+|p+f+t*|p+s+t|t+s+k|n?th|[mds]rs?|ms|st|[jl]r)")
_SAID = {
    **{"PhD": "P H D", "PhDs": "P H D's", "iOS": "I O S", "macOS": "mac O S", "mRNA": "M R N ay"},
    **{"WWI": "World War one", "WWII": "World War two", "km": "kilometers", "kg": "kilograms"},
    **{"cm": "centimeters", "mph": "miles per hour", "lbs": "pounds", "hrs": "hours"},
    **{"pls": "please", "thx": "thanks", "msg": "message", "btwn": "between"},
}
_WORD = re.compile(
    rf"(?<![\w'])(?:({'|'.join(sorted(_SAID, key=len, reverse=True))})"
    rf"|([A-Z]{{2,6}})('?s)?|([{_CONSONANTS}]{{2,5}}))(?![\w'])"
)
_AFTER_THE = re.compile(
    r"(?<=\b[Tt]he\s)(US|WHO|ER)\b|\bUS(?='s|\s[A-Z][a-z])|\bIT(?=\s(?:dep|sup))"
)
_LETTER_A = re.compile(
    r"(?i:\b(vitamin|plan|type|grade|group|point|team|side|section|part|class|exhibit|appendix"
    r"|hepatitis|option|gate|row|level|schedule))\s(A)(?![\w'])"
)

_ONES = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
_TENS = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"]
_ROMAN = {tens + ones: f"{t}{o}" for t, tens in enumerate(_TENS) for o, ones in enumerate(_ONES)}
_NAMES = (
    "Albert|Alexander|Alfred|Alfonso|Arthur|Benedict|Boniface|Catherine|Charles|Christian|Clement"
    "|David|Edward|Elizabeth|Ferdinand|Francis|Franz|Frederick|Friedrich|George|Gregory|Gustav"
    "|Harald|Henri|Henry|Innocent|Ivan|James|John|Joseph|Juan|Julius|Leo|Leopold|Louis|Ludwig"
    "|Margaret|Mary|Maximilian|Mehmed|Michael|Napoleon|Nicholas|Olaf|Otto|Paul|Pedro|Peter|Philip"
    "|Pius|Ptolemy|Ramses|Ramesses|Richard|Robert|Rudolf|Thomas|Thurston|Urban|Victor|Wilhelm"
    "|William"
)
_PARTS = (
    "chapter|part|book|act|scene|volume|section|article|appendix|phase|type|class|stage|title"
    "|canto|psalm|world war|episode|round|figure|table|unit|group|mark|category|super bowl"
)
_NO_PRONOUN = (
    r"(?!'|\s[A-Z]\b|\s(?:am|was|have|had|do|did|like|love|read|saw|think|know|want|need|wrote)\b)"
)
_PART = re.compile(rf"\b((?i:{_PARTS})s?)\s([IVXL]{{2,7}}|[VX](?!\s[A-Z]\b))\b")
_PART_LIST = re.compile(rf"\b((?i:{_PARTS})s)((?:(?:,? and|,? or| to|,)? [IVX]{{1,6}}\b){{2,6}})")
_PART_ONE = re.compile(rf"\b((?:{_PARTS.title()}|{_PARTS.upper()}))\sI\b{_NO_PRONOUN}(?!-)")
_RULER = re.compile(
    rf"\b((?:{_NAMES})(?:\s[A-Z][a-z]{{1,15}}){{0,2}})\s([IVX]{{2,7}})\b"
    rf"|\b({_NAMES})\s([VX])\b(?!\.?\s?[A-Z]\b)"
)
_RULER_ONE = re.compile(
    r"\b((?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Shah)"
    rf"(?:\s[A-Z][a-z]{{1,15}}){{1,2}})\sI\b{_NO_PRONOUN}"
)
_SEQUEL = re.compile(r"\b((?!The|An?\b|This|That|No\b)[A-Z][A-Za-z]{1,20})\s([IVX]{2,6})\b")
_ORDINAL = re.compile(r"\b([IVXL]{2,7}|[VX])(?:(?:st|nd|rd|th)\b|(?=\s[Cc]entur))")


def expand_roman_numerals(text: str) -> str:
    """Roman numerals behind a ruler (the Eighth), a part (four) or another name (two).

    Where it could be the pronoun or a letter (`Malcolm X`, `I`), nothing is changed.

    Examples
    --------
    >>> expand_roman_numerals("Henry VIII, Act IV, Rocky II, XIX century, MIX")
    'Henry the Eighth, Act four, Rocky two, nineteenth century, MIX'
    """
    text = _ORDINAL.sub(lambda match: _numeral(match[1], say_ordinal), text)
    text = _PART_LIST.sub(_list, text)
    text = _PART_ONE.sub(r"\1 one", text)
    text = _PART.sub(lambda match: f"{match[1]} {_numeral(match[2], say_number)}", text)
    text = _RULER.sub(_ruler, _RULER_ONE.sub(r"\1 the First", text))
    return _SEQUEL.sub(lambda match: f"{match[1]} {_numeral(match[2], say_number)}", text)


def _numeral(numeral: str, say: Callable[[str], str]) -> str:
    return say(_ROMAN[numeral].lstrip("0")) if numeral in _ROMAN else numeral


def _list(match: re.Match) -> str:
    """`World Wars I and II`."""
    return match[1] + re.sub("[IVX]+", lambda part: _numeral(part[0], say_number), match[2])


def _ruler(match: re.Match) -> str:
    name, numeral = match[1] or match[3], match[2] or match[4]
    if numeral not in _ROMAN:
        return match[0]
    return f"{name} the {_numeral(numeral, say_ordinal).title()}"


def expand_acronyms(text: str) -> str:
    """Letter by letter where that is how they are said: `USB`, `PCs`, but not `NASA`.

    Examples
    --------
    >>> expand_acronyms("NASA asked the FBI for PCs with HTML")
    "NASA asked the F B I for P C's with H T M L"
    """
    text = _LETTER_A.sub(r"\1 ay", text)
    if not text.isupper():
        text = _AFTER_THE.sub(lambda match: " ".join(match[0]), text)
    return _WORD.sub(_acronym, text)


def _acronym(match: re.Match) -> str:
    said, capitals, ending, consonants = match.groups()
    if said:
        return _SAID[said]
    letters = capitals or consonants
    plain = letters.lower()
    is_spelled = letters in _SPELLED or set(plain).issubset(_CONSONANTS)
    if not is_spelled or _SOUNDS.fullmatch(plain):
        return match[0]
    spoken = " ".join("ay" if letter == "A" else letter for letter in letters.upper())
    return spoken + ("'s" if ending else "")
