"""Each self-check passes the solution, knows an open exercise, and tells typical mistakes apart.

An exercise's cell is run with another function in the place of the one that it leaves open.
"""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
import pytest

import ttslib.lab
from ttslib.lab.checks import Check

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

# notebook: {exercise: {what is wrong: (the answer, what the check says of it)}}
MISTAKES = {
    "00_start_here": {
        "Exercise 1": {
            "the wrong way round": (
                "def seconds_of(frames):\n    return frames * 24_000 / 256",
                "expected 4, got 35156.2",
            ),
            "only the samples": (
                "def seconds_of(frames):\n    return frames * 256",
                "2 of 2 values differ",
            ),
        },
        "Exercise 2": {
            "everybody is the first": (
                "def how_long(text):\n"
                "    return {name: voice(text).seconds for name in voice.speakers}",
                "'9102': expected",
            ),
            "a list has no names": (
                "def how_long(text):\n"
                "    return [voice(text, speaker=name).seconds for name in voice.speakers]",
                "expected a dict",
            ),
        },
        "Exercise 3": {
            "the mean": (
                "def loudness(samples):\n    return samples.mean()",
                "2 of 2 values differ",
            ),
            "no root": (
                "def loudness(samples):\n    return samples.square().mean()",
                "expected 0.707107, got 0.5",
            ),
        },
    },
    "01_dataset_exploration": {
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
    },
    "08_evaluation": {
        "Exercise 1": {
            "the mean of the rates": (
                "def corpus_error_rate(pairs):\n"
                "    return np.mean([count_errors(*pair).rate for pair in pairs])",
                "expected 0.294118, got 0.5",
            ),
            "over what was heard": (
                "def corpus_error_rate(pairs):\n"
                "    wrong = sum(count_errors(*pair).wrong for pair in pairs)\n"
                "    return wrong / sum(len(heard.split()) for _, heard in pairs)",
                "expected 0.294118, got 0.277778",
            ),
        },
        "Exercise 2": {
            "the loudness is left in": (
                "def mcd_of(first, second):\n"
                "    distances = np.linalg.norm(first - second, axis=1)\n"
                "    return 10 * np.sqrt(2) / np.log(10) * distances.mean()",
                "expected 21.5858, got 21.932",
            ),
            "the root comes last": (
                "def mcd_of(first, second):\n"
                "    squares = ((first - second)[:, 1:] ** 2).sum(axis=1)\n"
                "    return 10 * np.sqrt(2) / np.log(10) * np.sqrt(squares.mean())",
                "expected 21.5858, got 23.0146",
            ),
        },
        "Exercise 3": {
            "no square": (
                "def ratings_in_all(scores, half_width):\n"
                "    return int(np.ceil(1.96 * np.std(scores, ddof=1) / half_width))",
                "expected 346, got 19",
            ),
            "rounded down": (
                "def ratings_in_all(scores, half_width):\n"
                "    return int((1.96 * np.std(scores, ddof=1) / half_width) ** 2)",
                "expected 14, got 13",
            ),
        },
    },
    "09_fastspeech": {
        "Exercise 1": {
            "each is rounded for itself": (
                "def whole_frames(durations):\n    return durations.round().long()",
                "entry 0: 1 of 3 values differ, most of all at [1]: expected 3, got 2",
            ),
            "the ends are cut off": (
                "def whole_frames(durations):\n"
                "    ends = durations.cumsum(dim=0).floor().long()\n"
                "    return ends.diff(prepend=ends.new_zeros(1))",
                "most of all at [1]: expected 3, got 2",
            ),
            "the first token is lost": (
                "def whole_frames(durations):\n"
                "    return durations.cumsum(dim=0).round().long().diff()",
                "the shape differs: expected (3,), got (2,)",
            ),
        },
        "Exercise 2": {
            "equal steps in Hz": (
                "def glide(n_tokens, semitones):\n"
                "    factors = torch.ones(3, n_tokens)\n"
                "    factors[1] = torch.linspace(1, 2 ** (semitones / 12), n_tokens)\n"
                "    return factors",
                "most of all at [1, 1]: expected 1.41421, got 1.5",
            ),
            "the last token is not reached": (
                "def glide(n_tokens, semitones):\n"
                "    factors = torch.ones(3, n_tokens)\n"
                "    factors[1] = 2 ** (torch.arange(n_tokens) / n_tokens * semitones / 12)\n"
                "    return factors",
                "most of all at [1, 2]: expected 2, got 1.5874",
            ),
        },
        "Exercise 3": {
            "the arithmetic mean": (
                "def perfect_guess(frames):\n    return frames.mean()",
                "most of all at [2]: expected 4.19615, got 13",
            ),
            "the way back is forgotten": (
                "def perfect_guess(frames):\n    return (1 + frames).log().mean().exp()",
                "3 of 3 values differ",
            ),
        },
    },
    "11_waveglow": {
        "Exercise 1": {
            "the stretch is forgotten": (
                "def density(x):\n"
                "    return torch.distributions.Normal(0, 1).log_prob(x.log()).exp()",
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
    },
}
EXERCISES = [(notebook, exercise) for notebook in MISTAKES for exercise in MISTAKES[notebook]]


def code_of(path: Path) -> list[ast.Module]:
    cells = nbformat.read(path, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def functions(trees: Iterable[ast.Module]) -> dict[str, ast.stmt]:
    return {
        node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def _recorded(real: Callable[..., Check], checks: list[Check]) -> Callable[..., Check]:
    def recorded(*arguments, **named) -> Check:
        checks.append(real(*arguments, **named))
        return checks[-1]

    return recorded


def judge(monkeypatch, notebook: str, exercise: str, answers: dict[str, ast.stmt]) -> Check:
    """Run an exercise's cell with `answers` in the place of the functions of their names."""
    trees = code_of(FOLDER / f"{notebook}.ipynb")
    (place,) = [i for i, tree in enumerate(trees) if f"'{exercise}'" in ast.unparse(tree)]
    imports = [
        node
        for tree in trees[:place]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    cell = [answers.get(getattr(node, "name", ""), node) for node in trees[place].body]
    checks: list[Check] = []
    for name in ("check", "check_that"):
        real = getattr(ttslib.lab, name)
        monkeypatch.setattr(ttslib.lab, name, _recorded(real, checks))
    exec(compile(ast.Module([*imports, *cell], []), exercise, "exec"), {})
    (result,) = checks
    return result


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_an_untouched_exercise_is_open(monkeypatch, notebook, exercise):
    assert judge(monkeypatch, notebook, exercise, {}).verdict == "not solved yet"


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_the_solution_passes(monkeypatch, notebook, exercise):
    solutions = functions(code_of(FOLDER / "solutions" / f"{notebook}.ipynb"))
    assert judge(monkeypatch, notebook, exercise, solutions).verdict == "solved"


@pytest.mark.parametrize(
    ("notebook", "exercise", "mistake"),
    [(*place, mistake) for place in EXERCISES for mistake in MISTAKES[place[0]][place[1]]],
)
def test_a_typical_mistake_is_told_with_a_hint(monkeypatch, notebook, exercise, mistake):
    answer, told = MISTAKES[notebook][exercise][mistake]
    result = judge(monkeypatch, notebook, exercise, functions([ast.parse(answer)]))
    assert result.verdict == "not right yet"
    assert told in result.problem
    assert result.hint


def test_every_exercise_knows_at_least_two_mistakes():
    assert all(len(MISTAKES[notebook][exercise]) >= 2 for notebook, exercise in EXERCISES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_exercise_of_every_lesson_is_left_open(path):
    outputs = [
        output.get("data", {}).get("text/plain", "")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    left = {text.split(":")[0] for text in outputs if text.endswith("not solved yet")}
    assert {"Exercise 1", "Exercise 2", "Exercise 3"} <= left
