from pathlib import Path

import pytest
import torch

from ttslib.audio.files import read_audio
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig

CONFIG = AudioConfig()
SPEECH = Path(__file__).parents[3] / "shared/speech/kathleen/LibriTTS/train-kathleen/9001"


def vowels(seconds: float = 1.0, *, pitch: float = 140.0) -> torch.Tensor:
    """A buzz with a gliding pitch and a little breath, as a voice has them."""
    time = torch.arange(round(seconds * 24_000)) / 24_000
    phase = 2 * torch.pi * pitch * (time + 0.1 * time**2)
    breath = torch.randn(len(time), generator=torch.Generator().manual_seed(0))
    return sum(torch.sin(k * phase) / k for k in range(1, 30)) * 0.1 + 0.003 * breath


@pytest.fixture(scope="module")
def vocoder() -> GriffinLim:
    return GriffinLim(CONFIG)


@pytest.fixture(scope="module")
def mel() -> torch.Tensor:
    return MelSpectrogram(CONFIG)(vowels())[None]


def distance(waveform: torch.Tensor, mel: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of log-mels, frame by frame (T,)."""
    return (MelSpectrogram(CONFIG)(waveform) - mel).abs().mean(dim=(0, 1))


@pytest.mark.parametrize("frames", [1, 2, 3, 50])
@pytest.mark.parametrize("config", [CONFIG, AudioConfig(n_fft=800, win_length=600, hop_length=175)])
def test_as_many_samples_as_the_frames_stand_for(config, frames):
    waveform = GriffinLim(config, rounds=1)(torch.randn(2, 80, frames) - 5)
    assert waveform.shape == (2, frames * config.hop_length)
    assert waveform.isfinite().all()


def test_its_sound_has_the_mel_that_was_asked_for(vocoder, mel):
    inside = distance(vocoder(mel), mel)[2:-2]
    assert inside.mean() < 0.14


def test_the_ends_are_no_worse_than_a_little(vocoder, mel):
    """Un-centered frames overlap little at the ends, which unrepaired are off by far more."""
    by_frame = distance(vocoder(mel), mel)
    assert torch.cat([by_frame[:2], by_frame[-2:]]).max() < 0.4


def test_sound_is_where_the_mel_has_it(vocoder):
    """A shift by half a hop would go unheard and yet spoil every comparison with the recording."""
    click = torch.zeros(24_000)
    click[12_000:12_400] = vowels()[:400] * 3
    again = vocoder(MelSpectrogram(CONFIG)(click)[None])[0].square()
    time = torch.arange(len(again))
    truth = click[: len(again)].square()
    center = (again * time).sum() / again.sum() - (truth * time).sum() / truth.sum()
    assert center.abs() < 40


def test_the_volume_is_the_mels(vocoder, mel):
    loud, quiet = vocoder(mel), vocoder(mel - 3)
    torch.testing.assert_close(quiet * torch.e**3, loud, atol=1e-3, rtol=1e-2)
    original = vowels()[: loud.shape[1]].square().mean()
    assert loud.square().mean() == pytest.approx(float(original), rel=0.2)


def test_more_rounds_and_momentum_come_closer(mel):
    def error(**settings):
        return distance(GriffinLim(CONFIG, **settings)(mel), mel)[2:-2].mean()

    assert error(rounds=32) < error(rounds=4) * 0.9
    assert error(rounds=32) < error(rounds=32, momentum=0.0)


def test_magnitudes_are_non_negative_and_explain_the_mel(vocoder, mel):
    magnitude = vocoder.linear_magnitude(mel)
    assert magnitude.shape == (1, 513, mel.shape[2])
    assert (magnitude >= 0).all()
    explained = (vocoder.filters @ magnitude).log()
    assert (explained - mel).abs().mean() < 0.02


def test_a_batch_equals_its_items(vocoder, mel):
    other = MelSpectrogram(CONFIG)(vowels(pitch=220.0))[None]
    together = vocoder(torch.cat([mel, other]))
    torch.testing.assert_close(
        together, torch.cat([vocoder(mel), vocoder(other)]), atol=2e-3, rtol=0
    )


def test_the_same_sound_each_time_and_the_callers_random_state_untouched(vocoder, mel):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = vocoder(mel)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(vocoder(mel), first)
    assert not torch.equal(GriffinLim(CONFIG, seed=1)(mel), first)


def test_silence_stays_silent(vocoder):
    silence = torch.full((1, 80, 20), CONFIG.log_floor).log()
    assert vocoder(silence).abs().max() < 1e-4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_runs_on_a_gpu(vocoder, mel):
    on_gpu = GriffinLim(CONFIG).to("cuda")(mel.to("cuda"))
    assert on_gpu.device.type == "cuda"
    assert distance(on_gpu.cpu(), mel)[2:-2].mean() < 0.14


@pytest.mark.parametrize("shape", [(80, 10), (1, 40, 10), (1, 80, 0)])
def test_a_wrong_shape_is_refused(vocoder, shape):
    with pytest.raises(ValueError, match=r"needs log-mels \(batch, 80, frames\)"):
        vocoder(torch.zeros(shape))


@pytest.mark.parametrize("settings", [{"rounds": 0}, {"momentum": -0.1}])
def test_senseless_settings_are_refused(settings):
    with pytest.raises(ValueError, match="rounds >= 1 and momentum >= 0"):
        GriffinLim(CONFIG, **settings)


@pytest.mark.skipif(not SPEECH.is_dir(), reason="needs recordings of a person")
def test_real_speech_stays_intelligible(vocoder):
    stoi = pytest.importorskip("pystoi").stoi
    path = min(SPEECH.rglob("*.flac"))
    recording, rate = read_audio(path)
    mel = MelSpectrogram(CONFIG)(recording)
    again = vocoder(mel)
    assert stoi(recording[0, : again.shape[1]].numpy(), again[0].numpy(), rate) > 0.96
    assert distance(again, mel).mean() < 0.12
