"""A trained vocoder comes back from its checkpoint, and nothing else does."""

import dataclasses
import pickle

import pytest
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.text.tokenizers import CharTokenizer

AUDIO = AudioConfig(sample_rate=8000, n_fft=64, win_length=64, hop_length=16, n_mels=6, f_max=4000)
CONFIG = HiFiGANConfig(
    channels=8, upsample_rates=(4, 4), upsample_kernels=(8, 8), block_kernels=(3, 5),
    block_dilations=((1, 3), (1, 2)),
)  # fmt: skip


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
    with pytest.raises(ValueError, match="holds a tacotron2, no vocoder"):
        load_vocoder(saved(model="tacotron2"))
    with pytest.raises(ValueError, match="doesn't fit this version of ttslib"):
        load_vocoder(saved(config={"colour": "red"}))
    weights = model.state_dict()
    del weights["last.bias"]
    with pytest.raises(ValueError, match=r"doesn't fit this version of ttslib .*last\.bias"):
        load_vocoder(saved(weights=weights))
    path = tmp_path / "pickled.safetensors"
    path.write_bytes(pickle.dumps(model.state_dict()))
    with pytest.raises(ValueError, match="never loads one"):
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
