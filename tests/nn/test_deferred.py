"""The gradient gathered at the end equals autograd's own, gathered step by step."""

import torch

from ttslib.nn.deferred import defer_weight_gradient

STEPS, BATCH, WIDTH = 6, 3, 4


def _inputs():
    torch.manual_seed(0)
    addend = torch.randn(STEPS, BATCH, WIDTH, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(WIDTH, WIDTH, dtype=torch.float64, requires_grad=True)
    return addend, weight, torch.randn(BATCH, WIDTH, dtype=torch.float64, requires_grad=True)


def _unroll(addend, used, state, seen):
    for step in addend.unbind(0):
        seen.append(state.detach())
        state = torch.tanh(step + state @ used.T)
    return state


def test_gradients_equal_autograds():
    addend, weight, first = _inputs()
    expected = _unroll(addend, weight, first, [])
    wanted = torch.autograd.grad(expected.square().sum(), (addend, weight, first))

    seen = []
    deferred = defer_weight_gradient(addend, weight=weight, seen=seen)
    state = _unroll(deferred, weight.detach(), first, seen)
    found = torch.autograd.grad(state.square().sum(), (addend, weight, first))

    assert torch.equal(state, expected)
    torch.testing.assert_close(found, wanted)


def test_value_is_the_addend():
    addend, weight, _ = _inputs()
    assert torch.equal(defer_weight_gradient(addend, weight=weight, seen=[]), addend)
