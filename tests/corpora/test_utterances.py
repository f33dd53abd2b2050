"""Clips are packed, and come back as they were."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from recordings import record, write

from ttslib.corpora import index as index_module
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.ljspeech import LJSpeech
from ttslib.corpora.utterances import Table, Utterances, join_utterances
from ttslib.records import Utterance


def _clip(number, **changes):
    fields = dict(
        id=f"{number:03d}",
        speaker="ab"[number % 2],
        text=f"Tëxt {number}.",
        audio_path=Path(f"/data/größe/{number:03d}.wav"),
        original=None,
    )
    return Utterance(**fields | changes)


CLIPS = [
    _clip(0),
    _clip(1, original="Tëxt 1."),
    _clip(2, original="Text no. 2"),
    _clip(3, id="another name", audio_path=Path("elsewhere/3.wav")),
    _clip(4, text="", original="="),
]


def test_all_fields_come_back():
    packed = Utterances.of(CLIPS)
    assert list(packed) == CLIPS
    assert packed == CLIPS
    assert CLIPS == packed  # a list leaves the comparison to us
    assert packed != CLIPS[1:]
    assert packed[-1] == CLIPS[-1]
    assert packed[1:3] == CLIPS[1:3]
    assert packed.take([4, 0]) == [CLIPS[4], CLIPS[0]]
    with pytest.raises(IndexError):
        packed[5]
    assert [packed.id(i) for i in range(5)] == [clip.id for clip in CLIPS]
    assert [packed.path(i) for i in range(5)] == [clip.audio_path for clip in CLIPS]


def test_paths_outside_the_prefix_come_back(tmp_path):
    table = Table.of(CLIPS, prefix="/data/größe/")
    assert Utterances([table]) == CLIPS


def test_speakers_are_those_who_occur():
    packed = Utterances.of(CLIPS)
    assert packed.speakers == ("a", "b")
    assert packed.speaker_indices.tolist() == [0, 1, 0, 1, 0]
    assert packed.take([1, 3]).speakers == ("b",)
    assert packed.take([1, 3]).speaker_indices.tolist() == [0, 0]
    assert packed[:0].speakers == ()


def test_a_part_is_sent_without_the_rest():
    packed = Utterances.of([_clip(i, text="x" * 1000) for i in range(1000)])
    sent = pickle.dumps(packed.take([7, 999]))
    assert len(sent) < 5000
    assert pickle.loads(sent) == [packed[7], packed[999]]


def test_joined_lists_keep_what_they_call_their_clips():
    joined = join_utterances([Utterances.of(CLIPS), Utterances.of(CLIPS)[3:]], ["", "more/"])
    assert len(joined) == 7
    assert joined[:5] == CLIPS
    assert (joined[5].id, joined[5].speaker) == ("more/another name", "more/b")
    assert joined[5].audio_path == CLIPS[3].audio_path
    assert joined.speakers == ("a", "b", "more/a", "more/b")
    assert joined.speaker_indices.tolist() == [0, 1, 0, 1, 0, 3, 2]


def test_a_saved_table_is_mapped_not_read(tmp_path):
    Table.of(CLIPS, prefix="/data/").save(tmp_path / "table", {"note": "1"}, more=np.arange(3))
    table, notes, arrays = Table.open(tmp_path / "table")
    assert Utterances([table]) == CLIPS
    assert notes["note"] == "1"
    assert arrays["more"].tolist() == [0, 1, 2]


def test_equal_texts_have_equal_keys():
    packed = Utterances.of([_clip(0), _clip(1), _clip(2, text="Tëxt 0.")])
    keys = packed.text_keys()
    assert keys[0] == keys[2] != keys[1]


def test_a_clip_costs_less_than_200_bytes():
    """With LibriTTS's lengths: 85 letters a text, of which one in six is printed otherwise."""
    n = 5000
    clips = [
        _clip(
            i,
            id=f"1272_128104_{i:06d}_000001",
            text=("word " * 17 + str(i)),
            original=("word " * 17 + str(i)) if i % 6 else ("Word " * 17 + str(i)),
            audio_path=Path(f"/data/LibriTTS/dev/1272/128104/1272_128104_{i:06d}_000001.wav"),
        )
        for i in range(n)
    ]
    (table,) = Utterances.of(clips)._tables
    columns = (table.paths, table.ids, table.texts, table.originals)
    stored = sum(c.letters.nbytes + c.ends.nbytes for c in columns) + table.speaker.nbytes
    assert stored / n + 8 < 200


@pytest.fixture
def indexed(tmp_path, monkeypatch):
    """Every corpus is indexed, in a data folder of the test's own; `reads` counts opened trees."""
    monkeypatch.setattr(index_module, "INDEX_FROM", 1)
    monkeypatch.setattr(index_module, "_SETTLED", -10_000_000_000)  # trees a moment old count
    monkeypatch.setenv("TTSLIB_DATA", str(tmp_path / "cache"))


@pytest.fixture
def texts_read(monkeypatch):
    """The names of the text files that were opened."""
    from ttslib.corpora import folder, libritts

    names = []

    def reading(path):
        names.append(path.name)
        return read(path)

    read = libritts.read_text
    monkeypatch.setattr(libritts, "read_text", reading)
    monkeypatch.setattr(folder, "read_text", reading)
    return names


def _libritts_clip(root, number, text="Hello."):
    stem = root / "dev" / "7" / "1" / f"7_1_{number:06d}_000000"
    record(stem.with_suffix(".wav"))
    write(stem.with_suffix(".normalized.txt"), text)
    return stem


def test_an_index_saves_the_reading_and_names_what_is_left_out(tmp_path, indexed, texts_read):
    root = tmp_path / "LibriTTS"
    for number in range(3):
        _libritts_clip(root, number)
    write(root / "dev" / "7" / "1" / "7_1_000009_000000.normalized.txt", "No sound.")
    with pytest.warns(UserWarning, match="it has no audio"):
        first = LibriTTS(root, "dev")
    assert len(texts_read) == 3
    with pytest.warns(UserWarning, match="it has no audio"):
        second = LibriTTS(root, "dev")
    assert second.utterances == first.utterances
    assert second.skipped == first.skipped
    assert len(texts_read) == 3
    assert len(second[0][0]) == 1  # its audio is found


def test_a_changed_listing_is_read_again(tmp_path, indexed, texts_read):
    root = tmp_path / "LibriTTS"
    stems = [_libritts_clip(root, number) for number in range(3)]
    LibriTTS(root, "dev")
    _libritts_clip(root, 3)
    assert len(LibriTTS(root, "dev")) == 4
    for ending in (".wav", ".normalized.txt"):
        stems[0].with_suffix(ending).unlink()
    assert len(LibriTTS(root, "dev")) == 3
    (root / "dev" / "8" / "2").mkdir(parents=True)
    before = len(texts_read)
    LibriTTS(root, "dev")
    assert len(texts_read) == before + 3


def test_other_texts_have_another_index(tmp_path, indexed):
    root = tmp_path / "LibriTTS"
    write(_libritts_clip(root, 0, "Two.").with_suffix(".original.txt"), "2.")
    for _ in range(2):
        assert LibriTTS(root, "dev").utterances[0].text == "Two."
        assert LibriTTS(root, "dev", text="original").utterances[0].text == "2."


def test_a_tree_that_may_still_change_is_not_indexed(tmp_path, indexed, monkeypatch, texts_read):
    monkeypatch.setattr(index_module, "_SETTLED", 2_000_000_000)
    _libritts_clip(tmp_path / "LibriTTS", 0)
    LibriTTS(tmp_path / "LibriTTS", "dev")
    LibriTTS(tmp_path / "LibriTTS", "dev")
    assert len(texts_read) == 2


def test_an_edited_table_is_read_again(tmp_path, indexed):
    for name in ("1", "2"):
        record(tmp_path / "own" / f"{name}.wav")
        record(tmp_path / "LJ" / "wavs" / f"{name}.wav")
    for root, kind in (("own", FolderCorpus), ("LJ", LJSpeech)):
        table = tmp_path / root / "metadata.csv"
        write(table, "1|One.|One.\n2|Two.|Two.\n")
        assert [u.text for u in kind(tmp_path / root).utterances] == ["One.", "Two."]
        assert [u.text for u in kind(tmp_path / root).utterances] == ["One.", "Two."]
        write(table, "1|One.|One.\n2|Two!|Two!\n")
        assert [u.text for u in kind(tmp_path / root).utterances] == ["One.", "Two!"]


def test_small_corpora_leave_no_index(tmp_path, monkeypatch):
    monkeypatch.setenv("TTSLIB_DATA", str(tmp_path / "cache"))
    _libritts_clip(tmp_path / "LibriTTS", 0)
    LibriTTS(tmp_path / "LibriTTS", "dev")
    assert not (tmp_path / "cache").exists()
