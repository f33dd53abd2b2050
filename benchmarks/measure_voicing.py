"""How often does the measure of pitch err about voicing, by its two settings?

    python benchmarks/write_test_clips.py CORPUS OUT --copy griffin-lim --copy kathleen \
        --voice kathleen
    python benchmarks/measure_voicing.py OUT [OUT ...] --clips 12

The reference comes from two trackers that aren't part of this project, Praat's autocorrelation
and RAPT (`pip install praat-parselmouth pysptk`). A frame counts as voiced or voiceless when both
agree; where they don't, it isn't counted. A copy has its recording's reference, a voice's speech
its own. Without OUT, no tracker is needed: the reference is then espeak-ng's own phonemes in the
mini corpus, except within 25 ms of a change.

The settings are how lenient YIN is, and how faint a voice may be below 1 kHz. Prints three shares
in percent: voiced frames that are missed; voiceless frames that are called voiced; and the same for
those that hiss, with more energy above 4 kHz than below. The setting was chosen by the even clips
and is judged by the odd ones.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from ttslib import mini_libritts
from ttslib.audio.files import read_audio
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram
from ttslib.audio.prosody import HIGHEST, LOWEST, extract_pitch
from ttslib.config import AudioConfig
from ttslib.corpora.phoneme_times import PhonemeTime, phoneme_times
from ttslib.evaluation.measures import pitch as measured

AUDIO = AudioConfig()
RATE, HOP = AUDIO.sample_rate, AUDIO.hop_length
NONE = 1000.0  # dB: no frame is that faint
SETTINGS = (  # second parameter of the beta distribution; how faint the lows may be, dB
    (4.0, NONE),
    (8.0, NONE),
    (10.0, NONE),
    (4.0, 30.0),
    (4.0, 25.0),
    (4.0, 20.0),
    (8.0, 25.0),
)
SYSTEMS = ("recording", "copy-griffin-lim", "copy-kathleen", "kathleen")
HISS = 4000  # Hz
EDGE = 0.025  # seconds: half of a frame, and a little
VOICELESS = {"sil", "P", "T", "K", "CH", "F", "TH", "S", "SH", "HH"}
BETWEEN = {"B", "D", "G", "JH", "V", "DH", "Z", "ZH"}  # voiced by name, often not in sound

Judged = tuple[torch.Tensor, np.ndarray, np.ndarray]  # sound; voiced and voiceless frames


def main() -> None:
    """Print a table for each half of the clips."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outs", nargs="*", type=Path)
    parser.add_argument("--clips", type=int, default=50, help="of each folder or speaker")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    counts: dict[tuple[str, int], np.ndarray] = {}  # (name, half) -> (settings, 3, 2)
    sources = [tracked(out, asked.clips) for out in asked.outs] or [from_espeak(asked.clips)]
    for name, number, judged in (one for source in sources for one in source):
        counts[name, number % 2] = counts.get((name, number % 2), 0) + count(*judged)
    for half, title in enumerate(("chosen by", "judged by")):
        print(f"\n| {title} | frames |", " | ".join(map(named, SETTINGS)), "|")
        print("|---" * (len(SETTINGS) + 2) + "|")
        for name, found in ((n, c) for (n, h), c in counts.items() if h == half):
            frames = " + ".join(str(int(n)) for n in found[0, :2, 1])
            cells = [" / ".join(f"{100 * a / max(b, 1):.1f}" for a, b in row) for row in found]
            print(f"| {name} | {frames} |", " | ".join(cells), "|")


def named(setting: tuple[float, float]) -> str:
    """Return the title of a column."""
    shape, faint = setting
    return f"(2, {shape:g})" + (f", {faint:g} dB" if faint < NONE else "")


def count(sound: torch.Tensor, voiced: np.ndarray, voiceless: np.ndarray) -> np.ndarray:
    """Return wrong and all frames that are voiced, voiceless, hissy: (settings, 3, 2)."""
    usual = extract_pitch(sound, config=AUDIO).numpy()
    hissy = voiceless & is_hissy(sound)[: len(voiceless)]
    rows = []
    for shape, faint in SETTINGS:
        measured.LENIENT, measured.FAINT = (2.0, shape), faint
        found = np.isfinite(measured.pitch_contour(sound, sample_rate=RATE, like=usual))
        found = found[: len(voiced)]
        pairs = ((~found, voiced), (found, voiceless), (found, hissy))
        rows.append([((wrong & among).sum(), among.sum()) for wrong, among in pairs])
    return np.array(rows)


def is_hissy(sound: torch.Tensor) -> np.ndarray:
    """Return which frames (T,) have more energy above `HISS` than below."""
    margin = (AUDIO.n_fft - HOP) // 2
    padded = torch.nn.functional.pad(sound[None], (margin, margin), mode="reflect")[0]
    frames = padded.unfold(0, AUDIO.n_fft, HOP) * torch.hann_window(AUDIO.n_fft)
    power = torch.fft.rfft(frames).abs().square()  # (T, F)
    high = torch.fft.rfftfreq(AUDIO.n_fft, 1 / RATE) > HISS
    return (power[:, high].sum(1) > power[:, ~high].sum(1)).numpy()


def tracked(out: Path, clips: int) -> Iterator[tuple[str, int, Judged]]:
    """Yield a row's name, the clip's number, and a sound with the two trackers' reference."""
    all_frames = agreed = 0
    for number, path in enumerate(sorted((out / "recording").glob("*.wav"))[:clips]):
        reference = None
        for system in SYSTEMS:
            if not (out / system).is_dir():
                continue
            sound = read_audio(out / system / path.name)[0][0]
            if reference is None or not system.startswith("copy-"):
                reference = consensus(sound.numpy())
                all_frames += len(reference[0])
                agreed += sum(part.sum() for part in reference)
            yield f"{out.name}, {system}", number, (sound, *reference)
    print(f"{out.name}: the trackers agree on {agreed} of {all_frames} frames")


def consensus(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames that both trackers call voiced (T,), and voiceless (T,)."""
    import parselmouth
    import pysptk

    centers = (np.arange(len(sound) // HOP) + 0.5) * HOP / RATE
    limits = {"pitch_floor": LOWEST, "pitch_ceiling": HIGHEST}
    praat = parselmouth.Sound(sound, RATE).to_pitch_ac(time_step=0.005, **limits)
    first = np.nan_to_num([praat.get_value_at_time(t) for t in centers]) > 0
    step = RATE // 200
    rapt = pysptk.rapt(
        (sound * 32767).astype(np.float32), RATE, step, min=LOWEST, max=HIGHEST, otype="f0"
    )
    second = rapt[np.minimum((centers * 200).round().astype(int), len(rapt) - 1)] > 0
    return first & second, ~first & ~second


def from_espeak(clips: int) -> Iterator[tuple[str, int, Judged]]:
    """Yield recordings of two speakers and Griffin-Lim's copies, with espeak-ng's phonemes."""
    mel_of, griffin_lim = MelSpectrogram(AUDIO), GriffinLim(AUDIO)
    for speaker in ("9101", "9102"):
        corpus = mini_libritts(part="test", speakers=[speaker])
        for number in range(clips):
            sound = corpus[number][0][0]
            reference = by_name(phoneme_times(corpus.utterances[number]), len(sound) // HOP)
            yield f"{speaker}, recording", number, (sound, *reference)
            with torch.no_grad():
                copy = griffin_lim(mel_of(sound)[None])[0]
            yield f"{speaker}, copy-griffin-lim", number, (copy, *reference)


def by_name(times: list[PhonemeTime], frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames (T,) within voiced and within voiceless phonemes, away from changes."""
    centers = (np.arange(frames) + 0.5) * HOP / RATE
    kinds = [0 if p in VOICELESS else 2 if p in BETWEEN else 1 for p, *_ in times]
    ends = np.array([end for _, _, end, _ in times])

    def kind(at: np.ndarray) -> np.ndarray:
        return np.array(kinds)[np.searchsorted(ends, at).clip(max=len(ends) - 1)]

    around = np.stack([kind(centers + shift) for shift in (-EDGE, 0, EDGE)])  # (3, T)
    return (around == 1).all(axis=0), (around == 0).all(axis=0)


if __name__ == "__main__":
    main()
