"""Wrong answers to the exercises of notebook 00, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "frames instead of samples": (
            "def samples_of(durations, first, last):\n"
            "    return sum(durations[:first]), sum(durations[: last + 1])",
            "these are frames",
        ),
        "the last token left out": (
            "def samples_of(durations, first, last):\n"
            "    return 256 * sum(durations[:first]), 256 * sum(durations[:last])",
            "the last token is included",
        ),
        "begins after the first token": (
            "def samples_of(durations, first, last):\n"
            "    return 256 * sum(durations[: first + 1]), 256 * sum(durations[: last + 1])",
            "add up all tokens before",
        ),
        "every token is one frame long": (
            "def samples_of(durations, first, last):\n    return 256 * first, 256 * (last + 1)",
            "end at sample 768, got 256",
        ),
        "a length instead of an end": (
            "def samples_of(durations, first, last):\n"
            "    start = 256 * sum(durations[:first])\n"
            "    return start, 256 * sum(durations[first : last + 1])",
            "end at sample 2560, got 1792",
        ),
        "ignores its arguments": (
            "def samples_of(durations, first, last):\n    return 0, 768",
            "begin at sample 768, got 0",
        ),
        "tokens of no length are skipped": (
            "def samples_of(durations, first, last):\n"
            "    durations = [duration for duration in durations if duration]\n"
            "    return 256 * sum(durations[:first]), 256 * sum(durations[: last + 1])",
            "tokens 1 to 1 of [1, 0, 9, 1] end at sample 256",
        ),
        "seconds": (
            "def samples_of(durations, first, last):\n"
            "    return sum(durations[:first]) / 93.75, sum(durations[: last + 1]) / 93.75",
            "end at sample 768, got 0.032",
        ),
        "one number": (
            "def samples_of(durations, first, last):\n    return 256 * sum(durations[:first])",
            "TypeError",
        ),
    },
    "Exercise 2": {
        "the speaker is ignored": (
            "def slowest(some_voice, texts):\n"
            "    return max(some_voice.speakers, key=lambda name: some_voice(texts[0]).seconds)",
            "Bo takes longest, got 'Al'",
        ),
        "always the same name": (
            "def slowest(some_voice, texts):\n    return 'Bo'",
            "Cy takes longest, got 'Bo'",
        ),
        "another voice is asked": (
            "def slowest(some_voice, texts):\n"
            "    def seconds(name):\n"
            "        return sum(trio(text, speaker=name).seconds for text in texts)\n"
            "    return max(trio.speakers, key=seconds)",
            "other people: Flo takes longest",
        ),
        "the first text alone": (
            "def slowest(some_voice, texts):\n"
            "    return max(some_voice.speakers,\n"
            "               key=lambda name: some_voice(texts[0], speaker=name).seconds)",
            "several texts: Cy takes longest, got 'Bo'",
        ),
        "all texts as one": (
            "def slowest(some_voice, texts):\n"
            "    return max(some_voice.speakers,\n"
            "               key=lambda name: some_voice(' '.join(texts), speaker=name).seconds)",
            "several texts: Cy takes longest, got 'Bo'",
        ),
        "each text has a vote": (
            "def slowest(some_voice, texts):\n"
            "    wins = [max(some_voice.speakers, key=lambda n: some_voice(t, speaker=n).seconds)\n"
            "            for t in texts]\n"
            "    return max(set(wins), key=wins.count)",
            "one long, many short: Bo takes longest, got 'Cy'",
        ),
        "the shortest text alone": (
            "def slowest(some_voice, texts):\n"
            "    text = min(texts, key=len)\n"
            "    return max(some_voice.speakers,\n"
            "               key=lambda name: some_voice(text, speaker=name).seconds)",
            "one long, many short: Bo takes longest, got 'Cy'",
        ),
        "seconds for each letter": (
            "def slowest(some_voice, texts):\n"
            "    def pace(name):\n"
            "        return sum(some_voice(t, speaker=name).seconds / len(t) for t in texts)\n"
            "    return max(some_voice.speakers, key=pace)",
            "one long, many short: Bo takes longest, got 'Cy'",
        ),
        "the quickest": (
            "def slowest(some_voice, texts):\n"
            "    def seconds(name):\n"
            "        return sum(some_voice(text, speaker=name).seconds for text in texts)\n"
            "    return min(some_voice.speakers, key=seconds)",
            "Bo takes longest, got 'Al'",
        ),
        "the seconds instead of the name": (
            "def slowest(some_voice, texts):\n"
            "    return max(some_voice(text, speaker=name).seconds\n"
            "               for text in texts for name in some_voice.speakers)",
            "Bo takes longest, got 10.8",
        ),
        "the last speaker": (
            "def slowest(some_voice, texts):\n    return some_voice.speakers[-1]",
            "Bo takes longest, got 'Cy'",
        ),
    },
    "Exercise 3": {
        "as if samples were powers": (
            "def to_level(samples, level):\n"
            "    if not samples.any():\n        return samples\n"
            "    return samples * 10 ** ((level - naive_level(samples)) / 10)",
            "asked for -20 dB, got",
        ),
        "the peaks are cut off": (
            "def to_level(samples, level):\n"
            "    if not samples.any():\n        return samples\n"
            "    return (samples * 10 ** ((level - naive_level(samples)) / 20)).clamp(-1, 1)",
            "the sound is distorted",
        ),
        "beyond the largest": (
            "def to_level(samples, level):\n"
            "    if not samples.any():\n        return samples\n"
            "    return samples * 10 ** ((level - naive_level(samples)) / 20)",
            "beyond 1",
        ),
        "silence": (
            "def to_level(samples, level):\n"
            "    rms = samples.square().mean().sqrt()\n"
            "    return samples * min(10 ** (level / 20) / rms, 1 / samples.abs().max())",
            "what about silence?",
        ),
        "the level is ignored": (
            "def to_level(samples, level):\n"
            "    return samples / samples.abs().max().clamp(min=1e-9)",
            "asked for -20 dB, got -3",
        ),
        "nothing is done": (
            "def to_level(samples, level):\n    return samples",
            "asked for -20 dB, got -13",
        ),
        "in place": (
            "def to_level(samples, level):\n"
            "    if not samples.any():\n        return samples\n"
            "    factor = 10 ** ((level - naive_level(samples)) / 20)\n"
            "    samples *= min(factor, 1 / float(samples.abs().max()))\n"
            "    return samples",
            "have changed",
        ),
        "the level is added": (
            "def to_level(samples, level):\n    return samples + 10 ** (level / 20)",
            "distorted",
        ),
        "the peak is set": (
            "def to_level(samples, level):\n"
            "    return samples * 10 ** (level / 20) / samples.abs().max().clamp(min=1e-9)",
            "asked for -20 dB, got -23",
        ),
        "turned over": (
            "def to_level(samples, level):\n"
            "    if not samples.any():\n        return samples\n"
            "    factor = 10 ** ((level - naive_level(samples)) / 20)\n"
            "    return -samples * min(factor, 1 / float(samples.abs().max()))",
            "one positive factor",
        ),
    },
}
