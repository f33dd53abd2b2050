"""Count skips, repeats and failures to stop on 50 hard sentences, as the FastSpeech paper does.

Single letters, repeated words, spelled names, numbers, tongue-twisters, very long sentences: ours,
in the style of that paper's (Ren et al. 2019, arXiv 1905.09263, section 4.3). It counted by ear;
here the alignment tells: a token jumped over, a jump back, a gate that never fired. That is blind
to a phoneme that had its frames and was mumbled, so mini-listener says what it hears, too, beside
what it hears of espeak-ng, from which the mini voices learned.

    python benchmarks/measure_robustness.py CHECKPOINT [CHECKPOINT ...]
"""

import argparse
import warnings
from pathlib import Path

import torch

from ttslib import load_voice
from ttslib.corpora.mini.corpus import MINI_SPEAKERS
from ttslib.corpora.mini.espeak import speak
from ttslib.evaluation.measures.alignments import count_faults, reading_faults
from ttslib.evaluation.measures.intelligibility import ErrorCounts, count_errors
from ttslib.evaluation.measures.recognizers import PhonemeListener

SENTENCES = Path(__file__).with_name("hard_sentences.txt")


def main() -> None:
    """Print a row for each voice, and the sentences that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--max-seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()
    listener = PhonemeListener("mini-listener")
    own = [speak(sentence, MINI_SPEAKERS[0].voice)[:2] for sentence in sentences]
    sounds = [torch.from_numpy(samples / 32768.0).float() for samples, _ in own]
    print(f"espeak-ng itself, heard: {heard(listener, sentences, sounds, own[0][1])}")
    print(f"{len(sentences)} hard sentences     skip  repeat  never stop  any of them")
    for path in arguments.checkpoints:
        voice = load_voice(path)
        voice.max_characters = 10_000  # each in one go, however long
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of those that don't stop: they are counted
            spoken = voice(sentences, max_seconds=arguments.max_seconds)
        faults = [reading_faults(s.alignments, stopped=s.stopped) for s in spoken]
        n = count_faults(faults)
        print(f"{path}\n{n.skipping:23}{n.repeating:8}{n.endless:12}{n.faulty:13}")
        sounds = [s.waveform for s in spoken]
        print(f"    heard: {heard(listener, sentences, sounds, spoken[0].sample_rate)}")
        for sentence, found in zip(sentences, faults, strict=True):
            if found:
                print(f"    {found}: {sentence[:80]}")


def heard(
    listener: PhonemeListener, sentences: list[str], sounds: list[torch.Tensor], sample_rate: int
) -> ErrorCounts:
    """What the listener misses of all sentences together."""
    counts = [
        count_errors(
            listener.expected(sentence),
            listener.hear(sound, sample_rate=sample_rate),
            unit="phoneme",
        )
        for sentence, sound in zip(sentences, sounds, strict=True)
    ]
    return sum(counts[1:], start=counts[0])


if __name__ == "__main__":
    main()
