"""WAV files without torch: write samples as 16-bit PCM, and find the samples in a file."""

import io
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["UNKNOWN_LENGTH", "WavData", "pcm_bytes", "wav_bytes", "wav_data", "wav_is_cut_off"]

UNKNOWN_LENGTH = 0x7FFFF000  # programs that write WAV into a pipe declare this many bytes or more


def pcm_bytes(samples: np.ndarray) -> bytes:
    """Return samples (S,) as 16-bit little-endian integers; what is outside [-1, 1] is clipped."""
    return (samples * 32768).round().clip(-32768, 32767).astype("<i2").tobytes()


def wav_bytes(samples: np.ndarray, sample_rate: int) -> bytes:
    """Return a whole WAV file of one channel, samples (S,) at `sample_rate` Hz."""
    encoded = io.BytesIO()
    with wave.open(encoded, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(pcm_bytes(samples))
    return encoded.getvalue()


class WavData(NamedTuple):
    """Where the samples of a WAV file are."""

    start: int  # byte
    promised: int  # bytes, by the chunk's header
    there: int  # bytes up to the end of the file


def wav_data(path: Path) -> WavData | None:
    """Find the samples of a WAV file; return None for another file, or one without samples."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        place = 12
        while len(chunk := file.read(8)) == 8:
            name, promised = chunk[:4], int.from_bytes(chunk[4:], "little")
            place += 8
            if name == b"data":
                after = file.read(4)  # an empty data chunk may be followed by others
                other = promised == 0 and after.strip().isalnum() and after.isascii()
                return WavData(place, promised, 0 if other else size - place)
            place += promised + promised % 2
            file.seek(place)
    return None


def wav_is_cut_off(path: Path) -> bool:
    """Return True if a WAV file has fewer bytes of sound than declared, which libsndfile ignores.

    The size of the whole file in its header doesn't count: many programs leave a wrong one there.
    """
    data = wav_data(path)
    return data is not None and data.there < data.promised < UNKNOWN_LENGTH
