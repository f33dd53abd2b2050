"""Wrong answers to the exercises of notebook 01, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "all four are numbers": (
            "def parse(name):\n    return tuple(map(int, name.split('.')[0].split('_')))",
            "the speaker is '1272', got 1272",
        ),
        "all four are text": (
            "def parse(name):\n    return tuple(name.split('.')[0].split('_'))",
            "the paragraph is 3, got '000003'",
        ),
        "the ending stays on": (
            "def parse(name):\n"
            "    speaker, chapter, paragraph, sentence = name.split('_')\n"
            "    return speaker, chapter, int(paragraph), int(sentence)",
            "ValueError: invalid literal for int() with base 10: '000001.wav'",
        ),
        "an ending of three letters": (
            "def parse(name):\n"
            "    speaker, chapter, paragraph, sentence = name[:-4].split('_')\n"
            "    return speaker, chapter, int(paragraph), int(sentence)",
            "ValueError: invalid literal for int() with base 10: '000000.'",
        ),
        "leading zeros are lost": (
            "def parse(name):\n"
            "    parts = [int(part) for part in name.split('.')[0].split('_')]\n"
            "    return str(parts[0]), str(parts[1]), parts[2], parts[3]",
            "007_0042_000120_000010.opus: the speaker is '007', got '7'",
        ),
        "zeros are taken off both ends": (
            "def parse(name):\n"
            "    speaker, chapter, *rest = name.split('.')[0].split('_')\n"
            "    return speaker, chapter, *[int(part.strip('0') or 0) for part in rest]",
            "the paragraph is 120, got 12",
        ),
        "one digit": (
            "def parse(name):\n"
            "    speaker, chapter, *rest = name.split('.')[0].split('_')\n"
            "    return speaker, chapter, *[int(part[-1]) for part in rest]",
            "the paragraph is 12, got 2",
        ),
        "two are swapped": (
            "def parse(name):\n"
            "    chapter, speaker, paragraph, sentence = name.split('.')[0].split('_')\n"
            "    return speaker, chapter, int(paragraph), int(sentence)",
            "the speaker is '1272', got '128104'",
        ),
        "always the same": (
            "def parse(name):\n    return ('1272', '128104', 3, 1)",
            "9101_1_000012_000000.flac: the speaker is '9101'",
        ),
        "a list": (
            "def parse(name):\n"
            "    speaker, chapter, *rest = name.split('.')[0].split('_')\n"
            "    return [speaker, chapter, *map(int, rest)]",
            "expected a tuple, got ['1272', '128104', 3, 1]",
        ),
        "only the last ending is removed": (
            "def parse(name):\n"
            "    speaker, chapter, paragraph, sentence = name.rsplit('.', 1)[0].split('_')\n"
            "    return speaker, chapter, int(paragraph), int(sentence)",
            "ValueError: invalid literal for int() with base 10: '000000.normalized'",
        ),
        "one part is missing": (
            "def parse(name):\n"
            "    speaker, _, paragraph, sentence = name.split('.')[0].split('_')\n"
            "    return speaker, int(paragraph), int(sentence)",
            "expected four parts",
        ),
    },
    "Exercise 2": {
        "short runs count, too": (
            "def clipped_share(samples):\n"
            "    return (samples.abs() >= 0.999).float().mean() if len(samples) else 0",
            "runs of one and two: the share is 0.000, got 0.625",
        ),
        "runs of exactly three don't count": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() >= 0.999, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 3), 0)\n"
            "    return count / max(1, len(samples))",
            "a run of exactly three: the share is 0.600, got 0.000",
        ),
        "a last run is forgotten": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() >= 0.999, 0, 0\n"
            "    for top in at.tolist():\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "a run at the end: the share is 0.571, got 0.000",
        ),
        "a first run is forgotten": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() >= 0.999, 0, 0\n"
            "    for top in [*at[1:].tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "a run at the start: the share is 0.500, got 0.000",
        ),
        "the bottom is forgotten": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples >= 0.999, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "a run at the end: the share is 0.571, got 0.000",
        ),
        "only the middles": (
            "def clipped_share(samples):\n"
            "    at = samples.abs() >= 0.999\n"
            "    return (at[:-2] & at[1:-1] & at[2:]).sum() / max(1, len(samples))",
            "a run of exactly three: the share is 0.600, got 0.200",
        ),
        "all that are at the top, if there is a long run": (
            "def clipped_share(samples):\n"
            "    at = samples.abs() >= 0.999\n"
            "    return at.float().mean() if (at[:-2] & at[1:-1] & at[2:]).any() else 0",
            "a run of two, then one of four: the share is 0.500, got 0.750",
        ),
        "the largest sample is taken for full scale": (
            "def clipped_share(samples):\n"
            "    top = samples.abs().max() if len(samples) else 1\n"
            "    at, count, run = samples.abs() >= 0.999 * top, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "only half as loud: the share is 0.000, got 1.000",
        ),
        "exactly 1 only": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() == 1, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "just below and just above 0.999",
        ),
        "more than 0.999": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() > 0.999, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "exactly 0.999: the share is 0.750, got 0.000",
        ),
        "each sign by itself": (
            "def clipped_share(samples):\n"
            "    count = 0\n"
            "    for at in (samples >= 0.999, samples <= -0.999):\n"
            "        run = 0\n"
            "        for top in [*at.tolist(), False]:\n"
            "            count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / max(1, len(samples))",
            "of both signs: the share is 0.600, got 0.000",
        ),
        "empty": (
            "def clipped_share(samples):\n"
            "    at, count, run = samples.abs() >= 0.999, 0, 0\n"
            "    for top in [*at.tolist(), False]:\n"
            "        count, run = (count, run + 1) if top else (count + run * (run > 2), 0)\n"
            "    return count / len(samples)",
            "ZeroDivisionError",
        ),
        "a constant": ("def clipped_share(samples):\n    return 0.6", "a run at the start"),
    },
    "Exercise 3": {
        "all speakers are taken together": (
            "def rate_deviations(rates, speakers):\n"
            "    distance = rates - np.median(rates)\n"
            "    return distance / (1.4826 * np.median(np.abs(distance)))",
            "clip 10: expected 7.869",
        ),
        "the clips are grouped by speaker": (
            "def rate_deviations(rates, speakers):\n"
            "    found = []\n"
            "    for speaker in np.unique(speakers):\n"
            "        own = rates[speakers == speaker]\n"
            "        distance = own - np.median(own)\n"
            "        typical = 1.4826 * np.median(np.abs(distance))\n"
            "        found.extend(distance / typical if typical else 0 * distance)\n"
            "    return found",
            "another order",
        ),
        "the standard deviation, which the outlier moves": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.median(rates[own])\n"
            "        deviations[own] = distance / (rates[own].std() or 1)\n"
            "    return deviations",
            "clip 10: expected 7.869",
        ),
        "the mean": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.mean(rates[own])\n"
            "        typical = 1.4826 * np.median(np.abs(distance)) or np.inf\n"
            "        deviations[own] = distance / typical\n"
            "    return deviations",
            "clip 10: expected 7.869",
        ),
        "the sign is lost": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = np.abs(rates[own] - np.median(rates[own]))\n"
            "        deviations[own] = distance / (1.4826 * np.median(distance) or np.inf)\n"
            "    return deviations",
            "the sign is lost",
        ),
        "the factor is forgotten": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.median(rates[own])\n"
            "        deviations[own] = distance / (np.median(np.abs(distance)) or np.inf)\n"
            "    return deviations",
            "clip 10: expected 7.869, got 11.667",
        ),
        "a speaker with one clip": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    with np.errstate(all='ignore'):\n"
            "        for speaker in set(speakers):\n"
            "            own = speakers == speaker\n"
            "            distance = rates[own] - np.median(rates[own])\n"
            "            deviations[own] = distance / (1.4826 * np.median(np.abs(distance)))\n"
            "    return deviations",
            "a speaker whose typical deviation is 0",
        ),
        "0 only for a speaker with one clip": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.median(rates[own])\n"
            "        if own.sum() > 1:\n"
            "            with np.errstate(all='ignore'):\n"
            "                typical = 1.4826 * np.median(np.abs(distance))\n"
            "                deviations[own] = distance / typical\n"
            "    return deviations",
            "a speaker whose typical deviation is 0",
        ),
        "1 instead of a typical deviation of 0": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.median(rates[own])\n"
            "        deviations[own] = distance / (1.4826 * np.median(np.abs(distance)) or 1)\n"
            "    return deviations",
            "clip 14: expected 0.000, got 1.000",
        ),
        "the names of the speakers are guessed": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros(len(rates))\n"
            "    for speaker in 'abc':\n"
            "        own = rates[speakers == speaker]\n"
            "        if len(own):\n"
            "            distance = own - np.median(own)\n"
            "            typical = 1.4826 * np.median(np.abs(distance)) or np.inf\n"
            "            deviations[speakers == speaker] = distance / typical\n"
            "    return deviations",
            "clip 10: expected 7.869, got 0.000",
        ),
        "an array of whole numbers": (
            "def rate_deviations(rates, speakers):\n"
            "    deviations = np.zeros_like(rates)\n"
            "    for speaker in set(speakers):\n"
            "        own = speakers == speaker\n"
            "        distance = rates[own] - np.median(rates[own])\n"
            "        typical = 1.4826 * np.median(np.abs(distance)) or np.inf\n"
            "        deviations[own] = distance / typical\n"
            "    return deviations",
            "clip 10: expected 7.869, got 7.000",
        ),
        "one number a speaker": (
            "def rate_deviations(rates, speakers):\n"
            "    return [np.median(rates[speakers == speaker]) for speaker in set(speakers)]",
            "one per clip",
        ),
        "zeros": (
            "def rate_deviations(rates, speakers):\n    return np.zeros(len(rates))",
            "clip 10: expected 7.869, got 0.000",
        ),
    },
    "Exercise 4": {
        "always clean": (
            "def find_fault(samples):\n    return 'clean'",
            "is 'noise', got 'clean' (7 of 28 are right)",
        ),
        "one after the other": (
            "def find_fault(samples, asked=[]):\n"
            "    asked.append(1)\n"
            "    return ('noise', 'hum', 'room', 'clean')[len(asked) % 4]",
            "clip 0 (its floor",
        ),
        "the floor itself": (
            "def find_fault(samples):\n"
            "    return 'noise' if frame_levels(samples).quantile(0.05) > -45 else 'clean'",
            "got",
        ),
        "a room is taken for noise": (
            "def find_fault(samples):\n"
            "    levels = frame_levels(samples)\n"
            "    power = torch.fft.rfft(samples).abs().square()\n"
            "    hertz = torch.fft.rfftfreq(len(samples), 1 / 24_000)\n"
            "    if power[(hertz > 45) & (hertz < 65)].sum() > 0.003 * power.sum():\n"
            "        return 'hum'\n"
            "    depth = levels.quantile(0.95) - levels.quantile(0.05)\n"
            "    return 'noise' if depth < 32 else 'clean'",
            "is 'room', got 'noise'",
        ),
        "60 Hz only": (
            "def find_fault(samples):\n"
            "    levels = frame_levels(samples)\n"
            "    power = torch.fft.rfft(samples).abs().square()\n"
            "    hertz = torch.fft.rfftfreq(len(samples), 1 / 24_000)\n"
            "    if power[(hertz > 55) & (hertz < 65)].sum() > 0.003 * power.sum():\n"
            "        return 'hum'\n"
            "    if levels.quantile(0.95) - levels.quantile(0.01) < 30:\n"
            "        return 'noise'\n"
            "    return 'room' if (levels[:-5] - levels[5:]).max() < 21 else 'clean'",
            "is 'hum', got 'noise'",
        ),
        "a fixed floor for clean": (
            "def find_fault(samples):\n"
            "    levels = frame_levels(samples)\n"
            "    if levels.quantile(0.05) < -55:\n"
            "        return 'clean'\n"
            "    power = torch.fft.rfft(samples).abs().square()\n"
            "    hertz = torch.fft.rfftfreq(len(samples), 1 / 24_000)\n"
            "    if power[(hertz > 45) & (hertz < 65)].sum() > 0.003 * power.sum():\n"
            "        return 'hum'\n"
            "    return 'room' if (levels[:-5] - levels[5:]).max() < 17 else 'noise'",
            "got 'clean'",
        ),
        "any floor far below the speech is clean": (
            "def find_fault(samples):\n"
            "    levels = frame_levels(samples)\n"
            "    power = torch.fft.rfft(samples).abs().square()\n"
            "    hertz = torch.fft.rfftfreq(len(samples), 1 / 24_000)\n"
            "    if power[(hertz > 45) & (hertz < 65)].sum() > 0.003 * power.sum():\n"
            "        return 'hum'\n"
            "    if levels.quantile(0.95) - levels.quantile(0.05) > 45:\n"
            "        return 'clean'\n"
            "    return 'room' if (levels[:-5] - levels[5:]).max() < 17 else 'noise'",
            "is 'clean', got 'noise'",
        ),
        "absolute power": (
            "def find_fault(samples):\n"
            "    power = torch.fft.rfft(samples).abs().square()\n"
            "    hertz = torch.fft.rfftfreq(len(samples), 1 / 24_000)\n"
            "    return 'hum' if power[(hertz > 45) & (hertz < 65)].sum() > 1e9 else 'clean'",
            "is 'noise', got 'clean'",
        ),
        "the loudest moment": (
            "def find_fault(samples):\n"
            "    return 'noise' if frame_levels(samples).max() > -15 else 'clean'",
            "(",
        ),
    },
}
