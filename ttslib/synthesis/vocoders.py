"""Trained vocoders, read from the checkpoints of their training."""

from pathlib import Path

from torch import nn

from ttslib.checkpoints import load_checkpoint
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig
from ttslib.models.wavenet.wavenet import WaveNet, WaveNetConfig

__all__ = ["VOCODERS", "load_vocoder"]

VOCODERS = {  # by the name that a checkpoint has
    "hifigan": (HiFiGAN, HiFiGANConfig),
    "vocos": (Vocos, VocosConfig),
    "waveglow": (WaveGlow, WaveGlowConfig),
    "wavenet": (WaveNet, WaveNetConfig),
}


def load_vocoder(path: str | Path) -> nn.Module:
    """Make a trained vocoder ready to turn log-mels (B, M, T) into sound (B, T * hop_length).

    Parameters
    ----------
    path
        A checkpoint that `ttslib train hifigan`, `vocos`, `wavenet` or `waveglow` wrote.

    Returns
    -------
    HiFiGAN, Vocos, WaveNet or WaveGlow
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
    if checkpoint.model not in VOCODERS:
        raise ValueError(
            f"{path} holds a {checkpoint.model}, no vocoder; give a checkpoint of "
            f"{', '.join(VOCODERS)}"
        )
    kind, config = VOCODERS[checkpoint.model]
    try:
        model = kind(config(**checkpoint.config), checkpoint.audio)
        model.load_state_dict(checkpoint.weights)
    except (TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} doesn't fit this version of ttslib ({reason})") from error
    return model.eval()
