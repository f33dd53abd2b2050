import warnings
from pathlib import Path

import pytest
from recordings import record, write

from ttslib.corpora.ljspeech import LJSpeech, is_ljspeech

SHARED = Path(__file__).resolve().parents[3] / "shared" / "speech"
LINES = [
    'LJ001-0001|It cost £5, "in 1455".|It cost five pounds, "in fourteen fifty-five".',
    "LJ001-0002|Élan, he said.|Élan, he said.",
    "LJ002-0001|No, Mr. Lee.|No, Mister Lee.",
]


@pytest.fixture
def root(tmp_path):
    """Three clips in `<root>/LJSpeech-1.1`."""
    root = tmp_path / "Müller's Corpora"
    write(root / "LJSpeech-1.1" / "metadata.csv", "\n".join(LINES) + "\n")
    for line in LINES:
        record(root / "LJSpeech-1.1" / "wavs" / f"{line.split('|')[0]}.wav", rate=22_050)
    return root


def add_line(root, line):
    path = root / "LJSpeech-1.1" / "metadata.csv"
    write(path, path.read_text(encoding="utf-8") + line + "\n")


def test_items_and_metadata(root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = LJSpeech(root)
    assert corpus.skipped == {}
    assert corpus.speakers == ["LJ"]
    assert [u.id for u in corpus.utterances] == ["LJ001-0001", "LJ001-0002", "LJ002-0001"]
    waveform, sample_rate, text = corpus[0]
    assert waveform.shape == (1, 6615)
    assert sample_rate == 22_050
    assert text == 'It cost five pounds, "in fourteen fifty-five".'
    assert corpus.utterances[0].original == 'It cost £5, "in 1455".'


def test_the_folder_itself_may_be_given(root):
    assert len(LJSpeech(root / "LJSpeech-1.1")) == 3


def test_original_text(root):
    corpus = LJSpeech(root, text="original")
    assert corpus[2][2] == "No, Mr. Lee."
    assert corpus.utterances[2].original is None
    with pytest.raises(ValueError, match="'normalized' or 'original', got 'raw'"):
        LJSpeech(root, text="raw")


def test_length_limits_and_the_one_speaker(root):
    record(root / "LJSpeech-1.1" / "wavs" / "LJ001-0002.wav", seconds=1)
    assert [u.id for u in LJSpeech(root, min_seconds=0.5).utterances] == ["LJ001-0002"]
    assert len(LJSpeech(root, max_seconds=0.5, speakers=["LJ"])) == 2
    with pytest.raises(ValueError, match="no speaker 84; the corpus has LJ"):
        LJSpeech(root, speakers=["84"])


def test_a_byte_order_mark_and_windows_line_ends(root):
    text = "\r\n".join(LINES) + "\r\n"
    write(root / "LJSpeech-1.1" / "metadata.csv", text, encoding="utf-8-sig")
    assert LJSpeech(root).utterances[0].id == "LJ001-0001"
    assert LJSpeech(root)[2][2] == "No, Mister Lee."


def test_what_has_no_partner_is_left_out_by_name(root):
    record(root / "LJSpeech-1.1" / "wavs" / "LJ009-0001.wav")
    record(root / "secret.wav")
    for line in (
        "LJ001-0003|It has no sound.|It has no sound.",
        "LJ001-0001|It was there before.|It was there before.",
        "../../secret|It lies elsewhere.|It lies elsewhere.",
        "LJ001-0004|Two columns.",
    ):
        add_line(root, line)
    with pytest.warns(UserWarning, match=r"5 file\(s\) left out: .*LJ001-0003 \(there is no such"):
        corpus = LJSpeech(root)
    assert len(corpus) == 3
    assert corpus.skipped == {
        "LJ001-0003": "there is no such audio in the folder",
        "LJ001-0001 in line 5": "line 1 has it already",
        "../../secret": "there is no such audio in the folder",
        "metadata.csv line 7": "it has 2 columns, expected 3",
        "LJ009-0001.wav": "the table doesn't list it",
    }


@pytest.mark.parametrize("text", ["LJ001-0001||", "LJ001-0001|Five.| "])
def test_a_clip_without_a_text_is_left_out(root, text):
    write(root / "LJSpeech-1.1" / "metadata.csv", "\n".join([text, *LINES[1:]]))
    with pytest.warns(UserWarning, match=r"LJ001-0001 \(its text is empty\)"):
        assert len(LJSpeech(root)) == 2


def test_another_encoding_is_named(root):
    write(root / "LJSpeech-1.1" / "metadata.csv", "\n".join(LINES), encoding="latin-1")
    with pytest.raises(ValueError, match=r"metadata.csv is not UTF-8; write it as UTF-8"):
        LJSpeech(root)


def test_another_tree_is_described(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere; give the folder"):
        LJSpeech(tmp_path / "nowhere")
    (tmp_path / "dev-clean").mkdir()
    with pytest.raises(FileNotFoundError, match=r"expected metadata.csv .*found dev-clean"):
        LJSpeech(tmp_path)
    write(tmp_path / "metadata.csv", "a.wav,b\n")
    record(tmp_path / "wavs" / "a.wav")
    with pytest.raises(ValueError, match=r"expected metadata.csv .*line 1 \(it has 1 columns, exp"):
        LJSpeech(tmp_path)
    write(tmp_path / "metadata.csv", "")
    with pytest.raises(ValueError, match=r"metadata.csv is empty"):
        LJSpeech(tmp_path)


def test_it_is_known_by_its_columns(root):
    assert is_ljspeech(root)
    assert is_ljspeech(root / "LJSpeech-1.1")
    for table in ("LJ001-0001|Good morning.", "id|text|normalized\na|b|c", "a|Good day to all.|x"):
        write(root / "LJSpeech-1.1" / "metadata.csv", table)
        assert not is_ljspeech(root)


@pytest.mark.skipif(not (SHARED / "ljspeech-sample").is_dir(), reason="no LJ Speech sample here")
def test_real_clips():
    corpus = LJSpeech(SHARED / "ljspeech-sample")
    assert len(corpus) == 48
    assert corpus.skipped == {}
    assert corpus[1][2] == "in being comparatively modern."
    assert corpus[1][1] == 22_050
