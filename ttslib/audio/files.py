"""Sound from files and into files, and what is done to it on the way: resampling and trimming.

Shapes: S samples.
"""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import torch
import torchaudio
from torch import Tensor

from ttslib.audio.wav import wav_bytes
from ttslib.files import write_whole

__all__ = [
    "audio_seconds",
    "encode_audio",
    "read_audio",
    "read_channels",
    "resample",
    "trim_silence",
    "write_audio",
]

UNKNOWN_LENGTH = 0x7FFFF000  # programs that write WAV into a pipe promise this many bytes or more


def audio_seconds(path: Path | str) -> float | None:
    """Return a sound file's length by its header, None if it can't be read.

    The samples stay unread: that is quick, and damage behind the header goes unnoticed.

    Taught in: notebooks/01_dataset_exploration
    """
    try:
        return soundfile.info(str(path)).duration
    except soundfile.LibsndfileError:
        return None


def read_audio(path: Path | str, *, sample_rate: int | None = None) -> tuple[Tensor, int]:
    """Read a sound file (WAV, FLAC, OGG, MP3) as one channel.

    Parameters
    ----------
    path
        The file. Several channels are averaged into one.
    sample_rate
        Hz to resample to; None keeps the file's own rate.

    Returns
    -------
    waveform : Tensor (1, S), float32
        In [-1, 1] for integer formats; float files keep their values.
    sample_rate : int
        Hz, of the waveform as returned.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no sound, empty, cut off, or has samples that are NaN or infinite.

    Taught in: notebooks/02_mel_spectrograms
    """
    channels, rate = read_channels(path)
    waveform = channels.mean(dim=0, keepdim=True)
    if sample_rate is not None:
        waveform = resample(waveform, source_rate=rate, target_rate=sample_rate)
        rate = sample_rate
    return waveform, rate


def read_channels(path: Path | str) -> tuple[Tensor, int]:
    """Read a sound file as `read_audio` does, its channels apart: (channels, S) and the Hz."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no sound file at {path}; check the path")
    try:
        with soundfile.SoundFile(str(path)) as file:
            promised, rate = file.frames, file.samplerate
            samples = file.read(dtype="float32", always_2d=True)  # (S, channels)
    except soundfile.LibsndfileError as error:
        reason = "it is empty" if path.stat().st_size == 0 else error.error_string.strip(" .")
        raise ValueError(
            f"can't read {path} as sound ({reason}); replace or remove the file"
        ) from error
    if len(samples) < promised or _wav_is_cut_off(path):
        raise ValueError(f"{path} is cut off: it is shorter than its header says; copy it again")
    if len(samples) == 0:
        raise ValueError(f"{path} holds no samples; replace or remove the file")
    if not np.isfinite(samples).all():
        raise ValueError(f"{path} has NaN or infinite samples; convert it again from its source")
    return torch.from_numpy(np.ascontiguousarray(samples.T)), rate


def _wav_is_cut_off(path: Path) -> bool:
    """Return True if a WAV file is shorter than its header states, which libsndfile ignores."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] != b"RIFF":
        return False
    (promised,) = struct.unpack("<I", head[4:])  # bytes after these eight
    return promised < UNKNOWN_LENGTH and promised + 8 > path.stat().st_size + 1  # 1: a pad byte


def write_audio(path: Path | str, waveform: Tensor | np.ndarray, sample_rate: int) -> Path:
    """Write one channel as a 16-bit PCM WAV file, beside its name first and then renamed.

    The volume is not touched; samples outside [-1, 1] are clipped. Missing folders are made.

    Parameters
    ----------
    path
        Where to; an existing file is replaced.
    waveform : (S,) or (1, S)
        Full scale is [-1, 1].
    sample_rate
        Hz.

    Raises
    ------
    ValueError
        If the waveform has another shape, no samples, or samples that are NaN or infinite.
    OSError
        If it can't be written (a full disk, no permission); no half-written file is left.
    """
    path = Path(path)
    samples = torch.as_tensor(waveform).detach().to("cpu", torch.float32)
    if samples.dim() == 2 and len(samples) == 1:
        samples = samples[0]
    if samples.dim() != 1 or len(samples) == 0:
        raise ValueError(
            f"can't write a waveform of shape {tuple(samples.shape)} to {path}; "
            "give it as (samples,) or (1, samples)"
        )
    if not samples.isfinite().all():
        raise ValueError(f"won't write {path}: the waveform has NaN or infinite samples")
    try:
        write_whole(path, wav_bytes(samples.numpy(), sample_rate))
    except OSError as error:
        raise OSError(error.errno, f"can't write sound ({error.strerror})", str(path)) from error
    return path


def encode_audio(waveform: Tensor | np.ndarray, sample_rate: int) -> tuple[str, bytes]:
    """Compress a waveform for a page or a notebook, at its own volume.

    Parameters
    ----------
    waveform : (S,)
        Full scale is [-1, 1]; values beyond it are clipped.
    sample_rate
        Hz.

    Returns
    -------
    kind : str
        "mpeg" (MP3, some 7 kB a second at 24 kHz, which every browser plays); "wav" where MP3
        can't be had: at 96 kHz, or with a libsndfile built without it.
    data : bytes
    """
    samples = np.asarray(waveform, dtype=np.float32).clip(-1, 1)
    file = BytesIO()
    try:
        soundfile.write(file, samples, sample_rate, format="MP3", compression_level=0.5)
        return "mpeg", file.getvalue()
    except (soundfile.LibsndfileError, ValueError):
        file = BytesIO()
        soundfile.write(file, samples, sample_rate, format="WAV", subtype="PCM_16")
        return "wav", file.getvalue()


def resample(waveform: Tensor, *, source_rate: int, target_rate: int) -> Tensor:
    """Change the sample rate by band-limited interpolation.

    Parameters
    ----------
    waveform : Tensor (..., S)
        Any leading shape.
    source_rate, target_rate
        Hz, positive.

    Returns
    -------
    Tensor (..., ceil(S * target_rate / source_rate))
        The very same tensor where the rates are equal.

    References
    ----------
    J. O. Smith, Digital Audio Resampling, ccrma.stanford.edu/~jos/resample (the method).

    Taught in: notebooks/02_mel_spectrograms
    """
    if source_rate <= 0 or target_rate <= 0:
        raise ValueError(
            f"sample rates must be positive, got source_rate={source_rate}, "
            f"target_rate={target_rate}"
        )
    if source_rate == target_rate:
        return waveform
    # A long Kaiser-windowed filter: the default, 6 zeros wide, dulls everything above 9 kHz.
    return torchaudio.functional.resample(
        waveform,
        source_rate,
        target_rate,
        resampling_method="sinc_interp_kaiser",
        lowpass_filter_width=64,
        rolloff=0.945,
        beta=14.77,
    )


def trim_silence(
    waveform: Tensor,
    *,
    sample_rate: int,
    threshold_db: float = 40.0,
    margin_seconds: float = 0.05,
) -> Tensor:
    """Cut the quiet from both ends; pauses inside stay.

    Parameters
    ----------
    waveform : Tensor (S,) or (1, S)
        One channel.
    sample_rate
        Hz.
    threshold_db
        A 10 ms stretch counts as quiet when it is this many decibels below the loudest one.
    margin_seconds
        Left standing on each side of what is not quiet.

    Raises
    ------
    ValueError
        If the waveform is silent all through.
    """
    flat = waveform.reshape(-1)
    window = max(1, sample_rate // 100)
    if not flat.any():
        raise ValueError(
            f"the waveform of {waveform.shape[-1]} samples is silent; leave the clip out"
        )
    padded = torch.nn.functional.pad(flat, (0, -len(flat) % window))
    energy = padded.reshape(-1, window).square().mean(dim=1)
    loud = (energy > energy.max() * 10 ** (-threshold_db / 10)).nonzero()
    margin = round(margin_seconds * sample_rate)
    start = max(0, int(loud[0]) * window - margin)
    end = (int(loud[-1]) + 1) * window + margin
    return waveform[..., start:end]
