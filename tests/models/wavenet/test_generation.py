"""WaveNet speaking: all ways say the same, as the parallel forward would; pieces join smoothly."""

import dataclasses

import pytest
import torch

from tests.models.wavenet.test_wavenet import AUDIO, TINY
from ttslib.models.wavenet.compiled import compiled_generation
from ttslib.models.wavenet.generation import (
    cached_generation,
    crossfaded,
    folded_generation,
    naive_generation,
)
from ttslib.models.wavenet.wavenet import WaveNet

GRID = {
    f"kernel {kernel}, cycle {cycle}, first {first}, {name}": dataclasses.replace(
        TINY, kernel=kernel, cycle=cycle, first_kernel=first, **more
    )
    for kernel, cycle, first, name, more in [
        (2, 1, 1, "mu-law", {}),
        (2, 4, 5, "mu-law", {}),
        (3, 2, 1, "mu-law", {}),
        (3, 3, 2, "logistics", {"mixtures": 2}),
        (2, 4, 3, "source", {"prediction": 4}),
        (2, 3, 1, "odd widths", {"residual": 7, "gated": 5, "skip": 9}),
    ]
}


@pytest.fixture(params=GRID)
def model(request):
    torch.manual_seed(0)
    return WaveNet(GRID[request.param], AUDIO).eval()


def mel_and_chance(*, frames=5, batch=2):
    """A random log-mel (B, M, T) and uniform numbers (B, S, 2)."""
    draw = torch.Generator().manual_seed(frames)
    mel = torch.randn(batch, AUDIO.n_mels, frames, generator=draw)
    return mel, torch.rand(batch, frames * AUDIO.hop_length, 2, generator=draw)


@pytest.mark.parametrize("temperature", [1.0, 0.0])
@pytest.mark.parametrize("generate", [cached_generation, compiled_generation])
def test_quicker_ways_say_what_the_naive_one_does(model, generate, temperature):
    mel, chance = mel_and_chance()
    naive = naive_generation(model, mel, temperature=temperature, uniforms=chance)
    quick = generate(model, mel, temperature=temperature, uniforms=chance)
    assert naive.shape == (2, 5 * AUDIO.hop_length)
    torch.testing.assert_close(quick, naive, rtol=1e-3, atol=1e-4)


def test_what_is_said_is_what_the_parallel_forward_would_choose(model):
    """At temperature 0 each sample is the likeliest that `distributions` finds after the others."""
    mel, chance = mel_and_chance()
    said = compiled_generation(model, mel, temperature=0.0, uniforms=chance)
    with torch.no_grad():
        signal = model.signal(said, mel)
        output = model.distributions(signal, model.layer_conditions(mel))
        likeliest = [
            model.head.draw(one, chance[:, 0], temperature=0.0) for one in output.unbind(dim=2)
        ]
    torch.testing.assert_close(signal, torch.stack(likeliest, dim=1), rtol=1e-3, atol=1e-4)


def test_speaking_is_fixed_by_the_generator_and_its_length_by_the_mel(model):
    mel, _ = mel_and_chance()
    before = torch.get_rng_state()
    first, again, other = (
        model(mel, generator=torch.Generator().manual_seed(n)) for n in (3, 3, 4)
    )
    assert torch.equal(again, first)
    assert not torch.equal(other, first)
    assert torch.equal(model(mel), model(mel))
    assert torch.equal(torch.get_rng_state(), before)
    assert first.shape == (2, 80)
    assert first.dtype == torch.float32


@pytest.mark.parametrize(
    "generate", [naive_generation, cached_generation, compiled_generation, folded_generation]
)
def test_every_way_draws_from_the_generator(generate):
    model, mel = WaveNet(TINY, AUDIO).eval(), mel_and_chance(batch=1, frames=30)[0][:, :, :8]
    before = torch.get_rng_state()
    first, again, other = (
        generate(model, mel, generator=torch.Generator().manual_seed(n)) for n in (3, 3, 4)
    )
    assert torch.equal(again, first)
    assert not torch.equal(other, first)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("frames", [1, 7, 8, 21])
def test_folding_gives_every_frame_its_samples(model, frames):
    mel, _ = mel_and_chance(frames=frames, batch=1)
    said = folded_generation(model, mel, piece=4, overlap=2)
    assert said.shape == (1, frames * AUDIO.hop_length)
    assert said.isfinite().all()


def test_crossfading_equal_sounds_leaves_no_trace():
    """Pieces cut from one sound join to it: no gap, no bump, nothing out of place."""
    time = torch.arange(400, dtype=torch.float64)
    sound = torch.sin(time / 7) + 0.01 * time
    padded = torch.cat([torch.full((40,), 99.0, dtype=torch.float64), sound])  # never heard
    pieces = padded.unfold(0, 140, 100)  # each begins 40 early
    torch.testing.assert_close(crossfaded(pieces, 40)[0], sound)


def test_crossfade_leaves_out_the_first_half_of_the_overlap():
    pieces = torch.zeros(2, 14)
    pieces[1, :2] = 7.0
    assert torch.equal(crossfaded(pieces, 4), torch.zeros(1, 20))
    pieces[1] = 1.0
    joined = crossfaded(pieces, 4)[0]
    assert (joined.diff() >= 0).all()
    torch.testing.assert_close(joined[7:11], torch.tensor([0, 1 / 3, 2 / 3, 1]))


@pytest.mark.parametrize("generate", [naive_generation, cached_generation, compiled_generation])
def test_a_negative_temperature_is_refused(generate):
    with pytest.raises(ValueError, match=r"temperature=-1\.0 is negative"):
        generate(WaveNet(TINY, AUDIO), mel_and_chance()[0], temperature=-1.0)


@pytest.mark.parametrize(("batch", "overlap"), [(2, 2), (1, 3), (1, 0), (1, 6)])
def test_folding_that_cannot_be_is_refused(batch, overlap):
    mel = mel_and_chance(batch=batch)[0]
    with pytest.raises(ValueError, match="folding needs one mel and an even overlap"):
        folded_generation(WaveNet(TINY, AUDIO), mel, piece=4, overlap=overlap)


@pytest.mark.parametrize("generate", [naive_generation, cached_generation, compiled_generation])
@pytest.mark.parametrize("shape", [(2, 10, 2), (1, 80, 2), (2, 80, 1)])
def test_uniform_numbers_of_another_shape_are_refused(generate, shape):
    mel, _ = mel_and_chance()
    with pytest.raises(ValueError, match="these mels need uniforms"):
        generate(WaveNet(TINY, AUDIO).eval(), mel, uniforms=torch.rand(shape))
