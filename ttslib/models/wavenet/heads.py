"""What WaveNet says of the next sample: 256 classes, or a mixture of logistic distributions.

Papers: the 8-bit mu-law softmax is that of van den Oord et al. 2016, WaveNet, arXiv 1609.03499,
section 2.2; the mixture that of Salimans et al. 2017, PixelCNN++, arXiv 1701.05517, section 2.1,
which Parallel WaveNet (van den Oord et al. 2017, arXiv 1711.10433) took over for 16-bit sound.

Shapes: B batch, S samples, K outputs for one sample, C = K / 3 components of a mixture.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.audio.mulaw import mulaw_decode, mulaw_encode

__all__ = ["LogisticMixture", "MuLawSoftmax"]

HALF = 1 / 65535  # of the distance between two 16-bit samples
LEAST_CHANCE = 1e-6  # a number from a logistic's tail is at most so unlikely
LEAST_LOG_SCALE = -9.0  # a narrower logistic would lie within one 16-bit sample


class MuLawSoftmax:
    """A probability for each of 256 mu-law classes.

    Taught in: notebooks/10_wavenet
    """

    outputs = 256

    def heard(self, signal: Tensor) -> Tensor:
        """What the network is given of samples: their class, laid on [-1, 1]."""
        return mulaw_encode(signal).to(signal.dtype) / 127.5 - 1

    def loss(self, output: Tensor, signal: Tensor) -> Tensor:
        """How unlikely the signal (B, S) is under the output (B, K, S), in nats a sample."""
        return F.cross_entropy(output, mulaw_encode(signal))

    def draw(self, output: Tensor, uniforms: Tensor, *, temperature: float) -> Tensor:
        """Samples (B,) from outputs (B, K) and uniform numbers (B, 2); at 0 the likeliest."""
        return mulaw_decode(_draw_classes(output, uniforms[:, 0], temperature))


class LogisticMixture:
    """The weights, means and log-scales of some logistic distributions, over 16-bit samples.

    Parameters
    ----------
    components : int
        How many distributions are mixed.

    Taught in: notebooks/10_wavenet
    """

    def __init__(self, components: int):
        self.outputs = 3 * components

    def heard(self, signal: Tensor) -> Tensor:
        """What the network is given of samples: themselves."""
        return signal

    def log_probability(self, output: Tensor, signal: Tensor) -> Tensor:
        """Of samples (B, S) under outputs (B, K, S): natural logarithms (B, S).

        A 16-bit sample gets all that lies nearer to it than to its neighbours, the outermost two
        also what lies beyond.
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
        """How unlikely the signal (B, S) is under the output (B, K, S), in nats a sample."""
        return -self.log_probability(output, signal.clamp(-1, 1)).mean()

    def draw(self, output: Tensor, uniforms: Tensor, *, temperature: float) -> Tensor:
        """Samples (B,) from outputs (B, K) and uniform numbers (B, 2).

        The first number chooses a component, the second a place in it; the temperature narrows
        both choices. At 0 it is the mean of the weightiest.
        """
        logits, means, log_scales = output.chunk(3, dim=1)  # (B, C) each
        chosen = _draw_classes(logits, uniforms[:, 0], temperature)[:, None]
        scale = log_scales.gather(1, chosen)[:, 0].clamp(min=LEAST_LOG_SCALE).exp()
        noise = temperature * scale * uniforms[:, 1].logit(eps=LEAST_CHANCE)
        return (means.gather(1, chosen)[:, 0] + noise).clamp(-1, 1)


def _draw_classes(logits: Tensor, uniforms: Tensor, temperature: float) -> Tensor:
    """Classes (B,) from logits (B, K): the first whose cumulated probability exceeds the number."""
    if temperature == 0:
        return logits.argmax(dim=1)
    reached = (logits / temperature).softmax(dim=1).cumsum(dim=1)
    number = torch.searchsorted(reached, uniforms[:, None] * reached[:, -1:], right=True)
    return number[:, 0].clamp(max=logits.shape[1] - 1)
