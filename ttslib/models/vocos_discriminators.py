"""Discriminators for a vocoder: some look at a waveform's periods, some at its spectrograms.

Papers: Kong et al. 2020, HiFi-GAN, arXiv 2010.05646 (periods); Jang et al. 2021, UnivNet, arXiv
2106.07889 (spectrograms at several resolutions). Simplified: the spectrograms are logarithmic, so
that quiet high frequencies count, and the layers are slim, with a stride over frequency from the
first, which makes them ten times cheaper.

Shapes: B batch, S samples, F frequencies, T frames, D channels.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
    Judgement,
)

__all__ = [
    "VocosDiscriminators",
    "VocosDiscriminatorsConfig",
    "vocos_discriminators_published",
    "vocos_discriminators_small",
]

LOUDER = 10.0  # factor that brings a recording's speech to a variance of about 1
FLOOR = 1e-2  # of a magnitude: about that of a recording's quietest sounds


@dataclass(frozen=True, kw_only=True)
class VocosDiscriminatorsConfig:
    """The sizes of the discriminators; the defaults suit one CPU core."""

    periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    period_channels: tuple[int, ...] = (16, 32, 64, 128, 64)
    windows: tuple[int, ...] = (512, 1024, 2048)  # samples; the hop is a quarter
    window_channels: tuple[int, ...] = (16, 32, 32, 32)


def vocos_discriminators_published() -> VocosDiscriminatorsConfig:
    """Return the widths of the papers: HiFi-GAN's for the periods, UnivNet's for the windows."""
    return VocosDiscriminatorsConfig(
        period_channels=(32, 128, 512, 1024, 1024), window_channels=(32, 32, 32, 32, 32)
    )


def vocos_discriminators_small() -> VocosDiscriminatorsConfig:
    """Return the widths for a laptop."""
    return VocosDiscriminatorsConfig()


class VocosDiscriminators(nn.Module):
    """All discriminators together: waveforms (B, S) to a `Judgement`."""

    def __init__(self, config: VocosDiscriminatorsConfig):
        super().__init__()
        self.config = config
        self.by_period = HiFiGANDiscriminators(
            HiFiGANDiscriminatorsConfig(
                periods=config.periods, period_channels=config.period_channels, scales=()
            )
        )
        self.by_window = nn.ModuleList(
            _SpectrogramDiscriminator(window, config.window_channels) for window in config.windows
        )
        self.by_period.apply(_begin_lively)

    def forward(self, waveform: Tensor, *, turn: int | None = None) -> Judgement:
        """Judge waveforms (B, S).

        With a `turn`, only two of the periods and one of the windows are used, different ones at
        each turn. On average the result is the same, in less than half the time.
        """
        periods, windows = list(self.by_period.by_period), list(self.by_window)
        if turn is not None:
            periods = [periods[i % len(periods)] for i in (turn, turn + 2)]
            windows = [windows[turn % len(windows)]]
        layers = [judge(LOUDER * waveform[:, None]) for judge in periods]
        layers += [judge(waveform) for judge in windows]
        return Judgement([some[-1] for some in layers], layers)


class _SpectrogramDiscriminator(nn.Module):
    """Treat a spectrogram as an image, with a stride over frequency but not over time."""

    def __init__(self, window: int, channels: tuple[int, ...]):
        super().__init__()
        # Only its magnitudes are used, so it has the fewest mel bands: one.
        audio = AudioConfig(n_fft=window, win_length=window, hop_length=window // 4, n_mels=1)
        self.spectrum = MelSpectrogram(audio)
        sizes = (1, *channels)
        strides = [4] + [2] * (len(channels) - 1)
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(sizes[i], sizes[i + 1], (3, 5), (1, stride), padding=(1, 2)))
            for i, stride in enumerate(strides)
        )
        self.layers.append(weight_norm(nn.Conv2d(sizes[-1], 1, (3, 3), padding=1)))

    def forward(self, waveform: Tensor) -> list[Tensor]:
        x = (self.spectrum.magnitude(waveform) + FLOOR).log()
        x = x.transpose(1, 2)[:, None].contiguous(memory_format=torch.channels_last)  # (B, 1, T, F)
        outputs = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.1)
            outputs.append(x)
        return [*outputs, self.layers[-1](x)]


@torch.no_grad()
def _begin_lively(module: nn.Module) -> None:
    """Draw a convolution's weights so that signals have about the same size in every layer.

    With torch's own they shrink from layer to layer, and slim discriminators learn nothing for
    hours.
    """
    if isinstance(module, nn.Conv1d):
        module.weight = nn.init.kaiming_normal_(torch.empty_like(module.weight), a=0.1)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
