import string
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttslib.text.normalize import MARKS, normalize_text

SPEAKABLE = set(string.ascii_letters + "' " + MARKS)
SHEET = Path(__file__).with_name("normalization_cases.txt")


def cases() -> list:
    """What each line of the sheet holds, under its kind."""
    found, kind = [], ""
    for line in SHEET.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            kind = line[1:-1]
        elif kind and line:
            written, _, spoken = line.partition(" => ")
            written = written.replace(r"\n", "\n")
            found.append(pytest.param(written, spoken, id=f"{kind}: {written}"))
    return found


@pytest.mark.parametrize(("written", "spoken"), cases())
def test_a_narrator_would_say(written, spoken):
    assert normalize_text(written) == spoken
    assert normalize_text(spoken) == spoken


def test_the_sheet_was_read():
    assert len(cases()) >= 550


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("12\u202f345 km", "twelve thousand three hundred and forty-five kilometers"),
        ("6\u00a0km", "six kilometers"),
        ("  a \t b\n\nc\u200b\u00ad ", "a b. c"),
        ("so\u200bft\u00adly\x00\x1b.", "softly."),
        ("# A Title\n- first\n- second\n> quoted", "A Title. first, second, quoted"),
        ("One\r\nTwo\u2028Three\x0bFour", "One. Two. Three. Four"),
        ("---\n***\n", ""),
        ("Mr\ud800. Lee", "Mister Lee"),
        ("_~|<>*^\\", ""),
        ("", ""),
        ("?!...", ""),
    ],
)  # fmt: skip
def test_what_a_sheet_cannot_show(written, spoken):
    assert normalize_text(written) == spoken


def test_what_has_no_sound_is_named_and_left_out():
    with pytest.warns(UserWarning, match="😀мир"):
        assert normalize_text("hi 😀 мир, you") == "hi, you"


# Whatever comes in

FRAGMENTS = (
    "Mr Dr St No U S A I IV X FBI US Henry Part etc p m am a the and plan Smith km s in 1 2 12 3 "
    "1984 00 5th . , ? ! - – — ' \" ( ) / $ % ° ^ * & @ # + = < > ~ : ; 😀 é ² ½ µ www com x k May "
    "Jan BC ü "
    "OpenAI NaCl Ca Dr Ave Rd NW Sat Mon Feb v. max. No. "
    '5kg -10kg 60/40 by ISBN 1) 2. H2O : 30 : 45 " ft 8m MySQL Xs '
    "_ | \\ The … “ ’s 's 60 ms vs e.g et T \ud800 \x00 &amp; ﷺ ٣"
).split(" ")
WRITTEN = st.one_of(
    st.lists(st.sampled_from([*FRAGMENTS, " ", "\n", "\n\n"]), max_size=12).map("".join),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=40),  # surrogates too
    st.text(st.characters(max_codepoint=0x24F), max_size=40),
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(WRITTEN)
def test_any_string_comes_out_speakable_and_is_then_left_alone(written):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spoken = normalize_text(written)
        assert set(spoken) <= SPEAKABLE
        assert spoken == " ".join(spoken.split())
        assert normalize_text(spoken) == spoken


LONG = [
    *(
        "1",
        "1,",
        "1.",
        "1.1",
        "1,111",
        "1-",
        "1–",
        "1:",
        "1/2/",
        "1-2-3-4",
        "$1",
        "1 km/",
        "1^",
        "²",
        "1d",
        "1h1m",
        "50/",
        "50-",
        "5kg-",
        "1,11,",
        "1°1'",
        "1'1\"",
        "ISBN 1",
        "PIN 1 ",
        "by 3/4 ",
        "at 1:11:11",
    ),
    *(
        "A. ",
        "A.",
        "a.",
        "a@",
        "a@a.",
        "www.",
        "C:\\",
        "@",
        "#",
        "?!",
        "... ",
        "-",
        "- ",
        "'a",
        '"1',
    ),
    *("Mr. ", "St. ", "N. a ", "Henry A ", "IV ", "Part I ", "May 1 ", "+1 ", "555-", "(", "[1]"),
    *("OpenAI", "aB", "ABc", "NaCl", "Na2", "(H2)", "Sat and ", "Mon-", "Jan ", "Oak St ", "Dr. "),
    *("v. A", "max. ", "1. a\n", "- a\n", "#\n", "a\r\n", "<a@b.c> ", "I of A", "Xx", "Ph.D.s "),
    *(
        "a ",
        " ",
        "\n",
        "a-a=",
        "&amp;",
        "😀",
        "ﷺ",
        "漢",
        "\u0301\u0316",
        "\u200b",
        "\x00",
        "\ud800",
    ),
]


@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("unit", LONG)
def test_ten_thousand_characters_of_one_kind_come_out_speakable(unit):
    assert set(normalize_text("x" + unit * (10_000 // len(unit)))) <= SPEAKABLE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("unit", LONG)
def test_thirty_thousand_characters_come_to_an_end(unit):
    assert set(normalize_text(unit * (30_000 // len(unit)))) <= SPEAKABLE


@pytest.mark.parametrize("wrong", [None, b"hello", 5, ["hello"]])
def test_what_is_not_a_string_is_refused(wrong):
    with pytest.raises(ValueError, match=f"text must be a str, got {type(wrong).__name__}"):
        normalize_text(wrong)
