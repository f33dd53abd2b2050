"""Capitals that are letters: `FBI`, `PCs`, `vitamin A`."""

import re

__all__ = ["SAID", "expand_acronyms"]

# Spelled although they have a vowel. Without a vowel (HTML, TV), acronyms are always spelled; all
# others (NASA, OPEC) are words.
_SPELLED = frozenset(
    "AA ABC AC AI AKA AMC AOL APA API ASAP ATF ATM BA CEO CFO CI CIA CIO COO CPA CPU CTO DEA "
    "DIY DNA DOA DOJ EAN EDT EEG EKG EMT EPA EPS ESL ESPN EST ETA ETF EU EV FAA FAQ FBI FDA FEC "
    "FYI GED GIS GPA GPU GTA GUI HBO HIV HOA IBM ICU ID IDE IEEE IMF IO IOU IP IPA IPO IQ IRS "
    "ISBN ISO ISP ISS ISSN IUD IV IVF LA LAX LED MBA MIT MLA MRI NAACP NBA NCAA NGO NIH NPR NRA "
    "NSA NY NYC NYPD NYU OCD OECD OEM OMG OS OST OT OTC PDA POV PSA PTA QA RAF RNA ROI RPG SEC "
    "SEO SOS SUV TBA TSA UAE UAV UCLA UFO UI UK UN UPC UPS URI URL USA USAF USB USC "
    "USDA USPS USS USSR UTC UV UX VIP XML".split()
)
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_SOUNDS = re.compile(
    r"(?:h+m+|m+|s+h+|b+r+|g+r+|z+|p+f+t*|p+s+t+|t+s+k|m+h+m+|n?th|[mds]rs?|ms|st|[jl]r)"
)
SAID = {
    **{"PhD": "P H D", "PhDs": "P H D's", "iOS": "I O S", "macOS": "mac O S"},
    **{"WWI": "World War one", "WWII": "World War two"},
    **{"MacBook": "Mac Book", "IPv": "I P V", "IoT": "I O T", "VoIP": "voip", "SaaS": "sass"},
    **{
        "OAuth": "O Auth",
        "LaTeX": "lay tek",
        "TeX": "tek",
        "arXiv": "archive",
        "NaN": "nan",
        "pH": "P H",
    },
    **{"DDoS": "D doss", "DoS": "doss", "BSc": "B S C", "MSc": "M S C", "WiFi": "Wi-Fi"},
    **{"JavaScript": "Java Script", "CoV": "Co V", "eV": "E V"},
    **{f"{kind}NA": f"{kind[:-1].upper()} R N ay" for kind in ("mR", "tR", "rR", "siR", "miR")},
    **{"pls": "please", "thx": "thanks", "msg": "message", "btwn": "between"},
}
"""Words with an irregular reading."""

_WORD = re.compile(
    rf"(?<![\w'])(?:({'|'.join(sorted(SAID, key=len, reverse=True))})(?:(?='s\b)|(?![\w']))"
    rf"|([A-Z]{{2,6}})('?s'?)?(?![\w'])|([{_CONSONANTS}]{{2,5}})(?![\w']))"
)
_AFTER_THE = re.compile(
    r"(?<=\b[Tt]he\s)(US|WHO|ER)\b|\bUS(?='s|\s[A-Z][a-z])|\bIT(?=\s(?:dep|sup))"
)
_LETTER_A = re.compile(
    r"(?i:\b(vitamin|plan|type|grade|group|point|team|side|section|part|class|exhibit|appendix"
    r"|hepatitis|option|gate|row|level|schedule))\s(A)(?![\w'])"
)
_ALONE = re.compile(r"\s*([Aa])([.,;:!?]*)\s*")


def expand_acronyms(text: str) -> str:
    """Write acronyms that are spelled as separate letters: `USB`, `PCs`, but not `NASA`.

    Examples
    --------
    >>> expand_acronyms("NASA asked the FBI for PCs with HTML")
    "NASA asked the F B I for P C's with H T M L"
    """
    if alone := _ALONE.fullmatch(text):
        return "ay" + alone[2]
    text = _LETTER_A.sub(r"\1 ay", text)
    if not text.isupper():
        text = _AFTER_THE.sub(lambda match: " ".join(match[0]), text)
    return _WORD.sub(_acronym, text)


def _acronym(match: re.Match) -> str:
    said, capitals, ending, consonants = match.groups()
    if said:
        return SAID[said]
    letters = capitals or consonants
    plain = letters.lower()
    is_spelled = letters in _SPELLED or set(plain).issubset(_CONSONANTS)
    if not is_spelled or _SOUNDS.fullmatch(plain):
        return match[0]
    spoken = " ".join("ay" if letter == "A" else letter for letter in letters.upper())
    return spoken + ("'s" if ending else "")
