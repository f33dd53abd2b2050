"""Batches for a vocoder: pieces of mels with exactly the sound from which they were computed.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples.
"""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from ttslib.audio.files import resample
from ttslib.audio.prosody import bridged_pitch
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.records import WaveBatch
from ttslib.training.data.features import Features

__all__ = ["Recordings", "segment_batch"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recordings:
    """Mels, and the corpus with the sound from which they were computed."""

    features: Features
    corpus: Corpus
    audio: AudioConfig
    pitched: Features | None = None  # the same clips' own features with pitch, if needed
    _ends: dict[int, np.ndarray] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return len(self.features)

    def piece_ends(self, frames: int) -> np.ndarray:
        """Return the cumulative number of possible pieces of `frames` frames, (n,) int64."""
        if frames not in self._ends:
            places = np.maximum(self.features.n_frames.astype(np.int64) - frames + 1, 0)
            self._ends[frames] = np.cumsum(places)
        return self._ends[frames]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Read a clip's log-mel (M, T) and waveform (S,): frame t starts at sample t * hop_length.

        Raises
        ------
        ValueError
            When the file no longer has the mel's length.
        """
        waveform, sample_rate, _ = self.corpus[int(self.features.corpus_indices[index])]
        mel = self.features[index][1]
        name = self.features.utterances.id(index)
        if waveform is None:
            raise ValueError(f"the audio of {name} can't be read any more; restore it")
        rate = self.audio.sample_rate
        sound = resample(waveform[0], source_rate=sample_rate, target_rate=rate)
        if len(sound) // self.audio.hop_length != mel.shape[1]:
            raise ValueError(
                f"{name} has {len(sound)} samples, but its mel {mel.shape[1]} frames of "
                f"{self.audio.hop_length}; compute the features again"
            )
        return mel, sound[: mel.shape[1] * self.audio.hop_length]

    def pitch(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the clip's pitch (T,) without gaps, and where it was measured: `bridged_pitch`.

        Raises
        ------
        ValueError
            When the recordings were read without pitch.
        """
        if self.pitched is None:
            raise ValueError("these recordings have no pitch; read them with pitch=True")
        place = np.searchsorted(
            self.pitched.corpus_indices, self.features.corpus_indices[index]
        )  # they ascend
        return bridged_pitch(self.pitched.pitch(int(place)))


def segment_batch(
    recordings: Recordings, number: int, *, size: int, frames: int, seed: int, pitch: bool = False
) -> WaveBatch:
    """Read the batch with this number: `size` random pieces of `frames` frames, with their sound.

    With `pitch`, the batch includes each piece's pitch. Only the seed and the number determine it.
    Every second of sound is equally likely; clips shorter than a piece are left out.

    Raises
    ------
    ValueError
        When every clip is shorter than a piece.

    Taught in: notebooks/06_vocoder
    """
    ends = recordings.piece_ends(frames)
    if not ends[-1]:
        raise ValueError(
            f"no clip has {frames} frames, the longest has {recordings.features.n_frames.max()}; "
            "lower segment_frames"
        )
    draw = torch.Generator().manual_seed(seed * 1_000_003 + number)
    hop, names, mels, sounds, pitches = recordings.audio.hop_length, [], [], [], []
    for place in torch.randint(int(ends[-1]), (size,), generator=draw).tolist():
        index = int(np.searchsorted(ends, place, side="right"))
        start = place - int(ends[index - 1] if index else 0)
        mel, sound = recordings[index]
        names.append(recordings.features.utterances.id(index))
        mels.append(mel[:, start : start + frames])
        sounds.append(sound[start * hop : (start + frames) * hop])
        if pitch:
            pitches.append(torch.stack(recordings.pitch(index))[:, start : start + frames])
    hertz, voiced = torch.stack(pitches, dim=1) if pitch else (None, None)
    return WaveBatch(
        ids=tuple(names),
        mels=torch.stack(mels),
        waveforms=torch.stack(sounds),
        pitch=hertz,
        voiced=voiced,
    )
