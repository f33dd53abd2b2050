"""Training a Vocos: each loss counts, networks learn in turn, a longer training goes on."""

import dataclasses
import itertools

import pytest
import torch
from training_fakes import taken_run

from ttslib.checkpoints import load_checkpoint
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.models.vocos_discriminators import VocosDiscriminators, VocosDiscriminatorsConfig
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.pieces import segment_batch
from ttslib.training.data.vocoder import vocoder_data
from ttslib.training.gan_losses import SpectralDistance
from ttslib.training.tasks.vocos import PRESETS, VocosSettings, VocosStep, train_vocos

CONFIG = VocosConfig(
    mel_mean=-4.0, mel_std=3.0, channels=16, blocks=1, hidden=32, n_fft=320,
    pitch_channels=8, pitch_blocks=1,
)  # fmt: skip
JUDGES = VocosDiscriminatorsConfig(
    periods=(2, 3), period_channels=(4, 4, 4), windows=(64, 128), window_channels=(4, 4)
)
SETTINGS = VocosSettings(
    steps=6, frame_budget=32, segment_frames=16, judged_frames=12, windows=(64, 128, 256),
    pitch_until=2, adversarial_from=4, validate_every=3, save_every=2,
)  # fmt: skip


@pytest.fixture
def data(tones, audio, tmp_path):
    training, held_out = Corpus(tones.utterances[:4]), Corpus(tones.utterances[4:])
    folder = tmp_path / "features"
    return vocoder_data(training, held_out, folder=folder, audio=audio, pitch=True, jobs=1)


@pytest.fixture
def run(data, tmp_path):
    """Train the tiny one in a folder of this name, and load what it wrote last."""

    def run(name, **changes):
        where = taken_run(tmp_path / name, changes)
        settings = dataclasses.replace(SETTINGS, **changes)
        train_vocos(data, where, config=CONFIG, discriminators=JUDGES, settings=settings)
        return load_checkpoint(tmp_path / name / "last.safetensors")

    return run


@pytest.fixture
def turns_of(data, audio):
    """Return a model and the turns of its step with this number."""

    def turns_of(settings, *, number):
        torch.manual_seed(0)
        model = AveragedGenerator(Vocos(CONFIG, audio), VocosDiscriminators(JUDGES))
        model.steps.fill_(number)
        batch = segment_batch(data.training, 0, size=2, frames=16, seed=0, pitch=True)
        return model, VocosStep(settings, audio)(model, batch)

    return turns_of


def test_first_the_pitch_then_spectra_then_the_discriminators(turns_of):
    names = []
    for number in (1, 2, 4):
        _, step = turns_of(SETTINGS, number=number)
        names.append([set(losses) - {"loss"} for losses in step])
    spectral = {"mel", "stft", "pitch"}
    assert names == [
        [{"pitch"}],
        [spectral],
        [{"discriminators"}, spectral | {"adversarial", "features"}],
    ]


@pytest.mark.parametrize(
    ("weight", "names"),
    [
        ("spectral_weight", ("mel", "stft")),
        ("features_weight", ("features",)),
        ("adversarial_weight", ("adversarial",)),
    ],
)
def test_each_loss_counts_with_its_weight(weight, names, turns_of):
    assert getattr(VocosSettings(), weight) > 0
    found = {}
    for value in (0.0, 3.0):
        _, step = turns_of(dataclasses.replace(SETTINGS, **{weight: value}), number=4)
        found[value] = list(step)[-1]
    parts = sum(found[3.0][name] for name in names)
    assert parts > 1e-3
    torch.testing.assert_close(found[3.0]["loss"] - found[0.0]["loss"], 3 * parts)


@pytest.mark.parametrize("name", ["mel", "stft", "adversarial", "features"])
def test_each_loss_teaches_the_filters(name, turns_of):
    learner, step = turns_of(SETTINGS, number=4)
    next(step)
    next(step)[name].backward()
    gradient = learner.generator.last.weight.grad
    assert gradient.abs().sum() > 0
    assert learner.generator.pitch.last.weight.grad is None  # the sound doesn't teach the pitch


def test_the_discriminators_learn_in_their_own_turn_alone(turns_of):
    learner, step = turns_of(SETTINGS, number=4)
    next(step)["loss"].backward()
    assert all(p.grad is None for p in learner.generator.parameters())
    assert any(p.grad is not None for p in learner.discriminators.parameters())
    learner.zero_grad()
    next(step)["loss"].backward()
    assert all(p.grad is None for p in learner.discriminators.parameters())
    assert all(p.grad is not None for p in learner.generator.parameters())
    assert list(step) == []  # after which they may learn again
    assert all(p.requires_grad for p in learner.discriminators.parameters())


def test_within_a_few_turns_every_discriminator_judges():
    judge = VocosDiscriminators(JUDGES)
    sound = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))
    for turn in range(2):
        scores, _ = judge(sound, turn=turn)
        assert len(scores) == 3  # two periods, one window
        sum(score.sum() for score in scores).backward()
    assert all(p.grad is not None for p in judge.parameters())
    assert len(judge(sound).scores) == 4


def test_energy_distance_prefers_noise_to_the_hum_in_the_middle(audio):
    """Held against noise, other noise is nearest; the plain distance prefers a steady spectrum."""
    draw = torch.Generator().manual_seed(0)
    real, first, second = (torch.randn(4, 4000, generator=draw) for _ in range(3))
    distance = SpectralDistance(audio, windows=(64, 128))
    time = torch.arange(4000)
    click = torch.zeros(4000).index_fill_(0, time[::64], 5.6)  # as loud, a flat steady spectrum
    steady = click.repeat(4, 1)
    noisy = sum(distance(real, first, second).values())
    assert noisy < 0.8 * sum(distance(real, steady, steady).values())
    assert noisy < 0.8 * sum(distance(real, first, first).values())  # no second draw, no variety
    assert sum(distance(real, real, real).values()) == pytest.approx(0, abs=1e-6)


def test_a_piece_has_its_own_pitch(data):
    batch = segment_batch(data.training, 0, size=4, frames=16, seed=0, pitch=True)
    assert batch.pitch.shape == batch.voiced.shape == (4, 16)
    tones = {f"clip_{number}": 300.0 + 100 * number for number in range(6)}
    for name, pitch, voiced in zip(batch.ids, batch.pitch, batch.voiced, strict=True):
        if tones[name] < 500:  # higher, pYIN finds none
            assert voiced.mean() > 0.5
            assert pitch[voiced > 0].median() == pytest.approx(tones[name], rel=0.03)
    assert segment_batch(data.training, 0, size=4, frames=16, seed=0).pitch is None


def test_a_vocos_without_a_source_is_trained_by_the_same_step(data, tmp_path):
    config = dataclasses.replace(CONFIG, pitch_channels=0)
    where = taken_run(tmp_path / "plain", {})
    train_vocos(data, where, config=config, discriminators=JUDGES, settings=SETTINGS)
    vocoder = load_vocoder(tmp_path / "plain" / "last.safetensors")
    assert vocoder.pitch is None


def test_what_is_saved_to_speak_is_the_average(run, audio, tmp_path):
    torch.manual_seed(SETTINGS.seed)
    start = Vocos(CONFIG, audio).state_dict()
    saved = run("once")
    learner = {
        name.removeprefix("model.generator."): tensor
        for name, tensor in saved.training.items()
        if name.startswith("model.generator.")
    }
    assert set(saved.weights) == set(learner) == set(start)
    for name in ("first.weight", "last.weight", "pitch.last.weight"):
        assert not torch.equal(saved.weights[name], learner[name])
        assert not torch.equal(saved.weights[name], start[name])
    spoken = load_vocoder(tmp_path / "once" / "last.safetensors").state_dict()
    assert all(torch.equal(spoken[name], saved.weights[name]) for name in saved.weights)


def test_stopped_and_resumed_is_as_good_as_never_stopped(run):
    through = run("through")
    run("halves", steps=3, schedule_steps=6)
    halves = run("halves", resume=True)
    for name, tensor in through.weights.items():
        assert torch.equal(tensor, halves.weights[name]), name


def test_a_longer_training_goes_on_with_discriminators_and_no_higher_rate(run):
    """Schedules count steps: three times as many change nothing of what was decided."""
    run("long")
    saved = run("long", steps=18, resume=True)
    judged = [row["step"] for row in saved.progress["history"] if "discriminators" in row]
    assert judged == list(range(SETTINGS.adversarial_from + 1, 19))
    settings = VocosSettings(**saved.provenance["settings"])
    rates = [settings.learning_rate(step) for step in range(18)]
    assert rates[:6] == [SETTINGS.learning_rate(step) for step in range(6)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[1:]))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_fit_their_models(name):
    preset = PRESETS[name]
    settings = VocosSettings(**preset.settings)
    assert settings.judged_frames <= settings.segment_frames
    assert settings.adversarial_from < settings.steps
    discriminators = preset.parts["discriminators"]()
    assert max(settings.windows) <= settings.segment_frames * AudioConfig().hop_length
    assert max(discriminators.windows) <= settings.judged_frames * AudioConfig().hop_length
    with torch.device("meta"):
        Vocos(preset.config(), AudioConfig())
