"""Matcha-TTS from a corpus to a checkpoint: losses, schedule, averaging, resuming, speaking."""

import dataclasses

import pytest
import torch
from training_fakes import StopAfter, write_tone

from ttslib.checkpoints import load_checkpoint
from ttslib.corpora.corpus import Corpus
from ttslib.models.matcha import Matcha, MatchaConfig
from ttslib.synthesis.voices import load_voice
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.data.teacher_mels import predict_features
from ttslib.training.state import Run
from ttslib.training.tasks.matcha import (
    PRESETS,
    MatchaSettings,
    flow_loss,
    matcha_losses,
    train_matcha,
    validate_matcha,
)

SETTINGS = MatchaSettings(steps=4, frame_budget=300, validate_every=2, save_every=3)


@pytest.fixture
def corpora(tones, tmp_path):
    utterances = []
    for number, utterance in enumerate(tones.utterances):
        path = tmp_path / f"held out {number}.wav"
        write_tone(path, hertz=200 + 20 * number, seconds=0.5)
        utterances.append(dataclasses.replace(utterance, id=f"held_{number}", audio_path=path))
    return Corpus(utterances[:5]), Corpus([*utterances[:2], utterances[4]])


@pytest.fixture
def data(corpora, audio, tmp_path):
    return acoustic_data(
        *corpora,
        folder=tmp_path / "features",
        tokenizer=CharTokenizer(),
        audio=audio,
        prosody=True,
        jobs=1,
    )


@pytest.fixture
def config():
    return MatchaConfig(
        n_symbols=len(CharTokenizer().symbols), n_mels=8, n_speakers=2, dim=8, encoder_blocks=1,
        filter_dim=8, kernel_size=3, predictor_dim=8, aligner_dim=0, decoder_dim=8, mean_blocks=1,
        flow_blocks=1, decoder_kernel=3, expansion=2, frames_per_step=2,
    )  # fmt: skip


@pytest.fixture
def with_aligner(config):
    return dataclasses.replace(config, aligner_dim=8)


def test_the_losses_add_up_and_reach_every_parameter(data, with_aligner):
    torch.manual_seed(0)
    model = Matcha(with_aligner)
    model.flow.last.weight.data.normal_()  # zeros at first: nothing before it would learn yet
    losses = matcha_losses(model, data.batch(data.training, [0, 4], 1))
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    assert set(losses) == {"mel", "flow", "duration", "pitch", "energy", "forward_sum", "sound"}
    total.backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_padding_doesnt_count_in_the_flow_loss():
    velocity, shown = torch.zeros(1, 2, 5), torch.ones(1, 2, 5)
    velocity[0, 0, 0] = 3.0
    shown[..., 2:] = 0
    assert float(flow_loss(velocity, shown, torch.tensor([2]))) == pytest.approx((4 + 3) / 4)


def test_the_learning_rate_rises_stays_and_falls():
    settings = MatchaSettings(steps=1000, peak_learning_rate=1.0)
    rates = [settings.learning_rate(step) for step in range(1000)]
    assert rates[24] == pytest.approx(0.5)
    assert set(rates[50:600]) == {1.0}
    assert rates[-1] < 0.02
    published = MatchaSettings(**PRESETS["published"].settings)
    assert {published.learning_rate(step) for step in (0, 9_999, 499_999)} == {1e-4}


def test_validation_looks_at_the_average_and_leaves_everything_as_it_was(data, with_aligner):
    torch.manual_seed(0)
    model = AveragedGenerator(Matcha(with_aligner))
    state, random = {n: t.clone() for n, t in model.state_dict().items()}, torch.get_rng_state()
    with torch.no_grad():
        model.average.duration.projection.bias.fill_(2.0)  # hardly trained, all is short
        model.generator.mean.projection.bias.fill_(torch.nan)
    found = validate_matcha(model, data, settings=SETTINGS)
    assert torch.tensor(list(found.losses.values())).isfinite().all()
    assert found.score == found.losses["mel"] + found.losses["flow"]
    assert found.figures["sharpness_variance"] > 0
    assert torch.equal(torch.get_rng_state(), random)
    same = model.state_dict()
    changed = {"average.duration.projection.bias", "generator.mean.projection.bias"}
    assert all(torch.equal(same[n], t) for n, t in state.items() if n not in changed)


def test_the_voice_is_made_to_last_as_long_as_the_recordings(data, config, tmp_path):
    run = Run(tmp_path, resume=True)
    for steps in (2, 4, 4):  # extended, and called again when all is done
        settings = dataclasses.replace(SETTINGS, steps=steps)
        best = train_matcha(data, run, config=config, settings=settings)
        lengthen = 1 / best.progress["validations"][-1]["length_ratio"]
        assert lengthen > 1  # hardly trained: every token lasts a frame
        assert best.config == dataclasses.asdict(config) | {"lengthen": lengthen}
        assert load_voice(run.best).acoustic.config.lengthen == lengthen
        assert load_checkpoint(run.last).config == dataclasses.asdict(config)


def test_resume_is_exact_and_the_voice_can_be_told_how_to_speak(data, config, corpora, tmp_path):
    parts = dict(config=config, settings=SETTINGS)
    straight = train_matcha(data, Run(tmp_path / "straight"), **parts)

    train_matcha(data, Run(tmp_path / "broken", monitor=StopAfter(2)), **parts)
    resumed = train_matcha(data, Run(tmp_path / "broken", resume=True), **parts)
    assert all(torch.equal(resumed.weights[n], w) for n, w in straight.weights.items())
    voice = load_voice(tmp_path / "straight" / "last.safetensors")
    voice.acoustic.duration.projection.bias.data.fill_(2.0)  # hardly trained, all is short
    usual, same, other = (voice("Hello there.", seed=seed) for seed in (0, 0, 1))
    assert torch.equal(usual.mel, same.mel)
    assert not torch.equal(usual.mel, other.mel)
    assert voice("Hello there.", speed=0.25).seconds > 3 * usual.seconds
    torch.testing.assert_close(torch.cat(list(voice.stream("Hello there."))), usual.waveform)

    predicted = predict_features(corpora[0], voice, folder=tmp_path / "features", jobs=1)
    assert predicted.n_frames.tolist() == data.training.n_frames.tolist()
    assert all(predicted[i][1].shape == data.training[i][1].shape for i in range(len(predicted)))


def test_without_the_pitch_it_says_what_to_do(data, config, tmp_path):
    with pytest.raises(ValueError, match="prosody=True"):
        train_matcha(dataclasses.replace(data, prosody=None), Run(tmp_path), config=config)
