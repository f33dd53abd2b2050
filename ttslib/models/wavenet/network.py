"""WaveNet: sound sample by sample, each drawn from a distribution given the past and the mel.

Papers: van den Oord et al. 2016, WaveNet, arXiv 1609.03499; conditioned on mels as in Shen et al.
2018, Tacotron 2, arXiv 1712.05884.

The same: dilated causal convolutions, gated units, residual and skip connections, the 8-bit mu-law
softmax. Different, for speed: the skip connections of all layers are one matrix over all their
gated units, which gives the same sum; and the learned upsampling of the mel ends at one vector per
`hold` samples, to all of which each layer adds its part. Different, for simplicity: the network's
input is the class as a number in [-1, 1], not one-hot. Added, for a small network: it may generate
only the voice's source, to which a filter computed from the mel is applied afterward (as in
ExcitNet, Song et al. 2018, arXiv 1811.04769, where the filter is estimated separately; LPCNet,
Valin and Skoglund 2019, arXiv 1810.11846, computes it from its features, too). The formants are
then right from the first step, and the noise of sampling stays below the speech at every frequency.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, D channels, G gated channels,
H = S / hold, K outputs per sample.
"""

import math
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.audio.prediction import LinearPrediction
from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel
from ttslib.models.wavenet.heads import LogisticMixture, MuLawSoftmax
from ttslib.nn.convolve import (
    CausalConv1d,
    channels_together,
    join_channels,
    lay_out_for_convolve,
    split_channels,
)

__all__ = ["WaveNetConfig", "WaveNetNetwork", "wavenet_published", "wavenet_small"]

QUIETER = 16  # a source's deviation is 1, its loudest pulses reach 10; a signal is in [-1, 1]


@dataclass(frozen=True, kw_only=True)
class WaveNetConfig:
    """The sizes of a WaveNet; the defaults are those of `wavenet_published`."""

    mel_mean: float = -4.0  # subtracted from the log-mels; roughly that of speech
    mel_std: float = 3.0  # then divided by this
    layers: int = 30
    cycle: int = 10  # layers after which the dilations 1, 2, 4, ... start again
    kernel: int = 3  # of the dilated convolutions
    first_kernel: int = 1  # of the causal convolution before them
    residual: int = 128  # channels that the layers pass on and add to
    gated: int = 128  # channels that come out of a gated unit
    skip: int = 128  # channels of the sum over the layers
    condition: int = 128  # channels of the upsampled mel
    upsample_rates: tuple[int, ...] = (4, 4)  # of the transposed convolutions
    mixtures: int = 0  # logistic distributions in the mixture; 0: the 8-bit mu-law softmax
    prediction: int = 0  # order of the linear prediction by the mel, below; 0 is none

    def __post_init__(self):
        object.__setattr__(self, "upsample_rates", tuple(self.upsample_rates))  # JSON has lists
        if self.kernel < 2:
            raise ValueError(
                f"kernel={self.kernel} covers a single moment; give the dilated convolutions 2 or 3"
            )

    @property
    def dilations(self) -> list[int]:
        """The dilation of each layer, in samples."""
        return [2 ** (layer % self.cycle) for layer in range(self.layers)]

    @property
    def receptive_field(self) -> int:
        """The number of past samples that a sample's distribution depends on."""
        return self.first_kernel + (self.kernel - 1) * sum(self.dilations)


def wavenet_published() -> WaveNetConfig:
    """Return Tacotron 2's 30 layers in 3 cycles and its 2 upsamplings: 5,310,336 parameters.

    The papers don't name the channels; 128 and a kernel of 3 are those of r9y9/wavenet_vocoder.
    """
    return WaveNetConfig()


def wavenet_small() -> WaveNetConfig:
    """Return the laptop's size, 16 layers in 2 cycles: 378,496 parameters."""
    return WaveNetConfig(
        layers=16, cycle=8, kernel=2, first_kernel=16, residual=64, gated=32, skip=64,
        condition=64, prediction=32,
    )  # fmt: skip


class WaveNetNetwork(nn.Module):
    """The network, which predicts the next sample from those before it and the mel.

    Parameters
    ----------
    config
    audio
        The definition of the mels.

    Taught in: notebooks/10_wavenet
    """

    def __init__(self, config: WaveNetConfig, audio: AudioConfig):
        super().__init__()
        self.config, self.audio, self.hold = config, audio, _hold(config, audio)
        self.head = LogisticMixture(config.mixtures) if config.mixtures else MuLawSoftmax()
        self.filter = None
        if config.prediction:
            self.filter = LinearPrediction(audio, order=config.prediction)
        width, gated = config.residual, config.gated
        self.upsampling = _Upsampling(config, audio.n_mels)
        self.conditions = nn.Conv1d(config.condition, config.layers * 2 * gated, 1)
        self.first = CausalConv1d(1, width, config.first_kernel)
        self.dilated, self.residual = nn.ModuleList(), nn.ModuleList()
        for dilation in config.dilations:
            kernel = config.kernel
            self.dilated.append(CausalConv1d(width, 2 * gated, kernel, dilation=dilation))
        for _ in config.dilations[:-1]:  # nothing follows the last one
            self.residual.append(CausalConv1d(gated, width, 1))
        self.skip = CausalConv1d(config.layers * gated, config.skip, 1)
        self.hidden = CausalConv1d(config.skip, config.skip, 1)
        self.last = CausalConv1d(config.skip, self.head.outputs, 1)
        self.apply(_begin_at_unit_scale)
        lay_out_for_convolve(self.first, self.dilated)

    def teacher_forced(self, waveform: Tensor, mel: Tensor) -> Tensor:
        """Predict every sample from the recording's samples before it, all at once.

        Parameters
        ----------
        waveform : Tensor (B, S)
            In [-1, 1]. Silence is assumed before its beginning.
        mel : Tensor (B, M, T)
            Its log-mel.

        Returns
        -------
        Tensor (B, K, S)
            Of the modeled signal: logits of the 256 classes, or the mixture's logits, means and
            log-scales.

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite, or the waveform's length doesn't fit it.
        """
        wanted = len(mel), mel.shape[-1] * self.audio.hop_length
        if waveform.shape != wanted:
            raise ValueError(
                f"WaveNet needs waveforms {wanted} beside these mels, got shape "
                f"{tuple(waveform.shape)}"
            )
        return self.distributions(self.signal(waveform, mel), self.layer_conditions(mel))

    def loss(self, waveform: Tensor, mel: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of the recordings' samples, in nats.

        A piece's first samples are conditioned on silence where the recording has sound. They
        count, too, so that the network learns to begin from silence, as it must at inference.
        """
        return self.head.loss(self.teacher_forced(waveform, mel), self.signal(waveform, mel))

    def distributions(self, signal: Tensor, conditions: list[Tensor]) -> Tensor:
        """Return outputs (B, K, S) for a modeled signal (B, S) and `layer_conditions`."""
        past = F.pad(self.head.heard(signal), (1, -1))  # for each sample, the one before it
        x = self.first(past[:, None])  # (B, D, S)
        gates: list[Tensor] = []
        for layer, condition in enumerate(conditions):
            x = x + self.residual[layer - 1](gates[-1]) if layer else x
            y = self.dilated[layer](x).unflatten(2, (-1, self.hold))  # (B, 2G, H, hold)
            content, gate = split_channels((y + condition.to(y.dtype)).flatten(2), 2)
            gates.append(content.tanh() * gate.sigmoid())  # (B, G, S)
        x = self.skip(join_channels(*gates))
        return self.last(F.relu(self.hidden(F.relu(x)))).float()

    def layer_conditions(self, mel: Tensor) -> list[Tensor]:
        """Return what log-mels (B, M, T) add within each layer: (B, 2G, H, 1) each."""
        require_log_mel(mel, self.audio, model="WaveNet")
        x = self.upsampling((mel - self.config.mel_mean) / self.config.mel_std)
        x = channels_together(self.conditions(x))[..., None]  # (B, layers * 2G, H, 1)
        return list(x.chunk(self.config.layers, dim=1))

    def signal(self, waveform: Tensor, mel: Tensor) -> Tensor:
        """Return the modeled signal of a waveform (B, S): itself, or its source over `QUIETER`."""
        if self.filter is None:
            return waveform
        return (self.filter.take_off(waveform, mel) / QUIETER).clamp(-1, 1)

    def waveform(self, signal: Tensor, mel: Tensor) -> Tensor:
        """Return the waveform (B, S) of a modeled signal: the inverse of `signal`."""
        if self.filter is None:
            return signal
        return self.filter.put_on(signal * QUIETER, mel)


class _Upsampling(nn.Module):
    """Upsample log-mels (B, M, T) to (B, D, H): two convolutions, then transposed ones."""

    def __init__(self, config: WaveNetConfig, n_mels: int):
        super().__init__()
        width = config.condition
        self.frames = nn.ModuleList(
            nn.Conv1d(inputs, width, 3, padding=1) for inputs in (n_mels, width)
        )
        self.upsamples = nn.ModuleList(
            nn.ConvTranspose1d(width, width, 2 * rate, rate, padding=rate // 2)
            for rate in config.upsample_rates
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in (*self.frames, *self.upsamples):
            x = F.leaky_relu(layer(x), 0.1)
        return x


def _begin_at_unit_scale(module: nn.Module) -> None:
    """Draw weights that let the mel through from the first step (torch's own are smaller)."""
    if isinstance(module, nn.ConvTranspose1d):
        taps = module.kernel_size[0] // module.stride[0]  # that meet in one output
        nn.init.normal_(module.weight, std=(2 / taps / module.in_channels) ** 0.5)
    elif isinstance(module, nn.Conv1d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def _hold(config: WaveNetConfig, audio: AudioConfig) -> int:
    """Return how many samples share a vector of the upsampled mel; raise if sizes don't fit."""
    if any(rate % 2 for rate in config.upsample_rates):
        raise ValueError(f"upsample_rates {config.upsample_rates} must be even")
    upsampled = math.prod(config.upsample_rates)
    if audio.hop_length % upsampled:
        raise ValueError(
            f"upsample_rates {config.upsample_rates} make {upsampled} vectors of a frame, which "
            f"doesn't divide hop_length={audio.hop_length}; choose rates that do"
        )
    return audio.hop_length // upsampled
