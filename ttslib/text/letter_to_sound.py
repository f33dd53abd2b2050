"""Guess the phonemes of a word from its letters, with the network that comes with g2p_en.

The weights are read from g2p_en's wheel; the network is computed here, because importing g2p_en
imports NLTK, which takes seconds and starts downloads. It is a sequence-to-sequence model without
attention: one GRU encodes the letters, another one generates phonemes until the end symbol.

References
----------
Park and Kim 2019, g2pE, https://github.com/Kyubyong/g2p (the weights, and `G2p.predict`)
Cho et al. 2014, arXiv 1406.1078 (the GRU; this is the variant of cuDNN and PyTorch)
"""

import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np

from ttslib.text.arpabet import PHONEMES

__all__ = ["letters_to_phonemes"]

LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
START, STOP = 2, 3
SOUNDS = ("<pad>", "<unk>", "<s>", "</s>", *sorted([*PHONEMES, "UW"]))  # UW: without a stress
MOST_PHONEMES = 20


def letters_to_phonemes(word: str) -> list[str]:
    """Return at most 20 phonemes for a word of lower-case letters, the likeliest at each step.

    Raises
    ------
    FileNotFoundError
        If g2p_en isn't installed.
    """
    weights = _weights()
    state = np.zeros(weights["enc_w_hh"].shape[1], np.float32)
    for letter in [*word, "</s>"]:
        index = LETTERS.index(letter) if letter in LETTERS else LETTERS.index("<unk>")
        state = _gru(weights, "enc", weights["enc_emb"][index], state)
    written: list[int] = []
    last = START
    while len(written) < MOST_PHONEMES:
        state = _gru(weights, "dec", weights["dec_emb"][last], state)
        last = int(np.argmax(weights["fc_w"] @ state + weights["fc_b"]))
        if last == STOP:
            break
        written.append(last)
    return [SOUNDS[index] for index in written]


def _gru(weights: dict[str, np.ndarray], part: str, x: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Return the next state of the GRU of one `part`, "enc" or "dec"."""
    from_x = weights[f"{part}_w_ih"] @ x + weights[f"{part}_b_ih"]
    from_state = weights[f"{part}_w_hh"] @ state + weights[f"{part}_b_hh"]
    (reset_x, update_x, new_x), (reset_h, update_h, new_h) = (
        np.split(part, 3) for part in (from_x, from_state)
    )
    reset = 1 / (1 + np.exp(-reset_x - reset_h))
    update = 1 / (1 + np.exp(-update_x - update_h))
    new = np.tanh(new_x + reset * new_h)
    return (1 - update) * new + update * state


@lru_cache(maxsize=1)
def _weights() -> dict[str, np.ndarray]:
    spec = importlib.util.find_spec("g2p_en")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the letter-to-sound weights come with g2p_en: pip install g2p_en")
    with np.load(Path(spec.origin).with_name("checkpoint20.npz")) as arrays:
        return {name: array.astype(np.float32) for name, array in arrays.items()}
