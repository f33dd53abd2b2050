"""A checkpoint comes back as it went, and a bad file says what it is."""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import save_file

from ttslib.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ttslib.config import AudioConfig


@pytest.fixture
def checkpoint():
    return Checkpoint(
        model="tacotron2",
        config={"n_symbols": 7},
        audio=AudioConfig(n_mels=40),
        weights={"a.b": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(3)},
        tokenizer={"kind": "char", "symbols": ["_", "é"]},
        statistics={"mean": torch.ones(40)},
        speakers=("9001", "9002"),
        provenance={"corpus": "mini"},
        training={"exp_avg.a.b": torch.zeros(2, 3)},
        progress={"step": 12},
    )


def test_everything_comes_back(tmp_path, checkpoint):
    path = tmp_path / "a folder with spaces" / "größe.safetensors"
    loaded = load_checkpoint(save_checkpoint(path, checkpoint))
    for group in ("weights", "statistics", "training"):
        ours, theirs = getattr(loaded, group), getattr(checkpoint, group)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    for name in ("model", "config", "audio", "tokenizer", "speakers", "provenance", "progress"):
        assert getattr(loaded, name) == getattr(checkpoint, name)


def test_full_disk_keeps_the_old_file_and_leaves_no_part(tmp_path, checkpoint, monkeypatch):
    path = save_checkpoint(tmp_path / "last.safetensors", checkpoint)
    before = path.read_bytes()

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ttslib.files.os.fsync", full)
    with pytest.raises(OSError, match=r"last\.safetensors.*No space left"):
        save_checkpoint(path, checkpoint)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        load_checkpoint(tmp_path / "none.safetensors")


@pytest.mark.parametrize("legacy", [False, True])
def test_pickle_is_refused_unread(tmp_path, legacy):
    path = tmp_path / "model.pt"
    torch.save({"a": 1}, path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(ValueError, match="is a pickle"):
        load_checkpoint(path)


def test_whole_file_whose_length_looks_like_a_pickle(tmp_path, checkpoint):
    """The first bytes of a .safetensors file are the length of its header: any two may occur."""
    text = "x" * 64_000
    for padding in range(0, 2200, 8):
        long = dataclasses.replace(checkpoint, provenance={"note": text + "x" * padding})
        path = save_checkpoint(tmp_path / "long.safetensors", long)
        if path.read_bytes()[:2] == b"\x80\x02":
            break
    else:
        raise AssertionError("no length began like a pickle")
    assert load_checkpoint(path).provenance == long.provenance


def test_truncated_file(tmp_path, checkpoint):
    path = save_checkpoint(tmp_path / "last.safetensors", checkpoint)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"truncated"):
        load_checkpoint(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"truncated"):
        load_checkpoint(path)


def test_foreign_and_too_new_files(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.ones(1)}, path)
    with pytest.raises(ValueError, match="not a ttslib checkpoint"):
        load_checkpoint(path)
    save_file({"weights.a": torch.ones(1)}, path, {"ttslib": "99", "settings": json.dumps({})})
    with pytest.raises(ValueError, match="update ttslib"):
        load_checkpoint(path)


def written(path, metadata, tensors=None):
    save_file(tensors or {"weights.a": torch.ones(1)}, path, metadata)
    return path


GOOD = {
    "model": "tacotron2", "config": {}, "audio": {}, "tokenizer": None, "speakers": [],
    "provenance": {}, "progress": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        None, "", "{", "null", "[]", "{}", "7", '"a"', "[" * 100_000, '{"a":' * 100_000,
        json.dumps(GOOD | {"more": 1}),
        *(json.dumps({n: v for n, v in GOOD.items() if n != lacking}) for lacking in GOOD),
        *(json.dumps(GOOD | {name: 5}) for name in GOOD),
        *(json.dumps(GOOD | {name: None}) for name in GOOD if name != "tokenizer"),
        json.dumps(GOOD | {"speakers": ["a", 1]}),
        json.dumps(GOOD | {"model": "a\nb"}),
        *(json.dumps(GOOD | {"audio": {"n_mels": bad}}) for bad in (0, -1, 10**9, 1.5, "80", None)),
        *(json.dumps(GOOD | {"audio": {"n_fft": bad}}) for bad in (0, 10**9, "1024", [])),
        json.dumps(GOOD | {"audio": {"sample_rate": 10**9}}),
        json.dumps(GOOD | {"audio": {"log_floor": 0}}),
        json.dumps(GOOD | {"audio": {"wings": 2}}),
    ],
)  # fmt: skip
def test_broken_settings_get_one_line_with_the_path(tmp_path, settings):
    metadata = {"ttslib": "1"} | ({} if settings is None else {"settings": settings})
    path = written(tmp_path / "broken.safetensors", metadata)
    with pytest.raises(ValueError, match=r"broken\.safetensors has broken settings") as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    assert len(message) < len(str(path)) + 300


@pytest.mark.parametrize("version", ["", "one", "0", "-1", "1.5", "\x1b[2J"])
def test_a_format_that_is_none_is_named(tmp_path, version):
    path = written(tmp_path / "a.safetensors", {"ttslib": version, "settings": json.dumps(GOOD)})
    with pytest.raises(ValueError, match="there is no format") as caught:
        load_checkpoint(path)
    assert str(caught.value).isprintable()


def test_a_tensor_of_no_group_is_named(tmp_path):
    for name in ("wings.a", "a", "wei\nghts.a"):
        tensors = {"weights.a": torch.ones(1), name: torch.ones(1)}
        path = written(
            tmp_path / "a.safetensors", {"ttslib": "1", "settings": json.dumps(GOOD)}, tensors
        )
        with pytest.raises(ValueError, match="which is in none of the groups weights") as caught:
            load_checkpoint(path)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("group", ["weights", "statistics"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_named(tmp_path, checkpoint, group, value):
    broken = getattr(checkpoint, group) | {"b": torch.tensor([1.0, value])}
    path = save_checkpoint(
        tmp_path / "a.safetensors", dataclasses.replace(checkpoint, **{group: broken})
    )
    with pytest.raises(ValueError, match=f"has NaN or infinite numbers in '{group}.b'"):
        load_checkpoint(path)
