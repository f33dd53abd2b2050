"""Trained vocoders, read from the checkpoints of their training."""

from pathlib import Path

from torch import nn

from ttslib.checkpoints import load_checkpoint
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig
from ttslib.models.wavenet import WaveNet, WaveNetConfig

__all__ = ["load_vocoder"]


def load_vocoder(path: str | Path) -> nn.Module:
    """Make a trained vocoder ready to turn log-mels (B, M, T) into sound (B, T * hop_length).

    Parameters
    ----------
    path
        A checkpoint that `ttslib train hifigan`, `wavenet` or `waveglow` wrote.

    Returns
    -------
    HiFiGAN, WaveNet or WaveGlow
        Its `audio` says which mels it takes.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it is no checkpoint, or not one of a vocoder.

    Taught in: notebooks/06_vocoder
    """
    checkpoint = load_checkpoint(path)
    kinds = {
        "hifigan": (HiFiGAN, HiFiGANConfig),
        "waveglow": (WaveGlow, WaveGlowConfig),
        "wavenet": (WaveNet, WaveNetConfig),
    }
    if checkpoint.model not in kinds:
        raise ValueError(
            f"{path} holds a {checkpoint.model}, no vocoder; give a checkpoint of "
            f"{', '.join(kinds)}"
        )
    kind, config = kinds[checkpoint.model]
    try:
        model = kind(config(**checkpoint.config), checkpoint.audio)
        model.load_state_dict(checkpoint.weights)
    except (TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} doesn't fit this version of ttslib ({reason})") from error
    return model.eval()
