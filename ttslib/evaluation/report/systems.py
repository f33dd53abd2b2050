"""The systems that can be evaluated: recordings, copy synthesis, and voices.

Shapes: S samples, M mel bands, T frames, N tokens.
"""

import hashlib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.intelligibility import Recognizer
from ttslib.evaluation.measures.opinions import DNSMOS, DistillMOS, OpinionPredictor
from ttslib.evaluation.measures.recognizers import PhonemeListener, PocketSphinx, Whisper
from ttslib.nn.randomness import generator_argument, seeded
from ttslib.records import Utterance
from ttslib.synthesis.contracts import Vocoder
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.synthesis.voices import load_voice, named_vocoder

__all__ = [
    "COPY",
    "PREDICTORS",
    "RECORDING",
    "Said",
    "System",
    "load_predictor",
    "load_recognizer",
    "load_system",
]

RECORDING = "recording"
COPY = "copy:"
WHISPER, WHISPER_DOWNLOAD = "whisper:", "whisper-download:"


class Said(NamedTuple):
    """A system's speech for one utterance."""

    waveform: Tensor  # (S,) float32
    sample_rate: int  # Hz
    alignments: tuple[Tensor, ...] = ()  # (T, N) of each sentence; none if there is no text
    stopped: bool | None = None  # by itself; None if nothing has to stop
    aligned: bool = False  # with the recording's own timing


class System(Protocol):
    """Generates sound for an utterance, whose recording (S,) is at `AudioConfig().sample_rate`."""

    fingerprint: str  # different for other weights or settings

    def require_speakers(self, utterances: Sequence[Utterance]) -> None:
        """Raise an error unless it can speak with these utterances' speakers."""

    def __call__(self, utterance: Utterance, recording: Tensor, *, seed: int) -> Said:
        """Speak an utterance."""


class _Recording:
    fingerprint = ""

    def require_speakers(self, utterances: Sequence[Utterance]) -> None:
        pass

    def __call__(self, utterance: Utterance, recording: Tensor, *, seed: int) -> Said:
        return Said(recording, AudioConfig().sample_rate, aligned=True)


class _Copy:
    """Copy synthesis: the recording's own mel, through a vocoder."""

    def __init__(self, vocoder: Vocoder):
        self.vocoder = vocoder
        self.mel = MelSpectrogram(vocoder.audio)
        self.fingerprint = _fingerprint(vocoder)

    def require_speakers(self, utterances: Sequence[Utterance]) -> None:
        pass

    def __call__(self, utterance: Utterance, recording: Tensor, *, seed: int) -> Said:
        argument = generator_argument(self.vocoder, seeded(seed))
        with torch.inference_mode():
            waveform = self.vocoder(self.mel(recording)[None], **argument)[0]
        return Said(waveform, self.vocoder.audio.sample_rate, aligned=True)


class _Voice:
    """Text to speech, with the recording's speaker if the voice has several."""

    def __init__(self, name: str, voice: Synthesizer):
        self.name, self.voice = name, voice
        parts = voice.acoustic, voice.vocoder, voice.normalizer, voice.prosody
        self.fingerprint = _fingerprint(*parts, facts=voice.tokenizer.to_dict())

    def require_speakers(self, utterances: Sequence[Utterance]) -> None:
        known = self.voice.speakers
        if strangers := sorted({u.speaker for u in utterances} - set(known)) if known else []:
            raise ValueError(
                f"{self.name} can't speak as {', '.join(strangers)}; it has {', '.join(known)}: "
                "choose those speakers' clips of the corpus"
            )

    def __call__(self, utterance: Utterance, recording: Tensor, *, seed: int) -> Said:
        speaker = utterance.speaker if self.voice.speakers else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one of the measures counts sentences that didn't stop
            speech = self.voice(utterance.text, speaker=speaker, seed=seed)
        return Said(speech.waveform, speech.sample_rate, speech.alignments, speech.stopped)


def load_system(name: str) -> System:
    """Load a system.

    Parameters
    ----------
    name
        "recording"; "copy:VOCODER"; "VOICE"; or "VOICE+VOCODER". A voice is a name or a path that
        `load_voice` takes, and so is a vocoder ("griffin-lim", "mini-vocos").

    Raises
    ------
    ValueError
        If there is no such voice or vocoder (the message lists those that exist), or its mels
        differ from the corpus's.
    """
    if name == RECORDING:
        return _Recording()
    if name.startswith(COPY):
        vocoder = named_vocoder(name.removeprefix(COPY), AudioConfig())
        AudioConfig().require_same(vocoder.audio, ours="the recordings' mels", theirs=name)
        return _Copy(vocoder)
    voice, _, vocoder = (name, "", "") if Path(name).exists() else name.partition("+")
    return _Voice(name, load_voice(voice, vocoder=vocoder or None))


def load_recognizer(name: str) -> tuple[Recognizer, str]:
    """Load a recognizer.

    Parameters
    ----------
    name
        "pocketsphinx"; "whisper:FOLDER", or "whisper-download:NAME" to download it; or a listener,
        by its name beside the voices ("mini-listener") or its checkpoint's path.

    Returns
    -------
    recognizer
    fingerprint : str
        Changes when the recognizer does.

    Raises
    ------
    ValueError
        If no recognizer has that name.
    ModuleNotFoundError
        If its package isn't installed.
    """
    if name == "pocketsphinx":
        return PocketSphinx(), name
    if name.startswith(WHISPER):
        return Whisper(name.removeprefix(WHISPER)), name
    if name.startswith(WHISPER_DOWNLOAD):
        return Whisper(name.removeprefix(WHISPER_DOWNLOAD), download=True), name
    listener = PhonemeListener(name)
    return listener, _fingerprint(listener.model)


PREDICTORS: dict[str, Callable[[], OpinionPredictor]] = {
    "distillmos": DistillMOS,
    "dnsmos": DNSMOS,
}


def load_predictor(name: str) -> OpinionPredictor:
    """Load a predictor of listeners' opinions: one of `PREDICTORS`.

    Raises
    ------
    ModuleNotFoundError
        If its package isn't installed.
    """
    return PREDICTORS[name]()


def _fingerprint(*parts: nn.Module | None, facts: object = None) -> str:
    """Return a fingerprint of all that a system's sound depends on: weights, sizes, settings."""
    digest = hashlib.sha256(repr(facts).encode())
    for part in filter(None, parts):
        settings = {k: v for k, v in vars(part).items() if isinstance(v, (int, float))}
        digest.update(repr((getattr(part, "config", None), settings)).encode())
        for tensor in part.state_dict().values():
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]
