"""The data for an acoustic model: two corpora as features, with statistics and tokenizer."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import PhonemeTokenizer, Tokenizer
from ttslib.training.data.batches import BatchStream, collate
from ttslib.training.data.features import Features, compute_features

__all__ = ["AcousticData", "acoustic_data"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AcousticData:
    """Training and held-out clips, ready to be batched."""

    training: Features
    held_out: Features  # for the loss; its main speaker's first sentences are also generated freely
    tokenizer: Tokenizer
    normalizer: MelNormalizer
    audio: AudioConfig
    prosody: ProsodyNormalizer | None = None  # if pitch and energy were requested

    @property
    def speakers(self) -> tuple[str, ...]:
        """Return all speakers of the training set, in the order of the speaker embedding."""
        return self.training.speakers

    def batch(
        self, features: Features, indices: list[int], frames_per_step: int = 1
    ) -> TextMelBatch:
        """Return the clips at `indices` as one batch, padded to whole decoder steps."""
        return collate(
            features,
            indices,
            normalizer=self.normalizer,
            speakers=self.speakers,
            frames_per_step=frames_per_step,
            prosody=self.prosody,
        )

    def training_batches(
        self, *, frame_budget: int, seed: int, frames_per_step: int = 1
    ) -> Callable[[int], TextMelBatch]:
        """Return a function for the k-th batch of an endless stream, in an order set by `seed`."""
        stream = BatchStream(self.training.n_frames, frame_budget=frame_budget, seed=seed)
        return lambda k: self.batch(self.training, stream[k], frames_per_step)

    def checkpoint(self, model: str, config: Any) -> Checkpoint:
        """Return the checkpoint of an untrained model: everything except its weights."""
        statistics = self.normalizer.state_dict()
        if self.prosody is not None:
            statistics |= self.prosody.state_dict()
        return Checkpoint(
            model=model,
            config=dataclasses.asdict(config),
            audio=self.audio,
            weights={},
            tokenizer=self.tokenizer.to_dict(),
            statistics=statistics,
            speakers=self.speakers,
        )


def acoustic_data(
    training: Corpus,
    held_out: Corpus,
    *,
    folder: str | Path,
    tokenizer: Tokenizer | None = None,
    audio: AudioConfig | None = None,
    prosody: bool = False,
    jobs: int = -1,
) -> AcousticData:
    """Compute the features of two corpora, or find them in `folder`, and their statistics.

    Parameters
    ----------
    training, held_out : Dataset
        Two corpora with the same speakers and no sentence in common.
    folder : path
        The cache.
    tokenizer : Tokenizer, optional
        Phonemes when not given.
    audio : AudioConfig, optional
        The course's own when not given.
    prosody : bool
        Include pitch and energy, for FastSpeech 2.
    jobs : int
        Processes; -1 is one per core.

    Raises
    ------
    ValueError
        When `held_out` has a speaker that `training` lacks, or fewer than two clips of the main
        speaker.
    """
    _require_enough(training, held_out)
    tokenizer, audio = tokenizer or PhonemeTokenizer(), audio or AudioConfig()
    features = [
        compute_features(
            corpus, tokenizer=tokenizer, config=audio, folder=folder, pitch=prosody, jobs=jobs
        )
        for corpus in (training, held_out)
    ]
    _require_known(features[0].speakers, features[1].speakers)
    main = features[0].main_speaker
    if len(features[1].of_speaker(main)) < 2:
        raise ValueError(f"hold out at least two clips of the main speaker, {main}, to compare")
    return AcousticData(
        training=features[0],
        held_out=features[1],
        tokenizer=tokenizer,
        normalizer=features[0].normalizer(),
        audio=audio,
        prosody=_prosody(features[0]) if prosody else None,
    )


def _require_enough(training: Corpus, held_out: Corpus) -> None:
    """Raise an error before features are computed, which may take hours, if training must fail."""
    _require_known(training.speakers, held_out.speakers)
    if np.bincount(held_out.utterances.speaker_indices, minlength=1).max() < 2:
        raise ValueError(
            f"of {len(training) + len(held_out)} clips {len(held_out)} are held out, none of them "
            "two of one speaker, to compare: a corpus needs 21 texts or more of its main speaker "
            "(every twentieth is held out), and an hour of speech to learn well"
        )


def _require_known(training: Sequence[str], held_out: Sequence[str]) -> None:
    if unknown := set(held_out) - set(training):
        raise ValueError(
            f"speakers {', '.join(sorted(unknown))} are held out, but have no training clips; "
            "leave them out"
        )


def _prosody(features: Features) -> ProsodyNormalizer:
    clips = (
        (int(features.speaker_indices[i]), features.pitch(i), features[i][1])
        for i in features.sample()
    )
    return ProsodyNormalizer.from_clips(clips, n_speakers=len(features.speakers))
