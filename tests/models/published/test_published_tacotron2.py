"""Our models give the numbers of the published ones."""

import pytest
import torch
import torch.nn.functional as F
import torchaudio

from ttslib.models.published.tacotron2 import tacotron2_from_torchaudio
from ttslib.models.tacotron2 import Tacotron2Config, tacotron2_published

LENGTHS = ([13, 9, 6], [24, 17, 11])  # tokens, frames


@pytest.fixture
def no_dropout(monkeypatch):
    """The prenets drop at random even in evaluation mode: make both keep everything."""
    monkeypatch.setattr("ttslib.models.tacotron2.dropout", lambda x, *args, **kwargs: x)
    monkeypatch.setattr(F, "dropout", lambda x, *args, **kwargs: x)


@pytest.fixture
def pair():
    """Torchaudio's model, with its attention sharpened and statistics moved, and ours."""
    torch.manual_seed(0)
    sizes = dict(encoder_embedding_dim=32, symbol_embedding_dim=32, decoder_rnn_dim=48)
    theirs = torchaudio.models.Tacotron2(
        n_symbol=20, attention_rnn_dim=40, prenet_dim=16, postnet_embedding_dim=24, **sizes
    ).eval()
    for name, tensor in theirs.state_dict().items():
        if "running_var" in name:
            tensor.uniform_(0.5, 2)
        elif "running_mean" in name or "bias" in name:
            tensor.normal_(std=0.3)
    config = Tacotron2Config(
        n_symbols=20,
        encoder_dim=32,
        decoder_rnn_dim=48,
        attention_rnn_dim=40,
        prenet_dim=16,
        postnet_dim=24,
    )
    return theirs, tacotron2_from_torchaudio(theirs.state_dict(), config=config)


def test_teacher_forced_tacotron2_equals_torchaudios(pair, no_dropout):
    theirs, ours = pair
    token_lengths, mel_lengths = (torch.tensor(lengths) for lengths in LENGTHS)
    tokens, mels = torch.randint(1, 20, (3, 13)), torch.randn(3, 80, 24)
    output = ours(tokens, token_lengths, mels, mel_lengths)
    # torchaudio's convolutions see the padding: ask it one sentence at a time.
    for i, (n, t) in enumerate(zip(*LENGTHS, strict=True)):
        before, mel, gate, alignment = theirs(
            tokens[i : i + 1, :n], torch.tensor([n]), mels[i : i + 1, :, :t], torch.tensor([t])
        )
        torch.testing.assert_close(output.mel_before[i, :, :t], before[0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(output.mel[i, :, :t], mel[0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(output.gate[i, :t], gate[0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(output.alignment[i, :t, :n], alignment[0], atol=1e-4, rtol=1e-4)


def test_free_running_tacotron2_equals_torchaudios(pair, no_dropout):
    theirs, ours = pair
    theirs.decoder.decoder_max_step = 30
    tokens = torch.randint(1, 20, (1, 9))
    with pytest.warns(UserWarning, match="max decoder steps"):
        mel, lengths, _ = theirs.infer(tokens, torch.tensor([9]))
    generated = ours.generate(tokens, torch.tensor([9]), max_frames=30)
    assert generated.lengths.tolist() == lengths.tolist()
    torch.testing.assert_close(generated.mel, mel, atol=1e-4, rtol=1e-4)


def test_published_size_reads_torchaudios_default():
    theirs = torchaudio.models.Tacotron2()
    ours = tacotron2_from_torchaudio(theirs.state_dict(), config=tacotron2_published())
    assert sum(p.numel() for p in ours.parameters()) == 28_193_153


def test_foreign_weights_say_what_does_not_fit(pair):
    with pytest.raises(ValueError, match="do not fit"):
        tacotron2_from_torchaudio(pair[0].state_dict(), config=tacotron2_published())
