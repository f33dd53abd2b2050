"""Weight norm (Salimans & Kingma 2016, arXiv 1602.07868), folded into plain weights."""

from torch import Tensor, nn
from torch.nn.utils import parametrize

__all__ = ["folded_weights"]


def folded_weights(module: nn.Module) -> dict[str, Tensor]:
    """Return the state of the same module without weight norm, which computes the same."""
    state = {n: t for n, t in module.state_dict().items() if ".parametrizations." not in n}
    for name, layer in module.named_modules():
        if parametrize.is_parametrized(layer):
            state[f"{name}.weight"] = layer.weight.detach()
    return state
