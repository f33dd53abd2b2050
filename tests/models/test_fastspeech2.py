"""FastSpeech 2 and its aligner: padding, gradients, control, and what it refuses."""

import pytest
import torch

from ttslib import load_voice
from ttslib.models.aligner import Aligner, diagonal_prior
from ttslib.models.fastspeech2 import (
    FastSpeech2,
    FastSpeech2Config,
    fastspeech2_published,
    fastspeech2_small,
)
from ttslib.nn.durations import most_probable_durations
from ttslib.nn.masking import valid_mask

N_SYMBOLS, N_MELS = 12, 8


def _model(**changes):
    torch.manual_seed(0)
    sizes = dict(
        n_symbols=N_SYMBOLS,
        n_mels=N_MELS,
        dim=16,
        encoder_blocks=2,
        decoder_blocks=2,
        filter_dim=24,
        kernel_size=3,
        predictor_dim=12,
        prosody_kernel=3,
        aligner_dim=10,
    )
    return FastSpeech2(FastSpeech2Config(**sizes | changes)).eval()


def _inputs(*, tokens=(7, 4), frames=(20, 11)):
    draw = torch.Generator().manual_seed(1)
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


def _second_alone():
    (ids, n, mels, t), prosody = _inputs()
    alone = (ids[1:, : n[1]], n[1:], mels[1:, :, : t[1]], t[1:])
    return alone, {name: values[1:, : t[1]] for name, values in prosody.items()}


def test_one_mel_frame_for_every_frame_and_durations_that_sum_to_them():
    positional, prosody = _inputs()
    output = _model()(*positional, **prosody)
    assert output.mel.shape == positional[2].shape
    assert output.durations.sum(dim=1).tolist() == [20, 11]
    assert output.log_durations.shape == output.pitch.shape == output.energy.shape == (2, 7)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"postnet_dim": 6},
        {"pitch": False, "energy": False},
        {"frames_per_step": 2},  # 11 frames are five steps and a half
        {"frames_per_step": 3, "postnet_dim": 6},
    ],
)
def test_padding_changes_nothing(changes):
    model, (positional, prosody), (alone, its_prosody) = (
        _model(**changes),
        _inputs(),
        _second_alone(),
    )
    both, one = model(*positional, **prosody), model(*alone, **its_prosody)
    torch.testing.assert_close(both.mel[1:, :, :11], one.mel, atol=1e-5, rtol=1e-4)
    assert not both.mel[1, :, 11:].any()
    assert torch.equal(both.durations[1:, :4], one.durations)
    torch.testing.assert_close(both.log_durations[1:, :4], one.log_durations, atol=1e-5, rtol=1e-4)
    said, alone_said = model.generate(*positional[:2]), model.generate(*alone[:2])
    length = int(alone_said.lengths[0])
    assert said.lengths[1] == length
    torch.testing.assert_close(said.mel[1:, :, :length], alone_said.mel, atol=1e-5, rtol=1e-4)


def test_a_gradient_reaches_every_parameter():
    model, (positional, prosody) = _model(n_speakers=2, postnet_dim=6), _inputs()
    output = model(*positional, **prosody, speakers=torch.tensor([0, 1]))
    parts = (output.mel, output.log_durations, output.pitch, output.energy)
    loss = sum(part.square().sum() for part in parts) + output.aligned.sound
    loss.backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_given_durations_pitch_and_energy_are_the_ones_that_are_used():
    model, (positional, prosody) = _model(), _inputs()
    durations = torch.tensor([[2, 3, 1, 5, 4, 3, 2], [1, 2, 3, 5, 0, 0, 0]])
    output = model(*positional, **prosody, durations=durations)
    assert torch.equal(output.durations, durations)
    assert output.aligned is None
    torch.testing.assert_close(output.pitch_shown[0, 1], prosody["pitch"][0, 2:5].mean())
    louder = model(*positional, pitch=prosody["pitch"], energy=prosody["energy"] + 1,
                   durations=durations)  # fmt: skip
    assert not torch.allclose(louder.mel, output.mel)


def test_a_token_may_have_no_frames_at_all():
    positional, prosody = _inputs()
    durations = torch.tensor([[9, 0, 5, 2, 2, 0, 2], [3, 3, 3, 2, 0, 0, 0]])
    output = _model()(*positional, **prosody, durations=durations)
    assert output.pitch_shown[0, 1] == output.energy_shown[0, 1] == 0  # as usual
    (output.mel.sum() + output.log_durations.sum()).backward()
    assert output.mel.isfinite().all()


def test_twice_the_speed_takes_half_the_frames_and_a_slower_word_only_itself():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    with torch.no_grad():
        model.duration.projection.bias.fill_(3.0)  # some 20 frames a token
    usual = model.generate(tokens, lengths)
    fast = model.generate(tokens, lengths, speed=2.0)
    assert fast.lengths.tolist() == pytest.approx((usual.lengths / 2).tolist(), rel=0.1)
    slow_third = torch.ones(tokens.shape)
    slow_third[:, 2] = 0.5
    stressed = model.generate(tokens, lengths, speed=slow_third)
    before, after = (output.alignment[0].sum(dim=0) for output in (usual, stressed))
    assert after[2] == pytest.approx(2 * before[2], abs=1)
    assert torch.equal(after[[0, 1, 3, 4, 5, 6]], before[[0, 1, 3, 4, 5, 6]])


def test_durations_are_lengthened_as_the_config_says():
    usual, longer = _model(), _model(lengthen=1.5)  # of equal weights
    ((tokens, lengths, *_), _) = _inputs()
    with torch.no_grad():
        for model in (usual, longer):
            model.duration.projection.bias.fill_(3.0)
    short, long = (model.generate(tokens, lengths).lengths for model in (usual, longer))
    assert long.tolist() == pytest.approx((1.5 * short).tolist(), rel=0.05)


def test_the_alignment_shows_every_token_once_and_in_order():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    said = model.generate(tokens, lengths)
    assert said.stopped.all()
    attended = said.alignment[0].argmax(dim=1)
    assert attended.unique().tolist() == list(range(7))
    assert (attended.diff() >= 0).all()


def test_a_sentence_that_is_cut_says_so():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    said = model.generate(tokens, lengths, max_frames=5)
    assert said.mel.shape[2] == said.alignment.shape[1] == 5
    assert said.stopped.tolist() == [False, True]
    assert said.lengths.tolist() == [5, 4]


def test_the_slowest_speech_is_cut_before_it_fills_the_memory():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    said = model.generate(tokens, lengths, speed=1e-30, max_frames=50)
    assert said.lengths.tolist() == [50, 50]
    assert not said.stopped.any()


def test_what_was_meant_for_each_token_comes_back():
    model, ((tokens, lengths, *_), _) = _model(), _inputs()
    usual, higher = (model.generate(tokens, lengths, pitch_shift=shift) for shift in (0.0, 2.0))
    real = valid_mask(lengths)
    torch.testing.assert_close((higher.pitch - usual.pitch)[real], torch.full((11,), 2.0))
    assert not usual.pitch[~real].any()
    assert usual.energy.shape == tokens.shape
    assert _model(pitch=False, energy=False).generate(tokens, lengths).pitch is None


@pytest.mark.parametrize(
    ("changes", "arguments", "complaint"),
    [
        ({}, {"pitch": None}, "pass pitch"),
        ({}, {"durations": torch.full((2, 7), 2)}, "clip 0 sum to 14 frames, but its mel has 20"),
        (
            {},
            {"durations": torch.tensor([[9, 4, 2, 2, 2, 1], [3, 3, 3, 2, 0, 0]])},
            r"shape \(2, 6\) for tokens \(2, 7\)",
        ),
        (
            {},
            {"durations": torch.tensor([[9, -1, 4, 2, 2, 2, 2], [3, 3, 3, 2, 0, 0, 0]])},
            "whole frames, 0 or more; got -1",
        ),
        (
            {},
            {"durations": torch.tensor([[-1, 9, 4, 2, 2, 2, 2], [3, 3, 3, 2, 0, 0, 0]])},
            "whole frames, 0 or more; got -1",
        ),
        (
            {},
            {"durations": torch.tensor([[9.0, 3, 1, 1, 2, 2, 2], [3, 3, 3, 2, 0, 0, 0]])},
            "whole frames, 0 or more; got torch.float32",
        ),
        (
            {},
            {"durations": torch.tensor([[9, 3, 1, 1, 2, 2, 2], [3, 3, 3, 1, 1, 0, 0]])},
            "0 where tokens are padding",
        ),
        ({"aligner_dim": 0}, {}, "pass durations"),
        ({"n_speakers": 3}, {}, "pass speakers"),
        ({"n_speakers": 3}, {"speakers": torch.tensor([0, 3])}, r"speakers are \[0, 3\].*0..2"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_named(changes, arguments, complaint):
    positional, prosody = _inputs()
    with pytest.raises(ValueError, match=complaint):
        _model(**changes)(*positional, **prosody | arguments)


def test_an_empty_text_is_refused():
    with pytest.raises(ValueError, match="a text has no tokens"):
        _model().generate(torch.zeros(1, 0, dtype=torch.int64), torch.tensor([0]))


@pytest.mark.parametrize("speed", [0, -1.0, float("nan")])
def test_an_impossible_speed_is_refused(speed):
    (tokens, lengths, *_), _ = _inputs()
    with pytest.raises(ValueError, match="speed must be above 0"):
        _model().generate(tokens, lengths, speed=speed)


def test_the_presets_have_their_sizes():
    with torch.device("meta"):
        published = FastSpeech2(fastspeech2_published(n_symbols=79))
        small = FastSpeech2(fastspeech2_small(n_symbols=79, n_speakers=4))
    assert sum(p.numel() for p in published.parameters()) == 24_432_803
    assert 2e6 < sum(p.numel() for p in small.parameters()) < 6e6


def test_the_prior_is_a_distribution_that_goes_from_the_first_to_the_last_token():
    n_tokens, n_frames = torch.tensor([5, 3]), torch.tensor([12, 9])
    prior = diagonal_prior(n_tokens, n_frames, shape=(12, 5)).exp()
    torch.testing.assert_close(prior[0].sum(dim=1), torch.ones(12))
    torch.testing.assert_close(prior[1, :9].sum(dim=1), torch.ones(9))
    ends = prior[0, 0].argmax(), prior[0, 11].argmax(), prior[1, 8].argmax()
    assert ends == (0, 4, 2)
    assert not prior[1, :, 3:].any()


def test_an_aligner_that_knows_nothing_follows_the_prior():
    torch.manual_seed(0)
    (tokens, n_tokens, mels, n_frames), _ = _inputs()
    aligned = Aligner(n_symbols=N_SYMBOLS, n_mels=N_MELS, dim=64)(tokens, n_tokens, mels, n_frames)
    prior = diagonal_prior(n_tokens, n_frames, shape=aligned.log_probabilities.shape[1:])
    assert torch.equal(aligned.durations, most_probable_durations(prior, n_tokens, n_frames))


def test_the_aligner_finds_planted_boundaries():
    torch.manual_seed(0)
    sound = 2 * torch.randn(6, N_MELS)  # of six tokens
    tokens = torch.stack([torch.randperm(6) for _ in range(8)])
    durations = torch.randint(1, 7, tokens.shape)
    lengths, frames = torch.full((8,), 6), durations.sum(dim=1)
    spoken = [sound[t].repeat_interleave(d, dim=0) for t, d in zip(tokens, durations, strict=True)]
    mels = torch.nn.utils.rnn.pad_sequence(spoken, batch_first=True).transpose(1, 2)  # (B, M, T)
    aligner = Aligner(n_symbols=6, n_mels=N_MELS, dim=16)
    optimizer = torch.optim.Adam(aligner.parameters(), lr=1e-2)
    for _ in range(60):
        aligned = aligner(tokens, lengths, mels, frames)
        optimizer.zero_grad()
        (aligned.forward_sum + aligned.sound).backward()
        optimizer.step()
    assert torch.equal(aligned.durations, durations)


def test_the_shipped_voice_says_what_it_said_when_it_was_trained():
    voice = load_voice("mini-fastspeech2")
    tokens = torch.tensor([voice.tokenizer.encode("The grey cat sleeps.")])
    lengths = torch.tensor([tokens.shape[1]])
    mel = voice.acoustic.generate(tokens, lengths, speakers=torch.tensor([1])).mel[0]
    expected = [  # by the code that trained it: bands 0, 20, ... of frames 0, 30, ...
        [-3.362, -1.35, 0.971, 1.312],
        [-2.628, 0.221, 0.395, 0.615],
        [-2.609, -0.629, 0.436, 0.472],
        [-3.191, 0.437, 0.324, -0.147],
    ]
    assert mel.shape == (80, 109)
    torch.testing.assert_close(mel[::20, ::30], torch.tensor(expected), atol=1e-3, rtol=0)
