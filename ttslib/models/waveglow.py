"""WaveGlow: noise in, sound out, by steps that can all be taken back.

Paper: Prenger et al. 2018, WaveGlow, arXiv 1811.00002. Reference code: NVIDIA/waveglow, whose
weights `models/published_waveglow.py` reads into this class.

The same: every layer. Added, for a laptop: groups as long as a frame, so that nothing has to be
upsampled and all is computed once a frame, not once in eight samples (SqueezeWave, Zhai et al.
2020, arXiv 2001.05685, found that sound hardly suffers); and matrices that begin as cosine
transforms, where those of the paper begin as random rotations: a coupling then finds frequencies,
which is what a mel speaks of.

Different in speed alone: on the way, sound is a picture of height 1 whose channels lie together in
memory (torch's channels_last), which is how a processor's convolutions like it.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, G samples in a group,
R = S / G groups, C channels of a flow, D width of a coupling's network.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm

from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel

__all__ = ["WaveGlow", "WaveGlowConfig", "waveglow_published", "waveglow_small"]


@dataclass(frozen=True, kw_only=True)
class WaveGlowConfig:
    """The sizes of a WaveGlow; the defaults are those of NVIDIA's published weights."""

    mel_mean: float = 0.0  # subtracted from the log-mels: the paper takes them as they are
    mel_std: float = 1.0  # then divided by this
    group: int = 8  # samples that become the channels of one step
    flows: int = 12
    early_every: int = 4  # flows after which some channels are noise enough
    early_channels: int = 2  # so many of them
    layers: int = 8  # of a coupling's network, each dilated twice as much as the last
    channels: int = 256  # its width
    kernel: int = 3
    upsample_kernel: int = 1024  # samples; 0: groups are frames, and nothing is upsampled
    lapped: bool = False  # groups overlap and begin as an MDCT, not as random rotations
    sigma: float = 1.0  # of the noise that training compares with
    dither: float = 0.0  # of noise added in training: silence of all zeros has no likelihood

    def channels_of(self, flow: int) -> int:
        """How many channels a flow works on."""
        return self.group - flow // self.early_every * self.early_channels


def waveglow_published() -> WaveGlowConfig:
    """NVIDIA's with 256 channels: 87,731,816 parameters where weight norm is folded."""
    return WaveGlowConfig()


def waveglow_small() -> WaveGlowConfig:
    """For a laptop: all once a frame."""
    return WaveGlowConfig(
        mel_mean=-4.0,  # of speech, roughly
        mel_std=3.0,
        group=256,
        flows=6,
        early_every=3,
        early_channels=64,
        layers=4,
        channels=128,
        upsample_kernel=0,
        lapped=True,
        sigma=0.7,
        dither=3e-4,
    )


class Noise(NamedTuple):
    """What a sound becomes, and by how much space was stretched on the way."""

    z: Tensor  # (B, G, R)
    log_s_sum: Tensor  # scalar: the logarithms of all scales of all couplings
    log_det_w: Tensor  # scalar: those of the matrices' determinants, once for each step


class WaveGlow(nn.Module):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels that will come.

    Taught in: notebooks/11_waveglow
    """

    def __init__(self, config: WaveGlowConfig, audio: AudioConfig):
        super().__init__()
        self.config, self.audio = config, audio
        hop, kernel, conditions = audio.hop_length, config.upsample_kernel, audio.n_mels
        self.upsample = None
        if kernel:
            self.upsample = nn.ConvTranspose1d(conditions, conditions, kernel, stride=hop)
            conditions *= config.group
        self.mixes = nn.ModuleList(
            _Mix(config.channels_of(k), cosines=config.lapped and (1 if k == 0 else 2)) for k in range(config.flows)
        )
        self.couplings = nn.ModuleList(
            _Coupling(config.channels_of(k) // 2, conditions, config) for k in range(config.flows)
        )

    def forward(self, mel: Tensor, *, sigma: float = 0.6) -> Tensor:
        """Turn log-mels into sound."""
        require_log_mel(mel, self.audio, model="WaveGlow")
        groups = mel.shape[2] * self.audio.hop_length // self.config.group
        z = sigma * torch.randn(mel.shape[0], self.config.group, groups, device=mel.device)
        return self.from_noise(z, mel)

    def to_noise(self, waveform: Tensor, mel: Tensor) -> Noise:
        condition = self._condition(mel)
        x = waveform.unflatten(1, (-1, self.config.group)).transpose(1, 2)  # (B, G, R)
        if self.config.lapped:
            x = self.lap(x, 1.0)
        x = x[:, :, None].contiguous(memory_format=torch.channels_last)  # (B, C, 1, R)
        outputs, log_s_sum, log_det_w = [], x.new_zeros(()), x.new_zeros(())
        for k, (mix, coupling) in enumerate(zip(self.mixes, self.couplings, strict=True)):
            if self._sheds_before(k):
                early, x = x.tensor_split([self.config.early_channels], dim=1)
                outputs.append(early)
            x, log_s = coupling(mix(x), condition)
            log_s_sum = log_s_sum + log_s.sum()
            log_det_w = log_det_w + x.shape[0] * x.shape[3] * mix.log_det()
        return Noise(torch.cat([*outputs, x], dim=1)[:, :, 0], log_s_sum, log_det_w)

    def from_noise(self, z: Tensor, mel: Tensor) -> Tensor:
        condition = self._condition(mel)
        z = z[:, :, None].contiguous(memory_format=torch.channels_last)
        kept = self.config.channels_of(self.config.flows - 1)
        z, x = z.tensor_split([self.config.group - kept], dim=1)
        for k in reversed(range(self.config.flows)):
            x = self.mixes[k].inverse(self.couplings[k].inverse(x, condition))
            if self._sheds_before(k):
                z, early = z.tensor_split([z.shape[1] - self.config.early_channels], dim=1)
                x = torch.cat([early, x], dim=1)
        x = x[:, :, 0]
        if self.config.lapped:
            x = self.lap(x, -1.0)
        return x.transpose(1, 2).flatten(1)  # (B, S)

    @staticmethod
    def lap(x: Tensor, direction: float) -> Tensor:
        half = x.shape[1] // 2
        i = torch.arange(half, device=x.device)
        angle = math.pi / 4 * (1 - (2 * i + 1) / x.shape[1])  # 45 degrees at the border
        cos, sin = angle.cos()[:, None], direction * angle.sin()[:, None]
        left, right = x[:, half:, :-1].flip(1), x[:, :half, 1:]  # (B, G/2, R-1)
        new_right, new_left = cos * right + sin * left, cos * left - sin * right
        first = torch.cat([x[:, :half, :1], new_right], dim=2)
        second = torch.cat([new_left.flip(1), x[:, half:, -1:]], dim=2)
        return torch.cat([first, second], dim=1)

    def loss(self, waveform: Tensor, mel: Tensor) -> Tensor:
        sigma = self.config.sigma
        if self.config.dither and self.training:
            waveform = waveform + self.config.dither * torch.randn_like(waveform)
        noise = self.to_noise(waveform, mel)
        energy = noise.z.square().sum() / (2 * sigma**2)
        constant = 0.5 * math.log(2 * math.pi * sigma**2)
        return (energy - noise.log_s_sum - noise.log_det_w) / noise.z.numel() + constant

    def _sheds_before(self, flow: int) -> bool:
        return flow > 0 and flow % self.config.early_every == 0

    def _condition(self, mel: Tensor) -> Tensor:
        """What the couplings hear of the mel: (B, M', 1, R)."""
        mel = (mel - self.config.mel_mean) / self.config.mel_std
        if self.upsample is not None:
            x = self.upsample(mel)[..., : mel.shape[2] * self.audio.hop_length]  # (B, M, S)
            mel = x.unflatten(2, (-1, self.config.group)).transpose(2, 3).flatten(1, 2)
        elif self.config.group < self.audio.hop_length:
            mel = F.interpolate(mel, scale_factor=self.audio.hop_length // self.config.group, mode="linear")
        return mel[:, :, None].contiguous(memory_format=torch.channels_last)

    def add_weight_norm(self) -> "WaveGlow":
        """Split each weight into length and direction, for training; in place."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv1d) and layer is not None and not getattr(layer, "is_last", False):
                weight_norm(layer)
        return self


class _Mix(nn.Module):
    """An invertible 1x1 convolution: each step's channels, mixed by one square matrix."""

    def __init__(self, channels: int, *, cosines: bool):
        super().__init__()
        if cosines == 1:
            i = torch.arange(channels, dtype=torch.float64) + 0.5
            matrix = torch.cos(math.pi / channels * i[None] * i[:, None]) * math.sqrt(2 / channels)
            matrix = matrix.flip(0)
            matrix = torch.cat([matrix[1::2], matrix[::2]])
        elif cosines == 2:
            matrix = torch.eye(channels).roll(channels // 2, 0)
        else:
            matrix = torch.linalg.qr(torch.randn(channels, channels))[0]
        if torch.linalg.det(matrix) < 0:
            matrix[:, 0] *= -1
        self.matrix = nn.Parameter(matrix.float())

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return F.conv2d(x, self.matrix[:, :, None, None])

    def inverse(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.matrix.inverse()[:, :, None, None])

    def log_det(self) -> Tensor:
        return torch.linalg.slogdet(self.matrix).logabsdet


class _Coupling(nn.Module):
    def __init__(self, half: int, conditions: int, config: WaveGlowConfig):
        super().__init__()
        self.network = _Network(half, conditions, config)

    def forward(self, x, condition):
        kept, changed = x.chunk(2, dim=1)
        shift, log_s = self.network(kept, condition)
        return torch.cat([kept, changed * log_s.exp() + shift], dim=1), log_s

    def inverse(self, x, condition):
        kept, changed = x.chunk(2, dim=1)
        shift, log_s = self.network(kept, condition)
        return torch.cat([kept, (changed - shift) * (-log_s).exp()], dim=1)


class _Network(nn.Module):
    def __init__(self, half, conditions, config):
        super().__init__()
        width, layers, kernel = config.channels, config.layers, config.kernel
        self.first = _Convolution(half, width, 1)
        self.condition = _Convolution(conditions, 2 * width * layers, 1)
        self.dilated = nn.ModuleList(
            _Convolution(width, 2 * width, kernel, dilation=2**i, padding=2**i * (kernel // 2))
            for i in range(layers)
        )
        self.onward = nn.ModuleList(
            _Convolution(width, 2 * width if i < layers - 1 else width, 1) for i in range(layers)
        )
        self.last = _Convolution(width, 2 * half, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x, condition):
        x = self.first(x)
        conditions = self.condition(condition).chunk(len(self.dilated), dim=1)
        heard = 0
        for dilated, onward, cond in zip(self.dilated, self.onward, conditions, strict=True):
            a, b = (dilated(x) + cond).chunk(2, dim=1)
            y = onward(a.tanh() * b.sigmoid())
            if y.shape[1] > x.shape[1]:
                further, y = y.chunk(2, dim=1)
                x = x + further
            heard = heard + y.float()
        with torch.autocast(x.device.type, enabled=False):
            return self.last(heard).chunk(2, dim=1)


class _Convolution(nn.Conv1d):
    """A convolution along the last axis of (B, D, 1, R)."""

    def forward(self, x: Tensor) -> Tensor:
        padding, dilation = (0, *self.padding), (1, *self.dilation)
        return F.conv2d(x, self.weight[:, :, None], self.bias, 1, padding, dilation)
