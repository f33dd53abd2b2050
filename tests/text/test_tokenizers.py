import json
import pickle

import pytest

from ttslib.text.normalize import normalize_text
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer, tokenizer_from_dict

TOKENIZERS = pytest.mark.parametrize("tokenizer", [CharTokenizer(), PhonemeTokenizer()])
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


@TOKENIZERS
def test_a_text_may_not_smuggle_in_the_frame(tokenizer):
    assert tokenizer.encode("a_b~c") == tokenizer.encode("a b c")


@TOKENIZERS
def test_saving_and_restoring_keeps_every_id(tokenizer):
    restored = tokenizer_from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert type(restored) is type(tokenizer)
    assert restored.encode(SENTENCE) == tokenizer.encode(SENTENCE)
    assert pickle.loads(pickle.dumps(tokenizer)).encode(SENTENCE) == tokenizer.encode(SENTENCE)


def test_a_checkpoint_s_own_table_keeps_its_ids_and_drops_what_it_lacks():
    tokenizer = tokenizer_from_dict({"kind": "char", "symbols": ["_", "b", "a", "~"]})
    assert tokenizer.encode("A bad cab!") == [2, 1, 2, 2, 1, 3]
    with pytest.raises(ValueError, match="nothing in 'xyz' can be said"):
        tokenizer.encode("xyz")


@TOKENIZERS
@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize("text", ["", "   ", "?!...", "😀👍🏽", "привет мир", "漢字", "_~", "'"])
def test_text_with_nothing_to_say_is_refused(tokenizer, text):
    with pytest.raises(ValueError, match="can be said: give text with Latin letters or digits"):
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
        ({}, "kind None is not known"),
        (None, "kind None is not known"),
        ({"kind": "char"}, "no list 'symbols'"),
        ({"kind": "char", "symbols": ["a", "_", "~"]}, "must begin with '_'"),
        ({"kind": "char", "symbols": ["_", "a"]}, "contain '~'"),
        ({"kind": "char", "symbols": ["_", "~", "a", "a"]}, "each once"),
        ({"kind": "char", "symbols": ["_", "~", 3]}, "must be strings"),
        ({"kind": ["char"], "symbols": []}, "is not known"),
    ],
)
def test_a_foreign_table_is_refused(saved, message):
    with pytest.raises(ValueError, match=message):
        tokenizer_from_dict(saved)
