"""The pitch and energy of a voice, on the mel's own frames.

Shapes: S samples, T frames, M mel bands, V speakers.
"""

from collections.abc import Iterable

import librosa
import numpy as np
import torch
from torch import Tensor, nn

from ttslib.audio.compiled import compile_librosa
from ttslib.audio.mel import padded_segments
from ttslib.config import AudioConfig

__all__ = [
    "ProsodyNormalizer",
    "bridged_pitch",
    "extract_pitch",
    "frame_energy",
    "streamed_pitch",
]

LOWEST, HIGHEST = 65.0, 500.0  # Hz; a deep man's voice, a child's
RESOLUTION = 0.2  # semitones; librosa's 0.1 takes three times as long
STRICT = (2.0, 18.0)  # the paper's assumption of how even a voice's periods are


def extract_pitch(
    waveform: Tensor,
    *,
    config: AudioConfig,
    evenness: tuple[float, float] = STRICT,
    between: tuple[float, float] = (LOWEST, HIGHEST),
) -> Tensor:
    """Estimate the fundamental frequency by probabilistic YIN, which weighs candidates over time.

    Plain YIN is fifteen times as fast and finds the same pitch, but can't tell which frames are
    unvoiced: for a hiss it reports an arbitrary pitch.

    Parameters
    ----------
    waveform : (S,)
        At `config.sample_rate`.
    config : AudioConfig
        Its frames are used, padded as the mel's: frame t is centered where the mel's is.
    evenness : (float, float)
        The parameters of the beta distribution of YIN's threshold. With a larger mean, rougher
        sound counts as a voice.
    between : (float, float)
        The range in which to look for it, in Hz.

    Returns
    -------
    (T,) float32
        Hz; nan in frames without a voice. T = S // hop_length.

    References
    ----------
    Mauch and Dixon 2014, pYIN: a fundamental frequency estimator using probabilistic threshold
    distributions, ICASSP.

    Taught in: notebooks/09_fastspeech
    """
    return streamed_pitch([waveform], config=config, evenness=evenness, between=between)


def streamed_pitch(
    blocks: Iterable[Tensor],
    *,
    config: AudioConfig,
    evenness: tuple[float, float] = STRICT,
    between: tuple[float, float] = (LOWEST, HIGHEST),
) -> Tensor:
    """Estimate the pitch (T,) of sound that comes in blocks, such as those of `audio_blocks`.

    Candidates are weighed within segments of almost a minute, since librosa keeps all candidates
    of every frame in memory.
    """
    compile_librosa()
    parts = []
    for segment in padded_segments(blocks, config=config):
        pitch, _, _ = librosa.pyin(
            segment.numpy(),
            fmin=between[0],
            fmax=between[1],
            sr=config.sample_rate,
            frame_length=config.n_fft,
            hop_length=config.hop_length,
            resolution=RESOLUTION,
            beta_parameters=evenness,
            center=False,
        )
        parts.append(pitch.astype(np.float32))
    return torch.from_numpy(np.concatenate(parts))


def bridged_pitch(pitch: Tensor) -> tuple[Tensor, Tensor]:
    """Move a pitch to the frames' first samples and bridge its gaps, evenly in octaves.

    Parameters
    ----------
    pitch : (T,)
        Hz in the middle of each frame, nan where unvoiced, as `extract_pitch` returns it.

    Returns
    -------
    pitch : (T,)
        Hz at the first sample of each frame, without gaps; 200 where there is no voice at all.
    voiced : (T,)
        1 where the pitch was measured, 0 where it was bridged.
    """
    octaves = pitch.log2()
    before = torch.cat([octaves[:1], octaves[:-1]])
    octaves = torch.stack([before, octaves]).nanmean(dim=0)
    voiced = (~octaves.isnan()).float()
    places = voiced.nonzero()[:, 0]
    if len(places) == 0:
        return torch.full_like(pitch, 200.0), voiced
    frames = torch.arange(len(octaves))
    right = torch.searchsorted(places, frames).clamp(max=len(places) - 1)
    left = (torch.searchsorted(places, frames, right=True) - 1).clamp(min=0)
    a, b = places[left], places[right]
    share = ((frames - a) / (b - a).clamp(min=1)).clamp(0, 1)
    return torch.lerp(octaves[a], octaves[b], share).exp2(), voiced


def frame_energy(log_mel: Tensor) -> Tensor:
    """Return the natural logarithm of each frame's magnitude: log-mel (M, T) to (T,)."""
    return log_mel.exp().norm(dim=0).log()


class ProsodyNormalizer(nn.Module):
    """Convert pitch and energy to a speaker's own standard deviations, and factors likewise.

    A pitch that is low for a child is high for a man. Relative to each speaker's own mean, the two
    can be compared.

    Parameters
    ----------
    pitch_mean, pitch_std : Tensor (V,)
        Of the natural logarithm of the pitch in Hz, over voiced frames.
    energy_mean, energy_std : Tensor (V,)
        Of `frame_energy`, over all frames.

    Taught in: notebooks/09_fastspeech
    """

    pitch_mean: Tensor
    pitch_std: Tensor
    energy_mean: Tensor
    energy_std: Tensor

    def __init__(
        self, *, pitch_mean: Tensor, pitch_std: Tensor, energy_mean: Tensor, energy_std: Tensor
    ):
        super().__init__()
        self.register_buffer("pitch_mean", pitch_mean.float())
        self.register_buffer("pitch_std", pitch_std.float())
        self.register_buffer("energy_mean", energy_mean.float())
        self.register_buffer("energy_std", energy_std.float())

    @classmethod
    def from_clips(
        cls, clips: Iterable[tuple[int, Tensor, Tensor]], *, n_speakers: int
    ) -> "ProsodyNormalizer":
        """Compute the statistics in one pass over `(speaker, pitch (T,) in Hz, log_mel (M, T))`."""
        sums = torch.zeros(2, 3, n_speakers, dtype=torch.float64)  # count, sum, sum of squares
        for speaker, pitch, log_mel in clips:
            voiced = pitch[~pitch.isnan()].double().log()
            for row, values in zip(sums, (voiced, frame_energy(log_mel).double()), strict=True):
                row[:, speaker] += torch.stack(
                    [torch.tensor(float(len(values))), values.sum(), values.square().sum()]
                )
        count = sums[:, 0].clamp(min=1)
        mean = sums[:, 1] / count
        std = (sums[:, 2] / count - mean.square()).clamp(min=0).sqrt()
        std = torch.where(std < 1e-3, 1.0, std)  # a constant is only shifted
        return cls(pitch_mean=mean[0], pitch_std=std[0], energy_mean=mean[1], energy_std=std[1])

    def normalize_pitch(self, pitch: Tensor, speaker: int) -> Tensor:
        """Convert Hz (T,) to deviations (T,); both are nan where unvoiced."""
        return (pitch.log() - self.pitch_mean[speaker]) / self.pitch_std[speaker]

    def normalize_energy(self, log_mel: Tensor, speaker: int) -> Tensor:
        """Convert a log-mel (M, T) to deviations of its energy (T,)."""
        return (frame_energy(log_mel) - self.energy_mean[speaker]) / self.energy_std[speaker]

    def natural(self, *, pitch: Tensor, energy: Tensor, speaker: int) -> tuple[Tensor, Tensor]:
        """Convert deviations (N,) to Hz and to the natural logarithm of the magnitude."""
        return (
            (pitch * self.pitch_std[speaker] + self.pitch_mean[speaker]).exp(),
            energy * self.energy_std[speaker] + self.energy_mean[speaker],
        )

    def shifts(self, *, pitch: Tensor, energy: Tensor, speaker: int) -> tuple[Tensor, Tensor]:
        """Return what to add to deviations to multiply Hz and magnitude by factors.

        Raises
        ------
        ValueError
            When a factor is not above 0.
        """
        for name, factor in (("pitch", pitch), ("energy", energy)):
            if not (factor > 0).all():
                raise ValueError(
                    f"{name} must be above 0, got {float(factor.min())}; 1 leaves it unchanged"
                )
        return pitch.log() / self.pitch_std[speaker], energy.log() / self.energy_std[speaker]
