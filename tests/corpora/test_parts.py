"""A corpus in two parts shares no text between them."""

import numpy as np
import pytest
import soundfile

from ttslib.corpora.parts import corpus_parts, open_corpus


def make_subset(folder, texts, speakers=("7", "8")):
    for i, text in enumerate(texts):
        speaker = speakers[i % len(speakers)]
        stem = folder / speaker / "1" / f"{speaker}_1_000001_{i:06d}"
        stem.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(stem.with_suffix(".wav"), np.zeros(2400), 24_000)
        stem.with_suffix(".normalized.txt").write_text(text, encoding="utf-8")
        stem.with_suffix(".original.txt").write_text(text, encoding="utf-8")


def test_no_text_is_in_both_parts_and_takes_stay_together(tmp_path):
    make_subset(tmp_path / "dev-clean", [f"text {i % 41}" for i in range(120)])
    training, held_out = corpus_parts(tmp_path / "dev-clean")
    texts = [{u.text for u in part.utterances} for part in (training, held_out)]
    assert not texts[0] & texts[1]
    assert len(texts[1]) == 3  # every twentieth of 41
    assert len(training) + len(held_out) == 120


def test_held_out_speakers_are_known(tmp_path):
    make_subset(tmp_path / "dev-clean", ["text 0", "text 1", "text 1"], speakers=("7", "8", "8"))
    with pytest.raises(ValueError, match="too few to hold one out"):
        corpus_parts(tmp_path / "dev-clean")  # speaker 7's only text would be held out


def test_one_speaker_alone(tmp_path):
    make_subset(tmp_path / "dev-clean", ["one", "two", "three"])
    chosen = open_corpus(tmp_path / "dev-clean", speakers=["8"])
    assert [u.text for u in chosen.utterances] == ["two"]


def test_missing_corpus_says_what_to_give():
    with pytest.raises(FileNotFoundError, match="give mini or the folder"):
        open_corpus("nowhere/dev-clean")
