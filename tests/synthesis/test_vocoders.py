"""A trained vocoder comes back from its checkpoint, and nothing else does."""

import dataclasses
import pickle

import pytest
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.synthesis.voice_files import voices_folder
from ttslib.synthesis.voices import named_vocoder
from ttslib.text.tokenizers import CharTokenizer

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
CONFIG = HiFiGANConfig(
    channels=8, upsample_rates=(4, 4), upsample_kernels=(8, 8), block_kernels=(3, 5),
    block_dilations=((1, 3), (1, 2)),
)  # fmt: skip

SHIPPED_SAMPLES = [
    0.013533,
    0.009050,
    -0.000516,
    -0.021840,
    -0.013373,
    0.012482,
    0.007167,
    -0.008777,
]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return HiFiGAN(CONFIG, AUDIO)


@pytest.fixture
def saved(model, tmp_path):
    """Save the model's checkpoint, with changes."""

    def save(**changes):
        parts = dict(
            model="hifigan",
            config=dataclasses.asdict(CONFIG),
            audio=AUDIO,
            weights=model.state_dict(),
        )
        return save_checkpoint(tmp_path / "v.safetensors", Checkpoint(**parts | changes))

    return save


def test_it_comes_back_as_it_was(model, saved):
    again = load_vocoder(saved())
    mel = torch.randn(2, 6, 5)
    assert again.config == CONFIG  # tuples, though JSON has none
    assert again.audio == AUDIO
    assert not again.training
    with torch.no_grad():
        torch.testing.assert_close(again(mel), model(mel))


def test_what_is_no_vocoder_is_refused(saved, model, tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        load_vocoder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="is a tacotron2, not a vocoder"):
        load_vocoder(saved(model="tacotron2"))
    with pytest.raises(ValueError, match="doesn't fit this version of ttslib"):
        load_vocoder(saved(config={"color": "red"}))
    weights = model.state_dict()
    del weights["last.bias"]
    with pytest.raises(ValueError, match=r"doesn't fit this version of ttslib .*last\.bias"):
        load_vocoder(saved(weights=weights))
    path = tmp_path / "pickled.safetensors"
    path.write_bytes(pickle.dumps(model.state_dict()))
    with pytest.raises(ValueError, match="`ttslib voices add` reads its tensors"):
        load_vocoder(path)


def test_joining_it_with_another_mel_lists_the_fields(saved):
    """The vocoder's own half of the synthesizer's promise."""
    theirs = dataclasses.replace(AUDIO, hop_length=32, f_max=3000.0)
    with pytest.raises(ValueError, match=r"hop_length: .*f_max: "):
        Synthesizer(
            tokenizer=CharTokenizer(),
            acoustic=torch.nn.Linear(1, 1),
            vocoder=load_vocoder(saved()),
            audio=theirs,
            normalizer=MelNormalizer(mean=torch.zeros(6), std=torch.ones(6)),
        )


def old_small_hifigan(**config) -> dict:
    """Return the config of a HiFi-GAN as it was saved before Vocos was a model of its own."""
    plain = dataclasses.asdict(CONFIG)
    added = dict(mel_mean=0.0, mel_std=1.0, frame_blocks=0, last_kernel=7, inverse_n_fft=0)
    return plain | added | config


def test_a_small_hifigan_of_earlier_versions_is_a_vocos(saved):
    torch.manual_seed(0)
    config = VocosConfig(mel_mean=-4.0, mel_std=3.0, channels=8, blocks=2, hidden=16, n_fft=64)
    vocos = Vocos(config, AUDIO).eval()
    inner = ("blocks.", "norms.")
    weights = {f"frame_blocks.{n}" if n.startswith(inner) else n: t
               for n, t in vocos.state_dict().items()}  # fmt: skip
    old = old_small_hifigan(mel_mean=-4.0, mel_std=3.0, frame_blocks=2, inverse_n_fft=64,
                            upsample_rates=[], upsample_kernels=[], last_kernel=1)  # fmt: skip
    again = load_vocoder(saved(config=old, weights=weights))
    assert again.config == config
    mel = torch.randn(2, 6, 5)
    with torch.no_grad():
        torch.testing.assert_close(again(mel), vocos(mel))


def test_a_plain_hifigan_of_earlier_versions_is_still_one(saved, model):
    again = load_vocoder(saved(config=old_small_hifigan()))
    assert again.config == CONFIG
    mel = torch.randn(2, 6, 5)
    with torch.no_grad():
        torch.testing.assert_close(again(mel), model(mel))


def test_the_shipped_vocoder_sounds_as_it_did():
    """Samples of the network under its old name and code, a HiFi-GAN with `frame_blocks`.

    It used the approximation of GELU by a hyperbolic tangent, which is why they differ a little.
    """
    vocoder = load_vocoder(voices_folder() / "mini-vocos" / "vocoder.safetensors")
    assert isinstance(vocoder, Vocos)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        sound = vocoder(2 * torch.randn(1, 80, 40, generator=draw) - 5)[0]
    expected = torch.tensor(SHIPPED_SAMPLES)
    torch.testing.assert_close(sound[5000:5008], expected, rtol=0, atol=3e-5)


def test_the_old_name_of_the_shipped_vocoder_works_with_a_notice():
    old = voices_folder() / "mini-hifigan" / "vocoder.safetensors"
    for load in (lambda: load_vocoder(old), lambda: named_vocoder("mini-hifigan", AudioConfig())):
        with pytest.warns(UserWarning, match="mini-hifigan is called mini-vocos now"):
            assert isinstance(load(), Vocos)
