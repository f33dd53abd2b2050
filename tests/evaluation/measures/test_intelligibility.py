"""Error rates by hand, the recordings' own beside them, each recognizer, and bad input."""

import dataclasses
import os
import sys
import types

import numpy as np
import pytest
import torch
from made_speech import RATE, speech

from ttslib.checkpoints import Checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.corpora.mini.corpus import MINI_SPEAKERS
from ttslib.corpora.mini.espeak import speak
from ttslib.evaluation.measures.intelligibility import count_errors, intelligibility
from ttslib.evaluation.measures.recognizers import PhonemeListener, PocketSphinx, Whisper
from ttslib.models.listener import HEARD, Listener, ListenerConfig
from ttslib.synthesis.voice_files import list_voices, voices_folder
from ttslib.synthesis.voices import keep_voice, load_voice


def test_edits_are_counted_by_kind():
    found = count_errors("the cat sat on the mat", "a cat sat the the mat now")
    assert (found.substitutions, found.deletions, found.insertions) == (2, 0, 1)
    assert (found.wrong, found.spoken, found.rate) == (3, 6, 0.5)
    assert str(found) == ("word error rate 50.0 % (2 substituted, 0 left out, 1 added, of 6)")


def test_characters_and_phonemes_are_units_too():
    assert count_errors("a cat", "a hat", unit="character").rate == 1 / 5
    assert count_errors("HH AH L OW", "HH AH OW", unit="phoneme").rate == 1 / 4


def test_nothing_heard_is_everything_left_out_and_too_much_is_over_one():
    assert count_errors("one two", "").deletions == 2
    assert count_errors("one", "one two three").rate == 2


def test_counts_add_up_by_units_not_by_sentences():
    both = count_errors("a b c d e f", "a b c d e f") + count_errors("a b", "")
    assert both.rate == 2 / 8
    with pytest.raises(ValueError, match="can't be added"):
        both + count_errors("a b", "", unit="phoneme")


class Parrot:
    """Hears as many words as the loudness says."""

    name, unit = "parrot", "word"

    def expected(self, text):
        return text

    def hear(self, waveform, *, sample_rate):
        return " ".join(["ay"] * round(float(waveform.max())))


def test_the_recordings_own_rate_stands_beside_the_systems():
    found = intelligibility(
        Parrot(),
        ["ay ay ay ay", "ay"],
        system=[torch.tensor([2.0]), torch.tensor([1.0])],
        recordings=[torch.tensor([4.0]), torch.tensor([2.0])],
        sample_rate=RATE,
    )
    assert (found.system.rate, found.recordings.rate) == (2 / 5, 1 / 5)
    assert str(found) == (
        "word error rate 40.0 %, of the recordings 20.0 % (2 sentences, by parrot)"
    )


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    """An untrained one, in a file."""
    config = ListenerConfig(dim=16, blocks=1, kernel_size=3)
    torch.manual_seed(0)
    checkpoint = Checkpoint(
        model="listener",
        config=dataclasses.asdict(config),
        audio=AudioConfig(),
        weights=Listener(config).state_dict(),
        statistics={"mean": torch.full((80,), -4.0), "std": torch.full((80,), 2.0)},
    )
    return save_checkpoint(tmp_path_factory.mktemp("listener") / "any.safetensors", checkpoint)


def test_a_listener_expects_phonemes_and_hears_at_every_rate(listener):
    ear = PhonemeListener(listener)
    assert ear.expected("Hello, you 2!") == "HH AH L OW Y UW T UW"
    heard = ear.hear(speech(), sample_rate=RATE)
    assert heard == ear.hear(speech()[None].numpy(), sample_rate=RATE)
    assert set(heard.split()) <= set(HEARD)
    assert isinstance(ear.hear(speech(), sample_rate=16_000), str)


def test_a_listener_that_isnt_there_or_isnt_one_gets_one_line(tmp_path):
    with pytest.raises(ValueError, match="no listener 'nobody'; available: "):
        PhonemeListener("nobody")
    other = Checkpoint(model="hifigan", config={}, audio=AudioConfig(), weights={})
    path = save_checkpoint(tmp_path / "other.safetensors", other)
    with pytest.raises(ValueError, match="is a hifigan, not a listener"):
        PhonemeListener(path)


def test_sphinx_hears_words():
    ear = PocketSphinx()
    assert ear.expected("It's 5 o'clock, Mr. Fox!") == "it's five o'clock mister fox"
    assert isinstance(ear.hear(speech(), sample_rate=RATE), str)


class FakeWhisper:
    """Stands in for faster_whisper.WhisperModel, and remembers how it was made."""

    def __init__(self, model, **settings):
        FakeWhisper.made = (model, settings)

    def transcribe(self, samples, *, language, **settings):
        assert samples.dtype == np.float32
        self.heard = len(samples)
        parts = [" At 7 a.m.,", f" {len(samples)} samples."]
        return iter(types.SimpleNamespace(text=part) for part in parts), None


def test_whisper_hears_words_of_a_local_model(tmp_path, monkeypatch):
    package = types.SimpleNamespace(WhisperModel=FakeWhisper)
    monkeypatch.setitem(sys.modules, "faster_whisper", package)
    ear = Whisper(tmp_path)
    assert FakeWhisper.made[1]["local_files_only"]
    heard = ear.hear(speech(), sample_rate=RATE)  # at 16 kHz, and spelled as texts are
    assert heard == "at seven ay em sixteen thousand samples"
    Whisper("base.en", download=True)
    assert not FakeWhisper.made[1]["local_files_only"]


def test_whisper_downloads_nothing_unasked_and_says_what_is_missing(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="download=True"):
        Whisper("base.en")
    monkeypatch.setitem(sys.modules, "faster_whisper", None)  # as if it weren't installed
    with pytest.raises(ModuleNotFoundError, match=r"ttslib-course\[whisper\]"):
        Whisper(tmp_path)


@pytest.mark.parametrize(
    ("texts", "system", "recordings", "complaint"),
    [
        ([], [], [], "no sentences"),
        (["a"], [], [speech()], "1 texts, 0 waveforms"),
        (["a"], [speech()], [None], "is missing"),
        (["a"], [torch.zeros(RATE)], [speech()], "is silent"),
        (["a"], [torch.full((RATE,), float("nan"))], [speech()], "NaN"),
    ],
)
def test_bad_input_gets_one_line(listener, texts, system, recordings, complaint):
    with pytest.raises(ValueError, match=complaint):
        intelligibility(
            PhonemeListener(listener), texts, system=system, recordings=recordings, sample_rate=RATE
        )


def test_bad_transcripts_get_one_line():
    with pytest.raises(ValueError, match="the expected text is empty"):
        count_errors(" ", "words")
    with pytest.raises(ValueError, match="unit must be one of"):
        count_errors("a", "a", unit="letter")


SENTENCES = (
    "The old sailor carried a basket of fresh fish to the market.",
    "Nobody had seen the grey cat since Thursday morning.",
    "A warm wind blew across the valley, and the children laughed.",
)


def test_the_shipped_listener_hears_what_is_said():
    """In sentences of today, by a voice of the mini corpus; and not what might have been said."""
    ear, voice = PhonemeListener("mini-listener"), MINI_SPEAKERS[0].voice
    heard = []
    for sentence in SENTENCES:
        samples, rate, _ = speak(sentence, voice)
        heard.append(ear.hear(samples / 32768, sample_rate=rate))
    own, other = (
        sum((count_errors(ear.expected(s), h, unit="phoneme").wrong for s, h in pairs))
        / sum(len(ear.expected(s).split()) for s in SENTENCES)
        for pairs in (zip(SENTENCES, heard, strict=True), zip(SENTENCES, heard[::-1], strict=True))
    )
    assert own < 0.1
    assert other > 0.4  # the middle one is its own


def test_a_listener_is_no_voice():
    assert (voices_folder() / "mini-listener").is_dir()
    assert "mini-listener" not in list_voices()
    with pytest.raises(ValueError, match="there is no voice 'mini-listener'"):
        load_voice("mini-listener")
    with pytest.raises(ValueError, match="is a listener, not an acoustic model"):
        keep_voice(voices_folder() / "mini-listener" / "listener.safetensors", "an-ear")
    assert not (voices_folder() / "an-ear").exists()


@pytest.mark.skipif("TTSLIB_WHISPER" not in os.environ, reason="names no folder with a Whisper")
def test_a_real_whisper_understands_the_default_voice():
    text = "The birch canoe slid on the smooth planks."
    whisper = Whisper(os.environ["TTSLIB_WHISPER"])
    heard = whisper.hear(load_voice()(text).waveform, sample_rate=24_000)
    assert count_errors(whisper.expected(text), heard, unit="word").rate <= 2 / 8
