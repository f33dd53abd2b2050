"""Wrong answers to the exercises of notebook 07, and what the check says of each."""

LOOP = """
def free_run(step, first, threshold, max_steps):
    frame, mels, alignment, gates = first, [], [], []
    speaking = torch.ones(len(first), dtype=torch.bool)
    steps = torch.zeros(len(first), dtype=torch.int64)
    while len(mels) < max_steps and speaking.any():
        frames, gate, weights = step(frame)
        steps += speaking
        speaking = speaking & (gate <= threshold)
        frame = frames[:, :, -1]
        mels.append(frames)
        alignment.append(weights)
        gates.append(gate)
    mel = torch.cat(mels, dim=2)
    return mel, torch.stack(alignment, dim=1), torch.stack(gates, dim=1), steps
"""

MISTAKES = {
    "Exercise 1": {
        "stops when the first sentence is over": (
            LOOP.replace("speaking.any()", "speaking.all()"),
            "threshold 0.5, max_steps 9, r = 2: 5 steps expected, 2 made",
        ),
        "waits until all gates are up at once": (
            LOOP.replace("speaking & (gate <= threshold)", "(gate <= threshold)"),
            "a step was made after the gate of every sentence had fired",
        ),
        "counts the steps that every sentence was run": (
            LOOP.replace("steps += speaking", "steps += 1"),
            "steps [2, 5] expected, got [5, 5]",
        ),
        "the last step isn't counted": (
            LOOP.replace("        steps += speaking\n", "").replace(
                "(gate <= threshold)\n", "(gate <= threshold)\n        steps += speaking\n"
            ),
            "steps [2, 5] expected, got [1, 4]",
        ),
        "steps whose gate is down": (
            LOOP.replace("steps += speaking", "steps += gate <= threshold"),
            "steps [2, 5] expected, got [3, 4]",
        ),
        "the highest gate is the end": (
            LOOP.replace("dim=1), steps", "dim=1), torch.stack(gates, dim=1).argmax(dim=1) + 1"),
            "steps [2, 5] expected, got [4, 5]",
        ),
        "frames instead of steps": (
            LOOP.replace("dim=1), steps", "dim=1), steps * mels[0].shape[2]"),
            "steps [2, 5] expected, got [4, 10]",
        ),
        "only the first sentence's gate": (
            LOOP.replace("(gate <= threshold)", "bool(gate[0] <= threshold)"),
            "threshold 0.5, max_steps 9, r = 2: 5 steps expected, 2 made",
        ),
        "one sentence alone": (
            LOOP.replace("speaking.any()", "speaking").replace(
                "speaking & (gate <= threshold)", "gate.item() <= threshold"
            ),
            "RuntimeError",
        ),
        "goes on from the first of the frames": (
            LOOP.replace("frames[:, :, -1]", "frames[:, :, 0]"),
            "step 2 must receive the last frames of step 1",
        ),
        "goes on from the mean of the frames": (
            LOOP.replace("frames[:, :, -1]", "frames.mean(dim=2)"),
            "step 2 must receive the last frames of step 1",
        ),
        "every step receives the first frame": (
            LOOP.replace("        frame = frames[:, :, -1]\n", ""),
            "step 2 must receive the last frames of step 1",
        ),
        "begins with zeros, whatever `first` is": (
            LOOP.replace("= first,", "= torch.zeros_like(first),"),
            "step 1 must receive `first`",
        ),
        "all frames are passed on": (
            LOOP.replace("frames[:, :, -1]", "frames"),
            "step 2 must receive the last frames of step 1",
        ),
        "reaching the threshold is enough": (
            LOOP.replace("gate <= threshold", "gate < threshold"),
            "threshold 0.75, max_steps 9, r = 2: steps [4, 4, 5] expected, got [2, 2, 5]",
        ),
        "the threshold is ignored": (
            LOOP.replace("gate <= threshold", "gate <= 0.5"),
            "threshold 0.75, max_steps 9, r = 2: steps [4, 4, 5] expected, got [2, 2, 5]",
        ),
        "max_steps is ignored": (
            LOOP.replace("len(mels) < max_steps and ", ""),
            "a step was made after max_steps = 1",
        ),
        "max_steps counts frames": (
            LOOP.replace("len(mels) < max_steps", "sum(m.shape[2] for m in mels) < max_steps"),
            "max_steps 9, r = 3: 5 steps expected, 3 made",
        ),
        "a step too many": (
            LOOP.replace(
                "speaking.any()", "(len(gates) < 2 or speaking.any() or gates[-1][0] < 1)"
            ),
            "a step was made after the gate of every sentence had fired",
        ),
        "weights once a frame": (
            LOOP.replace(".append(weights)", ".extend([weights] * frames.shape[2])"),
            "alignment of shape (2, 5, 5) expected, got shape (2, 10, 5)",
        ),
        "steps before sentences": (
            LOOP.replace("torch.stack(gates, dim=1)", "torch.stack(gates)"),
            "gates of shape (2, 5) expected, got shape (5, 2)",
        ),
        "decisions instead of gates": (
            LOOP.replace("gates.append(gate)", "gates.append(gate > threshold)"),
            "gates should hold what the steps returned",
        ),
        "frames one below the other": (
            LOOP.replace("torch.cat(mels, dim=2)", "torch.cat(mels)"),
            "mel of shape (2, 2, 10) expected, got shape (10, 2, 2)",
        ),
        "the newest frames in front": (
            LOOP.replace("torch.cat(mels, dim=2)", "torch.cat(mels[::-1], dim=2)"),
            "mel should hold what the steps returned, in their order",
        ),
    },
    "Exercise 2": {
        "first and second are ignored": (
            "def between(table, first, second, share):\n"
            "    return table[0] + share * (table[1] - table[0])",
            "share 0.5 of the way from 2 to 1",
        ),
        "the other way round": (
            "def between(table, first, second, share):\n"
            "    return table[second] + share * (table[first] - table[second])",
            "share 0.25 of the way from 0 to 1",
        ),
        "always the middle": (
            "def between(table, first, second, share):\n"
            "    return (table[first] + table[second]) / 2",
            "share 0.25 of the way from 0 to 1",
        ),
        "the sum of both": (
            "def between(table, first, second, share):\n"
            "    return table[first] + share * table[second]",
            "share 0.25 of the way from 0 to 1",
        ),
        "rows next to each other": (
            "def between(table, first, second, share):\n"
            "    return table[first] + share * (table[first - 1] - table[first])",
            "share 0.25 of the way from 0 to 1",
        ),
        "a matrix": (
            "def between(table, first, second, share):\n"
            "    rows = table[[first, second]]\n"
            "    return rows[:1] + share * (rows[1:] - rows[:1])",
            "one vector (E,) = (3,) is wanted, got shape (1, 3)",
        ),
        "the share is rounded": (
            "def between(table, first, second, share):\n"
            "    return table[first] + round(share) * (table[second] - table[first])",
            "share 0.25 of the way from 0 to 1",
        ),
        "the table is changed": (
            "def between(table, first, second, share):\n"
            "    table[first] += share * (table[second] - table[first])\n"
            "    return table[first]",
            "your function changed the table",
        ),
        "the vector alone": (
            "def between(table, first, second, share):\n"
            "    return share * (table[second] - table[first])",
            "share 0.25 of the way from 0 to 1",
        ),
    },
    "Exercise 3": {
        "only three marks": (
            "def word_times(tokens, alignment):\n"
            "    ends = alignment_durations(alignment).cumsum(0).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        elif token not in ',.~':\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words if word]",
            "expected [(0, 7), (10, 15)]",
        ),
        "marks belong to words": (
            "def word_times(tokens, alignment):\n"
            "    ends = alignment_durations(alignment).cumsum(0).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        else:\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words]",
            "got [(0, 11), (12, 24)]",
        ),
        "durations instead of ends": (
            "def word_times(tokens, alignment):\n"
            "    ends = alignment_durations(alignment).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        elif token not in ',.?!;:-~':\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words if word]",
            "expected [(0, 7), (12, 21)]",
        ),
        "a mark between spaces is a word": (
            "def word_times(tokens, alignment):\n"
            "    ends = alignment_durations(alignment).cumsum(0).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        elif token not in ',.?!;:-~':\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words]",
            "IndexError",
        ),
        "seconds": (
            "def word_times(tokens, alignment):\n"
            "    ends = (alignment_durations(alignment).cumsum(0) / 93.75).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        elif token not in ',.?!;:-~':\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words if word]",
            "expected [(0, 7), (12, 21)], got [(0, 0.07",
        ),
        "durations are sums of weights": (
            "def word_times(tokens, alignment):\n"
            "    ends = alignment.sum(0).round().long().cumsum(0).tolist()\n"
            "    words = [[]]\n"
            "    for token, start, end in zip(tokens, [0, *ends], ends):\n"
            "        if token == ' ':\n            words.append([])\n"
            "        elif token not in ',.?!;:-~':\n            words[-1].append((start, end))\n"
            "    return [(word[0][0], word[-1][1]) for word in words if word]",
            "0.4 of each weight on the next token: expected [(0, 9), (11, 20)]",
        ),
        "always the example": (
            "def word_times(tokens, alignment):\n    return [(0, 7), (12, 21)]",
            "expected [(0, 7), (10, 15)], got [(0, 7), (12, 21)]",
        ),
    },
    "Exercise 4": {
        "everything first": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    sounds = [speak(one) for one in sentences]\n"
            "    for n, sound in enumerate(sounds):\n"
            "        if n:\n            yield torch.zeros(pause)\n"
            "        yield sound",
            "3 sentences were computed before sound 1 came",
        ),
        "one ahead": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    held = None\n"
            "    for one in sentences:\n"
            "        sound = speak(one)\n"
            "        if held is not None:\n"
            "            yield torch.cat([held, torch.zeros(pause)])\n"
            "        held = sound\n"
            "    if held is not None:\n        yield held",
            "2 sentences were computed before sound 1 came",
        ),
        "a pause after the last": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences:\n"
            "        yield speak(one)\n        yield torch.zeros(pause)",
            "expected 26 samples (3 sounds and 2 pauses of 5), got 31",
        ),
        "no pauses": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences:\n        yield speak(one)",
            "expected 26 samples (3 sounds and 2 pauses of 5), got 16",
        ),
        "the pause is ignored": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(sentences):\n"
            "        if n:\n            yield torch.zeros(5)\n"
            "        yield speak(one)",
            "(3 sounds and 2 pauses of 4), got",
        ),
        "a pause in front": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(sentences):\n"
            "        if n < len(sentences) - 1:\n            yield torch.zeros(pause)\n"
            "        yield speak(one)",
            "aren't between the sounds",
        ),
        "the last sentence known by its text": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences:\n"
            "        yield speak(one)\n"
            "        if one != sentences[-1]:\n            yield torch.zeros(pause)",
            "expected 19 samples (3 sounds and 2 pauses of 4), got 15",
        ),
        "the first sentence known by its text": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences:\n"
            "        if sentences.index(one):\n            yield torch.zeros(pause)\n"
            "        yield speak(one)",
            "expected 19 samples (3 sounds and 2 pauses of 4), got 15",
        ),
        "sound and pause in one piece": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(sentences):\n"
            "        silence = torch.zeros(pause if n else 0)\n"
            "        yield torch.cat([silence, speak(one)])",
            "5 pieces expected (3 sounds and 2 pauses of 5), got pieces of [3, 14, 9]",
        ),
        "the last one first": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(reversed(sentences)):\n"
            "        if n:\n            yield torch.zeros(pause)\n"
            "        yield speak(one)",
            "spoken: ['Bye.', 'Good day.', 'Hi.']",
        ),
        "the second too early": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    sounds = []\n"
            "    for n, one in enumerate(sentences):\n"
            "        while len(sounds) < min(2 * n + 1, len(sentences)):\n"
            "            sounds.append(speak(sentences[len(sounds)]))\n"
            "        if n:\n            yield torch.zeros(pause)\n"
            "        yield sounds[n]",
            "3 sentences were computed before sound 2 came",
        ),
        "only the first": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences[:1]:\n        yield speak(one)",
            "spoken: ['Hi.']",
        ),
    },
}
