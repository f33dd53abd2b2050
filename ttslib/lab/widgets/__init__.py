"""The widgets of the notebooks, one file each; each saves a picture for readers on the web."""

from ttslib.lab.widgets.attention_viewer import AttentionViewer
from ttslib.lab.widgets.clip_browser import ClipBrowser
from ttslib.lab.widgets.corpus_map import CorpusMap
from ttslib.lab.widgets.listening_test import ListeningTest
from ttslib.lab.widgets.mel_explorer import MelExplorer
from ttslib.lab.widgets.prosody_editor import ProsodyEditor
from ttslib.lab.widgets.speak_panel import SpeakPanel
from ttslib.lab.widgets.token_explorer import TokenExplorer
from ttslib.lab.widgets.training_monitor import TrainingMonitor
from ttslib.lab.widgets.vocoder_compare import VocoderCompare

__all__ = [
    "AttentionViewer",
    "ClipBrowser",
    "CorpusMap",
    "ListeningTest",
    "MelExplorer",
    "ProsodyEditor",
    "SpeakPanel",
    "TokenExplorer",
    "TrainingMonitor",
    "VocoderCompare",
]
