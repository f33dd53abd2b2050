"""Pairs of sentences in which one spelling is said in two ways."""

from pathlib import Path

import pytest

from ttslib.text import phonemes
from ttslib.text.arpabet import parse_phonemes
from ttslib.text.homographs import _pairs, choose_reading, needs_a_tag
from ttslib.text.phonemes import Phonemizer
from ttslib.text.tagger import load_tagger

NLTK_DATA = Path(__file__).resolve().parents[3] / "shared" / "nltk_data"

# word: (sentence, how the word is said there), twice
PAIRS = {
    "abuse": ("Never abuse your power.", "Y UW1 Z", "The abuse must stop.", "Y UW1 S"),
    "advocate": ("They advocate peace.", "EY2 T", "She is an advocate of peace.", "K AH0 T"),
    "bass": ("He plays the bass guitar.", "B EY1 S", "We went bass fishing.", "B AE1 S"),
    "bow": ("The actors bow to the crowd.", "B AW1", "She tied a red bow.", "B OW1"),
    "close": ("Please close the door.", "K L OW1 Z", "We are close to home.", "K L OW1 S"),
    "conduct": ("She will conduct it.", "AA0 N D AH1 K T", "His conduct is bad.", "K AA1 N D"),
    "contest": ("They will contest it.", "K AH0 N T EH1", "She won the contest.", "K AA1 N T"),
    "content": ("I am content with it.", "AH0 N T EH1", "Read the content of it.", "K AA1 N T"),
    "contract": (
        "They contract at night.",
        "K AH0 N T R",
        "He signed the contract.",
        "K AA1 N T R",
    ),
    "delegate": ("They will delegate it.", "EY2 T", "The delegate spoke first.", "G AH0 T"),
    "desert": ("Do not desert them.", "D IH0 Z ER1 T", "The desert is dry.", "D EH1 Z ER0 T"),
    "dove": ("He dove into the pool.", "D OW1 V", "A white dove flew away.", "D AH1 V"),
    "duplicate": ("Please duplicate this.", "EY2 T", "This is a duplicate key.", "K AH0 T"),
    "estimate": ("We estimate the cost.", "EY2 T", "The estimate was too high.", "M AH0 T"),
    "excuse": ("Please excuse me.", "K Y UW1 Z", "That is a poor excuse.", "K Y UW1 S"),
    "graduate": ("They graduate in June.", "EY2 T", "She is a graduate of it.", "W AH0 T"),
    "house": ("They house the guests.", "HH AW1 Z", "The house is old.", "HH AW1 S"),
    "import": ("We import our tea.", "IH2 M P AO1", "The import of tea rose.", "IH1 M P AO2"),
    "increase": ("They will increase it.", "K R IY1 S", "It is an increase.", "IH1 N K R"),
    "insult": ("They insult us.", "S AH1 L T", "It was an insult.", "IH1 N S AH2"),
    "invalid": ("Your pass is invalid.", "V AE1 L", "The invalid is ill.", "IH1 N V AH0"),
    "lead": ("She will lead the band.", "L IY1 D", "They mend the lead pipe.", "L EH1 D"),
    "live": ("They live in Rome.", "L IH1 V", "We heard live music.", "L AY1 V"),
    "lives": ("He lives alone.", "L IH1 V Z", "Their lives changed.", "L AY1 V Z"),
    "minute": ("Wait a minute.", "M IH1 N", "The crack is minute.", "M AY0 N UW1 T"),
    "moderate": ("He will moderate it.", "EY2 T", "The wind was moderate.", "ER0 AH0 T"),
    "object": ("I object to that.", "B JH EH1", "A strange object fell.", "AA1 B JH"),
    "perfect": ("We must perfect it.", "P ER0 F EH1", "It was a perfect day.", "P ER1 F IH2"),
    "permit": ("They do not permit it.", "P ER0 M IH1", "You need a permit.", "P ER1 M IH2"),
    "present": ("They will present it.", "Z EH1 N T", "She got a present.", "P R EH1 Z"),
    "produce": ("The farms produce milk.", "P R AH0 D", "Fresh produce is here.", "P R OW1 D"),
    "project": ("They project a profit.", "P R AA0 JH", "The project is late.", "P R AA1 JH"),
    "read": ("I read every night.", "R IY1 D", "She has read it twice.", "R EH1 D"),
    "rebel": ("They rebel again.", "R IH0 B EH1 L", "The rebel was caught.", "R EH1 B AH0 L"),
    "record": ("They record songs.", "R IH0 K AO1", "She broke the record.", "R EH1 K ER0"),
    "refuse": ("I refuse to go.", "F Y UW1 Z", "The refuse was collected.", "F Y UW2 Z"),
    "row": ("We row the boat.", "R OW1", "They had a furious row.", "R AW1"),
    "separate": ("Please separate them.", "EY2 T", "They have separate rooms.", "ER0 IH0 T"),
    "sow": ("They sow seeds in spring.", "S OW1", "The sow had ten piglets.", "S AW1"),
    "suspect": ("I suspect him.", "AH0 S P EH1", "The suspect ran.", "S AH1 S P"),
    "tear": ("Do not tear the page.", "T EH1 R", "A tear ran down her cheek.", "T IH1 R"),
    "use": ("You can use my pen.", "Y UW1 Z", "It is of no use.", "Y UW1 S"),
    "wind": ("Please wind the clock.", "W AY1 N D", "The wind is cold.", "W IH1 N D"),
    "wound": ("She wound the clock.", "W AW1 N D", "The wound has healed.", "W UW1 N D"),
}
SENTENCES = [
    (word, sentence, reading)
    for word, (first, reading_1, second, reading_2) in PAIRS.items()
    for sentence, reading in ((first, reading_1), (second, reading_2))
]


def said(word: str, sentence: str) -> str:
    """The phonemes of the first `word` in the sentence."""
    place = [part.strip(".").lower() for part in sentence.split()].index(word)
    symbols = Phonemizer()(sentence)
    return "_".join(symbols).split("_ _")[place].replace("_", " ").rstrip(" .")


@pytest.fixture(scope="module")
def tagger():
    import nltk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(NLTK_DATA), *nltk.data.path])
        load_tagger.cache_clear()
        found = load_tagger()
    load_tagger.cache_clear()
    return found or pytest.skip("the tagger's data is not installed")


@pytest.fixture
def without_tagger(monkeypatch):
    monkeypatch.setattr(phonemes, "load_tagger", lambda: None)


@pytest.mark.parametrize(("word", "sentence", "reading"), SENTENCES)
def test_with_the_tagger_each_is_said_as_meant(tagger, monkeypatch, word, sentence, reading):
    monkeypatch.setattr(phonemes, "load_tagger", lambda: tagger)
    assert reading in said(word, sentence)


@pytest.mark.parametrize("word", [word for word in PAIRS if word not in ("bass", "lead", "row")])
@pytest.mark.usefixtures("without_tagger")
def test_without_it_both_sentences_take_the_usual_reading(word):
    first, reading, second, other_reading = PAIRS[word]
    assert said(word, first) == said(word, second)
    assert (reading in said(word, first)) != (other_reading in said(word, first))


@pytest.mark.usefixtures("without_tagger")
def test_a_telling_word_nearby_needs_no_tagger():
    assert said("lead", "A lead pipe.") == "L EH1 D"
    assert said("lead", "A lead of ten points, then a pipe.") == "L IY1 D"
    assert said("bow", "The ship's bow.") == "B AW1"
    assert said("read", "I read it yesterday.") == "R EH1 D"


def test_a_pronoun_before_it_makes_a_verb_of_what_was_tagged_a_noun():
    assert choose_reading(["they", "house", "us"], 1, "NN") == "HH AW1 Z"
    assert choose_reading(["the", "house"], 1, "NN") == "HH AW1 S"


def test_the_whole_list_is_of_phonemes_and_of_two_readings():
    pairs = _pairs()
    assert len(pairs) > 350
    for word, pair in pairs.items():
        for reading in (pair.first, pair.second):
            assert parse_phonemes(reading) == reading, word
    assert [word for word, pair in pairs.items() if pair.first == pair.second] == []


def test_a_tag_is_asked_for_only_where_it_tells():
    assert needs_a_tag(["they", "read", "."])
    assert not needs_a_tag(["they", "wrote", "."])
    assert choose_reading(["they", "wrote"], 1, "VBD") is None
