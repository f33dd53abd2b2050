"""HiFi-GAN: a log-mel in, the waveform out, in one go.

Paper: Kong et al. 2020, HiFi-GAN, arXiv 2010.05646. Reference code: jik876/hifi-gan, whose weights
`models/published/hifigan.py` reads into this class.

The same: every layer of V1, V2 and V3. Added, for a laptop: blocks that work at the mel's own
rate, and an end in spectra: the network says magnitude and phase, and an inverse Fourier transform
makes the samples. All is then computed once a frame, not once a sample. (iSTFTNet, Kaneko et al.
2022, arXiv 2203.02395, ends so after some upsampling; Vocos, Siuzdak 2023, arXiv 2306.00814, does
without any, and its blocks are those of ConvNeXt, Liu et al. 2022, arXiv 2201.03545.)

Different in speed alone: on the way, sound is a picture of height 1 whose channels lie together in
memory (torch's channels_last), which is how a processor's convolutions like it; and while nothing
learns, long sounds go through the residual blocks in pieces that its cache can hold.

Shapes: B batch, M mel bands, T frames, D channels, R frames or samples on the way, S samples,
F = inverse_n_fft // 2 + 1 frequencies.
"""

import dataclasses
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ttslib.audio.inverse import InverseSTFT
from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel
from ttslib.nn.convolve import lay_out_for_convolve

__all__ = ["HiFiGAN", "HiFiGANConfig", "hifigan_small", "hifigan_v1", "hifigan_v2", "hifigan_v3"]

SLOPE = 0.1  # of the leaky ReLUs, but for the last
PIECE = 2**20  # numbers that go through the residual blocks at a time, and at least
SHORTEST_PIECE = 8192  # so many steps of R: what is heard on either side is computed twice
LOUDEST = 8.0  # log of the largest magnitude: an untrained network must not blow up


@dataclass(frozen=True, kw_only=True)
class HiFiGANConfig:
    """The sizes of a HiFi-GAN; the defaults are V1's."""

    mel_mean: float = 0.0  # subtracted from the log-mels: the paper takes them as they are
    mel_std: float = 1.0  # then divided by this
    channels: int = 512  # before the first upsampling, each of which halves them
    frame_blocks: int = 0  # ConvNeXt blocks at the mel's rate
    upsample_rates: tuple[int, ...] = (8, 8, 2, 2)
    upsample_kernels: tuple[int, ...] = (16, 16, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    block_dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    paired: bool = True  # the paper's block 1: a plain convolution after each dilated one
    last_kernel: int = 7  # of the last convolution
    inverse_n_fft: int = 0  # of the inverse STFT at the end; 0 is none: samples come directly

    def __post_init__(self):
        for field in dataclasses.fields(self):  # JSON has lists for tuples
            object.__setattr__(self, field.name, _tuples(getattr(self, field.name)))

    @property
    def block_reach(self) -> int:
        """How many steps to each side the widest residual block hears."""
        plain = 1 if self.paired else 0
        return max(
            sum(kernel // 2 * (dilation + plain) for dilation in dilations)
            for kernel, dilations in zip(self.block_kernels, self.block_dilations, strict=True)
        )


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def hifigan_v1() -> HiFiGANConfig:
    """The paper's best: 13,926,017 parameters."""
    return HiFiGANConfig()


def hifigan_v2() -> HiFiGANConfig:
    """The paper's small one: V1 with a quarter of the channels, 925,985 parameters."""
    return HiFiGANConfig(channels=128)


def hifigan_v3() -> HiFiGANConfig:
    """The paper's quick one: fewer upsamplings and simpler blocks, 1,462,273 parameters."""
    return HiFiGANConfig(
        channels=256,
        upsample_rates=(8, 8, 4),
        upsample_kernels=(16, 16, 8),
        block_kernels=(3, 5, 7),
        block_dilations=((1, 2), (2, 6), (3, 12)),
        paired=False,
    )


def hifigan_small() -> HiFiGANConfig:
    """For a laptop: all at the mel's rate, 1,507,650 parameters."""
    return HiFiGANConfig(
        mel_mean=-4.0,  # of speech, roughly: this network learns much quicker so
        mel_std=3.0,
        channels=192,
        frame_blocks=8,
        upsample_rates=(),
        upsample_kernels=(),
        last_kernel=1,
        inverse_n_fft=1024,
    )


class HiFiGAN(nn.Module):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels that will come.

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, config: HiFiGANConfig, audio: AudioConfig):
        super().__init__()
        hop = _last_hop(config, audio)
        self.config, self.audio = config, audio
        width = config.channels
        self.first = nn.Conv1d(audio.n_mels, width, 7, padding=3)
        self.frame_blocks = _FrameBlocks(width, config.frame_blocks)
        self.upsamples, self.blocks = nn.ModuleList(), nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            padding = (kernel - rate) // 2
            self.upsamples.append(_Upsampling(width, width // 2, kernel, rate, padding))
            width //= 2
            self.blocks.append(_ResidualBlocks(width, config))
        outputs, kernel = config.inverse_n_fft + 2 if hop > 1 else 1, config.last_kernel
        self.last = _Convolution(width, outputs, kernel, padding=kernel // 2)
        self.inverse = InverseSTFT(n_fft=config.inverse_n_fft, hop_length=hop) if hop > 1 else None
        for layers in (self.upsamples, self.blocks):
            layers.apply(_begin_small)
        lay_out_for_convolve(self.upsamples, self.blocks, self.last)

    def forward(self, mel: Tensor) -> Tensor:
        """Turn log-mels into sound.

        Parameters
        ----------
        mel : Tensor (B, M, T)
            Natural logarithm, not normalized.

        Returns
        -------
        Tensor (B, T * hop_length), float32
            In [-1, 1]; after an inverse STFT just about.

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite.
        """
        require_log_mel(mel, self.audio, model="HiFiGAN")
        x = self.network(mel)
        if self.inverse is None:
            return x.tanh()[:, 0]  # (B, S)
        magnitude, phase = x.chunk(2, dim=1)  # (B, F, R) each, the magnitude as its logarithm
        return self.inverse(torch.polar(magnitude.clamp(max=LOUDEST).exp(), phase))

    def network(self, mel: Tensor) -> Tensor:
        """All that is learnt: log-mels to samples (B, 1, S), or to log-magnitudes and phases.

        The latter, (B, 2 F, R), are still to be transformed into sound.
        """
        x = (mel - self.config.mel_mean) / self.config.mel_std
        x = self.frame_blocks(self.first(x))  # (B, D, T)
        x = x[:, :, None].contiguous(memory_format=torch.channels_last)  # (B, D, 1, R)
        for upsample, blocks in zip(self.upsamples, self.blocks, strict=True):
            x = blocks(upsample(F.leaky_relu(x, SLOPE)))  # (B, D / 2, 1, R * rate)
        if self.upsamples:
            x = F.leaky_relu(x)  # with torch's own slope of 0.01, as in the reference code
        return self.last(x)[:, :, 0].float()

    @property
    def context(self) -> int:
        """How many frames to each side of its own a sample depends on, at the most."""
        config = self.config
        reach, rate = 3.0 + 3 * config.frame_blocks, 1  # in frames; steps in a frame
        for factor, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            reach += math.ceil((kernel + factor) / 2 / factor) / rate
            rate *= factor
            reach += config.block_reach / rate
        reach += config.last_kernel // 2 / rate
        if self.inverse is not None:
            reach += self.inverse.n_fft / self.inverse.hop_length / 2 / rate
        return math.ceil(reach)

    @torch.no_grad()
    def stream(self, mels: Iterable[Tensor]) -> Iterator[Tensor]:
        """Speak while the mel is still coming, with the same samples as all at once.

        Parameters
        ----------
        mels : iterable of Tensor (B, M, t)
            One log-mel in pieces of at least a frame each.

        Yields
        ------
        Tensor (B, s)
            What can be said for certain: all but the last `context` frames, which may still
            sound otherwise depending on what follows; they come at the end.

        Raises
        ------
        ValueError
            When a piece has another shape or isn't finite; what came before it was said.

        Taught in: notebooks/06_vocoder
        """
        hop, held, said = self.audio.hop_length, None, 0  # said: so many of the held frames
        for mel in mels:
            require_log_mel(mel, self.audio, model="HiFiGAN")
            held = mel if held is None else torch.cat([held, mel], dim=2)
            ready = held.shape[2] - self.context
            if ready > said:
                yield self(held)[:, said * hop : ready * hop]
                forget = max(0, ready - self.context)
                held, said = held[:, :, forget:], ready - forget
        if held is not None:
            yield self(held)[:, said * hop :]

    def add_weight_norm(self) -> "HiFiGAN":
        """Split each weight into length and direction, for training; in place.

        `ttslib.nn.weight_norm.folded_weights` puts them together again.
        """
        for layer in self._weight_normed():
            weight_norm(layer)
        return self

    def _weight_normed(self) -> Iterator[nn.Module]:
        """Every convolution but those of the ConvNeXt blocks, which have layer norm."""
        for part in (self.first, self.upsamples, self.blocks, self.last):
            for layer in part.modules():
                if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
                    yield layer


class _FrameBlocks(nn.Module):
    """ConvNeXt blocks between two norms; without any blocks, nothing at all."""

    def __init__(self, width: int, number: int):
        super().__init__()
        self.blocks = nn.ModuleList(_ConvNeXtBlock(width, scale=1 / number) for _ in range(number))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 if number else 0))

    def forward(self, x: Tensor) -> Tensor:
        if not self.blocks:
            return x
        before, after = self.norms
        x = before(x.transpose(1, 2)).transpose(1, 2)  # each frame over its channels
        for block in self.blocks:
            x = block(x)
        return after(x.transpose(1, 2)).transpose(1, 2)


class _ConvNeXtBlock(nn.Module):
    """Look along time, each channel for itself; then mix the channels, each frame for itself."""

    def __init__(self, width: int, *, scale: float):
        super().__init__()
        self.along_time = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wider = nn.Linear(width, 2 * width)
        self.narrower = nn.Linear(2 * width, width)
        self.scale = nn.Parameter(torch.full((width,), scale))  # small: at first, x passes by
        for layer in (self.along_time, self.wider, self.narrower):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.along_time(x).transpose(1, 2))  # (B, R, D)
        y = self.narrower(F.gelu(self.wider(y), approximate="tanh")) * self.scale
        return x + y.transpose(1, 2)  # (B, D, R)


class _ResidualBlocks(nn.Module):
    """The paper's multi-receptive field fusion: the mean of blocks with different kernels."""

    def __init__(self, width: int, config: HiFiGANConfig):
        super().__init__()
        block = _ResidualBlock1 if config.paired else _ResidualBlock2
        kinds = zip(config.block_kernels, config.block_dilations, strict=True)
        self.blocks = nn.ModuleList(block(width, kernel, dilations) for kernel, dilations in kinds)
        self.reach = config.block_reach

    def forward(self, x: Tensor) -> Tensor:
        steps = max(SHORTEST_PIECE, PIECE // x.shape[1])
        if torch.is_grad_enabled() or x.shape[3] <= steps:
            return self._mean(x)
        whole = torch.empty_like(x)
        for start in range(0, x.shape[3], steps):
            before = min(start, self.reach)  # heard on either side, then cut off
            piece = self._mean(x[..., start - before : start + steps + self.reach])
            whole[..., start : start + steps] = piece[..., before : before + steps]
        return whole

    def _mean(self, x: Tensor) -> Tensor:
        first, *others = self.blocks
        total = first(x)
        for block in others:
            total = total.add_(block(x))
        return total.div_(len(self.blocks))


class _ResidualBlock1(nn.Module):
    """Thrice: x plus what a dilated and a plain convolution make of it."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]):
        super().__init__()
        self.dilated = nn.ModuleList(_same_convolution(width, kernel, d) for d in dilations)
        self.plain = nn.ModuleList(_same_convolution(width, kernel, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated, plain in zip(self.dilated, self.plain, strict=True):
            y = dilated(F.leaky_relu(x, SLOPE))
            x = plain(F.leaky_relu(y, SLOPE, inplace=True)).add_(x)
        return x


class _ResidualBlock2(nn.Module):
    """Twice: x plus what a dilated convolution makes of it."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]):
        super().__init__()
        self.dilated = nn.ModuleList(_same_convolution(width, kernel, d) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated in self.dilated:
            x = dilated(F.leaky_relu(x, SLOPE)).add_(x)
        return x


class _Convolution(nn.Conv1d):
    """A convolution along the last axis of (B, D, 1, R)."""

    def forward(self, x: Tensor) -> Tensor:
        padding, dilation = (0, *self.padding), (1, *self.dilation)
        return F.conv2d(x, self.weight[:, :, None], self.bias, 1, padding, dilation)


class _Upsampling(nn.ConvTranspose1d):
    """A transposed convolution along the last axis of (B, D, 1, R)."""

    def forward(self, x: Tensor) -> Tensor:
        stride, padding = (1, *self.stride), (0, *self.padding)
        return F.conv_transpose2d(x, self.weight[:, :, None], self.bias, stride, padding)


def _same_convolution(width: int, kernel: int, dilation: int) -> _Convolution:
    """One that keeps the length."""
    padding = (kernel - 1) * dilation // 2
    return _Convolution(width, width, kernel, padding=padding, dilation=dilation)


def _begin_small(module: nn.Module) -> None:
    """Draw a convolution's weights as the reference code does."""
    if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
        nn.init.normal_(module.weight, std=0.01)


def _last_hop(config: HiFiGANConfig, audio: AudioConfig) -> int:
    """How many samples an output of the last convolution stands for; refuse what doesn't fit."""
    for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
        if kernel < rate or (kernel - rate) % 2:
            raise ValueError(
                f"an upsampling kernel of {kernel} can't make exactly {rate} steps of one; take "
                f"{rate} plus an even number, e.g. {rate + 2 * (rate // 2)}"
            )
    upsampled = math.prod(config.upsample_rates)
    if audio.hop_length % upsampled:
        raise ValueError(
            f"upsample_rates {config.upsample_rates} make {upsampled} samples of a frame, which "
            f"doesn't divide hop_length={audio.hop_length}; choose rates that do"
        )
    hop = audio.hop_length // upsampled
    if (hop > 1) != (config.inverse_n_fft > 0):
        raise ValueError(
            f"upsample_rates {config.upsample_rates} make {upsampled} of the {audio.hop_length} "
            f"samples of a frame; set inverse_n_fft (it is {config.inverse_n_fft}) when they "
            "leave some over, and only then"
        )
    return hop
