from pathlib import Path

import pytest

from ttslib.corpora.corpus import Corpus
from ttslib.corpora.splits import split_by_speaker, split_by_text
from ttslib.records import SpeakerInfo, Utterance


def corpus_of(n_texts, n_speakers, n_takes=2):
    """Each speaker says some of the texts several times, not quite the same each time."""
    utterances = [
        Utterance(
            id=f"{text}-{take}",
            speaker=f"s{text % n_speakers}",
            text=(f"Text {text}.", f"text {text}!", f"Text  {text}")[take % 3],
            audio_path=Path("none.wav"),
        )
        for take in range(n_takes)
        for text in range(n_texts)
    ]
    return Corpus(utterances, speaker_info={"s0": SpeakerInfo("F", "Ada")})


def ids(parts):
    return [[u.id for u in part.utterances] for part in parts]


@pytest.mark.parametrize("split", [split_by_text, split_by_speaker])
@pytest.mark.parametrize("shares", [(0.9, 0.05, 0.05), (0.5, 0.5), (0.01, 0.98, 0.01), (1.0,)])
def test_every_clip_is_in_one_part_in_its_old_order(split, shares):
    corpus = corpus_of(40, 10)
    parts = split(corpus, shares=shares)
    assert len(parts) == len(shares)
    assert all(len(part) for part in parts)
    assert sorted(id for part in ids(parts) for id in part) == sorted(
        u.id for u in corpus.utterances
    )
    order = [u.id for u in corpus.utterances]
    assert all(part == sorted(part, key=order.index) for part in ids(parts))


def test_no_text_is_in_two_parts():
    parts = split_by_text(corpus_of(200, 7, n_takes=3))
    texts = [{u.id.split("-")[0] for u in part.utterances} for part in parts]
    assert [len(part) for part in texts] == [180, 10, 10]
    assert len(set.union(*texts)) == 200


def test_no_speaker_is_in_two_parts():
    parts = split_by_speaker(corpus_of(200, 20), shares=(0.8, 0.2))
    assert [len(part.speakers) for part in parts] == [16, 4]
    assert not set(parts[0].speakers) & set(parts[1].speakers)


@pytest.mark.parametrize("split", [split_by_text, split_by_speaker])
def test_a_seed_gives_the_same_parts_in_any_order_and_another_gives_others(split):
    corpus = corpus_of(60, 12)
    parts = ids(split(corpus, seed=3))
    assert ids(split(corpus, seed=3)) == parts
    backwards = Corpus(corpus.utterances[::-1])
    assert [part[::-1] for part in ids(split(backwards, seed=3))] == parts
    assert ids(split(corpus, seed=4)) != parts


def test_the_parts_are_the_same_on_every_machine():
    assert ids(split_by_text(corpus_of(6, 1, n_takes=1), shares=(0.5, 0.5), seed=1)) == [
        ["2-0", "3-0", "5-0"],
        ["0-0", "1-0", "4-0"],
    ]


def test_what_is_known_of_the_speakers_stays_with_them():
    parts = split_by_speaker(corpus_of(20, 4), shares=(0.5, 0.5))
    for part in parts:
        assert ("s0" in part.speaker_info) == ("s0" in part.speakers)


@pytest.mark.parametrize("shares", [(), (0.5, 0.6), (1.5, -0.5), (1.0, 0.0)])
def test_shares_are_checked(shares):
    with pytest.raises(ValueError, match="must be positive and add up to 1"):
        split_by_text(corpus_of(20, 2), shares=shares)


def test_too_few_are_named():
    with pytest.raises(ValueError, match="has 2 speakers, too few for 3 parts; give fewer shares"):
        split_by_speaker(corpus_of(20, 2))
    with pytest.raises(ValueError, match="has 1 texts, too few for 2 parts"):
        split_by_text(corpus_of(1, 1), shares=(0.5, 0.5))
