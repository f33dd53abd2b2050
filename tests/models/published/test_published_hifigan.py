"""The authors' HiFi-GAN weights give the authors' numbers, and nothing else gets in.

`parity/` holds random weights of jik876/hifi-gan's own `Generator`, an input and its output.
"""

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ttslib.models.published.hifigan import load_hifigan

PARITY = Path(__file__).parent / "parity"
CASES = ["hifigan_resblock1", "hifigan_resblock2"]
TINY = {
    "resblock": "1",
    "upsample_rates": [8, 8, 2, 2],
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 16,
    "resblock_kernel_sizes": [3],
    "resblock_dilation_sizes": [[1]],
    "num_mels": 80,
    "sampling_rate": 16000,
    "fmax": 7000,
}


def contents(name):
    """All tensors and the config of a parity file."""
    with safe_open(PARITY / f"{name}.safetensors", framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
        return tensors, json.loads(file.metadata()["config"])


@pytest.mark.parametrize("name", CASES)
def test_same_numbers_as_the_authors(name):
    tensors, _ = contents(name)
    model = load_hifigan(PARITY / f"{name}.safetensors")
    with torch.no_grad():
        ours = model(tensors["input.mel"])
    theirs = tensors["output.wav"].squeeze(1)
    assert theirs.abs().max() > 1e-4  # else anything would be equal
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
    torch.testing.assert_close(
        ours / theirs.abs().max(), theirs / theirs.abs().max(), atol=1e-4, rtol=0
    )


@pytest.mark.parametrize("name", CASES)
def test_the_authors_own_file_with_its_json_beside(name, tmp_path):
    tensors, config = contents(name)
    prefix = "generator."
    state = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    torch.save({"generator": state}, tmp_path / "generator_v1")
    (tmp_path / "config.json").write_text(json.dumps(config | {"sampling_rate": 24000}))
    model = load_hifigan(tmp_path / "generator_v1")
    assert model.audio.sample_rate == 24000
    with torch.no_grad():
        ours = model(tensors["input.mel"])
    torch.testing.assert_close(ours, tensors["output.wav"].squeeze(1), rtol=0, atol=1e-5)


def test_config_may_be_named(tmp_path):
    state = {"conv_pre.bias": torch.zeros(16)}
    save_file(state, tmp_path / "weights.safetensors")
    (tmp_path / "mine.json").write_text(json.dumps(TINY))
    with pytest.raises(ValueError, match=r"do not fit their config .*Missing key"):
        load_hifigan(tmp_path / "weights.safetensors", config=tmp_path / "mine.json")


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no published weights at"):
        load_hifigan(tmp_path / "nowhere")
    torch.save({"generator": {"conv_pre.bias": torch.zeros(1)}}, tmp_path / "g")
    with pytest.raises(FileNotFoundError, match=r"no HiFi-GAN config at .*config\.json"):
        load_hifigan(tmp_path / "g")


class _Malicious:
    """Unpickled, it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("save", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))])
def test_a_malicious_file_runs_nothing(tmp_path, save):
    harm = tmp_path / "harm"
    save({"generator": _Malicious(harm)}, tmp_path / "g")
    with pytest.raises(ValueError, match="no tensors that can be read safely"):
        load_hifigan(tmp_path / "g")
    assert not harm.exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off", bytes(100)])
@pytest.mark.parametrize("name", ["g", "g.safetensors"])
def test_a_foreign_file_is_refused_in_one_line(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="no tensors that can be read safely") as caught:
        load_hifigan(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("state", [{"encoder.weight": torch.zeros(2)}, [torch.zeros(2)]])
def test_other_weights_are_refused(tmp_path, state):
    torch.save(state, tmp_path / "g")
    with pytest.raises(ValueError, match="holds no HiFi-GAN generator"):
        load_hifigan(tmp_path / "g")


def test_a_config_that_lacks_something_is_refused(tmp_path):
    torch.save({"generator": {"conv_pre.bias": torch.zeros(1)}}, tmp_path / "g")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="lacks 'upsample_initial_channel'"):
        load_hifigan(tmp_path / "g")
