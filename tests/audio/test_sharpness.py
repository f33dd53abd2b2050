"""Sharpness: blur along time and across bands is missing power."""

import math

import pytest
import torch

from ttslib.audio.sharpness import sharpness


def test_a_recording_is_as_sharp_as_itself_and_its_moving_average_is_blurred():
    draw = torch.Generator().manual_seed(0)
    mels = [torch.randn(8, n, generator=draw) for n in (60, 100)]
    assert sharpness(mels, mels) == pytest.approx((1.0, 1.0, 1.0, 1.0))
    over_time = [torch.nn.functional.avg_pool1d(mel[None], 9, 1, 4)[0] for mel in mels]
    blurred = sharpness(over_time, mels)
    assert blurred.modulation_fast < 0.1 < blurred.modulation_slow
    over_bands = [mel.mean(dim=0, keepdim=True).expand(8, -1) for mel in mels]
    assert sharpness(over_bands, mels).harmonics == pytest.approx(0, abs=1e-6)


def test_clips_shorter_than_a_window_have_no_modulation():
    draw = torch.Generator().manual_seed(0)
    mels = [torch.randn(8, 20, generator=draw)]
    found = sharpness(mels, mels)
    assert (found.variance, found.harmonics) == pytest.approx((1.0, 1.0))
    assert math.isnan(found.modulation_slow)
    assert math.isnan(found.modulation_fast)
