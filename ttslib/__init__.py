"""A course that builds text-to-speech from scratch, and the small PyTorch library under it.

The names below are what a script needs first; import everything else from its own module. Each name
is loaded on first use, so that `import ttslib` is quick and has no effect.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:  # for editors and type checkers, which don't run __getattr__
    from ttslib.audio.griffin_lim import GriffinLim
    from ttslib.audio.mel import MelSpectrogram, extract_mel_spectrogram
    from ttslib.config import AudioConfig
    from ttslib.corpora.export import to_libritts
    from ttslib.corpora.folder import FolderCorpus
    from ttslib.corpora.libritts import LibriTTS
    from ttslib.corpora.ljspeech import LJSpeech
    from ttslib.corpora.mini.corpus import mini_libritts
    from ttslib.synthesis.synthesizer import Synthesizer
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.features import preprocess_data

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "audio.griffin_lim": ["GriffinLim"],
        "audio.mel": ["MelSpectrogram", "extract_mel_spectrogram"],
        "config": ["AudioConfig"],
        "corpora.export": ["to_libritts"],
        "corpora.folder": ["FolderCorpus"],
        "corpora.libritts": ["LibriTTS"],
        "corpora.ljspeech": ["LJSpeech"],
        "corpora.mini.corpus": ["mini_libritts"],
        "synthesis.synthesizer": ["Synthesizer"],
        "synthesis.voices": ["load_voice"],
        "training.data.features": ["preprocess_data"],
    },
)
