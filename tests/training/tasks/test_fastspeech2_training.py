"""FastSpeech 2 from a corpus to a checkpoint: pitch in the cache, losses, resuming, speaking."""

import dataclasses

import numpy as np
import pytest
import torch
from training_fakes import StopAfter, write_tone

from ttslib.corpora.corpus import Corpus
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.synthesis.voices import load_voice
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.state import Run, TrainingSettings
from ttslib.training.tasks.fastspeech2 import fastspeech2_step, train_fastspeech2

SETTINGS = TrainingSettings(steps=4, frame_budget=300, validate_every=2, save_every=3)


@pytest.fixture
def data(tones, audio, tmp_path):
    utterances = []
    for number, utterance in enumerate(tones.utterances):
        path = tmp_path / f"held out {number}.wav"
        write_tone(path, hertz=200 + 20 * number, seconds=0.4)
        utterances.append(dataclasses.replace(utterance, id=f"held_{number}", audio_path=path))
    return acoustic_data(
        Corpus(utterances[:5]),
        Corpus([*utterances[:2], utterances[4]]),
        folder=tmp_path / "features",
        tokenizer=CharTokenizer(),
        audio=audio,
        prosody=True,
        jobs=1,
    )


@pytest.fixture
def config():
    return FastSpeech2Config(
        n_symbols=len(CharTokenizer().symbols),
        n_mels=8,
        n_speakers=2,
        dim=8,
        encoder_blocks=1,
        decoder_blocks=1,
        filter_dim=8,
        kernel_size=3,
        predictor_dim=8,
        aligner_dim=8,
    )


def test_a_batch_has_the_pitch_and_energy_of_each_frame(data):
    batch = data.batch(data.training, [0, 4], 1)
    assert batch.pitch.shape == batch.energy.shape == (2, batch.mels.shape[2])
    voiced = ~data.training.pitch(0).isnan()
    assert voiced.float().mean() > 0.5
    assert torch.equal(~batch.pitch[0, : len(voiced)].isnan(), voiced)


def test_pitch_is_normalized_with_the_clips_own_speaker(data):
    """In the deviations of another speaker, the mean over a speaker's clips would not be 0."""
    for speaker in range(2):
        own = np.flatnonzero(data.training.speaker_indices == speaker).tolist()
        batch = data.batch(data.training, own, 1)
        voiced = batch.pitch[~batch.pitch.isnan() & (batch.pitch != 0)]
        assert float(voiced.mean()) == pytest.approx(0, abs=1e-3)
        energy = [row[:n] for row, n in zip(batch.energy, batch.mel_lengths, strict=True)]
        assert float(torch.cat(energy).mean()) == pytest.approx(0, abs=1e-3)
    means = data.prosody.pitch_mean
    assert abs(float(means[0] - means[1])) > 0.01  # the test could fail


def test_the_predictors_drop_out_while_they_are_trained(data, config):
    torch.manual_seed(0)
    model = FastSpeech2(dataclasses.replace(config, dropout=0.0, predictor_dropout=0.5))
    batch = data.batch(data.training, [0, 4], 1)
    twice = [fastspeech2_step(model, batch) for _ in range(2)]
    for name in ("duration", "pitch", "energy"):
        assert twice[0][name] != twice[1][name], name


def test_the_losses_add_up_and_reach_every_parameter(data, config):
    torch.manual_seed(0)
    model = FastSpeech2(config)
    losses = fastspeech2_step(model, data.batch(data.training, [0, 4], 1))
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    assert set(losses) == {"mel", "duration", "pitch", "energy", "forward_sum", "sound"}
    total.backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_resume_is_exact_and_the_voice_can_be_told_how_to_speak(data, config, tmp_path, capsys):
    parts = dict(config=config, settings=SETTINGS)
    straight = train_fastspeech2(data, Run(tmp_path / "straight"), **parts)

    train_fastspeech2(data, Run(tmp_path / "broken", monitor=StopAfter(2)), **parts)
    resumed = train_fastspeech2(data, Run(tmp_path / "broken", resume=True), **parts)
    assert all(torch.equal(resumed.weights[n], w) for n, w in straight.weights.items())
    voice = load_voice(tmp_path / "straight" / "best.safetensors")
    voice.acoustic.duration.projection.bias.data.fill_(2.0)  # hardly trained, all is short
    usual, slow = (voice("Hello there.", speed=speed) for speed in (1.0, 0.25))
    assert slow.seconds > 3 * usual.seconds


def test_without_the_pitch_it_says_what_to_do(data, config, tmp_path):
    with pytest.raises(ValueError, match="prosody=True"):
        train_fastspeech2(dataclasses.replace(data, prosody=None), Run(tmp_path), config=config)
