"""Recognizers that transcribe speech: phonemes (a listener) or words (PocketSphinx, Whisper).

Shapes: S samples.
"""

import re
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.audio.mel import MelNormalizer, extract_mel_spectrogram
from ttslib.checkpoints import explained, load_checkpoint, restored_model
from ttslib.evaluation.measures.intelligibility import Unit
from ttslib.evaluation.measures.waveforms import require_sound
from ttslib.models.listener import Listener, ListenerConfig, plain_phonemes
from ttslib.synthesis.voice_files import voices_folder
from ttslib.text.normalize import normalize_text
from ttslib.text.tokenizers import PhonemeTokenizer

__all__ = ["PhonemeListener", "PocketSphinx", "Whisper"]

LISTENER = "listener.safetensors"
RATE = 16_000  # Hz: that of the recognizers' training data


class PhonemeListener:
    """A listener that `ttslib train listener` trained, for its corpus's phonemes.

    Parameters
    ----------
    listener : str or path
        A name next to the voices ("mini-listener"), or a checkpoint from training.

    Raises
    ------
    ValueError
        If there is no such listener, or the checkpoint is of another model.

    Taught in: notebooks/08_evaluation
    """

    unit: Unit = "phoneme"

    def __init__(self, listener: str | Path = "mini-listener"):
        path = voices_folder() / listener / LISTENER
        path = path if path.is_file() else Path(listener)
        if not path.is_file():
            known = ", ".join(p.parent.name for p in sorted(voices_folder().glob(f"*/{LISTENER}")))
            raise ValueError(
                f"there is no listener {str(listener)!r}; available: {known or 'none'}, or give "
                "the path of a checkpoint"
            )
        checkpoint = load_checkpoint(path)
        if checkpoint.model != "listener":
            raise ValueError(
                f"{path} is a {checkpoint.model}, not a listener; train one with ttslib train "
                "listener"
            )
        self.name = str(listener)
        self.audio = checkpoint.audio
        self.model = restored_model(
            checkpoint, path, lambda: Listener(ListenerConfig(**checkpoint.config))
        )
        with explained(path, "has broken statistics"):
            self.normalizer = MelNormalizer(**checkpoint.statistics)
        self.tokenizer = PhonemeTokenizer()

    def expected(self, text: str) -> str:
        """Return the phonemes of `text`, without stress."""
        return " ".join(plain_phonemes(self.tokenizer.split(text)))

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """Recognize the phonemes of a waveform."""
        samples = require_sound(waveform, name="the waveform")
        mel, _ = extract_mel_spectrogram(samples, sample_rate, config=self.audio)
        normalized = self.normalizer.normalize(torch.from_numpy(mel))[None]
        return " ".join(self.model.hear(normalized, torch.tensor([normalized.shape[2]]))[0])


class _WordRecognizer:
    """The common part of recognizers of words: one spelling for texts and transcripts."""

    unit: Unit = "word"

    def expected(self, text: str) -> str:
        """Return the words of `text` in lower case, numbers spelled out, without punctuation."""
        return " ".join(re.findall(r"[\w']+", normalize_text(text).lower()))

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """Recognize the words of a waveform."""
        samples = require_sound(waveform, name="the waveform")
        samples = resample(samples, source_rate=sample_rate, target_rate=RATE)
        return self.expected(self._transcribe(samples.clamp(-1, 1).numpy()))

    def _transcribe(self, samples: np.ndarray) -> str:
        raise NotImplementedError


class PocketSphinx(_WordRecognizer):
    """CMU Sphinx's small recognizer of English, with the model in its package: offline.

    It is old: expect a word error rate of 20 % for clear human speech, and nothing useful for
    espeak's voices.

    Raises
    ------
    ModuleNotFoundError
        When the package isn't installed.

    References
    ----------
    Huggins-Daines et al. 2006, PocketSphinx, ICASSP.

    Taught in: notebooks/08_evaluation
    """

    name = "pocketsphinx"

    def __init__(self):
        try:
            import pocketsphinx
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                'this needs the package pocketsphinx: pip install "ttslib-course[eval]"',
                name="pocketsphinx",
            ) from error
        self._package = pocketsphinx

    @cached_property
    def _decoder(self):
        return self._package.Decoder(samprate=RATE, loglevel="FATAL")

    def _transcribe(self, samples: np.ndarray) -> str:
        self._decoder.start_utt()
        self._decoder.process_raw((samples * 32767).astype(np.int16).tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return found.hypstr if found else ""


class Whisper(_WordRecognizer):
    """OpenAI's Whisper by faster-whisper, the usual recognizer for word error rates.

    Parameters
    ----------
    model : str or path
        A folder with a model in CTranslate2's format, such as faster-whisper-base.en. A name such
        as "base.en" is downloaded (150 MB for that one) into the Hugging Face cache if `download`.
    download : bool
        Allow the download.

    Raises
    ------
    ValueError
        If there is no such folder and `download` is False.
    ModuleNotFoundError
        When the package faster-whisper isn't installed.

    References
    ----------
    Radford et al. 2022, Robust Speech Recognition via Large-Scale Weak Supervision, arXiv
    2212.04356.

    Taught in: notebooks/08_evaluation
    """

    def __init__(self, model: str | Path, *, download: bool = False):
        if not Path(model).is_dir() and not download:
            raise ValueError(
                f"there is no folder {str(model)!r} with a Whisper model; give one, or fetch it: "
                f"Whisper({str(model)!r}, download=True) in Python, --recognizer "
                f"whisper-download:{model} of ttslib evaluate"
            )
        try:
            from faster_whisper import WhisperModel
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                'Whisper needs the package faster-whisper: pip install "ttslib-course[whisper]"',
                name="faster_whisper",
            ) from error
        self.name = f"whisper {Path(model).name}"
        self._model = WhisperModel(
            str(model), device="cpu", compute_type="int8", local_files_only=not download
        )

    def _transcribe(self, samples: np.ndarray) -> str:
        segments, _ = self._model.transcribe(
            samples, language="en", beam_size=5, condition_on_previous_text=False
        )
        return " ".join(segment.text for segment in segments)
