"""Wrong answers to the exercises of notebook 08, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "the mean of the rates": (
            "def corpus_error_rate(pairs):\n"
            "    return np.mean([count_errors(*pair).rate for pair in pairs])",
            "expected 0.294118, got 0.5",
        ),
        "over what was heard": (
            "def corpus_error_rate(pairs):\n"
            "    wrong = sum(count_errors(*pair).wrong for pair in pairs)\n"
            "    return wrong / sum(len(heard.split()) for _, heard in pairs)",
            "expected 0.294118, got 0.277778",
        ),
    },
    "Exercise 2": {
        "the loudness is left in": (
            "def mcd_of(first, second):\n"
            "    distances = np.linalg.norm(first - second, axis=1)\n"
            "    return 10 * np.sqrt(2) / np.log(10) * distances.mean()",
            "expected 21.5858, got 21.932",
        ),
        "the root comes last": (
            "def mcd_of(first, second):\n"
            "    squares = ((first - second)[:, 1:] ** 2).sum(axis=1)\n"
            "    return 10 * np.sqrt(2) / np.log(10) * np.sqrt(squares.mean())",
            "expected 21.5858, got 23.0146",
        ),
    },
    "Exercise 3": {
        "no square": (
            "def ratings_in_all(scores, half_width):\n"
            "    return int(np.ceil(1.96 * np.std(scores, ddof=1) / half_width))",
            "expected 346, got 19",
        ),
        "rounded down": (
            "def ratings_in_all(scores, half_width):\n"
            "    return int((1.96 * np.std(scores, ddof=1) / half_width) ** 2)",
            "expected 14, got 13",
        ),
    },
}
