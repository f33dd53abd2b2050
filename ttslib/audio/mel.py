"""Waveform to log-mel spectrogram, and the normalization of log-mels.

The framing and the numbers are those that published HiFi-GAN weights expect (their meldataset.py).

Shapes: B batch, S samples, T frames, M mel bands, F = n_fft // 2 + 1 frequencies.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import librosa
import numpy as np
import torch
from torch import Tensor, nn

from ttslib.audio.files import resample
from ttslib.config import AudioConfig

__all__ = [
    "MelNormalizer",
    "MelSpectrogram",
    "band_sums",
    "extract_mel_spectrogram",
    "mel_segments",
    "padded_segments",
]

SEGMENT = 5_000  # frames transformed at a time: almost a minute
POWER_FLOOR = 1e-9  # HiFi-GAN's: keeps the gradient of the square root finite at silence


class MelSpectrogram(nn.Module):
    """Waveform to log-mel spectrogram, on any device, with gradients.

    References
    ----------
    Slaney 1998, Auditory Toolbox (the mel scale and the filters' equal area).
    Kong et al. 2020, HiFi-GAN, arXiv 2010.05646 (the framing).

    Taught in: notebooks/02_mel_spectrograms
    """

    filters: Tensor
    window: Tensor

    def __init__(self, config: AudioConfig):
        super().__init__()
        self.config = config
        filters = librosa.filters.mel(
            sr=config.sample_rate,
            n_fft=config.n_fft,
            n_mels=config.n_mels,
            fmin=config.f_min,
            fmax=config.f_max,
            htk=False,
            norm="slaney",
        )
        # Not persistent: they follow from the config, so no checkpoint needs to hold them.
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)  # (M, F)
        self.register_buffer("window", torch.hann_window(config.win_length), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """Compute the log-mel.

        Parameters
        ----------
        waveform : Tensor (S,) or (B, S)
            In [-1, 1], at `config.sample_rate`.

        Returns
        -------
        Tensor (M, T) or (B, M, T), float32
            Natural logarithm, T = S // hop_length.

        Raises
        ------
        ValueError
            If the waveform has another shape or is shorter than one padded frame needs.
        """
        with torch.autocast(waveform.device.type, enabled=False):  # bf16 would blur the filters
            mel = self.filters @ self.magnitude(waveform)
        return mel.clamp(min=self.config.log_floor).log()

    def magnitude(self, waveform: Tensor) -> Tensor:
        """Compute the linear spectrogram of the mel: (S,) or (B, S) to (F, T) or (B, F, T)."""
        config = self.config
        left, right = _padding(config)
        if waveform.dim() not in (1, 2):
            raise ValueError(
                f"MelSpectrogram needs a waveform (samples,) or (batch, samples), got shape "
                f"{tuple(waveform.shape)}"
            )
        _require_length(waveform.shape[-1], config)
        batch = waveform.float() if waveform.dim() == 2 else waveform.float()[None]
        magnitude = self.padded_magnitude(nn.functional.pad(batch, (left, right), mode="reflect"))
        return magnitude if waveform.dim() == 2 else magnitude[0]

    def padded_magnitude(self, padded: Tensor) -> Tensor:
        """Compute the linear spectrogram of sound that is padded already: (B, S) to (B, F, T)."""
        config = self.config
        spectrum = torch.stft(
            padded,
            n_fft=config.n_fft,
            hop_length=config.hop_length,
            win_length=config.win_length,
            window=self.window,
            center=False,
            return_complex=True,
        )  # (B, F, T)
        return (spectrum.real.square() + spectrum.imag.square() + POWER_FLOOR).sqrt()


def _padding(config: AudioConfig) -> tuple[int, int]:
    """Return how many samples are reflected to the left and to the right of a waveform."""
    beside = config.n_fft - config.hop_length
    return beside // 2, beside - beside // 2


def _require_length(n_samples: int, config: AudioConfig) -> None:
    # reflection needs more samples than it adds
    shortest = max(config.hop_length, _padding(config)[1] + 1)
    if n_samples < shortest:
        raise ValueError(
            f"a waveform of {n_samples} samples is too short for a mel spectrogram "
            f"with n_fft={config.n_fft}; it needs {shortest}: leave the clip out or pad it"
        )


def padded_segments(blocks: Iterable[Tensor], *, config: AudioConfig) -> Iterator[Tensor]:
    """Cut sound that comes in blocks into segments of whole frames, padded like the mel's.

    A clip shorter than a minute is one segment. The segments' frames, in order, are the frames of
    the whole sound.

    Parameters
    ----------
    blocks : iterable of Tensor (S,)
        Of any lengths.
    config : AudioConfig

    Yields
    ------
    Tensor (S,)
        Each begins `n_fft - hop_length` samples before the end of the previous one.

    Raises
    ------
    ValueError
        If the sound is shorter than one padded frame needs.
    """
    left, right = _padding(config)
    step = SEGMENT * config.hop_length
    size, waiting, n_samples = step + left + right, torch.zeros(0), 0
    for block in blocks:
        n_samples += len(block)
        waiting = torch.cat([waiting, block.float()])
        if n_samples - len(block) <= left < n_samples:  # enough to be reflected
            waiting = torch.cat([waiting[1 : left + 1].flip(0), waiting])
        while n_samples > left and len(waiting) > size + right:  # whose end must wait, too
            yield waiting[:size]
            waiting = waiting[step:]
    _require_length(n_samples, config)
    waiting = torch.cat([waiting, waiting[len(waiting) - right - 1 : -1].flip(0)])
    if len(waiting) >= config.n_fft:
        yield waiting


def mel_segments(blocks: Iterable[Tensor], *, config: AudioConfig) -> Iterator[np.ndarray]:
    """Compute the log-mel of sound that comes in blocks, such as those of `audio_blocks`.

    Yields
    ------
    ndarray (M, T), float32
        In order; a clip shorter than a minute is one.
    """
    transform = _mel_spectrogram(config)
    for segment in padded_segments(blocks, config=config):
        mel = transform.filters @ transform.padded_magnitude(segment[None])[0]
        yield mel.clamp(min=config.log_floor).log().numpy()


@lru_cache(maxsize=4)
def _mel_spectrogram(config: AudioConfig) -> MelSpectrogram:
    return MelSpectrogram(config)


def extract_mel_spectrogram(
    waveform: np.ndarray | Tensor, sample_rate: int, *, config: AudioConfig | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the log-mel and the linear spectrogram of one clip.

    Parameters
    ----------
    waveform : (S,) or (1, S)
        One channel in [-1, 1].
    sample_rate
        Hz; another rate than the config's is resampled.
    config
        The mel's definition; None is the course's own, `AudioConfig()`.

    Returns
    -------
    log_mel : ndarray (M, T), float32
        Natural logarithm of the mel magnitude.
    magnitude : ndarray (F, T), float32
        The linear spectrogram from which it was computed.

    Raises
    ------
    ValueError
        If the waveform is too short, has several channels, or has NaN or infinite samples.

    Taught in: notebooks/02_mel_spectrograms
    """
    config = config or AudioConfig()
    samples = torch.as_tensor(waveform, dtype=torch.float32)
    if samples.dim() == 2 and len(samples) == 1:
        samples = samples[0]
    if samples.dim() != 1:
        raise ValueError(
            "extract_mel_spectrogram needs one channel, (samples,) or (1, samples), got shape "
            f"{tuple(samples.shape)}; average the channels first"
        )
    if not samples.sum().isfinite():  # a NaN or an infinite sample makes the sum one, too
        raise ValueError("the waveform has NaN or infinite samples; read the file again")
    samples = resample(samples, source_rate=sample_rate, target_rate=config.sample_rate)
    _require_length(len(samples), config)
    transform = _mel_spectrogram(config)
    n_frames = len(samples) // config.hop_length
    magnitude = np.empty((config.n_fft // 2 + 1, n_frames), np.float32)
    log_mel = np.empty((config.n_mels, n_frames), np.float32)
    done = 0
    for segment in padded_segments([samples], config=config):
        part = transform.padded_magnitude(segment[None])[0]  # (F, frames)
        here = slice(done, done + part.shape[1])
        magnitude[:, here] = part.numpy()
        log_mel[:, here] = (transform.filters @ part).clamp(min=config.log_floor).log().numpy()
        done = here.stop
    return log_mel, magnitude


class MelNormalizer(nn.Module):
    """Bring each mel band to mean 0 and deviation 1 over a corpus, and back.

    Parameters
    ----------
    mean, std : Tensor (M,)
        Of the log-mel bands; `from_mels` computes them.

    Taught in: notebooks/05_training
    """

    mean: Tensor
    std: Tensor

    def __init__(self, *, mean: Tensor, std: Tensor):
        super().__init__()
        if mean.dim() != 1 or mean.shape != std.shape or not (std > 0).all():
            raise ValueError(
                "MelNormalizer needs mean and std of shape (n_mels,), std above 0, got shapes "
                f"{tuple(mean.shape)} and {tuple(std.shape)}, smallest std {std.min():.3g}"
            )
        self.register_buffer("mean", mean.float())
        self.register_buffer("std", std.float())

    @classmethod
    def from_mels(cls, mels: Iterable[Tensor | np.ndarray]) -> "MelNormalizer":
        """Compute the statistics in one pass over log-mels (M, T), keeping none of them."""
        return cls.from_sums((mel.shape[-1], band_sums(mel)) for mel in mels)

    @classmethod
    def from_sums(cls, sums: Iterable[tuple[int, Tensor]]) -> "MelNormalizer":
        """Compute the statistics from each log-mel's `(frames, band_sums(mel))`."""
        count, total = 0, torch.zeros(())
        for frames, sums_of_one in sums:
            count += frames
            total = total + sums_of_one
        if count == 0:
            raise ValueError("MelNormalizer got no frames at all; give it some mels")
        mean, mean_square = total / count
        std = (mean_square - mean.square()).clamp(min=0).sqrt()
        # A constant band (silence, or above the recording's own rate) is only shifted.
        return cls(mean=mean, std=torch.where(std < 1e-4, 1.0, std))

    def normalize(self, mel: Tensor) -> Tensor:
        """Standardize log-mels (M, T) or (B, M, T)."""
        return (mel - self.mean[:, None]) / self.std[:, None]

    def denormalize(self, mel: Tensor) -> Tensor:
        """Undo `normalize`."""
        return mel * self.std[:, None] + self.mean[:, None]

    def statistics(self) -> dict[str, Tensor]:
        """Return the statistics for a checkpoint; `MelNormalizer(**statistics)` restores it."""
        return {"mean": self.mean, "std": self.std}


def band_sums(mel: Tensor | np.ndarray) -> Tensor:
    """Return each band's sum and sum of squares of a log-mel (M, T), for `MelNormalizer`: (2, M).

    Raises
    ------
    ValueError
        If it isn't (M, T), or has values that are NaN or infinite.
    """
    bands = torch.as_tensor(mel).double()  # float32 sums would lose digits over hours
    if bands.dim() != 2 or not bands.isfinite().all():
        raise ValueError(
            "MelNormalizer needs finite log-mels (n_mels, frames), got one of shape "
            f"{tuple(bands.shape)}, {int((~bands.isfinite()).sum())} values not finite"
        )
    return torch.stack([bands.sum(dim=1), bands.square().sum(dim=1)])
