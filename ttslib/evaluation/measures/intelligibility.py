"""What a machine understands of speech: word, character and phoneme error rates.

A recognizer is no person: it stumbles where nobody does, and a system that is trained on what it
likes gets flattered. So its rate on the recordings of the same sentences always stands beside: that
is what a perfect copy would get, and only the distance from it belongs to the system.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.audio.mel import MelNormalizer, extract_mel_spectrogram
from ttslib.checkpoints import load_checkpoint
from ttslib.evaluation.measures.waveforms import require_sound
from ttslib.models.listener import Listener, ListenerConfig, plain_phonemes
from ttslib.synthesis.voices import voices_folder
from ttslib.text.normalize import normalize_text
from ttslib.text.tokenizers import PhonemeTokenizer

__all__ = [
    "ErrorCounts",
    "Intelligibility",
    "PhonemeListener",
    "PocketSphinx",
    "Recognizer",
    "Whisper",
    "count_errors",
    "intelligibility",
]

Unit = Literal["word", "character", "phoneme"]
LISTENER = "listener.safetensors"
RATE = 16_000  # Hz: what recognizers of words were trained on


class Recognizer(Protocol):
    """Whoever writes down what is said."""

    name: str
    unit: Unit  # "word" or "phoneme"

    def expected(self, text: str) -> str:
        """What should be heard of `text`: words or phonemes, parted by spaces."""

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """What is heard, in the same form; a ValueError where there is no sound."""


@dataclass(frozen=True, kw_only=True)
class ErrorCounts:
    """The fewest edits that make what was heard of what was said; two of them can be added."""

    unit: Unit
    substitutions: int
    deletions: int
    insertions: int
    spoken: int  # units in what was said

    @property
    def wrong(self) -> int:
        """All edits."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Edits for each unit that was said: 0 is perfect, and it may be over 1."""
        return self.wrong / self.spoken

    def __add__(self, other: "ErrorCounts") -> "ErrorCounts":
        if self.unit != other.unit:
            raise ValueError(f"{self.unit} errors and {other.unit} errors can't be added")
        return ErrorCounts(
            unit=self.unit,
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
            spoken=self.spoken + other.spoken,
        )

    def __str__(self) -> str:
        return (
            f"{self.unit} error rate {100 * self.rate:.1f} % ({self.substitutions} substituted, "
            f"{self.deletions} left out, {self.insertions} added, of {self.spoken})"
        )


@dataclass(frozen=True, kw_only=True)
class Intelligibility:
    """A system's errors beside those in the recordings of the same sentences."""

    recognizer: str
    system: ErrorCounts
    recordings: ErrorCounts
    sentences: int

    def __str__(self) -> str:
        return (
            f"{self.system.unit} error rate {100 * self.system.rate:.1f} %, of the recordings "
            f"{100 * self.recordings.rate:.1f} % ({self.sentences} sentences, by {self.recognizer})"
        )


def count_errors(expected: str, heard: str, *, unit: Unit = "word") -> ErrorCounts:
    """Count the edits between two transcripts.

    Parameters
    ----------
    expected, heard : str
        Words or phonemes, parted by spaces. `Recognizer.expected` and `hear` give them so.
    unit
        "word", "phoneme", or "character" for the letters of words, spaces among them.

    Raises
    ------
    ValueError
        When nothing was to be said, or there is no such unit.
    ModuleNotFoundError
        When the package jiwer isn't installed.

    References
    ----------
    Levenshtein 1966, Binary codes capable of correcting deletions, insertions, and reversals.

    Examples
    --------
    >>> print(count_errors("the cat sat", "the cat that sat"))
    word error rate 33.3 % (0 substituted, 0 left out, 1 added, of 3)

    Taught in: notebooks/08_evaluation
    """
    if unit not in get_args(Unit):
        raise ValueError(f"unit must be one of {', '.join(get_args(Unit))}, got {unit!r}")
    if not expected.split():
        raise ValueError("nothing was to be said, so no rate of errors can be given; give a text")
    try:
        import jiwer
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'error rates need the package jiwer: pip install "ttslib[eval]"', name="jiwer"
        ) from error
    process = jiwer.process_characters if unit == "character" else jiwer.process_words
    found = process(expected, heard)
    return ErrorCounts(
        unit=unit,
        substitutions=found.substitutions,
        deletions=found.deletions,
        insertions=found.insertions,
        spoken=found.hits + found.substitutions + found.deletions,
    )


def intelligibility(
    recognizer: Recognizer,
    texts: Sequence[str],
    *,
    system: Iterable[Tensor | np.ndarray],
    recordings: Iterable[Tensor | np.ndarray | None],
    sample_rate: int,
    unit: Unit | None = None,
) -> Intelligibility:
    """Let a recognizer hear a system and the recordings say the same texts.

    Parameters
    ----------
    recognizer
    texts : sequence of str
    system, recordings : iterables of (S,) or (1, S)
        One waveform for each text.
    sample_rate : int
        Hz, of all.
    unit
        The recognizer's own when not given; "character" for one of words.

    Raises
    ------
    ValueError
        When texts and waveforms are not as many, one waveform is missing, silent or not finite, or
        there is no text at all.

    Taught in: notebooks/08_evaluation
    """
    unit = unit or recognizer.unit
    if not texts:
        raise ValueError("there are no sentences; give some texts with their waveforms")
    system, recordings = list(system), list(recordings)
    if not len(texts) == len(system) == len(recordings):
        raise ValueError(
            f"{len(texts)} texts, {len(system)} waveforms of the system and {len(recordings)} "
            "recordings don't go together; give one of each for every sentence"
        )

    def heard(waveforms: Sequence) -> ErrorCounts:
        counts = [
            count_errors(
                recognizer.expected(text),
                recognizer.hear(waveform, sample_rate=sample_rate),
                unit=unit,
            )
            for text, waveform in zip(texts, waveforms, strict=True)
        ]
        return sum(counts[1:], counts[0])

    return Intelligibility(
        recognizer=recognizer.name,
        system=heard(system),
        recordings=heard(recordings),
        sentences=len(texts),
    )


class PhonemeListener:
    """The listener that `ttslib train listener` makes: it hears phonemes, and knows its corpus.

    Parameters
    ----------
    listener : str or path
        A name beside the voices ("mini-listener"), or a checkpoint from training.

    Raises
    ------
    ValueError
        When there is no such listener, or the checkpoint is of something else.

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
                f"{path} holds a {checkpoint.model}, no listener; train one with ttslib train "
                "listener"
            )
        self.name = str(listener)
        self.audio = checkpoint.audio
        self.model = Listener(ListenerConfig(**checkpoint.config)).eval()
        self.model.load_state_dict(checkpoint.weights)
        self.normalizer = MelNormalizer(**checkpoint.statistics)
        self.tokenizer = PhonemeTokenizer()

    def expected(self, text: str) -> str:
        """The phonemes of `text`, without stress."""
        return " ".join(plain_phonemes(self.tokenizer.split(text)))

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """The phonemes that are heard."""
        samples = require_sound(waveform, name="the waveform")
        mel, _ = extract_mel_spectrogram(samples, sample_rate, config=self.audio)
        normalized = self.normalizer.normalize(torch.from_numpy(mel))[None]
        return " ".join(self.model.hear(normalized, torch.tensor([normalized.shape[2]]))[0])


class _WordRecognizer:
    """What recognizers of words share: texts and what is heard are brought to the same spelling."""

    unit: Unit = "word"

    def expected(self, text: str) -> str:
        """The words of `text` in small letters, numbers spelled out, without marks."""
        return " ".join(re.findall(r"[\w']+", normalize_text(text).lower()))

    def hear(self, waveform: Tensor | np.ndarray, *, sample_rate: int) -> str:
        """The words that are heard."""
        samples = require_sound(waveform, name="the waveform")
        samples = resample(samples, source_rate=sample_rate, target_rate=RATE)
        return self.expected(self._transcribe(samples.clamp(-1, 1).numpy()))

    def _transcribe(self, samples: np.ndarray) -> str:
        raise NotImplementedError


class PocketSphinx(_WordRecognizer):
    """CMU Sphinx's small recognizer of English, with the model that its package brings: offline.

    It is of another age: expect 20 % word error rate for clear human speech, and nothing useful
    for espeak's voices.

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
                'this needs the package pocketsphinx: pip install "ttslib[eval]"',
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
    """OpenAI's Whisper by faster-whisper: what the field measures word error rates with today.

    Parameters
    ----------
    model : str or path
        A folder with a model in CTranslate2's format, such as faster-whisper-base.en. A name such
        as "base.en" is downloaded (150 MB for that one) into the Hugging Face cache if `download`.
    download : bool
        Allow that.

    Raises
    ------
    ValueError
        When there is no such folder and nothing may be downloaded.
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
                'Whisper needs the package faster-whisper: pip install "ttslib[whisper]"',
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
