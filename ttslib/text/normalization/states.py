"""The states of US addresses: `Austin, TX 78701`."""

import re

from ttslib.text.normalization.saying import say_number

__all__ = ["expand_states"]

_STATES = {
    **{"AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California"},
    **{"CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia"},
    **{"HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana"},
    **{"KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts"},
    **{"MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri"},
    **{"MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota"},
    **{"NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico"},
    **{"NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon"},
    **{"PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota"},
    **{"TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VT": "Vermont"},
    **{"WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming"},
}
_ANY_STATE = "|".join(_STATES)
_SOMETHING_ELSE = "HI|ID|IN|LA|MD|ME|MS|OK|OR"  # words and degrees: states only before a ZIP code
_STATE = re.compile(
    rf"(?<=,\s)(?:({_ANY_STATE})\s(\d{{5}})(?![\w-]|,\d)"
    rf"|(?<=[a-z],\s)(?!{_SOMETHING_ELSE})({_ANY_STATE})(?=[.,;:!?)]|\s[a-z]|\W*$))"
)


def expand_states(text: str) -> str:
    """Write out states behind a city, and read their ZIP codes digit by digit.

    Examples
    --------
    >>> expand_states("Austin, TX, and Portland, OR 97201")
    'Austin, Texas, and Portland, Oregon nine seven two zero one'
    """
    return _STATE.sub(_state, text)


def _state(match: re.Match) -> str:
    before_code, code, alone = match.groups()
    if alone:
        return _STATES[alone]
    return " ".join([_STATES[before_code], *map(say_number, code)])
