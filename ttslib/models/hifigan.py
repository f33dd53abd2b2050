"""HiFi-GAN: a log-mel in, the waveform out, in one pass.

Paper: Kong et al. 2020, HiFi-GAN, arXiv 2010.05646. Reference code: jik876/hifi-gan, whose weights
`models/published/hifigan.py` reads into this class.

The same: every layer of V1, V2 and V3. Different only in speed: convolutions are laid out as
`nn/convolve.py` explains, and outside of training, long sounds go through the residual blocks in
pieces that fit the processor's cache. `models/vocos.py` is a vocoder for laptops.

Shapes: B batch, M mel bands, T frames, D channels, R steps on the way from frames to samples,
S = T * hop_length samples.
"""

import dataclasses
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel
from ttslib.nn.convolve import Conv1d, ConvTranspose1d, lay_out_for_convolve

__all__ = ["HiFiGAN", "HiFiGANConfig", "hifigan_v1", "hifigan_v2", "hifigan_v3"]

SLOPE = 0.1  # of the leaky ReLUs, except for the last
PIECE = 2**20  # how many numbers go through the residual blocks at a time, and at least
SHORTEST_PIECE = 8192  # steps of R: the margins on both sides are computed twice


@dataclass(frozen=True, kw_only=True)
class HiFiGANConfig:
    """The sizes of a HiFi-GAN; the defaults are V1's."""

    channels: int = 512  # before the first upsampling; each upsampling halves them
    upsample_rates: tuple[int, ...] = (8, 8, 2, 2)
    upsample_kernels: tuple[int, ...] = (16, 16, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    block_dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    paired: bool = True  # the paper's block 1: a plain convolution after each dilated one

    def __post_init__(self):
        for field in dataclasses.fields(self):  # JSON has lists for tuples
            object.__setattr__(self, field.name, _tuples(getattr(self, field.name)))

    @property
    def block_reach(self) -> int:
        """The number of steps to each side that the widest residual block depends on."""
        plain = 1 if self.paired else 0
        return max(
            sum(kernel // 2 * (dilation + plain) for dilation in dilations)
            for kernel, dilations in zip(self.block_kernels, self.block_dilations, strict=True)
        )


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def hifigan_v1() -> HiFiGANConfig:
    """Return the paper's best size: 13,926,017 parameters."""
    return HiFiGANConfig()


def hifigan_v2() -> HiFiGANConfig:
    """Return the paper's small size: V1 with a quarter of the channels, 925,985 parameters."""
    return HiFiGANConfig(channels=128)


def hifigan_v3() -> HiFiGANConfig:
    """Return the paper's fast size: fewer upsamplings, simpler blocks, 1,462,273 parameters."""
    return HiFiGANConfig(
        channels=256,
        upsample_rates=(8, 8, 4),
        upsample_kernels=(16, 16, 8),
        block_kernels=(3, 5, 7),
        block_dilations=((1, 2), (2, 6), (3, 12)),
        paired=False,
    )


class HiFiGAN(nn.Module):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels.

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, config: HiFiGANConfig, audio: AudioConfig):
        super().__init__()
        _require_fitting_rates(config, audio)
        self.config, self.audio = config, audio
        width = config.channels
        self.first = Conv1d(audio.n_mels, width, 7, padding=3)
        self.upsamples, self.blocks = nn.ModuleList(), nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            padding = (kernel - rate) // 2
            self.upsamples.append(ConvTranspose1d(width, width // 2, kernel, rate, padding))
            width //= 2
            self.blocks.append(_ResidualBlocks(width, config))
        self.last = Conv1d(width, 1, 7, padding=3)
        for layers in (self.upsamples, self.blocks):
            layers.apply(_begin_small)
        lay_out_for_convolve(self)

    def forward(self, mel: Tensor) -> Tensor:
        """Turn log-mels into sound.

        Parameters
        ----------
        mel : Tensor (B, M, T)
            Natural logarithm, not normalized.

        Returns
        -------
        Tensor (B, T * hop_length), float32
            In [-1, 1].

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite.
        """
        require_log_mel(mel, self.audio, model="HiFiGAN")
        x = self.first(mel)  # (B, D, T)
        for upsample, blocks in zip(self.upsamples, self.blocks, strict=True):
            x = blocks(upsample(F.leaky_relu(x, SLOPE)))  # (B, D / 2, R * rate)
        x = self.last(F.leaky_relu(x))  # with torch's own slope of 0.01, as in the reference code
        return x[:, 0].float().tanh()  # (B, S)

    @property
    def context(self) -> int:
        """The largest number of frames on each side of its own that a sample depends on."""
        config = self.config
        reach, rate = 3.0, 1  # in frames; steps in a frame
        for factor, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            reach += math.ceil((kernel + factor) / 2 / factor) / rate
            rate *= factor
            reach += config.block_reach / rate
        return math.ceil(reach + 3 / rate)

    @torch.no_grad()
    def stream(self, mels: Iterable[Tensor]) -> Iterator[Tensor]:
        """Generate sound while the mel is still arriving, with the same samples as `forward`.

        Parameters
        ----------
        mels : iterable of Tensor (B, M, t)
            One log-mel in pieces of at least a frame each.

        Yields
        ------
        Tensor (B, s)
            All samples that no later frame can change; the last `context` frames come at the end.

        Raises
        ------
        ValueError
            When a piece has another shape or isn't finite.

        Taught in: notebooks/06_vocoder
        """
        hop, held, done = self.audio.hop_length, None, 0  # done: of the held frames
        for mel in mels:
            require_log_mel(mel, self.audio, model="HiFiGAN")
            held = mel if held is None else torch.cat([held, mel], dim=2)
            ready = held.shape[2] - self.context
            if ready > done:
                yield self(held)[:, done * hop : ready * hop]
                forget = max(0, ready - self.context)
                held, done = held[:, :, forget:], ready - forget
        if held is not None:
            yield self(held)[:, done * hop :]

    def add_weight_norm(self) -> "HiFiGAN":
        """Split each weight into length and direction, for training; in place.

        `ttslib.nn.weight_norm.folded_weights` joins them again.
        """
        for layer in self.modules():
            if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
                weight_norm(layer)
        return self


class _ResidualBlocks(nn.Module):
    """The paper's multi-receptive field fusion: the mean of blocks with different kernels."""

    def __init__(self, width: int, config: HiFiGANConfig):
        super().__init__()
        block = _ResidualBlock1 if config.paired else _ResidualBlock2
        kinds = zip(config.block_kernels, config.block_dilations, strict=True)
        self.blocks = nn.ModuleList(block(width, kernel, dilations) for kernel, dilations in kinds)
        self.reach = config.block_reach

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, D, R) to the same shape."""
        steps = max(SHORTEST_PIECE, PIECE // x.shape[1])
        if torch.is_grad_enabled() or x.shape[2] <= steps:
            return self._mean(x)
        whole = torch.empty_like(x)
        for start in range(0, x.shape[2], steps):
            before = min(start, self.reach)  # margins on both sides, then cut off
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
    """Three times: x plus the output of a dilated and a plain convolution."""

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
    """Twice: x plus the output of a dilated convolution."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]):
        super().__init__()
        self.dilated = nn.ModuleList(_same_convolution(width, kernel, d) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated in self.dilated:
            x = dilated(F.leaky_relu(x, SLOPE)).add_(x)
        return x


def _same_convolution(width: int, kernel: int, dilation: int) -> Conv1d:
    """Return a convolution that keeps the length."""
    padding = (kernel - 1) * dilation // 2
    return Conv1d(width, width, kernel, padding=padding, dilation=dilation)


def _begin_small(module: nn.Module) -> None:
    """Draw a convolution's weights as the reference code does."""
    if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
        nn.init.normal_(module.weight, std=0.01)


def _require_fitting_rates(config: HiFiGANConfig, audio: AudioConfig) -> None:
    """Raise an error unless the upsamplings turn a frame into exactly a hop of samples."""
    for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
        if kernel < rate or (kernel - rate) % 2:
            raise ValueError(
                f"an upsampling kernel of {kernel} can't make exactly {rate} steps of one; take "
                f"{rate} plus an even number, e.g. {rate + 2 * (rate // 2)}"
            )
    upsampled = math.prod(config.upsample_rates)
    if audio.hop_length != upsampled:
        raise ValueError(
            f"upsample_rates {config.upsample_rates} make {upsampled} samples of a frame, but "
            f"hop_length is {audio.hop_length}; choose rates whose product that is"
        )
