"""The postnet of Tacotron 2: convolutions that correct a whole mel at once.

Paper: Shen et al. 2018, arXiv 1712.05884. FastSpeech 2's reference code ends with one, too.

Shapes: B batch, M mel bands, T frames.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvolutionNorm", "Postnet"]

Activation = Literal["linear", "relu", "tanh"]


class ConvolutionNorm(nn.Sequential):
    """A convolution that keeps the length, then batch normalization."""

    def __init__(self, inputs: int, outputs: int, *, kernel_size: int, activation: Activation):
        convolution = nn.Conv1d(inputs, outputs, kernel_size, padding=kernel_size // 2)
        nn.init.xavier_uniform_(convolution.weight, gain=nn.init.calculate_gain(activation))
        super().__init__(convolution, nn.BatchNorm1d(outputs))


class Postnet(nn.Module):
    """Predict a correction of the mel from the whole mel.

    Parameters
    ----------
    n_mels : int
        M
    dim : int
        Channels between the convolutions.
    convolutions, kernel_size : int
        How many, and how wide: an odd number of frames.
    dropout : float in 0..1

    Taught in: notebooks/04_tacotron
    """

    def __init__(
        self,
        *,
        n_mels: int,
        dim: int,
        convolutions: int = 5,
        kernel_size: int = 5,
        dropout: float = 0.5,
    ):
        super().__init__()
        self.dropout = dropout
        inner = [dim] * (convolutions - 1)
        widths = [n_mels, *inner, n_mels]
        activations: list[Activation] = ["tanh" for _ in inner]
        activations.append("linear")
        self.convolutions = nn.ModuleList(
            ConvolutionNorm(*pair, kernel_size=kernel_size, activation=activation)
            for *pair, activation in zip(widths[:-1], widths[1:], activations, strict=True)
        )

    def forward(self, mel: Tensor, mask: Tensor) -> Tensor:
        """Return the correction of mel (B, M, T); mask (B, 1, T) is True at real frames."""
        *inner, last = self.convolutions
        for convolution in inner:
            mel = F.dropout(torch.tanh(convolution(mel * mask)), self.dropout, self.training)
        return F.dropout(last(mel * mask), self.dropout, self.training)
