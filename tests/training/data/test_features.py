"""Features: computed once, found again, never stale; what is unusable is named and left out."""

import dataclasses
import os
import random
import shutil
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
import soundfile
import torch
from joblib.parallel import register_parallel_backend
from training_fakes import write_tone

from ttslib.audio import files
from ttslib.audio import mel as mel_module
from ttslib.audio.mel import extract_mel_spectrogram
from ttslib.corpora.corpus import Corpus
from ttslib.text import phonemes
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer
from ttslib.training.data import contents, store
from ttslib.training.data import features as features_module
from ttslib.training.data.features import compute_features, preprocess_data


class _Counting(Corpus):
    """A corpus that notes which clips were opened."""

    def __init__(self, utterances):
        super().__init__(utterances)
        self.opened = []  # numbers of the clips; the corpus's parts share it

    def sound_blocks(self, index, *, sample_rate):
        self.opened.append(int(self.utterances[index].id.removeprefix("clip_")))
        return super().sound_blocks(index, sample_rate=sample_rate)


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
    assert features.utterances == tones.utterances
    for index, (waveform, rate, text) in enumerate(tones):
        tokens, mel = features[index]
        assert features.utterance(index) == tones.utterances[index]
        assert tokens.tolist() == CharTokenizer().encode(text)
        wanted, _ = extract_mel_spectrogram(waveform, rate, config=audio)
        assert mel.dtype == torch.float32
        torch.testing.assert_close(mel, torch.from_numpy(wanted), atol=1 / 2048 + 1e-6, rtol=0)
        assert (features.n_tokens[index], features.n_frames[index]) == (len(tokens), mel.shape[1])


def test_speakers_and_statistics(compute, tones):
    features = compute(tones)
    assert features.speakers == ("high", "low")
    assert features.speaker_indices.tolist() == [1, 1, 1, 1, 0, 0]
    assert features.main_speaker == "low"
    high = features.of_speaker("high")
    assert [u.id for u in high.utterances] == ["clip_4", "clip_5"]
    assert torch.equal(high[1][1], features[5][1])
    assert high.corpus_indices.tolist() == [4, 5]
    assert len(features.of_speaker("nobody")) == 0
    frames = torch.cat([mel for _, mel in features], dim=1)
    torch.testing.assert_close(features.normalizer().mean, frames.mean(dim=1))


def test_statistics_of_a_large_corpus_are_of_some_clips_of_all_speakers(
    compute, tones, monkeypatch
):
    assert compute(tones).sample() == [0, 1, 2, 3, 4, 5]
    monkeypatch.setattr(features_module, "MOST_COUNTED", 5)
    everyone = compute(tones).take(np.resize(np.arange(6), 600))
    chosen = everyone.speaker_indices[everyone.sample()]
    assert np.bincount(chosen).tolist() == [20, 20]
    few = compute(tones).take([0, 1, 2, 3, 4, 4])  # fewer than 20 of each: all
    assert few.sample() == [0, 1, 2, 3, 4, 5]


def test_another_process_is_handed_only_the_clips_that_it_needs(compute, tones, monkeypatch):
    handed = []
    write = features_module._write_sounds
    monkeypatch.setattr(
        features_module,
        "_write_sounds",
        lambda wanted, keys, part, config: (
            handed.append(len(part)) or write(wanted, keys, part, config)
        ),
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
    assert again.utterances == first.utterances
    assert torch.equal(again[3][1], first[3][1])


def test_only_what_is_new_is_computed(compute, tones, tmp_path):
    utterances = list(tones.utterances)
    compute(Corpus(utterances[:4]))
    assert _opened(compute, Corpus([utterances[2], utterances[0]])) == []  # dropped, moved
    assert _opened(compute, tones) == [4, 5]  # added
    assert _opened(compute, Corpus([u for u in utterances if u.speaker == "high"])) == []
    home = utterances[0].audio_path.parent
    moved = [
        dataclasses.replace(u, audio_path=tmp_path / "moved" / u.audio_path.name, id=f"new {u.id}")
        for u in utterances
    ]
    shutil.copytree(home, tmp_path / "moved")  # other inodes, other dates
    counting = _Counting(tones.utterances)
    counting.utterances = Corpus(moved).utterances
    features = compute(counting)
    assert counting.opened == []
    assert features.utterance(1).id == "new clip_1"
    shutil.move(tmp_path / "mes données", tmp_path / "cache")
    assert _opened(compute, tones, folder=tmp_path / "cache") == []


def test_pitch_stores_no_mel_again(compute, tones, tmp_path):
    plain = compute(tones)
    mels = sorted((tmp_path / "mes données").glob("mels-*/*"))
    with pytest.raises(ValueError, match="pitch=True"):
        plain.pitch(0)
    pitched = compute(tones, pitch=True)
    assert sorted((tmp_path / "mes données").glob("mels-*/*")) == mels
    assert len(pitched.pitch(3)) == pitched.n_frames[3]
    assert _opened(compute, tones) == []
    assert _opened(compute, tones, pitch=True) == []


def test_equal_sounds_and_texts_are_stored_once(compute, tones, tmp_path):
    shutil.copy(tones.utterances[0].audio_path, tones.utterances[1].audio_path)
    corpus = _with(tones, 1, text=tones.utterances[0].text)
    assert _opened(compute, corpus) == [0, 2, 3, 4, 5]
    features = compute(corpus)
    assert torch.equal(features[0][1], features[1][1])


def test_changed_setting_never_reads_stale_features(compute, tones, audio):
    compute(tones)
    everything = list(range(len(tones)))
    assert _opened(compute, tones, config=dataclasses.replace(audio, hop_length=64)) == everything
    assert _opened(compute, tones, config=dataclasses.replace(audio, log_floor=1e-4)) == everything
    padding, *symbols = CharTokenizer().symbols
    for tokenizer in (PhonemeTokenizer(), CharTokenizer(symbols=[padding, *symbols[::-1]])):
        assert _opened(compute, tones, tokenizer=tokenizer) == []  # the sound is the same
        wanted = tokenizer.encode(tones.utterances[0].text)
        assert compute(tones, tokenizer=tokenizer)[0][0].tolist() == wanted
    assert _opened(compute, tones) == []  # the first ones are still there
    assert compute(tones)[0][0].tolist() == CharTokenizer().encode(tones.utterances[0].text)


def test_tagger_that_comes_later_changes_the_phonemes(compute, tones, monkeypatch):
    """With NLTK's data homographs are read otherwise, though the tokenizer's table is the same."""

    class AllVerbs:
        def tag(self, words):
            return [(word, "VB") for word in words]

    corpus = _with(tones, 0, text="They record it.")
    monkeypatch.setattr(phonemes, "load_tagger", lambda: None)
    before = compute(corpus, tokenizer=PhonemeTokenizer())[0][0]
    monkeypatch.setattr(phonemes, "load_tagger", AllVerbs)
    after = compute(corpus, tokenizer=PhonemeTokenizer())[0][0]
    assert after.tolist() == PhonemeTokenizer().encode("They record it.") != before.tolist()


def test_changed_text_or_file_is_computed_again(compute, tones):
    compute(tones)
    retold = _with(tones, 2, text="Another text")
    assert _opened(compute, retold) == []  # the sound is the same
    assert compute(retold)[2][0].tolist() == CharTokenizer().encode("Another text")

    path = tones.utterances[5].audio_path
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert _opened(compute, tones) == []  # its bytes are the same

    write_tone(path, hertz=1000, seconds=1)
    assert _opened(compute, tones) == [5]
    assert compute(tones)[5][1].shape[1] == 100


def test_overwritten_with_the_same_size_and_date(compute, tones, monkeypatch):
    monkeypatch.setattr(contents, "SETTLED", -10.0)  # dates of just now count
    compute(tones)
    path = tones.utterances[5].audio_path
    stat, old = path.stat(), compute(tones)[5][1]
    write_tone(path, hertz=2000, seconds=0.45)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert _opened(compute, tones) == [5]
    assert not torch.equal(compute(tones)[5][1], old)


def test_unusable_clips_are_left_out_by_name(compute, tones):
    tones.utterances[1].audio_path.write_bytes(b"not a sound")
    tones.utterances[2].audio_path.unlink()
    write_tone(tones.utterances[3].audio_path, hertz=440, seconds=0.005)
    corpus = _with(tones, 4, text="...")
    with pytest.warns(UserWarning, match="left out") as caught:
        features = compute(corpus)
    (summary,) = [str(w.message) for w in caught if "left out" in str(w.message)]
    assert summary.startswith("4 clips are left out")
    for said in (
        "clip_1: can't read ",
        "clip_2: its audio can't be read",
        "clip_3: a waveform of 40 samples",
    ):
        assert said in summary
    assert "clip_4: nothing in '...' can be said" in summary
    assert [u.id for u in features.utterances] == ["clip_0", "clip_5"]
    assert features[1][0].tolist() == CharTokenizer().encode("Six.")


def test_a_silent_clip_is_left_out_by_name(compute, tones):
    soundfile.write(tones.utterances[2].audio_path, np.zeros(4000), 8000)
    with pytest.warns(UserWarning, match="clip_2: its audio is silent"):
        assert len(compute(tones)) == 5


class _Failing(Corpus):
    """A corpus with a clip that can't be read just now."""

    def sound_blocks(self, index, *, sample_rate):
        if self.utterances[index].id == "clip_2":
            raise self.error
        return super().sound_blocks(index, sample_rate=sample_rate)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("oddly broken")])
def test_a_clip_that_fails_is_left_out_by_name_and_tried_again(compute, tones, error):
    failing = _Failing(tones.utterances)
    failing.error = error
    with pytest.warns(UserWarning, match=f"clip_2: {type(error).__name__}"):
        assert [u.id[-1] for u in compute(failing, pitch=True).utterances] == list("01345")
    assert len(compute(tones)) == 6


class _BadWord(CharTokenizer):
    def encode(self, text):
        if text == "Six.":
            raise RuntimeError("oddly broken")
        return super().encode(text)


def test_a_text_that_fails_is_left_out_by_name_and_tried_again(compute, tones):
    with pytest.warns(UserWarning, match="clip_5: RuntimeError: oddly broken"):
        assert len(compute(tones, tokenizer=_BadWord())) == 5
    assert len(compute(tones)) == 6


def test_a_long_clip_is_computed_as_a_short_one(compute, tones, monkeypatch):
    whole = compute(tones, pitch=True)
    monkeypatch.setattr(files, "BLOCK", 500)
    monkeypatch.setattr(mel_module, "SEGMENT", 7)
    pieces = compute(tones, pitch=True, folder=tones.utterances[0].audio_path.parent / "again")
    for index in range(len(tones)):
        torch.testing.assert_close(pieces[index][1], whole[index][1], atol=2 / 1024, rtol=0)
        assert len(pieces.pitch(index)) == len(whole.pitch(index))


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
    def sound_blocks(self, index, *, sample_rate):
        if self.utterances[index].id == "clip_3":
            raise KeyboardInterrupt
        return super().sound_blocks(index, sample_rate=sample_rate)


def test_interrupted_run_is_resumed(compute, tones, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        compute(_Interrupted(tones.utterances))
    assert len(list((tmp_path / "mes données").glob("mels-*/*"))) == 1
    assert _opened(compute, tones) == [2, 3, 4, 5]


def test_full_disk_says_so_and_leaves_no_part(compute, tones, tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(OSError, match=r"cannot write features.*mes données.*No space left"):
        compute(tones)


def test_a_cut_off_shard_is_named_and_computed_again(compute, tones, tmp_path):
    wanted = compute(tones)[0][1]
    shard = Path(compute(tones).mel_column.paths[compute(tones).mel_column.shard[0]])
    shard.write_bytes(shard.read_bytes()[:-10])
    counting = _Counting(tones.utterances)
    with pytest.warns(UserWarning, match=f"{shard.name} are damaged .* recomputed"):
        features = compute(counting)
    assert counting.opened == [0, 1]
    assert torch.equal(features[0][1], wanted)


def test_a_flipped_bit_is_named_with_the_remedy(compute, tones):
    features = compute(tones)
    wanted = features[1][1]
    shard = Path(features.mel_column.paths[features.mel_column.shard[1]])
    data = bytearray(shard.read_bytes())
    data[int(features.mel_column.offset[1]) + 3] ^= 16
    shard.write_bytes(data)
    with pytest.raises(ValueError, match=rf"{shard.name} are damaged; delete that file"):
        features[1]
    assert torch.equal(compute(tones)[2][1], features[2][1])  # others are still there
    shard.unlink()
    with pytest.raises(ValueError, match="delete that file"):
        features[1]
    assert _opened(compute, tones) == [0, 1]
    assert torch.equal(compute(tones)[1][1], wanted)


@pytest.mark.parametrize("name", ["shard", "index"])
def test_any_byte_of_a_store_may_be_wrong(compute, tones, tmp_path, name):
    """Whatever is damaged is named and recomputed, or named when it is read; no other error."""
    whole = compute(tones)
    wanted = [mel for _, mel in (whole[i] for i in range(6))]
    folder = Path(whole.mel_column.paths[0]).parent
    path = folder / "index.safetensors" if name == "index" else Path(whole.mel_column.paths[0])
    data = path.read_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    complaints: list[str] = []
    for seed in range(60):
        dice = random.Random(seed)
        damaged = bytearray(data)
        damaged[dice.randrange(8 if seed % 5 == 0 else header)] = dice.randrange(256)
        (folder / "index.safetensors").unlink(missing_ok=True)
        path.write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            features = compute(tones)
        for index, mel in enumerate(wanted):
            try:
                assert torch.equal(features[index][1], mel)
            except ValueError as error:
                complaints.append(str(error))
    assert all("are damaged; delete that file" in complaint for complaint in complaints)


def test_a_damaged_index_is_made_again(compute, tones, tmp_path):
    compute(tones)
    for index in (tmp_path / "mes données").rglob("index.safetensors"):
        index.write_bytes(b"not an index")
    assert _opened(compute, tones) == []


def test_a_torn_note_of_contents_loses_only_itself(compute, tones, tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "SETTLED", -10.0)
    compute(tones)
    log = tmp_path / "mes données" / "contents.bin"
    whole = log.read_bytes()
    assert len(whole) == 6 * 32
    log.write_bytes(whole[:-7])
    hashed = []
    read = contents._hash_files
    monkeypatch.setattr(contents, "_hash_files", lambda paths: hashed.extend(paths) or read(paths))
    assert _opened(compute, tones) == []
    assert len(hashed) == 1
    assert _opened(compute, tones) == []
    assert len(hashed) == 1  # noted again, after the torn one


def test_two_processes_compute_the_same(compute, tones, tmp_path):
    compute(tones, folder=tmp_path / "one")
    compute(tones, folder=tmp_path / "two", jobs=2)
    files = (path.relative_to(tmp_path / "one") for path in (tmp_path / "one").glob("*-*/*"))
    shards = sorted(path for path in files if path.name != "index.safetensors")
    assert len(shards) == 4
    for shard in shards:
        assert (tmp_path / "one" / shard).read_bytes() == (tmp_path / "two" / shard).read_bytes()


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
