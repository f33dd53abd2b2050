"""Load trained vocoders from their checkpoints."""

import dataclasses
import warnings
from pathlib import Path

from ttslib.checkpoints import Checkpoint, explained, load_checkpoint, restored_model
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig
from ttslib.models.wavenet.wavenet import WaveNet, WaveNetConfig

__all__ = ["VOCODERS", "current_path", "load_vocoder"]

VOCODERS: dict[str, tuple[type, type]] = {  # by their names in checkpoints
    "hifigan": (HiFiGAN, HiFiGANConfig),
    "vocos": (Vocos, VocosConfig),
    "waveglow": (WaveGlow, WaveGlowConfig),
    "wavenet": (WaveNet, WaveNetConfig),
}
RENAMED = {"mini-hifigan": "mini-vocos"}  # folders of shipped vocoders; old names still work


def current_path(path: Path) -> Path:
    """Return the current path of a vocoder's file; an old name triggers a warning."""
    name = path.parent.name
    if path.exists() or name not in RENAMED:
        return path
    warnings.warn(f"the vocoder {name} is called {RENAMED[name]} now", stacklevel=3)
    return path.parent.with_name(RENAMED[name]) / path.name


def load_vocoder(path: str | Path) -> HiFiGAN | Vocos | WaveGlow | WaveNet:
    """Load a trained vocoder, which turns log-mels (B, M, T) into sound (B, T * hop_length).

    Parameters
    ----------
    path
        A checkpoint that `ttslib train hifigan`, `vocos`, `wavenet` or `waveglow` wrote.

    Returns
    -------
    HiFiGAN, Vocos, WaveNet or WaveGlow
        Its `audio` defines the mels that it takes.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it isn't a checkpoint, or not a vocoder's.

    Taught in: notebooks/06_vocoder
    """
    checkpoint = load_checkpoint(current_path(Path(path)))
    with explained(path, "has broken settings"):
        checkpoint = _current(checkpoint)
    if checkpoint.model not in VOCODERS:
        raise ValueError(
            f"{path} is a {checkpoint.model}, not a vocoder; give a checkpoint of "
            f"{', '.join(VOCODERS)}"
        )
    kind, config = VOCODERS[checkpoint.model]
    return restored_model(
        checkpoint, path, lambda: kind(config(**checkpoint.config), checkpoint.audio)
    )


def _current(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint with current names: early versions' small HiFi-GANs are Vocos models."""
    old = checkpoint.config
    if checkpoint.model != "hifigan" or "frame_blocks" not in old:
        return checkpoint
    if not old["frame_blocks"]:
        sizes = {field.name for field in dataclasses.fields(HiFiGANConfig)}
        config = {name: value for name, value in old.items() if name in sizes}
        return dataclasses.replace(checkpoint, config=config)
    config = {name: old[name] for name in ("mel_mean", "mel_std", "channels")}
    config |= {"blocks": old["frame_blocks"], "hidden": 2 * old["channels"]}
    weights = {n.removeprefix("frame_blocks."): w for n, w in checkpoint.weights.items()}
    return dataclasses.replace(
        checkpoint,
        model="vocos",
        config=config | {"n_fft": old["inverse_n_fft"]},
        weights=weights,
    )
