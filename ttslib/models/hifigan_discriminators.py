"""The discriminators that HiFi-GAN is trained against: is this sound a recording?

Paper: Kong et al. 2020, HiFi-GAN, arXiv 2010.05646, section 2.3. Reference code: jik876/hifi-gan.
The same: every layer. Different: a period's columns are moved into the batch and judged by
one-dimensional convolutions, which compute the same as kernels of (5, 1), only faster.

Shapes: B batch, S samples, P period, D channels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

__all__ = [
    "HiFiGANDiscriminators",
    "HiFiGANDiscriminatorsConfig",
    "Judgement",
    "hifigan_discriminators_published",
    "hifigan_discriminators_small",
]


class Judgement(NamedTuple):
    """The output of the discriminators for some sound, one entry for each of them."""

    scores: list[Tensor]  # near 1 for a recording, near 0 for generated sound
    features: list[list[Tensor]]  # the output of each layer


@dataclass(frozen=True, kw_only=True)
class HiFiGANDiscriminatorsConfig:
    """The sizes of the discriminators; the defaults are the paper's."""

    periods: tuple[int, ...] = (2, 3, 5, 7, 11)  # primes, so that they share few samples
    period_channels: tuple[int, ...] = (32, 128, 512, 1024, 1024)
    scales: tuple[int, ...] = (0, 1, 2)  # how often the sound's rate is halved
    scale_channels: tuple[int, ...] = (128, 128, 256, 512, 1024, 1024, 1024)
    scale_groups: tuple[int, ...] = (1, 4, 16, 16, 16, 16, 1)


def hifigan_discriminators_published() -> HiFiGANDiscriminatorsConfig:
    """Return the paper's size: 41,105,770 parameters for the periods, 29,618,821 for the scales."""
    return HiFiGANDiscriminatorsConfig()


def hifigan_discriminators_small() -> HiFiGANDiscriminatorsConfig:
    """Return sizes for a laptop: the same layers, with a fraction of the channels."""
    return HiFiGANDiscriminatorsConfig(
        period_channels=(16, 32, 64, 128, 128),
        scales=(2,),
        scale_channels=(8, 16, 32, 64, 64, 64, 64),
        scale_groups=(1, 4, 4, 4, 4, 4, 1),
    )


class HiFiGANDiscriminators(nn.Module):
    """All discriminators at once: `(B, S)` waveforms in, a `Judgement` out.

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, config: HiFiGANDiscriminatorsConfig):
        super().__init__()
        self.config = config
        self.by_period = nn.ModuleList(_PeriodDiscriminator(p, config) for p in config.periods)
        self.by_scale = nn.ModuleList(_ScaleDiscriminator(s, config) for s in config.scales)

    def forward(self, waveform: Tensor) -> Judgement:
        """Judge waveforms (B, S)."""
        layers = [judge(waveform[:, None]) for judge in (*self.by_period, *self.by_scale)]
        return Judgement([some[-1] for some in layers], layers)


class _Tower(nn.Module):
    """A stack of convolutions that returns the output of each."""

    def __init__(self, layers: Sequence[nn.Conv1d], *, norm: Callable):
        super().__init__()
        self.layers = nn.ModuleList(norm(layer) for layer in layers)

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.1)
            outputs.append(x)
        return [*outputs, self.layers[-1](x)]


class _PeriodDiscriminator(nn.Module):
    """Judge every P-th sample: what repeats with the period P stands out."""

    def __init__(self, period: int, config: HiFiGANDiscriminatorsConfig):
        super().__init__()
        self.period = period
        channels = (1, *config.period_channels)
        strides = [3] * (len(channels) - 2) + [1]
        layers = [
            nn.Conv1d(channels[i], channels[i + 1], 5, stride, padding=2)
            for i, stride in enumerate(strides)
        ]
        layers.append(nn.Conv1d(channels[-1], 1, 3, padding=1))
        self.tower = _Tower(layers, norm=weight_norm)

    def forward(self, waveform: Tensor) -> list[Tensor]:
        batch, _, samples = waveform.shape
        padded = F.pad(waveform, (0, -samples % self.period), mode="reflect")
        columns = padded.view(batch, -1, self.period).transpose(1, 2)  # (B, P, S / P)
        return self.tower(columns.reshape(batch * self.period, 1, -1))


class _ScaleDiscriminator(nn.Module):
    """Judge the sound smoothed `scale` times, each time at half the rate."""

    STRIDES = (1, 2, 2, 4, 4, 1, 1)
    KERNELS = (15, 41, 41, 41, 41, 41, 5)

    def __init__(self, scale: int, config: HiFiGANDiscriminatorsConfig):
        super().__init__()
        self.smooth = nn.Sequential(*(nn.AvgPool1d(4, 2, padding=2) for _ in range(scale)))
        channels = (1, *config.scale_channels)
        shapes = zip(self.KERNELS, self.STRIDES, config.scale_groups, strict=True)
        layers = [
            nn.Conv1d(channels[i], channels[i + 1], k, stride, k // 2, groups=groups)
            for i, (k, stride, groups) in enumerate(shapes)
        ]
        layers.append(nn.Conv1d(channels[-1], 1, 3, padding=1))
        self.tower = _Tower(layers, norm=spectral_norm if scale == 0 else weight_norm)

    def forward(self, waveform: Tensor) -> list[Tensor]:
        return self.tower(self.smooth(waveform))
