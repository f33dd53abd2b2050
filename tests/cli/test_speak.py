"""What `ttslib speak` reads, where the sound goes, and that it needs no torch the second time."""

import io
import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ttslib.cli import main as cli
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.vocos import Vocos, VocosConfig
from ttslib.synthesis import voice_files
from ttslib.synthesis.quick import quick_voice
from ttslib.text.tokenizers import PhonemeTokenizer

pytest.importorskip("onnxruntime")


def save_voice(folder: Path, *, seed: int = 0) -> None:
    """Save an untrained FastSpeech 2 with a Vocos beside it."""
    torch.manual_seed(seed)
    tokenizer = PhonemeTokenizer()
    sizes = dict(
        n_symbols=len(tokenizer.symbols), n_speakers=2, dim=16, encoder_blocks=1,
        decoder_blocks=1, filter_dim=16, predictor_dim=16, aligner_dim=0,
    )  # fmt: skip
    model = FastSpeech2(FastSpeech2Config(**sizes))
    nn.init.constant_(model.duration.projection.bias, 1.5)  # some three frames a token
    names = ("pitch_mean", "pitch_std", "energy_mean", "energy_std")
    prosody = ProsodyNormalizer(**{name: torch.full((2,), 5.0) for name in names})
    made = dict(audio=AudioConfig(), tokenizer=tokenizer.to_dict(), speakers=("anna", "bert"))
    acoustic = Checkpoint(
        model="fastspeech2", config=sizes, weights=model.state_dict(),
        statistics={"mean": torch.full((80,), -5.0), "std": torch.full((80,), 2.0)}
        | prosody.state_dict(),
        **made,
    )  # fmt: skip
    save_checkpoint(folder / "acoustic.safetensors", acoustic)
    sizes = dict(channels=8, blocks=1, hidden=16)
    vocos = Vocos(VocosConfig(**sizes), AudioConfig())
    vocoder = Checkpoint(
        model="vocos", config=sizes, audio=AudioConfig(), weights=vocos.state_dict()
    )
    save_checkpoint(folder / "vocoder.safetensors", vocoder)
    (folder / "CARD.md").write_text("# tiny\n\nFor tests.\n", encoding="utf-8")


@pytest.fixture(scope="module")
def voices(tmp_path_factory) -> Path:
    """A folder of voices with one in it, and `onnx` beside, where its exported files are kept."""
    folder = tmp_path_factory.mktemp("data")
    save_voice(folder / "voices" / "tiny")
    return folder


@pytest.fixture(autouse=True)
def here(voices, tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(voice_files, "voices_folder", lambda: voices / "voices")
    monkeypatch.setattr(voice_files, "DEFAULT_VOICE", "tiny")
    monkeypatch.setenv("TTSLIB_DATA", str(voices))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def speak(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(["speak", *arguments])
    return caught.value.code


def give(monkeypatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def samples(path: str | Path | io.BytesIO) -> np.ndarray:
    with wave.open(str(path) if isinstance(path, str) else path, "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


TEXT = "Go on, do it now. It is late! Good night."


@pytest.mark.parametrize("arguments", [[], ["-"], ["--file", "story.txt"]])
def test_a_text_comes_from_the_line_from_input_or_from_a_file(here, monkeypatch, arguments):
    (here / "story.txt").write_text(TEXT, encoding="utf-8")
    give(monkeypatch, TEXT)
    assert speak(TEXT, "--out", "want.wav") == 0
    assert speak(*arguments) == 0
    assert (here / "speech.wav").read_bytes() == (here / "want.wav").read_bytes()


def test_lines_become_numbered_files(here, monkeypatch, capsys):
    give(monkeypatch, "Go on.\n\nIt is late!\n")
    assert speak("--lines", "--out", "lines/line.wav") == 0
    assert [path.name for path in sorted(here.glob("lines/*"))] == ["line-001.wav", "line-003.wav"]
    assert capsys.readouterr().out.count("\n") == 2
    assert speak("It is late!") == 0
    assert (here / "speech.wav").read_bytes() == (here / "lines/line-003.wav").read_bytes()


def test_json_lines_name_their_files_and_speakers(here, monkeypatch):
    give(monkeypatch, '{"text": "Go.", "out": "a.wav", "speaker": "bert"}\n{"text": "Go."}\n')
    assert speak("--json") == 0
    assert speak("Go.", "--speaker", "bert", "--out", "want.wav") == 0
    assert (here / "a.wav").read_bytes() == (here / "want.wav").read_bytes()
    assert (here / "speech-002.wav").read_bytes() != (here / "want.wav").read_bytes()


def test_standard_output_gets_a_wav_or_a_stream_of_samples(here, monkeypatch, capfdbinary):
    assert speak(TEXT) == 0
    want = samples("speech.wav")
    capfdbinary.readouterr()
    assert speak(TEXT, "--out", "-") == 0
    np.testing.assert_array_equal(samples(io.BytesIO(capfdbinary.readouterr().out)), want)
    give(monkeypatch, json.dumps({"text": TEXT, "out": "-"}))
    assert speak("--json") == 0
    np.testing.assert_array_equal(samples(io.BytesIO(capfdbinary.readouterr().out)), want)
    assert speak(TEXT, "--raw") == 0
    np.testing.assert_array_equal(np.frombuffer(capfdbinary.readouterr().out, "<i2"), want)


def test_windows_plays_with_python_itself(here, monkeypatch):
    (here / "winsound.py").write_text(
        "SND_FILENAME = 131072\ndef PlaySound(path, flags):\n    assert flags == SND_FILENAME\n"
        "    open('played.wav', 'wb').write(open(path, 'rb').read())\n"
    )
    assert speak(TEXT) == 0
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("PYTHONPATH", str(here))
    assert speak(TEXT, "--play") == 0
    assert (here / "played.wav").read_bytes() == (here / "speech.wav").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="the player is a shell script")
def test_play_gives_the_sound_to_a_player(here, monkeypatch):
    player = here / "bin" / "aplay"
    player.parent.mkdir()
    player.write_text('#!/bin/sh\nfor last; do :; done\n/bin/cp "$last" played.wav\n')
    player.chmod(0o755)
    assert speak(TEXT) == 0
    monkeypatch.setenv("PATH", str(player.parent))
    assert speak(TEXT, "--play") == 0
    assert (here / "played.wav").read_bytes() == (here / "speech.wav").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "given", "message"),
    [
        (["a", "--file", "b.txt"], "", "a text or --file"),
        (["--file", "missing.txt"], "", "can't read the text missing.txt"),
        (["a", "--lines"], "", "leave the text out"),
        (["--lines", "--json"], "", "--lines or --json"),
        (["--json"], "{", "line 1 isn't JSON"),
        (["--json"], "[" * 100_000, "line 1 isn't JSON"),
        (["--json"], '\n{"text": 3}', "line 2 must be an object"),
        (["--json"], '{"txt": "a"}', "it has 'txt'"),
        (["--json"], '{"text": "a", "out": "a.mp3"}', "a.mp3 must end in .wav"),
        (["a", "--out", "a.mp3"], "", "a.mp3 must end in .wav"),
        (["a", "--raw", "--play"], "", "--raw or --play"),
        (["a", "--play"], "", "--play needs one of these programs: afplay"),
    ],
)
def test_a_wrong_wish_is_one_line(here, monkeypatch, capsys, arguments, given, message):
    monkeypatch.setenv("PATH", "")
    give(monkeypatch, given)
    assert speak(*arguments) == 1
    told = capsys.readouterr().err.strip()
    assert message in told
    assert "\n" not in told
    assert not list(here.glob("*.wav"))


@pytest.mark.parametrize("seed", ["-1", str(2**64), "x"])
def test_a_wrong_seed_is_one_line(capsys, seed):
    assert speak("a", "--seed", seed) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_second_sentence_needs_no_torch_and_sounds_like_the_first(here, voices):
    assert speak(TEXT) == 0
    code = f"""
import sys
from pathlib import Path
from ttslib.cli import main as cli
from ttslib.synthesis import voice_files
voice_files.voices_folder = lambda: Path({str(voices / "voices")!r})
try:
    cli.main(["speak", {TEXT + " Zorblat."!r}, "--voice", "tiny", "--out", "longer.wav"])
except SystemExit as end:
    print(end.code, sorted({{"torch", "nltk", "g2p_en", "librosa"}} & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0 []"
    first, longer = samples("speech.wav"), samples("longer.wav")
    np.testing.assert_array_equal(first, longer[: len(first)])


def test_what_is_kept_follows_the_files_of_the_voice(here, voices, monkeypatch):
    assert speak(TEXT) == 0
    (kept,) = (voices / "onnx").iterdir()
    notices: list[str] = []
    assert quick_voice("tiny", notice=notices.append) is not None
    assert notices == []
    save_voice(voices / "voices" / "tiny", seed=1)
    assert speak(TEXT, "--out", "other.wav") == 0
    (now,) = (voices / "onnx").iterdir()
    assert now != kept
    assert (here / "other.wav").read_bytes() != (here / "speech.wav").read_bytes()


def test_where_nothing_can_be_kept_torch_speaks(here, monkeypatch):
    (here / "a file").touch()
    monkeypatch.setenv("TTSLIB_DATA", str(here / "a file"))
    assert quick_voice("tiny") is None
    assert speak("Go on.") == 0
    assert len(samples("speech.wav")) > 0


def test_a_lexicon_reaches_the_quick_voice(here):
    (here / "words.txt").write_text("GIF  JH IH1 F\n", encoding="utf-8")
    assert speak("A {JH IH1 F}.", "--out", "want.wav") == 0
    assert speak("A GIF.", "--lexicon", "words.txt") == 0
    assert (here / "speech.wav").read_bytes() == (here / "want.wav").read_bytes()


def test_a_voice_and_its_vocoder_are_kept_together_in_half_the_size(here, voices, monkeypatch):
    trained = voices / "voices" / "tiny"
    monkeypatch.setattr(voice_files, "voices_folder", lambda: here / "voices")
    keep = ["keep", str(trained / "acoustic.safetensors"), "mine", "--half"]
    with pytest.raises(SystemExit) as caught:
        cli.main([*keep, "--vocoder", str(trained / "vocoder.safetensors")])
    assert caught.value.code == 0
    for name in ("acoustic", "vocoder"):
        whole, half = (
            load_checkpoint(folder / f"{name}.safetensors")
            for folder in (trained, here / "voices" / "mine")
        )
        assert {tensor.dtype for tensor in half.weights.values()} == {torch.float16}
        assert half.config == whole.config
    assert speak("Go on.", "--voice", "mine") == 0
    with pytest.raises(SystemExit):
        cli.main(["keep", str(trained / "vocoder.safetensors"), "other", "--vocoder", "a"])
    assert not (here / "voices" / "other").exists()
