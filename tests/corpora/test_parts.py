"""A corpus in two parts shares no text between them."""

import numpy as np
import pytest
import soundfile
from recordings import record, write

from ttslib.corpora import parts
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.ljspeech import LJSpeech
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


def test_one_subset_is_found_in_the_folder_above(tmp_path):
    make_subset(tmp_path / "mine" / "train-me", ["one", "two", "three"])
    make_subset(tmp_path / "data" / "LibriTTS" / "dev-clean", ["one"])
    for folder, n_clips in (("mine", 3), ("mine/train-me", 3), ("data", 1), ("data/LibriTTS", 1)):
        corpus = open_corpus(tmp_path / folder)
        assert isinstance(corpus, LibriTTS)
        assert len(corpus) == n_clips


def test_of_several_subsets_one_is_to_be_chosen(tmp_path):
    for name in ("dev-clean", "test-clean"):
        make_subset(tmp_path / "LibriTTS" / name, ["one"])
    with pytest.raises(ValueError, match="give one of them: dev-clean, test-clean"):
        open_corpus(tmp_path / "LibriTTS")


def test_lj_speech_and_folders_are_told_apart(tmp_path):
    for i in range(40):
        record(tmp_path / "LJ" / "wavs" / f"{i}.wav")
        record(tmp_path / "plain" / f"{i}.wav")
        write(tmp_path / "plain" / f"{i}.txt", f"Text {i}.")
    lines = [f"{i}|Text {i}.|Text {i}." for i in range(40)]
    write(tmp_path / "LJ" / "metadata.csv", "\n".join(lines))
    for name, kind, speakers in (("LJ", LJSpeech, ["LJ"]), ("plain", FolderCorpus, ["plain"])):
        corpus = open_corpus(tmp_path / name)
        assert isinstance(corpus, kind)
        assert corpus.speakers == speakers
        assert len(open_corpus(tmp_path / name, speakers=speakers)) == 40
        assert [len(part) for part in corpus_parts(tmp_path / name)] == [38, 2]
    lines = [f"{i}|Good morning, this is text {i}.|anna" for i in range(40)]
    write(tmp_path / "LJ" / "metadata.csv", "\n".join(lines))
    assert open_corpus(tmp_path / "LJ").speakers == ["anna"]


def test_a_folder_of_something_else_is_described(tmp_path):
    write(tmp_path / "notes.doc", "?")
    with pytest.raises(ValueError, match=r"holds no clips: expected audio .*found notes.doc"):
        open_corpus(tmp_path)


def test_what_scripts_need_is_within_reach():
    import ttslib

    assert ttslib.LJSpeech is LJSpeech
    assert ttslib.FolderCorpus is FolderCorpus
    assert callable(ttslib.to_libritts)


def test_a_large_corpus_holds_a_fixed_number_of_texts_out(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MOST_HELD_OUT", 3)
    make_subset(tmp_path / "a", [f"text {i % 70}" for i in range(140)])
    training, held_out = corpus_parts(tmp_path / "a")
    held = {u.text for u in held_out.utterances}
    assert len(held) == 3
    assert len(held_out) == 6  # with all their takes
    assert len(training) + len(held_out) == 140
    make_subset(tmp_path / "a", [f"text {i}" for i in range(90)])  # 20 more
    grown = {u.text for u in corpus_parts(tmp_path / "a")[1].utterances}
    assert len(grown) == 3
    assert len(grown & held) >= 2


def test_several_corpora_are_one(tmp_path):
    for name in ("dev-clean", "test-clean"):
        make_subset(tmp_path / "LibriTTS" / name, [f"{name} {i}" for i in range(40)])
    names = [tmp_path / "LibriTTS" / name for name in ("dev-clean", "test-clean")]
    corpus = open_corpus(names)
    assert len(corpus) == 80
    assert corpus.speakers == ["7", "8"]  # the same people: subsets of one release
    assert corpus[79][2] == "test-clean 39"
    assert len(open_corpus(names, speakers=["8"])) == 40
    training, held_out = corpus_parts(names)
    assert (len(training), len(held_out)) == (76, 4)
    training, held_out = corpus_parts(names, speakers=["8"])
    assert set(training.speakers) == {"8"}


def test_speakers_of_other_corpora_stay_apart(tmp_path):
    make_subset(tmp_path / "mine" / "train", ["one", "two"])
    make_subset(tmp_path / "yours" / "train", ["three", "four"])
    corpus = open_corpus([tmp_path / "mine" / "train", tmp_path / "yours" / "train"])
    assert corpus.speakers == ["mine/train/7", "mine/train/8", "yours/train/7", "yours/train/8"]
    assert len({u.id for u in corpus.utterances}) == 4


def test_ids_of_other_corpora_stay_apart(tmp_path):
    for name in ("anna", "bert"):
        record(tmp_path / name / "1.wav")
        write(tmp_path / name / "1.txt", f"I am {name}.")
    corpus = open_corpus([tmp_path / "anna", tmp_path / "bert"])
    assert [u.id for u in corpus.utterances] == ["anna/1", "bert/1"]
    assert corpus.speakers == ["anna/anna", "bert/bert"]


def test_what_one_corpus_holds_out_another_does_not_teach(tmp_path):
    shared = [f"text {i:02d}" for i in range(40)]
    make_subset(tmp_path / "a" / "x", shared)
    make_subset(tmp_path / "b" / "x", ["0 first", *shared])  # so that it holds out others
    training, held_out = corpus_parts([tmp_path / "a" / "x", tmp_path / "b" / "x"])
    assert not {u.text for u in training.utterances} & {u.text for u in held_out.utterances}
    assert len(held_out) >= 4


def test_a_corpus_named_twice_is_refused(tmp_path):
    make_subset(tmp_path / "a", ["one", "two"])
    with pytest.raises(ValueError, match="named twice"):
        open_corpus([tmp_path / "a", f"{tmp_path}/b/../a"])
