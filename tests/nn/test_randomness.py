"""Random numbers come from the generator that is given, and from it alone."""

import pytest
import torch

from ttslib.nn.randomness import dropout, generator_argument, normal, seeded, uniform


@pytest.mark.parametrize(
    ("draw", "globally"),
    [
        (lambda g: uniform((3, 4), generator=g, device="cpu"), lambda: torch.rand(3, 4)),
        (lambda g: normal((3, 4), generator=g, device="cpu"), lambda: torch.randn(3, 4)),
        (
            lambda g: dropout(torch.ones(50), 0.3, generator=g),
            lambda: torch.nn.functional.dropout(torch.ones(50), 0.3),
        ),
    ],
)
def test_a_generator_draws_what_the_global_state_would_and_leaves_that_alone(draw, globally):
    before = torch.get_rng_state()
    drawn = draw(seeded(7))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(7)
    assert torch.equal(drawn, globally())


def test_dropout_without_a_generator_is_that_of_training():
    torch.manual_seed(7)
    first = dropout(torch.ones(50), 0.5, generator=None)
    torch.manual_seed(7)
    assert torch.equal(dropout(torch.ones(50), 0.5, generator=None), first)
    assert set(first.tolist()) == {0.0, 2.0}


def test_without_a_seed_no_two_generators_are_alike():
    assert seeded(None).initial_seed() != seeded(None).initial_seed()


def test_only_a_model_that_asks_for_a_generator_gets_one():
    class Random:
        needs_generator = True

    generator = seeded(0)
    assert generator_argument(Random(), generator) == {"generator": generator}
    assert generator_argument(object(), generator) == {}
