"""The inverse STFT undoes the transform that the mels are made of."""

import pytest
import torch

from ttslib.audio.inverse import InverseSTFT


def spectrum(waveform, *, n_fft, hop_length):
    """The STFT of waveforms (B, S) as `MelSpectrogram` frames it."""
    beside = (n_fft - hop_length) // 2
    padded = torch.nn.functional.pad(waveform, (beside, beside), mode="reflect")
    frames = padded.unfold(1, n_fft, hop_length)  # (B, T, n_fft)
    return torch.fft.rfft(frames * torch.hann_window(n_fft)).transpose(1, 2)


@pytest.mark.parametrize(("n_fft", "hop_length"), [(1024, 256), (16, 4), (64, 16), (32, 8), (8, 4)])
@pytest.mark.parametrize("frames", [5, 30])
def test_sound_comes_back(n_fft, hop_length, frames):
    waveform = torch.randn(2, frames * hop_length, generator=torch.Generator().manual_seed(0))
    inverse = InverseSTFT(n_fft=n_fft, hop_length=hop_length)
    again = inverse(spectrum(waveform, n_fft=n_fft, hop_length=hop_length))
    assert again.shape == waveform.shape
    if n_fft == 2 * hop_length:  # the first and the last samples lie where windows are all but 0
        again, waveform = again[:, 1:-1], waveform[:, 1:-1]
    torch.testing.assert_close(again, waveform, rtol=0, atol=1e-4)


def test_gradient_reaches_every_frame():
    frames = torch.randn(1, 9, 6, requires_grad=True)
    InverseSTFT(n_fft=16, hop_length=4)(torch.complex(frames, frames)).square().sum().backward()
    assert (frames.grad.abs().sum(dim=1) > 0).all()


@pytest.mark.parametrize(("n_fft", "hop_length"), [(16, 5), (16, 16), (15, 5)])
def test_a_hop_that_does_not_fit_is_refused(n_fft, hop_length):
    with pytest.raises(ValueError, match=f"n_fft={n_fft}, hop_length={hop_length}"):
        InverseSTFT(n_fft=n_fft, hop_length=hop_length)
