"""Mels that an acoustic model predicts for recordings, to fine-tune a vocoder.

Predicted mels are smoother than a recording's, and a vocoder that was never trained on them sounds
rough. So it is fine-tuned on predicted mels and the sound they should become. To match that sound,
they must be ground-truth aligned (GTA): predicted under teacher forcing, each frame from the
recording's previous frames (Tacotron 2), or with the recording's durations, pitch and energy
(FastSpeech 2, Matcha-TTS), so that frame t belongs to the same samples as the recording's frame t.

Shapes: B batch, M mel bands, T frames.
"""

import dataclasses
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.matcha import Matcha
from ttslib.models.prosody_encoder import ProsodyEncoder
from ttslib.models.tacotron2 import Tacotron2
from ttslib.nn.randomness import seeded
from ttslib.text.tokenizers import Tokenizer
from ttslib.training.data.batches import collate
from ttslib.training.data.durations import DurationSource
from ttslib.training.data.features import SHARD_SIZE, Features, compute_features, quantized
from ttslib.training.data.hidden_markov import hidden_markov_durations
from ttslib.training.data.pieces import Recordings
from ttslib.training.data.store import KEY, Store, hash_key, raw_keys

__all__ = ["Voice", "add_predictions", "predict_features"]

FORMAT = 2  # raised whenever the same voice would predict other numbers
BATCH_SIZE = 16  # clips


class Voice(Protocol):
    """A trained acoustic model with everything it needs, e.g. from `load_voice`."""

    acoustic: Any  # a Tacotron2, FastSpeech2 or Matcha
    tokenizer: Tokenizer
    audio: AudioConfig
    normalizer: MelNormalizer | None
    prosody: ProsodyNormalizer | None
    speakers: tuple[str, ...]


def predict_features(
    corpus: Corpus, voice: Voice, *, folder: str | Path, jobs: int = -1
) -> Features:
    """Predict the mel of every clip under teacher forcing, or find it in the cache.

    Parameters
    ----------
    corpus : Corpus
    voice : Voice
    folder : path
        The cache, shared with the recordings' own features. A change of the voice's weights leads
        to new predictions.
    jobs : int
        Processes for the recordings' features; -1 is one per core.

    Returns
    -------
    Features
        Of the same clips as `compute_features` returns, each mel (M, T) with as many frames.

    Raises
    ------
    ValueError
        When the corpus has a speaker that the voice lacks, or the voice has no statistics.

    References
    ----------
    Shen et al. 2018, Natural TTS synthesis, arXiv 1712.05884, section 3.1.

    Taught in: notebooks/06_vocoder
    """
    if voice.normalizer is None:
        raise ValueError("the voice has no statistics of its mels; give one that was trained here")
    folder = Path(folder)
    features = compute_features(
        corpus,
        tokenizer=voice.tokenizer,
        config=voice.audio,
        folder=folder,
        pitch=voice.prosody is not None,
        jobs=jobs,
    )
    if unknown := set(features.speakers) - set(voice.speakers):
        raise ValueError(
            f"the voice has no speakers {', '.join(sorted(unknown))}, only "
            f"{', '.join(voice.speakers)}; choose among them"
        )
    name = f"predicted-{_fingerprint(voice)}"
    store = Store(folder / name, dtype="int16", width=voice.audio.n_mels)
    speakers = [name.encode() for name in features.speakers]
    keys = np.frombuffer(
        b"".join(
            hash_key(key, speakers[speaker])
            for key, speaker in zip(raw_keys(features.keys), features.speaker_indices, strict=True)
        ),
        KEY,
    )
    missing = np.flatnonzero(store.find(keys)[0].shard < 0)
    shards = [missing[start : start + SHARD_SIZE] for start in range(0, len(missing), SHARD_SIZE)]
    durations = None
    if shards and isinstance(voice.acoustic, ProsodyEncoder) and voice.acoustic.aligner is None:
        durations = hidden_markov_durations([features], symbols=voice.tokenizer.symbols)
    for shard in tqdm(shards, desc="predicted mels", unit="shard", leave=False):
        mels = _predict_shard(features.take(shard), voice, durations)
        store.write(raw_keys(keys, shard), mels)
    return dataclasses.replace(features, mel_column=store.find(keys)[0], pitch_column=None)


def add_predictions(
    recordings: Recordings, voices: Iterable[Voice], *, folder: str | Path, jobs: int = -1
) -> Recordings:
    """Add every recording again for each voice, with the mel that the voice predicts for it.

    The recordings' own mels stay, so that the vocoder doesn't forget them.

    Raises
    ------
    ValueError
        When a voice was made for other mels, or lacks a speaker.

    Taught in: notebooks/06_vocoder
    """
    parts = [recordings.features]
    for voice in voices:
        recordings.audio.require_same(voice.audio, ours="the recordings' mels", theirs="the voice")
        parts.append(predict_features(recordings.corpus, voice, folder=folder, jobs=jobs))
    together = Features.joined(parts)
    side_by_side = np.argsort(together.corpus_indices, kind="stable")
    return dataclasses.replace(recordings, features=together.take(side_by_side))


def _fingerprint(voice: Voice) -> str:
    """Return a hash of everything that a prediction depends on except the clip."""
    hashed = hashlib.sha256(f"{FORMAT} {voice.acoustic.config!r} {voice.speakers}".encode())
    for part in (voice.acoustic, voice.normalizer, voice.prosody):
        for name, tensor in () if part is None else part.state_dict().items():
            hashed.update(name.encode())
            hashed.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()[:12]


def _predict_shard(
    features: Features, voice: Voice, durations: DurationSource | None
) -> list[np.ndarray]:
    """Predict the mels of some clips, in batches of similar length."""
    by_length = np.argsort(features.n_frames, kind="stable")
    mels: dict[int, np.ndarray] = {}
    for start in range(0, len(features), BATCH_SIZE):
        indices = by_length[start : start + BATCH_SIZE].tolist()
        predicted = _predict(features, indices, voice, durations)
        mels |= zip(indices, (quantized(mel.numpy()) for mel in predicted), strict=True)
    return [mels[index] for index in range(len(features))]


@torch.no_grad()
def _predict(
    features: Features, indices: list[int], voice: Voice, durations: DurationSource | None
) -> list[Tensor]:
    """Predict the log-mels (M, T) of these clips."""
    assert voice.normalizer is not None  # `predict_features` requires it
    model: Tacotron2 | FastSpeech2 | Matcha = voice.acoustic
    device = next(model.parameters()).device
    batch = collate(
        features,
        indices,
        normalizer=voice.normalizer,
        speakers=voice.speakers,
        frames_per_step=getattr(model.config, "frames_per_step", 1),
        prosody=voice.prosody,
    ).to(device)
    recording = (batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths)
    shown: dict[str, Any] = {"speakers": batch.speakers}
    if voice.prosody is not None:
        shown |= {"pitch": batch.pitch, "energy": batch.energy}
    if durations is not None:
        shown["durations"] = durations(batch)
    if isinstance(model, Matcha):
        noise = seeded(batch.n_frames)  # a different one for each batch
        mels = model.redraw(*recording, **shown, generator=noise)
    else:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(0)  # Tacotron 2's prenet has dropout at inference, too
            mels = model(*recording, **shown).mel
    mels = voice.normalizer.denormalize(mels).float().cpu()
    lengths = batch.mel_lengths.tolist()
    return [mel[:, :length].contiguous() for mel, length in zip(mels, lengths, strict=True)]
