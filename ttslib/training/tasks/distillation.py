"""Distill a Matcha-TTS: teach its flow to reach in one step what took several.

Papers: Luhman and Luhman 2021, Knowledge Distillation in Iterative Generative Models, arXiv
2101.02388; Liu et al. 2022, Flow Straight and Fast, arXiv 2209.03003 (distillation).

From given noise, the path of a trained flow always ends at the same mel. So where it ends can be
learned like any function: a student gets the noise, and its error is its distance from that end.
Recordings aren't needed, only texts: the teacher decides durations, pitch and energy, at random
speeds, heights and volumes, and draws each mel. Everything except the flow stays as it was.
"""

import math
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate.utils import gather_object
from torch import Tensor

from ttslib.checkpoints import Checkpoint, load_checkpoint, restored_model
from ttslib.models.matcha import Matcha, MatchaConfig, matcha_small
from ttslib.nn.randomness import seeded, uniform
from ttslib.records import TextMelBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.loop import train
from ttslib.training.state import Preset, Run, Validation
from ttslib.training.tasks.matcha import MatchaSettings
from ttslib.training.validation import shared, spread_over_speakers

__all__ = ["PRESETS", "DistillationSettings", "distill_matcha", "load_teacher"]

TEACHER_STEPS = 3  # of the path to follow
EXACT_STEPS = 12  # of the path to compare with in a validation
SPEED = 0.35  # natural logarithm of the largest factor of speed in training,
SHIFT = 1.0  # largest change of pitch and energy, in standard deviations,
NOISE = 0.5  # and of the amount of noise, as a share
SENTENCES = 24  # for a validation


@dataclass(frozen=True, kw_only=True)
class DistillationSettings(MatchaSettings):
    """Settings for distilling a Matcha-TTS."""

    steps: int = 2000


PRESETS = {"small": Preset(matcha_small, {})}  # the model is the teacher's, whatever its size


class Exercise(NamedTuple):
    """What a flow needs to draw the mels of a batch; the shapes are those of `models/matcha.py`."""

    noise: Tensor  # (B, S, P)
    condition: Tensor  # (B, S, W)
    mask: Tensor  # (B, S, 1)
    mean: Tensor  # (B, S, P), to which what is drawn will be added


def distill_matcha(
    teacher: str | Path,
    data: AcousticData,
    run: Run,
    *,
    settings: DistillationSettings | None = None,
) -> Checkpoint:
    """Distill a trained Matcha-TTS and return the best checkpoint, with averaged weights.

    Parameters
    ----------
    teacher : path
        Its checkpoint.
    data : AcousticData
        Any texts in the teacher's tokens, by its speakers; the recordings aren't used.
    run : Run
    settings : DistillationSettings, optional
        `DistillationSettings()` when not given.

    Raises
    ------
    ValueError
        When the teacher isn't a Matcha-TTS, is distilled already, or has other tokens or speakers
        than the data, or the checkpoint to resume doesn't fit (`Run.begin`).
    """
    settings = settings or DistillationSettings()
    checkpoint = load_teacher(teacher)
    if checkpoint.tokenizer != data.tokenizer.to_dict() or checkpoint.speakers != data.speakers:
        raise ValueError(f"{teacher} has other tokens or speakers than this corpus")
    model = restored_model(checkpoint, teacher, lambda: Matcha(MatchaConfig(**checkpoint.config)))
    model.requires_grad_(False)
    student = Matcha(replace(model.config, distilled=True)).requires_grad_(False)
    student.load_state_dict(model.state_dict())
    student.flow.requires_grad_(True)
    train(
        AveragedGenerator(student),
        step=partial(distillation_step, teacher=model),
        batch=data.training_batches(frame_budget=settings.frame_budget, seed=settings.seed),
        validate=lambda learned: validate_distillation(learned.average, model, data),
        settings=settings,
        template=replace(
            checkpoint,
            config=asdict(student.config),
            weights={},
            training={},
            progress={},
            provenance={"teacher": checkpoint.provenance},
        ),
        run=run,
    )
    return run.result()


def load_teacher(path: str | Path) -> Checkpoint:
    """Load a Matcha-TTS that can be distilled; raise a ValueError for any other checkpoint."""
    teacher = load_checkpoint(path)
    if teacher.model != "matcha" or teacher.tokenizer is None:
        raise ValueError(f"{path} is a {teacher.model}; only a Matcha-TTS can be distilled")
    if teacher.config.get("distilled"):
        raise ValueError(f"{path} is distilled already; give the one that it was distilled from")
    return teacher


def distillation_step(
    model: AveragedGenerator[Matcha],
    batch: TextMelBatch,
    *,
    teacher: Matcha,
    progress: float = 1.0,
) -> dict[str, Tensor]:
    """Return the mean squared distance from where the student arrives to where the path ends.

    Parameters
    ----------
    model : AveragedGenerator
        Of a distilled Matcha.
    batch : TextMelBatch
        Its texts are used. Random numbers are torch's own, which the loop seeds for each step.
    teacher : Matcha
    progress : float in 0..1
        Not used.
    """
    generator, device = torch.default_generator, batch.tokens.device

    def between(limit: float) -> Tensor:
        shape = (len(batch.tokens), 1)
        return limit * (2 * uniform(shape, generator=generator, device=device) - 1)

    exercise = _exercise(
        teacher.to(device), batch, generator,
        speed=between(SPEED).exp(), pitch_shift=between(SHIFT), energy_shift=between(SHIFT),
    )  # fmt: skip
    exercise = exercise._replace(noise=exercise.noise * (1 + between(NOISE)[..., None]))
    with torch.no_grad():
        end = _drawn(teacher, exercise, TEACHER_STEPS)
    error = _drawn(model.generator, exercise).float() - end.float()
    numbers = exercise.mask.sum() * error.shape[2]
    return {"loss": (error * exercise.mask).square().sum() / numbers}


@torch.no_grad()
def validate_distillation(student: Matcha, teacher: Matcha, data: AcousticData) -> Validation:
    """Measure how far the mels of held-out texts are from the ends of their paths.

    The score is the distance as a share of the mels' deviation.
    """
    device = next(student.parameters()).device
    found = []
    for number, index in shared(spread_over_speakers(data.held_out)[:SENTENCES]):
        batch = data.batch(data.held_out, [index]).to(device)
        exercise = _exercise(teacher.to(device), batch, seeded(number, device=device))
        end = _drawn(teacher, exercise, EXACT_STEPS)
        mel = exercise.mean + end
        pairs = (_drawn(student, exercise), end), (mel, mel.mean(dim=1, keepdim=True))
        found.append([float((a - b).square().sum()) for a, b in pairs])
    errors, deviations = torch.tensor(gather_object(found)).sum(dim=0).tolist()
    error = math.sqrt(errors / deviations)
    return Validation(
        losses={"error": error},
        figures={},
        summary=f"one step ends {error:.1%} of the mels' deviation away from the path's end",
        score=error,
        alignment=None,
        waveform=None,
        sample_rate=data.audio.sample_rate,
    )


@torch.no_grad()
def _exercise(
    teacher: Matcha, batch: TextMelBatch, generator: torch.Generator, **how: Tensor
) -> Exercise:
    """Plan the mels of a batch's texts, changed as `ProsodyEncoder.plan` takes it."""
    planned = teacher.plan(
        batch.tokens, batch.token_lengths, speakers=batch.speakers,
        max_frames=4 * batch.mels.shape[2], **how,
    )  # fmt: skip
    lengths = planned.lengths
    steps, mask = teacher.steps(planned.encoded, planned.durations, n_frames=int(lengths.max()))
    condition, mean = teacher.mean(steps, mask)
    noise = teacher.draw_noise(lengths, steps.shape[1], generator)
    return Exercise(teacher.config.temperature * noise, condition, mask, mean)


def _drawn(model: Matcha, exercise: Exercise, flow_steps: int = 1) -> Tensor:
    """Draw residuals (B, S, P)."""
    return model.follow(exercise.noise, exercise.condition, exercise.mask, flow_steps=flow_steps)
