"""Each self-check passes the solution, knows an open exercise, and tells typical mistakes apart.

The cell with an exercise's check is run after those statements of earlier cells that it needs, with
another function in the place of the one that is left open. What comes before that function is run
once, for all answers to an exercise.
"""

import ast
import runpy
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

import ttslib.lab
from ttslib.lab.checks import Check

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

# exercise: {what is wrong: (the answer, what the check says of it)}, one file a notebook
MISTAKES = {
    path.stem: runpy.run_path(str(path))["MISTAKES"]
    for path in sorted((Path(__file__).parent / "mistakes").glob("*.py"))
}
EXERCISES = [(notebook, exercise) for notebook in MISTAKES for exercise in MISTAKES[notebook]]


@cache
def code_of(path: Path) -> list[ast.Module]:
    cells = nbformat.read(path, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def functions(trees: Iterable[ast.Module]) -> dict[str, ast.stmt]:
    return {
        node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def needed(before: list[ast.Module], cell: ast.Module) -> list[ast.stmt]:
    """The statements of earlier cells that define what `cell` uses, and what those use in turn."""
    wanted, kept = names_in(cell), []
    for node in reversed([node for tree in before for node in tree.body]):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            kept.append(node)
        elif defined_by(node) & wanted:
            wanted |= names_in(node)
            kept.append(node)
    return kept[::-1]


def names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def defined_by(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {name for target in node.targets for name in names_in(target)}
    return set()


def _recorded(real: Callable[..., Check], checks: list[Check]) -> Callable[..., Check]:
    def recorded(*arguments, **named) -> Check:
        checks.append(real(*arguments, **named))
        return checks[-1]

    return recorded


@cache
def place_of(notebook: str, exercise: str) -> int:
    """Return the index of the cell with an exercise's check among the notebook's code cells."""
    trees = code_of(FOLDER / f"{notebook}.ipynb")
    (place,) = [i for i, tree in enumerate(trees) if f"'{exercise}'" in ast.unparse(tree)]
    return place


@cache
def ran(source: str) -> dict[str, Any]:
    """Run the code that all answers to an exercise share, and return its names."""
    scope: dict[str, Any] = {}
    exec(compile(source, "shared", "exec"), scope)
    return scope


def judge(monkeypatch, notebook: str, exercise: str, answers: dict[str, ast.stmt]) -> Check:
    """Run an exercise's check with `answers` in the place of the functions of their names."""
    trees = code_of(FOLDER / f"{notebook}.ipynb")[: place_of(notebook, exercise) + 1]
    trees = [
        ast.Module([answers.get(getattr(node, "name", ""), node) for node in tree.body], [])
        for tree in trees
    ]
    before = needed(trees[:-1], trees[-1])
    given = set(functions(trees[-2:-1])) | set(answers)
    first = next((i for i, node in enumerate(before) if defined_by(node) & given), len(before))
    scope = ran("\n".join(ast.unparse(node) for node in before[:first]))
    imports = [node for node in before[:first] if isinstance(node, (ast.Import, ast.ImportFrom))]
    rest = [*imports, *before[first:], *trees[-1].body]  # imports again: `check` is replaced below
    checks: list[Check] = []
    for name in ("check", "check_that"):
        real = getattr(ttslib.lab, name)
        monkeypatch.setattr(ttslib.lab, name, _recorded(real, checks))
    names = dict(scope)
    try:
        exec(compile(ast.Module(rest, []), exercise, "exec"), scope)
    finally:
        scope.clear()
        scope.update(names)
    (result,) = [one for one in checks if one.name == exercise]  # not an earlier part's
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
