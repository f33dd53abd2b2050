"""The check that every vocoder applies to its log-mels.

Shapes: B batch, M mel bands, T frames.
"""

from torch import Tensor

from ttslib.config import AudioConfig

__all__ = ["require_log_mel"]


def require_log_mel(mel: Tensor, audio: AudioConfig, *, model: str) -> None:
    """Raise an error unless the input is a batch of log-mels.

    Parameters
    ----------
    mel : Tensor (B, M, T)
    audio
        The definition of the model's mels.
    model : str
        Its name, for the message.

    Raises
    ------
    ValueError
        When the mel has another shape or, on the CPU, isn't finite.
    """
    if mel.dim() != 3 or mel.shape[1] != audio.n_mels or mel.shape[2] == 0:
        raise ValueError(
            f"{model} needs log-mels (batch, {audio.n_mels}, frames), got shape {tuple(mel.shape)}"
        )
    if mel.device.type == "cpu" and not mel.isfinite().all():  # elsewhere, the check would block
        raise ValueError("the mel has NaN or infinite values; check the model that produced it")
