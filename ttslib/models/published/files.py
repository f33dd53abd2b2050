"""Read other projects' files: their tensors, and nothing but tensors."""

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

__all__ = ["fold_weight_norm", "read_tensors"]


def read_tensors(path: Path, *, instead: str = "") -> tuple[dict, dict[str, str]]:
    """Return a published file's tensors by name, and its metadata.

    Parameters
    ----------
    path : path
        A .safetensors file, or one that `torch.save` wrote. Only tensors and plain containers are
        read from a pickle: no code in it can run.
    instead : str
        The remedy if it can't be read, for the message.

    Raises
    ------
    ValueError
        If it can't be read safely.
    """
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}
                return tensors, file.metadata() or {}
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a foreign file breaks in many ways; a malicious one is refused
        reason = " ".join(str(error).split())[:120]
        raise ValueError(
            f"{path} holds no tensors that can be read safely ({reason}){instead}"
        ) from None
    return (state if isinstance(state, dict) else {}), {}


def fold_weight_norm(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Compute weights from their lengths and directions, where weight norm has split them."""
    folded = {n: t for n, t in state.items() if not n.endswith(("weight_g", "weight_v"))}
    for name, direction in state.items():
        if name.endswith("weight_v"):
            length = state[name.removesuffix("v") + "g"]
            norm = direction.flatten(1).norm(dim=1).view_as(length)
            folded[name.removesuffix("_v")] = direction * (length / norm)
    return folded
