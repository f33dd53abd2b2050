import json
import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttslib.text.normalize import normalize_text
from ttslib.text.tokenizers import (
    CharTokenizer,
    PhonemeTokenizer,
    SubwordTokenizer,
    UnspeakableError,
    tokenizer_from_dict,
)

TEXTS = ["The rain in Spain stays in the plain.", "In 5 plain trains, the Spaniards' rain - why?"]
SUBWORDS = SubwordTokenizer.train(TEXTS, vocabulary_size=44)
TOKENIZERS = pytest.mark.parametrize(
    "tokenizer", [CharTokenizer(), SUBWORDS, PhonemeTokenizer(lexicon={"gif": "JH IH1 F"})]
)
SENTENCE = "Dr. Lee's dog, aged 5, didn't bark - why?"


@TOKENIZERS
def test_the_table_begins_with_the_pad_and_every_id_has_one_symbol(tokenizer):
    assert tokenizer.symbols[tokenizer.pad_id] == "_"
    assert tokenizer.pad_id == 0
    assert len(set(tokenizer.symbols)) == len(tokenizer.symbols)


@TOKENIZERS
def test_encoding_ends_with_the_end_symbol_and_holds_no_pad(tokenizer):
    ids = tokenizer.encode(SENTENCE)
    assert ids[-1] == tokenizer.end_id
    assert tokenizer.end_id not in ids[:-1]
    assert tokenizer.pad_id not in ids


@TOKENIZERS
@pytest.mark.parametrize(
    ("text", "closed"),
    [("Hello", "Hello."), ("(so)", "so."), ("Yes!", "Yes!"), ("well,", "well,"), ("A", "A.")],
)
def test_closed_a_text_ends_in_a_mark(tokenizer, text, closed):
    assert tokenizer.encode(text, close=True) == tokenizer.encode(closed)
    assert tokenizer.encode(closed, close=True) == tokenizer.encode(closed)


def test_a_table_without_a_period_closes_nothing():
    tokenizer = CharTokenizer([symbol for symbol in CharTokenizer().symbols if symbol != "."])
    assert tokenizer.decode(tokenizer.encode("Hello", close=True)) == "hello"


def test_phoneme_symbols_are_the_published_69_with_frame():
    symbols = PhonemeTokenizer().symbols
    assert len(symbols) == 79
    assert {"AA0", "ER1", "ZH", " ", ",", "~"} <= set(symbols)


def test_decoding_says_what_was_encoded():
    chars, phonemes = CharTokenizer(), PhonemeTokenizer()
    assert chars.decode(chars.encode(SENTENCE)) == normalize_text(SENTENCE).lower()
    assert phonemes.decode(phonemes.encode("Hello, world - ok?")) == (
        "{HH AH0 L OW1}, {W ER1 L D}- {OW1 K EY1}?"
    )
    padded = [*chars.encode("ok"), 0, 0]
    assert chars.decode(padded) == "ok"


ANY_TEXT = st.text(st.sampled_from("Aabst Ii'’.,?!;:-–—…\"()& $5é0\nö_~😀м")) | st.text(max_size=50)


@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("tokenizer", [CharTokenizer(), SUBWORDS])
@given(text=ANY_TEXT.filter(lambda text: not {"{", "}"} & set(text)))
@settings(deadline=None)
def test_letters_decode_to_the_normalized_text_whatever_it_is(tokenizer, text):
    normalized = normalize_text(text).lower()
    if not any(letter.isalpha() or letter == "'" for letter in normalized):
        with pytest.raises(UnspeakableError):
            tokenizer.encode(text)
    else:
        assert tokenizer.decode(tokenizer.encode(text)) == normalized


WORDS = st.sampled_from(["Hello", "a", "zorb", "Lee's", "GPU", "5", "read", "{R EH1 D}", "A"])
MARKS_BETWEEN = st.sampled_from([" ", ", ", ". ", " - ", "?! ", "; ", ": ", "-", "... "])


@given(parts=st.lists(st.tuples(WORDS, MARKS_BETWEEN), min_size=1, max_size=6))
@settings(deadline=None)
def test_phonemes_decode_to_words_in_braces_that_encode_to_the_same_ids(parts):
    tokenizer = PhonemeTokenizer()
    ids = tokenizer.encode("".join(word + mark for word, mark in parts))
    assert tokenizer.encode(tokenizer.decode(ids)) == ids


@pytest.mark.parametrize("tokenizer", [CharTokenizer(), SUBWORDS])
def test_braces_are_for_phonemes_alone(tokenizer):
    with pytest.raises(ValueError, match="use the PhonemeTokenizer"):
        tokenizer.encode("They {R EH1 D}.")


@TOKENIZERS
def test_a_text_may_not_smuggle_in_the_frame(tokenizer):
    assert tokenizer.encode("a_b~c") == tokenizer.encode("a b c")


@TOKENIZERS
def test_saving_and_restoring_keeps_every_id(tokenizer):
    restored = tokenizer_from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert type(restored) is type(tokenizer)
    assert restored.encode(SENTENCE) == tokenizer.encode(SENTENCE)
    assert pickle.loads(pickle.dumps(tokenizer)).encode(SENTENCE) == tokenizer.encode(SENTENCE)


def test_a_lexicon_travels_with_the_tokenizer(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_text("GIF  JH IH1 F\n", encoding="utf-8")
    tokenizer = PhonemeTokenizer(lexicon=path)
    path.unlink()
    restored = tokenizer_from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert restored.decode(restored.encode("A gif!")) == "{AH0} {JH IH1 F}!"
    assert restored.lexicon == tokenizer.lexicon == {"gif": "JH IH1 F"}
    assert "lexicon" not in PhonemeTokenizer().to_dict()


def test_subwords_are_what_meets_most_often():
    assert SUBWORDS.split("The train") == ["the", " ", "t", "rain"]
    assert SUBWORDS.merges[:3] == (("i", "n"), ("a", "in"), ("h", "e"))
    assert len(SUBWORDS.symbols) == 44
    assert set(CharTokenizer().symbols) <= set(SUBWORDS.symbols)


def test_no_piece_crosses_a_space_or_a_mark():
    tokenizer = SubwordTokenizer.train(["so, it is - so, it is!"] * 9, vocabulary_size=40)
    assert {"so", "it", "is"} <= set(tokenizer.symbols)
    assert tokenizer.split("So, it is!") == ["so", ",", " ", "it", " ", "is", "!"]


def test_the_same_texts_give_the_same_pieces_in_every_process():
    code = (
        "import json; from ttslib.text.tokenizers import SubwordTokenizer as S; "
        f"print(json.dumps(S.train({TEXTS!r}, vocabulary_size=44).to_dict()))"
    )
    for seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        printed = subprocess.check_output([sys.executable, "-c", code], env=environment)
        assert json.loads(printed) == SUBWORDS.to_dict()


@pytest.mark.parametrize(
    ("texts", "size", "message"),
    [
        (TEXTS, 37, "vocabulary_size=37 has no room for pieces: .* letters are 37"),
        (TEXTS, 500, r"vocabulary_size=500 is more than these texts hold: \d\d at most"),
        ([], 40, "more than these texts hold: 37 at most"),
        ("one text", 40, "not a single str"),
        ([None], 40, "text must be a str"),
    ],
)
def test_training_that_can_t_give_so_many_pieces_is_refused(texts, size, message):
    with pytest.raises(ValueError, match=message):
        SubwordTokenizer.train(texts, vocabulary_size=size)


def test_merges_without_their_symbols_are_refused():
    saved = SUBWORDS.to_dict() | {"symbols": list(CharTokenizer().symbols)}
    with pytest.raises(ValueError, match=r"merge 'i' \+ 'n' needs 'in'"):
        tokenizer_from_dict(saved)


def test_a_checkpoint_s_own_table_keeps_its_ids_and_drops_what_it_lacks():
    tokenizer = tokenizer_from_dict({"kind": "char", "symbols": ["_", "b", "a", "~"]})
    assert tokenizer.encode("A bad cab!") == [2, 1, 2, 2, 1, 3]
    with pytest.raises(ValueError, match="nothing in 'xyz' can be said"):
        tokenizer.encode("xyz")


@TOKENIZERS
@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("text", ["", "   ", "?!...", "😀👍🏽", "привет мир", "漢字", "_~", "'"])
def test_text_with_nothing_to_say_is_refused(tokenizer, text):
    with pytest.raises(
        UnspeakableError, match="can be said: give text with Latin letters or digits"
    ):
        tokenizer.encode(text)


@TOKENIZERS
def test_emoji_and_other_scripts_among_words_are_named_and_dropped(tokenizer):
    with pytest.warns(UserWarning, match="😀мир"):
        ids = tokenizer.encode("Hello 😀 мир!")
    assert ids == tokenizer.encode("Hello!")


@TOKENIZERS
def test_ten_thousand_characters(tokenizer):
    assert len(tokenizer.encode("hello world " * 834)) > 6000


@TOKENIZERS
@pytest.mark.parametrize("wrong", [None, b"hello", 5])
def test_what_is_not_a_string_is_refused(tokenizer, wrong):
    with pytest.raises(ValueError, match="text must be a str"):
        tokenizer.encode(wrong)


@TOKENIZERS
@pytest.mark.parametrize("index", [-1, 10_000])
def test_ids_beyond_the_table_are_refused(tokenizer, index):
    with pytest.raises(ValueError, match=f"id {index} is not in this tokenizer's table"):
        tokenizer.decode([1, index])


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ({"kind": "bpe", "symbols": ["_", "~"]}, "kind 'bpe' is not known"),
        ({"symbols": ["_", "~"]}, "kind None is not known"),
        ({}, "no list 'symbols'"),
        (None, "no list 'symbols'"),
        ({"kind": "subword", "symbols": ["_", "~"], "merges": [["a"]]}, "merges must be pairs"),
        ({"kind": "subword", "symbols": ["_", "~"]}, "no list 'merges'"),
        ({"kind": "phoneme", "symbols": ["_", "~"], "lexicon": {"a": "X"}}, "lexicon 'a'"),
        ({"kind": "phoneme", "symbols": ["_", "~"], "lexicon": "a.txt"}, "must be an object"),
        ({"kind": "char"}, "no list 'symbols'"),
        ({"kind": "char", "symbols": ["a", "_", "~"]}, "must begin with '_'"),
        ({"kind": "char", "symbols": ["_", "~", "a", "a"]}, "each once"),
        ({"kind": "char", "symbols": ["_", "~", 3]}, "must be strings"),
        ({"kind": ["char"], "symbols": []}, "is not known"),
    ],
)
def test_a_foreign_table_is_refused(saved, message):
    with pytest.raises(ValueError, match=message):
        tokenizer_from_dict(saved)
