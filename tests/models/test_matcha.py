"""Matcha-TTS: padding, gradients, noise, pieces, and that it is sharper than its mean."""

import math

import pytest
import torch

from ttslib.audio.sharpness import sharpness
from ttslib.models.matcha import Matcha, MatchaConfig, matcha_published, matcha_small
from ttslib.nn.masking import valid_mask

N_SYMBOLS, N_MELS = 12, 8


def _model(**changes):
    torch.manual_seed(0)
    sizes = dict(
        n_symbols=N_SYMBOLS, n_mels=N_MELS, dim=16, encoder_blocks=1, filter_dim=24, kernel_size=3,
        predictor_dim=12, prosody_kernel=3, aligner_dim=10, decoder_dim=24, mean_blocks=1,
        flow_blocks=2, decoder_kernel=5, expansion=2, frames_per_step=2, dropout=0.0,
        predictor_dropout=0.0,
    )  # fmt: skip
    model = Matcha(MatchaConfig(**sizes | changes)).eval()
    with torch.no_grad():
        model.flow.last.weight.normal_(std=0.1)  # zeros at first: nothing would depend on anything
        model.duration.projection.bias.fill_(2.0)  # some six frames a token
    return model


def _seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def _inputs(*, tokens=(7, 4), frames=(20, 11)):
    draw = _seeded(1)
    token_lengths, mel_lengths = torch.tensor(tokens), torch.tensor(frames)
    ids = torch.randint(1, N_SYMBOLS, (len(tokens), max(tokens)), generator=draw)
    mels = torch.randn(len(frames), N_MELS, max(frames), generator=draw)
    prosody = torch.randn(2, len(frames), max(frames), generator=draw)
    positional = (
        ids * valid_mask(token_lengths),
        token_lengths,
        mels * valid_mask(mel_lengths)[:, None],
        mel_lengths,
    )
    return positional, dict(pitch=prosody[0], energy=prosody[1])


def _first_alone():
    (ids, n, mels, t), prosody = _inputs(tokens=(4, 7), frames=(11, 20))
    both = (ids, n, mels, t), prosody
    alone = (ids[:1, : n[0]], n[:1], mels[:1, :, : t[0]], t[:1])
    return both, (alone, {name: values[:1, : t[0]] for name, values in prosody.items()})


@pytest.mark.parametrize("frames_per_step", [1, 2, 3])
def test_shapes(frames_per_step):
    positional, prosody = _inputs()
    output = _model(frames_per_step=frames_per_step)(*positional, **prosody, generator=_seeded())
    shape = positional[2].shape
    assert output.mean.shape == output.velocity.shape == output.velocity_shown.shape == shape
    assert output.durations.sum(dim=1).tolist() == [20, 11]
    assert output.log_durations.shape == output.pitch.shape == output.energy.shape == (2, 7)
    assert not any(part[1, :, 11:].any() for part in output[:3])


@pytest.mark.parametrize("frames_per_step", [1, 2])
def test_padding_changes_nothing(frames_per_step):
    model = _model(frames_per_step=frames_per_step)
    (both, prosody), (alone, its_prosody) = _first_alone()
    torch.testing.assert_close(  # the first clip's noise is drawn first
        model.redraw(*both, **prosody, generator=_seeded())[:1, :, :11],
        model.redraw(*alone, **its_prosody, generator=_seeded()),
        atol=1e-5,
        rtol=1e-4,
    )
    said, alone_said = (model.generate(*some[:2], generator=_seeded()) for some in (both, alone))
    length = int(alone_said.lengths[0])
    assert said.lengths[0] == length < int(said.lengths[1])
    torch.testing.assert_close(said.mel[:1, :, :length], alone_said.mel, atol=1e-5, rtol=1e-4)
    assert not said.mel[0, :, length:].any()


def test_a_gradient_reaches_every_parameter():
    model, (positional, prosody) = _model(n_speakers=2), _inputs()
    output = model(*positional, **prosody, speakers=torch.tensor([0, 1]), generator=_seeded())
    parts = (output.mean, output.velocity, output.log_durations, output.pitch, output.energy)
    (sum(part.square().sum() for part in parts) + output.aligned.sound).backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_the_flow_doesnt_bend_the_mean():
    model, (positional, prosody) = _model(), _inputs()
    output = model(*positional, **prosody, generator=_seeded())
    (output.velocity - output.velocity_shown).square().sum().backward()
    assert model.mean.projection.weight.grad is None
    assert model.mean.first.weight.grad.any()  # but what the flow is conditioned on learns from it


def test_the_seed_fixes_the_noise_and_the_global_random_state_stays():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    before = torch.get_rng_state()
    first, same = (model.generate(tokens, lengths, generator=_seeded(3)).mel for _ in range(2))
    other = model.generate(tokens, lengths, generator=_seeded(4)).mel
    assert torch.equal(first, same)
    assert not torch.allclose(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_without_noise_all_takes_are_one():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    first, other = (
        model.generate(tokens, lengths, generator=_seeded(seed), temperature=0.0).mel
        for seed in (3, 4)
    )
    assert torch.equal(first, other)


def test_it_speaks_with_less_noise_than_it_was_trained_with():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    assert model.config.temperature == 0.667  # the reference code's
    usual, same, trained = (
        model.generate(tokens, lengths, generator=_seeded(), temperature=t).mel
        for t in (None, 0.667, 1.0)
    )
    assert torch.equal(usual, same)
    assert not torch.allclose(usual, trained)


@pytest.mark.parametrize("distilled", [False, True])
@pytest.mark.parametrize("first_frames", [1, 6, 500])
def test_pieces_are_the_whole(first_frames, distilled):
    model, ((tokens, lengths, *_), _) = _model(distilled=distilled), _inputs()
    plan = model.plan(tokens, lengths, speed=0.25)
    whole = model.draw(plan.encoded, plan.durations, generator=_seeded())
    assert whole.shape[2] > 150
    pieces = list(
        model.stream(plan.encoded, plan.durations, generator=_seeded(), first_frames=first_frames)
    )
    assert pieces[0].shape[2] == min(whole.shape[2], 2 * ((first_frames + 1) // 2))
    torch.testing.assert_close(torch.cat(pieces, dim=2), whole, atol=1e-5, rtol=1e-4)


def test_more_steps_come_nearer_to_the_path():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    one, some, many, most = (
        model.generate(tokens, lengths, flow_steps=number, generator=_seeded()).mel
        for number in (1, 4, 32, 64)
    )
    errors = [(mel - most).norm() for mel in (one, some, many)]
    assert errors[0] > 1.5 * errors[1] > 3 * errors[2] > 0


def test_a_sentence_that_is_cut_says_so():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    shorter = int(model.plan(tokens, lengths).lengths[1])
    said = model.generate(tokens, lengths, max_frames=shorter, generator=_seeded())
    assert said.mel.shape[2] == said.alignment.shape[1] == shorter
    assert said.stopped.tolist() == [False, True]
    assert said.lengths.tolist() == [shorter, shorter]


def test_it_learns_a_batch_and_draws_sharper_mels_than_its_mean():
    """The recordings are noise around a line: a mean can learn but the line."""
    model, draw = _model(pitch=False, energy=False).train(), _seeded(2)
    tokens, lengths = torch.tensor([[3, 5, 4, 6]]).repeat(8, 1), torch.full((8,), 4)
    frames = torch.full((8,), 40)
    line = torch.randn(4, N_MELS, generator=draw).repeat_interleave(10, dim=0).T
    mels = line + 0.5 * torch.randn(8, N_MELS, 40, generator=draw)
    durations = torch.full((8, 4), 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses, random = [], _seeded(5)
    for _ in range(150):
        noisy = line + 0.5 * torch.randn(8, N_MELS, 40, generator=random)
        output = model(tokens, lengths, noisy, frames, durations=durations, generator=random)
        flow = (output.velocity - output.velocity_shown).square().mean()
        loss = flow + (output.mean - noisy).square().mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])
    with torch.no_grad():
        model.eval()
        encoded, _ = model.encode(tokens, lengths, None)
        drawn = model.draw(encoded, durations, generator=random, temperature=1.0)
        steps, mask = model.steps(encoded, durations, n_frames=40)
        mean = model._to_mel(model.mean(steps, mask)[1], frames, 40)
    sharp, blurred = sharpness(list(drawn), list(mels)), sharpness(list(mean), list(mels))
    assert blurred.modulation_fast < 0.3
    assert 0.7 < sharp.modulation_fast < 1.3
    assert 0.7 < sharp.variance < 1.3


def test_the_presets_are_as_large_as_promised():
    count = lambda config: sum(p.numel() for p in Matcha(config).parameters())  # noqa: E731
    assert 4e6 < count(matcha_small(n_symbols=80)) < 6e6
    assert 17e6 < count(matcha_published(n_symbols=80)) < 19e6


class _Growth(torch.nn.Module):
    """A velocity whose path is known: x' = x."""

    def forward(self, x, time, condition, mask):
        return x


def test_a_distilled_flow_takes_one_step():
    model, start = _model(distilled=True), torch.ones(1, 1, 1)
    model.flow = _Growth()
    assert float(model.follow(start, start, start, flow_steps=5)) == 2


def test_twice_the_steps_leave_a_quarter_of_the_error():
    """On a path that bends: the method is of second order."""
    model, start = _model(), torch.ones(1, 1, 1, dtype=torch.float64)
    model.flow = _Growth()
    errors = [
        abs(float(model.follow(start, start, start, flow_steps=steps)) - math.e)
        for steps in (8, 16, 32)
    ]
    assert errors[0] == pytest.approx(4 * errors[1], rel=0.1)
    assert errors[1] == pytest.approx(4 * errors[2], rel=0.1)
