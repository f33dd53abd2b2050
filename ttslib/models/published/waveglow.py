"""Read NVIDIA's WaveGlow weights into the course's own model."""

import re
from pathlib import Path

import torch
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.models.published.files import fold_weight_norm, read_tensors
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig

__all__ = ["load_waveglow"]

AUDIO = AudioConfig(sample_rate=22050)  # of NVIDIA's mels, by default
# Their names in a coupling -> ours.
NAMES = {
    "start": "first",
    "cond_layer": "condition",
    "in_layers": "dilated",
    "res_skip_layers": "onward",
    "end": "last",
}


def load_waveglow(path: str | Path, *, audio: AudioConfig | None = None) -> WaveGlow:
    """Read a WaveGlow that NVIDIA's code trained, ready for inference.

    The sizes are inferred from the tensors' shapes. Both of NVIDIA's versions are read: with one
    conditioning layer for each layer of a coupling, and with one for all of them.

    Parameters
    ----------
    path : path
        The state_dict, saved by torch or as .safetensors. Only tensors are read from a pickle.
    audio : AudioConfig, optional
        The mels it was trained on; when not given, NVIDIA's at 22,050 Hz. NVIDIA's frames are
        centered on their first sample, and the course's begin there: a shift of half a hop, and
        NVIDIA's mel has one more frame at the end.

    Raises
    ------
    FileNotFoundError
        When the file isn't there.
    ValueError
        When it holds something other than a WaveGlow's tensors, or they don't fit together.

    Taught in: notebooks/11_waveglow
    """
    path = Path(path)
    state = read_tensors(path)[0]
    for inside in ("state_dict", "model"):
        state = state[inside] if isinstance(state.get(inside), dict) else state
    state = {re.sub(r"^(module\.|model\.)+", "", str(n)): t for n, t in state.items()}
    state = {n: t for n, t in state.items() if re.match(r"upsample\.|convinv\.|WN\.", n)}
    try:
        state = _one_condition(fold_weight_norm(state))
        config = _config(state)
        model = WaveGlow(config, audio or AUDIO)
        model.load_state_dict({_our_name(n): _squared(n, t) for n, t in state.items()})
    except (KeyError, IndexError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"{path} holds no WaveGlow of NVIDIA's ({reason})") from None
    return model.eval()


def _config(state: dict[str, Tensor]) -> WaveGlowConfig:
    """Infer the sizes from the shapes."""
    flows = len([n for n in state if n.startswith("convinv.")])
    groups = [len(state[f"convinv.{k}.conv.weight"]) for k in range(flows)]
    sheds = [k for k in range(1, flows) if groups[k] < groups[k - 1]]
    layers = len([n for n in state if re.fullmatch(r"WN\.0\.in_layers\.\d+\.weight", n)])
    inner = state["WN.0.in_layers.0.weight"]  # (2 D, D, kernel)
    return WaveGlowConfig(
        group=groups[0],
        flows=flows,
        early_every=sheds[0] if sheds else flows,
        early_channels=groups[0] - groups[sheds[0]] if sheds else 0,
        layers=layers,
        channels=inner.shape[1],
        kernel=inner.shape[2],
        upsample_kernel=state["upsample.weight"].shape[2],
    )


def _one_condition(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Join the conditioning layers of each coupling, where there is one for each of its layers."""
    joined = {n: t for n, t in state.items() if ".cond_layers." not in n}
    parts: dict[str, list[Tensor]] = {}
    apart = [re.fullmatch(r"(WN\.\d+)\.cond_layers\.(\d+)\.(\w+)", name) for name in state]
    for match in sorted(filter(None, apart), key=lambda match: int(match[2])):
        parts.setdefault(f"{match[1]}.cond_layer.{match[3]}", []).append(state[match[0]])
    return joined | {name: torch.cat(tensors) for name, tensors in parts.items()}


def _our_name(name: str) -> str:
    if name.startswith("convinv."):
        return f"mixes.{name.split('.')[1]}.matrix"
    if name.startswith("WN."):
        _, flow, layer, *rest = name.split(".")
        return ".".join(["couplings", flow, "network", NAMES[layer], *rest])
    return name


def _squared(name: str, tensor: Tensor) -> Tensor:
    """Turn the kernel of their 1x1 convolution into a matrix."""
    return tensor.squeeze(2) if name.startswith("convinv.") else tensor
