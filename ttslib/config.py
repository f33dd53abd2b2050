"""The single definition of a mel spectrogram, and of the folder for the course's data.

Everything that works with mels (features, acoustic models, vocoders, checkpoints) gets the same
`AudioConfig`. Parts whose configs differ can't be combined: given another mel than it was trained
on, a vocoder generates noise.
"""

import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

__all__ = ["AudioConfig", "data_folder"]


@dataclass(frozen=True, kw_only=True)
class AudioConfig:
    """The definition of a log-mel spectrogram (natural log of the Slaney mel of the magnitude).

    Frames are placed as in HiFi-GAN: `(n_fft - hop_length) / 2` samples of reflection on each side
    and no centering, so that `frames * hop_length == samples`.

    References
    ----------
    Kong et al. 2020, HiFi-GAN, arXiv 2010.05646 (the framing and the floor).

    Taught in: notebooks/02_mel_spectrograms, notebooks/04_tacotron
    """

    sample_rate: int = 24_000  # Hz; LibriTTS's own rate
    n_fft: int = 1024  # samples in one Fourier transform
    win_length: int = 1024  # samples under the Hann window
    hop_length: int = 256  # samples from one frame to the next: 10.7 ms
    n_mels: int = 80  # mel bands
    f_min: float = 0.0  # Hz, lower edge of the first band
    f_max: float = 8000.0  # Hz, upper edge of the last band
    log_floor: float = 1e-5  # smaller magnitudes are raised to it before the logarithm

    def __post_init__(self):
        for name, least, most in (
            ("sample_rate", 1000, 768_000), ("n_fft", 2, 65_536), ("n_mels", 1, 1024)
        ):  # fmt: skip
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= most:
                raise ValueError(
                    f"AudioConfig needs a whole {name} from {least} to {most}, got {value!r}"
                )
        if not self.log_floor > 0:
            raise ValueError(f"AudioConfig needs a log_floor above 0, got {self.log_floor}")
        if not 0 < self.hop_length <= self.win_length <= self.n_fft:
            raise ValueError(
                "AudioConfig needs 0 < hop_length <= win_length <= n_fft, got "
                f"hop_length={self.hop_length}, win_length={self.win_length}, n_fft={self.n_fft}"
            )
        if not 0 <= self.f_min < self.f_max <= self.sample_rate / 2:
            raise ValueError(
                "AudioConfig needs 0 <= f_min < f_max <= sample_rate / 2, got "
                f"f_min={self.f_min}, f_max={self.f_max}, sample_rate={self.sample_rate}"
            )

    @property
    def frames_per_second(self) -> float:
        """Return the number of mel frames in one second of sound."""
        return self.sample_rate / self.hop_length

    def require_same(self, other: "AudioConfig", *, ours: str, theirs: str) -> None:
        """Raise a ValueError that lists the fields in which `other` differs."""
        differing = [
            f"{field.name}: {getattr(self, field.name)} and {getattr(other, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        ]
        if differing:
            raise ValueError(
                f"{ours} and {theirs} were made for different mel spectrograms "
                f"({'; '.join(differing)}); use parts with one AudioConfig"
            )

    def to_dict(self) -> dict:
        """Return the settings as plain JSON values; `AudioConfig(**settings)` restores them."""
        return asdict(self)


def data_folder() -> Path:
    """Return the data folder: `$TTSLIB_DATA`, else `data/` of the checkout, else `./data`."""
    if named := os.environ.get("TTSLIB_DATA"):
        return Path(named)
    checkout = Path(__file__).resolve().parent.parent
    return checkout / "data" if (checkout / "pyproject.toml").exists() else Path("data")
