"""Abbreviations with a dot: titles, initials, `U.S.`, `etc.`, `Main St.`, `p. 5`."""

import re

from ttslib.text.normalization.streets import MAYBE_STREET, STREETS, expand_streets

__all__ = ["ABBREVIATIONS", "ends_sentence", "expand_abbreviations"]

ABBREVIATIONS = {
    **{"mr": "Mister", "mrs": "Missus", "ms": "Miz", "dr": "Doctor", "prof": "Professor"},
    **{"capt": "Captain", "col": "Colonel", "gen": "General", "gov": "Governor"},
    **{"lt": "Lieutenant", "rev": "Reverend", "sgt": "Sergeant", "st": "Saint", "mt": "Mount"},
    **{"vs": "versus", "e.g": "for example", "i.e": "that is", "approx": "approximately"},
    **{"dept": "department", "fig": "figure", "viz": "namely", "cf": "compare"},
    **{"univ": "University", "assn": "Association", "govt": "government"},
}
"""Abbreviations before another word. Their dot, omitted here, never ends a sentence."""

_TITLES = {  # with a capital only, before a name
    **{"Adm": "Admiral", "Cmdr": "Commander", "Cpl": "Corporal", "Det": "Detective"},
    **{"Fr": "Father", "Ft": "Fort", "Hon": "Honorable", "Maj": "Major", "Messrs": "Messieurs"},
    **{"Mme": "Madame", "Mlle": "Mademoiselle", "Msgr": "Monsignor", "Pres": "President"},
    **{"Pvt": "Private", "Rep": "Representative", "Sen": "Senator", "Supt": "Superintendent"},
}
_CLOSING = {  # often a sentence's last word: the dot then ends the sentence, too
    **{"etc": "et cetera", "a.m": "ay em", "p.m": "pee em", "jr": "Junior", "sr": "Senior"},
    **{"inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "co": "Company"},
    **{"bros": "Brothers", "esq": "Esquire", "ph.d": "P H D", "et al": "et al"},
    **{short.lower(): street for short, street in STREETS.items() if len(short) > 2},
    **{"rd": "Road", "ln": "Lane"},
    **{"avg": "average", "max": "maximum", "incl": "including", "excl": "excluding"},
    **{"misc": "miscellaneous", "qty": "quantity", "amt": "amount", "acct": "account"},
    **{"mgr": "manager", "asst": "assistant", "assoc": "associate", "bldg": "building"},
    **{"esp": "especially", "exec": "executive", "intl": "international", "natl": "national"},
    **{"mfg": "manufacturing", "orig": "original", "pkg": "package", "prev": "previous"},
    **{"ref": "reference", "std": "standard", "temp": "temperature", "attn": "attention"},
    **{"cont": "continued", "dia": "diameter", "elev": "elevation", "freq": "frequency"},
    **{"illus": "illustrated", "lang": "language", "min": "minimum", "wt": "weight"},
}
_BEFORE_NUMBERS = {
    **{"no": "number", "nos": "numbers", "p": "page", "pp": "pages", "vol": "volume"},
    **{"ch": "chapter", "sec": "section", "eq": "equation", "figs": "figures", "pt": "part"},
    **{"art": "article", "c": "circa", "ca": "circa", "b": "born", "d": "died", "l": "line"},
    **{"apt": "apartment", "ste": "suite", "rm": "room", "rte": "route", "ext": "extension"},
    **{"est": "established", "tel": "telephone", "ver": "version"},
}
_ALWAYS = {  # also without a dot
    **{"c/o": "care of", "gov't": "government", "int'l": "international", "nat'l": "national"},
    **{"avg": "average", "mgmt": "management", "approx": "approximately", "dept": "department"},
    **{"w/in": "within", "y/o": "year old"},
}
_MONTHS = frozenset("Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec".split())
_AFTER_A_TIME = frozenset(
    "Eastern Central Mountain Pacific EST EDT CST CDT MST PST PDT GMT UTC Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday".split()
)

_STARTERS = frozenset(  # not names: they begin a sentence, so no surname follows the initial
    "A After An And As At Before But Do Don't He Her His How However I I'm If In It It's Its My No "
    "Not Now On Or Our She So That That's The Their Then There These They This Those To We Well "
    "What When Where While Who Why Yes You Your".split()
)
_NUMBER_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|minus|point|half|squared|cubed"
    r"|\w*(?:teen|ty|dred|sand|lion|th))"
)
_LETTERED = re.compile(  # these go before a letter that is no initial: plan B, vitamin C, five K.
    r"\b(?:appendix|class|column|exhibit|figure|gate|grade|group|hepatitis|level|option|part|phase"
    r"|plan|point|row|section|side|step|table|team|type|vitamin|[A-Z]|ay"
    rf"|{_NUMBER_WORD}|\w*\d)\s$",
    re.IGNORECASE,
)

_LEADING = "|".join(map(re.escape, ABBREVIATIONS))
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z])(?:Mrs?|Ms|Dr|vs)(?![A-Za-z.])|(?<![A-Za-z.'])(?:"
    rf"(?!ms\b)(?!(?<=\d)st)(?i:{_LEADING})\."  # not in "5 ms."
    rf"|(?!(?<=\d)rd)(?i:{'|'.join(map(re.escape, _CLOSING))})\.(?<!\d\smin\.)(?<!\dmin\.)"
    rf"|(?:{'|'.join(_TITLES)})\.(?=\s[A-Z]))"
)
_BEFORE_NUMBER = re.compile(
    rf"\b(?:((?i:{'|'.join(k for k in _BEFORE_NUMBERS if len(k) > 1)}))"
    rf"|([{''.join(k for k in _BEFORE_NUMBERS if len(k) == 1)}]))\.\s?(?=\d)"
)
_NUMBER_OF = re.compile(r"\b([Nn]o)\.\sof\b(?!\scourse)")
_VERSUS = re.compile(r"v\b(?<=[\w.]\sv)(?:\.(?=\s[A-Z])|(?=\s[A-Z][a-z]))")  # Roe v. Wade
_EDITION = re.compile(r"(?<=\d(?:st|nd|rd|th)\s)ed\b\.?")
_ALWAYS_SHORT = re.compile(
    rf"(?:{'|'.join(rf'(?<![A-Za-z_/.]){short}' for short in _ALWAYS)})(?![A-Za-z_'/.])"
)
_HALF_OF_DAY = re.compile(r"(?i)(?:(?<=\d)\s?([ap])m|(?<=:\d\d)([ap]))\b(?!\.?\w)")
_SAINT = re.compile(
    rf"(\b(?:[A-Z]\w*|\w*\d|{_NUMBER_WORD})\s+St\b)|(?<![\w'-])St(?=[\s/][A-Z][a-z])"  # not Main St
)
_STREET = re.compile(rf"(?<![A-Za-z])St\.(?:(?=\W*$|\s(?:{'|'.join(_STARTERS)})\b)|(?!\s[A-Z]))")
_DOTTED = re.compile(r"(?<![A-Za-z.'])(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?")
_DOTTED_AND_S = re.compile(r"(?<![A-Za-z.'])((?:Ph\.D|(?:[A-Z]\.)+[A-Z])\.)'?s\b")
_INITIALS = re.compile(
    rf"(?<![\w.'-])([A-HJ-Z]\.\s?(?:[A-Z]\.\s?)*)(?=([A-Z][\w']*)|(?!the\b|{_NUMBER_WORD}\b)[a-z]{{2}})"
)
_DOMAIN = re.compile(
    r"(?<=[A-Za-z])(?<!\.[A-Za-z])\.(?=[a-z]{2})(?!al\b)|(?<=[a-z]{2})\.(?=[a-z]\b)(?!.\.)"
)  # normalize.py
_FOLLOWING = re.compile(r"\s+([\w']{1,20})|(\W*$)")


def expand_abbreviations(text: str) -> str:
    """Write out titles, initials and other abbreviations; keep a dot that ends a sentence.

    Examples
    --------
    >>> expand_abbreviations("Dr. J. R. Lee of the U.S. Army, p. 5, etc.")
    'Doctor J R Lee of the U S Army, page 5, et cetera.'
    """
    if "." in text[:-1]:
        text = _DOMAIN.sub(" dot ", text)
        text = _BEFORE_NUMBER.sub(lambda m: f"{_BEFORE_NUMBERS[(m[1] or m[2]).lower()]} ", text)
        text = _NUMBER_OF.sub(lambda match: f"{match[1].replace('o', 'umber')} of", text)
        text = _EDITION.sub("edition", text)
    text = _HALF_OF_DAY.sub(lambda m: f" {_CLOSING[f'{(m[1] or m[2]).lower()}.m']}", text)
    if MAYBE_STREET.search(text):
        text = expand_streets(text, dot=_dot)
    text = _ALWAYS_SHORT.sub(lambda match: _ALWAYS[match[0]], _VERSUS.sub("versus", text))
    if "St" in text:
        text = _SAINT.sub(lambda match: match[1] or "Saint", text)
        text = _STREET.sub(lambda match: "Street" + _dot(match, "Street"), text)
    if "." in text[:-1]:
        text = _DOTTED_AND_S.sub(lambda match: f"{_letters(match[1].upper())}'s", text)
    text = _DOTTED.sub(_spell, _ABBREVIATION.sub(_expand, text))
    return _INITIALS.sub(_initials, text) if "." in text else text


def ends_sentence(word: str, following: str) -> bool:
    """Return True if a dot after `word` ends the sentence when `following` is the next word.

    Parameters
    ----------
    word : str
        The word before the dot: `Dr`, `U.S`, `etc`, `home`.
    following : str
        The next word, or an empty string at the end of the text.

    Examples
    --------
    >>> ends_sentence("Dr", "Lee"), ends_sentence("U.S", "Army"), ends_sentence("U.S", "The")
    (False, False, True)
    """
    lower = word.lower()
    if not following:
        return True
    if lower in ABBREVIATIONS or word in ("v", *_TITLES) or following in _AFTER_A_TIME:
        return False
    if lower in ("etc", "a.m", "p.m"):
        return following[0].isupper()
    if lower in _CLOSING or word in ("Street", "Drive") or re.fullmatch(r"(?:\w\.)*[^\WI]", word):
        return following in _STARTERS
    if following[0].isdigit():
        return lower not in _BEFORE_NUMBERS and word[:3] not in _MONTHS
    return True


def _dot(match: re.Match, word: str) -> str:
    """Return the dot that the sentence needs after an abbreviation is written out."""
    following = _FOLLOWING.match(match.string, match.end())
    if not following:  # another mark, or the word continues
        return ""
    return "." if ends_sentence(word, following[1] or "") else ""


def _expand(match: re.Match) -> str:
    word = match[0].removesuffix(".")
    lower = word.lower()
    words = _CLOSING.get(lower) or ABBREVIATIONS.get(lower) or _TITLES[word]
    return words + (_dot(match, word) if match[0] != word else "")


def _letters(dotted: str) -> str:
    return " ".join("ay" if letter in "aA" else letter for letter in dotted if letter.isalpha())


def _spell(match: re.Match) -> str:
    return _letters(match[0]) + _dot(match, match[0].removesuffix("."))


def _initials(match: re.Match) -> str:
    before = match.string[max(0, match.start() - 14) : match.start()]
    if match[2] in _STARTERS or _LETTERED.search(before):
        return match[0]
    letters = [letter for letter in match[1] if letter.isalpha()]
    return " ".join("ay" if letter == "A" else letter for letter in letters) + " "
