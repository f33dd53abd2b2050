"""ARPAbet: the phonemes of American English, as the CMU dictionary writes them.

Taught in: notebooks/03_tokenization
"""

__all__ = ["PHONEMES", "parse_phonemes"]

_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
PHONEMES = (*(vowel + stress for vowel in _VOWELS for stress in "012"), *_CONSONANTS)
"""ARPAbet as CMU uses it: 15 vowels with stress 0, 1 or 2, and 24 consonants."""


def parse_phonemes(pronunciation: str) -> str:
    """Check a pronunciation and return it in capitals with single spaces: `R EH1 D`.

    Raises
    ------
    ValueError
        If it is empty or has anything but phonemes.

    Examples
    --------
    >>> parse_phonemes(" r eh1  d ")
    'R EH1 D'

    Taught in: notebooks/03_tokenization
    """
    phonemes = pronunciation.upper().split()
    if not phonemes:
        raise ValueError("a pronunciation has no phonemes: write it like R EH1 D")
    for phoneme in phonemes:
        if phoneme in _VOWELS:
            raise ValueError(
                f"phoneme {phoneme!r} is a vowel without its stress: write {phoneme}1 where it is "
                f"stressed, {phoneme}2 where a little, {phoneme}0 where not"
            )
        if phoneme not in PHONEMES:
            raise ValueError(
                f"phoneme {phoneme!r} is not known; the vowels are {' '.join(_VOWELS)}, each with "
                f"its stress 0, 1 or 2 (EH1), the consonants {' '.join(_CONSONANTS)}"
            )
    return " ".join(phonemes)
