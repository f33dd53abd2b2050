"""Files as NVIDIA and the HiFi-GAN authors publish them become a voice that speaks."""

import json
import re
import wave
from pathlib import Path

import pytest
import torch
import torchaudio
from safetensors.torch import load_file

from ttslib.cli import main as cli
from ttslib.models.published import tacotron2 as published
from ttslib.models.tacotron2 import Tacotron2Config
from ttslib.synthesis import voice_files
from ttslib.synthesis.published import add_voice
from ttslib.synthesis.voices import load_voice

PARITY = Path(__file__).parents[1] / "models" / "published" / "parity"
NAMES_OF_NVIDIA = {  # torchaudio's names -> those of NVIDIA/tacotron2's model.py
    r"(convolutions\.\d+\.0)\.": r"\1.conv.",
    r"location_conv\.": "location_conv.conv.",
    r"(layers\.\d|query_layer|memory_layer|layer\.v|dense|linear_projection|gate_layer)\.": (
        r"\1.linear_layer."
    ),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with no voices, where the published size is a small one."""

    def small(*, n_symbols):
        return Tacotron2Config(
            n_symbols=n_symbols, encoder_dim=32, decoder_rnn_dim=48, attention_rnn_dim=40,
            prenet_dim=16, postnet_dim=24,
        )  # fmt: skip

    monkeypatch.setattr(published, "tacotron2_published", small)
    monkeypatch.setattr(voice_files, "voices_folder", lambda: tmp_path / "voices")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def torchaudios(n_symbols=148):
    torch.manual_seed(0)
    model = torchaudio.models.Tacotron2(
        n_symbol=n_symbols, encoder_embedding_dim=32, symbol_embedding_dim=32, decoder_rnn_dim=48,
        attention_rnn_dim=40, prenet_dim=16, postnet_embedding_dim=24,
    ).eval()  # fmt: skip
    torch.nn.init.constant_(model.decoder.gate_layer.bias, -0.1)  # it stops after some steps
    return model


def nvidias(state):
    """The state under NVIDIA's own names."""
    named = {}
    for name, tensor in state.items():
        for theirs, ours in NAMES_OF_NVIDIA.items():
            name = re.sub(theirs, ours, name)
        named[name] = tensor
    return named


def hifigan(folder: Path) -> Path:
    """The authors' generator_v1 with its JSON beside."""
    from safetensors import safe_open

    path = PARITY / "hifigan_resblock1.safetensors"
    with safe_open(path, framework="pt") as file:
        (folder / "config.json").write_text(file.metadata()["config"])
    tensors = load_file(path)
    state = {n.removeprefix("generator."): t for n, t in tensors.items() if n.startswith("gen")}
    torch.save({"generator": state}, folder / "generator_v1")
    return folder / "generator_v1"


@pytest.mark.parametrize("n_symbols", [148, 38])
@pytest.mark.parametrize("by", ["nvidia", "torchaudio"])
def test_a_published_pair_speaks_at_its_own_rate(here, n_symbols, by):
    theirs = torchaudios(n_symbols)
    if by == "nvidia":
        state = {f"module.{name}": tensor for name, tensor in nvidias(theirs.state_dict()).items()}
        assert "module.decoder.prenet.layers.0.linear_layer.weight" in state
        assert "module.encoder.convolutions.0.0.conv.weight" in state
        torch.save({"iteration": 9, "state_dict": state}, "tacotron2.pt")
    else:
        torch.save(theirs.state_dict(), "tacotron2.pt")
    folder = add_voice("mine", tacotron2="tacotron2.pt", vocoder=hifigan(here))
    voice = load_voice("mine")
    assert voice.audio.sample_rate == voice.vocoder.audio.sample_rate == 22_050
    letters = "_-!'(),.:;? "
    want = [letters.index(c) if c in letters else published.PUBLISHED_SYMBOLS[n_symbols].index(c)
            for c in "hello, world."]  # fmt: skip
    assert voice.tokenizer.encode("Hello, world.") == want
    assert max(want) < n_symbols
    with torch.no_grad():
        ours = voice.acoustic.encoder.embedding.weight
        torch.testing.assert_close(ours, theirs.embedding.weight)
    speech = voice("Hello, world.")
    assert speech.waveform.isfinite().all()
    assert len(speech.waveform) == speech.mel.shape[1] * 256
    assert "tacotron2.pt" in (folder / "CARD.md").read_text(encoding="utf-8")


def test_the_command_line_adds_and_speaks(here, capsys):
    torch.save({"state_dict": nvidias(torchaudios().state_dict())}, "tacotron2.pt")
    hifigan(here)
    for arguments in (
        ["voices", "add", "mine", "--tacotron2", "tacotron2.pt", "--vocoder", "generator_v1"],
        ["voices"],
        ["speak", "Hello.", "--voice", "mine"],
    ):
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 0
    assert "mine: Published weights: tacotron2 (`tacotron2.pt`) and hifigan" in (
        capsys.readouterr().out
    )
    with wave.open("speech.wav", "rb") as file:
        assert file.getframerate() == 22_050


def test_a_waveglow_is_told_by_its_tensors(here):
    torch.save(torchaudios().state_dict(), "tacotron2.pt")
    tensors = load_file(PARITY / "waveglow.safetensors")
    state = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    torch.save(state | {"upsample.weight": torch.zeros(80, 80, 1024)}, "waveglow.pt")
    add_voice("mine", tacotron2="tacotron2.pt", vocoder="waveglow.pt")
    assert type(load_voice("mine").vocoder).__name__ == "WaveGlow"


def test_half_precision_halves_the_file(here):
    torch.save(torchaudios().state_dict(), "tacotron2.pt")
    whole, half = (
        add_voice(f"half-{half}", tacotron2="tacotron2.pt", half=half) / "acoustic.safetensors"
        for half in (False, True)
    )
    assert half.stat().st_size < 0.6 * whole.stat().st_size


def test_what_does_not_fit_is_one_line_and_leaves_nothing(here):
    torch.save(torchaudios().state_dict(), "tacotron2.pt")
    torch.save(torchaudios(20).state_dict(), "other.pt")
    torch.save(torch.nn.Linear(2, 2), "whole.pt")
    torch.save({"a": torch.zeros(2)}, "else.pt")
    torch.save({n: t[:1] for n, t in torchaudios().state_dict().items() if t.dim()}, "cut.pt")
    config = json.loads(hifigan(here).with_name("config.json").read_text())
    Path("24k.json").write_text(json.dumps(config | {"sampling_rate": 24_000}))
    fits = {"tacotron2": "tacotron2.pt", "vocoder": "generator_v1"}
    for wrong, message in (
        ({"tacotron2": "nowhere.pt"}, "no published weights at nowhere.pt"),
        ({"tacotron2": "other.pt"}, "other.pt has 20 symbols; only tables of 148 or 38"),
        ({"tacotron2": "whole.pt"}, r"class torch.nn.modules.linear.Linear.*its state_dict\(\)"),
        ({"tacotron2": "else.pt"}, "else.pt holds no Tacotron 2"),
        ({"tacotron2": "cut.pt"}, "cut.pt: these weights do not fit"),
        ({"vocoder": "tacotron2.pt"}, "tacotron2.pt holds neither"),
        ({"vocoder": "whole.pt"}, r"its state_dict\(\)"),
        ({"config": "24k.json"}, "sample_rate: 22050 and 24000"),
        ({"config": "nowhere.json"}, "no HiFi-GAN config at nowhere.json"),
    ):
        with pytest.raises((ValueError, FileNotFoundError), match=message) as caught:
            add_voice("mine", **(fits | wrong))
        assert "\n" not in str(caught.value)
    assert not (here / "voices").exists()


@pytest.mark.parametrize("given", [{"voice": "generator_v1"}, {"vocoder": "generator_v1"}])
def test_a_published_file_in_a_voices_place_is_sent_to_the_right_command(here, given):
    torch.save(torchaudios().state_dict(), "tacotron2.pt")
    hifigan(here)
    add_voice("mine", tacotron2="tacotron2.pt")
    with pytest.raises(ValueError, match="`ttslib voices add` reads"):
        load_voice(**({"voice": "mine"} | given))
