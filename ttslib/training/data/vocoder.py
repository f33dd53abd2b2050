"""The data for a vocoder: recordings and their mels, in two parts."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.records import WaveBatch
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.data.features import compute_features
from ttslib.training.data.pieces import Recordings, segment_batch

__all__ = ["VocoderData", "vocoder_data"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocoderData:
    """Recordings for training and for validation, without a clip in common."""

    training: Recordings
    held_out: Recordings

    @property
    def audio(self) -> AudioConfig:
        """The definition of the mels."""
        return self.training.audio

    def training_batches(
        self, *, frame_budget: int, segment_frames: int, seed: int, pitch: bool = False
    ) -> Callable[[int], WaveBatch]:
        """Return a function for the k-th batch of random pieces, which depends only on `seed`."""
        size = max(1, frame_budget // segment_frames)
        return lambda k: segment_batch(
            self.training, k, size=size, frames=segment_frames, seed=seed, pitch=pitch
        )

    def checkpoint(self, model: str, config: Any) -> Checkpoint:
        """Return the checkpoint of an untrained vocoder: everything except its weights."""
        return Checkpoint(
            model=model,
            config=json.loads(json.dumps(dataclasses.asdict(config))),  # as it is read back
            audio=self.audio,
            weights={},
        )


def vocoder_data(
    training: Corpus,
    held_out: Corpus,
    *,
    folder: str | Path,
    audio: AudioConfig | None = None,
    pitch: bool = False,
    jobs: int = -1,
) -> VocoderData:
    """Compute the mels of two corpora, or find them in `folder`.

    The cache is shared with acoustic models, so the mels are computed once for both.

    Parameters
    ----------
    training, held_out : Dataset
        Two corpora with no clip in common.
    folder : path
        The cache.
    audio : AudioConfig, optional
        The course's own when not given.
    pitch : bool
        Compute the pitch, too, on which a vocoder with a source is trained.
    jobs : int
        Processes; -1 is one per core.
    """
    audio, tokenizer = audio or AudioConfig(), PhonemeTokenizer()
    both = []
    for corpus in (training, held_out):
        features = compute_features(
            corpus, tokenizer=tokenizer, config=audio, folder=folder, pitch=pitch, jobs=jobs
        )
        pitched = features if pitch else None
        both.append(Recordings(features=features, corpus=corpus, audio=audio, pitched=pitched))
    return VocoderData(training=both[0], held_out=both[1])
