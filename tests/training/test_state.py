"""Schedules that don't move, and what a resumed training refuses or reports."""

import dataclasses
import json
import signal
import sys
from itertools import pairwise

import pytest
import tiny_training
import torch
from tiny_training import tiny_train

from ttslib.checkpoints import load_checkpoint, save_checkpoint
from ttslib.training.state import TrainingSettings
from ttslib.training.tasks import (
    fastspeech2,
    hifigan,
    listener,
    tacotron2,
    vocos,
    waveglow,
    wavenet,
)

TASKS = (tacotron2, fastspeech2, hifigan, vocos, wavenet, waveglow, listener)


def _begun(folder, **changes):
    tiny_train(folder, steps=4, **changes)
    return folder / "last.safetensors"


def test_learning_rate_rises_and_falls():
    settings = TrainingSettings(steps=100, warmup=0.1, peak_learning_rate=1e-3)
    rates = [settings.learning_rate(step) for step in range(101)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(1e-3)
    assert rates[100] == pytest.approx(1e-5)
    assert all(a > b for a, b in pairwise(rates[10:]))


def test_a_held_rate_stays_at_its_peak_and_then_decays_exponentially():
    settings = TrainingSettings(
        steps=200, warmup=0.0, hold=0.5, decay="exponential", peak_learning_rate=1e-3
    )
    rates = [settings.learning_rate(step) for step in range(201)]
    assert set(rates[:101]) == {1e-3}
    assert rates[150] == pytest.approx(1e-4, rel=0.05)  # half the way to a hundredth
    assert rates[200] == pytest.approx(1e-5)


def test_the_inverse_square_root_is_vaswanis():
    settings = TrainingSettings(
        steps=160_000, warmup=4_000 / 160_000, decay="inverse_sqrt", peak_learning_rate=9.88e-4
    )
    for step in (0, 1_999, 3_999, 7_999, 100_000):
        number = step + 1
        wanted = 256**-0.5 * min(number**-0.5, number * 4_000**-1.5)
        assert settings.learning_rate(step) == pytest.approx(wanted, rel=1e-3)


def test_extending_a_training_moves_no_schedule():
    """A GAN of 20,000 steps that goes on to 60,000: rate and discriminators stay as they were."""
    begun = hifigan.HiFiGANSettings(steps=20_000)
    longer = dataclasses.replace(begun, steps=60_000, schedule_steps=20_000)
    for step in (0, 100, 9_999, 10_000, 19_999):
        assert longer.learning_rate(step) == begun.learning_rate(step)
        assert longer.progress(step) == begun.progress(step)
    assert longer.learning_rate(20_001) == begun.learning_rate(20_000)
    assert longer.progress(20_001) == 1.0 >= longer.adversarial_from


def test_a_resumed_training_keeps_the_length_of_its_schedule(tmp_path):
    _begun(tmp_path)
    tiny_train(tmp_path, steps=12, resume=True)
    saved = load_checkpoint(tmp_path / "last.safetensors").provenance["settings"]
    assert (saved["steps"], saved["schedule_steps"]) == (12, 4)
    settings = TrainingSettings(**saved | {"betas": tuple(saved["betas"])})
    rates = [settings.learning_rate(step) for step in range(12)]
    assert set(rates[4:]) == {rates[4]}
    assert rates[4] < min(rates[1:4])
    tiny_train(tmp_path, steps=20, resume=True)  # and again
    saved = load_checkpoint(tmp_path / "last.safetensors").provenance["settings"]
    assert (saved["steps"], saved["schedule_steps"]) == (20, 4)


@pytest.mark.parametrize(
    ("name", "value"), [("seed", 1), ("frame_budget", 5000), ("accumulate", 2)]
)
def test_what_decides_the_clips_of_a_step_cannot_change(name, value, tmp_path):
    before = _begun(tmp_path).read_bytes()
    with pytest.raises(ValueError, match=rf"was trained with {name}=.*, now it is {value}"):
        tiny_train(tmp_path, steps=8, resume=True, **{name: value})
    assert (tmp_path / "last.safetensors").read_bytes() == before


def test_fewer_steps_than_were_trained_are_refused(tmp_path):
    _begun(tmp_path)
    with pytest.raises(ValueError, match="has trained 4 steps already, more than steps=3"):
        tiny_train(tmp_path, steps=3, resume=True)


def test_a_checkpoint_without_its_optimizer_is_refused(tmp_path):
    last = _begun(tmp_path)
    save_checkpoint(last, dataclasses.replace(load_checkpoint(last), training={}))
    with pytest.raises(ValueError, match="lacks the optimizer's state"):
        tiny_train(tmp_path, steps=8, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_a_best_checkpoint_without_a_last_one_is_not_trained_over(tmp_path, resume):
    last = _begun(tmp_path, validate_every=2)
    best = last.with_name("best.safetensors")
    before = best.read_bytes()
    last.unlink()
    with pytest.raises(ValueError, match=r"holds best\.safetensors, but no last"):
        tiny_train(tmp_path, steps=8, resume=resume)
    assert best.read_bytes() == before


@pytest.mark.parametrize("progress", [{}, {"step": "x"}, {"step": 1, "wings": 2}, {"step": None}])
def test_a_broken_record_of_a_training_is_named(tmp_path, progress):
    last = _begun(tmp_path)
    save_checkpoint(last, dataclasses.replace(load_checkpoint(last), progress=progress))
    with pytest.raises(ValueError, match=r"last\.safetensors has a broken record of its training"):
        tiny_train(tmp_path, steps=8, resume=True)


def test_another_learning_rate_is_reported_in_one_line(tmp_path, capsys):
    _begun(tmp_path)
    tiny_train(tmp_path, steps=8, resume=True, peak_learning_rate=1e-4)
    told = [line for line in capsys.readouterr().out.splitlines() if "learning_rate" in line]
    assert told == ["from step 4 on, peak_learning_rate is 0.0001 (it was 0.002)"]


def test_a_second_training_in_one_folder_is_refused_while_the_first_lives(tmp_path):
    class Intruder:
        def on_step(self, step, losses):
            if step == 2:
                with pytest.raises(ValueError, match="another process trains into"):
                    tiny_train(tmp_path, steps=4)

        def on_validation(self, step, validation):
            pass

        def should_stop(self):
            return False

    tiny_train(tmp_path, steps=4, monitor=Intruder())
    tiny_train(tmp_path, steps=4)  # the first is over


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
def test_sigterm_saves_and_ends_as_ctrl_c_does(tmp_path):
    class Terminate:
        def on_step(self, step, losses):
            if step == 3:
                signal.raise_signal(signal.SIGTERM)

        def on_validation(self, step, validation):
            pass

        def should_stop(self):
            return False

    before = signal.getsignal(signal.SIGTERM)
    assert tiny_train(tmp_path, steps=8, monitor=Terminate()).step == 3
    assert signal.getsignal(signal.SIGTERM) is before
    assert load_checkpoint(tmp_path / "last.safetensors").progress["step"] == 3


def test_leftovers_of_killed_saves_are_cleared(tmp_path):
    (tmp_path / ".last.safetensors.99.part").write_bytes(b"half")
    (tmp_path / "notes.part").write_text("mine", encoding="utf-8")
    tiny_train(tmp_path, steps=1)
    assert sorted(path.name for path in tmp_path.glob("*.part")) == ["notes.part"]
    assert not list(tmp_path.glob(".*.part"))


def test_every_frame_counts_the_same_in_whichever_batch_it_is(tmp_path):
    """Accumulating a long and a short batch equals one batch of both."""

    def shorter(number):
        clips = tiny_training.batch(number)
        if number % 2:
            return dataclasses.replace(
                clips, mels=clips.mels[..., :4], mel_lengths=torch.tensor([4, 3])
            )
        return clips

    weights = {}

    def step(model, clips, *, progress):
        loss = model.decoder.projection.weight.sum() * (number_of_frames := clips.n_frames)
        return {"loss": loss / number_of_frames * clips.mels.shape[2]}

    def gradient(batches, accumulate, folder):
        seen = {}

        class Watch:
            def on_step(self, step, losses):
                seen["weight"] = None

            def on_validation(self, step, validation):
                pass

            def should_stop(self):
                return True

        tiny_train(
            folder, steps=4, batch=batches, accumulate=accumulate, step=step,
            gradient_clip=1e9, weight_decay=0.0, monitor=Watch(),
        )  # fmt: skip
        return load_checkpoint(folder / "last.safetensors").training[
            "exp_avg.decoder.projection.weight"
        ]

    weights = gradient(shorter, 2, tmp_path)
    frames = [shorter(number).n_frames for number in (0, 1)]
    widths = [shorter(number).mels.shape[2] for number in (0, 1)]
    wanted = sum(f * w for f, w in zip(frames, widths, strict=True)) / sum(frames)
    torch.testing.assert_close(weights, torch.full_like(weights, 0.1 * wanted))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__.rpartition(".")[2])
def test_presets_are_whole(task):
    settings = next(
        value
        for name, value in vars(task).items()
        if name.endswith("Settings") and value.__module__ == task.__name__
    )
    assert "small" in task.PRESETS
    for name, preset in task.PRESETS.items():
        chosen = settings(**preset.settings)
        assert chosen.steps >= chosen.validate_every >= chosen.save_every, name
        assert 0 < chosen.learning_rate(chosen.steps - 1) <= chosen.peak_learning_rate
        json.dumps(dataclasses.asdict(chosen))


def test_wavenets_published_pieces_are_longer_than_its_field():
    config = wavenet.PRESETS["published"].config()
    settings = wavenet.WaveNetSettings(**wavenet.PRESETS["published"].settings)
    assert settings.segment_frames * 256 > config.receptive_field
