"""Corpora by name: fetched from a folder that stands for the network, checked and converted."""

import hashlib
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ttslib.cli import main as cli
from ttslib.corpora import download
from ttslib.corpora.archives import git_tree
from ttslib.corpora.download import CORPORA, download_corpus
from ttslib.corpora.folder import FolderCorpus
from ttslib.corpora.parts import open_corpus
from ttslib.corpora.splits import split_by_text

TEXTS = (
    "Author of the danger trail.",
    "Not at this particular case.",
    "For the twentieth time that evening.",
)


@pytest.fixture
def server(tmp_path, monkeypatch) -> Path:
    """A small archive of each corpus, in the layout of the published one."""
    server = tmp_path / "server"
    data = server / "dataset-voice-kathleen-c51cb97" / "data"
    wavs = server / "LJSpeech-1.1" / "wavs"
    for folder in (data, wavs):
        folder.mkdir(parents=True)
    time = np.arange(48_000) / 48_000
    for number, text in enumerate(TEXTS, 1):
        tone = 0.2 * np.sin(2 * np.pi * 200 * number * time)
        stem = data / f"arctic_a000{number}_159274857{number}"
        soundfile.write(f"{stem}.wav", np.stack([tone, tone], axis=1), 48_000)
        stem.with_suffix(".txt").write_text(text, encoding="utf-8")
        soundfile.write(wavs / f"LJ001-000{number}.wav", tone, 22_050)
    rows = [f"LJ001-000{number}|{text}|{text}" for number, text in enumerate(TEXTS, 1)]
    (wavs.parent / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    for name, folder in (("kathleen", data.parent), ("ljspeech", wavs.parent)):
        archive = server / Path(CORPORA[name].url).name
        with tarfile.open(archive, f"w:{archive.suffix[1:]}") as tar:
            tar.add(folder, folder.name)
        source = CORPORA[name]._replace(url=archive.as_uri())
        if name == "kathleen":
            source = source._replace(git_tree=git_tree(folder))
        else:
            source = source._replace(sha256=hashlib.sha256(archive.read_bytes()).hexdigest())
        monkeypatch.setitem(CORPORA, name, source)
    return server


def test_kathleen_becomes_a_corpus_in_libritts_layout(server, tmp_path):
    folder = download_corpus("kathleen", tmp_path / "data")
    assert folder == tmp_path / "data" / "kathleen" / "train-kathleen"
    *parts, test = split_by_text(FolderCorpus(server / "dataset-voice-kathleen-c51cb97" / "data"))
    corpus = open_corpus(folder)
    assert sorted(text for _, _, text in corpus) == sorted(
        utterance.text for part in parts for utterance in part.utterances
    )
    aside = open_corpus(folder.with_name("test-kathleen"))
    assert [text for _, _, text in aside] == [utterance.text for utterance in test.utterances]
    assert {(waveform.shape[0], rate) for waveform, rate, _ in corpus} == {(1, 24_000)}
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "kathleen",
        "kathleen.tar.gz",
    ]


def test_ljspeech_stays_as_it_is(server, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["corpus", "download", "ljspeech", "--root", str(tmp_path / "data")])
    assert caught.value.code == 0
    folder = tmp_path / "data" / "LJSpeech-1.1"
    assert f"train on it: ttslib train tacotron2 --corpus {folder}" in capsys.readouterr().out
    assert len(open_corpus(folder)) == 3


@pytest.mark.parametrize("name", ["kathleen", "ljspeech"])
def test_a_second_call_needs_no_network(server, tmp_path, name):
    first = download_corpus(name, tmp_path)
    for archive in server.glob("*.tar.*"):
        archive.unlink()
    assert download_corpus(name, tmp_path) == first


def test_files_that_are_not_the_commits_are_refused(server, tmp_path, monkeypatch):
    monkeypatch.setitem(CORPORA, "kathleen", CORPORA["kathleen"]._replace(git_tree="0" * 40))
    with pytest.raises(ValueError, match=r"aren't those of the commit .*delete .*kathleen.tar.gz"):
        download_corpus("kathleen", tmp_path / "data")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["kathleen.tar.gz"]


def test_an_unknown_corpus_is_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["corpus", "download", "nobody", "--root", str(tmp_path)])
    assert caught.value.code == 1
    err = capsys.readouterr().err
    assert "choose one of kathleen (" in err
    assert "LibriTTS (dev-clean" in err
    assert list(tmp_path.iterdir()) == []


def test_the_hash_of_a_folder_is_gits(tmp_path):
    for name, content in {"b.txt": "2", "a": "1", "b/c.txt": "3", "b-d": "4"}.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert git_tree(tmp_path / "folder") == "a9d0163b79c1c678d1e3cc3ec761916f6aa4ff16"


def test_every_source_can_be_checked():
    assert all(source.sha256 or source.git_tree for source in download.CORPORA.values())
