"""Any corpus, written in LibriTTS's layout and opened again."""

import errno
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from recordings import record, write

from ttslib.audio.files import read_audio
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.export import to_libritts
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.parts import corpus_parts
from ttslib.records import SpeakerInfo, Utterance

RATE = 44_100


def tone(path, *, seconds=1.0, rate=RATE, silence=0.5, channels=1, level=0.1, subtype=None):
    """A tone of 440 Hz between two silences."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = level * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    samples = np.pad(sound, int(silence * rate))
    soundfile.write(path, np.stack([samples] * channels, 1), rate, subtype=subtype)


@pytest.fixture
def folder(tmp_path):
    """Recordings of two people: stereo at 44.1 kHz and 8 bit at 16 kHz."""
    folder = tmp_path / "Meine Aufnahmen"
    tone(folder / "Zoë" / "guten tag.wav", channels=2)
    write(folder / "Zoë" / "guten tag.txt", "It cost £5 in the café.")
    tone(folder / "Zoë" / "two.flac", level=0.4)
    write(folder / "Zoë" / "two.txt", "Good night.")
    tone(folder / "anna" / "one.wav", rate=16_000, subtype="PCM_U8")
    write(folder / "anna" / "one.txt", "Good morning, Mr. Lee!")
    return folder


def tree(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_there_and_back(folder, tmp_path):
    root = tmp_path / "neu" / "mine"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = to_libritts(FolderCorpus(folder), root)
    names = ["10001/1/10001_1_000001_000000", "10001/1/10001_1_000002_000000"]
    names += ["10002/1/10002_1_000001_000000"]
    endings = (".normalized.txt", ".original.txt", ".wav")
    clips = [f"train-own/{name}{ending}" for name in names for ending in endings]
    assert tree(root) == ["clips.tsv", "speakers.tsv", *clips]
    assert isinstance(corpus, LibriTTS)
    assert corpus.skipped == {}
    assert [u.text for u in corpus.utterances] == [
        "It cost five pounds in the cafe.",
        "Good night.",
        "Good morning, Mister Lee!",
    ]
    original = LibriTTS(root, "train-own", text="original")
    assert [u.text for u in original.utterances] == [
        "It cost £5 in the café.",
        "Good night.",
        "Good morning, Mr. Lee!",
    ]
    for waveform, rate, _ in corpus:
        assert rate == 24_000
        assert waveform.shape[1] / rate == pytest.approx(1.2, abs=0.03)  # a tenth at each end
    info = soundfile.info(str(corpus.utterances[0].audio_path))
    assert (info.subtype, info.channels) == ("PCM_16", 1)


def test_the_tables_tell_what_was_called_how(folder, tmp_path):
    corpus = to_libritts(FolderCorpus(folder), tmp_path / "mine", subset="train-us")
    assert corpus.speaker_info == {
        "10001": SpeakerInfo("", "Zoë"),
        "10002": SpeakerInfo("", "anna"),
    }
    head, *rows = (tmp_path / "mine" / "clips.tsv").read_text(encoding="utf-8").splitlines()
    assert head == "id\tsource"
    assert rows == [
        "10001_1_000001_000000\tZoë/guten tag",
        "10001_1_000002_000000\tZoë/two",
        "10002_1_000001_000000\tanna/one",
    ]
    assert "10002\t\ttrain-us\tanna" in (tmp_path / "mine" / "speakers.tsv").read_text("utf-8")


def test_what_the_corpus_knew_is_kept(tmp_path):
    tone(tmp_path / "a.wav")
    utterance = Utterance(
        id="x", speaker="84", text="It is five.", audio_path=tmp_path / "a.wav", original="It is 5."
    )
    known = Corpus([utterance], speaker_info={"84": SpeakerInfo("F", "Christie Nowak")})
    corpus = to_libritts(known, tmp_path / "mine")
    assert corpus.speaker_info == {"10001": SpeakerInfo("F", "Christie Nowak")}
    assert LibriTTS(tmp_path / "mine", "train-own", text="original")[0][2] == "It is 5."


def test_the_sound_stays_the_same_but_for_its_ends(tmp_path):
    tone(tmp_path / "in" / "a.wav", rate=24_000)
    write(tmp_path / "in" / "a.txt", "Aah.")
    before, _ = read_audio(tmp_path / "in" / "a.wav")
    after = to_libritts(FolderCorpus(tmp_path / "in"), tmp_path / "out")[0][0]
    start = round(0.4 * 24_000)
    np.testing.assert_array_equal(after, before[:, start : start + after.shape[1]])


def test_levels_become_one_and_else_stay(folder, tmp_path):
    def levels(corpus):
        return [20 * waveform.square().mean().sqrt().log10().item() for waveform, _, _ in corpus]

    corpus = FolderCorpus(folder)
    plain = levels(to_libritts(corpus, tmp_path / "plain"))
    levelled = levels(to_libritts(corpus, tmp_path / "levelled", level=True))
    assert plain[1] - plain[0] == pytest.approx(12, abs=0.2)
    assert levelled == pytest.approx([-23] * 3, abs=0.05)


@pytest.mark.parametrize("level", [False, True])
def test_nothing_is_clipped(tmp_path, level):
    sound = np.full(4800, 0.001)
    sound[::100] = 2.0  # far above full scale, which float files may hold
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "a.wav", sound, 24_000, subtype="FLOAT")
    write(tmp_path / "in" / "a.txt", "Crack.")
    waveform = to_libritts(FolderCorpus(tmp_path / "in"), tmp_path / "out", level=level)[0][0]
    ratio = waveform[0, 1:100].max() / waveform.max()
    assert waveform.max() <= 1
    assert ratio.item() == pytest.approx(0.0005, abs=0.0001)


def test_training_takes_it_as_it_is(tmp_path):
    for i in range(12):
        record(tmp_path / "in" / f"{i}.wav")
        write(tmp_path / "in" / f"{i}.txt", f"Text {i}.")
    to_libritts(FolderCorpus(tmp_path / "in"), tmp_path / "out", subset="train-me")
    training, held_out = corpus_parts(tmp_path / "out" / "train-me")
    assert (len(training), len(held_out)) == (11, 1)


def test_clips_that_can_not_be_used_are_left_out_by_name(folder, tmp_path):
    (folder / "anna" / "broken.wav").write_bytes(b"no sound")
    soundfile.write(folder / "anna" / "silent.wav", np.zeros(8000), 8000)
    record(folder / "bert" / "mute.wav")
    for id in ("anna/broken", "anna/silent"):
        write(folder / f"{id}.txt", "Good day.")
    write(folder / "bert" / "mute.txt", "... 😀?")
    corpus = FolderCorpus(folder)
    with pytest.warns(UserWarning, match=r"3 clip\(s\) left out: ") as caught:
        new = to_libritts(corpus, tmp_path / "mine")
    message = str(caught[-1].message)
    assert "bert/mute (there is nothing to speak in its text" in message
    assert "anna/broken (can't read" in message
    assert "is silent" in message
    assert [u.id.split("_")[0] for u in new.utterances] == ["10001", "10001", "10002"]
    assert "bert" not in (tmp_path / "mine" / "speakers.tsv").read_text("utf-8")


def test_a_corpus_of_which_nothing_can_be_used_leaves_nothing(tmp_path):
    record(tmp_path / "in" / "a.wav").write_bytes(b"no sound")
    write(tmp_path / "in" / "a.txt", "Good day.")
    with pytest.raises(ValueError, match=r"none of the 1 clips can be used: a \(can't read"):
        to_libritts(FolderCorpus(tmp_path / "in"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_files_is_refused_and_untouched(folder, tmp_path):
    root = tmp_path / "mine"
    write(root / "diary.txt", "Dear diary")
    with pytest.raises(ValueError, match="mine holds files already; give another folder"):
        to_libritts(FolderCorpus(folder), root)
    with pytest.raises(ValueError, match=r"diary.txt holds files already"):
        to_libritts(FolderCorpus(folder), root / "diary.txt")
    assert tree(root) == ["diary.txt"]
    (root / "diary.txt").unlink()
    assert len(to_libritts(FolderCorpus(folder), root)) == 3


@pytest.mark.parametrize("subset", ["..", "../x", "a/b", "a\\b", "", ".hidden", "/tmp"])
def test_nothing_is_written_outside_of_the_root(folder, tmp_path, subset):
    before = tree(tmp_path)
    with pytest.raises(ValueError, match="subset must be letters, digits"):
        to_libritts(FolderCorpus(folder), tmp_path / "mine", subset=subset)
    assert tree(tmp_path) == before
    assert not (tmp_path / "mine").exists()


def test_names_from_a_corpus_never_lead_elsewhere(tmp_path):
    tone(tmp_path / "a.wav")
    sly = [
        Utterance(id="../../x", speaker="../y", text="Hi.", audio_path=tmp_path / "a.wav"),
        Utterance(id="/x\ty", speaker="/z\tz\n9", text="Hi.", audio_path=tmp_path / "a.wav"),
    ]
    corpus = to_libritts(Corpus(sly), tmp_path / "deep" / "mine")
    assert tree(tmp_path)[0] == "a.wav"
    assert all(name.startswith("deep/mine/") for name in tree(tmp_path)[1:])
    assert [info.name for info in corpus.speaker_info.values()] == ["../y", "/z z 9"]
    clips = (tmp_path / "deep" / "mine" / "clips.tsv").read_text("utf-8").splitlines()
    assert [len(line.split("\t")) for line in clips] == [2, 2, 2]


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("method", ["write_bytes", "write_text"])
def test_a_full_disk_leaves_nothing(folder, tmp_path, monkeypatch, is_there, method):
    corpus, root = FolderCorpus(folder), tmp_path / "mine"
    if is_there:
        root.mkdir()
    real, calls = getattr(Path, method), []

    def full(path, *arguments, **options):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, method, full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        to_libritts(corpus, root)
    assert root.exists() == is_there
    assert not is_there or not any(root.iterdir())
    assert all(path.is_relative_to(root) for path in calls)


def test_the_corpus_it_came_from_stays(folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    to_libritts(FolderCorpus(folder), tmp_path / "mine", level=True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_progress_is_shown(folder, tmp_path, capfd):
    to_libritts(FolderCorpus(folder), tmp_path / "mine")
    assert "writing clips: 100%" in capfd.readouterr().err
