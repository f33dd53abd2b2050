"""WaveGlow: noise in, sound out, through invertible steps.

Paper: Prenger et al. 2018, WaveGlow, arXiv 1811.00002. Reference code: NVIDIA/waveglow, whose
weights `models/published/waveglow.py` reads into this class.

The same: every layer. Added, for a laptop: groups as long as a frame, so that nothing needs
upsampling and everything is computed once per frame, not once per eight samples (SqueezeWave, Zhai
et al. 2020, arXiv 2001.05685, found that quality hardly suffers); and an initialization from which
it learns much faster: groups are folded into each other at their borders and the first matrix is a
cosine transform, together a modified discrete cosine transform (Princen & Bradley 1986). So a
coupling gets frequencies, as the mel has them, where the paper's gets random sums.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, G samples in a group,
R = S / G groups, C channels of a flow, D width of a coupling's network, M' of its condition.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel
from ttslib.nn.convolve import (
    Conv1d,
    channels_together,
    join_channels,
    lay_out_for_convolve,
    split_channels,
)
from ttslib.nn.invertible import (
    AffineCoupling,
    InvertibleConvolution,
    cosine_transform,
    lap,
    unlap,
)
from ttslib.nn.randomness import normal, seeded

__all__ = ["Noise", "WaveGlow", "WaveGlowConfig", "waveglow_published", "waveglow_small"]


@dataclass(frozen=True, kw_only=True)
class WaveGlowConfig:
    """The sizes of a WaveGlow; the defaults are those of NVIDIA's published weights."""

    mel_mean: float = 0.0  # subtracted from the log-mels; the paper doesn't normalize them
    mel_std: float = 1.0  # then divided by this
    group: int = 8  # samples that become the channels of one step in time
    flows: int = 12
    early_every: int = 4  # flows after which some channels leave: they are noise already
    early_channels: int = 2  # how many leave
    layers: int = 8  # of a coupling's network, each with twice the dilation of the last
    channels: int = 256  # its width
    kernel: int = 3
    upsample_kernel: int = 1024  # samples; 0: mels are interpolated linearly to the groups' rate
    lapped: bool = False  # groups overlap, and the flows start as an MDCT, not as random rotations
    sigma: float = 1.0  # of the noise that a recording should become
    dither: float = 0.0  # of noise added to recordings: exact zeros have an unbounded likelihood

    def __post_init__(self):
        least = self.channels_of(self.flows - 1)
        if least < 2 or any(self.channels_of(k) % 2 for k in range(self.flows)):
            raise ValueError(
                f"couplings need an even number of channels, 2 at least: group={self.group} and "
                f"early_channels={self.early_channels} every {self.early_every} of {self.flows} "
                f"flows leave {least}; choose even numbers, and fewer early channels"
            )

    def channels_of(self, flow: int) -> int:
        """Return the number of channels that a flow works on."""
        return self.group - flow // self.early_every * self.early_channels


def waveglow_published() -> WaveGlowConfig:
    """Return NVIDIA's size with 256 channels: 87,731,816 parameters."""
    return WaveGlowConfig()


def waveglow_small() -> WaveGlowConfig:
    """Return the laptop's size, all at the mel's rate: 4,123,968 parameters."""
    return WaveGlowConfig(
        mel_mean=-4.0,  # roughly that of speech
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
    """The noise that sound became, and how much the flows stretched space."""

    z: Tensor  # (B, G, R)
    log_s_sum: Tensor  # (flows,): the sum of all log scales of each coupling
    log_det_w: Tensor  # (flows,): log |det| of each matrix, once for every group it mixed


class WaveGlow(nn.Module):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels.

    Taught in: notebooks/11_waveglow
    """

    needs_generator = True  # sound begins as noise

    def __init__(self, config: WaveGlowConfig, audio: AudioConfig):
        super().__init__()
        if audio.hop_length % config.group:
            raise ValueError(
                f"group={config.group} doesn't divide hop_length={audio.hop_length}; "
                "choose one that does"
            )
        self.config, self.audio = config, audio
        heard, kernel = audio.n_mels, config.upsample_kernel
        self.upsample = None
        if kernel:
            self.upsample = nn.ConvTranspose1d(heard, heard, kernel, stride=audio.hop_length)
            heard *= config.group
        flows = range(config.flows)
        self.mixes = nn.ModuleList(InvertibleConvolution(_first_matrix(k, config)) for k in flows)
        self.couplings = nn.ModuleList(
            AffineCoupling(_Network(config.channels_of(k) // 2, heard, config)) for k in flows
        )
        lay_out_for_convolve(self.couplings)

    def forward(
        self, mel: Tensor, *, sigma: float = 0.6, generator: torch.Generator | None = None
    ) -> Tensor:
        """Turn log-mels into sound, from random noise.

        Parameters
        ----------
        mel : Tensor (B, M, T)
            Natural logarithm, not normalized.
        sigma : float >= 0
            Of the noise. Less than in training gives typical sound rather than all possible ones.
            With 0 there is no noise.
        generator : torch.Generator, optional
            Of the noise; a new one with seed 0 when not given.

        Returns
        -------
        Tensor (B, T * hop_length), float32
            Approximately in [-1, 1].

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite.
        """
        require_log_mel(mel, self.audio, model="WaveGlow")
        groups = mel.shape[2] * self.audio.hop_length // self.config.group
        shape = mel.shape[0], self.config.group, groups
        z = normal(shape, generator=generator or seeded(0), device=mel.device).to(mel.dtype)
        return self.from_noise(sigma * z, mel)

    def to_noise(self, waveform: Tensor, mel: Tensor) -> Noise:
        """Turn sound into the noise that would generate it.

        Parameters
        ----------
        waveform : Tensor (B, S)
        mel : Tensor (B, M, T)
            Its own log-mel: S = T * hop_length.

        Raises
        ------
        ValueError
            When the two don't fit together, or the mel has another shape or isn't finite.
        """
        self._require_pair(waveform, mel)
        heard = self._condition(mel)
        x = waveform.unflatten(1, (-1, self.config.group)).transpose(1, 2)  # (B, G, R)
        x = lap(x) if self.config.lapped else x
        left, log_s_sums, log_dets = [], [], []
        for k, (mix, coupling) in enumerate(zip(self.mixes, self.couplings, strict=True)):
            if self._sheds(k):
                early, x = x.tensor_split([self.config.early_channels], dim=1)
                left.append(early)
            x, log_det = mix(x)
            x, log_s_sum = coupling(x, heard)
            log_dets.append(log_det)
            log_s_sums.append(log_s_sum)
        z = join_channels(*left, x)  # (B, G, R)
        return Noise(z, torch.stack(log_s_sums), torch.stack(log_dets))

    def from_noise(self, z: Tensor, mel: Tensor) -> Tensor:
        """Turn noise into sound: the inverse of `to_noise`.

        Parameters
        ----------
        z : Tensor (B, G, R)
        mel : Tensor (B, M, T)

        Returns
        -------
        Tensor (B, S)

        Raises
        ------
        ValueError
            If the mel has the wrong shape or isn't finite, or the noise doesn't have its size.
        """
        require_log_mel(mel, self.audio, model="WaveGlow")
        group = self.config.group
        needed = (mel.shape[0], group, mel.shape[2] * self.audio.hop_length // group)
        if z.shape != needed:
            raise ValueError(f"these mels need noise {needed}, got {tuple(z.shape)}")
        heard, shed = self._condition(mel), self.config.early_channels
        kept = self.config.channels_of(self.config.flows - 1)
        z, x = z.tensor_split([z.shape[1] - kept], dim=1)
        for k in reversed(range(self.config.flows)):
            mix, coupling = self.mixes[k], self.couplings[k]
            assert isinstance(mix, InvertibleConvolution)
            assert isinstance(coupling, AffineCoupling)
            x = mix.inverse(coupling.inverse(x, heard))
            if self._sheds(k):
                z, early = z.tensor_split([z.shape[1] - shed], dim=1)
                x = join_channels(early, x)
        x = unlap(x) if self.config.lapped else x
        return x.transpose(1, 2).flatten(1)  # (B, S)

    def loss(self, waveform: Tensor, mel: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of the recordings' samples, in nats.

        Parameters
        ----------
        waveform : Tensor (B, S)
        mel : Tensor (B, M, T)

        Returns
        -------
        scalar Tensor
            Lower is better. As that of a density, it is often negative and has no lower bound.

        References
        ----------
        The paper's equation 12, and the constant that it leaves out.
        """
        sigma = self.config.sigma
        if self.training and self.config.dither:
            waveform = waveform + self.config.dither * torch.randn_like(waveform)
        z, log_s_sum, log_det_w = self.to_noise(waveform, mel)
        of_noise = -z.square().sum() / (2 * sigma**2)
        stretched = log_s_sum.sum() + log_det_w.sum()
        constant = 0.5 * math.log(2 * math.pi * sigma**2)
        return constant - (of_noise + stretched) / z.numel()

    def _sheds(self, flow: int) -> bool:
        """Return True if some channels leave before this flow."""
        return flow > 0 and flow % self.config.early_every == 0

    def _condition(self, mel: Tensor) -> Tensor:
        """Return the couplings' condition for a mel: (B, M', R)."""
        mel = (mel - self.config.mel_mean) / self.config.mel_std
        hop, group = self.audio.hop_length, self.config.group
        if self.upsample is not None:
            x = self.upsample(mel)[..., : mel.shape[2] * hop]  # (B, M, S)
            x = x.unflatten(2, (-1, group)).transpose(2, 3).flatten(1, 2)  # (B, M * G, R)
        else:
            x = F.interpolate(mel, scale_factor=hop // group, mode="linear")  # (B, M, R)
        return channels_together(x)  # once for all couplings

    def _require_pair(self, waveform: Tensor, mel: Tensor) -> None:
        require_log_mel(mel, self.audio, model="WaveGlow")
        needed = (mel.shape[0], mel.shape[2] * self.audio.hop_length)
        if waveform.shape != needed:
            raise ValueError(
                f"mels of shape {tuple(mel.shape)} are of waveforms {needed}, got "
                f"{tuple(waveform.shape)}; cut the sound to whole frames"
            )


class _Network(nn.Module):
    """A WaveNet that also looks ahead. It is never inverted, so it may be anything."""

    def __init__(self, half: int, heard: int, config: WaveGlowConfig):
        super().__init__()
        width, layers, kernel = config.channels, config.layers, config.kernel
        self.first = Conv1d(half, width, 1)
        self.condition = Conv1d(heard, 2 * width * layers, 1)  # for all layers at once
        self.dilated = nn.ModuleList(
            Conv1d(width, 2 * width, kernel, dilation=2**i, padding=2**i * (kernel // 2))
            for i in range(layers)
        )
        self.onward = nn.ModuleList(Conv1d(width, 2 * width, 1) for _ in range(layers - 1))
        self.onward.append(Conv1d(width, width, 1))  # the last has no residual
        self.last = Conv1d(width, 2 * half, 1)
        nn.init.zeros_(self.last.weight)  # so a coupling starts as the identity
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Return shift and log scale, (B, C / 2, R) each."""
        dtype, x = x.dtype, self.first(x)
        conditions = split_channels(self.condition(heard), len(self.dilated))
        total = 0.0
        for dilated, onward, condition in zip(self.dilated, self.onward, conditions, strict=True):
            filtered, gate = split_channels(dilated(x) + condition, 2)
            y = onward(filtered.tanh() * gate.sigmoid())
            if onward is not self.onward[-1]:
                residual, y = split_channels(y, 2)
                x = x + residual
            total = total + y.to(dtype)  # in full precision, too: errors would add up
        with torch.autocast(x.device.type, enabled=False):
            shift, log_scale = split_channels(self.last(total), 2)
            return shift, log_scale


def _first_matrix(flow: int, config: WaveGlowConfig) -> Tensor:
    """Return the initial matrix (C, C) of a flow: a rotation without reflection."""
    channels = config.channels_of(flow)
    if not config.lapped:
        matrix = torch.linalg.qr(torch.randn(channels, channels)).Q
    elif flow == 0:
        matrix = cosine_transform(channels)
    else:
        matrix = torch.eye(channels).roll(channels // 2, dims=0)  # the halves take turns
    matrix[:, 0] *= torch.linalg.det(matrix).sign()
    return matrix
