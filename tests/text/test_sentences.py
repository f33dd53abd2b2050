import pytest

from ttslib.text.sentences import split_sentences


def test_sentences_end_at_marks_and_blank_lines():
    text = "A Title\n\nHe went. “Did he?” she\nasked. No! Well... maybe so.  3 left."
    assert split_sentences(text) == [
        "A Title",
        "He went.",
        "“Did he?” she asked.",
        "No!",
        "Well... maybe so.",
        "3 left.",
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("# Title\n- a pen\n- a cup\n\nText here", ["# Title", "- a pen", "- a cup", "Text here"]),
        ("1. First thing\n2. Second. More", ["1. First thing", "2. Second.", "More"]),
        ("Roses are red\nViolets are blue", ["Roses are red", "Violets are blue"]),
        ("One\r\nTwo\r\n\r\nThree", ["One", "Two", "Three"]),
        ("this text is wrapped\nat its end", ["this text is wrapped at its end"]),
        ("Roe v. Wade went on. So", ["Roe v. Wade went on.", "So"]),
    ],
)
def test_a_line_break_ends_a_piece_unless_it_wraps_a_sentence(text, pieces):
    assert split_sentences(text) == pieces


def test_titles_and_initials_end_no_sentence():
    text = "Mr. J. Smith met Dr. Lee at 5 p.m. Then he left. So did I. The end."
    assert split_sentences(text) == [
        "Mr. J. Smith met Dr. Lee at 5 p.m.",
        "Then he left.",
        "So did I.",
        "The end.",
    ]


def test_long_sentences_are_cut_at_clauses_before_words():
    text = "one two three, four five six; seven eight nine ten eleven twelve thirteen"
    assert split_sentences(text, max_characters=30) == [
        "one two three, four five six;",
        "seven eight nine ten eleven",
        "twelve thirteen",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 2000,
        "word, " * 1700,
        "Is it? " * 1400,
        "?!" * 5000,
        "x" * 10_000,
        "Mr. " * 2500,
        "well - so " * 1000,
        "漢字。" * 3000,
    ],
    ids=lambda text: text[:8],
)
def test_nothing_is_lost_from_ten_thousand_characters(text):
    pieces = split_sentences(text, max_characters=100)
    assert all(0 < len(piece) <= 100 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    if max(map(len, text.split())) <= 100:
        assert " ".join(pieces).split() == text.split()


def test_pieces_are_no_shorter_than_needed():
    assert len(split_sentences("word " * 2000, max_characters=100)) == 100


@pytest.mark.parametrize("blank", ["", "   ", "\n\n \n"])
def test_blank_text_has_no_piece(blank):
    assert split_sentences(blank) == []


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="text must be a str, got NoneType"):
        split_sentences(None)
    with pytest.raises(ValueError, match="max_characters must be at least 1, got 0"):
        split_sentences("text", max_characters=0)


@pytest.mark.parametrize("limit", [4, 5, 12, 40])
def test_a_pronunciation_in_braces_is_never_cut(limit):
    text = "They {R EH1 D}. {HH AH0  L OW1}, and {K AE1 T , D}: no"
    pieces = split_sentences(text, max_characters=limit)
    assert " ".join(pieces).split() == text.split()
    assert all(piece.count("{") == piece.count("}") for piece in pieces)
    assert pieces[0].startswith("They")


def test_a_zero_character_outside_braces_stays():
    assert split_sentences("a\0b {R EH1 D}") == ["a\0b {R EH1 D}"]


def test_abbreviations_end_a_sentence_only_before_a_word_that_begins_one():
    text = "The U.S. Army left the U.S. The rest of Bell Inc. Europe stayed till Jan. 5. See p. 7."
    assert split_sentences(text) == [
        "The U.S. Army left the U.S.",
        "The rest of Bell Inc. Europe stayed till Jan. 5.",
        "See p. 7.",
    ]
