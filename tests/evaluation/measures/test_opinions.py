"""Predicted opinions, where the packages are installed: sound that is worse gets a lower score."""

import sys

import pytest
import torch
from made_speech import RATE

from ttslib import load_voice
from ttslib.evaluation.measures.opinions import DNSMOS, DistillMOS


@pytest.fixture(scope="module")
def spoken() -> torch.Tensor:
    return load_voice("kathleen")("The birch canoe slid on the smooth planks.").waveform


@pytest.mark.parametrize(
    ("package", "kind", "keys"),
    [
        ("distillmos", DistillMOS, {"distillmos"}),
        ("speechmos", DNSMOS, {"dnsmos", "dnsmos_p808"}),
    ],
)
def test_noise_lowers_every_predicted_opinion(package, kind, keys, spoken):
    pytest.importorskip(package)
    predictor = kind()
    noise = 0.05 * torch.randn(len(spoken), generator=torch.Generator().manual_seed(0))
    clean, noisy = (predictor.predict(x, sample_rate=RATE) for x in (spoken, spoken + noise))
    assert clean.keys() == noisy.keys() == keys
    assert all(1 <= noisy[key] < clean[key] <= 5 for key in keys)


@pytest.mark.parametrize("kind", [DistillMOS, DNSMOS])
def test_a_missing_package_is_named_with_its_extra(kind, monkeypatch):
    for package in ("distillmos", "speechmos"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=r"ttslib-course\[mos\]"):
        kind()
