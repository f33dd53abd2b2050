"""Split a corpus into parts that share no text, or no speaker.

The held-out clips determine what a test measures. If a text is in two parts, the model has already
seen it. If only speakers are shared, the test measures new sentences in known voices; if neither
is, new voices.
"""

import random
import re
from collections.abc import Callable, Sequence

from ttslib.corpora.corpus import Corpus
from ttslib.records import Utterance

__all__ = ["split_by_speaker", "split_by_text"]


def split_by_text(
    corpus: Corpus, *, shares: Sequence[float] = (0.9, 0.05, 0.05), seed: int = 0
) -> tuple[Corpus, ...]:
    """Split a corpus so that no text is in two parts, however many speakers and takes it has.

    Texts that differ only in case, marks and spaces count as the same.

    Parameters
    ----------
    corpus
        With `utterances`; it isn't changed.
    shares
        Of the texts, for each part; positive, with a sum of 1.
    seed
        The same corpus, shares and seed give the same parts, on every machine.

    Returns
    -------
    tuple of Corpus
        One for each share, none empty, their clips in the order of the corpus.

    Raises
    ------
    ValueError
        If the shares aren't positive or don't add up to 1, or there are fewer texts than parts.

    Taught in: notebooks/01_dataset_exploration
    """
    return _split(corpus, _words, "texts", shares, seed)


def split_by_speaker(
    corpus: Corpus, *, shares: Sequence[float] = (0.9, 0.05, 0.05), seed: int = 0
) -> tuple[Corpus, ...]:
    """Split a corpus so that no speaker is in two parts.

    Texts may be: split a part again by `split_by_text` if that matters.

    Parameters
    ----------
    corpus
        With `utterances`; it isn't changed.
    shares
        Of the speakers (not of their clips), for each part; positive, with a sum of 1.
    seed
        The same corpus, shares and seed give the same parts, on every machine.

    Returns
    -------
    tuple of Corpus
        One for each share, none empty, their clips in the order of the corpus.

    Raises
    ------
    ValueError
        If the shares aren't positive or don't add up to 1, or there are fewer speakers than parts.

    Taught in: notebooks/01_dataset_exploration
    """
    return _split(corpus, lambda utterance: utterance.speaker, "speakers", shares, seed)


def _words(utterance: Utterance) -> str:
    return " ".join(re.findall(r"\w+", utterance.text.casefold()))


def _split(
    corpus: Corpus,
    group_of: Callable[[Utterance], str],
    what: str,
    shares: Sequence[float],
    seed: int,
) -> tuple[Corpus, ...]:
    if min(shares, default=0) <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"shares must be positive and add up to 1, got {tuple(shares)}")
    keys = [group_of(utterance) for utterance in corpus.utterances]
    groups = sorted(set(keys))
    if len(groups) < len(shares):
        raise ValueError(
            f"the corpus has {len(groups)} {what}, too few for {len(shares)} parts; "
            "give fewer shares or more clips"
        )
    random.Random(seed).shuffle(groups)
    part_of = {}
    start, share_so_far = 0, 0.0
    for part, share in enumerate(shares):
        share_so_far += share
        still_needed = len(shares) - 1 - part  # one group for each remaining part
        end = max(start + 1, min(round(share_so_far * len(groups)), len(groups) - still_needed))
        part_of.update(dict.fromkeys(groups[start:end], part))
        start = end
    parts: list[list[int]] = [[] for _ in shares]
    for index, key in enumerate(keys):
        parts[part_of[key]].append(index)
    chosen = (corpus.utterances.take(part) for part in parts)
    return tuple(Corpus(part, speaker_info=corpus.speaker_info) for part in chosen)
