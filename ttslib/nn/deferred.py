"""One large matrix product instead of hundreds of small ones, for weights in a long loop.

A recurrent weight W is used at every step as `x_t @ W.T`. Autograd then computes the outer product
`grad_t.T @ x_t`, as large as W itself, at every step and adds it to the last one: hundreds of
passes over megabytes. The sum of those products is one product of the stacked matrices, so the loop
can use `W.detach()` and leave the gradient of W to `defer_weight_gradient`.
"""

import torch
from torch import Tensor

__all__ = ["defer_weight_gradient"]


class _DeferWeightGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, addend, weight, seen):
        ctx.seen = seen
        return addend.view_as(addend)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        inputs = torch.stack(ctx.seen).flatten(0, 1)  # (T * B, in)
        weight_grad = grad.flatten(0, 1).to(inputs.dtype).T @ inputs
        return grad, weight_grad.to(grad.dtype), None


def defer_weight_gradient(addend: Tensor, *, weight: Tensor, seen: list[Tensor]) -> Tensor:
    """Return `addend`, with the gradient of a loop's weight attached to it.

    The caller computes `addend[t] + x_t @ weight.detach().T` at step t and appends `x_t.detach()`
    to `seen`. The gradient that reaches `addend[t]` is then also that of the product, and the
    weight's whole gradient is `sum_t grad_t.T @ x_t`.

    Parameters
    ----------
    addend : (T, B, out)
        Added to the product at each step.
    weight : (out, in)
        The weight, which the loop uses detached.
    seen : list
        Empty now; T tensors (B, in) by the end of the loop.

    Returns
    -------
    (T, B, out)
        Equal to `addend`.
    """
    return _DeferWeightGradient.apply(addend, weight, seen)
