"""Wrong answers to the exercises of notebook 11, and what the check says of each."""

MISTAKES = {
    "Exercise 1": {
        "the stretch is forgotten": (
            "def density(x):\n    return torch.distributions.Normal(0, 1).log_prob(x.log()).exp()",
            "2 of 3 values differ",
        ),
        "the derivative of the other direction": (
            "def density(x):\n"
            "    return torch.distributions.Normal(0, 1).log_prob(x.log()).exp() * x",
            "2 of 3 values differ",
        ),
    },
    "Exercise 2": {
        "the scale first": (
            "def undo(y, network):\n"
            "    shift, log_s = network(y[:2])\n"
            "    return torch.cat([y[:2], y[2:] * (-log_s).exp() - shift])",
            "values differ",
        ),
        "the changed half is asked": (
            "def undo(y, network):\n"
            "    shift, log_s = network(y[2:])\n"
            "    return torch.cat([y[:2], (y[2:] - shift) * (-log_s).exp()])",
            "values differ",
        ),
    },
    "Exercise 3": {
        "samples instead of groups": (
            "def log_det_of_mixing(matrix, samples):\n"
            "    return samples * torch.linalg.slogdet(matrix).logabsdet",
            "expected 8.959, got 17.9176",
        ),
        "every group a pair": (
            "def log_det_of_mixing(matrix, samples):\n"
            "    return samples / 2 * torch.linalg.slogdet(matrix).logabsdet",
            "1 of 2 values differ",
        ),
        "the logarithm of a negative number": (
            "def log_det_of_mixing(matrix, samples):\n"
            "    return samples / len(matrix) * torch.linalg.det(matrix).log()",
            "NaN",
        ),
    },
}
