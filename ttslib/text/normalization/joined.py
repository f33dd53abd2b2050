"""Words joined by capitals: `OpenAI`, `GitHub`, `getUserName`, but not `McDonald`."""

import re

from ttslib.text.normalization.acronyms import SAID
from ttslib.text.normalization.units import is_unit

__all__ = ["part_joined_words"]

_JOINED = re.compile(
    r"(?<![A-Za-z'])(?=[A-Za-z]{0,30}[a-z][A-Z]|[A-Z]{2,12}[a-z]{3})[A-Za-z]{3,40}(?![A-Za-z])"
)
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})")
_WHOLE = re.compile(
    # McDonald, LeBron
    r"(?:Mc|Mac|Ma|De|Del|Della|Di|Da|Du|Des|La|Le|Lo|Van|Vander|Von|Fitz|St|Ste|San|Al|El|Ben|Jo|Lu|Ru)"
    r"[A-Z][a-z]+"
    r"|[A-Z]+(?:s|ed|ing|ers?|ish|st|nd|rd|th)"  # PCs, RSVPed, XVIIIth
)


def part_joined_words(text: str) -> str:
    """Put a space where a capital begins a word within a word.

    Examples
    --------
    >>> part_joined_words("OpenAI, MySQL and XMLHttp; McDonald, PCs, 5 kHz")
    'Open AI, My SQL and XML Http; McDonald, PCs, 5 kHz'
    """
    return _JOINED.sub(_parted, text)


def _parted(match: re.Match) -> str:
    word = match[0]
    if word in SAID or is_unit(word) or _WHOLE.fullmatch(word):
        return word
    return _JOINTS.sub(" ", word)
