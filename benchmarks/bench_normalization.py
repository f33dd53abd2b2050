"""How often text normalization agrees with nemo_text_processing, on 1,000 lines of 20 kinds.

The reference has its own environment, since its grammars are compiled with pynini:

    python -m venv /tmp/nemo && /tmp/nemo/bin/pip install nemo_text_processing
    /tmp/nemo/bin/python benchmarks/bench_normalization.py --write-reference /tmp/reference.txt
    python benchmarks/bench_normalization.py /tmp/reference.txt

The first command takes minutes, since it compiles the grammars. What the two call differently by
convention counts as the same: case, hyphens, the `and` of one hundred and one, `ay` for the letter
A, marks. `normalization_templates.txt` holds the templates and, for each, who is right where the
two still differ: a judgment made by hand, by reading both.
"""

import argparse
import random
import re
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

TEMPLATES = Path(__file__).with_name("normalization_templates.txt")
FILLED = 10  # lines from each template

_WORDS = {
    "city": "Boston Dover Springfield Portland Austin Denver".split(),
    "name": "Lee Gray Cole Hill Bell Smith Jones".split(),
    "street": "Oak Elm Main Park Cedar Lake".split(),
    "things": "apples chairs tickets songs lamps boats".split(),
    "lower": "anna blue garden river stone north".split(),
    "month": "January March April June August October December".split(),
    "mon": "Jan Feb Apr Aug Sep Oct Nov Dec".split(),
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "acronym": "FBI CIA NASA USB GPU NATO CEO BBC".split(),
    "king": "Henry Louis Charles Edward".split(),
    "roman": "II III IV VI VII VIII IX XIV".split(),
    "ordinal": "1st 2nd 3rd 4th 9th 12th 20th 21st 42nd 103rd".split(),
    "day_th": "1st 2nd 3rd 11th 22nd 30th".split(),
    "part": "3 4 5 8 10".split(),
    "small": "1 2".split(),
    "minute": "05 15 20 30 45 58".split(),
    "isbn": ["978-0-306-40615-7", "0-8044-2957-1", "978-1-86197-876-9"],
}
_NUMBERS = {
    **{
        "n1": (2, 9),
        "n2": (11, 98),
        "n3": (101, 998),
        "n4": (1101, 9998),
        "n6": (100_001, 999_998),
    },
    **{"year": (1801, 2029), "old_year": (1101, 1799), "day": (1, 28), "m": (1, 12)},
    **{"hour": (13, 23), "hour12": (1, 12)},
}


class Line(NamedTuple):
    """A line of the benchmark."""

    kind: str
    verdict: str  # who is right where the two differ
    template: str
    text: str


def benchmark_lines() -> list[Line]:
    """Return the lines, the same ones every time."""
    chance = random.Random(0)
    lines = []
    for row in TEMPLATES.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            kind, verdict, template = row.split(" | ")
            for _ in range(FILLED):
                text = re.sub(r"\{(\w+)\}", lambda field: _fill(field[1], chance), template)
                lines.append(Line(kind, verdict, template, text))
    return lines


def _fill(field: str, chance: random.Random) -> str:
    if field in _WORDS:
        return chance.choice(_WORDS[field])
    if field in _NUMBERS:
        return str(chance.randint(*_NUMBERS[field]))
    return {
        "thousands": f"{chance.randint(11_000, 980_000):,}",
        "millions": f"{chance.randint(1_100_000, 9_900_000):,}",
        "decimal": f"{chance.randint(1, 99)}.{chance.randint(1, 9)}",
        "price": f"{chance.randint(2, 99)}.{chance.randint(10, 99)}",
        "decade": str(chance.randint(180, 202) * 10),
        "iso": f"{chance.randint(1990, 2029)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}",
        "phone": f"555-01{chance.randint(10, 99)}",
    }[field]


def canonical(spoken: str) -> str:
    """Return a reading without spaces, and without what differs by convention alone."""
    text = spoken.lower().replace("-", " ")
    text = re.sub(r"\b(hundred|thousand|million|dollars|euros|pounds) and\b", r"\1", text)
    text = re.sub(r"\boh\b", "o", text)
    text = re.sub(r"\bay\b", "a", re.sub(r"\bpee em\b", "p m", re.sub(r"\bay em\b", "a m", text)))
    text = re.sub(r"\b(?:miz|ms)\b", "ms", re.sub(r"[^a-z' ]", " ", text))
    return re.sub("[' ]", "", text)  # f b i is fbi


def write_reference(path: Path) -> None:
    """Write what nemo_text_processing makes of every line."""
    from nemo_text_processing.text_normalization.normalize import Normalizer

    normalizer = Normalizer(input_case="cased", lang="en", cache_dir=str(path.parent / "grammars"))
    lines, start = benchmark_lines(), time.perf_counter()
    readings = [
        normalizer.normalize(line.text, verbose=False, punct_post_process=True) for line in lines
    ]
    seconds = (time.perf_counter() - start) / len(lines)
    path.write_text("\n".join([f"{1000 * seconds:.1f}", *readings]) + "\n", encoding="utf-8")


def compare(path: Path, *, shown: int) -> None:
    """Print how often the two agree, by kind, and who is right elsewhere."""
    from ttslib.text.normalize import normalize_text

    milliseconds, *reference = path.read_text(encoding="utf-8").splitlines()
    lines = benchmark_lines()
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    ours = [normalize_text(line.text) for line in lines]
    own_milliseconds = 1000 * (time.perf_counter() - start) / len(lines)
    same, total, verdicts = Counter(), Counter(), defaultdict(Counter)
    examples: dict[str, list[str]] = defaultdict(list)
    for line, own, theirs in zip(lines, ours, reference, strict=True):
        agree = canonical(own) == canonical(theirs)
        total[line.kind] += 1
        same[line.kind] += agree
        if not agree:
            verdicts[line.kind][line.verdict] += 1
            examples[f"{line.kind}, {line.verdict}: {line.template}"].append(
                f"    {line.text}\n      ours   {own}\n      theirs {theirs}"
            )
    for template, some in examples.items():
        print(f"{template} ({len(some)} of {FILLED})", *some[:shown], sep="\n")
    print(f"{'kind':15}{'agree':>12}   right where they differ")
    for kind in total:
        who = ", ".join(f"{name} {count}" for name, count in verdicts[kind].most_common())
        print(f"{kind:15}{same[kind]:5} of {total[kind]:3}   {who}")
    print(f"{'all':15}{same.total():5} of {total.total():3}   ", end="")
    print(*(f"{k} {v}" for k, v in sum(verdicts.values(), Counter()).most_common()), sep=", ")
    print(f"a line: ours {own_milliseconds:.2f} ms, theirs {float(milliseconds):.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path, help="the reference's readings")
    parser.add_argument("--write-reference", action="store_true", help="make that file")
    parser.add_argument("--shown", type=int, default=0, help="differences to show per template")
    arguments = parser.parse_args()
    if arguments.write_reference:
        write_reference(arguments.reference)
    else:
        compare(arguments.reference, shown=arguments.shown)
