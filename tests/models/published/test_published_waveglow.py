"""NVIDIA's WaveGlow weights give NVIDIA's numbers, and nothing else gets in.

`parity/waveglow.safetensors` holds random weights of NVIDIA's own `WaveGlow`, an input, and what
its `forward` made of it.
"""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ttslib.config import AudioConfig
from ttslib.models.published.waveglow import load_waveglow

PARITY = Path(__file__).parent / "parity" / "waveglow.safetensors"


@pytest.fixture(scope="module")
def published():
    """The state by NVIDIA's names; the upsampling's weight, left out to keep the file small."""
    tensors = load_file(PARITY)
    ramp = torch.arange(80 * 80 * 1024, dtype=torch.float64)
    upsample = (torch.sin(0.01 * ramp) * 0.05).float().view(80, 80, 1024)
    state = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    return state | {"upsample.weight": upsample}


@pytest.fixture(scope="module")
def theirs():
    """An input and its outputs."""
    tensors = load_file(PARITY)
    return {n.split(".")[1]: t for n, t in tensors.items() if not n.startswith("model.")}


def require_same(model, theirs):
    """Sound to noise as NVIDIA's code does it, and back."""
    with torch.no_grad():
        noise = model.to_noise(theirs["audio"], theirs["mel"])
        again = model.from_noise(theirs["z"], theirs["mel"])
    close = {"rtol": 0, "atol": 1e-4}
    torch.testing.assert_close(noise.z, theirs["z"], **close)
    torch.testing.assert_close(noise.log_s_sum, theirs["log_s_sum"], rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(noise.log_det_w, theirs["log_det_w_sum"], rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(again, theirs["audio"], **close)


@pytest.mark.parametrize("name", ["waveglow.pt", "waveglow.safetensors"])
def test_same_numbers_as_nvidia(published, theirs, tmp_path, name):
    save = save_file if name.endswith("safetensors") else torch.save
    save(published, tmp_path / name)
    model = load_waveglow(tmp_path / name)
    assert theirs["z"].abs().max() > 0.5  # else anything would be equal
    assert model.config.early_every == model.config.early_channels == 2
    assert (model.audio.sample_rate, model.training) == (22050, False)
    require_same(model, theirs)


@pytest.mark.parametrize("inside", ["state_dict", "model"])
def test_what_lies_around_the_state_is_left(published, theirs, tmp_path, inside):
    state = {f"module.{name}": tensor for name, tensor in published.items()}
    torch.save({inside: state, "iteration": 580000}, tmp_path / "w.pt")
    audio = AudioConfig()
    model = load_waveglow(tmp_path / "w.pt", audio=audio)
    assert model.audio == audio
    require_same(model, theirs)


def test_a_conditioning_layer_for_each_layer(published, theirs, tmp_path):
    """Their earlier version: `cond_layers.i`, which the later one joins."""
    state = {}
    for name, tensor in published.items():
        if ".cond_layer." in name:
            for i, part in enumerate(tensor.chunk(3)):
                state[name.replace("cond_layer", f"cond_layers.{i}")] = part
        else:
            state[name] = tensor
    torch.save(dict(reversed(state.items())), tmp_path / "w.pt")
    require_same(load_waveglow(tmp_path / "w.pt"), theirs)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no published weights at"):
        load_waveglow(tmp_path / "nowhere")


class _Malicious:
    """Unpickled, it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("save", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))])
def test_a_malicious_file_runs_nothing(tmp_path, save):
    harm = tmp_path / "harm"
    save({"model": _Malicious(harm)}, tmp_path / "w.pt")
    with pytest.raises(ValueError, match="no tensors that can be read safely") as caught:
        load_waveglow(tmp_path / "w.pt")
    assert not harm.exists()
    assert "\n" not in str(caught.value)


def test_a_whole_module_is_refused_and_what_to_do_is_said(tmp_path):
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"save only its state_dict\(\)"):
        load_waveglow(tmp_path / "w.pt")


@pytest.mark.parametrize("state", [{"encoder.weight": torch.zeros(2)}, [torch.zeros(2)], {}])
def test_other_weights_are_refused(tmp_path, state):
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(ValueError, match="holds no WaveGlow of NVIDIA's") as caught:
        load_waveglow(tmp_path / "w.pt")
    assert "\n" not in str(caught.value)


def test_what_is_missing_is_named(published, tmp_path):
    lacking = {n: t for n, t in published.items() if not n.startswith("WN.3.in_layers.1.bias")}
    torch.save(lacking, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"Missing key.*couplings\.3\.network\.dilated\.1\.bias"):
        load_waveglow(tmp_path / "w.pt")
