"""Durations of every source sum to the frames; known times land where they are known to be."""

import pytest
import torch

from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.records import TextMelBatch, Utterance
from ttslib.training.data.durations import (
    aligner_durations,
    attention_durations,
    boundary_errors,
    known_durations,
    textgrid_times,
)

SYMBOLS = ["_", "~", " ", ".", "HH", "AH0", "L", "OW1", "Y", "UW1"]
AUDIO = AudioConfig()
FRAME = 1 / AUDIO.frames_per_second
# "HH AH0 L OW1 Y UW1." with espeak's other L and a pause before and behind
TIMES = [
    ("sil", 0.0, 5.0), ("HH", 5.0, 10.0), ("AH", 10.0, 14.0), ("R", 14.0, 17.0),
    ("OW", 17.0, 30.0), ("Y", 30.0, 34.0), ("UW", 34.0, 46.0), ("sil", 46.0, 50.0),
]  # fmt: skip
TIMES = [(phoneme, start * FRAME, end * FRAME) for phoneme, start, end in TIMES]  # from frames


def _ids(spoken: str) -> torch.Tensor:
    return torch.tensor([SYMBOLS.index(" " if s == "|" else s) for s in spoken.split()])


@pytest.fixture
def batch():
    torch.manual_seed(0)
    tokens = torch.zeros(2, 9, dtype=torch.int64)
    tokens[0] = _ids("HH AH0 L OW1 | Y UW1 . ~")
    tokens[1, :4] = _ids("Y UW1 . ~")
    mels = torch.randn(2, 80, 50)
    mels[1, :, 31:] = 0
    return TextMelBatch(
        ids=("hello", "you"),
        tokens=tokens,
        token_lengths=torch.tensor([9, 4]),
        mels=mels,
        mel_lengths=torch.tensor([50, 31]),
        speakers=torch.tensor([0, 0]),
    )


@pytest.fixture
def known(tmp_path):
    utterances = [
        Utterance(id=name, speaker="a", text=name, audio_path=tmp_path / name)
        for name in ("hello", "you")
    ]
    times = {"hello": TIMES, "you": [("Y", 0.0, 11 * FRAME), ("UW", 11 * FRAME, 31 * FRAME)]}
    return known_durations(utterances, symbols=SYMBOLS, audio=AUDIO, times_of=lambda u: times[u.id])


def _sums_are_right(durations, batch):
    real = torch.arange(9) < batch.token_lengths[:, None]
    return (
        torch.equal(durations.sum(dim=1), batch.mel_lengths)
        and bool((durations[real] >= 1).all())
        and not durations[~real].any()
    )


def test_known_times_become_whole_frames(batch, known):
    durations = known(batch)
    assert _sums_are_right(durations, batch)
    # HH begins with the clip; L stands where espeak said R; the boundary takes a frame from Y.
    assert durations[0].tolist()[:4] == [10, 4, 3, 13]
    assert durations[1].tolist()[0] == 11
    errors = boundary_errors(durations, batch, [TIMES, []], symbols=SYMBOLS, audio=AUDIO)
    assert len(errors) == 4  # AH, OW, Y and UW; HH begins the clip, and L is not agreed on
    assert max(errors) == pytest.approx(1000 * FRAME, abs=0.1)  # Y, which the boundary delays


def test_errors_are_milliseconds_from_the_truth(batch, known):
    durations = known(batch)
    durations[0, :2] += torch.tensor([3, -3])
    errors = boundary_errors(durations, batch, [TIMES, []], symbols=SYMBOLS, audio=AUDIO)
    assert errors[0] == pytest.approx(3000 * FRAME, abs=0.1)


def test_every_models_durations_sum_to_the_frames(batch):
    torch.manual_seed(0)
    fast = FastSpeech2(FastSpeech2Config(n_symbols=10, dim=8, filter_dim=8, aligner_dim=8))
    sizes = dict(encoder_dim=8, prenet_dim=4, attention_rnn_dim=8, attention_dim=4)
    slow = Tacotron2(
        Tacotron2Config(n_symbols=10, frames_per_step=3, decoder_rnn_dim=8, postnet_dim=4, **sizes)
    )
    for source in (aligner_durations(fast), attention_durations(slow)):
        assert _sums_are_right(source(batch), batch)


def test_more_tokens_than_frames_are_refused(batch, known):
    batch.mel_lengths[1] = 3
    with pytest.raises(ValueError, match="4 tokens don't fit into 3 frames"):
        known(batch)


TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 0.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 0.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "you"
    item [2]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 0.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.1
            text = "Y"
        intervals [2]:
            xmin = 0.1
            xmax = 0.45
            text = "UW1"
        intervals [3]:
            xmin = 0.45
            xmax = 0.5
            text = ""
"""


SHORT_TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
0.5
<exists>
2
"IntervalTier"
"anna - words"
0
0.5
1
0
0.5
"say ""you"" now"
"IntervalTier"
"anna - phones"
0
0.5
3
0
0.1
"Y"
0.1
0.45
"UW1"
0.45
0.5
""
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", [TEXTGRID, SHORT_TEXTGRID, TEXTGRID.replace('"you"', '"a ""b"""')])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_textgrid_is_read(tmp_path, text, encoding, line_end):
    path = tmp_path / "clip.TextGrid"
    path.write_text(text, encoding=encoding, newline=line_end)
    assert [tuple(row) for row in textgrid_times(path)] == [
        ("Y", 0, 0.1), ("UW", 0.1, 0.45), ("sil", 0.45, 0.5)
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"no tier 'phonemes'; it has (anna - )?words, "):
        textgrid_times(path, tier="phonemes")


@pytest.mark.parametrize("text", ["", "no grid", TEXTGRID[:300], TEXTGRID.replace("0.45", "late")])
def test_what_is_no_textgrid_is_named(tmp_path, text):
    path = tmp_path / "clip.TextGrid"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"clip\.TextGrid"):
        textgrid_times(path)


def test_two_tiers_of_phonemes_are_no_choice(tmp_path):
    path = tmp_path / "clip.TextGrid"
    path.write_text(TEXTGRID.replace('"words"', '"bert - phones"'), encoding="utf-8")
    with pytest.raises(ValueError, match="has 2 tiers 'phones'; it has bert - phones, phones"):
        textgrid_times(path)
