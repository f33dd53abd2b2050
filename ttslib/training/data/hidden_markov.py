"""Align recordings with their phonemes by hidden Markov models, trained only on these two.

The classic way (HTK, the first stage of the Montreal Forced Aligner): a phoneme is a chain of three
states, a pause or a mark is one, and each state has a normal distribution of cepstra and of their
slopes. Training starts from clips divided evenly and alternates between fitting the distributions
and finding the most probable paths. FastSpeech 2's own aligner needs no second training, but it has
one state per phoneme and one deviation for all: on 78 minutes of a human voice it gave a fifth of
the phonemes a single frame.

Shapes: N tokens, T frames, M mel bands, K states of a clip, Q states of all symbols, F features.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch.nn.utils.rnn import pad_sequence

from ttslib.files import write_whole
from ttslib.records import TextMelBatch
from ttslib.training.data.durations import DurationSource
from ttslib.training.data.features import Features

__all__ = ["PhonemeModels", "fit_phoneme_models", "hidden_markov_durations"]

CEPSTRA = 20  # of 80 bands: the spectrum's envelope without its harmonics
MARGIN = 9  # frames of silence assumed at each end of a clip, at first
PRIOR = 5.0  # frames of average sound counted for each state in addition to its own
FLOOR = 0.05  # smallest variance of a feature, as a share of its variance over all frames
FIT_FRAMES = 1_000_000  # three hours: more wouldn't change the distributions


class PhonemeModels(NamedTuple):
    """The distributions of all states; state 0 is silence, a symbol s has 3 s + 1 to 3 s + 3."""

    spoken: np.ndarray  # (symbols,) bool: False for pauses, marks and other silent symbols
    mean: np.ndarray  # (Q, F)
    variance: np.ndarray  # (Q, F)
    scale: np.ndarray  # (2, F): mean and deviation of the features over all frames

    def align(self, tokens: np.ndarray, mel: np.ndarray) -> np.ndarray:
        """Return the durations (N,) of tokens (N,) in a log-mel (M, T), each at least 1."""
        states, owners, optional = _chain(tokens, self.spoken)
        features = (_features(mel) - self.scale[0]) / self.scale[1]
        path, _ = self.path(states, optional, features)
        return _whole(np.bincount(owners[path], minlength=len(tokens)), self.spoken[tokens])

    def path(
        self, states: np.ndarray, optional: np.ndarray, features: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Return the index in a clip's chain of states at each frame, and its log-likelihood."""
        mean, precision = self.mean[states], 1 / self.variance[states]
        constant = np.log(precision).sum(axis=1) - (mean**2 * precision).sum(axis=1)
        scores = features**2 @ -precision.T + features @ (2 * mean * precision).T + constant
        return _viterbi()(0.5 * scores, optional)  # (T, K)


def fit_phoneme_models(
    clips: Sequence[tuple[np.ndarray, np.ndarray]], *, spoken: np.ndarray, iterations: int = 20
) -> PhonemeModels:
    """Fit the models to clips: tokens (N,) and log-mels (M, T).

    Parameters
    ----------
    clips
    spoken : (symbols,) bool
        Which symbols have a sound; the others are silent, and may be skipped.
    iterations
        The most; fitting ends once fewer than 1 in 200 frames change their state.

    References
    ----------
    Rabiner 1989, A tutorial on hidden Markov models and selected applications in speech
    recognition, Proceedings of the IEEE 77(2), section VI (segmental k-means).
    """
    features = [_features(mel) for _, mel in clips]
    every = np.concatenate(features)
    scale = np.stack([every.mean(axis=0), every.std(axis=0)])
    features = [(one - scale[0]) / scale[1] for one in features]
    chains = [_chain(tokens, spoken) for tokens, _ in clips]
    paths = [
        _even_path(states, len(one)) for (states, *_), one in zip(chains, features, strict=True)
    ]
    for _ in range(iterations):
        of_frames = np.concatenate([c[0][p] for c, p in zip(chains, paths, strict=True)])
        models = _distributions(np.concatenate(features), of_frames, spoken, scale)
        found = [
            models.path(states, optional, one)[0]
            for (states, _, optional), one in zip(chains, features, strict=True)
        ]
        changed = sum((a != b).sum() for a, b in zip(paths, found, strict=True))
        paths = found
        if changed < len(every) / 200:
            break
    return models


def hidden_markov_durations(
    features: Iterable[Features], *, symbols: Sequence[str], path: str | Path | None = None
) -> DurationSource:
    """Align clips by models fitted to them, or read the durations that an earlier call wrote.

    Parameters
    ----------
    features
        One set or several; the models are fitted to the first.
    symbols
        The tokenizer's. A symbol without a letter is silent.
    path
        Where the durations are stored; None keeps them only in memory.
    """
    features = list(features)
    path = None if path is None else Path(path)
    if path is not None and path.exists():
        known = load_file(path)
    else:
        spoken = np.array([any(c.isalpha() for c in symbol) for symbol in symbols])
        models = fit_phoneme_models(_sample(features[0]), spoken=spoken)
        known = {
            one.utterance(i).id: torch.from_numpy(models.align(*(part.numpy() for part in one[i])))
            for one in features
            for i in range(len(one))
        }
        if path is not None:
            write_whole(path, save(known))

    def source(batch: TextMelBatch) -> torch.Tensor:
        rows = [known[name] for name in batch.ids]
        return pad_sequence(rows, batch_first=True).to(batch.tokens.device)

    return source


def _sample(features: Features) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return some hours of clips, evenly from the whole corpus."""
    every = max(1, round(int(features.n_frames.sum()) / FIT_FRAMES))
    clips = (features[i] for i in range(0, len(features), every))
    return [(tokens.numpy(), mel.numpy()) for tokens, mel in clips]


def _features(mel: np.ndarray) -> np.ndarray:
    """Return cepstra of a log-mel (M, T), their slopes, and the slopes' slopes: (T, F)."""
    bands = np.arange(len(mel))
    waves = np.cos(np.pi / len(mel) * (bands + 0.5) * np.arange(min(CEPSTRA, len(mel)))[:, None])
    cepstra = mel.T.astype(np.float64) @ waves.T
    slopes = _slopes(cepstra)
    return np.concatenate([cepstra, slopes, _slopes(slopes)], axis=1)


def _slopes(x: np.ndarray) -> np.ndarray:
    """Return the slope of a line through each frame and two on both sides."""
    padded = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    return (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10


def _chain(tokens: np.ndarray, spoken: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a clip's states in order (K,), each state's token, and whether it may be skipped."""
    states, owners, optional = [0], [0], [True]  # a silence first, which belongs to the first token
    for place, token in enumerate(tokens.tolist()):
        if spoken[token]:
            states += [3 * token + 1, 3 * token + 2, 3 * token + 3]
            optional += [False, True, False]
            owners += [place] * 3
        else:
            states.append(0)
            optional.append(True)
            owners.append(place)
    return np.array(states), np.array(owners), np.array(optional)


def _even_path(states: np.ndarray, n_frames: int) -> np.ndarray:
    """Return a path with silence at both ends, and equally many frames for all other states."""
    margin = min(MARGIN, n_frames // 10)
    inner = np.flatnonzero(states) if states.any() else np.zeros(1, int)
    spread = np.arange(n_frames - 2 * margin) * len(inner) // (n_frames - 2 * margin)
    last = len(states) - 1 if states[-1] == 0 else 0
    return np.concatenate([np.zeros(margin, int), inner[spread], np.full(margin, last)])


def _distributions(
    features: np.ndarray, states: np.ndarray, spoken: np.ndarray, scale: np.ndarray
) -> PhonemeModels:
    """Return each state's mean and variance; the prior makes an unused state like any sound."""
    number = 3 * len(spoken) + 1
    order = np.argsort(states, kind="stable")
    counts = np.bincount(states, minlength=number)
    starts = np.cumsum(counts) - counts
    seen = counts > 0
    sums = np.zeros((2, number, features.shape[1]))
    for row, values in zip(sums, (features, features**2), strict=True):
        row[seen] = np.add.reduceat(values[order], starts[seen], axis=0)
    total = (counts + PRIOR)[:, None]
    mean = sums[0] / total
    variance = (sums[1] + PRIOR) / total - mean**2
    return PhonemeModels(spoken, mean, np.maximum(variance, FLOOR), scale)


def _whole(durations: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """Give a pause to the mark before it, and one of a neighbor's frames to a token without any."""
    for place in range(len(durations) - 1):
        if not spoken[place] and not spoken[place + 1]:
            together = durations[place] + durations[place + 1]
            last = place + 1 == len(durations) - 1  # the end of the text has its own silence
            durations[place], durations[place + 1] = (0, together) if last else (together, 0)
    if durations.sum() < len(durations):
        raise ValueError(
            f"a clip has {durations.sum()} frames for {len(durations)} tokens, and each needs one; "
            "leave it out, or take a smaller hop_length"
        )
    for place in np.flatnonzero(durations == 0).tolist():
        longer = np.flatnonzero(durations > 1)
        durations[longer[np.abs(longer - place).argmin()]] -= 1
        durations[place] += 1
    return durations


@lru_cache(maxsize=1)
def _viterbi() -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, float]]:
    """Return a search for the most probable path through a chain, in machine code."""
    from numba import njit

    @njit(cache=True)
    def search(scores, optional):
        n_frames, n_states = scores.shape
        best = np.full(n_states, -np.inf)
        came_from = np.zeros((n_frames, n_states), np.int64)
        for state in range(n_states):
            best[state] = scores[0, state]
            if not optional[state]:
                break
        for t in range(1, n_frames):
            for state in range(n_states - 1, -1, -1):  # backward: those before are still of t - 1
                source = state
                for before in range(state - 1, -1, -1):
                    if best[before] > best[source]:
                        source = before
                    if not optional[before]:
                        break
                best[state] = best[source] + scores[t, state]
                came_from[t, state] = source
        end = n_states - 1
        for state in range(n_states - 1, -1, -1):
            if best[state] > best[end]:
                end = state
            if not optional[state]:
                break
        path = np.zeros(n_frames, np.int64)
        path[-1] = end
        for t in range(n_frames - 1, 0, -1):
            path[t - 1] = came_from[t, path[t]]
        return path, best[end]

    return search
