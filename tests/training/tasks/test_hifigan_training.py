"""Training a vocoder: pieces that fit their sound, D and then G, and a resume that is exact."""

import dataclasses

import numpy as np
import pytest
import soundfile
import torch
from training_fakes import RATE, taken_run

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import load_checkpoint
from ttslib.corpora.corpus import Corpus
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
)
from ttslib.nn.weight_norm import folded_weights
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.features import Features
from ttslib.training.data.pieces import segment_batch
from ttslib.training.data.vocoder import VocoderData, vocoder_data
from ttslib.training.tasks.hifigan import HiFiGANSettings, HiFiGANStep, train_hifigan
from ttslib.training.validation import spread_over_speakers, validate_vocoder

CONFIG = HiFiGANConfig(
    channels=8,
    upsample_rates=(8, 10),
    upsample_kernels=(16, 20),
    block_kernels=(3,),
    block_dilations=((1,),),
)
JUDGES = HiFiGANDiscriminatorsConfig(
    periods=(2,),
    period_channels=(4, 4),
    scales=(1,),
    scale_channels=(4,) * 7,
    scale_groups=(1, 2, 2, 2, 2, 2, 1),
)
SETTINGS = HiFiGANSettings(
    steps=6,
    frame_budget=32,
    segment_frames=16,
    adversarial_from=0.5,
    validate_every=3,
    save_every=100,
)


@pytest.fixture
def data(tones, audio, tmp_path) -> VocoderData:
    held_out = Corpus(tones.utterances[4:])
    training = Corpus(tones.utterances[:4])
    return vocoder_data(training, held_out, folder=tmp_path / "features", audio=audio, jobs=1)


@pytest.fixture
def run(data, tmp_path):
    """Train the tiny one in a folder of this name, and load what it wrote last."""

    def run(name, **changes):
        where = taken_run(tmp_path / name, changes)
        parts = dict(config=CONFIG, discriminators=JUDGES, settings=SETTINGS) | changes
        train_hifigan(data, where, **parts)
        return load_checkpoint(tmp_path / name / "last.safetensors")

    return run


class _StopAfter:
    def __init__(self, step):
        self.last, self.losses = step, []

    def on_step(self, step, losses):
        self.losses.append(losses)

    def on_validation(self, step, validation):
        pass

    def should_stop(self):
        return len(self.losses) >= self.last


# Pieces of clips


def test_no_frame_is_off_by_one(data, audio):
    """A piece's mel is that of its sound, but for the ends, where it knows what lies beyond."""
    transform, beyond = MelSpectrogram(audio), 2
    for number in range(5):
        batch = segment_batch(data.training, number, size=4, frames=16, seed=0)
        assert batch.mels.shape == (4, audio.n_mels, 16)
        assert batch.waveforms.shape == (4, 16 * audio.hop_length)
        own = transform(batch.waveforms)
        inside = slice(beyond, -beyond)
        torch.testing.assert_close(batch.mels[..., inside], own[..., inside], atol=1e-3, rtol=0)
        for shift in (-1, 1):
            shifted = own.roll(shift, dims=2)
            assert (batch.mels[..., inside] - shifted[..., inside]).abs().mean() > 0.01


def test_pieces_come_from_everywhere(data):
    """Starts and ends of clips too, and each clip by its length."""
    features = data.training.features
    ids = [utterance.id for utterance in features.utterances]
    lengths = dict(zip(ids, features.n_frames.tolist(), strict=True))
    names, first, last = [], 0, 0
    for number in range(40):
        batch = segment_batch(data.training, number, size=8, frames=16, seed=0)
        names += batch.ids
        for name, mel in zip(batch.ids, batch.mels, strict=True):
            place = ids.index(name)
            whole = data.training[place][0]
            first += torch.equal(mel, whole[:, :16])
            last += torch.equal(mel, whole[:, -16:])
    assert first > 0
    assert last > 0
    places = {name: frames - 15 for name, frames in lengths.items()}
    for name, number in places.items():
        expected = number / sum(places.values())
        assert names.count(name) / len(names) == pytest.approx(expected, abs=0.08)


def test_number_and_seed_fix_a_batch(data):
    def waveforms(number, seed=0):
        return segment_batch(data.training, number, size=4, frames=16, seed=seed).waveforms

    before = torch.random.get_rng_state()
    assert torch.equal(waveforms(3), waveforms(3))
    assert not torch.equal(waveforms(3), waveforms(4))
    assert not torch.equal(waveforms(3), waveforms(3, seed=1))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_clips_that_are_too_short_are_left_out(data):
    longest = int(data.training.features.n_frames.max())
    batch = segment_batch(data.training, 0, size=8, frames=longest, seed=0)
    assert len(set(batch.ids)) == 1
    with pytest.raises(ValueError, match=f"the longest has {longest}; lower segment_frames"):
        segment_batch(data.training, 0, size=8, frames=longest + 1, seed=0)


def test_audio_that_changed_since_is_noticed(data):
    path = data.training.features.utterance(0).audio_path
    soundfile.write(path, np.zeros(400), RATE)
    with pytest.raises(ValueError, match=r"clip_0 has 400 samples, .* compute the features again"):
        data.training[0]
    path.unlink()
    with pytest.warns(UserWarning, match="clip_0 is skipped"):
        with pytest.raises(ValueError, match="can't be read any more"):
            data.training[0]


def test_another_sample_rate_is_brought_to_the_mels(tones, audio, tmp_path):
    twice = dataclasses.replace(audio, sample_rate=2 * RATE)
    data = vocoder_data(tones, tones, folder=tmp_path / "f", audio=twice, jobs=1)
    mel, sound = data.training[0]
    assert len(sound) == mel.shape[1] * twice.hop_length
    torch.testing.assert_close(MelSpectrogram(twice)(sound)[:, :-2], mel[:, :-2], atol=1e-3, rtol=0)


# The step


@pytest.fixture
def model(audio):
    torch.manual_seed(0)
    model = AveragedGenerator(HiFiGAN(CONFIG, audio), HiFiGANDiscriminators(JUDGES))
    model.generator.add_weight_norm()
    return model


def learns(model, turns):
    """The names of the parts that each turn of a step moves, with its losses."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    before = {n: p.clone() for n, p in model.named_parameters()}
    for losses in turns:
        losses["loss"].backward()
        optimizer.step()
        optimizer.zero_grad()
        now = dict(model.named_parameters())
        moved = {n for n in now if not torch.equal(now[n], before[n])}
        before = {n: p.clone() for n, p in now.items()}
        yield losses, moved


def test_discriminators_learn_first_then_the_generator(model, data, audio):
    batch = segment_batch(data.training, 0, size=2, frames=16, seed=0)
    step = HiFiGANStep(MelSpectrogram(audio), adversarial_from=0.5, judged_frames=12)
    parts = {n.split(".")[0] for n, _ in model.named_parameters()}
    assert parts == {"average", "generator", "discriminators"}

    first, second = learns(model, step(model, batch, progress=0.5))
    assert set(first[0]) == {"loss", "discriminators"}
    every = {n for n, _ in model.named_parameters() if n.startswith("discriminators.")}
    assert first[1] == every
    assert set(second[0]) == {"loss", "mel", "stft", "adversarial", "features"}
    generator = {n for n, _ in model.named_parameters() if n.startswith("generator.")}
    assert second[1] == generator
    assert all(p.requires_grad for p in model.discriminators.parameters())


def test_the_generators_loss_weighs_its_parts_as_the_paper_does(model, data, audio):
    batch = segment_batch(data.training, 0, size=2, frames=16, seed=0)
    step = HiFiGANStep(MelSpectrogram(audio), adversarial_from=0.0, judged_frames=12)
    _, losses = step(model, batch, progress=0.5)
    spectra = 45 * (losses["mel"] + losses["stft"])
    wanted = spectra + losses["adversarial"] + 2 * losses["features"]
    torch.testing.assert_close(losses["loss"], wanted)
    assert losses["features"] > 0.01  # without it the sum would be another


def test_the_average_validates_in_evaluation_mode(model):
    model.train()
    assert model.generator.training
    assert not any(part.training for part in model.average.modules())


def test_validation_copies_clips_of_all_speakers(data):
    """`low` has four clips and comes first, `high` two: yet both are among the first two."""
    features = Features.joined([data.training.features, data.held_out.features])
    order = spread_over_speakers(features)
    assert sorted(order) == list(range(len(features)))
    first = {features.utterance(index).speaker for index in order[:2]}
    assert first == {"low", "high"}


def test_before_the_discriminators_join_the_generator_learns_alone(model, data, audio):
    batch = segment_batch(data.training, 0, size=2, frames=16, seed=0)
    step = HiFiGANStep(MelSpectrogram(audio), adversarial_from=0.5, judged_frames=12)
    ((losses, moved),) = learns(model, step(model, batch, progress=0.4))
    assert set(losses) == {"loss", "mel", "stft"}
    assert {n.split(".")[0] for n in moved} == {"generator"}


def test_discriminators_hear_the_middle_alone(model, data, audio):
    """12 of 16 frames: the first and the last two may be anything."""
    step = HiFiGANStep(MelSpectrogram(audio), adversarial_from=0.0, judged_frames=12)

    def judged(number):
        batch = segment_batch(data.training, 0, size=2, frames=16, seed=0)
        sound = batch.waveforms.clone()
        sound[:, number * audio.hop_length : (number + 1) * audio.hop_length] += 0.5
        changed = dataclasses.replace(batch, waveforms=sound)
        return next(iter(step(model.eval(), changed, progress=0.5)))["discriminators"].item()

    assert judged(0) == judged(1) == judged(14) == judged(15)
    assert judged(2) != judged(0)
    assert judged(13) != judged(0)


def test_the_average_follows_the_generator(model):
    start = model.average.first.weight.clone()
    with torch.no_grad():
        model.generator.first.bias += 1
    for _ in range(200):
        model.follow()
    recent = folded_weights(model.generator)
    torch.testing.assert_close(model.average.first.bias, recent["first.bias"], atol=1e-3, rtol=0)
    torch.testing.assert_close(model.average.first.weight, start)
    assert not any(p.requires_grad for p in model.average.parameters())


# The whole


def test_resume_is_exact_before_and_after_the_discriminators_join(run):
    straight = run("straight")
    for stop_after in (2, 2):  # at steps 2 and 4; they join at 3
        run("stopped", resume=True, monitor=_StopAfter(stop_after))
    resumed = run("stopped", resume=True)
    assert straight.progress["step"] == resumed.progress["step"] == 6
    for group in ("weights", "training"):
        ours, theirs = getattr(resumed, group), getattr(straight, group)
        assert ours.keys() == theirs.keys()
        for name in ours:
            assert torch.equal(ours[name], theirs[name]), name
    assert resumed.progress["history"] == straight.progress["history"]
    assert any(name.startswith("model.discriminators.") for name in straight.training)
    assert any(name.startswith("exp_avg.discriminators.") for name in straight.training)


def test_it_reports_the_losses_of_both(run):
    monitor = _StopAfter(99)
    run("run", monitor=monitor)
    assert set(monitor.losses[0]) == {"loss", "mel", "stft"}
    both = {"loss", "mel", "stft", "discriminators", "adversarial", "features"}
    assert set(monitor.losses[-1]) == both


def test_checkpoint_speaks_and_tensorboard_has_the_sound(run, data, tmp_path, capsys):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    last = run("run", provenance={"corpus": "tones"})
    assert last.provenance["corpus"] == "tones"
    assert last.model == "hifigan"
    vocoder = load_vocoder(tmp_path / "run" / "last.safetensors")
    assert vocoder.config == CONFIG
    assert vocoder.audio == data.audio
    assert vocoder(data.held_out[0][0][None]).shape == data.held_out[0][1][None].shape
    score = last.progress["validations"][-1]["mel_distance"]
    found = validate_vocoder(vocoder, data.held_out)
    assert found.score == pytest.approx(score, rel=1e-4)
    assert found.summary == "mean over 2 clips"
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert len(events.Audio("speech")) == 2
    assert [event.step for event in events.Scalars("validation/mel_distance")] == [3, 6]
    told = capsys.readouterr().out
    assert "free-running" not in told
    assert f"step 6: held-out mel {score:.3f}" in told


def test_it_learns(run):
    settings = dataclasses.replace(SETTINGS, steps=60, adversarial_from=1.0, validate_every=60)
    history = run("run", settings=settings).progress["history"]
    assert history[-1]["loss"] < 0.75 * history[0]["loss"]


def test_start_is_where_it_starts(run, data, audio):
    torch.manual_seed(7)
    start = HiFiGAN(CONFIG, audio)
    settings = dataclasses.replace(SETTINGS, steps=0)
    begun = run("run", start=start, settings=settings)
    for name, tensor in start.state_dict().items():
        torch.testing.assert_close(begun.weights[name], tensor)
    other = HiFiGAN(dataclasses.replace(CONFIG, channels=16), audio)
    with pytest.raises(ValueError, match="has another config"):
        run("other", start=other)
    other = HiFiGAN(CONFIG, dataclasses.replace(audio, sample_rate=16_000))
    with pytest.raises(ValueError, match="sample_rate: 8000 and 16000"):
        run("another", start=other)


def test_what_cannot_be_is_refused(run):
    with pytest.raises(ValueError, match="accumulate=2 isn't possible"):
        run("run", settings=dataclasses.replace(SETTINGS, accumulate=2))
    run("run", settings=dataclasses.replace(SETTINGS, steps=1))
    with pytest.raises(ValueError, match=r"was trained with another config"):
        run("run", config=dataclasses.replace(CONFIG, channels=16), resume=True)
