"""Train a FastSpeech 2 together with its aligner: presets, loss, training step, validation."""

import dataclasses
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ttslib.checkpoints import Checkpoint
from ttslib.models.fastspeech2 import (
    FastSpeech2,
    FastSpeech2Config,
    fastspeech2_published,
    fastspeech2_small,
)
from ttslib.records import TextMelBatch
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.data.durations import DurationSource
from ttslib.training.loop import train
from ttslib.training.losses import mel_loss, token_loss, total
from ttslib.training.state import Preset, Run, TrainingSettings
from ttslib.training.validation import validate_acoustic

__all__ = ["PRESETS", "FastSpeech2Settings", "fastspeech2_step", "train_fastspeech2"]


@dataclass(frozen=True, kw_only=True)
class FastSpeech2Settings(TrainingSettings):
    """Settings for training a FastSpeech 2; the defaults suit the small one on one CPU core."""

    steps: int = 1500  # each with half the work of Tacotron 2's


PRESETS = {
    "small": Preset(fastspeech2_small, {}),
    # Section 3.1 of the paper: Adam with betas 0.9 and 0.98, Vaswani et al.'s schedule, batches of
    # 48 sentences, 160,000 steps. The peak of that schedule, for a width of 256 and 4,000 steps of
    # warm-up (ming024/FastSpeech2), is 256^-0.5 * 4000^-0.5.
    "published": Preset(
        fastspeech2_published,
        dict(
            steps=160_000,
            frame_budget=48 * 600,
            peak_learning_rate=9.88e-4,
            warmup=4_000 / 160_000,
            decay="inverse_sqrt",
            betas=(0.9, 0.98),
            weight_decay=0.0,
            validate_every=2_000,
            save_every=1_000,
        ),
    ),
}


def fastspeech2_step(
    model: torch.nn.Module,
    batch: TextMelBatch,
    *,
    progress: float = 1.0,
    durations: DurationSource | None = None,
) -> dict[str, Tensor]:
    """Run FastSpeech 2 with the recording's durations, pitch and energy, and return its losses.

    Parameters
    ----------
    model : FastSpeech2
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        With pitch and energy, where the model is conditioned on them.
    progress : float in 0..1
        Not used: the aligner needs no schedule.
    durations : DurationSource, optional
        The source of the durations; None is the model's own aligner.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is minimized; "mel", "duration", "pitch", "energy", and the aligner's
        "forward_sum" and "sound" are its parts.

    Taught in: notebooks/09_fastspeech
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths,
        pitch=batch.pitch, energy=batch.energy, speakers=batch.speakers,
        durations=None if durations is None else durations(batch),
    )  # fmt: skip
    targets = (1.0 + output.durations).log()
    losses = {
        "mel": mel_loss(output.mel.float(), batch.mels, batch.mel_lengths),
        "duration": token_loss(output.log_durations.float(), targets, batch.token_lengths),
    }
    for name in ("pitch", "energy"):
        predicted, shown = getattr(output, name), getattr(output, f"{name}_shown")
        if predicted is not None:
            losses[name] = token_loss(predicted.float(), shown, batch.token_lengths)
    if output.aligned is not None:
        losses["forward_sum"] = output.aligned.forward_sum
        losses["sound"] = output.aligned.sound
    return {"loss": total(losses.values()), **losses}


def train_fastspeech2(
    data: AcousticData,
    run: Run,
    *,
    config: FastSpeech2Config | None = None,
    settings: TrainingSettings | None = None,
    durations: DurationSource | None = None,
) -> Checkpoint:
    """Train a FastSpeech 2 together with its aligner, and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
        Made with `prosody=True`, unless the config has neither pitch nor energy.
    run : Run
    config : FastSpeech2Config, optional
        `fastspeech2_small` for the data's symbols and speakers when not given.
    settings : TrainingSettings, optional
        `FastSpeech2Settings()` when not given.
    durations : DurationSource, optional
        The source of the durations; None is an aligner that is trained with the model.

    Raises
    ------
    ValueError
        When the data lacks pitch, or the checkpoint to resume doesn't fit (`Run.begin`).

    Taught in: notebooks/09_fastspeech
    """
    settings = settings or FastSpeech2Settings()
    if config is None:
        config = fastspeech2_small(
            n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers)
        )
        if durations is not None:
            config = dataclasses.replace(config, aligner_dim=0)
    if data.prosody is None and (config.pitch or config.energy):
        raise ValueError("this config needs pitch or energy; call acoustic_data(prosody=True)")
    step = partial(fastspeech2_step, durations=durations)
    torch.manual_seed(settings.seed)
    train(
        FastSpeech2(config),
        step=step,
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            seed=settings.seed,
            frames_per_step=config.frames_per_step,
        ),
        validate=lambda model: validate_acoustic(model, step, data, settings=settings),
        settings=settings,
        template=data.checkpoint("fastspeech2", config),
        run=run,
    )
    return run.result()
