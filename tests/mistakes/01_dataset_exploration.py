"""Wrong answers to the exercises of notebook 01, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "all four are numbers": (
            "def parse(name):\n    return tuple(map(int, name.split('.')[0].split('_')))",
            "entry 0: entry 0: expected '1272', got 1272",
        ),
        "all four are text": (
            "def parse(name):\n    return tuple(name.split('.')[0].split('_'))",
            "entry 0: entry 2: expected 3, got '000003'",
        ),
        "the ending stays on": (
            "def parse(name):\n"
            "    speaker, chapter, paragraph, sentence = name.split('_')\n"
            "    return speaker, chapter, int(paragraph), int(sentence)",
            "ValueError: invalid literal for int() with base 10: '000001.wav'",
        ),
    },
    "Exercise 2": {
        "short runs count, too": (
            "def clipped_share(samples):\n    return (samples.abs() >= 0.999).float().mean()",
            "1 of 3 values differ, most of all at [1]: expected 0, got 0.2",
        ),
        "the bottom is forgotten": (
            "def clipped_share(samples):\n"
            "    at = samples >= 0.999\n"
            "    return (at[:-2] & at[1:-1] & at[2:]).float().mean()",
            "most of all at [0]: expected 0.666667, got 0.32",
        ),
        "the largest sample is taken for full scale": (
            "def clipped_share(samples):\n"
            "    at = samples.abs() >= 0.999 * samples.abs().max()\n"
            "    return (at[:-2] & at[1:-1] & at[2:]).float().mean()",
            "most of all at [2]: expected 0, got 0.65",
        ),
    },
    "Exercise 3": {
        "all speakers are taken together": (
            "def rate_deviations(rates, speakers):\n"
            "    distance = rates - np.median(rates)\n"
            "    return distance / (1.4826 * np.median(np.abs(distance)))",
            "values differ",
        ),
        "the standard deviation, which the outlier moves": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        his = speakers == speaker\n"
            "        distance = rates[his] - np.median(rates[his])\n"
            "        deviations[his] = distance / rates[his].std()\n"
            "    return deviations",
            "most of all at [5]: expected 7.869",
        ),
        "the sign is lost": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        his = speakers == speaker\n"
            "        distance = np.abs(rates[his] - np.median(rates[his]))\n"
            "        deviations[his] = distance / (1.4826 * np.median(distance))\n"
            "    return deviations",
            "most of all at [6]: expected -1.349, got 1.34898",
        ),
    },
}
