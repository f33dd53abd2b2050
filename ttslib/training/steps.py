"""One short step per model: a batch goes in, named losses come out, "loss" is the one to follow."""

import torch
from torch import Tensor

from ttslib.records import TextMelBatch
from ttslib.training.losses import gate_loss, guided_attention_loss, mel_loss

__all__ = ["guide_weight", "tacotron2_step"]


def guide_weight(progress: float) -> float:
    """How strongly attention is held to the diagonal: firmly at first, soon hardly at all.

    The guide shows where to begin. One that stays strong would win over the speech: it gives a
    ruler-straight diagonal that sweeps over the phonemes whatever their lengths, looks right and
    says nothing.

    Parameters
    ----------
    progress : float in 0..1
        The share of the training that lies behind.

    Taught in: notebooks/05_training
    """
    return max(0.001, 10 ** (-5 * progress))  # a tenth every fifth of the way


def tacotron2_step(
    model: torch.nn.Module, batch: TextMelBatch, *, progress: float = 1.0
) -> dict[str, Tensor]:
    """Run Tacotron 2 under teacher forcing and name what is wrong.

    Parameters
    ----------
    model : Tacotron2
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        Normalized mels.
    progress : float in 0..1
        How far the training is, for `guide_weight`.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is trained; "mel_before", "mel" (after the postnet), "gate" and
        "guide" are its parts, the last unweighted.

    Taught in: notebooks/05_training
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths, speakers=batch.speakers
    )
    frames_per_step = batch.mels.shape[2] // output.gate.shape[1]
    steps = -(-batch.mel_lengths // frames_per_step)  # rounded up
    losses = {
        "mel_before": mel_loss(output.mel_before.float(), batch.mels, batch.mel_lengths),
        "mel": mel_loss(output.mel.float(), batch.mels, batch.mel_lengths),
        "gate": gate_loss(output.gate.float(), steps),
        "guide": guided_attention_loss(output.alignment.float(), batch.token_lengths, steps),
    }
    guided = guide_weight(progress) * losses["guide"]
    return {"loss": losses["mel_before"] + losses["mel"] + losses["gate"] + guided, **losses}
