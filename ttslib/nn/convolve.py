"""A convolution along time, laid out as a processor likes it.

Shapes: B batch, L length, D width in, E width out, K kernel.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["convolve", "lay_out_for_convolve"]


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """What a `Conv1d` of odd kernel, padded to keep the length, or a `Linear` makes of x (B, L, D).

    The same as theirs, and on many a processor twice as soon. Time becomes the width of a picture
    of height 1 whose channels lie together in memory (torch's channels_last); x lies so already,
    and nothing is copied. On one thread torch gives a convolution of kernel 1 its quickest code,
    oneDNN's, only if it has a stride: so there is one of 2 in the height, where it changes nothing.

    While gradients are recorded, it is a matrix product of shifted copies of x instead: oneDNN's
    gradients took twice as long on a processor with AVX2.

    Parameters
    ----------
    x : (B, L, D)
    weight : (E, D, K) or (E, D)
    bias : (E,), optional

    Returns
    -------
    (B, L, E)
    """
    weight = weight.reshape(*weight.shape[:2], 1, -1)  # (E, D, 1, K)
    if torch.is_grad_enabled():
        return _multiply(x, weight[:, :, 0], bias)
    picture = x.transpose(1, 2)[:, :, None]  # (B, D, 1, L)
    padding = (0, weight.shape[3] // 2)
    out = F.conv2d(picture, weight, bias, stride=(2, 1), padding=padding)  # (B, E, 1, L)
    return out[:, :, 0].transpose(1, 2)


def _multiply(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    kernel, length = weight.shape[2], x.shape[1]
    padded = F.pad(x, (0, 0, kernel // 2, kernel // 2))
    shifted = torch.cat([padded[:, k : k + length] for k in range(kernel)], dim=2)  # (B, L, K D)
    return F.linear(shifted, weight.transpose(1, 2).flatten(1), bias)


def lay_out_for_convolve(*models: nn.Module) -> None:
    """Keep the weights of every `Conv1d` and `ConvTranspose1d` in the order of such pictures.

    Otherwise they would be copied at each call. In place; shapes and values stay.
    """
    for model in models:
        for layer in model.modules():
            if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
                layer.weight.data = layer.weight.data.transpose(1, 2).contiguous().transpose(1, 2)
