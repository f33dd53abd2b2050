"""Roman numerals: of rulers (`Henry VIII`), parts (`Chapter IV`) and products (`Saturn V`)."""

import re
from collections.abc import Callable

from ttslib.text.normalization.saying import say_number, say_ordinal

__all__ = ["expand_roman_numerals"]

_ONES = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
_TENS = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"]
_ROMAN = {tens + ones: f"{t}{o}" for t, tens in enumerate(_TENS) for o, ones in enumerate(_ONES)}
_NAMES = (
    "Abdullah|Adrian|Akbar|Albert|Alexander|Alfonso|Alfred|Amenhotep|Arthur|Baldwin|Baudouin|Benedict"
    "|Boniface|Carl|Catherine|Celestine|Charles|Christian|Clement|Cleopatra|Constantine|Cyrus|Darius"
    "|David|Edmund|Edward|Elizabeth|Emmanuel|Eric|Felipe|Ferdinand|Francis|Franz|Frederick|Friedrich"
    "|George|Gregory|Gustaf|Gustav|Haakon|Hamid|Harald|Hassan|Henri|Henry|Honorius|Hussein|Innocent"
    "|Ivan|James|John|Joseph|Juan|Julius|Justinian|Leo|Leopold|Louis|Ludwig|Magnus|Malcolm|Margaret"
    "|Margrethe|Maria|Martin|Mary|Maximilian|Mehmed|Michael|Mohammed|Murad|Napoleon|Nicholas|Olaf|Olav"
    "|Oscar|Otto|Paul|Pedro|Peter|Philip|Philippe|Pius|Ptolemy|Rama|Ramesses|Ramses|Richard|Robert"
    "|Rudolf|Selim|Sigismund|Sixtus|Stephen|Suleiman|Thomas|Thurston|Thutmose|Umberto|Urban|Victor"
    "|Wilhelm|William|Willem|Xerxes"
)
_PARTS = (
    "chapter|part|book|act|scene|volume|section|article|appendix|phase|type|class|stage|title"
    "|canto|psalm|world war|episode|round|figure|table|unit|group|mark|category|super bowl"
)
_PRODUCTS = (  # after these, a single V or X is a number
    "Apollo|Civ|Civilization|Diablo|Elder Scrolls|Fallout|Fantasy|GTA|Theft Auto|Phone|OS"
    "|Resident Evil|Rocky|Saturn|Star Trek|Star Wars|Street Fighter|Tekken|Titan|Ultima"
)
_NO_PRONOUN = (
    r"(?!'|\s[A-Z]\b|\s(?:am|was|have|had|do|did|like|love|read|saw|think|know|want|need|wrote)\b)"
)
_PART = re.compile(rf"\b((?i:{_PARTS})s?)\s([IVXL]{{2,7}}|[VX](?!\s[A-Z]\b))\b")
_PART_LIST = re.compile(rf"\b((?i:{_PARTS})s)((?:(?:,? and|,? or| to|,)? [IVX]{{1,6}}\b){{2,6}})")
_PART_ONE = re.compile(rf"\b((?:{_PARTS.title()}|{_PARTS.upper()}))\sI\b{_NO_PRONOUN}(?!-)")
_RULER = re.compile(
    rf"\b((?:{_NAMES})(?:\s[A-Z][a-z]{{1,15}}){{0,2}})\s([IVX]{{2,7}})\b"
    rf"|\b(?!Malcolm)({_NAMES})\s([VX])\b(?!\.?\s?[A-Z]\b)"
)
_RULER_ONE = re.compile(
    r"\b((?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Shah)"
    rf"(?:\s[A-Z][a-z]{{1,15}}){{1,2}})\sI\b{_NO_PRONOUN}"
    rf"|\b({_NAMES})\sI\b(?='s\b|\sof\s[A-Z])"
)
_PRODUCT = re.compile(rf"\b({_PRODUCTS})\s([VX])\b(?!')")
_SEQUEL = re.compile(r"\b((?!The|An?\b|This|That|No\b)[A-Z][A-Za-z]{1,20})\s([IVX]{2,6})\b")
_ORDINAL = re.compile(r"\b([IVXL]{2,7}|[VX])(?:(?:st|nd|rd|th)\b|(?=\s[Cc]entur))")


def expand_roman_numerals(text: str) -> str:
    """Write Roman numerals as words after a ruler (the Eighth), a part (four) or a name (two).

    Possible pronouns or letters (`Malcolm X`, `I`) are unchanged.

    Examples
    --------
    >>> expand_roman_numerals("Henry VIII, Act IV, Rocky II, XIX century, MIX")
    'Henry the Eighth, Act four, Rocky two, nineteenth century, MIX'
    """
    text = _ORDINAL.sub(lambda match: _numeral(match[1], say_ordinal), text)
    text = _PART_LIST.sub(_list, text)
    text = _PART_ONE.sub(r"\1 one", text)
    text = _PART.sub(_counted, text)
    text = _RULER_ONE.sub(lambda match: f"{match[1] or match[2]} the First", text)
    text = _PRODUCT.sub(_counted, _RULER.sub(_ruler, text))
    return _SEQUEL.sub(_counted, text)


def _numeral(numeral: str, say: Callable[[str], str]) -> str:
    return say(_ROMAN[numeral].lstrip("0")) if numeral in _ROMAN else numeral


def _counted(match: re.Match) -> str:
    return f"{match[1]} {_numeral(match[2], say_number)}"


def _list(match: re.Match) -> str:
    """Write the numerals of `World Wars I and II` as words."""
    return match[1] + re.sub("[IVX]+", lambda part: _numeral(part[0], say_number), match[2])


def _ruler(match: re.Match) -> str:
    name, numeral = match[1] or match[3], match[2] or match[4]
    if numeral not in _ROMAN:
        return match[0]
    return f"{name} the {_numeral(numeral, say_ordinal).title()}"
