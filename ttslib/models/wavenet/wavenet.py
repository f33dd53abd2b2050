"""WaveNet as a vocoder: the network, and the fastest way to generate with it.

The network is in `network.py`, with the papers and what is simplified; `generation.py` has three
ways to generate, of which two are exact, and `compiled.py` the fastest one.

Shapes: B batch, M mel bands, T frames.
"""

import torch
from torch import Tensor

from ttslib.models.wavenet.compiled import compiled_generation
from ttslib.models.wavenet.generation import cached_generation
from ttslib.models.wavenet.network import (
    WaveNetConfig,
    WaveNetNetwork,
    wavenet_published,
    wavenet_small,
)

__all__ = ["WaveNet", "WaveNetConfig", "wavenet_published", "wavenet_small"]


class WaveNet(WaveNetNetwork):
    """A vocoder: log-mels (B, M, T) to waveforms (B, T * hop_length).

    Parameters
    ----------
    config
    audio
        The definition of the mels that will come.

    Taught in: notebooks/10_wavenet
    """

    needs_generator = True  # every sample is drawn

    @torch.no_grad()
    def forward(
        self, mel: Tensor, *, temperature: float = 1.0, generator: torch.Generator | None = None
    ) -> Tensor:
        """Turn log-mels into sound, the fastest way that gives every sample its whole past.

        Parameters
        ----------
        mel : Tensor (B, M, T)
            Natural logarithm, not normalized.
        temperature : float
            Below 1, likely samples become likelier still; at 0 only the likeliest comes.
        generator : torch.Generator, optional
            Of the draws; a new one with seed 0 when not given.

        Returns
        -------
        Tensor (B, T * hop_length), float32

        Raises
        ------
        ValueError
            When the mel has another shape or isn't finite, or the temperature is negative.
        """
        generate = compiled_generation if mel.device.type == "cpu" else cached_generation
        return generate(self, mel, temperature=temperature, generator=generator)
