"""The figures of speech, on speech whose figures are known."""

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pytest
import tiny_training
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.models.tacotron2 import Tacotron2
from ttslib.records import Utterance
from ttslib.training.free_running import Spoken, dtw_distance, speak_features, spoken_figures

SYMBOLS = ("_", "~", " ", "AH0", "B", "K", "OW1")
NORMALIZER = MelNormalizer(mean=torch.full((4,), 2.0), std=torch.full((4,), 3.0))


class _FakeFeatures:
    """Clips of four phonemes; the mel of each wanders elsewhere."""

    def __init__(self, folder, *, lengths=(20, 24, 30, 36)):
        draw = torch.Generator().manual_seed(0)
        self.mels = [torch.randn(4, n, generator=draw).cumsum(dim=1) for n in lengths]
        self.n_frames = np.array(lengths)
        self.utterances = [
            Utterance(id=str(i), speaker="9", text=f"text {i}", audio_path=folder / f"clip {i}.wav")
            for i in range(len(lengths))
        ]

    def __len__(self):
        return len(self.utterances)

    def utterance(self, index):
        return self.utterances[index]

    def __getitem__(self, index):
        return torch.tensor([4, 3, 2, 5, 6, 1]), self.mels[index]  # B AH0 _ K OW1 ~


@pytest.fixture
def features(tmp_path):
    return _FakeFeatures(tmp_path)


def _figures(spoken, features, audio):
    return spoken_figures(
        spoken,
        features,
        tokenizer=SimpleNamespace(symbols=SYMBOLS),
        normalizer=NORMALIZER,
        audio=audio,
    )


def _attending(durations):
    """An alignment that rests on each token as long as is asked."""
    tokens = [token for token, steps in enumerate(durations) for _ in range(steps)]
    return torch.nn.functional.one_hot(torch.tensor(tokens), len(durations)).float()


def _as_recorded(features):
    mels = [NORMALIZER.normalize(mel) for mel in features.mels]
    alignments = [_attending([3, 3, 1, 3, 3, mel.shape[1] - 13]) for mel in mels]
    return Spoken(mels, alignments, [True] * len(mels))


def test_recordings_themselves_are_perfect(features, audio):
    figures = _figures(_as_recorded(features), features, audio)
    assert (figures.sentences, figures.stopped, figures.found) == (4, 4, 4)
    assert figures.distance_ratio == pytest.approx(0, abs=1e-3)
    assert figures.length_ratio == 1
    assert (figures.alignment.coverage, figures.alignment.skipped) == (1, 0)
    assert math.isnan(figures.duration_correlation)  # nobody knows the phonemes' times


def test_other_sentences_are_never_found(features, audio):
    spoken = _as_recorded(features)
    shuffled = spoken._replace(mels=spoken.mels[1:] + spoken.mels[:1])
    figures = _figures(shuffled, features, audio)
    assert figures.found == 0
    assert figures.distance_ratio > 1


def test_another_take_of_the_same_sentence_is_as_right_as_its_own(features, audio):
    spoken = _as_recorded(features)
    swapped = [spoken.mels[i] for i in (1, 0, 2, 3)]
    features.utterances[0] = dataclasses.replace(features.utterances[0], text="text 1")
    figures = _figures(spoken._replace(mels=swapped), features, audio)
    assert figures.found == 4


def test_half_as_long_and_never_stopping(features, audio):
    spoken = _as_recorded(features)
    halved = spoken._replace(
        mels=[mel[:, : mel.shape[1] // 2] for mel in spoken.mels],
        stopped=[False, False, True, False],
    )
    figures = _figures(halved, features, audio)
    assert figures.length_ratio == 0.5
    assert figures.stopped == 1


def _write_times(features, durations):
    """Write espeak's account: a pause, B AH, a pause, K OW, of so many frames each."""
    for utterance in features.utterances:
        rows, start = ["start\tend\tphoneme\tespeak"], 0.0
        for phoneme, frames in zip(("sil", "B", "AH", "sil", "K", "OW"), durations, strict=True):
            end = start + frames / 100  # frames a second in these tests
            rows.append(f"{start}\t{end}\t{phoneme}\tx")
            start = end
        path = utterance.audio_path.with_suffix(".phonemes.tsv")
        path.write_text("\n".join(rows), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoken_frames", "correlation"),
    [
        ([2, 5, 1, 1, 4], 1.0),
        ([4, 10, 7, 2, 8], 1.0),  # twice as slow, and another pause
        ([4, 1, 1, 5, 2], -1.0),
    ],
)
def test_durations_are_held_against_espeaks(features, audio, spoken_frames, correlation):
    _write_times(features, [7, 2, 5, 9, 1, 4])
    spoken = _as_recorded(features)
    alignments = [_attending([*spoken_frames, 3])] * len(features)
    found = _figures(spoken._replace(alignments=alignments), features, audio)
    assert found.duration_correlation == pytest.approx(correlation)


def test_figures_are_one_flat_row_and_one_line(features, audio):
    figures = _figures(_as_recorded(features), features, audio)
    row = figures.to_dict()
    assert {"found", "distance_ratio", "diagonality", "repeated"} <= row.keys()
    assert all(isinstance(value, (int, float)) for value in row.values())
    assert "stops 4/4, closest recording is the right one: 4/4 (at 0.00" in str(figures)
    assert "\n" not in str(figures)


def test_dtw_distance_of_known_pairs():
    torch.manual_seed(0)
    mel, other = torch.randn(4, 21), torch.randn(4, 33)
    assert dtw_distance(mel, mel) == pytest.approx(0, abs=1e-3)
    assert dtw_distance(mel, other) == pytest.approx(dtw_distance(other, mel))
    slow = mel.repeat_interleave(3, dim=1)
    assert dtw_distance(mel, slow, stride=1) == pytest.approx(0, abs=1e-3)
    assert dtw_distance(mel, mel + 2) > 0.5
    constant = dtw_distance(torch.zeros(4, 10), torch.full((4, 14), 3.0))
    assert constant == pytest.approx(6)  # the root of 4 * 3 ** 2 at every step of the path


def test_speaking_draws_from_its_seed_alone(features):
    torch.manual_seed(0)
    model = Tacotron2(tiny_training.CONFIG).train()
    state = torch.get_rng_state()
    first = speak_features(model, features, speakers=("8", "9"), seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
    torch.rand(5)
    again = speak_features(model, features, speakers=("8", "9"), seed=1)
    other = speak_features(model, features, speakers=("8", "9"), seed=2)
    for k, mel in enumerate(first.mels):
        assert torch.equal(mel, again.mels[k])
        assert mel.shape[0] == 4
        assert mel.shape[1] <= 2 * 36
        assert first.alignments[k].shape == (mel.shape[1], 6)
    assert any(
        a.shape != b.shape or not torch.equal(a, b)
        for a, b in zip(first.mels, other.mels, strict=True)
    )
