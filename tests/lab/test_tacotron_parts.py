"""Notebook 04 goes on with the learner's part if it is right, else with the library's."""

import torch

from ttslib.lab import tacotron_parts
from ttslib.models.tacotron2 import Prenet, Tacotron2Config
from ttslib.nn.randomness import seeded


def prenet() -> Prenet:
    return Prenet(Tacotron2Config(n_symbols=5, prenet_dim=16)).eval().requires_grad_(False)


def test_a_right_part_is_returned(capsys):
    layers, frames = prenet(), torch.rand(7, 80, generator=seeded(0))

    def squeeze(layers, frames, generator):
        return layers(frames, generator)

    assert tacotron_parts.check_prenet("Part", squeeze, layers, frames) is squeeze
    assert "Part: solved" in capsys.readouterr().out


def test_an_open_part_and_a_wrong_one_are_replaced_by_the_librarys(capsys):
    layers, frames = prenet(), torch.rand(7, 80, generator=seeded(0))

    def left_open(layers, frames, generator):
        raise NotImplementedError

    def wrong(layers, frames, generator):
        return frames

    for part, verdict in ((left_open, "not solved yet"), (wrong, "not right yet")):
        got = tacotron_parts.check_prenet("Part", part, layers, frames)
        assert torch.equal(got(layers, frames, seeded(1)), layers(frames, seeded(1)))
        assert verdict in capsys.readouterr().out
