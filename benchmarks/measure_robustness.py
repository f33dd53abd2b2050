"""Count skips, repeats and failures to stop on 50 hard sentences, as the FastSpeech paper does.

Single letters, repeated words, spelled names, numbers, tongue-twisters, very long sentences: ours,
in the style of that paper's (Ren et al. 2019, arXiv 1905.09263, section 4.3). It counted by ear;
here the alignment tells: a token jumped over, a jump back, a gate that never fired.

    python benchmarks/measure_robustness.py CHECKPOINT [CHECKPOINT ...]
"""

import argparse
import warnings
from pathlib import Path

from ttslib import load_voice
from ttslib.nn.alignment import alignment_quality

SENTENCES = Path(__file__).with_name("hard_sentences.txt")


def main() -> None:
    """Print a row for each voice, and the sentences that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--max-seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()
    print(f"{len(sentences)} hard sentences     skip  repeat  never stop  any of them")
    for path in arguments.checkpoints:
        voice = load_voice(path)
        voice.max_characters = 10_000  # each in one go, however long
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of those that don't stop: they are counted
            spoken = voice(sentences, max_seconds=arguments.max_seconds)
        wrong = {}
        for sentence, speech in zip(sentences, spoken, strict=True):
            said = [a[a.sum(dim=1) > 0] for a in speech.alignments]  # without the pauses
            judged = [alignment_quality(alignment) for alignment in said]
            skips, repeats = (any(getattr(q, n) for q in judged) for n in ("skipped", "repeated"))
            wrong[sentence] = (skips, repeats, not speech.stopped)
        skips, repeats, endless = (sum(column) for column in zip(*wrong.values(), strict=True))
        any_of_them = sum(map(any, wrong.values()))
        print(f"{path}\n{skips:23}{repeats:8}{endless:12}{any_of_them:13}")
        for sentence, problems in wrong.items():
            if any(problems):
                named = zip(("skips", "repeats", "never stops"), problems, strict=True)
                print(f"    {', '.join(n for n, p in named if p)}: {sentence[:80]}")


if __name__ == "__main__":
    main()
