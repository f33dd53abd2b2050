import pytest

from ttslib.text.arpabet import PHONEMES, parse_phonemes


def test_there_are_15_vowels_with_three_stresses_and_24_consonants():
    assert len(PHONEMES) == len(set(PHONEMES)) == 3 * 15 + 24
    assert sum(phoneme[-1] in "012" for phoneme in PHONEMES) == 45


def test_capitals_and_spaces_are_put_right():
    assert parse_phonemes("  r eh1\td ") == "R EH1 D"


@pytest.mark.parametrize(
    ("pronunciation", "message"),
    [
        ("", "no phonemes: write it like R EH1 D"),
        ("R EH D", "'EH' is a vowel without its stress: write EH1"),
        ("R XX1 D", "'XX1' is not known; the vowels are AA AE .* the consonants B CH "),
        ("R EH3 D", "'EH3' is not known"),
        ("R1", "'R1' is not known"),
        ("R,D", "'R,D' is not known"),
    ],
)
def test_what_is_no_phoneme_is_named_with_all_that_are(pronunciation, message):
    with pytest.raises(ValueError, match=message):
        parse_phonemes(pronunciation)
