"""Hidden Markov models find the phonemes' durations in clips that are made of known ones."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ttslib.records import TextMelBatch
from ttslib.training.data.hidden_markov import fit_phoneme_models, hidden_markov_durations

SYMBOLS = ("_", "~", " ", ".", "AA1", "K", "S", "IY0")
SPOKEN = np.array([symbol[0].isalpha() for symbol in SYMBOLS])
M = 12


def _clips(number=40, *, seed=0):
    """Clips of random words: (tokens, log-mel, durations); a space is a pause or nothing."""
    draw = np.random.default_rng(seed)
    sounds = 3 * np.random.default_rng(7).normal(size=(len(SYMBOLS), M))
    sounds[~SPOKEN] = -6.0
    clips = []
    for _ in range(number):
        tokens, durations = [], []
        for _ in range(3):
            word = draw.choice([4, 5, 6, 7], size=3, replace=False).tolist()
            tokens += [*word, 2]
            durations += [*draw.integers(4, 15, size=3).tolist(), int(draw.choice([0, 0, 12]))]
        tokens[-1:], durations[-1:] = [3, 1], [0, int(draw.integers(6, 12))]
        mel = sounds[np.repeat(tokens, durations)].T
        mel = mel + 0.5 * draw.normal(size=mel.shape)
        clips.append((np.array(tokens), mel.astype(np.float32), np.array(durations)))
    return clips


@pytest.fixture(scope="module")
def models():
    return fit_phoneme_models([clip[:2] for clip in _clips()], spoken=SPOKEN)


def test_the_durations_of_clips_that_were_not_fitted_are_found(models):
    errors = []
    for tokens, mel, true in _clips(10, seed=1):
        found = models.align(tokens, mel)
        assert found.sum() == mel.shape[1]
        assert (found >= 1).all()
        errors += np.abs(np.cumsum(found) - np.cumsum(true))[:-2].tolist()
    assert np.mean(errors) < 1.5  # a space that isn't heard takes a frame
    assert np.quantile(errors, 0.9) <= 3


def test_a_pause_belongs_to_the_mark_before_it_and_the_last_one_to_the_end(models):
    tokens, mel, true = _clips(1, seed=3)[0]
    comma = 3  # here in the middle of the text, before a space
    with_mark = np.insert(tokens, 3, comma)
    silence = mel[:, -true[-1] :][:, :6]
    start = true[:3].sum()
    paused = np.concatenate([mel[:, :start], silence, silence, mel[:, start + true[3] :]], axis=1)
    found = models.align(with_mark, paused)
    assert found[3] >= 9
    assert found[4] == 1
    assert found[-2] == 1
    assert found[-1] >= 4


def test_a_clip_with_fewer_frames_than_tokens_is_refused(models):
    tokens, mel, _ = _clips(1)[0]
    with pytest.raises(ValueError, match="tokens"):
        models.align(tokens, mel[:, : len(tokens) - 1])


class _Clips:
    def __init__(self, clips):
        self.clips = clips
        self.n_frames = np.array([clip[1].shape[1] for clip in clips])

    def utterance(self, index):
        return SimpleNamespace(id=f"clip_{index}")

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, index):
        return tuple(torch.from_numpy(part) for part in self.clips[index][:2])


def test_a_source_gives_each_clip_of_a_batch_its_durations_and_keeps_them(tmp_path):
    clips = _clips(12)
    path = tmp_path / "durations.safetensors"
    source = hidden_markov_durations([_Clips(clips)], symbols=SYMBOLS, path=path)
    tokens = torch.from_numpy(np.stack([clips[1][0], clips[5][0]]))
    lengths = torch.tensor([clips[1][1].shape[1], clips[5][1].shape[1]])
    batch = TextMelBatch(
        ids=("clip_1", "clip_5"), tokens=tokens, token_lengths=torch.tensor([13, 13]),
        mels=torch.zeros(2, M, int(lengths.max())), mel_lengths=lengths,
        speakers=torch.zeros(2, dtype=torch.int64),
    )  # fmt: skip
    durations = source(batch)
    assert torch.equal(durations.sum(dim=1), lengths)
    again = hidden_markov_durations([], symbols=SYMBOLS, path=path) if path.exists() else None
    assert torch.equal(again(batch), durations)
