"""Batches for a vocoder: pieces of mels beside exactly the sound that they are of.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples.
"""

import dataclasses

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ttslib.audio.files import resample
from ttslib.config import AudioConfig
from ttslib.records import WaveBatch
from ttslib.training.data.features import Features

__all__ = ["Recordings", "segment_batch"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recordings:
    """Mels, and the corpus that has the sound they were computed from."""

    features: Features
    corpus: Dataset
    audio: AudioConfig

    def __post_init__(self):
        places = {utterance.id: i for i, utterance in enumerate(self.corpus.utterances)}
        object.__setattr__(self, "_places", places)

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """The clip's log-mel (M, T) and its waveform (S,): frame t is of the samples from t * hop.

        Raises
        ------
        ValueError
            When the file is no longer as long as the mel says.
        """
        utterance = self.features.entries[index].utterance
        waveform, sample_rate, _ = self.corpus[self._places[utterance.id]]
        mel = self.features[index][1]
        if waveform is None:
            raise ValueError(f"the audio of {utterance.id} can't be read any more; restore it")
        rate = self.audio.sample_rate
        sound = resample(waveform[0], source_rate=sample_rate, target_rate=rate)
        if len(sound) // self.audio.hop_length != mel.shape[1]:
            raise ValueError(
                f"{utterance.id} has {len(sound)} samples, but its mel {mel.shape[1]} frames of "
                f"{self.audio.hop_length}; compute the features anew"
            )
        return mel, sound[: mel.shape[1] * self.audio.hop_length]


def segment_batch(
    recordings: Recordings, number: int, *, size: int, frames: int, seed: int
) -> WaveBatch:
    """The batch of this number: `size` random pieces of `frames` frames each, and their sound.

    The seed and the number alone fix it. Every second of sound is equally likely; clips shorter
    than a piece are left out.

    Raises
    ------
    ValueError
        When every clip is shorter than a piece.

    Taught in: notebooks/06_vocoder
    """
    lengths = torch.tensor([entry.n_frames for entry in recordings.features.entries])
    starts = (lengths - frames + 1).clamp(min=0)  # how many places each clip has for a piece
    if not starts.any():
        raise ValueError(
            f"no clip has {frames} frames, the longest has {int(lengths.max())}; "
            "lower segment_frames"
        )
    draw = torch.Generator().manual_seed(seed * 1_000_003 + number)
    chosen = torch.multinomial(starts.double(), size, replacement=True, generator=draw).tolist()
    hop, mels, sounds = recordings.audio.hop_length, [], []
    for index in chosen:
        start = int(torch.randint(int(starts[index]), (), generator=draw))
        mel, sound = recordings[index]
        mels.append(mel[:, start : start + frames])
        sounds.append(sound[start * hop : (start + frames) * hop])
    return WaveBatch(
        ids=tuple(recordings.features.entries[index].utterance.id for index in chosen),
        mels=torch.stack(mels),
        waveforms=torch.stack(sounds),
    )
