"""The tables of speakers, as LibriTTS and LibriSpeech publish them."""

import pytest
from recordings import record, write

from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.mini.corpus import MINI_SPEAKERS
from ttslib.corpora.speakers import read_speaker_info, write_speaker_info
from ttslib.records import SpeakerInfo

# LibriTTS's own header is not separated by tabs everywhere, and some names are missing
TSV = """READER  GENDER\tSUBSET  NAME
84\tF\tdev-clean\tChristie Nowak
174\tM\tdev-clean\tPéter Eastman\x20
60\tM\ttrain-clean-100\t|CBW|Simon
777\tm\tdev-clean

"""
TXT = """; Some pipe(|) separated metadata about all LibriVox readers, whose work was used
; in the corpus.
;
;ID  |SEX| SUBSET           |MINUTES| NAME
84   | F | dev-clean        | 8.02  | Christie Nowak
60   | M | train-clean-100  | 20.18 | |CBW|Simon
174  | ? | dev-clean        | 8.04
"""


def test_the_table_of_libritts(tmp_path):
    write(tmp_path / "speakers.tsv", TSV)
    assert read_speaker_info(tmp_path) == {
        "84": SpeakerInfo(sex="F", name="Christie Nowak"),
        "174": SpeakerInfo(sex="M", name="Péter Eastman"),
        "60": SpeakerInfo(sex="M", name="|CBW|Simon"),
        "777": SpeakerInfo(sex="M", name=""),
    }


@pytest.mark.parametrize("name", ["SPEAKERS.TXT", "SPEAKERS.txt"])
def test_the_table_of_librispeech(tmp_path, name):
    write(tmp_path / name, TXT.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert read_speaker_info(tmp_path) == {
        "84": SpeakerInfo(sex="F", name="Christie Nowak"),
        "60": SpeakerInfo(sex="M", name="|CBW|Simon"),
        "174": SpeakerInfo(sex="", name=""),
    }


def test_both_tables_together(tmp_path):
    write(tmp_path / "speakers.tsv", "READER\tGENDER\tSUBSET\tNAME\n84\tF\tdev-clean\tChris\n")
    write(tmp_path / "SPEAKERS.txt", TXT)
    info = read_speaker_info(tmp_path)
    assert info["84"].name == "Chris"
    assert info["60"].sex == "M"


def test_no_table_and_a_broken_one_are_no_error(tmp_path):
    assert read_speaker_info(tmp_path) == {}
    (tmp_path / "speakers.tsv").write_bytes(b"\xff\xfe\n1\xff\n84\tF\tdev-clean\tJos\xe9\n\n")
    assert read_speaker_info(tmp_path) == {"84": SpeakerInfo(sex="F", name="Jos\ufffd")}


def test_what_is_written_is_read_again(tmp_path):
    write_speaker_info(tmp_path / "speakers.tsv", [("1", "F", "a", "Äda\tB."), ("2", "", "a", "")])
    assert read_speaker_info(tmp_path) == {
        "1": SpeakerInfo("F", "Äda B."),
        "2": SpeakerInfo("", ""),
    }


@pytest.fixture
def corpus_folder(tmp_path):
    for id in ("84_121_000001_000000", "174_50_000001_000000"):
        speaker, chapter, *_ = id.split("_")
        record(tmp_path / "LibriTTS" / "dev-clean" / speaker / chapter / f"{id}.wav")
        write(tmp_path / f"LibriTTS/dev-clean/{speaker}/{chapter}/{id}.normalized.txt", "Ten.")
    return tmp_path


def test_a_corpus_knows_its_own_speakers(corpus_folder):
    assert LibriTTS(corpus_folder).speaker_info == {}
    write(corpus_folder / "LibriTTS" / "speakers.tsv", TSV)
    assert LibriTTS(corpus_folder).speaker_info == {
        "84": SpeakerInfo("F", "Christie Nowak"),
        "174": SpeakerInfo("M", "Péter Eastman"),
    }
    assert list(LibriTTS(corpus_folder, speakers=[84]).speaker_info) == ["84"]


def test_the_mini_corpus_tells_its_speakers(tmp_path):
    rows = [(s.id, s.gender, "train-mini", s.name) for s in MINI_SPEAKERS]
    write_speaker_info(tmp_path / "speakers.tsv", rows)
    assert read_speaker_info(tmp_path)["9102"] == SpeakerInfo("F", "Annie")
