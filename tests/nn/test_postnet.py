"""The postnet keeps the mel's shape, and padding out of it."""

import torch

from ttslib.nn.postnet import Postnet


def test_padding_changes_nothing_and_a_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    postnet = Postnet(n_mels=6, dim=8, convolutions=3, kernel_size=5, dropout=0.5).eval()
    mel, mask = torch.randn(1, 6, 20), torch.ones(1, 1, 20, dtype=torch.bool)
    mask[..., 12:] = False
    together, alone = postnet(mel, mask), postnet(mel[..., :12], mask[..., :12])
    torch.testing.assert_close(together[..., :12], alone)
    together.square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in postnet.parameters())
