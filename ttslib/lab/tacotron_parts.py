"""The checks of notebook 04, in which the learner writes the parts of a Tacotron 2.

Each `check_` function compares a part's results with the library's, and returns the part to use
from then on: the learner's if it passes, else the library's, so that the notebook runs to its end.

Shapes: N tokens, T frames, D width of the memory; one sentence, no batch.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ttslib.lab
from ttslib.models.tacotron2 import AttentionRnnState, Decoder, Encoder, Prenet, Tacotron2
from ttslib.nn.attention import AttentionState, LocationSensitiveAttention
from ttslib.nn.postnet import Postnet
from ttslib.nn.randomness import seeded

__all__ = [
    "check_attention",
    "check_decoder_step",
    "check_encoder",
    "check_postnet",
    "check_prenet",
    "check_teacher_forcing",
]


def check_encoder(name: str, encode: Callable, layers: Any, tokens: Tensor) -> Callable:
    """Check `encode(layers, tokens)`: the memory (N, D) of the tokens (N,)."""

    def report(encode: Callable) -> dict[str, Any]:
        transparent = copy.deepcopy(layers)
        transparent.lstm = _PassOn()
        memory, entering = encode(layers, tokens), encode(transparent, tokens)
        return {
            "shape of the memory": _shape(memory),
            "the same result twice": torch.equal(memory, encode(layers, tokens)),
            "what enters the LSTM is never negative": bool((entering >= 0).all()),
            "what enters the LSTM": entering,
            "memory": memory,
            "memory of a single token": encode(layers, tokens[:1]),
            "memory of a longer sentence": encode(layers, tokens.repeat(2)),
        }

    hint = "both convolutions, a ReLU after each; `nn.LSTM` returns its output and its state"
    return _checked(name, encode, _encode, report, hint)


def check_attention(name: str, attend: Callable, layers: Callable[..., Any]) -> Callable:
    """Check `attend(layers, query, memory, was, spent)`: context (D,) and weights (N,).

    `layers(query=, memory=, width=, filters=, kernel=, advance=)` makes the layers.
    """
    random = torch.Generator().manual_seed(0)
    free = layers(query=8, memory=6, width=4, filters=3, kernel=5, advance=None)
    for parameter in free.requires_grad_(False).parameters():
        parameter.normal_(generator=random)
    content = copy.deepcopy(free)
    content.location_dense.weight.zero_()
    query, memory = torch.randn(8, generator=random), torch.randn(7, 6, generator=random)
    spent = 2 * torch.rand(7, generator=random)
    was, at_the_end = torch.tensor([0.1, 0.6, 0.3, 0, 0, 0, 0]), torch.eye(7)[6]
    strict = layers(query=1, memory=1, width=1, filters=1, kernel=3, advance=1)
    for parameter in strict.requires_grad_(False).parameters():
        parameter.zero_()
    strict.key.weight.fill_(1.0)
    strict.score.weight.fill_(100.0)
    disliked = torch.tensor([-9.0, -9.0, 0.0, 0.01, 0.02])[:, None]  # scores -100, -100, 0, 1, 2

    def report(attend: Callable) -> dict[str, Any]:
        context, weights = attend(free, query, memory, was, spent)
        seen = {
            "shapes of context and weights": f"{_shape(context)}, {_shape(weights)}",
            "sum of the weights": weights.sum(),
            "weights from content alone (U = 0)": attend(content, query, memory, was, spent)[1],
            "weights from content and location": weights,
            "context": context,
        }
        for advance in (1, 2):
            held = copy.deepcopy(free)
            held.advance = advance
            context, weights = attend(held, query, memory, was, spent)
            ended = attend(held, query, memory, at_the_end, spent)[1]
            seen |= {
                f"sum of the weights with advance={advance}": weights.sum(),
                f"weights of the first tokens, coming from the last, advance={advance}": ended[:5],
                f"weights with advance={advance}": weights,
                f"context with advance={advance}": context,
            }
        first = torch.eye(5)[0]
        pushed = attend(strict, torch.zeros(1), disliked, first, torch.zeros(5))[1]
        return seen | {"weights if every token within reach has a score of -100": pushed}

    hint = (
        "W q is the same vector for all tokens; shift `was` to the right with F.pad, not around; "
        "the tiny number is added to the sum of the shifted weights"
    )
    return _checked(name, attend, _attend, report, hint)


def check_prenet(name: str, squeeze: Callable, layers: Any, frames: Tensor) -> Callable:
    """Check `squeeze(layers, frames, generator)`, which takes frames (T, 80) or one of them."""
    plain = copy.deepcopy(layers)
    plain.layers = nn.ModuleList(nn.Linear(1000, 1000, bias=False) for _ in range(2))
    for parameter in plain.eval().requires_grad_(False).parameters():
        parameter.copy_(torch.eye(1000))

    def report(squeeze: Callable) -> dict[str, Any]:
        ones, again = (squeeze(plain, torch.ones(1000), seeded(seed)) for seed in (0, 0))
        below = squeeze(plain, -torch.ones(1000), seeded(0))
        other = squeeze(plain, torch.ones(1000), seeded(1))
        return {
            "what becomes of ones": str(ones.unique().tolist()),
            "what becomes of minus ones": str(below.abs().unique().tolist()),
            "the same seed, the same numbers": torch.equal(ones, again),
            "another seed, other numbers": not torch.equal(ones, other),
            "about three quarters become zero": 0.7 < float((ones == 0).float().mean()) < 0.8,
            "shape": _shape(squeeze(layers, frames, seeded(0))),
            "frames": squeeze(layers, frames, seeded(0)),
            "a single frame": squeeze(layers, frames[0], seeded(0)),
        }

    hint = (
        "layer, ReLU, dropout; then once more. Both dropouts draw from the given generator, which "
        "nobody seeds again"
    )
    return _checked(name, squeeze, Prenet.forward, report, hint)


def check_decoder_step(
    name: str, step: Callable, model: Tacotron2, layers: Any, memory: Tensor, start: Any
) -> Callable:
    """Check `step(layers, squeezed, memory, state)`: frames (r, 80), gate () and the next state.

    `model` has the same weights as `layers`; `start` is the state before the first step.
    """

    trained, other = layers, _other(layers)

    def library(layers: Any, squeezed: Tensor, memory: Tensor, state: Any) -> tuple:
        decoder = model.decoder if layers is trained else _loaded(model.decoder, layers)
        return _step(decoder, squeezed, memory, state)

    def report(step: Callable) -> dict[str, Any]:
        random = torch.Generator().manual_seed(0)
        seen: dict[str, Any] = {}
        spent = torch.rand(len(memory), generator=random)
        state = start._replace(weights=torch.eye(len(memory))[3], spent=spent)  # on its way
        for number in (1, 2, 3):
            squeezed = torch.rand(128, generator=random)
            frames, gate, state = step(layers, squeezed, memory, state)
            seen |= {
                f"shapes of frames and gate, step {number}": f"{_shape(frames)}, {_shape(gate)}",
                f"attention LSTM, step {number}": torch.cat(state.attention_rnn),
                f"weights, step {number}": state.weights,
                f"time spent, step {number}": state.spent,
                f"context, step {number}": state.context,
                f"decoder LSTM, step {number}": torch.cat(state.rnn),
                f"gate, step {number}": gate,
                f"first frame, step {number}": frames[0],
                f"second frame, step {number}": frames[1],
            }
        frames, gate, state = step(other, squeezed, memory, state)
        return seen | {
            "attention LSTM of other layers": torch.cat(state.attention_rnn),
            "weights of other layers": state.weights,
            "decoder LSTM of other layers": torch.cat(state.rnn),
            "gate of other layers": gate,
            "frames of other layers": frames,
        }

    hint = "join in the order of the layers' comments; go on with the new hidden state and context"
    return _checked(name, step, library, report, hint)


def check_postnet(name: str, refine: Callable, layers: Any, mel: Tensor) -> Callable:
    """Check `refine(layers, mel)`: the corrected mel (80, T)."""
    silent = copy.deepcopy(layers)
    silent.convolutions[-1][1].weight.zero_()
    silent.convolutions[-1][1].bias.zero_()

    def report(refine: Callable) -> dict[str, Any]:
        corrected = refine(layers, mel)
        return {
            "shape": _shape(corrected),
            "the same result twice": torch.equal(corrected, refine(layers, mel)),
            "a correction of zeros leaves the mel unchanged": refine(silent, mel),
            "corrected mel": corrected,
            "corrected mel of a single frame": refine(layers, mel[:, :1]),
        }

    hint = "what is returned is the mel plus a correction, which may have to be larger than 1"
    return _checked(name, refine, _refine, report, hint)


def check_teacher_forcing(
    name: str, follow: Callable, model: Tacotron2, layers: Any, memory: Tensor, mel: Tensor
) -> Callable:
    """Check `follow(layers, memory, mel, generator)`: the mel, the gates and the alignment.

    `model` has the same weights as `layers`; `mel` (80, T) has an even T of at least 24.
    """
    trained, other = layers, _other(layers)
    changed = mel.clone()
    changed[:, 21] += 3

    def library(layers: Any, memory: Tensor, mel: Tensor, generator: Any) -> list[Tensor]:
        real = torch.ones(1, len(memory), dtype=torch.bool)
        decoder = model.decoder if layers is trained else _loaded(model.decoder, layers)
        return [part[0] for part in decoder(memory[None], real, mel[None], generator)]

    def report(follow: Callable) -> dict[str, Any]:
        parts = follow(layers, memory, mel, seeded(0))
        longer = follow(layers, memory, mel.repeat(1, 2), seeded(0))
        eager = follow(other, memory, mel, seeded(0))
        moved_mel = follow(layers, memory, changed, seeded(0))[0]
        moved = (moved_mel != parts[0]).any(dim=0).nonzero().flatten().tolist()
        return {
            "shapes": ", ".join(map(_shape, parts)),
            "first step": parts[0][:, :2],
            "frame 21 of the recording changes: the first predicted frame that does": (
                str(moved[0]) if moved else "none"
            ),
            **dict(zip(("mel", "gates", "alignment"), parts, strict=True)),
            "shapes for a longer mel": ", ".join(map(_shape, longer)),
            "shapes if the gate always fires": ", ".join(map(_shape, eager)),
            "mel of other layers": eager[0],
            "gates of other layers": eager[1],
        }

    hint = (
        "each step sees the last frame of the step before it, the first step zeros. "
        "`hide` all, then `squeeze` all, with the same generator; the recording decides how many "
        "steps there are"
    )
    return _checked(name, follow, library, report, hint)


def _checked(
    name: str, yours: Callable, library: Callable, report: Callable, hint: str
) -> Callable:
    solved = ttslib.lab.check(name, lambda: report(yours), report(library), hint=hint)
    return yours if solved else library


def _other(layers: Any) -> Any:
    """Return a decoder's layers with other weights, whose gate always fires."""
    layers = copy.deepcopy(layers).requires_grad_(False)
    for parameter in layers.parameters():
        parameter.mul_(0.9)
    layers.gate.bias.fill_(20.0)
    return layers


def _loaded(decoder: Decoder, layers: Any) -> Decoder:
    """Return the library's decoder with the weights of the notebook's layers."""
    weights = layers.state_dict()
    decoder = copy.deepcopy(decoder)
    decoder.load_state_dict(
        {f"{name}_l0" if name.startswith("rnn.") else name: weights[name] for name in weights}
    )
    return decoder


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


class _PassOn(nn.Module):
    """An LSTM that returns its input unchanged, so that the checks can see it."""

    def forward(self, x: Any) -> tuple[Any, None]:
        return x, None


# The library's parts, which work on batches, as functions of one sentence


def _encode(layers: Any, tokens: Tensor) -> Tensor:
    return Encoder.forward(layers, tokens[None], torch.tensor([len(tokens)]))[0]


def _attend(
    layers: Any, query: Tensor, memory: Tensor, was: Tensor, spent: Tensor
) -> tuple[Tensor, Tensor]:
    real = torch.ones(1, len(memory), dtype=torch.bool)
    prepared, state = LocationSensitiveAttention.prepare(layers, memory[None], mask=real)
    state = AttentionState(state.context, was[None], spent[None])
    state = LocationSensitiveAttention.forward(layers, query[None], prepared, state)
    return state.context[0], state.weights[0]


def _step(decoder: Decoder, squeezed: Tensor, memory: Tensor, state: Any) -> tuple:
    (hidden, cell), lstm = state.attention_rnn, decoder.attention_rnn
    inputs = torch.cat([squeezed, state.context, hidden])[None]
    weight = torch.cat([lstm.weight_ih, lstm.weight_hh], dim=1)
    gates = F.linear(inputs, weight, lstm.bias_ih + lstm.bias_hh)
    prepared, _ = decoder.start(memory[None], torch.ones(1, len(memory), dtype=torch.bool))
    last = AttentionState(state.context[None], state.weights[None], state.spent[None])
    new = decoder.attend(gates, prepared, AttentionRnnState(hidden[None], cell[None], last))
    mel, gate, (output, rnn_cell) = decoder.speak(
        new.hidden[None],
        new.attention.context[None],
        (state.rnn[0][None, None], state.rnn[1][None, None]),
    )
    state = state._replace(
        attention_rnn=(new.hidden[0], new.cell[0]),
        context=new.attention.context[0],
        weights=new.attention.weights[0],
        spent=new.attention.cumulative[0],
        rnn=(output[0, 0], rnn_cell[0, 0]),
    )
    return mel[0].T, gate[0, 0], state


def _refine(layers: Any, mel: Tensor) -> Tensor:
    real = torch.ones(1, 1, mel.shape[1], dtype=torch.bool)
    return mel + Postnet.forward(layers, mel[None], real)[0]
