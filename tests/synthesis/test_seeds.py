"""Every shipped voice and vocoder: the seed decides alone, in threads and in streams, too."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ttslib import load_voice
from ttslib.synthesis.voice_files import VOCODER, list_voices, voices_folder

TEXT = "Go on."
VOCODERS = [
    "griffin-lim",
    *sorted(path.parent.name for path in voices_folder().glob(f"*/{VOCODER}")),
]
PAIRS = [(voice, "griffin-lim") for voice in sorted(list_voices())]
PAIRS += [("mini-fastspeech2", vocoder) for vocoder in VOCODERS[1:]]


@pytest.mark.parametrize(("voice", "vocoder"), PAIRS)
def test_the_seed_decides_alone(voice, vocoder):
    speak = load_voice(voice, vocoder=vocoder)
    alone = [speak(TEXT, seed=seed).waveform for seed in range(4)]
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda seed: speak(TEXT, seed=seed).waveform, range(4)))
    assert all(map(torch.equal, together, alone))
    pieces = [torch.cat(list(speak.stream(TEXT, seed=seed))) for seed in (0, 1)]
    for piece, whole in zip(pieces, alone, strict=False):
        torch.testing.assert_close(piece, whole, atol=1e-5, rtol=0)
    assert torch.equal(torch.get_rng_state(), before)
    random = any(
        getattr(part, "needs_generator", False) for part in (speak.acoustic, speak.vocoder)
    )
    assert torch.equal(alone[0], alone[1]) != random


def test_several_streamed_sentences_obey_their_seed():
    speak = load_voice("mini-fastspeech2", vocoder="mini-waveglow")
    first, again, other = (
        torch.cat(list(speak.stream("Go on. Do it.", seed=s))) for s in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
