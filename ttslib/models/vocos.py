"""Vocos: a vocoder that predicts a spectrum for each frame of the mel and transforms it into sound.

Papers: Siuzdak 2023, Vocos, arXiv 2306.00814; its blocks are ConvNeXt's (Liu et al. 2022, arXiv
2201.03545). Reference code: gemelo-ai/vocos. All layers run once per frame, not once per sample.

Added for a voice of your own: a source and filters. A network at the frame rate can't keep the
phase of a harmonic continuous from frame to frame, so here a pitch is predicted from the mel,
a pulse train of that pitch and white noise are made from it, and the network predicts how to filter
the two. Wang et al. 2019, neural source-filter models, arXiv 1904.12088; Li et al. 2023, HiFTNet,
arXiv 2309.09493 (a harmonic source, its STFT, an inverse STFT at the end); Liu et al. 2020, Neural
homomorphic vocoder (filters predicted once per frame).

Shapes: B batch, M mel bands, T frames, D channels, S = T * hop_length samples,
F = n_fft // 2 + 1 frequencies.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.audio.inverse import STFT, InverseSTFT
from ttslib.config import AudioConfig
from ttslib.models.mel_input import require_log_mel
from ttslib.nn.convolve import Conv1d, convolve, lay_out_for_convolve

__all__ = ["Vocos", "VocosConfig", "vocos_published", "vocos_small", "vocos_source"]

LOUDEST = 8.0  # natural logarithm of the largest magnitude, so that an untrained network is safe
MIDDLE_PITCH = 200.0  # Hz; the pitch is predicted in octaves from it
OCTAVES = 2.0  # at most, up or down


@dataclass(frozen=True, kw_only=True)
class VocosConfig:
    """The sizes of a Vocos; the defaults are the paper's."""

    mel_mean: float = 0.0  # subtracted from the log-mels
    mel_std: float = 1.0  # then divided by this
    channels: int = 512
    blocks: int = 8  # ConvNeXt blocks
    hidden: int = 1536  # channels inside each block
    n_fft: int = 1024  # of the STFT of the source and of the inverse STFT
    pitch_channels: int = 0  # of the pitch predictor; 0: no source, the paper's Vocos
    pitch_blocks: int = 3


def vocos_published() -> VocosConfig:
    """Return the paper's size: 13.2 million parameters with 80 mel bands."""
    return VocosConfig()


def vocos_small() -> VocosConfig:
    """Return a size for laptops: 1,507,650 parameters."""
    return VocosConfig(mel_mean=-4.0, mel_std=3.0, channels=192, hidden=384)


def vocos_source() -> VocosConfig:
    """Return a size for a human voice on a laptop: with a source, 2,406,918 parameters."""
    return VocosConfig(
        mel_mean=-4.0, mel_std=3.0, channels=256, blocks=5, hidden=512, pitch_channels=128
    )


class Filters(NamedTuple):
    """What the network predicts for each frame: everything that isn't random."""

    spectra: Tensor  # (B, T, 2 F or 5 F): see `Vocos.render`
    pitch: Tensor | None  # (B, T), Hz at the first sample of each frame


class Source(NamedTuple):
    """The randomness of a sound: the phase that it starts with, and its noise. B may be 1."""

    turn: Tensor  # (B,) float64, cycles before the first sample of ...
    noise: Tensor  # (B, S)
    frame: int = 0  # ... this frame


class Vocos(nn.Module):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels.

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, config: VocosConfig, audio: AudioConfig):
        super().__init__()
        self.config, self.audio = config, audio
        width = config.channels
        self.first = Conv1d(audio.n_mels, width, 7, padding=3)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config.hidden, scale=1 / config.blocks)
            for _ in range(config.blocks)
        )
        self.pitch = PitchPredictor(config, audio) if config.pitch_channels else None
        kinds = 2 if self.pitch is None else 5  # of numbers for each frequency
        self.last = Conv1d(width, kinds * (config.n_fft // 2 + 1), 1)
        self.analyze = STFT(n_fft=config.n_fft, hop_length=audio.hop_length)
        self.inverse = InverseSTFT(n_fft=config.n_fft, hop_length=audio.hop_length)
        lay_out_for_convolve(self)

    def forward(self, mel: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Turn log-mels into sound.

        Parameters
        ----------
        mel : Tensor (B, M, T)
            Natural logarithm, not normalized.
        generator : torch.Generator, optional
            The randomness of the noise; a new one with seed 0 when not given. All clips of a batch
            get the same noise, so that a clip sounds the same in any batch.

        Returns
        -------
        Tensor (B, T * hop_length), float32
            In [-1, 1], or very slightly beyond.

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite.
        """
        require_log_mel(mel, self.audio, model="Vocos")
        return self.render(self.predict(mel), self.draw(mel[:1], generator))

    def predict(self, mel: Tensor) -> Filters:
        """Predict filters and pitch, all that is learned, from log-mels (B, M, T)."""
        pitch = None if self.pitch is None else self.predict_pitch(mel)
        x = self.first(self._normalize(mel)).transpose(1, 2)  # (B, T, D)
        x = self.norms[0](x)
        for block in self.blocks:
            x = block(x)
        x = convolve(self.norms[1](x), self.last.weight, self.last.bias)
        return Filters(spectra=x.float(), pitch=pitch)

    def predict_pitch(self, mel: Tensor) -> Tensor:
        """Predict the pitch alone, in Hz: log-mels (B, M, T) to (B, T)."""
        assert self.pitch is not None
        return self.pitch(self._normalize(mel))

    def _normalize(self, mel: Tensor) -> Tensor:
        return (mel - self.config.mel_mean) / self.config.mel_std

    def render(self, filters: Filters, source: Source | None) -> Tensor:
        """Turn a prediction into sound: transform the sum of up to three spectra.

        The first is predicted directly: magnitude and phase. The second is the pulse train's,
        filtered; the third is the noise's, filtered, with its random phase unchanged.

        Returns
        -------
        Tensor (B, S)
        """
        kinds = filters.spectra.transpose(1, 2).chunk(5 if self.pitch else 2, dim=1)  # (B, F, T)
        spectrum = complex_of(kinds[0], kinds[1])
        if self.pitch is not None:
            assert filters.pitch is not None
            assert source is not None
            pitch = filters.pitch.detach()
            phase = turns(pitch, source.turn, self.audio, frame=source.frame)
            pulses = pulse_train(pitch, phase, self.audio)
            pulses, noise = self.analyze(pulses), self.analyze(source.noise)
            spectrum = spectrum + pulses * complex_of(kinds[2], kinds[3])
            spectrum = spectrum + noise * kinds[4].clamp(max=LOUDEST).exp()
        return self.inverse(spectrum)

    def draw(
        self, mel: Tensor, generator: torch.Generator | None = None, *, turn: Tensor | None = None
    ) -> Source | None:
        """Draw the random part of the sound of log-mels (B, M, T).

        `turn` is the initial phase, where a sound continues.
        """
        if self.pitch is None:
            return None
        generator = generator or torch.Generator().manual_seed(0)
        batch, _, frames = mel.shape
        if turn is None:
            turn = torch.rand(batch, generator=generator, dtype=torch.float64).to(mel.device)
        noise = torch.rand(frames, batch, self.audio.hop_length, generator=generator)
        noise = (noise - 0.5) * math.sqrt(12)  # variance 1
        return Source(turn, noise.transpose(0, 1).reshape(batch, -1).to(mel.device))

    @property
    def context(self) -> int:
        """The largest number of frames on each side of its own that a sample depends on."""
        reach = 3 + 3 * self.config.blocks
        if self.pitch is not None:
            reach = max(reach, 3 + 3 * self.config.pitch_blocks + 1)
        overlap = self.config.n_fft // self.audio.hop_length
        return reach + (overlap if self.pitch is not None else math.ceil(overlap / 2))

    @torch.no_grad()
    def stream(
        self, mels: Iterable[Tensor], *, generator: torch.Generator | None = None
    ) -> Iterator[Tensor]:
        """Generate sound while the mel is still arriving, with the same samples as `forward`.

        With a source, they are the same up to rounding: the phase sums the pitch of all earlier
        frames.

        Parameters
        ----------
        mels : iterable of Tensor (B, M, t)
            One log-mel in pieces of at least a frame each.
        generator : torch.Generator, optional
            As in `forward`.

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
        generator = generator or torch.Generator().manual_seed(0)
        hop, held, source, done = self.audio.hop_length, None, None, 0  # done: of the held frames
        for mel in mels:
            require_log_mel(mel, self.audio, model="Vocos")
            if held is None:
                held, source = mel, self.draw(mel[:1], generator)
            else:
                held = torch.cat([held, mel], dim=2)
                if source is not None:
                    more = self.draw(mel[:1], generator, turn=source.turn)
                    assert more is not None
                    source = source._replace(noise=torch.cat([source.noise, more.noise], dim=1))
            ready = held.shape[2] - self.context
            if ready > done:
                filters = self.predict(held)
                yield self.render(filters, source)[:, done * hop : ready * hop]
                forget = max(0, ready - self.context)
                if source is not None and forget:
                    assert filters.pitch is not None
                    # Only frames with all their neighbors have their final pitch.
                    sure = self.context - self.config.n_fft // hop
                    phase = turns(filters.pitch, source.turn, self.audio, frame=source.frame)
                    noise = source.noise[:, forget * hop :]
                    source = Source(phase[:, forget + sure], noise, frame=sure)
                held, done = held[:, :, forget:], ready - forget
        if held is not None:
            yield self.render(self.predict(held), source)[:, done * hop :]


class ConvNeXtBlock(nn.Module):
    """Convolve each channel along time, then mix the channels of each frame."""

    def __init__(self, width: int, hidden: int, *, scale: float):
        super().__init__()
        self.along_time = Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wider = nn.Linear(width, hidden)
        self.narrower = nn.Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), scale))  # small: at first, near the identity
        for layer in (self.along_time, self.wider, self.narrower):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, D) to the same shape."""
        y = self.norm(self.along_time(x.transpose(1, 2)).transpose(1, 2))
        y = F.gelu(convolve(y, self.wider.weight, self.wider.bias))
        y = convolve(y, self.narrower.weight, self.narrower.bias)
        return torch.addcmul(x, y, self.scale)


class PitchPredictor(nn.Module):
    """Predict the pitch from a mel, whose lower bands show the harmonics one by one.

    It predicts one in unvoiced frames, too; the filters decide whether the pulses are heard there.
    """

    def __init__(self, config: VocosConfig, audio: AudioConfig):
        super().__init__()
        width = config.pitch_channels
        self.first = Conv1d(audio.n_mels, width, 7, padding=3)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, 2 * width, scale=1 / config.pitch_blocks)
            for _ in range(config.pitch_blocks)
        )
        self.last = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalized log-mels (B, M, T) to Hz at each frame's first sample, (B, T)."""
        x = self.norms[0](self.first(x).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        octaves = self.last(self.norms[1](x))[:, :, 0].float()
        return MIDDLE_PITCH * (octaves.clamp(-OCTAVES, OCTAVES) * math.log(2)).exp()


def complex_of(log_magnitude: Tensor, phase: Tensor) -> Tensor:
    """Join logarithms of magnitudes, limited to `LOUDEST`, and phases in radians."""
    magnitude = log_magnitude.clamp(max=LOUDEST).exp()
    return torch.complex(magnitude * phase.cos(), magnitude * phase.sin())  # faster than `polar`


def turns(pitch: Tensor, start: Tensor, audio: AudioConfig, *, frame: int = 0) -> Tensor:
    """Count the cycles of a pitch (B, T) up to the first sample of each frame.

    Parameters
    ----------
    pitch : Tensor (B, T)
        Hz at the first sample of each frame; between two it changes evenly.
    start : Tensor (B,), float64
        The count at the first sample of the frame with the number `frame`.

    Returns
    -------
    Tensor (B, T), float64
        In [0, 1): whole cycles are dropped.
    """
    pitch = pitch.double()
    following = torch.cat([pitch[:, 1:], pitch[:, -1:]], dim=1)
    cycles = (pitch + following) / 2 * audio.hop_length / audio.sample_rate  # of each frame
    before = cycles.cumsum(dim=1) - cycles
    return (start[:, None] + before - before[:, frame : frame + 1]) % 1


def pulse_train(pitch: Tensor, phase: Tensor, audio: AudioConfig) -> Tensor:
    """Add up the cosines of all harmonics below half the sample rate, equally loud.

    Parameters
    ----------
    pitch : Tensor (B, T)
        Hz at the first sample of each frame; between two it changes evenly.
    phase : Tensor (B, T), float64
        Its `turns`.

    Returns
    -------
    Tensor (B, T * hop_length)
        Of variance 1, whatever the pitch.
    """
    hop, rate = audio.hop_length, audio.sample_rate
    following = torch.cat([pitch[:, 1:], pitch[:, -1:]], dim=1)[:, :, None]
    pitch = pitch[:, :, None]
    sample = torch.arange(hop, device=pitch.device)
    rise = (following - pitch) / hop
    cycles = phase[:, :, None].float() + (pitch * sample + rise * sample.square() / 2) / rate
    angle = (cycles - cycles.round()) * (2 * math.pi)  # (B, T, hop), -pi to pi
    highest = rate / 2 / (pitch + rise * sample) - 1
    number = highest.floor()  # of harmonics; the next one fades in, so that none sets in suddenly
    # The sum of cos(k * angle) for k from 1 to `number`, in closed form (Dirichlet's kernel).
    below = 2 * (angle / 2).sin()
    small = below.abs() < 1e-4
    total = ((number + 0.5) * angle).sin() / torch.where(small, 1.0, below) - 0.5
    total = torch.where(small, number, total)
    total = total + (highest - number) * ((number + 1) * angle).cos()
    return (total * (2 / highest).sqrt()).flatten(1)
