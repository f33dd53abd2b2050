"""Griffin-Lim: a waveform for given magnitudes, with no training at all.

Shapes: B batch, S samples, T frames, M mel bands, F = n_fft // 2 + 1 frequencies.
"""

import torch
from torch import Tensor, nn

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig

__all__ = ["GriffinLim"]

UNMIXING_ROUNDS = 40  # from mel bands to frequencies; cheap compared with a Griffin-Lim round


class GriffinLim(nn.Module):
    """A vocoder that estimates the phase: log-mel in, waveform out, at the mel's volume.

    The same mel gives the same sound; torch's global random state is neither read nor changed.

    Parameters
    ----------
    config
        The definition of the mels.
    rounds
        Number of iterations; 32 is fast, and beyond 60 little is gained.
    momentum
        How far each round overshoots; 0 is the algorithm of 1984.
    seed
        Of the random initial phase.

    References
    ----------
    Griffin and Lim 1984, Signal estimation from modified short-time Fourier transform.
    Perraudin et al. 2013, A fast Griffin-Lim algorithm (the momentum).

    Taught in: notebooks/06_vocoder
    """

    filters: Tensor
    window: Tensor

    def __init__(
        self,
        config: AudioConfig,
        *,
        rounds: int = 32,
        momentum: float = 0.99,
        seed: int = 0,
    ):
        super().__init__()
        if rounds < 1 or momentum < 0:
            raise ValueError(
                f"GriffinLim needs rounds >= 1 and momentum >= 0, got rounds={rounds}, "
                f"momentum={momentum}"
            )
        self.audio = config
        self.rounds = rounds
        self.momentum = momentum
        self.seed = seed
        transform = MelSpectrogram(config)
        self.register_buffer("filters", transform.filters, persistent=False)  # (M, F)
        self.register_buffer("window", transform.window, persistent=False)

    @torch.no_grad()
    def forward(self, mel: Tensor) -> Tensor:
        """Turn log-mels (B, M, T) into waveforms (B, T * hop_length)."""
        if mel.dim() != 3 or mel.shape[1] != self.audio.n_mels or mel.shape[2] == 0:
            raise ValueError(
                f"GriffinLim needs log-mels (batch, {self.audio.n_mels}, frames), got shape "
                f"{tuple(mel.shape)}"
            )
        hop, frames = self.audio.hop_length, mel.shape[2]
        # Repeat the first and last frames outward, so that the ends overlap like the middle.
        beside = -(-self.audio.n_fft // hop)
        mel = nn.functional.pad(mel.float(), (beside, beside), mode="replicate")
        waveform = self._waveform(self._consistent(self.linear_magnitude(mel)))
        # torch centers frame t on sample t * hop; in the mel's framing it is half a hop later.
        start = beside * hop - hop // 2
        return waveform[:, start : start + frames * hop]

    def linear_magnitude(self, mel: Tensor) -> Tensor:
        """Find non-negative magnitudes (B, F, T) whose log-mel is close to (B, M, T).

        References
        ----------
        Lee and Seung 2000, Algorithms for non-negative matrix factorization (the update).
        """
        target = self.filters.T @ mel.exp()
        # Starting from smeared bands keeps neighbors similar; a pseudo-inverse would leave holes.
        magnitude = target
        for _ in range(UNMIXING_ROUNDS):
            explained = self.filters.T @ (self.filters @ magnitude)
            magnitude = magnitude * target / explained.clamp(min=1e-20)
        return magnitude

    def _consistent(self, magnitude: Tensor) -> Tensor:
        """Find phases for (B, F, T): impose the magnitude, go to sound and back, overshoot."""
        random = torch.Generator().manual_seed(self.seed)
        # One phase per frame and frequency, drawn frame by frame: the same for every batch item.
        turn = torch.rand(magnitude.shape[2], magnitude.shape[1], generator=random)
        phase = torch.polar(torch.ones(()), 2 * torch.pi * turn.T).to(magnitude.device)  # (F, T)
        spectrum = magnitude * phase
        before = torch.zeros_like(spectrum)
        for _ in range(self.rounds):
            rebuilt = self._spectrum(self._waveform(spectrum))
            ahead = rebuilt + self.momentum * (rebuilt - before)
            before = rebuilt
            spectrum = ahead * (magnitude / ahead.abs().clamp(min=1e-12))
        return spectrum

    def _spectrum(self, waveform: Tensor) -> Tensor:
        return torch.stft(waveform, **self._frames(), pad_mode="constant", return_complex=True)

    def _waveform(self, spectrum: Tensor) -> Tensor:
        return torch.istft(spectrum, **self._frames())

    def _frames(self) -> dict:
        audio = self.audio
        return {
            "n_fft": audio.n_fft,
            "hop_length": audio.hop_length,
            "win_length": audio.win_length,
            "window": self.window,
        }
