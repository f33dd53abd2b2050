"""Read other projects' files: only their tensors."""

import re
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

__all__ = ["fold_weight_norm", "read_tensors"]


def read_tensors(path: Path) -> tuple[dict, dict[str, str]]:
    """Return a published file's tensors by name, and its metadata.

    Parameters
    ----------
    path : path
        A .safetensors file, or one that `torch.save` wrote. Only tensors and plain containers are
        read from a pickle: no code in it can run.

    Raises
    ------
    FileNotFoundError
        If it isn't there.
    ValueError
        If it can't be read safely.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no published weights at {path}")
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}
                return tensors, file.metadata() or {}
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # foreign files break in many ways; malicious ones are refused
        raise ValueError(
            f"{path} holds no tensors that can be read safely; {_remedy(error)}"
        ) from None
    return (state if isinstance(state, dict) else {}), {}


def _remedy(error: Exception) -> str:
    """Return what to do about a file that torch or safetensors refused."""
    if found := re.search(r"Unsupported global: GLOBAL (\S+)", str(error)):
        return (
            f"it needs the class {found[1]}, so it holds a whole module, and reading that can run "
            "any code: where you trust it, load it once with its authors' code and save only its "
            "state_dict()"
        )
    return "it is damaged or something else: fetch it again"


def fold_weight_norm(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Compute the weights that weight norm has split into lengths and directions."""
    folded = {n: t for n, t in state.items() if not n.endswith(("weight_g", "weight_v"))}
    for name, direction in state.items():
        if name.endswith("weight_v"):
            length = state[name.removesuffix("v") + "g"]
            norm = direction.flatten(1).norm(dim=1).view_as(length)
            folded[name.removesuffix("_v")] = direction * (length / norm)
    return folded
