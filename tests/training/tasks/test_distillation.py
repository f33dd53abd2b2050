"""A Matcha-TTS's flow is distilled: one step instead of several, and everything else stays."""

import dataclasses

import pytest
import torch
from training_fakes import StopAfter

from ttslib.checkpoints import load_checkpoint, save_checkpoint
from ttslib.models.matcha import Matcha, MatchaConfig
from ttslib.synthesis.voices import load_voice
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.state import Run
from ttslib.training.tasks.distillation import (
    DistillationSettings,
    distill_matcha,
    distillation_step,
    validate_distillation,
)

SETTINGS = DistillationSettings(steps=4, frame_budget=300, validate_every=2, save_every=3)


@pytest.fixture
def data(tones, audio, tmp_path):
    return acoustic_data(
        tones,
        tones,
        folder=tmp_path / "features",
        tokenizer=CharTokenizer(),
        audio=audio,
        prosody=True,
        jobs=1,
    )


@pytest.fixture
def teacher(data, tmp_path):
    """A checkpoint whose flow bends: 15 % of a mel's deviation would be lost in a single step."""
    torch.manual_seed(0)
    config = MatchaConfig(
        n_symbols=len(CharTokenizer().symbols), n_mels=8, n_speakers=2, dim=8, encoder_blocks=1,
        filter_dim=8, kernel_size=3, predictor_dim=8, aligner_dim=0, decoder_dim=16, mean_blocks=1,
        flow_blocks=1, decoder_kernel=3, expansion=2, frames_per_step=2, lengthen=1.1,
    )  # fmt: skip
    model = Matcha(config)
    with torch.no_grad():
        model.flow.last.weight.normal_(std=0.3)
        model.duration.projection.bias.fill_(1.5)
    path = tmp_path / "teacher.safetensors"
    checkpoint = data.checkpoint("matcha", config)
    save_checkpoint(path, dataclasses.replace(checkpoint, weights=model.state_dict()))
    return path


def _models(path):
    checkpoint = load_checkpoint(path)
    teacher = Matcha(MatchaConfig(**checkpoint.config)).eval().requires_grad_(False)
    student = Matcha(dataclasses.replace(teacher.config, distilled=True)).eval()
    for model in (teacher, student):
        model.load_state_dict(checkpoint.weights)
    return teacher, student


def test_one_step_learns_where_the_path_ends(data, teacher, tmp_path):
    settings = dataclasses.replace(SETTINGS, steps=40, validate_every=40, peak_learning_rate=1e-2)
    before = validate_distillation(*reversed(_models(teacher)), data).score
    found = distill_matcha(teacher, data, Run(tmp_path / "run"), settings=settings)
    after = found.progress["validations"][-1]["error"]
    assert 0 < after < 0.5 * before


def test_only_the_flow_learns_and_the_settings_stay(data, teacher, tmp_path):
    run = Run(tmp_path / "run")
    found, given = distill_matcha(teacher, data, run, settings=SETTINGS), load_checkpoint(teacher)
    assert found.config == given.config | {"distilled": True}
    assert found.statistics.keys() == given.statistics.keys()
    changed = {n for n, w in found.weights.items() if not torch.equal(w, given.weights[n])}
    assert changed == {n for n in given.weights if n.startswith("flow.")}
    usual, slow = (load_voice(run.best)("Hello there.", speed=speed) for speed in (1.0, 0.25))
    assert slow.seconds > 3 * usual.seconds


def test_resume_is_exact(data, teacher, tmp_path):
    straight = distill_matcha(teacher, data, Run(tmp_path / "straight"), settings=SETTINGS)

    distill_matcha(teacher, data, Run(tmp_path / "broken", monitor=StopAfter(2)), settings=SETTINGS)
    resumed = Run(tmp_path / "broken", resume=True)
    resumed = distill_matcha(teacher, data, resumed, settings=SETTINGS)
    assert all(torch.equal(resumed.weights[n], w) for n, w in straight.weights.items())


def test_the_loss_is_the_distance_from_the_paths_end(data, teacher):
    """It is 0 for a student that follows the path itself, and not for one that takes one step."""
    model, student = _models(teacher)
    patient = _models(teacher)[0]
    patient.follow = lambda *task, flow_steps: model.follow(*task, flow_steps=3)
    losses = []
    for one in (patient, student):
        torch.manual_seed(0)
        batch = data.batch(data.training, [0, 4])
        losses.append(distillation_step(AveragedGenerator(one), batch, teacher=model)["loss"])
    assert losses[0] == 0
    assert losses[1] > 1e-3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"model": "fastspeech2"}, "only a Matcha-TTS can be distilled"),
        ({"distilled": True}, "is distilled already"),
        ({"tokenizer": PhonemeTokenizer().to_dict()}, "other tokens or speakers"),
        ({"speakers": ("low", "other")}, "other tokens or speakers"),
    ],
)
def test_another_teacher_is_refused(data, teacher, tmp_path, change, complaint):
    given = load_checkpoint(teacher)
    if "distilled" in change:
        change = {"config": given.config | change}
    save_checkpoint(teacher, dataclasses.replace(given, **change))
    with pytest.raises(ValueError, match=complaint):
        distill_matcha(teacher, data, Run(tmp_path / "run"), settings=SETTINGS)
