"""The mels that an acoustic model makes of recordings, for a vocoder to be fine-tuned on.

An acoustic model's mels are smoother than a recording's, and a vocoder that has seen none of them
sounds rough on them. So it is shown some, beside the sound that they should have become. For that
they must be ground-truth aligned (GTA): made under teacher forcing, each frame from the recording's
own frames before it (Tacotron 2), or with the recording's own durations, pitch and energy
(FastSpeech 2, Matcha-TTS), so that frame t is of the very samples that the recording's frame t is
of.

Shapes: B batch, M mel bands, T frames.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Protocol

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from ttslib.audio.mel import MelNormalizer, band_sums
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.matcha import Matcha
from ttslib.models.prosody_encoder import ProsodyEncoder
from ttslib.models.tacotron2 import Tacotron2
from ttslib.nn.randomness import seeded
from ttslib.text.tokenizers import Tokenizer
from ttslib.training.data.batches import collate
from ttslib.training.data.durations import DurationSource
from ttslib.training.data.features import FeatureEntry, Features, compute_features
from ttslib.training.data.hidden_markov import hidden_markov_durations
from ttslib.training.data.pieces import Recordings

__all__ = ["Voice", "add_predictions", "predict_features"]

FORMAT = 1  # of a shard; raised whenever the same voice would predict other numbers
BATCH_SIZE = 16  # clips


class Voice(Protocol):
    """A trained acoustic model with what it needs, e.g. what `load_voice` gives."""

    acoustic: Tacotron2 | FastSpeech2 | Matcha
    tokenizer: Tokenizer
    audio: AudioConfig
    normalizer: MelNormalizer | None
    prosody: ProsodyNormalizer | None
    speakers: tuple[str, ...]


def predict_features(
    corpus: Dataset, voice: Voice, *, folder: str | Path, jobs: int = -1
) -> Features:
    """Let a voice predict the mel of every clip under teacher forcing, or find it in the cache.

    Parameters
    ----------
    corpus : Corpus
    voice : Voice
    folder : path
        The cache, which the recordings' own features lie in, too. A voice with other weights finds
        no old shard.
    jobs : int
        Processes for the recordings' features; -1 is one a core.

    Returns
    -------
    Features
        Of the same clips as `compute_features` gives, each mel (M, T) with exactly as many frames.

    Raises
    ------
    ValueError
        When the corpus has a speaker that the voice doesn't know, or the voice has no statistics.

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
            f"the voice doesn't know speakers {', '.join(sorted(unknown))}, only "
            f"{', '.join(voice.speakers)}; choose among them"
        )
    weights, entries, durations = _fingerprint(voice.acoustic), [], None
    shards = [(path, list(some)) for path, some in groupby(features.entries, lambda e: e.shard)]
    for shard, clips in tqdm(shards, desc="predicted mels", unit="shard", leave=False):
        name = hashlib.sha256(f"{FORMAT} {weights} {shard.name}".encode()).hexdigest()[:24]
        path = folder / f"{name}.safetensors"
        if not path.exists():
            if durations is None and _lacks_aligner(voice.acoustic):
                durations = hidden_markov_durations([features], symbols=voice.tokenizer.symbols)
            _write_shard(path, clips, voice, durations)
        entries += [dataclasses.replace(entry, shard=path) for entry in clips]
    return Features(entries)


def add_predictions(
    recordings: Recordings, voices: Iterable[Voice], *, folder: str | Path, jobs: int = -1
) -> Recordings:
    """Have every recording once more for each voice, with the mel that the voice predicts for it.

    The recordings' own mels stay among them: a vocoder shall not forget those.

    Raises
    ------
    ValueError
        When a voice was made for other mels, or lacks a speaker.

    Taught in: notebooks/06_vocoder
    """
    entries = list(recordings.features.entries)
    for voice in voices:
        recordings.audio.require_same(voice.audio, ours="the recordings' mels", theirs="the voice")
        entries += predict_features(recordings.corpus, voice, folder=folder, jobs=jobs).entries
    entries.sort(key=lambda entry: entry.utterance.id)  # a clip's mels side by side
    return dataclasses.replace(recordings, features=Features(entries))


def _lacks_aligner(model: torch.nn.Module) -> bool:
    return isinstance(model, ProsodyEncoder) and model.aligner is None


def _fingerprint(model: torch.nn.Module) -> str:
    """A hash of all that a model's answer depends on."""
    hashed = hashlib.sha256(repr(model.config).encode())
    for name, tensor in model.state_dict().items():
        hashed.update(name.encode())
        hashed.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()


def _write_shard(
    path: Path, clips: list[FeatureEntry], voice: Voice, durations: DurationSource | None
) -> None:
    features, tensors = Features(clips), {}
    by_length = sorted(range(len(clips)), key=lambda i: clips[i].n_frames)
    for start in range(0, len(clips), BATCH_SIZE):
        indices = by_length[start : start + BATCH_SIZE]
        mels = _predict(features, indices, voice, durations)
        for index, mel in zip(indices, mels, strict=True):
            name = clips[index].utterance.id
            tensors[f"{name}.tokens"] = features[index][0]
            tensors[f"{name}.mel"] = mel
            tensors[f"{name}.sums"] = band_sums(mel.numpy())
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(tensors, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@torch.no_grad()
def _predict(
    features: Features, indices: list[int], voice: Voice, durations: DurationSource | None
) -> list[Tensor]:
    """The log-mels (M, T) of these clips."""
    model, device = voice.acoustic, next(voice.acoustic.parameters()).device
    batch = collate(
        features,
        indices,
        normalizer=voice.normalizer,
        speakers=voice.speakers,
        frames_per_step=getattr(model.config, "frames_per_step", 1),
        prosody=voice.prosody,
    ).to(device)
    recording = (batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths)
    shown = {"speakers": batch.speakers}
    if voice.prosody is not None:
        shown |= {"pitch": batch.pitch, "energy": batch.energy}
    if durations is not None:
        shown["durations"] = durations(batch)
    if isinstance(model, Matcha):
        noise = seeded(batch.n_frames)  # another one for each batch
        mels = model.redraw(*recording, **shown, generator=noise)
    else:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(0)  # Tacotron 2's prenet drops even now
            mels = model(*recording, **shown).mel
    mels = voice.normalizer.denormalize(mels).float().cpu()
    lengths = batch.mel_lengths.tolist()
    return [mel[:, :length].contiguous() for mel, length in zip(mels, lengths, strict=True)]
