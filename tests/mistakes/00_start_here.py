"""Wrong answers to the exercises of notebook 00, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "the wrong way round": (
            "def seconds_of(frames):\n    return frames * 24_000 / 256",
            "expected 4, got 35156.2",
        ),
        "only the samples": (
            "def seconds_of(frames):\n    return frames * 256",
            "2 of 2 values differ",
        ),
    },
    "Exercise 2": {
        "everybody is the first": (
            "def how_long(text):\n"
            "    return {name: voice(text).seconds for name in voice.speakers}",
            "'9102': expected",
        ),
        "a list has no names": (
            "def how_long(text):\n"
            "    return [voice(text, speaker=name).seconds for name in voice.speakers]",
            "expected a dict",
        ),
    },
    "Exercise 3": {
        "the mean": (
            "def loudness(samples):\n    return samples.mean()",
            "2 of 2 values differ",
        ),
        "no root": (
            "def loudness(samples):\n    return samples.square().mean()",
            "expected 0.707107, got 0.5",
        ),
    },
}
