"""Read the HiFi-GAN authors' weights into the course's own model."""

import json
import re
from pathlib import Path

from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.published.files import fold_weight_norm, read_tensors

__all__ = ["load_hifigan"]


def load_hifigan(path: str | Path, *, config: str | Path | None = None) -> HiFiGAN:
    """Read a generator that the authors' code (jik876/hifi-gan) trained, ready for inference.

    Parameters
    ----------
    path : path
        The authors' file, such as `generator_v1`, or its tensors as .safetensors. Only tensors are
        read from a pickle.
    config : path, optional
        The authors' JSON; when not given, the one in the file's metadata, else `config.json`
        beside it.

    Raises
    ------
    FileNotFoundError
        When the file or its JSON isn't there.
    ValueError
        When the file holds something other than a generator's tensors, or they don't fit the JSON.

    Taught in: notebooks/06_vocoder
    """
    path = Path(path)
    state, settings = _published_tensors(path)
    if config is not None or settings is None:
        settings = _read_json(Path(config) if config is not None else path.parent / "config.json")
    try:
        theirs = HiFiGANConfig(
            channels=settings["upsample_initial_channel"],
            upsample_rates=settings["upsample_rates"],
            upsample_kernels=settings["upsample_kernel_sizes"],
            block_kernels=settings["resblock_kernel_sizes"],
            block_dilations=settings["resblock_dilation_sizes"],
            paired=settings["resblock"] == "1",
        )
    except KeyError as error:
        raise ValueError(f"the config of {path} lacks {error}; give the authors' JSON") from None
    model = HiFiGAN(theirs, _published_audio(settings))
    kinds = len(theirs.block_kernels)
    try:
        model.load_state_dict(
            {_hifigan_name(n, kinds): t for n, t in fold_weight_norm(state).items()}
        )
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"the weights in {path} do not fit their config ({reason})") from None
    return model.eval()


def _published_tensors(path: Path) -> tuple[dict[str, Tensor], dict | None]:
    """Return the generator's tensors by the authors' names, and the config if the file has it."""
    state, metadata = read_tensors(path)
    settings = metadata.get("config")
    state = state["generator"] if isinstance(state.get("generator"), dict) else state
    state = {str(name).removeprefix("generator."): tensor for name, tensor in state.items()}
    if "conv_pre.bias" not in state:
        raise ValueError(f"{path} holds no HiFi-GAN generator; give the authors' generator file")
    ours = re.compile("conv_pre|conv_post|ups|resblocks")
    return {n: t for n, t in state.items() if ours.match(n)}, json.loads(
        settings
    ) if settings else None


def _read_json(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f"no HiFi-GAN config at {path}; name the authors' JSON by config=")
    return json.loads(path.read_text(encoding="utf-8"))


def _published_audio(settings: dict) -> AudioConfig:
    """Return the mels that the authors' JSON defines; what it lacks is as in their own configs."""
    return AudioConfig(
        sample_rate=settings.get("sampling_rate", 22050),
        n_fft=settings.get("n_fft", 1024),
        win_length=settings.get("win_size", 1024),
        hop_length=settings.get("hop_size", 256),
        n_mels=settings.get("num_mels", 80),
        f_min=settings.get("fmin", 0),
        f_max=settings.get("fmax", 8000),
    )


def _hifigan_name(name: str, kinds: int) -> str:
    """Return our name for their tensor: `resblocks.4.convs2.0` is in stage 1 of three kinds."""
    for theirs, ours in (("conv_pre", "first"), ("conv_post", "last"), ("ups", "upsamples")):
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    _, number, which, *rest = name.split(".")
    stage, kind = divmod(int(number), kinds)
    part = "plain" if which == "convs2" else "dilated"
    return ".".join(["blocks", str(stage), "blocks", str(kind), part, *rest])
