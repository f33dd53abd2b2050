"""Tacotron 2: padding, gradients, step by step against all at once, and what it refuses."""

import pytest
import torch
import torch.nn.functional as F

from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config, tacotron2_small
from ttslib.nn.masking import valid_mask

N_SYMBOLS, N_MELS = 12, 8


def _config(**changes):
    sizes = dict(
        n_symbols=N_SYMBOLS,
        n_mels=N_MELS,
        encoder_dim=12,
        encoder_convolutions=2,
        prenet_dim=6,
        attention_rnn_dim=10,
        attention_dim=7,
        location_filters=3,
        location_kernel=5,
        decoder_rnn_dim=9,
        postnet_dim=8,
        postnet_convolutions=3,
    )
    return Tacotron2Config(**sizes | changes)


def _model(**changes):
    torch.manual_seed(0)
    model = Tacotron2(_config(**changes)).eval()
    for name, tensor in model.state_dict().items():  # untrained, all is nearly zero and even
        if "running_var" in name:
            tensor.uniform_(0.5, 2)
        elif "running_mean" in name or "bias" in name:
            tensor.normal_(std=0.5)
    return model


def _inputs(*, tokens=(7, 4), frames=(12, 6), seed=1):
    draw = torch.Generator().manual_seed(seed)
    token_lengths, mel_lengths = torch.tensor(tokens), torch.tensor(frames)
    ids = torch.randint(1, N_SYMBOLS, (len(tokens), max(tokens)), generator=draw)
    mels = torch.randn(len(frames), N_MELS, max(frames), generator=draw)
    return (
        ids * valid_mask(token_lengths),
        token_lengths,
        mels * valid_mask(mel_lengths)[:, None],
        mel_lengths,
    )


@pytest.fixture
def no_dropout(monkeypatch):
    """The prenet drops at random even in evaluation mode: make it keep everything."""
    monkeypatch.setattr("ttslib.models.tacotron2.dropout", lambda x, *args, **kwargs: x)
    monkeypatch.setattr(F, "dropout", lambda x, *args, **kwargs: x)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_shapes(r):
    output = _model(frames_per_step=r)(*_inputs())
    assert output.mel_before.shape == output.mel.shape == (2, N_MELS, 12)
    assert output.gate.shape == (2, 12 // r)
    assert output.alignment.shape == (2, 12 // r, 7)
    torch.testing.assert_close(output.alignment.sum(dim=2), torch.ones(2, 12 // r))


@pytest.mark.parametrize(("r", "advance"), [(1, None), (2, None), (3, None), (2, 1)])
def test_padding_changes_nothing_under_teacher_forcing(no_dropout, r, advance):
    model = _model(frames_per_step=r, n_speakers=3, attention_advance=advance)
    tokens, token_lengths, mels, mel_lengths = _inputs()
    speakers = torch.tensor([2, 1])
    together = model(tokens, token_lengths, mels, mel_lengths, speakers=speakers)
    for i, (n, t) in enumerate(zip(token_lengths, mel_lengths, strict=True)):
        row = slice(i, i + 1)
        alone = model(
            tokens[row, :n],
            token_lengths[row],
            mels[row, :, :t],
            mel_lengths[row],
            speakers=speakers[row],
        )
        torch.testing.assert_close(together.mel_before[row, :, :t], alone.mel_before)
        torch.testing.assert_close(together.mel[row, :, :t], alone.mel)
        torch.testing.assert_close(together.gate[row, : t // r], alone.gate)
        torch.testing.assert_close(together.alignment[row, : t // r, :n], alone.alignment)
        assert not together.alignment[i, :, n:].any()


def test_what_lies_in_the_padding_changes_nothing(no_dropout):
    model = _model()
    tokens, token_lengths, mels, mel_lengths = _inputs()
    clean = model(tokens, token_lengths, mels, mel_lengths)
    tokens[1, 4:], mels[1, :, 6:] = 3, 9.0
    soiled = model(tokens, token_lengths, mels, mel_lengths)
    torch.testing.assert_close(soiled.mel[1, :, :6], clean.mel[1, :, :6])
    torch.testing.assert_close(soiled.gate[1, :6], clean.gate[1, :6])


def test_padding_changes_nothing_when_it_speaks(no_dropout):
    model = _model(frames_per_step=2)
    tokens, token_lengths, *_ = _inputs()
    _let_one_gate_fire(model, tokens, token_lengths, steps=8)
    together = model.generate(tokens, token_lengths, max_frames=16)
    assert together.lengths[0] != together.lengths[1]
    for i, n in enumerate(token_lengths):
        alone = model.generate(tokens[i : i + 1, :n], token_lengths[i : i + 1], max_frames=16)
        length = alone.lengths[0]
        assert together.lengths[i] == length
        assert together.stopped[i] == alone.stopped[0]
        torch.testing.assert_close(together.mel[i, :, :length], alone.mel[0])
        torch.testing.assert_close(together.alignment[i, :length, :n], alone.alignment[0])
        assert not together.mel[i, :, length:].any()


def _let_one_gate_fire(model, tokens, token_lengths, *, steps):
    """Set the gate's bias so that it fires for one of the two sentences only."""
    decoder, mask = model.decoder, valid_mask(token_lengths)
    with torch.no_grad():
        decoder.gate.bias.fill_(-100)
        memory = model.encode(tokens, token_lengths, None)
        said, *_ = decoder.generate(
            memory, mask, max_steps=steps, gate_threshold=0.5, attention_window=None
        )
        first, second = decoder(memory, mask, said)[1].amax(dim=1) + 100
        decoder.gate.bias.fill_(-float(first + second) / 2)


@pytest.mark.parametrize(("r", "advance"), [(1, None), (2, None), (3, None), (2, 1)])
def test_step_by_step_equals_all_at_once(no_dropout, r, advance):
    model = _model(frames_per_step=r, n_speakers=2, attention_advance=advance)
    tokens, token_lengths, *_ = _inputs()
    speakers = torch.tensor([0, 1])
    with torch.no_grad():
        model.decoder.gate.bias.fill_(-100)  # never stop
        memory = model.encode(tokens, token_lengths, speakers)
        mask = valid_mask(token_lengths)
        said, lengths, alignment, stopped = model.decoder.generate(
            memory, mask, max_steps=6, gate_threshold=0.5, attention_window=None
        )
        mel, _, forced = model.decoder(memory, mask, said)
        whole = model.generate(tokens, token_lengths, speakers=speakers, max_frames=6 * r)
        heard = model(tokens, token_lengths, said, lengths, speakers=speakers)
    assert lengths.tolist() == [6 * r] * 2
    assert not stopped.any()
    torch.testing.assert_close(mel, said)
    torch.testing.assert_close(alignment, forced.repeat_interleave(r, dim=1))
    torch.testing.assert_close(whole.mel, heard.mel)


def test_decoder_sees_only_the_past(no_dropout):
    model = _model(frames_per_step=2)
    tokens, token_lengths, mels, mel_lengths = _inputs(frames=(12, 12))
    first = model(tokens, token_lengths, mels, mel_lengths)
    mels[:, :, 7] += 1  # the last frame of step 3: seen from step 4 on
    second = model(tokens, token_lengths, mels, mel_lengths)
    assert torch.equal(first.mel_before[:, :, :8], second.mel_before[:, :, :8])
    assert not torch.allclose(first.mel_before[:, :, 8:], second.mel_before[:, :, 8:])


@pytest.mark.parametrize("advance", [None, 2])
def test_gradient_reaches_every_parameter(advance):
    model = _model(frames_per_step=2, n_speakers=2, attention_advance=advance).train()
    output = model(*_inputs(), speakers=torch.tensor([0, 1]))
    (
        output.mel.square().mean() + output.gate.square().mean() + output.alignment[0].mean()
    ).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if not name.endswith("0.bias"):  # batch normalization takes a convolution's bias away
            assert parameter.grad.any(), name


def test_deferred_gradient_equals_autograds_in_the_decoder(no_dropout):
    model = _model()
    decoder, rnn = model.decoder, model.decoder.attention_rnn
    tokens, token_lengths, mels, _ = _inputs()
    mask = valid_mask(token_lengths)
    memory = model.encode(tokens, token_lengths, None).detach()
    weights = (rnn.weight_ih, rnn.weight_hh, decoder.attention.query.weight)

    mel, gate, _ = decoder(memory, mask, mels)
    found = torch.autograd.grad(mel.square().sum() + gate.sum(), weights)

    prepared, state = decoder.start(memory, mask)
    gates = decoder.input_gates(F.pad(mels, (1, -1)).permute(2, 0, 1))
    states = []
    for step in gates.unbind(0):
        recurrent = torch.cat([state.attention.context, state.hidden], dim=1)
        state = decoder.attend(step + recurrent @ decoder.recurrent_weight().T, prepared, state)
        states.append(state)
    hidden = torch.stack([state.hidden for state in states])
    context = torch.stack([state.attention.context for state in states])
    mel, gate, _ = decoder.speak(hidden, context)
    wanted = torch.autograd.grad(mel.square().sum() + gate.sum(), weights)
    torch.testing.assert_close(found, wanted)


def test_gate_ends_the_speech():
    model = _model(frames_per_step=2)
    tokens, token_lengths, *_ = _inputs()
    with torch.no_grad():
        model.decoder.gate.weight.zero_()
        model.decoder.gate.bias.fill_(100)
    spoken = model.generate(tokens, token_lengths)
    assert spoken.stopped.all()
    assert spoken.lengths.tolist() == [2, 2]
    assert spoken.mel.shape == (2, N_MELS, 2)
    with torch.no_grad():
        model.decoder.gate.bias.fill_(-10)
    spoken = model.generate(tokens, token_lengths, max_frames=10)
    assert not spoken.stopped.any()
    assert spoken.lengths.tolist() == [10, 10]
    eager = model.generate(tokens, token_lengths, max_frames=10, gate_threshold=1e-6)
    assert eager.lengths.tolist() == [2, 2]


def test_window_keeps_the_attention_from_jumping(no_dropout):
    model = _model()
    tokens, token_lengths, *_ = _inputs(tokens=(30, 20))
    with torch.no_grad():
        model.decoder.gate.bias.fill_(-100)
        model.decoder.attention.score.weight.mul_(30)  # sharp, and anywhere
    free = model.generate(tokens, token_lengths, max_frames=15)
    held = model.generate(tokens, token_lengths, max_frames=15, attention_window=2)
    assert free.alignment.argmax(dim=2).diff(dim=1).abs().max() > 2
    moves = held.alignment.argmax(dim=2)
    assert moves[:, 0].max() <= 2
    assert moves.diff(dim=1).abs().max() <= 2
    torch.testing.assert_close(held.alignment.sum(dim=2), torch.ones(2, 15))


def test_speakers_change_the_sound_and_must_be_named(no_dropout):
    model = _model(n_speakers=2)
    inputs = _inputs()
    first, second = (model(*inputs, speakers=torch.tensor([i, i])).mel for i in (0, 1))
    assert not torch.allclose(first, second)
    with pytest.raises(ValueError, match="this model has 2 speakers; pass speakers"):
        model(*inputs)
    with pytest.raises(ValueError, match="this model has 2 speakers; pass speakers"):
        model.generate(*inputs[:2])


def test_frames_must_fill_the_steps():
    with pytest.raises(ValueError, match="10 frames, no multiple of frames_per_step=3"):
        _model(frames_per_step=3)(*_inputs(frames=(10, 5)))


@pytest.mark.parametrize(
    ("setting", "value"), [("max_frames", 0), ("max_frames", -3), ("attention_window", -1)]
)
def test_generate_refuses_what_it_can_not_do(setting, value):
    with pytest.raises(ValueError, match=f"{setting}.*{value}"):
        _model().generate(*_inputs()[:2], **{setting: value})


def test_prenet_drops_even_in_evaluation():
    inputs = _inputs()
    model = _model()
    assert not torch.equal(model(*inputs).mel_before, model(*inputs).mel_before)


def test_hidden_frames_are_not_seen(no_dropout):
    tokens, token_lengths, mels, mel_lengths = _inputs()
    other = mels + 1
    blind, seeing = _model(frame_dropout=1.0), _model(frame_dropout=0.0)
    for model, same in ((blind, True), (seeing, False)):
        first, second = (model(tokens, token_lengths, m, mel_lengths) for m in (mels, other))
        assert torch.equal(first.mel_before, second.mel_before) is same


def test_one_token_is_enough_to_speak():
    for advance in (None, 2):
        model = _model(attention_advance=advance)
        spoken = model.generate(torch.tensor([[3]]), torch.tensor([1]), max_frames=4)
        assert spoken.mel.isfinite().all()


def test_small_preset_is_small():
    model = Tacotron2(tacotron2_small(n_symbols=77, n_speakers=4))
    assert 3e6 < sum(p.numel() for p in model.parameters()) < 6e6


def test_one_batch_is_overfitted():
    torch.manual_seed(0)
    model = Tacotron2(_config(prenet_dim=16, attention_rnn_dim=24, decoder_rnn_dim=24))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    inputs = _inputs()
    inputs[2].copy_(inputs[2].cumsum(dim=2) / 3)  # each frame resembles the last, as in speech
    losses = []
    for _ in range(100):
        output = model(*inputs)
        real = valid_mask(inputs[3])[:, None]
        loss = ((output.mel_before - inputs[2]) * real).square().sum() / (real.sum() * N_MELS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) / 5 < 0.5 * losses[0]


def test_generating_draws_from_the_generator_alone():
    model, (tokens, lengths, *_) = _model(prenet_dim=64, frame_dropout=0.3), _inputs()
    settings = dict(max_frames=6, gate_threshold=1.0)  # all six: the first hears nothing yet
    before = torch.get_rng_state()
    first, again, other = (
        model.generate(tokens, lengths, generator=torch.Generator().manual_seed(n), **settings).mel
        for n in (3, 3, 4)
    )
    assert torch.equal(again, first)
    assert not torch.equal(other, first)
    one, two = (model.generate(tokens, lengths, **settings).mel for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_generator_gives_what_the_global_state_with_its_seed_gives():
    model, inputs = _model(frame_dropout=0.3), _inputs()
    torch.manual_seed(3)
    before = model(*inputs).mel
    assert torch.equal(model(*inputs, generator=torch.Generator().manual_seed(3)).mel, before)
