"""WaveNet's distribution of the next sample: 256 classes, or a mixture of logistics.

Papers: the 8-bit mu-law softmax is that of van den Oord et al. 2016, WaveNet, arXiv 1609.03499,
section 2.2; the mixture that of Salimans et al. 2017, PixelCNN++, arXiv 1701.05517, section 2.1,
which Parallel WaveNet (van den Oord et al. 2017, arXiv 1711.10433) uses for 16-bit sound.

Shapes: B batch, S samples, K outputs per sample, C = K / 3 components of a mixture.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.audio.mulaw import mulaw_decode, mulaw_encode

__all__ = ["LogisticMixture", "MuLawSoftmax"]

HALF = 1 / 65535  # of the distance between two 16-bit samples
LEAST_CHANCE = 1e-6  # the least likely number from a logistic's tail
LEAST_LOG_SCALE = -9.0  # a narrower logistic would fit within one 16-bit sample


class MuLawSoftmax:
    """A probability for each of 256 mu-law classes.

    Taught in: notebooks/10_wavenet
    """

    outputs = 256

    def heard(self, signal: Tensor) -> Tensor:
        """Return the network's input for samples: their class, scaled to [-1, 1]."""
        return mulaw_encode(signal).to(signal.dtype) / 127.5 - 1

    def loss(self, output: Tensor, signal: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of a signal (B, S), in nats per sample."""
        return F.cross_entropy(output, mulaw_encode(signal))

    def draw(self, output: Tensor, uniforms: Tensor, *, temperature: float) -> Tensor:
        """Draw samples (B,) by outputs (B, K) and uniform numbers (B, 2); at 0, the likeliest."""
        return mulaw_decode(_draw_classes(output, uniforms[:, 0], temperature))


class LogisticMixture:
    """The weights, means and log-scales of some logistic distributions, over 16-bit samples.

    Parameters
    ----------
    components : int
        Number of distributions in the mixture.

    Taught in: notebooks/10_wavenet
    """

    def __init__(self, components: int):
        self.outputs = 3 * components

    def heard(self, signal: Tensor) -> Tensor:
        """Return the network's input for samples: themselves."""
        return signal

    def log_probability(self, output: Tensor, signal: Tensor) -> Tensor:
        """Return the log-probability (B, S) of samples (B, S) under outputs (B, K, S).

        A 16-bit sample gets the probability of all numbers that are closest to it; the outermost
        two include everything beyond them.
        """
        logits, means, log_scales = output.float().chunk(3, dim=1)  # (B, C, S) each
        sharpness = (-log_scales.clamp(min=LEAST_LOG_SCALE)).exp()
        x = signal[:, None]
        above, below = (x + HALF - means) * sharpness, (x - HALF - means) * sharpness
        # sigmoid(above) - sigmoid(below), without the difference of two numbers near 1 or near 0
        within = torch.log(-torch.expm1(-2 * HALF * sharpness))
        inner = F.logsigmoid(above) + F.logsigmoid(-below) + within
        log_p = torch.where(
            x <= HALF - 1,
            F.logsigmoid(above),
            torch.where(x >= 1 - HALF, F.logsigmoid(-below), inner),
        )
        return torch.logsumexp(log_p + logits.log_softmax(dim=1), dim=1)

    def loss(self, output: Tensor, signal: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of a signal (B, S), in nats per sample."""
        return -self.log_probability(output, signal.clamp(-1, 1)).mean()

    def draw(self, output: Tensor, uniforms: Tensor, *, temperature: float) -> Tensor:
        """Draw samples (B,) by outputs (B, K) and uniform numbers (B, 2).

        The first number selects a component, the second a position in it; the temperature narrows
        both choices. At 0, the sample is the mean of the heaviest component.
        """
        logits, means, log_scales = output.chunk(3, dim=1)  # (B, C) each
        chosen = _draw_classes(logits, uniforms[:, 0], temperature)[:, None]
        scale = log_scales.gather(1, chosen)[:, 0].clamp(min=LEAST_LOG_SCALE).exp()
        noise = temperature * scale * uniforms[:, 1].logit(eps=LEAST_CHANCE)
        return (means.gather(1, chosen)[:, 0] + noise).clamp(-1, 1)


def _draw_classes(logits: Tensor, uniforms: Tensor, temperature: float) -> Tensor:
    """Draw classes (B,) by logits (B, K): the first whose cumulative probability is above it."""
    if temperature == 0:
        return logits.argmax(dim=1)
    reached = (logits / temperature).softmax(dim=1).cumsum(dim=1)
    number = torch.searchsorted(reached, uniforms[:, None] * reached[:, -1:], right=True)
    return number[:, 0].clamp(max=logits.shape[1] - 1)
