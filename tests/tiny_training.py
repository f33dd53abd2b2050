"""A training of milliseconds; as a program, one that can be killed.

    python tiny_training.py FOLDER STEPS [block-in-step N | die-in-save N]

resumes from FOLDER/last.safetensors where there is one, and saves after every step.
"""

import dataclasses
import os
import sys
from pathlib import Path

import torch

from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.records import TextMelBatch
from ttslib.training.loop import train
from ttslib.training.state import Progress, Run, TrainingSettings, Validation
from ttslib.training.tasks.tacotron2 import tacotron2_step

CONFIG = Tacotron2Config(
    n_symbols=9,
    n_mels=4,
    n_speakers=2,
    frames_per_step=2,
    encoder_dim=8,
    encoder_convolutions=1,
    prenet_dim=4,
    attention_rnn_dim=8,
    attention_dim=4,
    location_filters=2,
    location_kernel=3,
    decoder_rnn_dim=8,
    postnet_dim=4,
    postnet_convolutions=2,
)


def batch(number: int) -> TextMelBatch:
    """The batch of this number, always the same."""
    draw = torch.Generator().manual_seed(number)
    return TextMelBatch(
        ids=(f"clip_{number}_a", f"clip_{number}_b"),
        tokens=torch.randint(1, 9, (2, 5), generator=draw),
        token_lengths=torch.tensor([5, 5]),
        mels=torch.randn(2, 4, 8, generator=draw),
        mel_lengths=torch.tensor([8, 7]),
        speakers=torch.tensor([0, 1]),
    )


def validate(model: Tacotron2) -> Validation:
    """A look that costs nothing; each is better than the last."""
    return Validation(
        losses={"loss": 1.0},
        figures={"found": 0},
        summary="nothing to hear",
        score=-float(next(iter(model.state_dict().values())).abs().sum()),
        alignment=torch.eye(3),
        waveform=torch.zeros(100),
        sample_rate=8000,
    )


def template(**changes) -> Checkpoint:
    """What the checkpoint says besides the training."""
    return Checkpoint(
        model="tacotron2",
        config=dataclasses.asdict(CONFIG),
        audio=AudioConfig(n_mels=4),
        weights={},
        **changes,
    )


def tiny_train(folder: Path, *, steps: int, resume: bool = False, **changes) -> Progress:
    """Train in `folder`; `changes` are settings, or `step`, `batch`, `validate`, `monitor`."""
    parts = dict(step=tacotron2_step, batch=batch, validate=validate)
    parts |= {name: changes.pop(name) for name in parts if name in changes}
    run = Run(folder, resume=resume, monitor=changes.pop("monitor", None))
    settings = dict(steps=steps, validate_every=10_000, save_every=10_000) | changes
    torch.manual_seed(0)
    return train(
        Tacotron2(CONFIG),
        settings=TrainingSettings(**settings),
        template=template(),
        run=run,
        **parts,
    )


def poisoned(number: int):
    """Return the usual batches, but one has a NaN in its mel."""

    def bad(index):
        clips = batch(index)
        if index == number:
            clips.mels[0, 0, 2] = float("nan")
        return clips

    return bad


def blocking_step(number: int):
    """A step that says when it has begun its work, and never ends in step `number`."""
    calls = iter(range(10_000))

    def step(model, clips, *, progress):
        losses = tacotron2_step(model, clips, progress=progress)
        if next(calls) == number:
            print("in mid-step", flush=True)
            sys.stdin.read()  # until the parent kills this process
        return losses

    return step


def die_in_save(number: int) -> None:
    """End the process at once in save `number`, when all is written but nothing renamed."""
    saves, replace = iter(range(10_000)), os.replace

    def dying(source, target):
        if next(saves) == number:
            os._exit(17)
        replace(source, target)

    os.replace = dying


def main() -> None:
    folder, steps, *trouble = sys.argv[1:]
    folder, changes = Path(folder), {}
    if trouble and trouble[0] == "block-in-step":
        changes = {"step": blocking_step(int(trouble[1]))}
    elif trouble and trouble[0] == "die-in-save":
        die_in_save(int(trouble[1]))
    resume = (folder / "last.safetensors").exists()
    tiny_train(folder, steps=int(steps), resume=resume, **{"save_every": 1} | changes)


if __name__ == "__main__":
    main()
