"""Wrong answers to the exercises of notebook 07, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "counts the steps below the threshold": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    below = sum(gate <= threshold for gate in gates)\n"
            "    return r * min(below + 1, len(gates))",
            "threshold 0.5, r = 2: 4 frames, not 8",
        ),
        "the last step above the threshold": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    above = [n for n, gate in enumerate(gates, 1) if gate > threshold]\n"
            "    return r * (above[-1] if above else len(gates))",
            "threshold 0.5, r = 2: 4 frames, not 8",
        ),
        "the last step isn't counted": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    above = [n for n, gate in enumerate(gates) if gate > threshold]\n"
            "    return r * (above[0] if above else len(gates))",
            "threshold 0.5, r = 2: 4 frames, not 2",
        ),
        "reaching the threshold is enough": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    above = [n for n, gate in enumerate(gates, 1) if gate >= threshold]\n"
            "    return r * (above[0] if above else len(gates))",
            "threshold 0.7, r = 2: 8 frames, not 4",
        ),
        "two frames a step, always": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    above = [n for n, gate in enumerate(gates, 1) if gate > threshold]\n"
            "    return 2 * (above[0] if above else len(gates))",
            "threshold 0.0, r = 3: 3 frames, not 2",
        ),
        "the threshold is ignored": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    above = [n for n, gate in enumerate(gates, 1) if gate > 0.5]\n"
            "    return r * (above[0] if above else len(gates))",
            "threshold 0.7, r = 2: 8 frames, not 4",
        ),
        "never stops": (
            "def frames_until_stop(gates, threshold, r):\n    return r * len(gates)",
            "4 frames, not 10",
        ),
        "no step is above": (
            "def frames_until_stop(gates, threshold, r):\n"
            "    return r * next(n for n, gate in enumerate(gates, 1) if gate > threshold)",
            "StopIteration",
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
            "expected [(0, 7), (12, 21)], got [(0, 0)",
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
            "3 sentences were computed before the first piece came",
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
            "2 sentences were computed before the first piece came",
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
        "only the first": (
            "def stream_sentences(speak, sentences, pause):\n"
            "    for one in sentences[:1]:\n        yield speak(one)",
            "spoken: ['Hi.']",
        ),
    },
}
