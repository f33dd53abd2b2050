"""Time how a corpus becomes features, beside librosa's mel; measure memory from 1 to 100 hours.

    python benchmarks/bench_features.py
    python benchmarks/bench_features.py --memory 1 10 100

The first times each step on one thread, our mel and librosa's in turn, clip by clip; then all of
`compute_features` on two processes, the start of the processes included. The second lays out a
LibriTTS tree of so many hours (the mini corpus's files again and again, as hard links, which take
no room) and computes all its features, in full; it needs 11 GB of disk for 100 hours.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import torch
from joblib.externals.loky import get_reusable_executor
from safetensors.torch import save_file

from ttslib.audio.files import audio_seconds, read_audio
from ttslib.audio.mel import MelNormalizer, band_sums, extract_mel_spectrogram
from ttslib.config import AudioConfig, data_folder
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.mini.corpus import mini_libritts
from ttslib.corpora.parts import open_corpus
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.data.batches import BatchStream, collate
from ttslib.training.data.features import compute_features

AUDIO = AudioConfig()
MOST_CLIPS = 400  # timed step by step
SUBSET = "train-generated"
N_BATCHES = 100


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="mini", help="mini or a folder")
    parser.add_argument("--memory", type=float, nargs="+", metavar="HOURS")
    parser.add_argument("--tree", type=Path, help=argparse.SUPPRESS)  # in a process of its own
    arguments = parser.parse_args()
    if arguments.tree:
        measure_memory(arguments.tree)
    elif arguments.memory:
        print("peak memory of the main process, and of its largest worker")
        print_row("hours clips computing times-real at-start opened computed read worker".split())
        for hours in arguments.memory:
            in_own_process(hours)
    else:
        corpus = open_corpus(arguments.corpus)
        time_steps(corpus)
        time_all(corpus)


def time_steps(corpus: Corpus) -> None:
    """Print each step's speed on one thread, as multiples of real time."""
    torch.set_num_threads(1)
    tokenizer = PhonemeTokenizer()
    tokenizer.encode("Warm up: the dictionary and a zyxt that it lacks.")
    extract_mel_spectrogram(np.zeros(24_000), AUDIO.sample_rate)
    librosa_mel(np.zeros(24_000, np.float32))
    spent, heard, tensors = defaultdict(float), 0.0, {}

    def timed(step: str, work: Callable):
        started = time.perf_counter()
        result = work()
        spent[step] += time.perf_counter() - started
        return result

    for utterance in corpus.utterances[:MOST_CLIPS]:
        waveform, _ = read_audio(utterance.audio_path, sample_rate=AUDIO.sample_rate)
        timed("read", lambda path=utterance.audio_path: read_audio(path))
        clip = waveform[0].numpy()
        mel, _ = timed("mel", lambda clip=clip: extract_mel_spectrogram(clip, AUDIO.sample_rate))
        timed("librosa's mel", lambda clip=clip: librosa_mel(clip))
        text = utterance.text
        tensors[utterance.id] = timed("tokens", lambda text=text: tokenizer.encode(text))
        timed("sums", lambda mel=mel: band_sums(mel))
        tensors[utterance.id] = torch.from_numpy(mel)
        heard += len(clip) / AUDIO.sample_rate
    with tempfile.TemporaryDirectory() as folder:
        timed("write", lambda: save_file(tensors, Path(folder) / "shard.safetensors"))
    print(f"{len(tensors)} clips, {heard / 60:.1f} minutes, one thread, each step by itself")
    for step, seconds in spent.items():
        print(f"{step:16} {seconds:6.2f} s {heard / seconds:8,.0f} times real time")
    ratio = spent["librosa's mel"] / spent["mel"]
    print(f"librosa's mel takes {ratio:.2f} times as long as ours")


def librosa_mel(clip: np.ndarray) -> np.ndarray:
    """The same numbers by librosa: the log-mel (M, T) of a waveform (S,)."""
    mel = librosa.feature.melspectrogram(
        y=np.pad(clip, (AUDIO.n_fft - AUDIO.hop_length) // 2, mode="reflect"),
        sr=AUDIO.sample_rate,
        n_fft=AUDIO.n_fft,
        hop_length=AUDIO.hop_length,
        center=False,
        power=1,
        n_mels=AUDIO.n_mels,
        fmin=AUDIO.f_min,
        fmax=AUDIO.f_max,
    )
    return np.log(np.maximum(mel, AUDIO.log_floor))


def time_all(corpus: Corpus) -> None:
    """Print the speed of all of it on two processes, and of the normalizer."""
    heard = sum(audio_seconds(u.audio_path) or 0.0 for u in corpus.utterances)
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder:
        started = time.perf_counter()
        features = compute(corpus, Path(folder))
        seconds = time.perf_counter() - started
        print(
            f"compute_features, {heard / 60:.1f} minutes, two processes: {seconds:.1f} s, "
            f"{heard / seconds:,.0f} times real time"
        )
        started = time.perf_counter()
        ours = features.normalizer()
        from_sums = time.perf_counter() - started
        theirs = MelNormalizer.from_mels(mel for _, mel in features)
        from_mels = time.perf_counter() - started - from_sums
        apart = max(
            float((mine - other).abs().max())
            for mine, other in zip(ours.buffers(), theirs.buffers(), strict=True)
        )
    print(
        f"normalizer: {from_sums:.2f} s from sums, {from_mels:.2f} s from mels; {apart:.0e} apart"
    )


def compute(corpus: Corpus, folder: Path):
    """The features as training computes them."""
    return compute_features(
        corpus, tokenizer=PhonemeTokenizer(), config=AUDIO, folder=folder, jobs=2
    )


def in_own_process(hours: float) -> None:
    """Lay out a tree and measure it in a process of its own, whose peaks are its alone."""
    with tempfile.TemporaryDirectory(dir=data_folder()) as root:
        lay_out(Path(root) / "LibriTTS" / SUBSET, hours)
        subprocess.run([sys.executable, __file__, "--tree", root], check=True)


def lay_out(subset: Path, hours: float) -> None:
    """Link the mini corpus's clips into a LibriTTS tree: a new speaker each time around."""
    clips = mini_libritts().utterances
    seconds = [audio_seconds(clip.audio_path) for clip in clips]
    left, around = hours * 3600, 0
    while left > 0:
        around += 1
        for number, (clip, length) in enumerate(zip(clips, seconds, strict=True)):
            chapter = subset / str(20_000 + around) / str(1 + number // 100)
            chapter.mkdir(parents=True, exist_ok=True)
            stem = f"{20_000 + around}_{chapter.name}_{number:06d}_000000"
            for ending in (".wav", ".normalized.txt"):
                os.link(clip.audio_path.with_name(clip.id + ending), chapter / f"{stem}{ending}")
            left -= length
            if left <= 0:
                break


def measure_memory(root: Path) -> None:
    """Print the peaks after opening the tree, computing its features and reading batches."""
    peaks = [peak(resource.RUSAGE_SELF)]
    corpus = LibriTTS(root, SUBSET)
    peaks.append(peak(resource.RUSAGE_SELF))
    started = time.perf_counter()
    features = compute(corpus, root / "features")
    seconds = time.perf_counter() - started
    peaks.append(peak(resource.RUSAGE_SELF))
    get_reusable_executor().shutdown()  # only processes that have ended are counted
    worker = peak(resource.RUSAGE_CHILDREN)
    normalizer = features.normalizer()
    lengths = features.n_frames
    stream = BatchStream(lengths, frame_budget=6000, seed=0)
    for number in range(N_BATCHES):
        collate(
            features,
            stream[number],
            normalizer=normalizer,
            speakers=features.speakers,
            frames_per_step=2,
        )
    peaks.append(peak(resource.RUSAGE_SELF))
    hours = sum(lengths) / AUDIO.frames_per_second / 3600
    cells = [
        f"{hours:.1f}",
        f"{len(features):,}",
        f"{seconds:.0f} s",
        f"{hours * 3600 / seconds:,.0f}",
    ]
    print_row([*cells, *(f"{size:,.0f} MB" for size in (*peaks, worker))])


def print_row(cells: list[str]) -> None:
    """Print one line of the table of memory."""
    print("".join(cell.rjust(12) for cell in cells), flush=True)


def peak(whose: int) -> float:
    """The largest memory so far, in MB."""
    size = resource.getrusage(whose).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
