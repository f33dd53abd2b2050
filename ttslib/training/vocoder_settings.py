"""The common parts of training any vocoder: settings for pieces, and a start from weights."""

from dataclasses import dataclass

from ttslib.models.hifigan import HiFiGAN
from ttslib.models.vocos import Vocos
from ttslib.models.waveglow import WaveGlow
from ttslib.models.wavenet.wavenet import WaveNet
from ttslib.nn.weight_norm import folded_weights
from ttslib.training.state import TrainingSettings

__all__ = ["VocoderSettings", "start_from"]

Vocoder = HiFiGAN | Vocos | WaveNet | WaveGlow


@dataclass(frozen=True, kw_only=True)
class VocoderSettings(TrainingSettings):
    """Settings for training any vocoder, on pieces of recordings."""

    steps: int = 20_000
    frame_budget: int = 512  # mel frames in a batch, in pieces of segment_frames
    segment_frames: int = 64  # of a piece of a clip
    warmup: float = 0.01
    validate_every: int = 500
    save_every: int = 250


def start_from(vocoder: Vocoder, start: Vocoder | None) -> None:
    """Load the weights of a trained vocoder of the same config; None leaves them random.

    Raises
    ------
    ValueError
        When its config or its mels differ.
    """
    if start is None:
        return
    vocoder.audio.require_same(start.audio, ours="the corpus's mels", theirs="the start")
    if start.config != vocoder.config:
        raise ValueError(
            f"the vocoder to start from has another config ({start.config}, not "
            f"{vocoder.config}); give one of the same, or change config"
        )
    vocoder.load_state_dict(folded_weights(start))
