"""Training WaveNet and WaveGlow: they learn what is likely, and a resume is exact."""

import dataclasses

import pytest
import torch
from training_fakes import taken_run

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import load_checkpoint
from ttslib.corpora.corpus import Corpus
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig
from ttslib.models.wavenet.wavenet import WaveNet, WaveNetConfig
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.pieces import segment_batch
from ttslib.training.data.vocoder import VocoderData, vocoder_data
from ttslib.training.tasks.waveglow import WaveGlowSettings, WaveGlowStep, train_waveglow
from ttslib.training.tasks.wavenet import WaveNetSettings, train_wavenet
from ttslib.training.validation import validate_likelihood

SIZES = dict(
    steps=6, frame_budget=20, segment_frames=10, peak_learning_rate=1e-2, validate_every=3,
    save_every=100,
)  # fmt: skip
WAVENET = WaveNetConfig(
    layers=2, cycle=2, kernel=2, residual=8, gated=8, skip=8, condition=8, upsample_rates=(4,)
)
WAVEGLOW = WaveGlowConfig(
    group=80, flows=2, early_every=1, early_channels=20, layers=2, channels=8, upsample_kernel=0
)
KINDS = {
    "wavenet": (train_wavenet, WAVENET, WaveNetSettings(**SIZES), WaveNet),
    "waveglow": (train_waveglow, WAVEGLOW, WaveGlowSettings(**SIZES), WaveGlow),
}
either = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def data(tones, audio, tmp_path) -> VocoderData:
    training, held_out = Corpus(tones.utterances[:4]), Corpus(tones.utterances[4:])
    return vocoder_data(training, held_out, folder=tmp_path / "features", audio=audio, jobs=1)


@pytest.fixture
def run(data, tmp_path):
    """Train the tiny one of a kind in a folder of this name, and load what it wrote last."""

    def run(kind, name, **changes):
        train, config, settings, _ = KINDS[kind]
        where = taken_run(tmp_path / name, changes)
        train(data, where, **dict(config=config, settings=settings) | changes)
        return load_checkpoint(tmp_path / name / "last.safetensors")

    return run


class _StopAfter:
    def __init__(self, steps):
        self.steps = steps

    def on_step(self, step, losses):
        self.steps -= 1

    def on_validation(self, step, validation):
        pass

    def should_stop(self):
        return self.steps <= 0


@either
def test_the_average_follows_each_step_not_each_batch(kind, run):
    settings = dataclasses.replace(KINDS[kind][2], accumulate=2)
    trained = run(kind, "accumulated", settings=settings)
    assert int(trained.training["model.steps"]) == trained.progress["step"] == 6
    pairs = [
        (trained.training[f"model.generator.{name}"], w) for name, w in trained.weights.items()
    ]
    assert not all(torch.equal(learning, average) for learning, average in pairs)


@pytest.mark.parametrize(("progress", "spoken"), [(0.2, False), (0.3, True)])
def test_waveglow_speaks_after_a_while_and_learns_from_its_spectra(data, audio, progress, spoken):
    torch.manual_seed(0)
    model = AveragedGenerator(WaveGlow(WAVEGLOW, audio))
    step = WaveGlowStep(MelSpectrogram(audio), spectral_from=0.25)
    batch = segment_batch(data.training, 0, size=2, frames=10, seed=0)
    losses = step(model, batch, progress=progress)
    assert set(losses) == {"loss", "likelihood"} | ({"mel", "stft"} if spoken else set())
    torch.testing.assert_close(losses["loss"], sum(v for n, v in losses.items() if n != "loss"))
    if spoken:
        losses["mel"].backward()
        assert all(p.grad.isfinite().all() for p in model.generator.couplings.parameters())
        assert any(p.grad.any() for p in model.generator.couplings.parameters())


@either
def test_resume_is_exact(kind, run):
    straight = run(kind, "straight")
    run(kind, "stopped", monitor=_StopAfter(2))
    resumed = run(kind, "stopped", resume=True)
    assert straight.progress["step"] == resumed.progress["step"] == 6
    for group in ("weights", "training"):
        ours, theirs = getattr(resumed, group), getattr(straight, group)
        assert ours.keys() == theirs.keys()
        for name in ours:
            assert torch.equal(ours[name], theirs[name]), name
    assert resumed.progress["history"] == straight.progress["history"]


@either
def test_it_learns_and_its_checkpoint_speaks(kind, run, data, tmp_path):
    settings = dataclasses.replace(KINDS[kind][2], steps=40, validate_every=20)
    last = run(kind, "run", settings=settings)
    first, second = last.progress["validations"]
    assert second["loss"] < first["loss"]
    vocoder = load_vocoder(tmp_path / "run" / "last.safetensors")
    assert type(vocoder) is KINDS[kind][3]
    assert vocoder.config == KINDS[kind][1]
    mel, sound = data.held_out[0]
    with torch.no_grad():
        assert vocoder(mel[None]).shape == sound[None].shape
    again = validate_likelihood(vocoder, data.held_out)
    assert again.score == pytest.approx(second["loss"], rel=1e-4)
    assert again.figures["mel_distance"] == pytest.approx(second["mel_distance"], rel=1e-3)


@either
def test_it_starts_from_another_and_refuses_a_stranger(kind, run, audio):
    _, config, settings, vocoder = KINDS[kind]
    torch.manual_seed(7)
    start = vocoder(config, audio)
    begun = run(kind, "run", start=start, settings=dataclasses.replace(settings, steps=0))
    for name, tensor in start.state_dict().items():
        torch.testing.assert_close(begun.weights[name], tensor)
    other = vocoder(config, dataclasses.replace(audio, sample_rate=16_000))
    with pytest.raises(ValueError, match="sample_rate: 8000 and 16000"):
        run(kind, "other", start=other)
    other = vocoder(dataclasses.replace(config, layers=3), audio)
    with pytest.raises(ValueError, match="has another config"):
        run(kind, "another", start=other)
    with pytest.raises(ValueError, match="was trained with another config"):
        run(kind, "run", config=dataclasses.replace(config, layers=3), resume=True)
