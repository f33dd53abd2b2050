import json
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from ttslib.corpora.mini import corpus as mini
from ttslib.corpora.mini.corpus import MINI_SPEAKERS, _make, _plan, mini_libritts, phoneme_times
from ttslib.corpora.mini.espeak import SILENCE
from ttslib.corpora.mini.sentences import mini_sentences

VOWELS = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}


@pytest.fixture(scope="module")
def clips():
    """The first clip of each speaker in each part."""
    first = {}
    for clip in _plan(mini_sentences(300)):
        first.setdefault(clip.stem.rsplit("/", 1)[0], clip)
    assert len(first) == 12
    return list(first.values())


@pytest.fixture(scope="module")
def root(clips, tmp_path_factory):
    """A mini corpus of twelve clips, in a folder whose name is a trial of its own."""
    root = tmp_path_factory.mktemp("mini") / "Stimmen für später" / "mini-libritts"
    _make(root, clips, jobs=2)
    return root


def test_laid_out_like_libritts(root):
    corpus = mini_libritts(root)
    assert len(corpus) == 12
    assert corpus.speakers == [speaker.id for speaker in MINI_SPEAKERS]
    assert corpus.skipped == {}
    waveform, sample_rate, text = corpus[0]
    assert sample_rate == 24_000
    assert waveform.shape[0] == 1
    assert text == corpus.utterances[0].text
    for utterance in corpus.utterances:
        info = soundfile.info(str(utterance.audio_path))
        assert (info.subtype, info.channels) == ("PCM_16", 1)
        assert 1.5 <= info.duration <= 6
    table = (root / "speakers.tsv").read_text(encoding="utf-8").splitlines()
    assert table[0].split("\t") == ["READER", "GENDER", "SUBSET", "NAME"]
    assert len(table) == 1 + 4 * 3


def test_parts_and_speakers(root):
    parts = [mini_libritts(root, part=part).utterances for part in ("train", "dev", "test")]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert len({utterance.text for part in parts for utterance in part}) == 12
    assert {u.speaker for u in mini_libritts(root, speakers=["9102"]).utterances} == {"9102"}
    with pytest.raises(ValueError, match=r"train, dev, test.*'trian'"):
        mini_libritts(root, part="trian")


def test_the_original_text_has_the_figures(root, clips):
    originals = [utterance.text for utterance in mini_libritts(root, text="original").utterances]
    assert sorted(originals) == sorted(clip.sentence.original for clip in clips)


def test_same_samples_again(root, clips, tmp_path):
    again = tmp_path / "again"
    main = [clip for clip in clips if clip.voice == MINI_SPEAKERS[0].voice]
    _make(again, main, jobs=1)
    for clip in main:
        for ending in (".wav", ".phonemes.tsv"):
            ours, theirs = again / f"{clip.stem}{ending}", root / f"{clip.stem}{ending}"
            assert ours.read_bytes() == theirs.read_bytes()


def test_phoneme_times_cover_the_clip(root):
    for utterance in mini_libritts(root).utterances:
        times = phoneme_times(utterance)
        assert times[0].start == 0
        assert times[0].phoneme == times[-1].phoneme == SILENCE
        assert times[-1].end == pytest.approx(
            soundfile.info(str(utterance.audio_path)).duration, abs=0.001
        )
        for before, after in pairwise(times):
            assert before.start < before.end == after.start


def test_phoneme_times_fit_the_sound(root):
    """Silences are silent, vowels are loud, an S changes sign far more often than a vowel."""
    power, crossings = {}, {}
    for utterance in mini_libritts(root).utterances:
        samples, rate = soundfile.read(str(utterance.audio_path))
        for time in phoneme_times(utterance):
            sound = samples[round(time.start * rate) : round(time.end * rate)]
            kind = "vowel" if time.phoneme in VOWELS else time.phoneme
            power.setdefault(kind, []).append(np.mean(sound**2))
            crossings.setdefault(kind, []).append(np.mean(np.diff(np.sign(sound)) != 0))
    assert np.median(power[SILENCE]) < 1e-3 * np.median(power["vowel"])
    assert np.median(power["S"]) < 0.5 * np.median(power["vowel"])
    assert np.median(crossings["S"]) > 3 * np.median(crossings["vowel"])


def test_clips_without_phoneme_times_are_named(root):
    utterance = mini_libritts(root).utterances[0]
    path = utterance.audio_path.with_suffix(".phonemes.tsv")
    kept = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(FileNotFoundError, match=r"phonemes.tsv; only clips of mini_libritts"):
            phoneme_times(utterance)
    finally:
        path.write_bytes(kept)


def test_a_whole_corpus_is_not_made_again(root, monkeypatch):
    def speak_clips(*_, **__):
        raise AssertionError("it was made again")

    monkeypatch.setattr(mini, "speak_clips", speak_clips)
    assert len(mini_libritts(root)) == 12


def test_a_full_disk_leaves_nothing_half_made(tmp_path, monkeypatch):
    def speak_clips(folder, clips, *, jobs):
        (folder / "train-mini").mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mini, "speak_clips", speak_clips)
    with pytest.raises(OSError, match="No space left"):
        mini_libritts(tmp_path / "mini")
    assert list(tmp_path.iterdir()) == []


def test_a_speaking_process_that_fails_says_why(tmp_path, clips):
    nobody = clips[0]._replace(voice=clips[0].voice._replace(name="nobody"))
    with pytest.raises(OSError, match=r"can't be spoken: ValueError: .*no voice 'nobody'"):
        _make(tmp_path / "mini", [nobody], jobs=1)
    assert list(tmp_path.iterdir()) == []


def _fake_clips(folder, clips, *, jobs):
    """Writes the plan as clips of silence, at once."""
    for clip in clips[:40]:
        wav = folder / f"{clip.stem}.wav"
        wav.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(wav, np.zeros(2400), 24_000)
        wav.with_suffix(".normalized.txt").write_text(clip.sentence.normalized, encoding="utf-8")


def test_an_older_recipe_and_an_empty_folder_are_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(mini, "speak_clips", _fake_clips)
    root = tmp_path / "mini"
    root.mkdir()
    assert len(mini_libritts(root)) == 40
    (root / "mini-libritts.json").write_text(json.dumps({"recipe": "0"}), encoding="utf-8")
    (root / "from the old recipe").touch()
    assert len(mini_libritts(root)) == 40
    assert not (root / "from the old recipe").exists()
    assert list(tmp_path.iterdir()) == [root]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("two years of work", encoding="utf-8")
    with pytest.raises(ValueError, match="holds files, but no mini corpus"):
        mini_libritts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_default_place_is_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TTSLIB_DATA", str(tmp_path))
    monkeypatch.setattr(mini, "speak_clips", _fake_clips)
    assert mini_libritts().utterances[0].audio_path.is_relative_to(tmp_path / "mini-libritts")
