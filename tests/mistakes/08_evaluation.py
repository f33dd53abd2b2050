"""Wrong answers to the exercises of notebook 08, and what the check says of each."""


def rate(line: str) -> str:
    return (
        "def corpus_error_rate(pairs):\n"
        "    found = [count_errors(*pair) for pair in pairs]\n"
        "    wrong, spoken = sum(one.wrong for one in found), sum(one.spoken for one in found)\n"
        f"    return {line}"
    )


def resampled(*lines: str) -> str:
    return "def resampled_mean(table, rng):\n" + "\n".join(f"    {line}" for line in lines)


ROWS, COLUMNS = "r = rng.integers(len(table), size=len(table))", "s = rng.integers(8, size=8)"


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
        "all texts joined": (
            "def corpus_error_rate(pairs):\n"
            "    expected, heard = (' '.join(texts) for texts in zip(*pairs))\n"
            "    return count_errors(expected, heard).rate",
            "'a word that moves on to the next text': expected 0.666667, got 0",
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
        "added up over time": (
            voiceprint("mel.sum(dim=1) - mel.sum(dim=1).mean()"),
            "a clip played twice over gets another vector: its length counts",
        ),
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
        "only sentences": (
            resampled(COLUMNS, "return np.nanmean(table[:, s])"),
            "raters who disagree: the means of 3000 draws scatter by 0.00",
        ),
        "only raters": (
            resampled(ROWS, "return np.nanmean(table[r])"),
            "sentences that differ: the means of 3000 draws scatter by 0.00",
        ),
        "ratings one by one": (
            resampled("return np.nanmean(rng.choice(table.ravel(), size=table.size))"),
            "raters who disagree: the means of 3000 draws scatter by 0.22",
        ),
        "without replacement": (
            resampled(
                "r, s = (rng.permutation(n) for n in table.shape)",
                "return np.nanmean(table[r][:, s])",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.00",
        ),
        "other raters for each sentence": (
            resampled(
                COLUMNS,
                "rows = rng.integers(5, size=(5, 8))",
                "return np.nanmean(np.take_along_axis(table[:, s], rows, axis=0))",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.22",
        ),
        "one rater for each sentence": (
            resampled(
                "r, s = rng.integers(5, size=8), rng.integers(8, size=8)",
                "return np.nanmean(table[r, s])",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.49",
        ),
        "never the last rater": (
            resampled(
                "r, s = (rng.integers(n - 1, size=n) for n in table.shape)",
                "return np.nanmean(table[r][:, s])",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.50",
        ),
        "one draw too few": (
            resampled(
                "r, s = (rng.integers(n, size=n - 1) for n in table.shape)",
                "return np.nanmean(table[r][:, s])",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.70",
        ),
        "rows and columns swapped": (
            resampled(
                "r, s = (rng.integers(n, size=n) for n in table.shape)",
                "return np.nanmean(table[s][:, r])",
            ),
            "IndexError",
        ),
        "gaps make NaN": (
            resampled(
                "r, s = (rng.integers(n, size=n) for n in table.shape)",
                "return table[r][:, s].mean()",
            ),
            "some clips not heard",
        ),
        "gaps count as 0": (
            resampled(
                "r, s = (rng.integers(n, size=n) for n in table.shape)",
                "return np.nan_to_num(table[r][:, s]).mean()",
            ),
            "some clips not heard",
        ),
        "the median": (
            resampled(
                "r, s = (rng.integers(n, size=n) for n in table.shape)",
                "return np.nanmedian(table[r][:, s])",
            ),
            "scatter by",
        ),
        "the mean of the table": (
            resampled("return np.nanmean(table)"),
            "raters who disagree: the means of 3000 draws scatter by 0.00",
        ),
        "the same draw each time": (
            resampled(
                "rng = np.random.default_rng(0)",
                "r, s = (rng.integers(n, size=n) for n in table.shape)",
                "return np.nanmean(table[r][:, s])",
            ),
            "raters who disagree: the means of 3000 draws scatter by 0.00",
        ),
        "the resampled table": (
            resampled(
                "r, s = (rng.integers(n, size=n) for n in table.shape)", "return table[r][:, s]"
            ),
            "TypeError",
        ),
    },
}
