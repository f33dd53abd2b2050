"""Convolutions along time, with their memory layout chosen for speed.

A sequence (B, D, L) is convolved as a picture of height 1, (B, D, 1, L), whose channels are next to
each other in memory (torch's channels_last). On many processors that is twice as fast. The result,
(B, E, L), has the same layout, and elementwise functions keep it, so layers in a row copy nothing.
`torch.cat`, `F.pad` and the gradient of `chunk` don't keep it: use `join_channels`, `CausalConv1d`
and `split_channels`.

On one thread, torch computes a convolution of kernel 1 by oneDNN, its fastest code, only if it has
a stride. So there is one of 2 along the height, where it changes nothing.

Shapes: B batch, L length, D channels in, E channels out, K kernel.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "CausalConv1d",
    "Conv1d",
    "ConvTranspose1d",
    "channels_together",
    "convolve",
    "join_channels",
    "lay_out_for_convolve",
    "split_channels",
]


class Conv1d(nn.Conv1d):
    """Compute what `nn.Conv1d` computes, faster: (B, D, L) to (B, E, L')."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (B, D, L), in any layout."""
        return _sequence(
            F.conv2d(
                _picture(x),
                self.weight[:, :, None],  # (E, D / groups, 1, K)
                self.bias,
                stride=(2, *self.stride),
                padding=(0, *self.padding),
                dilation=(1, *self.dilation),
                groups=self.groups,
            )
        )


class CausalConv1d(Conv1d):
    """A convolution that looks back only: output t depends on the inputs up to t.

    Parameters
    ----------
    inputs, outputs, kernel : int
    dilation : int
        Distance between the values that the kernel covers.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, *, dilation: int = 1):
        super().__init__(inputs, outputs, kernel, dilation=dilation)
        self.past = (kernel - 1) * dilation

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (B, D, L), with zeros before its beginning, into (B, E, L)."""
        if not self.past:  # one matrix, whose gradient is faster than that of a convolution
            return F.linear(x.transpose(1, 2), self.weight[:, :, 0], self.bias).transpose(1, 2)
        return super().forward(_sequence(F.pad(_picture(x), (self.past, 0))))


class ConvTranspose1d(nn.ConvTranspose1d):
    """Compute what `nn.ConvTranspose1d` computes, faster: (B, D, L) to (B, E, L')."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # it has no `output_size`
        """Upsample x (B, D, L), in any layout."""
        return _sequence(
            F.conv_transpose2d(
                _picture(x),
                self.weight[:, :, None],  # (D, E, 1, K)
                self.bias,
                stride=(1, *self.stride),
                padding=(0, *self.padding),
                output_padding=(0, *self.output_padding),
                dilation=(1, *self.dilation),
                groups=self.groups,
            )
        )


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Apply a `Conv1d` of odd kernel that keeps the length, or a `Linear`, to x (B, L, D).

    While gradients are recorded, it is a matrix product of shifted copies of x instead: the
    gradients of oneDNN's convolution took twice as long.

    Parameters
    ----------
    x : (B, L, D)
        As Transformers and LSTMs take it.
    weight : (E, D, K) or (E, D)
    bias : (E,), optional

    Returns
    -------
    (B, L, E)
    """
    weight = weight.reshape(*weight.shape[:2], 1, -1)  # (E, D, 1, K)
    if torch.is_grad_enabled():
        return _multiply(x, weight[:, :, 0], bias)
    picture, padding = _picture(x.transpose(1, 2)), (0, weight.shape[3] // 2)
    return _sequence(F.conv2d(picture, weight, bias, stride=(2, 1), padding=padding)).transpose(
        1, 2
    )


def _multiply(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    kernel, length = weight.shape[2], x.shape[1]
    padded = F.pad(x, (0, 0, kernel // 2, kernel // 2))
    shifted = torch.cat([padded[:, k : k + length] for k in range(kernel)], dim=2)  # (B, L, K D)
    return F.linear(shifted, weight.transpose(1, 2).flatten(1), bias)


def channels_together(x: Tensor) -> Tensor:
    """Return a sequence (B, D, L) in the layout that convolutions read, copied only if needed.

    Convolutions do it themselves; done in advance, it serves several of them.
    """
    return _sequence(_picture(x))


def join_channels(*parts: Tensor) -> Tensor:
    """Join sequences (B, D, L) along their channels, as `torch.cat(parts, dim=1)` does."""
    return torch.cat([part.transpose(1, 2) for part in parts], dim=2).transpose(1, 2)


def split_channels(x: Tensor, number: int) -> tuple[Tensor, ...]:
    """Split a sequence (B, D, L) along its channels, as `x.chunk(number, dim=1)` does.

    The gradient, too, then has the layout that convolutions read.
    """
    parts = x.transpose(1, 2).chunk(number, dim=2)
    return tuple(part.transpose(1, 2) for part in parts)


def lay_out_for_convolve(*models: nn.Module) -> None:
    """Store the weights of every `Conv1d` and `ConvTranspose1d` in the order in which they're read.

    Otherwise they would be copied at each call. The models are changed in place; shapes and values
    stay the same.
    """
    for model in models:
        for layer in model.modules():
            if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
                layer.weight.data = layer.weight.data.transpose(1, 2).contiguous().transpose(1, 2)


def _picture(x: Tensor) -> Tensor:
    """Turn (B, D, L) into (B, D, 1, L) with its channels together, copying only if they aren't."""
    return x[:, :, None].contiguous(memory_format=torch.channels_last)


def _sequence(picture: Tensor) -> Tensor:
    """Turn (B, D, 1, L) into (B, D, L)."""
    # Not [:, :, 0], whose gradient would be copied into another layout.
    return picture.contiguous(memory_format=torch.channels_last).squeeze(2)
