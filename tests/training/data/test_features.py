"""Features: computed once, found again, never stale; what is unusable is named and left out."""

import dataclasses
import os
import warnings

import joblib
import numpy as np
import pytest
import soundfile
import torch
from joblib.parallel import register_parallel_backend
from training_fakes import write_tone

from ttslib.audio.mel import MelNormalizer, extract_mel_spectrogram
from ttslib.corpora.corpus import Corpus
from ttslib.text import phonemes
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer
from ttslib.training.data import features as features_module
from ttslib.training.data.features import Features, compute_features, preprocess_data


class _Counting(Corpus):
    """A corpus that notes which clips were opened."""

    def __init__(self, utterances):
        super().__init__(utterances)
        self.opened = []  # numbers of the clips; the corpus's parts share it

    def __getitem__(self, index):
        self.opened.append(int(self.utterances[index].id.removeprefix("clip_")))
        return super().__getitem__(index)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(features_module, "SHARD_SIZE", 2)


@pytest.fixture
def compute(audio, tmp_path):
    """Compute with the defaults of these tests, into a folder with a space in its name."""

    def compute(corpus, **changes):
        settings = dict(
            tokenizer=CharTokenizer(), config=audio, folder=tmp_path / "mes données", jobs=1
        )
        return compute_features(corpus, **settings | changes)

    return compute


def _opened(compute, corpus, **changes):
    counting = _Counting(corpus.utterances)
    compute(counting, **changes)
    return counting.opened


def _with(corpus, index, **changes):
    utterances = list(corpus.utterances)
    utterances[index] = dataclasses.replace(utterances[index], **changes)
    return Corpus(utterances)


def test_features_are_what_they_say(compute, tones, audio):
    features = compute(tones)
    assert len(features) == len(tones)
    for index, (waveform, rate, text) in enumerate(tones):
        tokens, mel = features[index]
        entry = features.entries[index]
        assert entry.utterance == tones.utterances[index]
        assert tokens.tolist() == CharTokenizer().encode(text)
        wanted, _ = extract_mel_spectrogram(waveform, rate, config=audio)
        assert torch.equal(mel, torch.from_numpy(wanted))
        assert (entry.n_tokens, entry.n_frames) == (len(tokens), mel.shape[1])


def test_speakers_and_statistics(compute, tones):
    features = compute(tones)
    assert features.speakers == ("high", "low")
    assert features.main_speaker == "low"
    assert [e.utterance.id for e in features.of_speaker("high").entries] == ["clip_4", "clip_5"]
    frames = torch.cat([mel for _, mel in features], dim=1)
    torch.testing.assert_close(features.normalizer().mean, frames.mean(dim=1))


def test_statistics_need_no_mel(compute, tones, monkeypatch):
    features = compute(tones)
    wanted = {
        name: MelNormalizer.from_mels(mel for _, mel in part)
        for name, part in (("all", features), ("high", features.of_speaker("high")))
    }
    monkeypatch.delattr(Features, "__getitem__")
    for name, part in (("all", features), ("high", features.of_speaker("high"))):
        for mine, theirs in zip(part.normalizer().buffers(), wanted[name].buffers(), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-6)


def test_another_process_is_handed_only_the_clips_that_it_needs(compute, tones, monkeypatch):
    handed = []
    write = features_module._write_shard
    monkeypatch.setattr(
        features_module,
        "_write_shard",
        lambda path, part, *rest: handed.append(len(part)) or write(path, part, *rest),
    )
    compute(tones)
    assert handed == [2, 2, 2]


def test_main_speaker_is_the_one_with_the_most_sound(compute, tones):
    write_tone(tones.utterances[5].audio_path, hertz=900, seconds=4)
    assert compute(tones).main_speaker == "high"


def test_second_run_opens_nothing(compute, tones):
    first = compute(tones)
    assert _opened(compute, tones) == []
    again = compute(tones)
    assert again.entries == first.entries
    assert torch.equal(again[3][1], first[3][1])


def test_changed_setting_never_reads_stale_features(compute, tones, audio):
    compute(tones)
    everything = list(range(len(tones)))
    assert _opened(compute, tones, config=dataclasses.replace(audio, hop_length=64)) == everything
    assert _opened(compute, tones, config=dataclasses.replace(audio, log_floor=1e-4)) == everything
    assert _opened(compute, tones, tokenizer=PhonemeTokenizer()) == everything
    fewer = CharTokenizer(symbols=CharTokenizer().symbols[:-1])
    assert _opened(compute, tones, tokenizer=fewer) == everything
    assert _opened(compute, tones) == []  # the first ones are still there


def test_tagger_that_comes_later_changes_the_phonemes(compute, tones, monkeypatch):
    """With NLTK's data homographs are read otherwise, though the tokenizer's table is the same."""

    class AllVerbs:
        def tag(self, words):
            return [(word, "VB") for word in words]

    corpus = _with(tones, 0, text="They record it.")
    monkeypatch.setattr(phonemes, "_tagger", lambda: None)
    before = compute(corpus, tokenizer=PhonemeTokenizer())[0][0]
    monkeypatch.setattr(phonemes, "_tagger", AllVerbs)
    after = compute(corpus, tokenizer=PhonemeTokenizer())[0][0]
    assert after.tolist() == PhonemeTokenizer().encode("They record it.") != before.tolist()


def test_changed_text_or_file_is_computed_anew(compute, tones):
    compute(tones)
    retold = _with(tones, 2, text="Another text")
    assert _opened(compute, retold) == [2, 3]  # its shard alone
    assert compute(retold)[2][0].tolist() == CharTokenizer().encode("Another text")

    path = tones.utterances[5].audio_path
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert _opened(compute, tones) == [4, 5]

    write_tone(path, hertz=1000, seconds=1)
    assert compute(tones)[5][1].shape[1] == 100


def test_unusable_clips_are_left_out_by_name(compute, tones):
    tones.utterances[1].audio_path.write_bytes(b"not a sound")
    tones.utterances[2].audio_path.unlink()
    write_tone(tones.utterances[3].audio_path, hertz=440, seconds=0.005)
    corpus = _with(tones, 4, text="...")
    with pytest.warns(UserWarning, match="left out") as caught:
        features = compute(corpus)
    (summary,) = [str(w.message) for w in caught if "left out" in str(w.message)]
    assert summary.startswith("4 clips are left out")
    for said in ("clip_1: its audio can't be read", "clip_2: ", "clip_3: a waveform of 40 samples"):
        assert said in summary
    assert "clip_4: nothing in '...' can be said" in summary
    assert [entry.utterance.id for entry in features.entries] == ["clip_0", "clip_5"]
    assert features[1][0].tolist() == CharTokenizer().encode("Six.")


def test_a_silent_clip_is_left_out_by_name(compute, tones):
    soundfile.write(tones.utterances[2].audio_path, np.zeros(4000), 8000)
    with pytest.warns(UserWarning, match="clip_2: its audio is silent"):
        assert len(compute(tones)) == 5


def test_left_out_clips_are_named_again_from_the_cache(compute, tones):
    corpus = _with(tones, 0, text="?")
    for _ in range(2):
        with pytest.warns(UserWarning, match="1 clips are left out .clip_0"):
            compute(corpus)


def test_mended_clip_comes_back(compute, tones):
    path = tones.utterances[0].audio_path
    whole = path.read_bytes()
    path.write_bytes(b"")
    with pytest.warns(UserWarning, match="clip_0"):
        assert len(compute(tones)) == 5
    path.write_bytes(whole)
    assert len(compute(tones)) == 6


def test_nothing_usable_is_an_error(compute, tones):
    for utterance in tones.utterances:
        utterance.audio_path.write_bytes(b"")
    with (
        pytest.warns(UserWarning, match="left out"),
        pytest.raises(ValueError, match="no usable clip"),
    ):
        compute(tones)


class _Interrupted(_Counting):
    def __getitem__(self, index):
        if self.utterances[index].id == "clip_3":
            raise KeyboardInterrupt
        return super().__getitem__(index)


def test_interrupted_run_goes_on_where_it_was(compute, tones, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        compute(_Interrupted(tones.utterances))
    assert len(list((tmp_path / "mes données").iterdir())) == 1
    assert _opened(compute, tones) == [2, 3, 4, 5]


def test_full_disk_says_so_and_leaves_no_part(compute, tones, tmp_path, monkeypatch):
    def full(tensors, filename, metadata):
        filename.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(features_module, "save_file", full)
    with pytest.raises(OSError, match=r"cannot write features.*mes données.*No space left"):
        compute(tones)
    assert not list((tmp_path / "mes données").iterdir())


def test_two_processes_compute_the_same(compute, tones, tmp_path):
    one = compute(tones, folder=tmp_path / "one")
    two = compute(tones, folder=tmp_path / "two", jobs=2)
    assert [entry.shard.name for entry in one.entries] == [
        entry.shard.name for entry in two.entries
    ]
    for entry in one.entries:
        first, second = entry.shard, tmp_path / "two" / entry.shard.name
        assert first.read_bytes() == second.read_bytes()


class _ClusterBackend(joblib.parallel.ThreadingBackend):
    """Like Ray's and Spark's, it gives results only when all are there."""

    supports_return_generator = False


def test_any_joblib_backend_serves(compute, tones):
    register_parallel_backend("test-cluster", _ClusterBackend)
    with joblib.parallel_config(backend="test-cluster", n_jobs=2):
        assert len(compute(tones, jobs=2)) == len(tones)


def test_preprocess_data_keeps_mels_and_texts_together(tones):
    tones.utterances[1].audio_path.write_bytes(b"")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mels, texts = preprocess_data(tones)
    assert texts == [u.text for i, u in enumerate(tones.utterances) if i != 1]
    assert len(mels) == len(texts)
    waveform, rate, _ = tones[5]
    np.testing.assert_array_equal(mels[-1], extract_mel_spectrogram(waveform, rate)[0])
