"""An exported voice says the same, without torch, and refuses what it should."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from ttslib import load_voice
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.cli import main as cli
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.matcha import Matcha, MatchaConfig
from ttslib.models.vocos import LOUDEST, Vocos, VocosConfig
from ttslib.synthesis.export import export_onnx
from ttslib.synthesis.numpy_vocos import render
from ttslib.synthesis.onnx_voice import OnnxVoice
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.text.tokenizers import CharTokenizer

pytest.importorskip("onnxruntime")

AUDIO, TOKENIZER = AudioConfig(), CharTokenizer()
TEXT = "Go on, do it now. It is late! Good night to you all"
TOLERANCE = 1e-4  # of the loudest sample: 80 dB below it


def a_voice(vocoder=None, **sizes) -> Synthesizer:
    torch.manual_seed(0)
    small = dict(
        n_symbols=len(TOKENIZER.symbols), n_speakers=2, dim=16, encoder_blocks=1,
        decoder_blocks=1, filter_dim=16, predictor_dim=16, aligner_dim=0,
    )  # fmt: skip
    acoustic = FastSpeech2(FastSpeech2Config(**small | sizes))
    nn.init.constant_(acoustic.duration.projection.bias, 1.8)  # some five frames a token
    mean, std = torch.full((2,), 5.0), torch.tensor([0.2, 0.4])
    return Synthesizer(
        tokenizer=TOKENIZER,
        acoustic=acoustic,
        vocoder=vocoder or Vocos(VocosConfig(channels=8, blocks=1, hidden=16), AUDIO),
        audio=AUDIO,
        normalizer=MelNormalizer(mean=torch.full((80,), -5.0), std=torch.full((80,), 2.0)),
        prosody=ProsodyNormalizer(pitch_mean=mean, pitch_std=std, energy_mean=mean, energy_std=std),
        speakers=("anna", "bert"),
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return export_onnx(a_voice(), tmp_path_factory.mktemp("voices") / "small")


@pytest.mark.parametrize(
    "wish", [{}, {"speaker": "bert", "speed": 0.7, "pitch": 1.3, "energy": 0.6}]
)
def test_it_says_the_same_sample_for_sample(exported, wish):
    here, there = a_voice()(TEXT, **wish).waveform.numpy(), OnnxVoice(exported)(TEXT, **wish)
    assert there.shape == here.shape
    assert there.dtype == np.float32
    assert np.abs(there - here).max() < TOLERANCE * np.abs(here).max()


@pytest.mark.parametrize(
    "sizes",
    [
        {"postnet_dim": 8},
        {"pitch": False, "energy": False},
        {"frames_per_step": 2},
        {"frames_per_step": 3, "postnet_dim": 8},
    ],
)
def test_every_kind_of_fastspeech_can_be_exported(tmp_path, sizes):
    voice = a_voice(**sizes)
    here = voice("Go on.").waveform.numpy()
    there = OnnxVoice(export_onnx(voice, tmp_path / "voice"))("Go on.")
    assert there.shape == here.shape
    assert np.abs(there - here).max() < TOLERANCE * np.abs(here).max()


def test_a_hifigan_can_be_exported(tmp_path):
    sizes = HiFiGANConfig(channels=16, block_kernels=(3,), block_dilations=((1,),))
    voice = a_voice(vocoder=HiFiGAN(sizes, AUDIO))
    here = voice("Go on.").waveform.numpy()
    there = OnnxVoice(export_onnx(voice, tmp_path / "voice"))("Go on.")
    assert there.shape == here.shape
    assert np.abs(there - here).max() < TOLERANCE * np.abs(here).max()


def test_a_vocos_with_a_source_can_be_exported(tmp_path):
    torch.manual_seed(1)
    vocos = Vocos(VocosConfig(channels=8, blocks=1, hidden=16, pitch_channels=8), AUDIO)
    voice = a_voice(vocoder=vocos)
    exported = OnnxVoice(export_onnx(voice, tmp_path / "voice"))
    mel = 2 * torch.randn(1, 80, 30, generator=torch.Generator().manual_seed(0)) - 5
    sound = exported.sound(mel[0].numpy())
    assert sound.shape == (30 * AUDIO.hop_length,)
    assert sound.dtype == np.float32
    assert np.array_equal(sound, exported.sound(mel[0].numpy()))
    # numpy draws other noise than torch, so the two are compared with the same.
    filters, source = vocos.predict(mel), vocos.draw(mel)
    here = vocos.render(filters, source)[0].detach().numpy()
    there = render(
        filters.spectra[0].detach().numpy(),
        filters.pitch[0].detach().numpy(),
        audio=AUDIO,
        n_fft=1024,
        loudest=LOUDEST,
        source=(float(source.turn[0]), source.noise[0].numpy()),
    )
    assert np.abs(there - here).max() < 1e-3 * np.abs(here).max()


@pytest.fixture(scope="module", params=[False, True], ids=["steps", "distilled"])
def matcha(request):
    torch.manual_seed(0)
    voice = a_voice()
    config = MatchaConfig(
        n_symbols=len(TOKENIZER.symbols), n_speakers=2, dim=16, encoder_blocks=1, filter_dim=16,
        predictor_dim=16, aligner_dim=0, frames_per_step=2, decoder_dim=16, mean_blocks=1,
        flow_blocks=2, decoder_kernel=3, lengthen=1.2, distilled=request.param,
    )  # fmt: skip
    voice.acoustic = Matcha(config)
    nn.init.constant_(voice.acoustic.duration.projection.bias, 1.8)
    nn.init.normal_(voice.acoustic.flow.last.weight)
    return voice


@pytest.mark.parametrize("max_seconds", [15.0, 0.35])
def test_a_flow_draws_the_same_mel_from_the_same_noise(matcha, tmp_path, monkeypatch, max_seconds):
    there = OnnxVoice(export_onnx(matcha, tmp_path / "voice"))
    tokens = TOKENIZER.encode("Go on, do it now.")
    drawn = {}

    class Remembering:
        def standard_normal(self, shape):
            drawn["noise"] = np.random.RandomState(0).standard_normal(shape)
            return drawn["noise"]

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Remembering())
    mel = there.mel(tokens, speed=0.8, max_seconds=max_seconds)
    acoustic = matcha.acoustic.eval()
    with torch.no_grad():
        planned = acoustic.plan(
            torch.tensor([tokens]), torch.tensor([len(tokens)]), speakers=torch.tensor([0]),
            speed=0.8, max_frames=round(max_seconds * AUDIO.frames_per_second),
        )  # fmt: skip
        n_frames = int(planned.lengths)
        assert mel.shape == (80, n_frames)
        steps, mask = acoustic.steps(planned.encoded, planned.durations, n_frames=n_frames)
        condition, mean = acoustic.mean(steps, mask)
        deviation = acoustic.config.temperature * acoustic.config.noise
        noise = deviation * torch.from_numpy(drawn["noise"]).float()
        x = mean + acoustic.follow(noise, condition, mask, flow_steps=acoustic.config.flow_steps)
    here = matcha.normalizer.denormalize(x.reshape(1, -1, 80).transpose(1, 2))[0, :, :n_frames]
    np.testing.assert_allclose(mel, here.numpy(), atol=1e-3)


def test_a_flow_draws_other_noise_for_another_seed(matcha, tmp_path):
    voice = OnnxVoice(export_onnx(matcha, tmp_path / "voice"))
    first, same, other = (voice("Go on.", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert first.shape == other.shape
    assert not np.allclose(first, other)
    assert len(first) == len(matcha("Go on.").waveform)


def test_it_speaks_where_there_is_no_torch(exported):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from ttslib.synthesis.onnx_voice import OnnxVoice\n"
        f"print(len(OnnxVoice({str(exported)!r})('Go on.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) == len(a_voice()("Go on.").waveform)


def test_too_long_a_sentence_is_cut(exported):
    sound = OnnxVoice(exported)("Go on.", speed=1e-20, max_seconds=0.1)
    assert len(sound) == round(0.1 * AUDIO.frames_per_second) * AUDIO.hop_length


@pytest.mark.parametrize(
    ("text", "wish", "complaint"),
    [
        ("", {}, "the text is empty"),
        ("...", {}, "can be said"),
        ("Go on.", {"speaker": "carl"}, "'carl' doesn't exist; the voice has anna, bert"),
        ("Go on.", {"speed": 0}, "speed must be above 0"),
        ("Go on.", {"pitch": float("nan")}, "pitch must be above 0"),
    ],
)
def test_what_can_not_be_said_is_refused(exported, text, wish, complaint):
    with pytest.raises(ValueError, match=complaint):
        OnnxVoice(exported)(text, **wish)


def test_other_models_and_full_folders_are_refused(tmp_path):
    voice = a_voice()
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="is not empty"):
        export_onnx(voice, tmp_path)
    voice.vocoder = GriffinLim(AUDIO)
    with pytest.raises(ValueError, match="FastSpeech2 with a GriffinLim"):
        export_onnx(voice, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_lacks_something_is_named(exported, tmp_path):
    facts = json.loads((exported / "voice.json").read_text(encoding="utf-8"))
    assert facts["speakers"] == ["anna", "bert"]
    with pytest.raises(ValueError, match=r"lacks encoder.onnx, .*voice.json; ttslib export"):
        OnnxVoice(tmp_path)


def _run(*arguments: str, status: int) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    assert caught.value.code == status


def test_the_command_exports_the_shipped_voice(tmp_path, capsys):
    _run("export", str(tmp_path / "mini"), status=0)
    assert capsys.readouterr().out.strip() == str(tmp_path / "mini")
    text = "The grey cat sleeps. Does it?"
    here = load_voice("mini-fastspeech2")(text, speaker="9102").waveform.numpy()
    there = OnnxVoice(tmp_path / "mini")(text, speaker="9102")
    assert there.shape == here.shape
    assert np.abs(there - here).max() < TOLERANCE * np.abs(here).max()


def test_the_command_says_what_can_not_be_exported(tmp_path, capsys):
    _run("export", str(tmp_path / "new"), "--voice", "mini", status=1)
    assert "this voice is a Tacotron2" in capsys.readouterr().err
