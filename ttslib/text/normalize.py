"""Turn written text into spoken words: `Dr. Lee paid $3` into `Doctor Lee paid three dollars`.

The output is always ASCII letters, apostrophes, spaces and `, . ? ! ; : -`. So a model has few
symbols to learn and sees each of them often.

num2words turns numbers into words; this package finds the numbers and determines their kinds.
Other libraries do so, too: wetext 0.1.8 reads $3.50 as "three point five dollars", ignores Roman
numerals, raises errors on some strings, and takes more than linear time. nemo_text_processing needs
pynini, 165 MB; `benchmarks/bench_normalization.py` compares with it. Names for emoji (emoji) and
other scripts (anyascii) aren't what a narrator would read.

References
----------
Sproat et al. 2001, Normalization of non-standard words, Computer Speech & Language 15(3).
"""

import re
import unicodedata
import warnings
from functools import lru_cache

from ttslib.text.normalization.abbreviations import expand_abbreviations
from ttslib.text.normalization.acronyms import expand_acronyms
from ttslib.text.normalization.calendar import expand_calendar
from ttslib.text.normalization.codes import expand_codes
from ttslib.text.normalization.dates import expand_dates
from ttslib.text.normalization.folding import SIGNS_BEYOND_ASCII, fold
from ttslib.text.normalization.formulas import expand_formulas
from ttslib.text.normalization.joined import part_joined_words
from ttslib.text.normalization.marks import MARKS, set_marks, tidy_marks
from ttslib.text.normalization.measures import expand_measures, expand_units
from ttslib.text.normalization.numbers import expand_minus, expand_numbers
from ttslib.text.normalization.numerals import expand_roman_numerals
from ttslib.text.normalization.ranges import expand_ranges
from ttslib.text.normalization.states import expand_states
from ttslib.text.normalization.symbols import drop_slashes, expand_addresses, expand_symbols
from ttslib.text.normalization.times import expand_durations, expand_times

__all__ = ["MARKS", "normalize_text"]

# Each pass reads the output of the passes before it, so their order matters. Addresses and codes
# come first, before another pass takes their dots, dashes and digits. Then come symbols and
# abbreviations; then numbers, from those with the most context to bare digits; capitals come last.
# A pass runs only if its trigger is found, which keeps plain text fast.
_SYMBOL = r"[^\w\s.,;:?!'–°£€¥₹$-]|_|[$£€¥₹](?!\s?\.?\d)|(?<![\d ])\s?°|\d[eE]|/"
_BARE_UNIT = (
    r"/[a-zWA°]|\b(?:[kMGT]?Hz|[kMGT]Wh|kW|k[mg]|[cm]m|m[glL]|mp[hg]|kph|lbs?|oz|ft|hrs|mins|yrs|secs|per"
    r"|[kMG]bps|dBA?)\b"
)
_SHORTENED = (
    r"\.|\d\s?[AaPp][Mm]?\b|[a-z]/[a-z]|'[tl]"
    r"|\b(?:Mrs?|Ms|Dr|vs?|St|Ave|Blvd|Rd|Ln|[HPF]k?wy|Expy|Ct|Pl|Sq|Ter|Cir|Apt|Ste|Bldg|Fl|Rm|PO"
    r"|[NS][EW]?|avg|mgmt)\b"
)
_TRIGGERS = [
    (r"[@#/.\\]", expand_addresses),  # jane@example.org, while its dots are together
    (r",\s[A-Z]{2}\b", expand_states),  # Austin, TX 78701
    (r"\d", expand_codes),  # 555-0123 isn't a range, and the + of +1 isn't a plus
    # 3m 20s, before twenty seconds are the twenties
    (r"\d\s?[dhm]\s?\d|0\d{3}\s?h|:\d\d:\d\d|\dT\d", expand_durations),
    (_SYMBOL, expand_symbols),  # leaves letters, digits, marks and the signs of amounts
    (r"[?!.;:,–-]", tidy_marks),  # `Mr .` becomes `Mr.`, for the next passes
    (r"[A-Z](?<=[a-z][A-Z])|[A-Z]{3}[a-z]{2}", part_joined_words),  # OakSt, before St is read
    (r"[A-Z][a-z]?[A-Z]", expand_formulas),  # that the last pass has found
    (_SHORTENED, expand_abbreviations),
    (r"\b(?:Jan|Feb|Ma|Apr|Ju|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)", expand_calendar),
    (r"\d", expand_dates),  # 3-14-2015 isn't a range, and 1990s aren't seconds
    (r"\d", expand_ranges),  # 3-5 pm, 5-10 km: before either end is words
    (r"-[$£€¥₹.]?\d", expand_minus),  # -5°C, before 5°C is words
    (r"\d:", expand_times),
    (r"\d", expand_measures),  # the number decides between dollar and dollars
    (r"\d", expand_numbers),  # all remaining digits
    (_BARE_UNIT, expand_units),  # in km/h, while its slash is there
    (r"/", drop_slashes),  # and/or, now that km/h is words
    (r"[IVXL]{2}|\b[IVX]\b", expand_roman_numerals),  # before IV is an acronym
    (r"[A-Z](?<=[A-Za-z][A-Z])|A\b|^a\b|\b[^aeiouyAEIOUY\W\d]{2,5}\b", expand_acronyms),
]
_ROUNDS = 3
_UNSETTLED = re.compile(  # a pass may uncover what an earlier one reads: the Mon of Mon60
    r"[A-Z]{2}[a-z]|[a-z][A-Z]|[A-Z]\.\s|\bv\s[A-Z]|\b(?:v|[A-Z][a-z]{1,3})\.\s[A-Z]|\b[a-z]{3,4}\.\s[a-z]"
    r"|\b(?:max|min|temp|ref|std|avg)\."
    r"|\b(?:Avenue|Street|Road|Drive|Lane)\s[NSEW]{1,2}\b"
    r"|\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thu|Fri|Sat|Sun"
    r"|St|Dr|Mrs?|Ms|Ave|Rd|Ln|Blvd|[HPF]k?wy|Expy|Apt|Ste|N[EW]|S[EW])\b"
)
_PASSES = [(re.compile(trigger), expand) for trigger, expand in _TRIGGERS]


def normalize_text(text: str) -> str:
    """Write `text` out as it is spoken; any string works.

    Numbers of all kinds, dates, times, money, units, addresses, symbols, abbreviations, acronyms
    and Roman numerals become words, as in American English; accents are folded (`café` -> `cafe`).
    Line breaks that pause become commas or periods. Marks follow their word, one at a time
    (`Really?!` -> `Really?`); a dash between words is ` - `. Case is kept. Spelled letters stay
    letters, except A, which becomes `ay` so that it isn't read as the article. Characters without a
    known sound (emoji, other scripts) are left out, and a warning names them. Normalizing the
    output again changes nothing.

    Parameters
    ----------
    text : str
        Any string, of any length.

    Returns
    -------
    str
        ASCII letters, apostrophes, single spaces and `, . ? ! ; : -`; empty if nothing is left.

    Raises
    ------
    ValueError
        If `text` is not a string.

    Examples
    --------
    >>> normalize_text("Dr. Lee paid $3.50 in 1984 — really?!")
    'Doctor Lee paid three dollars and fifty cents in nineteen eighty-four - really?'

    Taught in: notebooks/03_tokenization
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be a str, got {type(text).__name__}: decode or convert it")
    text = fold(text)
    if not text.isascii():
        text = _leave_out_silent(text)
    return _spoken(text)


@lru_cache(maxsize=4096)  # a training encodes the same texts again and again
def _spoken(text: str) -> str:
    """Run the passes until they find no more."""
    for _ in range(_ROUNDS):
        before = text
        for trigger, expand in _PASSES:
            if trigger.search(text):
                text = expand(text)
        text = set_marks(text)
        if text == before or not _UNSETTLED.search(text):
            break
    return text


def _leave_out_silent(text: str) -> str:
    """Drop what no later pass reads; warn if it has letters, numbers or symbols."""
    dropped = [c for c in unicodedata.normalize("NFC", text) if not _is_read(c)]
    named = [c for c in dropped if unicodedata.category(c)[0] in "LNS"]
    if named:
        shown = "".join(named[:20]) + ("..." if len(named) > 20 else "")
        warnings.warn(f"no sound is known for {shown!r}: left out", stacklevel=3)
    return " ".join("".join(c if _is_read(c) else " " for c in text).split())


def _is_read(character: str) -> bool:
    return character.isascii() or character in SIGNS_BEYOND_ASCII
