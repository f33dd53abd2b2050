"""Street addresses: `12 Oak Ln Apt 4B`, `Sunset Blvd`, `Main Ave NW`, `PO Box 9`."""

import re
from collections.abc import Callable

from ttslib.text.normalization.saying import say_pairs

__all__ = ["MAYBE_STREET", "STREETS", "expand_streets"]

STREETS = {
    **{"Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Hwy": "Highway"},
    **{"Pkwy": "Parkway", "Fwy": "Freeway", "Expy": "Expressway", "St": "Street", "Dr": "Drive"},
    **{"Ct": "Court", "Pl": "Place", "Sq": "Square", "Ter": "Terrace", "Cir": "Circle"},
}
"""Words for a street, by their abbreviation."""

_POINTS = {
    **{"N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast"},
    **{"NW": "Northwest", "SE": "Southeast", "SW": "Southwest"},
}
_PARTS = {"Apt": "apartment", "Ste": "suite", "Bldg": "building", "Fl": "floor", "Rm": "room"}

_NAME = r"(?:[A-Z][\w']*|\d+(?:st|nd|rd|th))"
_NO_STREET = (  # capitals before `Dr.` for a doctor
    "Thanks|Thank|Hello|Hi|Hey|Dear|Yes|No|Morning|Afternoon|Evening|Ask|Tell|Call|See|Sorry|Please"
    "|The|A|An|This|That|My|Our|Your|His|Her|Their|Is|And|But|So|Then|When|If|As|With|To|Of|Mr|Mrs|Ms"
)
_GOES_ON = r"(?=\.?,|\.?\s+[a-z]|\.?\W*$|\.?\s(?:[NS][EW]?|[EW]|Apt|Ste)\b|\s#?\d)"
_AT_A_NUMBER = re.compile(
    rf"(?<=\d\s)((?:[A-Z0-9][\w.']{{0,15}}\s){{1,3}})({'|'.join(STREETS)})(?:\.|{_GOES_ON})"
)
_NAMED = re.compile(
    rf"\b({_NAME})\s(Ave(?!\sMaria)|Blvd|Rd|Ln|Hwy|Pkwy|Fwy|Expy)\b\.?"
    rf"|\b(?!(?:{_NO_STREET})\b)({_NAME})\s(St|Dr)\b{_GOES_ON}\.?"
)
_BEFORE_A_NAME = re.compile(
    r"(?:(?<=\d\s)([NS][EW]|[NSEW])\.?|(?<![\w.])([NSEW])\.)\s"
    r"(?=(?:\w{2,15}\s){1,2}(?:St|Ave|Blvd|Rd|Dr|Ln|Street|Avenue|Boulevard|Road|Drive|Lane)\b)"
)
_BEHIND_A_NAME = re.compile(rf"\b({'|'.join(STREETS.values())})\s([NS][EW]|[NSEW])\b(?!['.]?\w)")
_HOUSE = re.compile(
    rf"(?<![\w.,$/-])([1-9]\d{{2,3}})(?=\s(?:{_NAME}\s){{1,3}}(?:{'|'.join(STREETS.values())})\b)"
)
_POINT_OF = re.compile(
    r"\b([NS][EW])(?=\s(?:of|corner|side|winds?|coast|Asia|Europe|Africa|England|London|Portland|Washington)\b)"
)
_PART = re.compile(rf"\b({'|'.join(_PARTS)})\s(?=#?\d|[A-Z]\b)")
MAYBE_STREET = re.compile(rf"\b(?:{'|'.join((*STREETS, *_PARTS, *_POINTS))})\b|P\.?\s?O\b")
"""A pattern found in every text that `expand_streets` changes."""

_BOX = re.compile(r"\bP\.?\s?O\.?\s(?=Box\b)")


def expand_streets(text: str, *, dot: Callable[[re.Match, str], str]) -> str:
    """Write out the abbreviations in addresses.

    Parameters
    ----------
    text : str
        A text with digits or a street's abbreviation.
    dot : callable
        Returns the dot that a sentence needs after a match with the given last word.

    Examples
    --------
    >>> expand_streets("772 Oak Ln Apt 4B, Vine St NW", dot=lambda *_: "")
    'seven seventy-two Oak Lane apartment 4B, Vine Street Northwest'
    """

    def named(match: re.Match) -> str:
        name, street = (group for group in match.groups() if group)
        street = STREETS[street]
        ends = dot(match, street) if match[0].endswith(".") else ""
        return f"{name.rstrip()} {street}{ends}"

    text = _BOX.sub("P O ", text)
    text = _BEFORE_A_NAME.sub(lambda match: f"{_POINTS[match[1] or match[2]]} ", text)
    text = _NAMED.sub(named, _AT_A_NUMBER.sub(named, text))
    text = _BEHIND_A_NAME.sub(lambda match: f"{match[1]} {_POINTS[match[2]]}", text)
    text = _HOUSE.sub(lambda match: say_pairs(match[1]), text)
    text = _POINT_OF.sub(lambda match: _POINTS[match[1]].lower(), text)
    return _PART.sub(lambda match: f"{_PARTS[match[1]]} ", text)
