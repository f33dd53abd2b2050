"""For notebooks: the pictures, players that keep the volume, exercises, quizzes and widgets."""

from ttslib.lab.checks import check, check_that
from ttslib.lab.players import play, play_many
from ttslib.lab.quiz import Option, Question, Quiz
from ttslib.lab.source import show_source
from ttslib.lab.widgets import (
    AttentionViewer,
    ClipBrowser,
    CorpusMap,
    ListeningTest,
    MelExplorer,
    ProsodyEditor,
    SpeakPanel,
    TokenExplorer,
    TrainingMonitor,
    VocoderCompare,
)
from ttslib.plots import (
    plot_alignment,
    plot_durations,
    plot_gate,
    plot_losses,
    plot_mel,
    plot_mels,
    plot_prosody,
    plot_speech,
    plot_waveform,
)

__all__ = [
    "AttentionViewer",
    "ClipBrowser",
    "CorpusMap",
    "ListeningTest",
    "MelExplorer",
    "Option",
    "ProsodyEditor",
    "Question",
    "Quiz",
    "SpeakPanel",
    "TokenExplorer",
    "TrainingMonitor",
    "VocoderCompare",
    "check",
    "check_that",
    "play",
    "play_many",
    "plot_alignment",
    "plot_durations",
    "plot_gate",
    "plot_losses",
    "plot_mel",
    "plot_mels",
    "plot_prosody",
    "plot_speech",
    "plot_waveform",
    "show_source",
]
