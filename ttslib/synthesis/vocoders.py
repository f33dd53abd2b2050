"""Trained vocoders, read from the checkpoints of their training."""

from pathlib import Path

from ttslib.checkpoints import load_checkpoint
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig

__all__ = ["load_vocoder"]


def load_vocoder(path: str | Path) -> HiFiGAN:
    """Make a trained vocoder ready to turn log-mels into sound.

    Parameters
    ----------
    path
        A checkpoint that `ttslib train hifigan` wrote.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it is no checkpoint, or not one of a vocoder.

    Taught in: notebooks/06_vocoder
    """
    checkpoint = load_checkpoint(path)
    if checkpoint.model != "hifigan":
        raise ValueError(
            f"{path} holds a {checkpoint.model}, no vocoder; give a checkpoint of hifigan"
        )
    try:
        model = HiFiGAN(HiFiGANConfig(**checkpoint.config), checkpoint.audio)
        model.load_state_dict(checkpoint.weights)
    except (TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} doesn't fit this version of ttslib ({reason})") from error
    return model.eval()
