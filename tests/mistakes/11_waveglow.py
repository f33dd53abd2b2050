"""Wrong answers to the exercises of notebook 11, and what the check says of each."""

_DENSITY = """
def log_density(inverse, x):
    x = x.clone().requires_grad_()
    z = inverse(x)
    (slope,) = torch.autograd.grad(z.sum(), x)
    return torch.distributions.Normal(0, 1).log_prob(z).detach() + slope.abs().log()
"""
_COUPLE = """
def couple(x, network):
    kept, changed = x.chunk(2)
    shift, log_s = network(kept)
    return torch.cat([kept, log_s.exp() * changed + shift]), log_s.sum()


def uncouple(y, network):
    kept, changed = y.chunk(2)
    shift, log_s = network(kept)
    return torch.cat([kept, (changed - shift) * (-log_s).exp()])
"""
_MIX = """
def squeeze_and_mix(waveform, matrix):
    groups = waveform.view(-1, len(matrix)).T
    return matrix @ groups, groups.shape[1] * torch.linalg.slogdet(matrix).logabsdet
"""


def _but(solution: str, right: str, wrong: str) -> str:
    assert right in solution
    return solution.replace(right, wrong)


MISTAKES = {
    "Exercise 1": {
        "no stretch": (_but(_DENSITY, "+ slope.abs().log()", ""), "x = 3 + 2 z: at x ="),
        "divided by the stretch": (_but(_DENSITY, "+ slope", "- slope"), "x = 3 + 2 z: at x ="),
        "no absolute value": (
            _but(_DENSITY, "slope.abs()", "slope"),
            "x = 1 - z / 2: 9 of 9 are NaN; is a slope negative?",
        ),
        "the density of x itself": (
            "def log_density(inverse, x):\n    return torch.distributions.Normal(0, 1).log_prob(x)",
            "x = 3 + 2 z: at x =",
        ),
        "not the logarithm": (
            _but(_DENSITY, ".log_prob(z).detach() + slope", ".log_prob(z).detach().exp() * slope"),
            "x = z: at x =",
        ),
        "no constant": (
            _but(_DENSITY, "torch.distributions.Normal(0, 1).log_prob(z)", "(-(z**2) / 2)"),
            "x = z: at x =",
        ),
        "one number for all": (
            _but(_DENSITY, "slope.abs().log()", "slope.abs().log().sum()"),
            "x = 3 + 2 z",
        ),
        "the sum": (
            _but(_DENSITY, "    return torch", "    return sum(torch").rstrip() + ")",
            "expected 9 numbers, got shape ()",
        ),
        "the slope of the middle": (
            _but(_DENSITY, "slope.abs()", "slope[len(x) // 2].abs()"),
            "x = exp(z): at x =",
        ),
        "the slope between neighbors": (
            _but(
                _DENSITY,
                "(slope,) = torch.autograd.grad(z.sum(), x)",
                "(slope,) = torch.gradient(z.detach(), spacing=(x.detach(),))",
            ),
            "x = exp(z): ",
        ),
        "sorted": (_but(_DENSITY, "x.clone()", "x.sort().values"), "x = exp(z): at x ="),
        "no gradient was asked for": (_but(_DENSITY, ".requires_grad_()", ""), "RuntimeError"),
    },
    "Exercise 2": {
        "the shift is scaled, too": (
            _but(_COUPLE, "log_s.exp() * changed + shift", "log_s.exp() * (changed + shift)"),
            "must be scaled by exp(s), then shifted by t",
        ),
        "shift and scale are swapped": (
            _but(_COUPLE, "shift, log_s = network(kept)", "log_s, shift = network(kept)"),
            "must be scaled by exp(s), then shifted by t",
        ),
        "s isn't a logarithm": (
            _but(_COUPLE, "log_s.exp() * changed", "log_s * changed"),
            "must be scaled by exp(s), then shifted by t",
        ),
        "the other half is kept": (
            _but(_COUPLE, "kept, changed = x.chunk(2)", "changed, kept = x.chunk(2)"),
            "the first half must stay unchanged",
        ),
        "the halves change places": (
            _but(
                _COUPLE,
                "cat([kept, log_s.exp() * changed + shift])",
                "cat([log_s.exp() * changed + shift, kept])",
            ),
            "the first half must stay unchanged",
        ),
        "both halves change": (
            _but(_COUPLE, "cat([kept, log_s.exp()", "cat([2 * kept, log_s.exp()"),
            "the first half must stay unchanged",
        ),
        "the mean of the log scales": (
            _but(_COUPLE, "log_s.sum()", "log_s.mean()"),
            "the Jacobian's log-determinant is",
        ),
        "the sum of the scales": (
            _but(_COUPLE, "log_s.sum()", "log_s.exp().sum()"),
            "the Jacobian's log-determinant is",
        ),
        "the logarithm of the product": (
            _but(_COUPLE, "log_s.sum()", "log_s.exp().prod().log()"),
            "got -inf",
        ),
        "a float": (
            _but(_COUPLE, "log_s.sum()", "log_s.sum().item()"),
            "2 channels, 3 steps: the log-determinant must be a tensor",
        ),
        "no determinant": (_but(_COUPLE, "log_s.sum()", "torch.tensor(0.0)"), "got 0.0"),
        "the sign of the way back": (
            _but(_COUPLE, "log_s.sum()", "-log_s.sum()"),
            "the Jacobian's log-determinant is",
        ),
        "one for each step": (
            _but(_COUPLE, "log_s.sum()", "log_s.sum(dim=0)"),
            "the Jacobian's log-determinant is",
        ),
        "the scale is undone first": (
            _but(_COUPLE, "(changed - shift) * (-log_s).exp()", "changed * (-log_s).exp() - shift"),
            "there and back, it's off by",
        ),
        "the changed half is asked": (
            _but(
                _COUPLE,
                "y.chunk(2)\n    shift, log_s = network(kept)",
                "y.chunk(2)\n    shift, log_s = network(changed)",
            ),
            "there and back, it's off by",
        ),
        "the way back is the way there": (
            _but(_COUPLE, "(changed - shift) * (-log_s).exp()", "log_s.exp() * changed + shift"),
            "there and back, it's off by",
        ),
        "halves of the steps": (
            _but(_COUPLE, "x.chunk(2)", "x.chunk(2, dim=1)"),
            "AssertionError: the network takes half",
        ),
        "always two channels": (
            _but(_COUPLE, "x.chunk(2)", "x[:1], x[1:]"),
            "6 channels, 4 steps: the first half must stay unchanged",
        ),
    },
    "Exercise 3": {
        "samples far apart": (
            _but(_MIX, "view(-1, len(matrix)).T", "view(len(matrix), -1)"),
            "10 samples in groups of 2: step 0 isn't the matrix times samples 0 and on",
        ),
        "always pairs": (
            _but(_MIX, "view(-1, len(matrix)).T", "view(-1, 2).T"),
            "RuntimeError",
        ),
        "steps and channels are swapped": (
            _but(_MIX, "matrix @ groups,", "(matrix @ groups).T,"),
            "expected the shape (2, 5), got (5, 2)",
        ),
        "the transpose mixes": (
            _but(_MIX, "matrix @ groups,", "matrix.T @ groups,"),
            "step 0 isn't the matrix",
        ),
        "the inverse mixes": (
            _but(_MIX, "matrix @ groups,", "matrix.inverse() @ groups,"),
            "step 0 isn't the matrix",
        ),
        "nothing is mixed": (_but(_MIX, "matrix @ groups,", "groups,"), "step 0 isn't the matrix"),
        "in reverse": (
            _but(_MIX, "waveform.view", "waveform.flip(0).view"),
            "step 0 isn't the matrix",
        ),
        "one group": (
            _but(_MIX, "groups.shape[1] * ", ""),
            "the log-determinant is 8.959, got 1.792",
        ),
        "samples instead of groups": (
            _but(_MIX, "groups.shape[1] *", "len(waveform) *"),
            "is 8.959, got 17.918",
        ),
        "every group a pair": (
            _but(_MIX, "groups.shape[1] *", "len(waveform) / 2 *"),
            "12 samples in groups of 3: the log-determinant is 4.394, got 6.592",
        ),
        "the logarithm of a negative number": (
            _but(_MIX, "torch.linalg.slogdet(matrix).logabsdet", "torch.linalg.det(matrix).log()"),
            "is 8.959, got nan",
        ),
        "the determinant of a large matrix, rounded to 0": (
            _but(
                _MIX,
                "torch.linalg.slogdet(matrix).logabsdet",
                "torch.linalg.det(matrix).abs().log()",
            ),
            "512 samples in groups of 256: the log-determinant is -354.891, got -inf",
        ),
        "the determinant, not its logarithm": (
            _but(_MIX, "torch.linalg.slogdet(matrix).logabsdet", "torch.linalg.det(matrix).abs()"),
            "is 8.959, got 30.000",
        ),
        "a rotation's": (
            _but(_MIX, "torch.linalg.slogdet(matrix).logabsdet", "torch.tensor(0.0)"),
            "is 8.959, got 0.000",
        ),
        "the trace": (
            _but(_MIX, "torch.linalg.slogdet(matrix).logabsdet", "matrix.trace()"),
            "is 8.959, got 0.000",
        ),
    },
}
