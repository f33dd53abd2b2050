"""A course that builds text-to-speech from scratch, and the small PyTorch library under it.

The names below are what a script needs first; everything else is imported from where it lives.
Each is loaded when it is asked for, so that `import ttslib` is quick and has no effect.
"""

from importlib import import_module

_HOMES = {
    "AudioConfig": "ttslib.config",
    "FolderCorpus": "ttslib.corpora.folder",
    "GriffinLim": "ttslib.audio.griffin_lim",
    "LJSpeech": "ttslib.corpora.ljspeech",
    "LibriTTS": "ttslib.corpora.libritts",
    "MelSpectrogram": "ttslib.audio.mel",
    "Synthesizer": "ttslib.synthesis.synthesizer",
    "extract_mel_spectrogram": "ttslib.audio.mel",
    "load_voice": "ttslib.synthesis.voices",
    "mini_libritts": "ttslib.corpora.mini.corpus",
    "preprocess_data": "ttslib.training.data.features",
    "to_libritts": "ttslib.corpora.export",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'ttslib' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
