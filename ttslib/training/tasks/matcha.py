"""Train a Matcha-TTS: durations, prosody, the mean mel and the flow, all together."""

import dataclasses
from dataclasses import dataclass
from functools import partial

import torch
from accelerate import PartialState
from torch import Tensor

from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.models.matcha import Matcha, MatchaConfig, matcha_published, matcha_small
from ttslib.nn.masking import valid_mask
from ttslib.records import TextMelBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.data.durations import DurationSource
from ttslib.training.data.hidden_markov import hidden_markov_durations
from ttslib.training.loop import train
from ttslib.training.losses import mel_loss, token_loss, total
from ttslib.training.state import Preset, Run, TrainingSettings, Validation
from ttslib.training.validation import validate_acoustic

__all__ = ["PRESETS", "MatchaSettings", "matcha_step", "train_matcha"]


@dataclass(frozen=True, kw_only=True)
class MatchaSettings(TrainingSettings):
    """Settings for training a Matcha-TTS; the defaults suit the small one on one CPU core.

    The learning rate stays at its peak for more than half of the schedule: the averaged weights are
    used in the end, and averaging smooths the oscillation that a high rate causes.
    """

    steps: int = 6000
    frame_budget: int = 2200
    peak_learning_rate: float = 1e-3
    warmup: float = 0.05
    hold: float = 0.55
    weight_decay: float = 1e-2
    betas: tuple[float, float] = (0.9, 0.98)
    validate_every: int = 500


PRESETS = {
    "small": Preset(matcha_small, {}),
    # Section 4.1 of the paper: a batch of 32 sentences on each of two GPUs, a learning rate of
    # 1e-4, 500,000 steps; a constant rate, by Adam without decay, in the reference code.
    "published": Preset(
        matcha_published,
        dict(
            steps=500_000,
            frame_budget=64 * 600,
            peak_learning_rate=1e-4,
            warmup=0.0,
            hold=1.0,
            betas=(0.9, 0.999),
            weight_decay=0.0,
            validate_every=5_000,
            save_every=1_000,
        ),
    ),
}


def matcha_losses(
    model: Matcha, batch: TextMelBatch, *, durations: DurationSource | None = None
) -> dict[str, Tensor]:
    """Run Matcha-TTS with the recording's durations, pitch and energy, and return its losses.

    Noise and times are drawn from torch's own generator, which the loop seeds for each step.

    Parameters
    ----------
    model : Matcha
    batch : TextMelBatch
        Normalized mels, with pitch and energy where the model is conditioned on them.
    durations : DurationSource, optional
        The source of the durations; None is the model's own aligner.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is minimized; "mel" (of the mean), "flow" (of the velocity),
        "duration", "pitch", "energy" and, of the model's own aligner, "forward_sum" and "sound"
        are its parts.
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths,
        generator=torch.default_generator,
        pitch=batch.pitch, energy=batch.energy, speakers=batch.speakers,
        durations=None if durations is None else durations(batch),
    )  # fmt: skip
    targets = (1.0 + output.durations).log()
    losses = {
        "mel": mel_loss(output.mean.float(), batch.mels, batch.mel_lengths),
        "flow": flow_loss(output.velocity.float(), output.velocity_shown, batch.mel_lengths),
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


def flow_loss(velocity: Tensor, shown: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean squared error of velocities (B, M, T) over the real frames.

    References
    ----------
    Lipman et al. 2022, arXiv 2210.02747, equation 23.
    """
    frames = valid_mask(lengths, max_length=shown.shape[2]).sum()
    return (velocity - shown).square().sum() / (frames * shown.shape[1])


def matcha_step(
    model: AveragedGenerator[Matcha],
    batch: TextMelBatch,
    *,
    progress: float = 1.0,
    durations: DurationSource | None = None,
) -> dict[str, Tensor]:
    """Return the named losses of the trained copy.

    Parameters
    ----------
    model : AveragedGenerator
        Of a Matcha.
    batch : TextMelBatch
        Normalized mels, with pitch and energy where the model has them.
    progress : float in 0..1
        Not used: the flow needs no schedule.
    durations : DurationSource, optional
        The source of the durations; None is the model's own aligner.
    """
    return matcha_losses(model.generator, batch, durations=durations)


def validate_matcha(
    model: AveragedGenerator[Matcha],
    data: AcousticData,
    *,
    settings: TrainingSettings,
    durations: DurationSource | None = None,
) -> Validation:
    """Validate the averaged model like every acoustic model, and measure how sharp its mels are.

    The score is the sum of the held-out losses of mean and flow. The distance to a recording isn't
    a score: a blurred mel is closer to every recording than a sharp mel of another take.
    """
    step = partial(matcha_losses, durations=durations)
    found = validate_acoustic(model.average, step, data, settings=settings)
    return found._replace(score=found.losses["mel"] + found.losses["flow"])


def train_matcha(
    data: AcousticData,
    run: Run,
    *,
    config: MatchaConfig | None = None,
    settings: TrainingSettings | None = None,
    durations: DurationSource | None = None,
) -> Checkpoint:
    """Train a Matcha-TTS and return its best checkpoint, with averaged weights.

    Its `lengthen` is set so that the held-out sentences, on average, last as long as spoken.

    Parameters
    ----------
    data : AcousticData
        Made with `prosody=True`, unless the config has neither pitch nor energy.
    run : Run
    config : MatchaConfig, optional
        `matcha_small` for the data's symbols and speakers when not given.
    settings : TrainingSettings, optional
        `MatchaSettings()` when not given.
    durations : DurationSource, optional
        The source of the durations. None is the model's own aligner or, for a model without one
        such as `matcha_small`, `hidden_markov_durations`, stored beside the checkpoints.

    Raises
    ------
    ValueError
        When the data lacks pitch, or the checkpoint to resume doesn't fit (`Run.begin`).
    """
    settings = settings or MatchaSettings()
    if config is None:
        config = matcha_small(n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers))
    if data.prosody is None and (config.pitch or config.energy):
        raise ValueError("this config needs pitch or energy; call acoustic_data(prosody=True)")
    if durations is None and not config.aligner_dim:
        durations = hidden_markov_durations(
            [data.training, data.held_out],
            symbols=data.tokenizer.symbols,
            path=run.last.with_name("durations.safetensors"),
        )
    torch.manual_seed(settings.seed)
    train(
        AveragedGenerator(Matcha(config)),
        step=partial(matcha_step, durations=durations),
        batch=data.training_batches(frame_budget=settings.frame_budget, seed=settings.seed),
        validate=lambda model: validate_matcha(model, data, settings=settings, durations=durations),
        settings=settings,
        template=data.checkpoint("matcha", config),
        run=run,
    )
    return _lasting_as_long(run, config)


def _lasting_as_long(run: Run, config: MatchaConfig) -> Checkpoint:
    """Set the best checkpoint's `lengthen` by the lengths at its validation; see `frames`."""
    best = run.result()
    validations = best.progress["validations"]
    if not validations:
        return best
    lengthen = config.lengthen / validations[-1]["length_ratio"]
    best = dataclasses.replace(best, config=best.config | {"lengthen": lengthen})
    if PartialState().is_main_process:
        save_checkpoint(run.best, best)
    return best
