import random
from string import ascii_lowercase
from types import SimpleNamespace

import pytest

from ttslib.text import letter_to_sound
from ttslib.text.letter_to_sound import letters_to_phonemes
from ttslib.text.phonemes import Phonemizer


@pytest.fixture
def g2p_en(monkeypatch):
    """g2p_en's own network, without what its import downloads."""
    import nltk

    monkeypatch.setattr(nltk, "download", lambda *_, **__: False)
    from g2p_en import g2p

    monkeypatch.setattr(g2p, "cmudict", SimpleNamespace(dict=dict))
    return g2p.G2p()


def test_the_phonemes_are_those_of_g2p_en(g2p_en):
    letters = random.Random(0)
    invented = ["".join(letters.choices(ascii_lowercase, k=length)) for length in range(1, 17)]
    for word in ["zorblat", "wug", "quidditch", "supercalifragilistic", "d'être", *invented]:
        assert letters_to_phonemes(word) == g2p_en.predict(word)


def test_a_word_that_no_dictionary_has_is_guessed():
    assert Phonemizer()("zorblat") == letters_to_phonemes("zorblat")


def test_without_g2p_en_one_line_names_the_remedy(monkeypatch):
    monkeypatch.setattr(letter_to_sound.importlib.util, "find_spec", lambda name: None)
    letter_to_sound._weights.cache_clear()
    with pytest.raises(FileNotFoundError, match="pip install g2p_en"):
        letters_to_phonemes("wug")
