import random
import string

import pytest

from ttslib.text.normalize import MARKS, normalize_text

SPEAKABLE = set(string.ascii_letters + "' " + MARKS)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("I have 21 cats.", "I have twenty-one cats."),
        ("1,234,500", "one million two hundred and thirty-four thousand five hundred"),
        ("3.14 and .5", "three point one four and point five"),
        ("agent 007", "agent zero zero seven"),
        ("-5 to 5", "minus five to five"),
        ("the 1st, 2nd and 23rd", "the first, second and twenty-third"),
        ("1984, 1905, 1900 and 2024", "nineteen eighty-four, nineteen oh five, nineteen hundred "
         "and twenty twenty-four"),
        ("the 1990s and the 80s", "the nineteen nineties and the eighties"),
        ("1990–1995", "nineteen ninety to nineteen ninety-five"),
        ("$1, $3.50, £0.50", "one dollar, three dollars and fifty cents, fifty pence"),
        ("$5 million", "five million dollars"),
        ("5%", "five percent"),
        ("5 km, 1 kg at 24 kHz", "five kilometers, one kilogram at twenty-four kilohertz"),
        ("at 3:30, 10:05 pm or 4:00", "at three thirty, ten oh five pee em or four o'clock"),
        ("-5°C", "minus five degrees Celsius"),
        ("3½", "three and one over two"),
        ("٣ ９９", "three ninety-nine"),
        ("R2D2", "R two D two"),
    ],
)  # fmt: skip
def test_numbers_become_words(written, spoken):
    assert normalize_text(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Mr. and Mrs. Lee, Dr. No", "Mister and Missus Lee, Doctor No"),
        ("St. John of Main St.", "Saint John of Main Street."),
        ("Tom & Ann, etc.", "Tom and Ann, et cetera."),
        ("It rained, etc. We left.", "It rained, et cetera. We left."),
        ("pets, e.g. cats", "pets, for example cats"),
        ("It took 5 ms. Ms. Lee left.", "It took five milliseconds. Miz Lee left."),
        ("No. 5 of Jan. 6", "number five of January six"),
        ("the U.S.A. and J. Smith", "the U S ay and J Smith"),
        ("see example.com", "see example dot com"),
    ],
)
def test_abbreviations_are_written_out(written, spoken):
    assert normalize_text(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("“Don’t,” she said", "Don't, she said"),
        ("yes—no – well-known -- x", "yes - no - well-known - x"),
        ("'yes' dogs' 'em o'clock", "yes dogs' 'em o'clock"),
        ("Really?! Wait... , what", "Really? Wait. what"),
        ("...and (so) on", "and, so, on"),
        ("  a \t b\n\nc\u200b\u00ad ", "a b c"),
        ("café Ærø ﬁne naïve", "cafe Aero fine naive"),
        ("_~|<>*^\\", ""),
        ("", ""),
        ("?!...", ""),
    ],
)
def test_marks_quotes_and_accents(written, spoken):
    assert normalize_text(written) == spoken


def test_what_has_no_sound_is_named_and_left_out():
    with pytest.warns(UserWarning, match="😀мир"):
        assert normalize_text("hi 😀 мир, you") == "hi, you"


@pytest.mark.filterwarnings("ignore:no sound is known")
def test_any_string_comes_out_speakable():
    rng = random.Random(0)
    pool = (
        "".join(map(chr, range(0x2FF)))
        + "0123456789.,:-'$%£€¥–½²٣😀漢ﷺ\u202e\ud800\U0010ffff st" * 8
    )
    for _ in range(3000):
        spoken = normalize_text("".join(rng.choices(pool, k=rng.randrange(40))))
        assert set(spoken) <= SPEAKABLE
        assert spoken == " ".join(spoken.split())


@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("unit", ["1", "1,", "1.1", "1,111", "A. ", "?!", "-", "'a", "Mr. ", "😀"])
def test_ten_thousand_characters_come_out_speakable(unit):
    assert set(normalize_text(unit * (10_000 // len(unit)))) <= SPEAKABLE


@pytest.mark.parametrize("wrong", [None, b"hello", 5, ["hello"]])
def test_what_is_not_a_string_is_refused(wrong):
    with pytest.raises(ValueError, match=f"text must be a str, got {type(wrong).__name__}"):
        normalize_text(wrong)
