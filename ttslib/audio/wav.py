"""Samples as the bytes of a 16-bit PCM WAV file, without torch."""

import io
import wave

import numpy as np

__all__ = ["pcm_bytes", "wav_bytes"]


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
