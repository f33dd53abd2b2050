"""The manner of speaking: faster, higher or louder, for the whole text, a word or a token.

Shapes: N tokens.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Manner", "Piece"]


class Piece(NamedTuple):
    """A sentence, or a part of one that is too long to speak at once."""

    text: str
    tokens: Tensor  # (N,)
    words: Tensor  # (N,) index of each token's word in the whole text
    start: int  # number of tokens of the text before it


@dataclass(frozen=True)
class Manner:
    """Factors of the usual speed, pitch and energy.

    Raises
    ------
    ValueError
        If a factor isn't above 0.
    """

    speed: float
    pitch: float
    energy: float
    emphasis: Mapping[int, float]  # by the word's index in the text
    token_factors: Tensor | None  # (3, tokens of the text): length, pitch, energy

    def __post_init__(self):
        factors = {"speed": self.speed, "pitch": self.pitch, "energy": self.energy}
        factors |= {f"emphasis of word {word}": factor for word, factor in self.emphasis.items()}
        if self.token_factors is not None:
            low_and_high = self.token_factors.min(), self.token_factors.max()  # nan if any is nan
            for factor in map(float, low_and_high):
                _require_positive("each of token_factors", factor)
        for name, factor in factors.items():
            _require_positive(name, factor)

    @property
    def as_usual(self) -> bool:
        """Return True if nothing is changed."""
        one = self.speed == self.pitch == self.energy == 1
        return one and not self.emphasis and self.token_factors is None

    def of(self, piece: Piece) -> Tensor:
        """Return the speed, pitch and energy of a piece's tokens, (3, N)."""
        usual = torch.tensor([self.speed, self.pitch, self.energy])
        factors = usual[:, None].repeat(1, len(piece.tokens))
        for word, stress in self.emphasis.items():
            change = torch.tensor([1 / stress, stress**0.5, stress])[:, None]
            factors[:, piece.words == word] *= change
        if self.token_factors is not None:
            length, *others = self.token_factors[:, piece.start : piece.start + len(piece.tokens)]
            factors *= torch.stack([1 / length, *others])
        return factors

    def require_fitting(self, pieces: Sequence[Piece]) -> None:
        """Raise an error unless a text has the words to stress, and a token for each factor.

        Raises
        ------
        ValueError
            If it doesn't.
        """
        words = int(pieces[-1].words[-1]) + 1
        for word in self.emphasis:
            if not 0 <= word < words:
                raise ValueError(
                    f"emphasis names word {word}, but the text has words 0..{words - 1}"
                )
        tokens = pieces[-1].start + len(pieces[-1].tokens)
        given = self.token_factors
        if given is not None and given.shape != (3, tokens):
            raise ValueError(
                f"token_factors have shape {tuple(given.shape)}, but the text has {tokens} tokens; "
                f"give length, pitch and energy of each: (3, {tokens})"
            )


def _require_positive(name: str, factor: float) -> None:
    if not 0 < factor < math.inf:
        raise ValueError(f"{name} must be above 0, got {factor}; 1 is the usual")
