"""The listener: shapes, gradients, padding, what it writes down, learning by heart, bad input."""

import pytest
import torch
import torch.nn.functional as F

from ttslib.models.listener import HEARD, Listener, ListenerConfig, ListenerOutput, plain_phonemes

TINY = ListenerConfig(n_mels=5, dim=16, blocks=2, kernel_size=3, dropout=0.0)


def listener(seed: int = 0) -> Listener:
    torch.manual_seed(seed)
    return Listener(TINY).eval()


def test_there_are_39_phonemes_and_a_blank():
    assert len(HEARD) == 39
    assert listener()(torch.randn(1, 5, 7), torch.tensor([7])).log_probabilities.shape[2] == 40


def test_every_second_frame_gets_a_distribution():
    output = listener()(torch.randn(3, 5, 9), torch.tensor([9, 8, 1]))
    assert output.log_probabilities.shape == (3, 5, 40)
    assert output.lengths.tolist() == [5, 4, 1]
    assert torch.allclose(output.log_probabilities.exp().sum(dim=2), torch.ones(3, 5))


def test_a_gradient_reaches_every_parameter():
    model = listener()
    model(torch.randn(2, 5, 9), torch.tensor([9, 9])).log_probabilities[..., 3].sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_padding_changes_nothing():
    model, mel = listener(), torch.randn(1, 5, 9)
    alone = model(mel, torch.tensor([9])).log_probabilities
    padded = torch.cat([F.pad(mel, (0, 6)), torch.randn(1, 5, 15)])
    beside = model(padded, torch.tensor([9, 15])).log_probabilities
    assert torch.allclose(alone[0], beside[0, :5], atol=1e-6)


class Says(Listener):
    """Is sure of what it is told to hear."""

    def __init__(self, steps: list[list[int]]):
        super().__init__(TINY)
        self.steps = torch.tensor(steps)

    def forward(self, mels, mel_lengths):
        return ListenerOutput(F.one_hot(self.steps, 40).float().log(), mel_lengths)


def test_repeats_and_blanks_are_left_out():
    model = Says([[0, 3, 3, 0, 3, 1, 0, 9], [2, 2, 0, 0, 5, 5, 5, 5]])
    heard = model.hear(torch.zeros(2, 5, 16), torch.tensor([7, 8]))
    assert heard == [[HEARD[2], HEARD[2], HEARD[0]], [HEARD[1], HEARD[4]]]


def test_one_clip_is_learnt_by_heart():
    torch.manual_seed(0)
    model, mel = Listener(TINY), torch.randn(1, 5, 40)
    said = torch.tensor([[7, 8, 8, 30, 2]])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(80):
        output = model(mel, torch.tensor([40]))
        loss = F.ctc_loss(
            output.log_probabilities.transpose(0, 1), said, output.lengths, torch.tensor([5])
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert model.hear(mel, torch.tensor([40])) == [[HEARD[i - 1] for i in said[0].tolist()]]


def test_stress_marks_and_boundaries_are_not_heard():
    assert plain_phonemes(["_", "ER1", " ", "ZH", "-", "AH0", "'", "~"]) == ["ER", "ZH", "AH"]


@pytest.mark.parametrize("shape", [(1, 80, 9), (5, 9)])
def test_another_mel_gets_one_line(shape):
    with pytest.raises(ValueError, match=r"needs mels \(batch, 5, frames\)"):
        listener()(torch.zeros(shape), torch.tensor([9]))
