"""Wrong answers to the exercises of notebook 08, and what the check says of each."""


def rate(line: str) -> str:
    return (
        "def corpus_error_rate(pairs):\n"
        "    found = [count_errors(*pair) for pair in pairs]\n"
        "    wrong, spoken = sum(one.wrong for one in found), sum(one.spoken for one in found)\n"
        f"    return {line}"
    )


def ratings(line: str) -> str:
    return (
        "def ratings_in_all(scores, half_width):\n"
        "    s = np.std(scores, ddof=1)\n"
        f"    return {line}"
    )


def voiceprint(line: str) -> str:
    return f"def voiceprint(mel):\n    return {line}"


MISTAKES = {
    "Exercise 1": {
        "the average of the rates": (
            rate("float(np.mean([one.rate for one in found]))"),
            "'a short and a long sentence': expected 0.166667, got 0.5",
        ),
        "over what was heard": (
            rate("wrong / sum(len(heard.split()) for _, heard in pairs)"),
            "'words too many': expected 0.666667, got 0.4",
        ),
        "over the longer of the two": (
            rate("wrong / sum(max(len(a.split()), len(b.split())) for a, b in pairs)"),
            "'words too many': expected 0.666667, got 0.4",
        ),
        "words compared place by place": (
            "def corpus_error_rate(pairs):\n"
            "    both = [(a.split(), b.split()) for a, b in pairs]\n"
            "    wrong = sum(x != y for a, b in both for x, y in zip(a, b))\n"
            "    return wrong / sum(len(a) for a, _ in both)",
            "'words too many': expected 0.666667, got 0",
        ),
        "expected and heard are swapped": (
            "def corpus_error_rate(pairs):\n"
            "    found = [count_errors(heard, expected) for expected, heard in pairs]\n"
            "    return sum(one.wrong for one in found) / sum(one.spoken for one in found)",
            "'words too many': expected 0.666667, got 0.4",
        ),
        "only the last pair": (
            rate("found[-1].rate"),
            "'a short and a long sentence': expected 0.166667, got 0",
        ),
        "in percent": (rate("100 * wrong / spoken"), "'one pair': expected 0.333333, got 33.3333"),
        "never above 1": (
            rate("min(1.0, wrong / spoken)"),
            "'more errors than words': expected 3, got 1",
        ),
        "the share of wrong sentences": (
            rate("sum(one.wrong > 0 for one in found) / len(found)"),
            "'one pair': expected 0.333333, got 1",
        ),
        "the number of errors": (rate("wrong"), "'one pair': expected 0.333333, got 1"),
    },
    "Exercise 2": {
        "a constant": (voiceprint("torch.ones(80)"), "only 6 of 24 clips"),
        "the volume is left in": (voiceprint("mel.mean(dim=1)"), "a clip at another volume"),
        "averaged over the bands": (
            voiceprint("(mel - mel.mean()).mean(dim=0)"),
            "the vector's length must not depend on the clip's",
        ),
        "a single number": (
            voiceprint("(mel - mel.mean()).std()[None]"),
            "a vector (D,) of several numbers is wanted, got shape (1,)",
        ),
        "a matrix": (
            voiceprint("(mel - mel.mean()).mean(dim=1, keepdim=True)"),
            "a vector (D,) of several numbers is wanted, got shape (80, 1)",
        ),
        "only the first frame": (voiceprint("mel[:, 0] - mel[:, 0].mean()"), "of 24 clips"),
        "the whole clip": (
            voiceprint("(mel - mel.mean()).flatten()"),
            "the vector's length must not depend on the clip's",
        ),
        "each band's own average is subtracted": (
            voiceprint("(mel - mel.mean(dim=1, keepdim=True)).mean(dim=1)"),
            "of 24 clips are given to their speaker",
        ),
        "random numbers": (
            "torch.manual_seed(0)\ndef voiceprint(mel):\n    return torch.randn(80)",
            "a clip at another volume",
        ),
        "divided by zero": (voiceprint("(mel - mel.mean()).mean(dim=1) / 0"), "NaN or infinity"),
    },
    "Exercise 3": {
        "no square": (
            ratings("int(np.ceil(1.96 * s / half_width))"),
            "ten scores, half_width 1: expected 4, got 2",
        ),
        "rounded down": (
            ratings("int((1.96 * s / half_width) ** 2)"),
            "ten scores, half_width 1: expected 4, got 3",
        ),
        "rounded to the nearest": (
            ratings("round((1.96 * s / half_width) ** 2)"),
            "expected",
        ),
        "not rounded": (
            ratings("(1.96 * s / half_width) ** 2"),
            "a whole number is wanted, got",
        ),
        "the whole interval instead of half": (
            ratings("int(np.ceil((2 * 1.96 * s / half_width) ** 2))"),
            "ten scores, half_width 1: expected 4, got 14",
        ),
        "divided by n instead of n - 1": (
            "def ratings_in_all(scores, half_width):\n"
            "    return int(np.ceil((1.96 * np.std(scores) / half_width) ** 2))",
            "half_width 0.5: expected 14, got 13",
        ),
        "the ones still missing": (
            ratings("int(np.ceil((1.96 * s / half_width) ** 2)) - len(scores)"),
            "ten scores, half_width 1: expected 4, got -6",
        ),
        "the scores are ignored": (
            ratings("int(np.ceil((1.96 / half_width) ** 2))"),
            "ten scores, half_width 0.5: expected 14, got 16",
        ),
        "the width is ignored": (
            ratings("int(np.ceil((1.96 * s / 0.2) ** 2))"),
            "ten scores, half_width 1: expected 4, got 87",
        ),
        "one too many": (
            ratings("int((1.96 * s / half_width) ** 2) + 2"),
            "ten scores, half_width 1: expected 4, got 5",
        ),
        "a comparison as the number": (
            ratings("(1.96 * s / half_width) ** 2 > 1"),
            "a whole number is wanted, got",
        ),
    },
}
