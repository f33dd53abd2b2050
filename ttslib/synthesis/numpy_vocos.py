"""The last step of a Vocos in numpy, for exported voices: `Vocos.render` without torch.

ONNX has no complex numbers, so its graph ends where the learned layers do.

Shapes: T frames, S = T * hop_length samples, F = n_fft // 2 + 1 frequencies.
"""

import numpy as np

from ttslib.config import AudioConfig

__all__ = ["draw_source", "render"]


def draw_source(frames: int, audio: AudioConfig, *, seed: int = 0) -> tuple[float, np.ndarray]:
    """Draw the initial phase of a sound, in cycles, and its noise (S,) of variance 1."""
    draw = np.random.default_rng(seed)
    return draw.random(), (draw.random(frames * audio.hop_length) - 0.5) * np.sqrt(12)


def render(
    spectra: np.ndarray,
    pitch: np.ndarray | None,
    *,
    audio: AudioConfig,
    n_fft: int,
    loudest: float,
    source: tuple[float, np.ndarray] | None = None,
) -> np.ndarray:
    """Turn a Vocos's prediction for each frame into sound (S,).

    Parameters
    ----------
    spectra : (T, 2 F) or (T, 5 F)
        Log-magnitude and phase; then those of the pulses' filter, and the noise's log-magnitude.
    pitch : (T,), optional
        Hz at the first sample of each frame; None without a source.
    audio, n_fft, loudest
        The Vocos's own.
    source : (float, (S,)), optional
        The random part; `draw_source` draws it when not given.
    """
    kinds = np.split(spectra, 2 if pitch is None else 5, axis=1)  # (T, F) each
    magnitudes = [np.exp(np.minimum(kind, loudest)) for kind in kinds[::2]]
    spectrum = magnitudes[0] * np.exp(1j * kinds[1])
    if pitch is not None:
        turn, noise = source or draw_source(len(spectra), audio)
        pulses = _pulse_train(pitch.astype(np.float64), turn, audio)
        spectrum = spectrum + _stft(pulses, n_fft, audio) * magnitudes[1] * np.exp(1j * kinds[3])
        spectrum = spectrum + _stft(noise, n_fft, audio) * magnitudes[2]
    return _inverse(spectrum, n_fft, audio).astype(np.float32)


def _pulse_train(pitch: np.ndarray, turn: float, audio: AudioConfig) -> np.ndarray:
    """Add up the cosines of all harmonics: `ttslib.models.vocos.pulse_train` in numpy."""
    hop, rate = audio.hop_length, audio.sample_rate
    following = np.append(pitch[1:], pitch[-1:])
    cycles = (pitch + following) / 2 * hop / rate  # of each frame
    phase = turn + cycles.cumsum() - cycles
    sample, rise = np.arange(hop), ((following - pitch) / hop)[:, None]
    cycles = phase[:, None] + (pitch[:, None] * sample + rise * sample**2 / 2) / rate
    angle = (cycles - cycles.round()) * (2 * np.pi)
    highest = rate / 2 / (pitch[:, None] + rise * sample) - 1
    number = np.floor(highest)
    below = 2 * np.sin(angle / 2)
    small = np.abs(below) < 1e-4
    total = np.sin((number + 0.5) * angle) / np.where(small, 1.0, below) - 0.5
    total = np.where(small, number, total) + (highest - number) * np.cos((number + 1) * angle)
    return (total * np.sqrt(2 / highest)).ravel()


def _stft(samples: np.ndarray, n_fft: int, audio: AudioConfig) -> np.ndarray:
    """Transform samples (S,) to spectra (T, F): `ttslib.audio.inverse.STFT` in numpy."""
    beside, window = n_fft - audio.hop_length, _window(n_fft)
    padded = np.pad(samples, (beside // 2, beside - beside // 2))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[:: audio.hop_length]
    return np.fft.rfft(pieces * (window / np.sqrt(np.square(window).sum())))


def _inverse(spectrum: np.ndarray, n_fft: int, audio: AudioConfig) -> np.ndarray:
    """Transform spectra (T, F) to samples (S,): `ttslib.audio.inverse.InverseSTFT` in numpy."""
    hop, window = audio.hop_length, _window(n_fft)
    pieces = np.fft.irfft(spectrum, n=n_fft) * window  # (T, n_fft)
    start = (n_fft - hop) // 2
    waveform = _overlap(pieces, hop)
    weight = _overlap(np.broadcast_to(window**2, pieces.shape), hop)
    return (waveform / weight.clip(1e-3))[start : start + len(pieces) * hop]


def _window(n_fft: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)


def _overlap(pieces: np.ndarray, hop: int) -> np.ndarray:
    """Add up pieces (T, n_fft) placed a hop apart."""
    overlap = pieces.shape[1] // hop
    parts = pieces.reshape(len(pieces), overlap, hop)
    total = np.zeros((len(pieces) + overlap - 1, hop))
    for part in range(overlap):
        total[part : part + len(pieces)] += parts[:, part]
    return total.ravel()
