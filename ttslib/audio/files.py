"""Sound from files and into files, and resampled on the way.

Shapes: S samples.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from ttslib.audio.wav import UNKNOWN_LENGTH, wav_bytes, wav_data, wav_is_cut_off
from ttslib.files import write_whole

__all__ = [
    "audio_blocks",
    "audio_seconds",
    "encode_audio",
    "read_audio",
    "read_channels",
    "resample",
    "write_audio",
]

LOWEST_RATE, HIGHEST_RATE = 1_000, 768_000  # Hz
BLOCK = 1 << 20  # samples read at a time
DENSEST = 100  # samples per byte: Opus speech has up to 60; a header that claims more is checked
LOUDEST = 10.0  # times full scale: louder floats are in another unit
CANCELLED = 0.01  # of the channels' power: what is left of a clip whose channels cancel out
QUALITY = "VHQ"  # soxr's best: flat up to 0.91 of the highest frequency, and no slower


def audio_seconds(path: Path | str) -> float | None:
    """Return a sound file's length by its header, None if it can't be read.

    The samples aren't read: that is quick, but damage after the header goes unnoticed. They are
    decoded and counted only if the header claims more than the file's bytes can hold.

    Taught in: notebooks/01_dataset_exploration
    """
    path = Path(path)
    try:
        with _open(path) as file:
            if file.frames <= DENSEST * path.stat().st_size:
                return file.frames / file.samplerate
            return sum(len(block) for block in _decoded(file)) / file.samplerate
    except (RuntimeError, OSError, ValueError):  # libsndfile's is a RuntimeError
        return None


def read_audio(path: Path | str, *, sample_rate: int | None = None) -> tuple[Tensor, int]:
    """Read a sound file (WAV, FLAC, OGG, Opus, MP3) as one channel.

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
        If the file is no sound, empty, cut off, in another unit than full scale, or has samples
        that are NaN or infinite; or its channels cancel each other out.

    Taught in: notebooks/02_mel_spectrograms
    """
    channels, rate = read_channels(path)
    waveform = channels.mean(dim=0, keepdim=True)
    _require_mono(path, channels.square().mean().item(), waveform.square().mean().item())
    if sample_rate is not None:
        waveform = resample(waveform, source_rate=rate, target_rate=sample_rate)
        rate = sample_rate
    return waveform, rate


def audio_blocks(path: Path | str, *, sample_rate: int) -> Iterator[Tensor]:
    """Read a sound file as `read_audio` does, in blocks (S,): an hour takes no more memory.

    Errors that only the last block reveals are raised after it.
    """
    stream, rate, n_samples, n_given, powers = None, sample_rate, 0, 0, np.zeros(2)
    for block, rate in _blocks(Path(path)):  # block (S, channels)
        mono = torch.from_numpy(np.ascontiguousarray(block.T)).mean(dim=0)
        n_samples += len(mono)
        powers += len(mono) * np.array([np.square(block).mean(), mono.square().mean()])
        if rate == sample_rate:
            yield mono
        else:
            if stream is None:
                _require_rates(rate, sample_rate)
                stream = soxr.ResampleStream(rate, sample_rate, 1, "float32", QUALITY)
            resampled = stream.resample_chunk(mono.numpy())
            n_given += len(resampled)
            yield torch.from_numpy(resampled)
    if stream is not None:
        rest = stream.resample_chunk(_silence_behind(rate, sample_rate), last=True)
        yield torch.from_numpy(rest[: _resampled_length(n_samples, rate, sample_rate) - n_given])
    _require_mono(path, *powers)


def read_channels(path: Path | str, *, seconds: float | None = None) -> tuple[Tensor, int]:
    """Read a sound file as `read_audio` does, but keep its channels: (channels, S), and the Hz.

    With `seconds`, read only that much from its beginning.
    """
    blocks, n_samples, rate = [], 0, 0
    for block, rate in _blocks(Path(path)):
        blocks.append(block)
        n_samples += len(block)
        if seconds is not None and n_samples >= seconds * rate:
            break
    samples = np.concatenate(blocks)[: None if seconds is None else round(seconds * rate)]
    return torch.from_numpy(np.ascontiguousarray(samples.T)), rate


def _blocks(path: Path) -> Iterator[tuple[np.ndarray, int]]:
    """Read a sound file's blocks (S, channels) and rate; raise an error if it is damaged."""
    if not path.is_file():
        raise FileNotFoundError(f"no sound file at {path}; check the path")
    n_samples = 0
    try:
        with _open(path) as file:
            promised, rate = file.frames, file.samplerate
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise ValueError(
                    f"{path} claims {rate} Hz; rates from {LOWEST_RATE} to {HIGHEST_RATE} Hz are "
                    "read: convert it again from its source"
                )
            for block in _decoded(file):
                n_samples += len(block)
                _require_samples(path, block)
                yield block, rate
    except soundfile.LibsndfileError as error:
        reason = "it is empty" if path.stat().st_size == 0 else error.error_string.strip(" .")
        raise ValueError(
            f"can't read {path} as sound ({reason}); replace or remove the file"
        ) from error
    believable = promised <= DENSEST * path.stat().st_size
    if (n_samples < promised and believable) or wav_is_cut_off(path):
        raise ValueError(f"{path} is cut off: it is shorter than its header says; copy it again")
    if n_samples == 0:
        raise ValueError(f"{path} holds no samples; replace or remove the file")


def _open(path: Path) -> soundfile.SoundFile:
    """Open a sound file; for a WAV that was never finished, take the size from its bytes."""
    if not path.is_file():  # opening a FIFO would block
        raise FileNotFoundError(f"no sound file at {path}; check the path")
    data = wav_data(path)
    if data is not None and data.promised == 0 and data.there > 0:
        content = bytearray(path.read_bytes())
        content[data.start - 4 : data.start] = struct.pack("<I", min(data.there, UNKNOWN_LENGTH))
        return soundfile.SoundFile(BytesIO(content))
    return soundfile.SoundFile(str(path))


def _decoded(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """Decode a file to its end, whatever length its header gives: blocks (S, channels), float32."""
    while True:
        block = np.full((max(1, BLOCK // file.channels), file.channels), np.nan, np.float32)
        try:
            count = len(file.read(out=block))
        except soundfile.LibsndfileError:
            # a FLAC file shorter than its header claims can't seek there, but this much was decoded
            count = int((~np.isnan(block[:, 0])).sum())
            if count == 0:
                raise
            yield block[:count]
            return
        if count:
            yield block[:count]
        if count < len(block):
            return


def _require_samples(path: Path, block: np.ndarray) -> None:
    if not np.isfinite(block).all():
        raise ValueError(f"{path} has NaN or infinite samples; convert it again from its source")
    if (peak := float(np.abs(block).max())) > LOUDEST:
        raise ValueError(
            f"{path} has samples of up to {peak:.0f} times full scale; divide them, so that they "
            "are in [-1, 1]"
        )


def _require_mono(path: Path | str, channels: float, mono: float) -> None:
    """Raise an error if the channels' mean has almost no power compared with the channels."""
    if mono < CANCELLED * channels:
        raise ValueError(
            f"{path} has channels that cancel each other out when averaged; turn one of them "
            "upside down, or keep one"
        )


def write_audio(path: Path | str, waveform: Tensor | np.ndarray, sample_rate: int) -> Path:
    """Write one channel as a 16-bit PCM WAV file: to a temporary file, which is then renamed.

    The volume is unchanged; samples outside [-1, 1] are clipped. Missing folders are created.

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
        "mpeg" (MP3, about 7 kB per second at 24 kHz, which every browser plays); "wav" where MP3
        isn't available: at 96 kHz, or if libsndfile was built without it.
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
        Hz, from 1,000 to 768,000. No filter is built for the pair, so any two take little memory.

    Returns
    -------
    Tensor (..., ceil(S * target_rate / source_rate))
        The same tensor if the rates are equal.

    Raises
    ------
    ValueError
        If a rate is out of range.

    References
    ----------
    J. O. Smith, Digital Audio Resampling, ccrma.stanford.edu/~jos/resample (the method).
    The SoX Resampler library, sourceforge.net/projects/soxr (which computes it).

    Taught in: notebooks/02_mel_spectrograms
    """
    _require_rates(source_rate, target_rate)
    if source_rate == target_rate:
        return waveform
    samples = waveform.numpy().reshape(-1, waveform.shape[-1])
    silence = _silence_behind(source_rate, target_rate)
    length = _resampled_length(samples.shape[1], source_rate, target_rate)
    rows = [
        soxr.resample(np.concatenate([row, silence]), source_rate, target_rate, QUALITY)[:length]
        for row in samples
    ]
    return torch.from_numpy(np.stack(rows)).reshape(*waveform.shape[:-1], length)


def _require_rates(source_rate: int, target_rate: int) -> None:
    if not all(LOWEST_RATE <= rate <= HIGHEST_RATE for rate in (source_rate, target_rate)):
        raise ValueError(
            f"sample rates must be from {LOWEST_RATE} to {HIGHEST_RATE} Hz, got "
            f"source_rate={source_rate}, target_rate={target_rate}"
        )


def _resampled_length(n_samples: int, source_rate: int, target_rate: int) -> int:
    return -(-n_samples * target_rate // source_rate)


def _silence_behind(source_rate: int, target_rate: int) -> np.ndarray:
    """Return enough silence to append so that the resampler outputs its last sample."""
    return np.zeros(2 + source_rate // target_rate, np.float32)
