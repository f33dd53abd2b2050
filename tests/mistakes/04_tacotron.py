"""Wrong answers to the exercises of notebook 04, and what the check says of each."""

ENCODE = """
def encode(layers, tokens):
    x = layers.embedding(tokens).T[None]
    for convolve in layers.convolutions:
        x = F.relu(convolve(x))
    return layers.lstm(x[0].T)[0]
"""

ATTEND = """
def attend(layers, query, memory, was, spent):
    location = layers.location_dense(layers.location_conv(torch.stack([was, spent])).T)
    energy = torch.tanh(layers.query(query) + layers.key(memory) + location)
    weights = layers.score(energy)[:, 0].softmax(dim=0)
    if layers.advance is not None:
        reached = sum(F.pad(was, (k, -k)) for k in range(layers.advance + 1))
        weights = weights * (reached + 1e-8)
        weights = weights / weights.sum()
    return weights @ memory, weights
"""

SQUEEZE = """
def squeeze(layers, frames, generator):
    for layer in layers.layers:
        frames = dropout(F.relu(layer(frames)), 0.5, generator=generator)
    return frames
"""

STEP = """
def decoder_step(layers, squeezed, memory, state):
    asked = layers.attention_rnn(torch.cat([squeezed, state.context]), state.attention_rnn)
    context, weights = attend(layers.attention, asked[0], memory, state.weights, state.spent)
    said = layers.rnn(torch.cat([asked[0], context]), state.rnn)
    features = torch.cat([said[0], context])
    frames = layers.projection(features).reshape(2, 80)
    new = State(asked, context, weights, state.spent + weights, said)
    return frames, layers.gate(features)[0], new
"""

REFINE = """
def refine(layers, mel):
    *inner, last = layers.convolutions
    correction = mel[None]
    for convolve in inner:
        correction = torch.tanh(convolve(correction))
    return mel + last(correction)[0]
"""

FOLLOW = """
def follow(layers, memory, mel, generator):
    last = F.pad(mel[:, 1::2], (1, -1)).T
    frames, gates, alignment, state = [], [], [], start(memory)
    for squeezed in squeeze(layers.prenet, hide(last, generator), generator):
        two, gate, state = decoder_step(layers, squeezed, memory, state)
        frames.append(two)
        gates.append(gate)
        alignment.append(state.weights)
    return torch.cat(frames).T, torch.stack(gates), torch.stack(alignment)
"""

DIAGNOSE = """
def diagnose(quality):
    if quality.focus < 0.3:
        return "unfocused"
    if quality.repeated > 0:
        return "repeating"
    if quality.skipped > 0:
        return "skipping"
    return "stuck" if quality.coverage < 0.6 else "good"
"""


def but(right: str, part: str, wrong: str) -> str:
    """Return the right answer with one part of it replaced."""
    assert part in right
    return right.replace(part, wrong)


MISTAKES = {
    "Exercise 1": {
        "no ReLU": (but(ENCODE, "F.relu(convolve(x))", "convolve(x)"), "is never negative"),
        "a ReLU after the last one only": (
            but(ENCODE, "x = F.relu(convolve(x))\n", "x = convolve(x)\n    x = F.relu(x)\n"),
            "'what enters the LSTM': ",
        ),
        "the first convolution alone": (
            but(ENCODE, "layers.convolutions:", "layers.convolutions[:1]:"),
            "'what enters the LSTM': ",
        ),
        "one direction": (
            but(ENCODE, "(x[0].T)[0]", "(x[0].T)[0][:, :128]"),
            "shape of the memory",
        ),
        "dropout as in training": (
            but(ENCODE, "F.relu(convolve(x))", "F.dropout(F.relu(convolve(x)), 0.1)"),
            "the same result twice",
        ),
        "a shortcut around the convolutions": (
            but(ENCODE, "x = F.relu", "x = x + F.relu"),
            "is never negative",
        ),
        "read backwards": (
            but(ENCODE, "layers.embedding(tokens)", "layers.embedding(tokens.flip(0))"),
            "'what enters the LSTM': ",
        ),
        "the LSTM's state is returned, too": (but(ENCODE, "(x[0].T)[0]", "(x[0].T)"), "'tuple'"),
        "channels last": (but(ENCODE, "(tokens).T[None]", "(tokens)[None]"), "RuntimeError"),
        "a fixed length": (but(ENCODE, "(tokens).T", "(tokens[:17]).T"), "a longer sentence"),
        "no LSTM": (but(ENCODE, "layers.lstm(x[0].T)[0]", "x[0].T"), "'memory': "),
        "a constant": (
            "def encode(layers, tokens):\n    return torch.zeros(len(tokens), 256)",
            "'what enters the LSTM': ",
        ),
    },
    "Exercise 2": {
        "the query is ignored": (
            but(ATTEND, "layers.query(query) + ", ""),
            "from content alone",
        ),
        "no location": (but(ATTEND, " + location)", ")"), "content and location"),
        "spent before was": (but(ATTEND, "[was, spent]", "[spent, was]"), "content and location"),
        "the last weights twice": (
            but(ATTEND, "[was, spent]", "[was, was]"),
            "content and location",
        ),
        "no softmax": (but(ATTEND, ".softmax(dim=0)", ""), "'sum of the weights': "),
        "a sigmoid": (but(ATTEND, ".softmax(dim=0)", ".sigmoid()"), "'sum of the weights': "),
        "no tanh": (but(ATTEND, "torch.tanh", ""), "from content alone"),
        "the mean instead of the weighted sum": (
            but(ATTEND, "weights @ memory", "memory.mean(dim=0)"),
            "'context': ",
        ),
        "the order of the answers": (
            but(ATTEND, "weights @ memory, weights", "weights, weights @ memory"),
            "shapes of context and weights",
        ),
        "no forward attention": (but(ATTEND, "is not None", "== 9"), "weights of the first tokens"),
        "shifted around": (
            but(ATTEND, "F.pad(was, (k, -k))", "was.roll(k)"),
            "weights of the first tokens, coming from the last",
        ),
        "shifted to the left": (
            but(ATTEND, "F.pad(was, (k, -k))", "F.pad(was, (-k, k))"),
            "weights with advance=1",
        ),
        "one token short": (
            but(ATTEND, "range(layers.advance + 1)", "range(layers.advance)"),
            "weights with advance=1",
        ),
        "always one token": (
            but(ATTEND, "range(layers.advance + 1)", "range(2)"),
            "weights with advance=2",
        ),
        "no tiny number": (
            but(ATTEND, "weights * (reached + 1e-8)", "weights * reached"),
            "every token within reach has a score of -100",
        ),
        "the tiny number is added to the product": (
            but(ATTEND, "weights * (reached + 1e-8)", "weights * reached + 1e-8"),
            "every token within reach has a score of -100",
        ),
        "the tiny number is added to the softmax": (
            but(ATTEND, "weights * (reached + 1e-8)", "(weights + 1e-8) * reached"),
            "every token within reach has a score of -100",
        ),
        "the tiny number is added to the divisor": (
            but(
                but(ATTEND, "weights * (reached + 1e-8)", "weights * reached"),
                "weights / weights.sum()",
                "weights / (weights.sum() + 1e-8)",
            ),
            "every token within reach has a score of -100",
        ),
        "not divided by the sum": (
            but(ATTEND, "weights / weights.sum()", "weights"),
            "sum of the weights with advance=1",
        ),
        "the context comes too early": (
            but(
                but(ATTEND, "    if layers", "    context = weights @ memory\n    if layers"),
                "return weights @ memory",
                "return context",
            ),
            "context with advance=1",
        ),
    },
    "Exercise 3": {
        "dropout only in training": (
            but(
                SQUEEZE,
                "dropout(F.relu(layer(frames)), 0.5, generator=generator)",
                "F.dropout(F.relu(layer(frames)), 0.5, layers.training)",
            ),
            "'what becomes of ones': expected '[0.0, 4.0]', got '[1.0]'",
        ),
        "one dropout at the end": (
            "def squeeze(layers, frames, generator):\n"
            "    for layer in layers.layers:\n"
            "        frames = F.relu(layer(frames))\n"
            "    return dropout(frames, 0.5, generator=generator)",
            "got '[0.0, 2.0]'",
        ),
        "no ReLU": (but(SQUEEZE, "F.relu(layer(frames))", "layer(frames)"), "minus ones"),
        "nothing is doubled": (
            but(SQUEEZE, "generator=generator)", "generator=generator) / 2"),
            "got '[0.0, 1.0]'",
        ),
        "a quarter is dropped": (but(SQUEEZE, "0.5", "0.25"), "'what becomes of ones'"),
        "the generator is ignored": (
            but(SQUEEZE, "generator=generator", "generator=None"),
            "the same seed, the same numbers",
        ),
        "a new generator": (
            but(SQUEEZE, "generator=generator", "generator=seeded(0)"),
            "another seed, other numbers",
        ),
        "a generator of its own": (
            but(SQUEEZE, "    for layer", "    generator = seeded(0)\n    for layer"),
            "another seed, other numbers",
        ),
        "the generator is seeded again in each layer": (
            but(
                SQUEEZE,
                "        frames = ",
                "        generator.manual_seed(0)\n        frames = ",
            ),
            "another seed, other numbers",
        ),
        "every layer begins with the seed": (
            but(
                SQUEEZE,
                "        frames = ",
                "        generator.manual_seed(generator.initial_seed())\n        frames = ",
            ),
            "three quarters become zero",
        ),
        "the first layer alone": (
            but(SQUEEZE, "in layers.layers", "in layers.layers[:1]"),
            "got '[0.0, 2.0]'",
        ),
    },
    "Exercise 4": {
        "the old context goes on": (
            but(STEP, "torch.cat([asked[0], context])", "torch.cat([asked[0], state.context])"),
            "decoder LSTM, step 1",
        ),
        "the old hidden state asks": (
            but(STEP, "layers.attention, asked[0]", "layers.attention, state.attention_rnn[0]"),
            "weights, step 1",
        ),
        "the context comes first": (
            but(STEP, "[squeezed, state.context]", "[state.context, squeezed]"),
            "attention LSTM, step 1",
        ),
        "the time isn't added up": (
            but(STEP, "state.spent + weights", "weights"),
            "time spent, step 1",
        ),
        "the time stays zero": (but(STEP, "state.spent + weights", "state.spent"), "time spent"),
        "the state isn't passed on": (
            but(STEP, "layers.gate(features)[0], new", "layers.gate(features)[0], state"),
            "attention LSTM, step 1",
        ),
        "the decoder LSTM forgets": (but(STEP, "context]), state.rnn)", "context]))"), "step 2"),
        "the frames are interleaved": (
            but(STEP, ".reshape(2, 80)", ".reshape(80, 2).T"),
            "first frame, step 1",
        ),
        "the other frame first": (
            but(STEP, ".reshape(2, 80)", ".reshape(2, 80).flip(0)"),
            "first frame, step 1",
        ),
        "a sigmoid on the gate": (
            but(STEP, "layers.gate(features)[0]", "layers.gate(features)[0].sigmoid()"),
            "gate, step 1",
        ),
        "the gate keeps a dimension": (
            but(STEP, "layers.gate(features)[0]", "layers.gate(features)"),
            "shapes of frames and gate",
        ),
        "the decoder of the page": (
            STEP.replace("layers.", "decoder."),
            "attention LSTM of other layers",
        ),
        "the projection of the page": (
            but(STEP, "layers.projection", "decoder.projection"),
            "frames of other layers",
        ),
        "where it was is forgotten": (
            but(STEP, "state.weights, state.spent)", "start(memory).weights, state.spent)"),
            "weights, step 1",
        ),
    },
    "Exercise 5": {
        "the correction alone": (but(REFINE, "mel + last", "last"), "correction of zeros"),
        "subtracted": (but(REFINE, "mel + last", "mel - last"), "'corrected mel': "),
        "a tanh after the last one, too": (
            but(REFINE, "last(correction)[0]", "torch.tanh(last(correction)[0])"),
            "'corrected mel': ",
        ),
        "no tanh": (but(REFINE, "torch.tanh", ""), "'corrected mel': "),
        "ReLU": (but(REFINE, "torch.tanh", "F.relu"), "'corrected mel': "),
        "dropout": (
            but(
                REFINE, "torch.tanh(convolve(correction))", "F.dropout(convolve(correction).tanh())"
            ),
            "the same result twice",
        ),
        "a batch comes back": (but(REFINE, "last(correction)[0]", "last(correction)"), "shape"),
        "nothing is done": ("def refine(layers, mel):\n    return mel", "'corrected mel': "),
        "the last one is skipped": (
            but(REFINE, "mel + last(correction)[0]", "mel + correction[0, :80]"),
            "correction of zeros",
        ),
    },
    "Exercise 6": {
        "no shift": (but(FOLLOW, "F.pad(mel[:, 1::2], (1, -1)).T", "mel[:, 1::2].T"), "first step"),
        "the first frame of each pack": (
            but(FOLLOW, "mel[:, 1::2]", "mel[:, ::2]"),
            "the first predicted frame that does': expected '22', got 'none'",
        ),
        "two steps late": (
            but(FOLLOW, "(1, -1)", "(2, -2)"),
            "the first predicted frame that does': expected '22', got 'none'",
        ),
        "the recording twice as fast": (
            but(FOLLOW, "mel[:, 1::2]", "mel[:, : mel.shape[1] // 2]"),
            "expected '22', got 'none'",
        ),
        "its own frames": (
            "def follow(layers, memory, mel, generator):\n"
            "    last, state = torch.zeros(80), start(memory)\n"
            "    frames, gates, alignment = [], [], []\n"
            "    for _ in range(mel.shape[1] // 2):\n"
            "        squeezed = squeeze(layers.prenet, hide(last, generator), generator)\n"
            "        two, gate, state = decoder_step(layers, squeezed, memory, state)\n"
            "        last = two[-1]\n"
            "        frames.append(two)\n"
            "        gates.append(gate)\n"
            "        alignment.append(state.weights)\n"
            "    return torch.cat(frames).T, torch.stack(gates), torch.stack(alignment)",
            "got 'none'",
        ),
        "the future comes first": (but(FOLLOW, "(1, -1)).T", "(1, -1)).T.flip(0)"), "first step"),
        "the state starts again": (
            but(FOLLOW, "memory, state)", "memory, start(memory))"),
            "'mel': ",
        ),
        "frames and bands exchanged": (
            but(FOLLOW, "torch.cat(frames).T", "torch.cat(frames)"),
            "shapes",
        ),
        "nothing is hidden": (but(FOLLOW, "hide(last, generator)", "last"), "'mel': "),
        "two generators": (
            but(FOLLOW, "hide(last, generator)", "hide(last, seeded(0))"),
            "'mel': ",
        ),
        "the gate ends it": (
            but(
                FOLLOW,
                "        alignment.append(state.weights)\n",
                "        alignment.append(state.weights)\n"
                "        if gate > 0:\n            break\n",
            ),
            "if the gate always fires",
        ),
        "a fixed number of steps": (
            but(
                FOLLOW,
                "hide(last, generator), generator)",
                "hide(last, generator), generator)[:20]",
            ),
            "shapes for a longer mel",
        ),
        "the decoder of the page": (
            FOLLOW.replace("layers", "decoder").replace("follow(decoder", "follow(layers"),
            "mel of other layers",
        ),
    },
    "Exercise 7": {
        "always good": ("def diagnose(quality):\n    return 'good'", "that is skipping, not good"),
        "the rows of the table": (
            "def diagnose(quality):\n"
            "    table = {(1.0, 0.9): 'good', (0.98, 0.9): 'skipping', (0.94, 0.89): 'repeating',\n"
            "             (0.6, 0.89): 'stuck', (1.0, 0.1): 'unfocused'}\n"
            "    row = round(quality.diagonality, 2), round(quality.focus, 2)\n"
            "    return table.get(row, 'good')",
            "that is ",
        ),
        "coverage first": (
            but(
                DIAGNOSE,
                "    if quality.focus",
                "    if quality.coverage < 0.9:\n        return 'stuck'\n    if quality.focus",
            ),
            "that is skipping, not stuck",
        ),
        "diagonality for all": (
            "def diagnose(quality):\n"
            "    if quality.diagonality < 0.8:\n"
            "        return 'stuck'\n"
            "    return 'good' if quality.diagonality > 0.99 else 'skipping'",
            "that is ",
        ),
        "focus isn't asked": (but(DIAGNOSE, "quality.focus < 0.3", "False"), "that is unfocused"),
        "a skip counts from 5 on": (
            but(DIAGNOSE, "skipped > 0", "skipped > 4"),
            "that is skipping",
        ),
        "a jump back counts from 2 on": (
            but(DIAGNOSE, "repeated > 0", "repeated > 1"),
            "that is repeating, not good",
        ),
        "stuck isn't known": (but(DIAGNOSE, '"stuck" if', '"good" if'), "that is stuck, not good"),
        "a number": ("def diagnose(quality):\n    return quality.focus", "that is good, not 0."),
    },
}
