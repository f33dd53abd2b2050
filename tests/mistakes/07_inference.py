"""Wrong answers to the exercises of notebook 07, and what the check says of each."""

LOOP = """
def free_run(step, first, threshold, max_steps):
    frame, mels, alignment, gates = first, [], [], []
    for _ in range(max_steps):
        frames, gate, weights = step(frame)
        mels.append(frames)
        alignment.append(weights)
        gates.append(gate)
        if gate > threshold:
            break
        frame = frames[:, -1]
    return torch.cat(mels, dim=1), torch.stack(alignment), gates
"""

MISTAKES = {
    "Exercise 1": {
        "the last step isn't kept": (
            LOOP.replace("        mels.append(frames)\n", "").replace(
                "            break\n", "            break\n        mels.append(frames)\n"
            ),
            "the mel should be all frames in order, (2, 4); got shape (2, 2)",
        ),
        "goes on from the first of the frames": (
            LOOP.replace("frames[:, -1]", "frames[:, 0]"),
            "step 2 must receive the last frame of step 1",
        ),
        "goes on from the mean of the frames": (
            LOOP.replace("frames[:, -1]", "frames.mean(dim=1)"),
            "step 2 must receive the last frame of step 1",
        ),
        "every step receives the first frame": (
            LOOP.replace("        frame = frames[:, -1]\n", ""),
            "step 2 must receive the last frame of step 1",
        ),
        "begins with zeros, whatever `first` is": (
            LOOP.replace("= first,", "= torch.zeros(2),"),
            "step 1 must receive `first`",
        ),
        "all frames are passed on": (
            LOOP.replace("frames[:, -1]", "frames"),
            "step 2 must receive the last frame of step 1",
        ),
        "reaching the threshold is enough": (
            LOOP.replace("gate > threshold", "gate >= threshold"),
            "threshold 0.7, max_steps 9, r = 2: 4 steps expected, 2 made",
        ),
        "the threshold is ignored": (
            LOOP.replace("gate > threshold", "gate > 0.5"),
            "threshold 0.7, max_steps 9, r = 2: 4 steps expected, 2 made",
        ),
        "one step too many": (
            LOOP.replace("gate > threshold", "len(gates) > 1 and gates[-2] > threshold"),
            "a step was made after one whose gate, 0.7, is above 0.5",
        ),
        "stops when the gate falls": (
            LOOP.replace("gate > threshold", "len(gates) > 1 and gates[-2] > gate"),
            "a step was made after one whose gate, 0.7, is above 0.5",
        ),
        "max_steps is ignored": (
            LOOP.replace("range(max_steps)", "range(500)"),
            "a step was made after max_steps = 1",
        ),
        "max_steps counts frames": (
            LOOP.replace(
                "gate > threshold", "gate > threshold or sum(m.shape[1] for m in mels) >= max_steps"
            ),
            "max_steps 5, r = 3: 5 steps expected, 2 made",
        ),
        "weights once a frame": (
            LOOP.replace(".append(weights)", ".extend([weights] * frames.shape[1])"),
            "the alignment has one row a step, (2, 5); got shape (4, 5)",
        ),
        "decisions instead of gates": (
            LOOP.replace("gates.append(gate)", "gates.append(gate > threshold)"),
            "the gates should be [0.1, 0.7], got [False, True]",
        ),
        "frames one below the other": (
            LOOP.replace("torch.cat(mels, dim=1)", "torch.cat(mels)"),
            "the mel should be all frames in order, (2, 4); got shape (4, 2)",
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
            "10 of silence belong between 3 sounds",
        ),
        "no pauses": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences:\n        yield speak(one)",
            "10 of silence belong between 3 sounds",
        ),
        "the pause is ignored": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(sentences):\n"
            "        if n:\n            yield torch.zeros(5)\n"
            "        yield speak(one)",
            "3 of silence belong between 2 sounds",
        ),
        "a pause in front": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for n, one in enumerate(sentences):\n"
            "        if n < len(sentences) - 1:\n            yield torch.zeros(pause)\n"
            "        yield speak(one)",
            "aren't between the sounds",
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
