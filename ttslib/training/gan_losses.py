"""Losses for training a vocoder: the distance of spectra, and an adversarial loss.

Scores are lists, one tensor per discriminator; features are lists of lists, one tensor per layer.

Shapes: B batch, S samples, F frequencies, T frames.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.training.losses import total

__all__ = [
    "MultiResolutionSTFTLoss",
    "SpectralDistance",
    "adversarial_loss",
    "discriminator_loss",
    "feature_loss",
]

FLOOR = 1e-3  # of a magnitude, in `SpectralDistance`: anything quieter is inaudible


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Return how far the scores of recordings are from 1 and those of generated sound from 0.

    References
    ----------
    Mao et al. 2016, Least Squares GAN, arXiv 1611.04076.

    Taught in: notebooks/06_vocoder
    """
    return total(
        (1 - r.float()).square().mean() + f.float().square().mean()
        for r, f in zip(real, fake, strict=True)
    )


def adversarial_loss(fake: Sequence[Tensor]) -> Tensor:
    """Return how far the scores of generated sound are from 1, the generator's target.

    Taught in: notebooks/06_vocoder
    """
    return total((1 - f.float()).square().mean() for f in fake)


def feature_loss(real: Sequence[Sequence[Tensor]], fake: Sequence[Sequence[Tensor]]) -> Tensor:
    """Return the mean absolute difference of all features of the two sounds in the discriminators.

    References
    ----------
    Kumar et al. 2019, MelGAN, arXiv 1910.06711 (feature matching).

    Taught in: notebooks/06_vocoder
    """
    return total(
        F.l1_loss(f.float(), r.float().detach())
        for reals, fakes in zip(real, fake, strict=True)
        for r, f in zip(reals, fakes, strict=True)
    )


class MultiResolutionSTFTLoss(nn.Module):
    """The distance between two sounds' spectrograms, at several window lengths at once.

    A short window resolves times, a long one pitch. Phases aren't compared, because the ear is
    hardly sensitive to them.

    Parameters
    ----------
    windows
        Samples under each window; a quarter of it is the hop.

    References
    ----------
    Yamamoto et al. 2020, Parallel WaveGAN, arXiv 1910.11480.

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, *, windows: tuple[int, ...] = (512, 1024, 2048)):
        super().__init__()
        self.spectra = nn.ModuleList(  # only their magnitudes are used, so one mel band is enough
            MelSpectrogram(AudioConfig(n_fft=n, win_length=n, hop_length=n // 4, n_mels=1))
            for n in windows
        )

    def forward(self, generated: Tensor, real: Tensor) -> Tensor:
        """Compare (B, S) with (B, S): spectral convergence plus the difference of the logarithms.

        Both are averaged over the windows.
        """
        spectra = cast(Sequence[MelSpectrogram], self.spectra)
        return total(_spectral_distance(s, generated, real) for s in spectra) / len(spectra)


def _spectral_distance(spectrum: MelSpectrogram, generated: Tensor, real: Tensor) -> Tensor:
    ours = spectrum.magnitude(generated)
    with torch.no_grad():
        theirs = spectrum.magnitude(real)
        size = theirs.norm(dim=(1, 2)).clamp(min=1e-3)  # silence has none
    convergence = ((ours - theirs).norm(dim=(1, 2)) / size).mean()
    floor = 1e-4  # anything quieter is inaudible
    return convergence + F.l1_loss(ours.clamp(min=floor).log(), theirs.clamp(min=floor).log())


class SpectralDistance(nn.Module):
    """The distance between sounds by their spectrograms, unbiased for noise.

    The plain distance between two noises of the same kind is large, larger than the distance to a
    constant hum in the middle, so a network trained with it learns to hum. The energy distance
    avoids that. It uses two sounds that the network generates from one mel, and subtracts their
    distance: d(x, a) + d(x, b) - d(a, b).

    Parameters
    ----------
    audio : AudioConfig
        The definition of the mels.
    windows
        Samples under each window; a quarter of it is the hop.
    variety : in 0..1
        The weight of d(a, b). Each bin is compared on its own, so 1 also rewards noise where a
        harmonic's position is merely uncertain. Discriminators detect more; use less with them.

    References
    ----------
    Gritsenko et al. 2020, A spectral energy distance for parallel speech synthesis, arXiv
    2008.01160.

    Taught in: notebooks/06_vocoder
    """

    def __init__(
        self,
        audio: AudioConfig,
        *,
        windows: tuple[int, ...] = (256, 512, 1024, 2048),
        variety: float = 1.0,
    ):
        super().__init__()
        self.variety = variety
        self.mel = MelSpectrogram(audio)
        self.spectra = nn.ModuleList(  # only their magnitudes are used, so one mel band is enough
            MelSpectrogram(AudioConfig(n_fft=n, win_length=n, hop_length=n // 4, n_mels=1))
            for n in windows
        )

    def forward(
        self, real: Tensor, first: Tensor, second: Tensor, *, turn: int | None = None
    ) -> dict[str, Tensor]:
        """Compare recordings (B, S) with two sounds generated from the mel of each.

        With a `turn`, only every second window is used, and the others at the next turn.
        """
        real, generated = real.detach(), torch.cat([first, second])
        mel = _energy_distance(self.mel(real), self.mel(generated), self.variety)
        every = cast(list[MelSpectrogram], list(self.spectra))
        spectra = every if turn is None else every[turn % 2 :: 2]
        stft = total(_magnitude_distance(s, real, generated, self.variety) for s in spectra)
        return {"mel": mel, "stft": stft / len(spectra)}


def _energy_distance(real: Tensor, generated: Tensor, variety: float) -> Tensor:
    a, b = generated.chunk(2)
    return ((real - a).abs() + (real - b).abs() - variety * (a - b).abs()).mean()


def _magnitude_distance(
    spectrum: MelSpectrogram, real: Tensor, generated: Tensor, variety: float
) -> Tensor:
    with torch.no_grad():
        theirs = spectrum.magnitude(real)
        size = theirs.mean()
    ours = spectrum.magnitude(generated)
    logarithms = _energy_distance((theirs + FLOOR).log(), (ours + FLOOR).log(), variety)
    return logarithms + _energy_distance(theirs / size, ours / size, variety)
