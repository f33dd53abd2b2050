"""What is written, as it is said: `Dr. Lee paid $3` becomes `Doctor Lee paid three dollars`.

Whatever comes in, what goes out is ASCII letters, apostrophes, spaces and `, . ? ! ; : -`, so that
a model needs to learn few symbols and meets each of them often.

Numbers are put into words by num2words; finding them and telling their kinds apart is done here.
Of the libraries that do that too, wetext 0.1.8 reads $3.50 as "three point five dollars", leaves
Roman numerals, raises on some strings and takes more than twice the time for twice the text;
nemo_text_processing needs pynini, 165 MB. Names for emoji (emoji) and other scripts (anyascii) are
not what a narrator would say.

References
----------
Sproat et al. 2001, Normalization of non-standard words, Computer Speech & Language 15(3).
"""

import re
import unicodedata
import warnings

from ttslib.text.normalization.abbreviations import expand_abbreviations
from ttslib.text.normalization.capitals import expand_acronyms, expand_roman_numerals
from ttslib.text.normalization.codes import expand_codes
from ttslib.text.normalization.dates import expand_dates, expand_times
from ttslib.text.normalization.folding import SIGNS_BEYOND_ASCII, fold
from ttslib.text.normalization.marks import MARKS, set_marks, tidy_marks
from ttslib.text.normalization.measures import expand_measures, expand_ranges
from ttslib.text.normalization.numbers import expand_minus, expand_numbers
from ttslib.text.normalization.symbols import drop_slashes, expand_addresses, expand_symbols

__all__ = ["MARKS", "normalize_text"]

# Each pass reads what those before it have left, so their order is what decides: first what is
# written with many signs, whose dots, dashes and digits would else be taken one by one; then signs
# and abbreviations; then numbers, from those with the most around them to bare digits; capitals
# last. A pass runs only where its sign is found, which is what makes plain text quick.
_SYMBOL = r"[^\w\s.,;:?!'–°£€¥₹$-]|_|[$£€¥₹](?!\s?\.?\d)|(?<![\d ])\s?°|\d[eE]|/"
_PASSES = [
    (r"[@#/.\\]", expand_addresses),  # jane@example.org, while its dots are together
    (r"\d", expand_codes),  # 555-0123 is no range, and the + of +1 no plus
    (_SYMBOL, expand_symbols),  # leaves letters, digits, marks and the signs of amounts
    (r"[?!.;:,–-]", tidy_marks),  # what is behind a word now counts: `Mr .` is `Mr.`
    (r"\.|\d\s?[AaPp][Mm]?\b|Mr|Ms|Dr|vs|St|\b[NSEW]\s", expand_abbreviations),
    (r"\d", expand_dates),  # 3-14-2015 is no range, 1990s no seconds
    (r"-[$£€¥₹.]?\d", expand_minus),  # -5°C, before 5°C is words
    (r"\d", expand_ranges),  # 3-5 pm, 5-10 km: before either end is words
    (r"\d:", expand_times),
    (r"\d", expand_measures),  # the number decides between dollar and dollars
    (r"\d", expand_numbers),  # whatever digits are left
    (r"/", drop_slashes),  # and/or, now that km/h is words
    (r"[IVXL]{2}|\b[IVX]\b", expand_roman_numerals),  # before IV is an acronym
    (r"[A-Z]{2}|A\b|\b[^aeiouyAEIOUY\W\d]{2,5}\b|mRNA|iOS|macOS", expand_acronyms),
]
_PASSES = [(re.compile(trigger), expand) for trigger, expand in _PASSES]


def normalize_text(text: str) -> str:
    """Spell `text` out as it is spoken; never fails, whatever the string.

    Numbers of all kinds, dates, times, money, units, addresses, symbols, abbreviations, acronyms
    and Roman numerals become words, as American English says them; accents are folded (`café` ->
    `cafe`). Marks stand right after their word, one at a time (`Really?!` -> `Really?`); a dash
    between words is ` - `. Case is kept. Letters are named by themselves, but for A, which is `ay`
    so that it isn't the article. Characters that have no sound here (emoji, other scripts) are left
    out, with a warning that names them. What comes out, put in again, comes out unchanged.

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
    for trigger, expand in _PASSES:
        if trigger.search(text):
            text = expand(text)
    return set_marks(text)


def _leave_out_silent(text: str) -> str:
    """Drop what no later pass reads; a warning names its letters, numbers and symbols."""
    dropped = [c for c in unicodedata.normalize("NFC", text) if not _is_read(c)]
    named = [c for c in dropped if unicodedata.category(c)[0] in "LNS"]
    if named:
        shown = "".join(named[:20]) + ("..." if len(named) > 20 else "")
        warnings.warn(f"no sound is known for {shown!r}: left out", stacklevel=3)
    return " ".join("".join(c if _is_read(c) else " " for c in text).split())


def _is_read(character: str) -> bool:
    return character.isascii() or character in SIGNS_BEYOND_ASCII
