import hashlib
import io
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ttslib.corpora import libritts
from ttslib.corpora.libritts import LIBRITTS_SUBSETS, LibriTTS

SHARED = Path(__file__).resolve().parents[3] / "shared" / "speech"


def add_clip(subset, id, *, seconds=1.0, ending=".wav", normalized="Ten men.", original="10 men."):
    """Put a clip of noise and its texts into a subset's folder; None leaves a file out."""
    speaker, chapter, _, _ = id.split("_")
    folder = subset / speaker / chapter
    folder.mkdir(parents=True, exist_ok=True)
    if ending is not None:
        noise = np.random.default_rng(0).uniform(-0.1, 0.1, int(24_000 * seconds))
        soundfile.write(folder / f"{id}{ending}", noise, 24_000)
    for kind, text in (("normalized", normalized), ("original", original)):
        if text is not None:
            (folder / f"{id}.{kind}.txt").write_text(text, encoding="utf-8")
    return folder / f"{id}{ending}"


@pytest.fixture
def root(tmp_path):
    """Three clips of two speakers in `<root>/LibriTTS/dev-clean`."""
    root = tmp_path / "Müller's Corpora"
    subset = root / "LibriTTS" / "dev-clean"
    add_clip(subset, "84_121_000001_000000", seconds=1)
    add_clip(subset, "84_121_000002_000001", seconds=2, normalized="Élan, he said.\n")
    add_clip(subset, "174_50_000001_000000", seconds=3, ending=".flac")
    return root


def test_items_and_metadata(root):
    corpus = LibriTTS(root)
    assert len(corpus) == 3
    assert corpus.skipped == {}
    assert corpus.speakers == ["174", "84"]
    assert [u.id for u in corpus.utterances][1:] == ["84_121_000001_000000", "84_121_000002_000001"]
    for waveform, sample_rate, _ in corpus:
        assert waveform.ndim == 2
        assert waveform.shape[0] == 1
        assert sample_rate == 24_000
    assert corpus[2][0].shape == (1, 48_000)
    assert corpus[2][2] == "Élan, he said."
    assert corpus[0][0].shape == (1, 72_000)  # the .flac


def test_the_subsets_may_lie_in_the_root_itself(root):
    assert len(LibriTTS(root / "LibriTTS", "dev-clean")) == 3


def test_several_subsets(root):
    add_clip(root / "LibriTTS" / "test-clean", "61_1_000001_000000")
    assert len(LibriTTS(root, ["dev-clean", "test-clean"])) == 4


def test_original_text(root):
    assert LibriTTS(root, text="original")[0][2] == "10 men."
    with pytest.raises(ValueError, match="'normalized' or 'original', got 'raw'"):
        LibriTTS(root, text="raw")


def test_speakers_by_text_or_number(root):
    assert len(LibriTTS(root, speakers=["84"])) == 2
    assert len(LibriTTS(root, speakers=[174])) == 1
    with pytest.raises(ValueError, match="no speaker 9999; the corpus has 174, 84"):
        LibriTTS(root, speakers=[9999, 84])


def test_length_limits(root):
    assert [len(LibriTTS(root, min_seconds=s)) for s in (1, 1.5, 2.5)] == [3, 2, 1]
    assert [len(LibriTTS(root, max_seconds=s)) for s in (1, 2, 3)] == [1, 2, 3]
    assert len(LibriTTS(root, min_seconds=1.5, max_seconds=2.5)) == 1
    with pytest.raises(ValueError, match="none of the 3 clips is from 10 to inf seconds"):
        LibriTTS(root, min_seconds=10)


def test_metadata_needs_no_audio(root):
    for path in (root / "LibriTTS").rglob("*.wav"):
        path.write_bytes(b"not sound at all")
    assert len(LibriTTS(root)) == 3


def test_lengths_are_read_from_headers_alone(root, monkeypatch):
    def read(*_, **__):
        raise AssertionError("audio was decoded")

    monkeypatch.setattr(soundfile.SoundFile, "read", read)
    assert len(LibriTTS(root, min_seconds=1.5)) == 2


def _empty(path):
    path.write_bytes(b"")


def _truncated(path):
    path.write_bytes(path.read_bytes()[:1000])


def _nan(path):
    soundfile.write(path, np.full(100, np.nan), 24_000, subtype="FLOAT")


def _gone(path):
    path.unlink()


@pytest.mark.parametrize("harm", [_empty, _truncated, _nan, _gone])
def test_an_unreadable_clip_is_none_with_one_warning(root, harm):
    corpus = LibriTTS(root)
    path = corpus.utterances[1].audio_path
    harm(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        items = [item for _ in range(2) for item in corpus]
    assert len(caught) == 1
    assert path.name in str(caught[0].message)
    assert [waveform is None for waveform, _, _ in items] == [False, True, False] * 2
    assert items[1][2] == "Ten men."


def test_an_unreadable_clip_passes_the_length_limits_to_be_named_later(root):
    path = LibriTTS(root).utterances[1].audio_path
    _empty(path)
    corpus = LibriTTS(root, min_seconds=2.5)
    assert [utterance.audio_path for utterance in corpus.utterances][1:] == [path]


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24"])
def test_stereo_and_other_rates_are_read_as_they_are(root, rate, subtype):
    path = LibriTTS(root).utterances[1].audio_path
    soundfile.write(path, np.zeros((rate, 2)), rate, subtype=subtype)
    waveform, sample_rate, _ = LibriTTS(root)[1]
    assert waveform.shape == (1, rate)
    assert sample_rate == rate


def test_what_has_no_partner_is_left_out_by_name(root):
    subset = root / "LibriTTS" / "dev-clean"
    add_clip(subset, "84_121_000003_000000", normalized=None)
    add_clip(subset, "84_121_000004_000000", ending=None)
    add_clip(subset, "84_121_000005_000000", normalized=" \n")
    add_clip(subset, "84_121_000006_000000").rename(subset / "84" / "121" / "take7.wav")
    latin = add_clip(subset, "84_121_000008_000000").with_suffix(".normalized.txt")
    latin.write_bytes("café".encode("latin-1"))
    (subset / "84" / "121" / "84_121.trans.tsv").touch()  # LibriTTS's own list: no clip, no text
    (subset / "84" / "121" / "._84_121_000001_000000.wav").touch()  # what macOS leaves behind
    with pytest.warns(UserWarning, match=r"6 file\(s\) left out: .*000003_000000.wav \(it has no"):
        corpus = LibriTTS(root)
    assert len(corpus) == 3
    assert corpus.skipped == {
        "84_121_000003_000000.wav": "it has no .normalized.txt",
        "84_121_000004_000000.normalized.txt": "it has no audio",
        "84_121_000005_000000.wav": "its .normalized.txt is empty",
        "84_121_000006_000000.normalized.txt": "it has no audio",
        "take7.wav": "it is not named 84_121_<paragraph>_<sentence>",
        "84_121_000008_000000.wav": "its .normalized.txt is not UTF-8",
    }


def test_another_tree_is_described(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere; give the folder"):
        LibriTTS(tmp_path / "nowhere")
    (tmp_path / "LJSpeech-1.1" / "wavs").mkdir(parents=True)
    (tmp_path / "LJSpeech-1.1" / "metadata.csv").touch()
    with pytest.raises(FileNotFoundError, match=r"expected <subset>/<speaker>.*found LJSpeech-1.1"):
        LibriTTS(tmp_path)
    with pytest.raises(ValueError, match=r"expected <subset>/<speaker>.*found metadata.csv"):
        LibriTTS(tmp_path, "LJSpeech-1.1")


# Downloads: an archive that lies beside stands for the one at openslr.org


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Publish bytes as the archive of dev-clean at a file:// address."""

    def offer(content, *, checksum=None):
        archive = tmp_path / "server" / "dev-clean.tar.gz"
        archive.parent.mkdir(exist_ok=True)
        archive.write_bytes(content)
        checksum = checksum or hashlib.sha256(content).hexdigest()
        monkeypatch.setattr(libritts, "_SITE", f"{archive.parent.as_uri()}/")
        monkeypatch.setitem(LIBRITTS_SUBSETS, "dev-clean", checksum)
        return checksum

    return offer


@pytest.fixture
def archive(root):
    """dev-clean packed as openslr.org packs it."""
    (root / "LibriTTS" / "speakers.tsv").write_text("READER\tGENDER\n", encoding="utf-8")
    path = root / "packed.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(root / "LibriTTS", "LibriTTS")
    return path.read_bytes()


def test_nothing_is_downloaded_unless_asked(tmp_path, archive, offer):
    offer(archive)
    with pytest.raises(FileNotFoundError, match="download=True"):
        LibriTTS(tmp_path)


def test_download(tmp_path, archive, offer, capfd):
    offer(archive)
    there = tmp_path / "neuer Ordner"
    assert len(LibriTTS(there, download=True)) == 3
    assert (there / "LibriTTS" / "speakers.tsv").exists()
    assert sorted(p.name for p in there.iterdir()) == ["LibriTTS", "dev-clean.tar.gz"]
    progress = capfd.readouterr().err
    assert "100%" in progress
    assert "unpacking dev-clean" in progress
    offer(b"gone")  # what is there is not fetched again
    assert len(LibriTTS(there, download=True)) == 3


def test_a_broken_download_leaves_nothing(tmp_path, archive, offer):
    checksum = offer(archive)
    offer(archive[:-500], checksum=checksum)
    there = tmp_path / "there"
    with pytest.raises(ValueError, match=r"download of .* is broken .*try again"):
        LibriTTS(there, download=True)
    assert list(there.iterdir()) == []
    offer(archive)
    assert len(LibriTTS(there, download=True)) == 3


def test_no_network(tmp_path, archive, offer):
    offer(archive)
    (tmp_path / "server" / "dev-clean.tar.gz").unlink()
    with pytest.raises(OSError, match=r"can't download .*check the network"):
        LibriTTS(tmp_path / "there", download=True)


def test_an_archive_that_lies_there_is_checked(tmp_path, archive, offer):
    offer(archive)
    there = tmp_path / "there"
    there.mkdir()
    (there / "dev-clean.tar.gz").write_bytes(archive[:-500])
    with pytest.raises(ValueError, match=r"dev-clean.tar.gz is broken.*delete it"):
        LibriTTS(there, download=True)
    (there / "dev-clean.tar.gz").write_bytes(archive)
    assert len(LibriTTS(there, download=True)) == 3


def test_a_half_unpacked_archive_is_not_taken_for_a_whole_one(tmp_path, archive, offer):
    offer(archive[: len(archive) // 2])  # its checksum is right, and yet it ends too early
    there = tmp_path / "there"
    with pytest.raises(ValueError, match=r"can't unpack .*dev-clean.tar.gz"):
        LibriTTS(there, download=True)
    assert [path.name for path in there.iterdir()] == ["dev-clean.tar.gz"]
    with pytest.raises(FileNotFoundError):
        LibriTTS(there)


def _member(name, *, kind=tarfile.REGTYPE, link="", content=b"text"):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    member.size = len(content) if kind == tarfile.REGTYPE else 0
    return member, content


DEEP = "/".join(["d" * 247] * 16)  # CVE-2025-4517: longer than what Python resolves
HOSTILE = {
    "above": [_member("LibriTTS/../../escaped")],
    "absolute": [_member("/tmp/escaped")],
    "backslash": [_member("LibriTTS\\..\\..\\escaped")],
    "drive": [_member("C:escaped")],
    "link": [_member("LibriTTS/a", kind=tarfile.SYMTYPE, link="..")],
    "hard link": [_member("LibriTTS/a", kind=tarfile.LNKTYPE, link="../../secret")],
    "fifo": [_member("LibriTTS/a", kind=tarfile.FIFOTYPE)],
    "device": [_member("LibriTTS/a", kind=tarfile.CHRTYPE)],
    "chain": [
        _member(DEEP, kind=tarfile.DIRTYPE),
        _member("a", kind=tarfile.SYMTYPE, link=DEEP),
        _member("a/b", kind=tarfile.SYMTYPE, link="../" * 16),
        _member("a/b/escaped"),
    ],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_never_writes_outside_of_its_folder(tmp_path, archive, offer, members):
    path = tmp_path / "hostile.tar"
    with tarfile.open(path, "w") as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    offer(path.read_bytes())
    there = tmp_path / "there"
    with pytest.raises(ValueError, match=r"dev-clean.tar.gz holds (no|'.*', which is not in its)"):
        LibriTTS(there, download=True)
    assert [found.name for found in there.iterdir()] == ["dev-clean.tar.gz"]
    assert not list(tmp_path.rglob("escaped"))
    assert not Path("/tmp/escaped").exists()


def test_only_libritts_own_subsets_can_be_downloaded(tmp_path):
    with pytest.raises(ValueError, match=r"'train-mini'; LibriTTS has dev-clean, dev-other"):
        LibriTTS(tmp_path, "train-mini", download=True)


def test_the_checksums_are_those_that_torchaudio_lists():
    source = pytest.importorskip("torchaudio.datasets.libritts")
    names = {url.rsplit("/", 1)[1]: digest for url, digest in source._CHECKSUMS.items()}
    assert names == {f"{name}.tar.gz": digest for name, digest in LIBRITTS_SUBSETS.items()}


@pytest.mark.parametrize("kind", ["symbolic", "hard", "up", "absolute"])
def test_an_archive_can_write_nothing_outside_its_folder(tmp_path, offer, kind):
    """Also by a link and a file behind it."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        folder = tarfile.TarInfo("LibriTTS/dev-clean/1/2/1_2_3_4.wav")
        tar.addfile(folder)
        name = {"up": "../x.txt", "absolute": str(tmp_path / "x.txt")}.get(kind, "LibriTTS/x")
        member = tarfile.TarInfo(name)
        if kind in ("symbolic", "hard"):
            member.type = tarfile.SYMTYPE if kind == "symbolic" else tarfile.LNKTYPE
            member.linkname = str(tmp_path) if kind == "symbolic" else "../../x.txt"
            tar.addfile(member)
            member = tarfile.TarInfo("LibriTTS/x/x.txt")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    offer(content.getvalue())
    there = tmp_path / "there"
    with pytest.raises(ValueError, match=r"not in its folder|clip"):
        LibriTTS(there, download=True)
    assert not (tmp_path / "x.txt").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"server", "there"}


# Real recordings, where they are at hand


@pytest.mark.skipif(not (SHARED / "libritts-sample").is_dir(), reason="no LibriTTS sample here")
def test_real_libritts_clips():
    corpus = LibriTTS(SHARED / "libritts-sample", "test-clean", min_seconds=1)
    assert [(waveform.shape[0], rate) for waveform, rate, _ in corpus] == [(1, 24_000)] * 2
    assert corpus.speakers == ["8455", "8463"]


@pytest.mark.skipif(not (SHARED / "kathleen").is_dir(), reason="no converted corpus here")
def test_a_corpus_converted_to_libritts_layout():
    corpus = LibriTTS(SHARED / "kathleen", "train-kathleen")
    assert len(corpus) == 1550
    waveform, sample_rate, text = corpus[0]
    assert (waveform.dim(), sample_rate) == (2, 24_000)
    assert text == "Author of the danger trail, Philip Steels, etc."
