import librosa
import numpy as np
import pytest
import torch
import torchaudio

from ttslib.audio import mel as mel_module
from ttslib.audio.mel import (
    MelNormalizer,
    MelSpectrogram,
    band_sums,
    extract_mel_spectrogram,
    mel_segments,
    padded_segments,
)
from ttslib.config import AudioConfig

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
OTHER = AudioConfig(sample_rate=22_050, n_fft=800, win_length=600, hop_length=200, n_mels=40)


def noisy_tones(samples: int = 24_000, *, seed: int = 0) -> torch.Tensor:
    """Loud enough in every band that neither floor matters."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / 24_000
    tones = sum(np.sin(2 * np.pi * f * time) / 8 for f in (110, 450, 1700, 5200))
    return torch.from_numpy((tones + rng.normal(0, 0.1, samples)).astype("f4"))


def reflected(waveform: torch.Tensor, config: AudioConfig) -> np.ndarray:
    return np.pad(waveform.numpy(), (config.n_fft - config.hop_length) // 2, mode="reflect")


@pytest.mark.parametrize("config", [AudioConfig(), OTHER])
def test_equal_to_librosa(config):
    waveform = noisy_tones()
    theirs = librosa.feature.melspectrogram(
        y=reflected(waveform, config),
        sr=config.sample_rate,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        center=False,
        power=1,
        n_mels=config.n_mels,
        fmin=config.f_min,
        fmax=config.f_max,
    )
    ours = MelSpectrogram(config)(waveform).exp()
    torch.testing.assert_close(ours, torch.from_numpy(theirs), rtol=1e-4, atol=0)


@pytest.mark.parametrize("config", [AudioConfig(), OTHER])
def test_equal_to_torchaudio(config):
    waveform = noisy_tones()
    theirs = torchaudio.transforms.MelSpectrogram(
        sample_rate=config.sample_rate,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        center=False,
        power=1,
        n_mels=config.n_mels,
        f_min=config.f_min,
        f_max=config.f_max,
        norm="slaney",
        mel_scale="slaney",
    )(torch.from_numpy(reflected(waveform, config)))
    ours = MelSpectrogram(config)(waveform).exp()
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=0)


def test_framed_as_published_hifigan_weights_expect():
    """The formula of HiFi-GAN's meldataset.py at its own 22,050 Hz, frame by frame in numpy."""
    config = AudioConfig(sample_rate=22_050)
    waveform = noisy_tones(20 * 256 + 100) * torch.linspace(0, 1, 20 * 256 + 100) ** 4
    padded = np.pad(waveform.double().numpy(), 384, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    frames = [padded[t * 256 : t * 256 + 1024] * window for t in range(20)]
    spectrum = np.fft.rfft(np.stack(frames)).T
    magnitude = np.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)
    filters = librosa.filters.mel(sr=22_050, n_fft=1024, n_mels=80, fmin=0, fmax=8000)
    expected = np.log(np.maximum(filters @ magnitude, 1e-5))
    ours = MelSpectrogram(config)(waveform)
    assert ours.shape == (80, 20)
    np.testing.assert_allclose(ours.numpy(), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("samples", [400, 511, 512, 24_000, 24_063, 24_064])
def test_frames_are_samples_over_hop(samples):
    assert MelSpectrogram(AudioConfig())(noisy_tones(samples)).shape == (80, samples // 256)


def test_frames_are_samples_over_hop_with_an_odd_difference():
    config = AudioConfig(n_fft=1024, hop_length=255)
    assert MelSpectrogram(config)(noisy_tones(255 * 40)).shape == (80, 40)


@pytest.mark.parametrize("device", DEVICES)
def test_a_batch_equals_its_items(device):
    transform = MelSpectrogram(AudioConfig()).to(device)
    batch = torch.stack([noisy_tones(seed=seed) for seed in range(3)]).to(device)
    mels = transform(batch)
    assert mels.device.type == device
    for waveform, mel in zip(batch, mels, strict=True):
        torch.testing.assert_close(transform(waveform), mel)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_equals_the_cpu():
    transform = MelSpectrogram(AudioConfig())
    on_cpu = transform(noisy_tones())
    on_gpu = transform.to("cuda")(noisy_tones().to("cuda")).cpu()
    torch.testing.assert_close(on_gpu, on_cpu, atol=1e-4, rtol=1e-4)


def test_zeros_behind_a_clip_change_only_the_frames_that_see_them():
    transform = MelSpectrogram(AudioConfig())
    clip = noisy_tones(24_064)
    padded = torch.nn.functional.pad(clip, (0, 5000))
    torch.testing.assert_close(transform(padded)[:, :92], transform(clip)[:, :92])
    silence = transform(padded)[:, 97:]
    assert (silence < transform(clip).min()).all()


def test_silence_is_the_floor_and_has_a_finite_gradient():
    silence = torch.zeros(2048, requires_grad=True)
    mel = MelSpectrogram(AudioConfig(log_floor=1e-9))(silence)
    mel.sum().backward()
    assert silence.grad.isfinite().all()
    quiet = MelSpectrogram(AudioConfig())(torch.zeros(2048))
    torch.testing.assert_close(quiet, torch.full((80, 8), 1e-5).log())


def test_autocast_does_not_blur_the_mel():
    transform = MelSpectrogram(AudioConfig())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mel = transform(noisy_tones())
    assert torch.equal(mel, transform(noisy_tones()))


def test_a_state_dict_holds_nothing_that_the_config_says():
    assert MelSpectrogram(AudioConfig()).state_dict() == {}


@pytest.mark.parametrize("samples", [0, 1, 384])
def test_a_clip_that_is_too_short_is_refused_with_a_remedy(samples):
    with pytest.raises(ValueError, match=f"{samples} samples is too short.*needs 385.*pad it"):
        MelSpectrogram(AudioConfig())(torch.zeros(samples))


def test_a_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"got shape \(1, 1, 4000\)"):
        MelSpectrogram(AudioConfig())(torch.zeros(1, 1, 4000))


@pytest.mark.parametrize("one_channel", [lambda x: x, lambda x: x[None], lambda x: x.numpy()])
def test_extraction_takes_tensors_and_arrays(one_channel):
    waveform = noisy_tones()
    mel, magnitude = extract_mel_spectrogram(one_channel(waveform), 24_000)
    transform = MelSpectrogram(AudioConfig())
    np.testing.assert_array_equal(mel, transform(waveform).numpy())
    np.testing.assert_array_equal(magnitude, transform.magnitude(waveform).numpy())
    assert magnitude.shape == (513, 93)
    assert mel.dtype == np.float32


def test_extraction_resamples():
    time = torch.arange(48_000) / 48_000
    twice_as_fine = torch.sin(2 * torch.pi * 1000 * time)
    mel, _ = extract_mel_spectrogram(twice_as_fine, 48_000)
    expected, _ = extract_mel_spectrogram(twice_as_fine[::2], 24_000)
    assert mel.shape == (80, 93)
    assert mel.argmax(axis=0).tolist() == expected.argmax(axis=0).tolist()


def test_extraction_refuses_nan_and_channels():
    with pytest.raises(ValueError, match="NaN"):
        extract_mel_spectrogram(np.array([0.0, np.nan] * 500), 24_000)
    with pytest.raises(ValueError, match="average the channels"):
        extract_mel_spectrogram(np.zeros((2, 24_000)), 24_000)


def some_mels() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    scale = torch.linspace(0.5, 3, 80)[:, None]
    return [
        torch.randn(80, frames, generator=generator) * scale - 5 for frames in (40, 7, 300, 1, 90)
    ]


def test_statistics_in_one_pass_equal_those_of_all_frames_at_once():
    mels = some_mels()
    normalizer = MelNormalizer.from_mels(iter(mels))
    every_frame = torch.cat(mels, dim=1)
    torch.testing.assert_close(normalizer.mean, every_frame.mean(dim=1))
    torch.testing.assert_close(normalizer.std, every_frame.std(dim=1, correction=0))


def test_statistics_keep_their_digits_over_many_frames():
    """A naive float32 sum of squares loses a small deviation around a large mean."""
    mel = torch.full((2, 1000), -11.0)
    mel[:, ::2] += 0.01
    normalizer = MelNormalizer.from_mels(mel for _ in range(200))
    torch.testing.assert_close(normalizer.std, torch.full((2,), 0.005), rtol=1e-3, atol=0)


@pytest.mark.parametrize("shape", [(80, 12), (3, 80, 12)])
def test_normalizing_can_be_undone(shape):
    normalizer = MelNormalizer.from_mels(some_mels())
    mel = torch.randn(shape) - 5
    torch.testing.assert_close(normalizer.denormalize(normalizer.normalize(mel)), mel)


def test_normalized_frames_have_mean_0_and_deviation_1():
    mels = some_mels()
    normalized = MelNormalizer.from_mels(mels).normalize(torch.cat(mels, dim=1))
    torch.testing.assert_close(normalized.mean(dim=1), torch.zeros(80), atol=1e-4, rtol=0)
    torch.testing.assert_close(normalized.std(dim=1, correction=0), torch.ones(80))


def test_a_band_that_never_moves_stays_finite():
    mel = torch.randn(3, 50)
    mel[1] = float(np.log(1e-5))
    normalizer = MelNormalizer.from_mels([mel])
    assert normalizer.normalize(mel)[1].abs().max() < 1e-5
    assert normalizer.normalize(mel + 0.5)[1].abs().max() < 1  # another clip's may move
    torch.testing.assert_close(normalizer.denormalize(normalizer.normalize(mel)), mel)


def test_statistics_are_the_way_back():
    normalizer = MelNormalizer.from_mels(some_mels())
    again = MelNormalizer(**normalizer.statistics())
    assert torch.equal(again.mean, normalizer.mean)
    assert torch.equal(again.std, normalizer.std)


@pytest.mark.parametrize("mels", [[], [torch.zeros(80, 0)]])
def test_statistics_of_nothing_are_refused(mels):
    with pytest.raises(ValueError, match="no frames"):
        MelNormalizer.from_mels(mels)


@pytest.mark.parametrize("mel", [torch.full((80, 3), float("nan")), torch.zeros(1, 80, 3)])
def test_statistics_of_what_is_no_mel_are_refused(mel):
    with pytest.raises(ValueError, match="finite log-mels"):
        MelNormalizer.from_mels([mel])


def test_a_deviation_of_zero_is_refused():
    with pytest.raises(ValueError, match="std above 0"):
        MelNormalizer(mean=torch.zeros(80), std=torch.zeros(80))


def test_sums_kept_of_each_mel_give_the_same_statistics():
    mels = some_mels()
    kept = [(mel.shape[1], band_sums(mel)) for mel in mels]
    assert kept[0][1].shape == (2, 80)
    again, wanted = MelNormalizer.from_sums(kept), MelNormalizer.from_mels(mels)
    assert torch.equal(again.mean, wanted.mean)
    assert torch.equal(again.std, wanted.std)


@pytest.mark.parametrize("config", [AudioConfig(), OTHER])
@pytest.mark.parametrize("size", [7, 384, 1000, 100_000])
@pytest.mark.parametrize("samples", [512, 25_600 + 384, 25_600 + 769, 60_001])
def test_a_mel_in_pieces_is_the_whole_ones(monkeypatch, config, size, samples):
    waveform = noisy_tones(samples)
    whole = MelSpectrogram(config)(waveform).numpy()
    monkeypatch.setattr(mel_module, "SEGMENT", 50)
    streamed = np.concatenate(list(mel_segments(waveform.split(size), config=config)), axis=1)
    np.testing.assert_allclose(streamed, whole, atol=1e-5)
    mel, magnitude = extract_mel_spectrogram(waveform, config.sample_rate, config=config)
    np.testing.assert_allclose(mel, whole, atol=1e-5)
    np.testing.assert_allclose(magnitude, MelSpectrogram(config).magnitude(waveform), atol=1e-5)


def test_of_a_long_sound_only_a_stretch_is_held(monkeypatch):
    config = AudioConfig()
    monkeypatch.setattr(mel_module, "SEGMENT", 50)
    taken = []
    blocks = (taken.append(n) or noisy_tones(5000, seed=n) for n in range(100))
    for number, segment in enumerate(padded_segments(blocks, config=config), 1):
        assert len(segment) <= 52 * config.hop_length + config.n_fft
        assert 5000 * len(taken) <= 50 * config.hop_length * number + 3 * config.n_fft + 5000


def test_a_short_stream_is_refused():
    with pytest.raises(ValueError, match="a waveform of 300 samples is too short"):
        list(mel_segments([noisy_tones(200), noisy_tones(100)], config=AudioConfig()))
