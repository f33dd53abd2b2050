import dataclasses
from pathlib import Path

import pytest
import torch

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.models.vocos import Vocos
from ttslib.synthesis import voice_files
from ttslib.synthesis.vocoders import load_vocoder
from ttslib.synthesis.voice_files import list_voices, voices_folder
from ttslib.synthesis.voices import load_voice
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer

TOKENIZER = CharTokenizer()
CONFIG = {
    "n_symbols": len(TOKENIZER.symbols),
    "n_speakers": 2,
    "encoder_dim": 16,
    "prenet_dim": 8,
    "attention_rnn_dim": 16,
    "attention_dim": 8,
    "decoder_rnn_dim": 16,
    "postnet_dim": 8,
}
FORTY = {name: torch.ones(40) for name in ("mean", "std")}


def checkpoint(**changes) -> Checkpoint:
    torch.manual_seed(0)
    settings = {
        "model": "tacotron2",
        "config": CONFIG,
        "audio": AudioConfig(),
        "weights": Tacotron2(Tacotron2Config(**CONFIG)).state_dict(),
        "tokenizer": TOKENIZER.to_dict(),
        "statistics": {"mean": torch.full((80,), -5.0), "std": torch.full((80,), 2.0)},
        "speakers": ("anna", "bert"),
    }
    return Checkpoint(**{**settings, **changes})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A folder of voices with one in it, where `voices_folder` finds it."""
    folder = tmp_path / "Stimmen für alle"
    save_checkpoint(folder / "tiny" / "acoustic.safetensors", checkpoint())
    (folder / "tiny" / "CARD.md").write_text(
        "# tiny\n\nA voice that was\nnever trained; für Tests.\n\n## Figures\n\nNone.\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(voice_files, "voices_folder", lambda: folder)
    return folder


@pytest.mark.filterwarnings("ignore:the model didn't stop")
def test_a_voice_is_found_by_name_from_any_working_folder(folder, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    voice = load_voice("tiny")
    assert voice.speakers == ("anna", "bert")
    assert torch.equal(voice.normalizer.mean, torch.full((80,), -5.0))
    assert voice.tokenizer.symbols == TOKENIZER.symbols
    speech = voice("Hi there.", speaker="bert", max_seconds=0.1)
    assert speech.waveform.isfinite().all()


def test_a_voice_is_loaded_with_its_weights(folder):
    weights = checkpoint().weights
    loaded = load_voice("tiny").acoustic.state_dict()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)
    assert not load_voice("tiny").acoustic.training


@pytest.mark.parametrize("path", ["tiny", "tiny/acoustic.safetensors"])
def test_a_voice_is_loaded_by_path(folder, path):
    assert load_voice(folder / path).speakers == ("anna", "bert")
    assert load_voice(str(folder / path)).speakers == ("anna", "bert")


def test_voices_are_listed_with_the_first_lines_of_their_card(folder):
    assert list_voices() == {"tiny": "A voice that was never trained; für Tests."}
    (folder / "no voice").mkdir()
    assert list(list_voices(folder)) == ["tiny"]
    (folder / "tiny" / "CARD.md").unlink()
    assert list_voices() == {"tiny": "(no CARD.md)"}


@pytest.mark.parametrize("name", ["nobody", "../tiny", "", "."])
def test_an_unknown_voice_is_answered_with_those_that_exist(folder, name):
    with pytest.raises(ValueError, match=r"there is no voice .*; available: tiny"):
        load_voice(name)


def test_no_voices_at_all_are_said_to_be_none(tmp_path, monkeypatch):
    monkeypatch.setattr(voice_files, "voices_folder", lambda: tmp_path / "missing")
    assert list_voices() == {}
    with pytest.raises(ValueError, match="available: none"):
        load_voice("mini")


def test_a_voice_without_names_of_speakers(tmp_path):
    path = save_checkpoint(tmp_path / "a.safetensors", checkpoint(speakers=()))
    assert load_voice(path).speakers == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "hifigan"}, "is a hifigan, not an acoustic model"),
        ({"tokenizer": None}, "has no tokenizer"),
        ({"config": {**CONFIG, "wings": 2}}, "doesn't fit this version of ttslib .*wings"),
        ({"config": {**CONFIG, "postnet_dim": 12}}, "doesn't fit this version of ttslib .*size"),
        ({"statistics": {}}, "has broken settings .'mean' is missing"),
        ({"statistics": FORTY}, "statistics are of 40 mel"),
        ({"audio": AudioConfig(n_mels=40), "statistics": FORTY}, "n_mels=80, the rest 40"),
        ({"speakers": ("anna",)}, "n_speakers=2, the rest 1"),
        ({"speakers": ("anna", "bert\x1b[2J")}, "characters that can't be printed"),
        ({"config": {**CONFIG, "n_symbols": 7}}, "doesn't fit this version of ttslib"),
        ({"config": {**CONFIG, "attention_dim": 10**9}}, "config has the number 1e\\+09"),
        ({"config": {**CONFIG, "postnet_dim": 4096}}, "larger layers than its weights"),
        ({"config": {**CONFIG, "encoder_convolutions": 4000}}, "larger layers than its weights"),
        ({"config": {**CONFIG, "attention_rnn_dim": 0}}, "doesn't fit this version of ttslib"),
        ({"config": {**CONFIG, "attention_rnn_dim": None}}, "doesn't fit this version of ttslib"),
        ({"weights": {}}, "doesn't fit this version of ttslib .*Missing"),
    ],
)
def test_a_checkpoint_that_is_no_voice_is_refused_in_one_line(tmp_path, changes, message):
    path = save_checkpoint(tmp_path / "a.safetensors", checkpoint(**changes))
    with pytest.raises(ValueError, match=message) as caught:
        load_voice(path)
    assert str(caught.value).startswith(str(path))
    assert "a.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pickle_is_refused(tmp_path):
    torch.save({"weights": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="pickle"):
        load_voice(tmp_path / "a.safetensors")


def test_the_voices_lie_in_the_checkout_or_else_in_the_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "ttslib"
    package.mkdir(parents=True)
    module = package / "synthesis" / "voice_files.py"
    monkeypatch.setattr(voice_files, "__file__", str(module))
    assert voices_folder() == package / "voices"
    (tmp_path / "site-packages" / "pyproject.toml").touch()
    assert voices_folder() == tmp_path / "site-packages" / "data" / "voices"


def test_a_lexicon_comes_before_the_voice_s_own(folder, tmp_path):
    own = PhonemeTokenizer(lexicon={"gif": "G IH1 F", "ok": "OW1"}).to_dict()
    config = CONFIG | {"n_symbols": len(own["symbols"])}
    weights = Tacotron2(Tacotron2Config(**config)).state_dict()
    path = tmp_path / "reads phonemes.safetensors"
    save_checkpoint(path, checkpoint(config=config, weights=weights, tokenizer=own))
    lexicon = tmp_path / "lexicon.txt"
    lexicon.write_text("GIF  JH IH1 F\n", encoding="utf-8")
    assert load_voice(path).tokenizer.split("Gif ok") == ["G", "IH1", "F", " ", "OW1"]
    mine = load_voice(path, lexicon=lexicon).tokenizer
    assert mine.split("Gif ok") == ["JH", "IH1", "F", " ", "OW1"]
    with pytest.raises(ValueError, match="reads letters, and a lexicon has phonemes"):
        load_voice("tiny", lexicon=lexicon)


def save_vocoder(path: Path, audio: AudioConfig) -> Path:
    config = HiFiGANConfig(
        channels=8, upsample_rates=(16, 16), upsample_kernels=(32, 32), block_kernels=(3,),
        block_dilations=((1, 3),),
    )  # fmt: skip
    saved = Checkpoint(
        model="hifigan",
        config=dataclasses.asdict(config),
        audio=audio,
        weights=HiFiGAN(config, audio).state_dict(),
    )
    return save_checkpoint(path, saved)


@pytest.fixture
def vocoder(folder) -> Path:
    """A vocoder named hoarse, beside the voice."""
    return save_vocoder(folder / "hoarse" / "vocoder.safetensors", AudioConfig())


@pytest.mark.filterwarnings("ignore:the model didn't stop")
def test_a_voice_speaks_through_a_vocoder_by_name_or_path(folder, vocoder):
    by_name, by_path = (
        load_voice("tiny", vocoder=which)("Hi.", max_seconds=0.1) for which in ("hoarse", vocoder)
    )
    assert torch.equal(by_name.waveform, by_path.waveform)
    plain = load_voice("tiny")("Hi.", max_seconds=0.1)
    assert len(plain.waveform) == len(by_name.waveform)
    assert not torch.equal(plain.waveform, by_name.waveform)
    assert list(list_voices()) == ["tiny"]  # a vocoder alone is no voice


def test_an_unknown_vocoder_is_answered_with_those_that_exist(folder, vocoder):
    with pytest.raises(ValueError, match="no vocoder 'shrill'; available: griffin-lim, hoarse"):
        load_voice("tiny", vocoder="shrill")
    with pytest.raises(ValueError, match="is a tacotron2, not a vocoder"):
        load_voice("tiny", vocoder=folder / "tiny" / "acoustic.safetensors")


@pytest.mark.parametrize("model", ["vocos", "hifigan"])
def test_a_voice_speaks_through_its_corpus_s_own_vocoder_unless_told_otherwise(folder, model):
    save_vocoder(folder / f"attic-{model}" / "vocoder.safetensors", AudioConfig())
    of_attic = folder / "a.safetensors"
    for corpus in ("attic", "data/some folder/attic", ["attic"]):
        save_checkpoint(of_attic, checkpoint(provenance={"corpus": corpus}))
        assert isinstance(load_voice(of_attic).vocoder, HiFiGAN)
    assert isinstance(load_voice(of_attic, vocoder="griffin-lim").vocoder, GriffinLim)
    for provenance in ({}, {"corpus": None}, {"corpus": "cellar"}, {"corpus": "../hoarse"}):
        save_checkpoint(of_attic, checkpoint(provenance=provenance))
        assert isinstance(load_voice(of_attic).vocoder, GriffinLim)


def test_a_vocoder_in_the_voice_s_own_folder_comes_first(folder):
    save_vocoder(folder / "attic-vocos" / "vocoder.safetensors", AudioConfig())
    own = save_vocoder(folder / "mine" / "vocoder.safetensors", AudioConfig())
    path = folder / "mine" / "acoustic.safetensors"
    save_checkpoint(path, checkpoint(provenance={"corpus": "attic"}))
    found = load_voice(path).vocoder.state_dict()
    ours = load_vocoder(own).state_dict()
    assert all(torch.equal(found[name], ours[name]) for name in ours)


def test_a_vocoder_for_other_mels_is_no_default_and_an_error_when_asked_for(folder):
    other = AudioConfig(f_max=7000)
    save_vocoder(folder / "attic-hifigan" / "vocoder.safetensors", other)
    path = folder / "a.safetensors"
    save_checkpoint(path, checkpoint(provenance={"corpus": "attic"}))
    assert isinstance(load_voice(path).vocoder, GriffinLim)
    with pytest.raises(ValueError, match=r"\(f_max: 8000\.0 and 7000\)"):
        load_voice(path, vocoder="attic-hifigan")


@pytest.mark.parametrize("name", ["mini", "mini-fastspeech2"])
def test_the_shipped_voices_speak_through_the_shipped_vocoder(name):
    voice = load_voice(name)
    assert isinstance(voice.vocoder, Vocos)
    speech = voice("It speaks.")
    assert speech.stopped
    assert 0.05 < speech.waveform.abs().max() <= 1
    assert not voice.vocoder(speech.mel[None]).requires_grad  # fit to be drawn and played at once
