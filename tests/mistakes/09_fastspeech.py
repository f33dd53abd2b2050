"""Wrong answers to the exercises of notebook 09, and what the check says of each."""

_REGULATE = """
def regulate(encoded, durations, r):
    frames = encoded.repeat_interleave(durations, dim=0)
    frames = torch.nn.functional.pad(frames, (0, 0, 0, -len(frames) % r))
    return frames.unflatten(0, (-1, r)).mean(dim=1)
"""
_CLIMB = """
def climb(pitch, low, high):
    wanted = torch.linspace(torch.tensor(low).log(), torch.tensor(high).log(), len(pitch)).exp()
    factors = torch.ones(3, len(pitch))
    factors[1] = wanted / pitch
    return factors
"""
_WANTED = "torch.linspace(torch.tensor(low).log(), torch.tensor(high).log(), len(pitch)).exp()"
_WHOLE = """
def whole_frames(durations):
    ends = durations.cumsum(dim=0).round().long()
    return ends.diff(prepend=ends.new_zeros(1))
"""
_GUESS = """
def best_guess(frames):
    return (1 + frames).log().mean().exp() - 1
"""


def _but(solution: str, right: str, wrong: str) -> str:
    assert right in solution
    return solution.replace(right, wrong)


MISTAKES = {
    "Exercise 1": {
        "one step for each frame": (
            _but(_REGULATE, ".unflatten(0, (-1, r)).mean(dim=1)", ""),
            "r = 2: the shape must be (3, 3), got (6, 3)",
        ),
        "always two frames a step": (
            _but(_REGULATE, "    frames = encoded", "    r = 2\n    frames = encoded"),
            "r = 1: the shape must be (6, 3), got (3, 3)",
        ),
        "the last frame is dropped": (
            _but(
                _REGULATE,
                "torch.nn.functional.pad(frames, (0, 0, 0, -len(frames) % r))",
                "frames[: len(frames) // r * r]",
            ),
            "r = 2: the shape must be (3, 3), got (2, 3)",
        ),
        "the last step repeats the last vector": (
            _but(
                _REGULATE,
                "torch.nn.functional.pad(frames, (0, 0, 0, -len(frames) % r))",
                "torch.cat([frames, frames[-1:].repeat(-len(frames) % r, 1)])",
            ),
            "step 2 is wrong: expected and got [0.0, 0.0, 0.5] and [0.0, 0.0, 1.0]",
        ),
        "filled up at the start": (
            _but(_REGULATE, "(0, 0, 0, -len(frames) % r)", "(0, 0, -len(frames) % r, 0)"),
            "durations [3, 0, 2], r = 2: step 0 is wrong",
        ),
        "the sum instead of the mean": (
            _but(_REGULATE, "mean(dim=1)", "sum(dim=1)"),
            "durations [3, 0, 2], r = 2: step 0 is wrong",
        ),
        "the first frame of each step": (
            _but(_REGULATE, ".unflatten(0, (-1, r)).mean(dim=1)", "[::r]"),
            "durations [3, 0, 2], r = 2: step 1 is wrong",
        ),
        "frames of one step far apart": (
            _but(
                _REGULATE, "unflatten(0, (-1, r)).mean(dim=1)", "unflatten(0, (r, -1)).mean(dim=0)"
            ),
            "durations [3, 0, 2], r = 2: step 0 is wrong",
        ),
        "the whole sentence is repeated": (
            _but(
                _REGULATE,
                "encoded.repeat_interleave(durations, dim=0)",
                "encoded.repeat(2, 1)",
            ),
            "r = 1: step 1 is wrong: expected and got [1.0, 0.0, 0.0] and [0.0, 1.0, 0.0]",
        ),
        "all durations are alike": (
            _but(_REGULATE, "(durations, dim=0)", "(2, dim=0)"),
            "durations [2, 1, 3], r = 1: step 3 is wrong",
        ),
        "no token is left out": (
            _but(_REGULATE, "durations, dim=0", "durations.clamp(min=1), dim=0"),
            "durations [3, 0, 2], r = 2: step 1 is wrong",
        ),
        "in reverse": (
            _but(_REGULATE, "encoded.repeat", "encoded.flip(0).repeat"),
            "durations [2, 1, 3], r = 1: step 0 is wrong",
        ),
        "detached": (_but(_REGULATE, "mean(dim=1)", "mean(dim=1).detach()"), "no gradient"),
        "transposed": (_but(_REGULATE, "mean(dim=1)", "mean(dim=1).T"), "got (3, 6)"),
        "durations that aren't counts": (
            _but(_REGULATE, "(durations, dim=0)", "(durations.float(), dim=0)"),
            "NotImplementedError: \"repeat_interleave_cpu\" not implemented for 'Float'",
        ),
    },
    "Exercise 2": {
        "ones": (
            "def climb(pitch, low, high):\n    return torch.ones(3, len(pitch))",
            "5 tokens, 80.0 to 160.0 Hz: the plan starts at 100.0 Hz",
        ),
        "the plan is ignored": (_but(_CLIMB, "wanted / pitch", "wanted / 100"), "the plan ends at"),
        "Hz instead of factors": (
            _but(_CLIMB, "wanted / pitch", "wanted"),
            "the plan starts at 8000",
        ),
        "upside down": (
            _but(_CLIMB, "wanted / pitch", "pitch / wanted"),
            "the plan starts at 125.0",
        ),
        "equal steps in Hz": (
            _but(
                _CLIMB,
                _WANTED,
                "torch.linspace(low, high, len(pitch))",
            ),
            "the steps are ratios from 1.143 to 1.250",
        ),
        "one step short": (
            _but(
                _CLIMB,
                _WANTED,
                "low * (high / low) ** (torch.arange(len(pitch)) / len(pitch))",
            ),
            "the plan ends at 139.3 Hz",
        ),
        "always upwards": (
            _but(
                _CLIMB, "    wanted", "    low, high = min(low, high), max(low, high)\n    wanted"
            ),
            "2 tokens, 240.0 to 120.0 Hz: the plan starts at 120.0 Hz",
        ),
        "low is ignored": (
            _but(_CLIMB, "torch.tensor(low)", "pitch[0]"),
            "the plan starts at 100.0",
        ),
        "high is ignored": (
            _but(_CLIMB, "torch.tensor(high)", "(2 * torch.tensor(low))"),
            "2 tokens, 240.0 to 120.0 Hz: the plan ends at 480.0 Hz",
        ),
        "the energy climbs, too": (
            _but(_CLIMB, "    return", "    factors[2] = factors[1]\n    return"),
            "rows 0 and 2, length and energy, must stay 1",
        ),
        "the wrong row": (_but(_CLIMB, "factors[1] =", "factors[0] ="), "rows 0 and 2"),
        "one row alone": (
            _but(_CLIMB, "return factors", "return factors[1]"),
            "expected the shape (3, 5)",
        ),
        "sorted": (
            _but(_CLIMB, "wanted / pitch", "wanted / pitch.sort().values"),
            "the plan starts at",
        ),
        "the plan itself climbs": (
            _but(_CLIMB, "factors[1] = wanted / pitch", "pitch[:] = wanted"),
            "5 tokens, 80.0 to 160.0 Hz: climb overwrites the plan that it's given",
        ),
        "right, but divided in place": (
            _but(_CLIMB, "wanted / pitch", "pitch.reciprocal_().mul_(wanted)"),
            "climb overwrites the plan that it's given",
        ),
    },
    "Exercise 3": {
        "each is rounded separately": (
            "def whole_frames(durations):\n    return durations.round().long()",
            "token 1 ends 0.8 frames off its exact end",
        ),
        "the ends are cut off": (
            _but(_WHOLE, "round()", "floor()"),
            "[2.4, 2.4, 2.4]: token 1 ends 0.8 frames off",
        ),
        "the ends are rounded up": (
            _but(_WHOLE, "round()", "ceil()"),
            "token 0 ends 0.6 frames off",
        ),
        "the first token is lost": (
            "def whole_frames(durations):\n"
            "    return durations.cumsum(dim=0).round().long().diff()",
            "expected 3 durations, got shape (2,)",
        ),
        "the ends themselves": (
            "def whole_frames(durations):\n    return durations.cumsum(dim=0).round().long()",
            "token 1 ends",
        ),
        "floats": (_but(_WHOLE, ".long()", ""), "the type must be torch.int64, got torch.float32"),
        "int32": (_but(_WHOLE, ".long()", ".int()"), "got torch.int32"),
        "the rest goes to the last token": (
            "def whole_frames(durations):\n"
            "    whole = durations.round().long()\n"
            "    if len(whole):\n"
            "        whole[-1] += durations.sum().round().long() - whole.sum()\n"
            "    return whole",
            "frames off its exact end",
        ),
        "at least one frame each": (
            _but(_WHOLE, "new_zeros(1))", "new_zeros(1)).clamp(min=1)"),
            "frames off its exact end",
        ),
        "longest first": (
            _but(_WHOLE, "durations.cumsum", "durations.sort(descending=True).values.cumsum"),
            "frames off its exact end",
        ),
        "an empty sentence breaks it": (
            _but(_WHOLE, "    return", "    ends[0] += 0\n    return"),
            "IndexError",
        ),
        "a list": (_but(_WHOLE, "new_zeros(1))", "new_zeros(1)).tolist()"), "AttributeError"),
    },
    "Exercise 4": {
        "the arithmetic mean": (
            "def best_guess(frames):\n    return frames.float().mean()",
            "[1, 7]: a guess of 4.00 can be improved: try a shorter one",
        ),
        "the mean of int64": (
            "def best_guess(frames):\n    return frames.mean()",
            "RuntimeError: mean()",
        ),
        "the median": ("def best_guess(frames):\n    return frames.median()", "try a longer one"),
        "1 isn't taken off": (_but(_GUESS, " - 1", ""), "[1, 7]: a guess of 4.00"),
        "1 isn't added": (
            _but(_GUESS, "(1 + frames).log().mean().exp() - 1", "frames.log().mean().exp()"),
            "[1, 7]: a guess of 2.65 can be improved: try a longer one",
        ),
        "the logarithm": (_but(_GUESS, ".exp() - 1", ""), "a guess of 1.39"),
        "whole frames": (_but(_GUESS, " - 1", ".floor() - 1"), "can be improved"),
        "the middle of the extremes": (
            "def best_guess(frames):\n    return (frames.max() + frames.min()) / 2",
            "[1, 7]: a guess of 4.00",
        ),
        "the root of the product, as for two": (
            "def best_guess(frames):\n    return (1 + frames).float().prod().sqrt() - 1",
            "[5, 5, 5]: a guess of 13.70",
        ),
        "a constant": ("def best_guess(frames):\n    return 3.0", "[0, 26]: a guess of 3.00"),
        "not a number": (_but(_GUESS, "1 + frames", "frames - 1"), "isn't a duration"),
    },
}
