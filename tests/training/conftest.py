"""A corpus of generated tones and a mel small enough for the tests."""

import pytest
from training_fakes import RATE, write_tone

from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.records import Utterance

TEXTS = ("Hello there.", "A second one!", "And the third?", "Four in all.", "Five, then.", "Six.")


@pytest.fixture
def audio():
    return AudioConfig(
        sample_rate=RATE, n_fft=256, win_length=256, hop_length=80, n_mels=8, f_max=4000
    )


@pytest.fixture
def tones(tmp_path):
    """Six clips of two speakers, in a folder whose name has a space and other letters."""
    folder = tmp_path / "töne und mehr"
    folder.mkdir()
    utterances = []
    for number, text in enumerate(TEXTS):
        path = folder / f"clip {number}.wav"
        write_tone(path, hertz=300 + 100 * number, seconds=0.2 + 0.05 * number)
        speaker = "low" if number < 4 else "high"
        utterances.append(
            Utterance(id=f"clip_{number}", speaker=speaker, text=text, audio_path=path)
        )
    return Corpus(utterances)
