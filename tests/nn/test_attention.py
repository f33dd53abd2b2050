"""Attention equals a naive re-computation, and keeps to its mask and its window."""

import pytest
import torch

from ttslib.nn.attention import LocationSensitiveAttention
from ttslib.nn.masking import valid_mask

BATCH, TOKENS, LENGTHS = 2, 7, torch.tensor([7, 4])


SIZES = dict(query_dim=5, memory_dim=6, dim=8, filters=3, kernel_size=5)


@pytest.fixture
def attention():
    torch.manual_seed(0)
    return LocationSensitiveAttention(**SIZES)


@pytest.fixture
def values():
    return torch.randn(BATCH, TOKENS, 6, generator=torch.Generator().manual_seed(1))


def _queries(steps):
    return torch.randn(steps, BATCH, 5, generator=torch.Generator().manual_seed(2))


def _naive_weights(attention, query, values, weights, cumulative):
    """The paper's equation, one clip and one token at a time."""
    located = attention.location_conv(
        torch.nn.functional.pad(torch.stack([weights, cumulative])[None], (2, 2))
    )[0]  # (filters, N)
    scores = [
        attention.score(
            torch.tanh(
                attention.query(query)
                + attention.key(values[n])
                + attention.location_dense(located[:, n])
            )
        )
        for n in range(len(values))
    ]
    return torch.cat(scores).softmax(dim=0)


def test_equals_the_naive_sum_over_several_steps(attention, values):
    memory, state = attention.prepare(values, mask=valid_mask(LENGTHS))
    weights = [torch.zeros(n) for n in LENGTHS]
    cumulative = [torch.zeros(n) for n in LENGTHS]
    for query in _queries(4):
        state = attention(query, memory, state)
        for i, n in enumerate(LENGTHS):
            real = values[i, :n]
            weights[i] = _naive_weights(attention, query[i], real, weights[i], cumulative[i])
            cumulative[i] = cumulative[i] + weights[i]
            torch.testing.assert_close(state.weights[i, :n], weights[i])
            torch.testing.assert_close(state.cumulative[i, :n], cumulative[i])
            torch.testing.assert_close(state.context[i], weights[i] @ real)


@pytest.mark.parametrize("advance", [1, 2])
def test_forward_attention_equals_the_naive_product(values, advance):
    """Zhang et al. 2018, equation 5: a(n) is in proportion to y(n) * (a'(n) + a'(n - 1) + ...)."""
    torch.manual_seed(0)
    attention = LocationSensitiveAttention(**SIZES, advance=advance)
    memory, state = attention.prepare(values, mask=valid_mask(LENGTHS))
    assert state.weights[:, 0].tolist() == [1, 1]  # it stands at the first token
    for query in _queries(4):
        last, cumulative = state.weights, state.cumulative
        state = attention(query, memory, state)
        for i, n in enumerate(LENGTHS):
            free = _naive_weights(
                attention, query[i], values[i, :n], last[i, :n], cumulative[i, :n]
            )
            reached = [last[i, max(0, k - advance) : k + 1].sum() for k in range(n)]
            wanted = free * torch.stack(reached)
            torch.testing.assert_close(
                state.weights[i, :n], wanted / wanted.sum(), atol=1e-6, rtol=1e-4
            )


def test_forward_attention_can_not_jump_nor_turn_back(values):
    torch.manual_seed(0)
    attention = LocationSensitiveAttention(**SIZES, advance=1)
    memory, state = attention.prepare(values, mask=torch.ones(BATCH, TOKENS, dtype=torch.bool))
    first = attention(_queries(1)[0], memory, state)
    assert first.weights[:, 2:].max() < 1e-6
    there = torch.nn.functional.one_hot(torch.tensor([3, 6]), TOKENS).float()
    second = attention(_queries(1)[0], memory, first._replace(weights=there))
    assert (second.weights > 1e-6).int().tolist() == [[0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1]]


def test_weights_sum_to_one_and_leave_padding_alone(attention, values):
    memory, state = attention.prepare(values, mask=valid_mask(LENGTHS))
    for query in _queries(3):
        state = attention(query, memory, state)
        torch.testing.assert_close(state.weights.sum(dim=1), torch.ones(BATCH))
        assert not state.weights[1, 4:].any()


def test_window_opens_around_where_it_was(attention, values):
    mask = valid_mask(LENGTHS)
    memory, state = attention.prepare(values, mask=mask)
    first = attention(_queries(1)[0], memory.near(state, 1, ~mask), state)
    assert not first.weights[:, 2:].any()  # it starts at token 0
    assert first.weights[:, :2].all()
    there = torch.zeros(BATCH, TOKENS)
    there[0, 5], there[1, 3] = 1, 1
    moved = first._replace(weights=there)
    second = attention(_queries(1)[0], memory.near(moved, 1, ~mask), moved)
    assert second.weights.bool().int().tolist() == [[0, 0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0, 0]]
