"""Every task that accumulates gradients, trained for a moment."""

from pathlib import Path

from training_fakes import RATE, write_tone

from ttslib.config import AudioConfig
from ttslib.corpora.folder import FolderCorpus
from ttslib.models.fastspeech2 import FastSpeech2Config
from ttslib.models.listener import ListenerConfig
from ttslib.models.matcha import MatchaConfig
from ttslib.models.waveglow import WaveGlowConfig
from ttslib.models.wavenet.wavenet import WaveNetConfig
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.data.vocoder import vocoder_data
from ttslib.training.state import Run
from ttslib.training.tasks.fastspeech2 import FastSpeech2Settings, train_fastspeech2
from ttslib.training.tasks.listener import ListenerSettings, train_listener
from ttslib.training.tasks.matcha import MatchaSettings, train_matcha
from ttslib.training.tasks.waveglow import WaveGlowSettings, train_waveglow
from ttslib.training.tasks.wavenet import WaveNetSettings, train_wavenet

AUDIO = AudioConfig(
    sample_rate=RATE, n_fft=256, win_length=256, hop_length=80, n_mels=8, f_max=4000
)
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
STEPS = dict(steps=3, validate_every=3, save_every=3)
PIECES = STEPS | dict(frame_budget=20, segment_frames=10)


def write_corpus(folder: Path) -> None:
    """Write eight clips of different lengths with their texts."""
    folder.mkdir(parents=True)
    for number, word in enumerate(WORDS):
        write_tone(folder / f"{number}.wav", hertz=200 + 60 * number, seconds=0.3 + 0.05 * number)
        (folder / f"{number}.txt").write_text(word, encoding="utf-8")


def train_all(corpus: Path, folder: Path, *, accumulate: int) -> None:
    """Train each task in a folder of its name."""
    clips = FolderCorpus(corpus)
    training, held_out = clips.part(range(6)), clips.part([6, 7])
    cache = dict(folder=folder.parent / "features", audio=AUDIO, jobs=1)
    acoustic = acoustic_data(
        training, held_out, tokenizer=PhonemeTokenizer(), prosody=True, **cache
    )
    sound = vocoder_data(training, held_out, **cache)
    batches = STEPS | dict(frame_budget=120, accumulate=accumulate)
    train_fastspeech2(
        acoustic,
        Run(folder / "fastspeech2"),
        config=FastSpeech2Config(
            n_symbols=len(acoustic.tokenizer.symbols), n_mels=8, dim=8, encoder_blocks=1,
            decoder_blocks=1, filter_dim=8, kernel_size=3, predictor_dim=8, aligner_dim=8,
        ),
        settings=FastSpeech2Settings(**batches),
    )  # fmt: skip
    train_matcha(
        acoustic,
        Run(folder / "matcha"),
        config=MatchaConfig(
            n_symbols=len(acoustic.tokenizer.symbols), n_mels=8, dim=8, encoder_blocks=1,
            filter_dim=8, kernel_size=3, predictor_dim=8, aligner_dim=0, decoder_dim=8,
            mean_blocks=1, flow_blocks=1, decoder_kernel=3, frames_per_step=2,
        ),
        settings=MatchaSettings(**batches),
    )  # fmt: skip
    train_listener(
        acoustic,
        Run(folder / "listener"),
        config=ListenerConfig(n_mels=8, dim=8, blocks=1),
        settings=ListenerSettings(**batches),
    )
    train_wavenet(
        sound,
        Run(folder / "wavenet"),
        config=WaveNetConfig(
            layers=2, cycle=2, kernel=2, residual=8, gated=8, skip=8, condition=8,
            upsample_rates=(4,),
        ),
        settings=WaveNetSettings(**PIECES, accumulate=accumulate),
    )  # fmt: skip
    train_waveglow(
        sound,
        Run(folder / "waveglow"),
        config=WaveGlowConfig(
            group=80, flows=2, early_every=1, early_channels=20, layers=2, channels=8,
            upsample_kernel=0,
        ),
        settings=WaveGlowSettings(**PIECES, accumulate=accumulate, spectral_from=1.0),
    )  # fmt: skip
