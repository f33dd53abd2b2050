"""Wrong answers to the exercises of notebook 09, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "each is rounded for itself": (
            "def whole_frames(durations):\n    return durations.round().long()",
            "entry 0: 1 of 3 values differ, most of all at [1]: expected 3, got 2",
        ),
        "the ends are cut off": (
            "def whole_frames(durations):\n"
            "    ends = durations.cumsum(dim=0).floor().long()\n"
            "    return ends.diff(prepend=ends.new_zeros(1))",
            "most of all at [1]: expected 3, got 2",
        ),
        "the first token is lost": (
            "def whole_frames(durations):\n"
            "    return durations.cumsum(dim=0).round().long().diff()",
            "the shape differs: expected (3,), got (2,)",
        ),
    },
    "Exercise 2": {
        "equal steps in Hz": (
            "def glide(n_tokens, semitones):\n"
            "    factors = torch.ones(3, n_tokens)\n"
            "    factors[1] = torch.linspace(1, 2 ** (semitones / 12), n_tokens)\n"
            "    return factors",
            "most of all at [1, 1]: expected 1.41421, got 1.5",
        ),
        "the last token is not reached": (
            "def glide(n_tokens, semitones):\n"
            "    factors = torch.ones(3, n_tokens)\n"
            "    factors[1] = 2 ** (torch.arange(n_tokens) / n_tokens * semitones / 12)\n"
            "    return factors",
            "most of all at [1, 2]: expected 2, got 1.5874",
        ),
    },
    "Exercise 3": {
        "the arithmetic mean": (
            "def perfect_guess(frames):\n    return frames.mean()",
            "most of all at [2]: expected 4.19615, got 13",
        ),
        "the way back is forgotten": (
            "def perfect_guess(frames):\n    return (1 + frames).log().mean().exp()",
            "3 of 3 values differ",
        ),
    },
}
