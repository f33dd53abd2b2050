"""Wrong answers to the exercises of notebook 10, and what the check says of each."""

_CHOOSE = """
def choose_dilations(kernel, samples):
    dilations, field = [], 1
    while field < samples:
        dilations.append(field)
        field *= kernel
    return dilations
"""
_DRAW = """
def draw(probabilities, u):
    reached = int((probabilities.cumsum(dim=0) <= u).sum())
    return min(reached, int(probabilities.nonzero()[-1]))
"""
_COOL = """
def cool(probabilities, temperature):
    if temperature == 0:
        return F.one_hot(probabilities.argmax(), len(probabilities)).float()
    powers = (probabilities / probabilities.max()) ** (1 / temperature)
    return powers / powers.sum()
"""
_STEP = """
def step(layer, queue, x):
    y = layer.bias + layer.weight[:, :, -1] @ x
    for tap in range(layer.weight.shape[2] - 1):
        y = y + layer.weight[:, :, tap] @ queue[tap * layer.dilation[0]]
    queue.append(x)
    queue.pop(0)
    return y
"""


def _but(solution: str, right: str, wrong: str) -> str:
    assert right in solution
    return solution.replace(right, wrong)


MISTAKES = {
    "Exercise 1": {
        "doubled with every kernel": (
            _but(_CHOOSE, "field *= kernel", "field *= 2"),
            "kernel 3, 27 samples: 5 layers, but 3 are enough",
        ),
        "no dilation": (
            _but(
                _CHOOSE, "append(field)\n        field *= kernel", "append(1)\n        field += 1"
            ),
            "kernel 2, 16 samples: 15 layers, but 4 are enough",
        ),
        "one layer too few": (
            _but(_CHOOSE, "return dilations", "return dilations[:-1]"),
            "kernel 2, 16 samples: [1, 2, 4] doesn't reach the sample 8 steps back",
        ),
        "one layer too many": (
            _but(_CHOOSE, "field < samples", "field <= samples"),
            "kernel 2, 16 samples: 5 layers, but 4 are enough",
        ),
        "one leap": (
            "def choose_dilations(kernel, samples):\n    return [samples]",
            "[16] doesn't reach the sample 1 steps back",
        ),
        "a table for the picture": (
            "def choose_dilations(kernel, samples):\n    return [1, 2, 4, 8]",
            "kernel 2, 17 samples: [1, 2, 4, 8] doesn't reach the sample 16 steps back",
        ),
        "holes": (
            _but(_CHOOSE, "field *= kernel", "field *= kernel + 1"),
            "[1, 3, 9] doesn't reach the sample 2 steps back",
        ),
        "the kernel's span, as in a hole-free sum": (
            _but(_CHOOSE, "field *= kernel", "field += (kernel - 1) * 2 ** len(dilations)"),
            "doesn't reach",
        ),
        "from dilation 2 on": (
            _but(_CHOOSE, "append(field)", "append(2 * field)"),
            "doesn't reach the sample 1 steps back",
        ),
        "floats": (
            _but(_CHOOSE, "append(field)", "append(float(field))"),
            "are integers from 1 on",
        ),
        "a logarithm, rounded up": (
            "def choose_dilations(kernel, samples):\n"
            "    import math\n"
            "    return [kernel**i for i in range(math.ceil(math.log(samples, kernel)))]",
            "kernel 5, 125 samples: 4 layers, but 3 are enough",
        ),
        "the number of layers": (
            _but(_CHOOSE, "return dilations", "return len(dilations)"),
            "TypeError",
        ),
    },
    "Exercise 2": {
        "the likeliest": (
            "def draw(probabilities, u):\n    return int(probabilities.argmax())",
            "class 3 came 1000 times in 1,000, not 500",
        ),
        "u = 0 gives what is impossible": (
            _but(_DRAW, "<= u", "< u"),
            "u = 0.0 gives class 0, whose probability is 0",
        ),
        "not added up": (
            "def draw(probabilities, u):\n    return int((probabilities > u).float().argmax())",
            "whose probability is 0",
        ),
        "u is ignored, and another die rolled": (
            "def draw(probabilities, u):\n"
            "    torch.manual_seed(0)\n"
            "    return int(torch.multinomial(probabilities, 1))",
            "came 1000 times in 1,000",
        ),
        "all classes alike": (
            "def draw(probabilities, u):\n    return int(u * len(probabilities))",
            "u = 0.0 gives class 0, whose probability is 0",
        ),
        "from the other end": (
            _but(_DRAW, "cumsum(dim=0)", "flip(0).cumsum(dim=0)"),
            "whose probability is 0",
        ),
        "one too far": (_but(_DRAW, "int((", "1 + int(("), "whose probability is 0"),
        "sorted": (
            _but(_DRAW, "probabilities.cumsum", "probabilities.sort().values.cumsum"),
            "whose probability is 0",
        ),
        "a mask": (
            "def draw(probabilities, u):\n    return probabilities.cumsum(dim=0) <= u",
            "expected an int from 0 to 4",
        ),
        "a tensor": (
            "def draw(probabilities, u):\n    return (probabilities.cumsum(dim=0) <= u).sum()",
            "expected an int from 0 to 4, got tensor(1)",
        ),
        "counted from 1": (
            _but(_DRAW, "return min(", "return 1 + min("),
            "expected an int from 0 to 4, got 5",
        ),
    },
    "Exercise 3": {
        "unchanged": (
            "def cool(probabilities, temperature):\n    return probabilities",
            "temperature 0.5, [0.2, 0.3, 0.5]: class",
        ),
        "divided": (
            "def cool(probabilities, temperature):\n"
            "    return probabilities / max(temperature, 1e-9)",
            "the probabilities sum to 2.000",
        ),
        "not normalized": (
            _but(_COOL, "powers / powers.sum()", "powers"),
            "the probabilities sum to",
        ),
        "a softmax of probabilities": (
            _but(
                _COOL,
                "(probabilities / probabilities.max()) ** (1 / temperature)",
                "(probabilities / temperature).exp()",
            ),
            "temperature 1, [0.2, 0.3, 0.5]: class",
        ),
        "heated": (
            _but(_COOL, "1 / temperature", "temperature"),
            "temperature 0.5, [0.2, 0.3, 0.5]",
        ),
        "all powers round to 0": (
            _but(_COOL, "/ probabilities.max()", "* 0.1"),
            "temperature 0.01, [0.2, 0.3, 0.5]: 3 of the probabilities are NaN",
        ),
        "powers of small probabilities": (
            _but(_COOL, "(probabilities / probabilities.max())", "probabilities"),
            "temperature 0.01, 256 classes: 256 of the probabilities are NaN",
        ),
        "a little for what is impossible": (
            _but(
                _COOL,
                "powers = (probabilities / probabilities.max()) ** (1 / temperature)",
                "powers = ((probabilities + 1e-9).log() / temperature).softmax(dim=0)",
            ),
            "temperature 5.0, [0.9, 0.1, 0.0, 0.0]: impossible classes get",
        ),
        "at 0 each of the most probable": (
            _but(
                _COOL,
                "F.one_hot(probabilities.argmax(), len(probabilities)).float()",
                "(probabilities == probabilities.max()).float()",
            ),
            "temperature 0, [0.4, 0.2, 0.4]: the probabilities sum to 2.000",
        ),
        "0 is divided by": (_but(_COOL, "temperature == 0", "False"), "ZeroDivisionError"),
        "at 0 all are alike": (
            _but(
                _COOL,
                "F.one_hot(probabilities.argmax(), len(probabilities)).float()",
                "torch.ones(len(probabilities)) / len(probabilities)",
            ),
            "temperature 0, [0.2, 0.3, 0.5]: class",
        ),
        "at 0 the last": (
            _but(_COOL, "probabilities.argmax()", "torch.tensor(len(probabilities) - 1)"),
            "temperature 0, [0.9, 0.1, 0.0, 0.0]: impossible classes get 1.000",
        ),
        "the class itself": (
            _but(
                _COOL,
                "F.one_hot(probabilities.argmax(), len(probabilities)).float()",
                "probabilities.argmax()",
            ),
            "expected 3 probabilities, got shape ()",
        ),
        "what is impossible becomes possible": (
            _but(_COOL, "powers = (", "powers = (1e-2 + "),
            "temperature 1, [0.2, 0.3, 0.5]: class",
        ),
        "sorted": (
            _but(_COOL, "powers / powers.sum()", "(powers / powers.sum()).sort().values"),
            "[0.9, 0.1, 0.0, 0.0]",
        ),
        "the entropy is added": (
            _but(
                _COOL, "powers = ", "powers = probabilities * probabilities.log() / temperature + "
            ),
            "temperature 1, [0.2, 0.3, 0.5]: class",
        ),
    },
    "Exercise 4": {
        "no bias": (
            _but(_STEP, "layer.bias + ", ""),
            "kernel 2, dilation 1: outputs differ from step 0 on",
        ),
        "only the newest input": (
            _but(_STEP, "range(layer.weight.shape[2] - 1)", "range(0)"),
            "outputs differ from step 1 on",
        ),
        "the first weight belongs to x": (
            _but(
                _but(_STEP, "weight[:, :, -1] @ x", "weight[:, :, 0] @ x"),
                "[:, :, tap]",
                "[:, :, -1 - tap]",
            ),
            "outputs differ from step 0 on",
        ),
        "no dilation": (
            _but(_STEP, "queue[tap * layer.dilation[0]]", "queue[tap - layer.weight.shape[2] + 1]"),
            "kernel 2, dilation 4: outputs differ from step 1 on",
        ),
        "a fixed dilation": (
            _but(_STEP, "tap * layer.dilation[0]", "tap"),
            "kernel 3, dilation 4: outputs differ from step",
        ),
        "x goes in first": (
            _but(
                _but(_STEP, "    queue.append(x)\n", ""),
                "    y = layer.bias",
                "    queue.append(x)\n    y = layer.bias",
            )
            .replace("queue.pop(0)", "queue.pop(0)")
            .replace("queue[tap", "queue[1 + tap"),
            "outputs differ from step",
        ),
        "nothing goes out": (
            _but(_STEP, "    queue.pop(0)\n", ""),
            "in the end the queue holds 31 inputs, not 1",
        ),
        "nothing goes in": (
            _but(_STEP, "    queue.append(x)\n    queue.pop(0)\n", ""),
            "kernel 2, dilation 1: in the end the queue still holds its first zeros",
        ),
        "the newest goes out": (_but(_STEP, "pop(0)", "pop()"), "still holds its first zeros"),
        "a new list of the same name": (
            _but(_STEP, "queue.append(x)\n    queue.pop(0)", "queue = [*queue[1:], x]"),
            "in the end the queue still holds its first zeros; change the list itself",
        ),
        "in at the wrong end": (
            _but(_STEP, "queue.append(x)\n    queue.pop(0)", "queue.insert(0, x)\n    queue.pop()"),
            "kernel 2, dilation 4: outputs differ from step 1 on",
        ),
        "kernel 2 alone": (
            _but(
                _STEP,
                "range(layer.weight.shape[2] - 1)",
                "range(min(1, layer.weight.shape[2] - 1))",
            ),
            "kernel 3, dilation 4: outputs differ from step 4 on",
        ),
        "elementwise": (
            _but(_STEP, "weight[:, :, -1] @ x", "weight[:, :, -1] * x"),
            "RuntimeError",
        ),
        "the transpose": (
            _but(_STEP, "layer.weight[:, :, -1] @ x", "x @ layer.weight[:, :, -1]"),
            "RuntimeError",
        ),
    },
}
