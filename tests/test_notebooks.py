"""Every notebook keeps the course's rules, and a later one falls under them by itself.

`make test` also runs each notebook, by nbval; here it is read.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_rules import LARGEST_FILE, PUBLIC, ROOT, code_cells, problems
from run_notebooks import code_fingerprint

FOLDER = ROOT / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
SOLUTIONS = sorted((FOLDER / "solutions").glob("*.ipynb"))

# The course's notebooks


@pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_notebook_keeps_the_rules(path):
    assert problems(path) == []


def test_all_notebooks_were_looked_at():
    numbers = {path.name[:2] for path in LESSONS}
    assert {"04", "05", "07"} <= numbers, "the notebooks aren't where this test looks"
    assert len(PUBLIC) > 30, "the library's public names weren't found"


def test_each_notebook_has_its_solutions_and_no_more():
    assert [path.name for path in SOLUTIONS] == [path.name for path in LESSONS]


# The rules themselves: one good notebook, and one way to break each


def code(source: str, shown: str = "shown") -> NotebookNode:
    return new_code_cell(source, outputs=[new_output("stream", name="stdout", text=shown)])


def good_notebook() -> NotebookNode:
    """The smallest lesson that keeps every rule."""
    cells = [
        new_markdown_cell("# 1. A lesson\n\n[Back](../README.md), [on](02_next.ipynb)"),
        new_markdown_cell("## What you will learn\n\nIt needs nothing, and a minute on two cores."),
        code('CORPUS = "mini"\nprint(CORPUS)'),
        new_markdown_cell("## Theory"),
        code("torch.manual_seed(0)\ntorch.randn(3)", "tensor of 1/2 and/or <b>x</b> image/png"),
        new_markdown_cell("## Summary"),
        new_markdown_cell("## Exercises, [solved](solutions/01_lesson.ipynb)"),
    ]
    for number in (1, 2, 3):
        cells.append(new_markdown_cell(f"### Exercise {number}: try"))
        cells.append(code(f"answer = {number}\ncheck_answer(answer)", "not yet"))
    cells += [new_markdown_cell("## Quiz"), code("quiz()")]
    return finished(new_notebook(cells=cells))


def finished(notebook: NotebookNode) -> NotebookNode:
    """As if it had been run in full."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = number
    notebook.metadata["ttslib"] = {"run": "full", "code": code_fingerprint(notebook)}
    return notebook


@pytest.fixture
def course(tmp_path) -> Path:
    """A course of two notebooks of which the second is empty; returns the first one's place."""
    (tmp_path / "README.md").touch()
    for name in ("01_lesson", "02_next", "solutions/01_lesson"):
        place = tmp_path / "notebooks" / f"{name}.ipynb"
        place.parent.mkdir(exist_ok=True, parents=True)
        place.touch()
    return tmp_path / "notebooks" / "01_lesson.ipynb"


def test_a_good_notebook_passes(course):
    nbformat.write(good_notebook(), course)
    assert problems(course) == []


def test_a_good_solutions_notebook_passes(course):
    notebook = good_notebook()
    notebook.cells[0].source = "# Solutions\n\n[Back](../01_lesson.ipynb)"
    notebook.cells[6].source = "## Solved"
    place = course.parent / "solutions" / course.name
    nbformat.write(notebook, place)
    assert problems(place) == []


def set_source(cell: int, source: str) -> Callable[[NotebookNode], None]:
    """Another source in a cell, as if it had been run that way."""

    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[cell].source = source
        finished(notebook)

    return spoil


def set_output(text: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        code_cells(notebook)[0].outputs[0].text = text

    return spoil


def more_code(notebook: NotebookNode) -> None:
    notebook.cells += [code("print(1)") for _ in range(9)]
    finished(notebook)


def longer_cells(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        cell.source += "\nprint()" * 9
    finished(notebook)


def no_output(notebook: NotebookNode) -> None:
    code_cells(notebook)[1].outputs = []


def an_error(notebook: NotebookNode) -> None:
    failed = new_output("error", ename="ValueError", evalue="no", traceback=[])
    code_cells(notebook)[1].outputs.append(failed)


def out_of_order(notebook: NotebookNode) -> None:
    code_cells(notebook)[1].execution_count = 7


def a_fast_run(notebook: NotebookNode) -> None:
    notebook.metadata["ttslib"]["run"] = "fast"


def edited_afterwards(notebook: NotebookNode) -> None:
    code_cells(notebook)[1].source += "\nprint(2)"


def too_large(notebook: NotebookNode) -> None:
    notebook.cells[0].source += "x" * LARGEST_FILE


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (more_code, "more code cells than Markdown"),
        (longer_cells, "median code cell has 11"),
        (set_source(2, 'CORPUS = "mini"' + "\nprint()" * 40), "longest code cell has 41"),
        (no_output, "code cell 2 shows nothing"),
        (an_error, "code cell 2 ended in an error"),
        (out_of_order, "code cell 2 ran as [7]"),
        (a_fast_run, "don't come from a full run"),
        (edited_afterwards, "edited after its outputs"),
        (set_output("saved at /home/someone/a.wav"), "absolute path /home/someone"),
        (set_output("saved at C:\\Users\\someone"), "absolute path C:"),
        (set_output("on marias-laptop"), "computer's name"),
        (set_source(4, "class AudioConfig:\n    pass"), "defines AudioConfig"),
        (set_source(4, "torch.randn(3)\ntorch.manual_seed(0)"), "no seed before it"),
        (set_source(0, "A lesson [b](../README.md) [o](02_next.ipynb)"), "begin with a title"),
        (set_source(1, "It needs nothing on two cores"), "'what you will learn'"),
        (set_source(1, "## What you will learn\n\nIt needs little"), "'two cores'"),
        (set_source(5, "## That was it"), "'summary'"),
        (set_source(13, "## Questions"), "'quiz'"),
        (set_source(3, "## 1. Theory\n\n## 3. Practice"), "sections are numbered [1, 3]"),
        (set_source(7, "### Try"), "2 exercises"),
        (set_source(8, "answer = 1"), "'Exercise 1: try' has no self-check"),
        (set_source(12, "answer = 1"), "'Exercise 3: try' has no self-check"),
        (set_source(2, "print()"), "CORPUS"),
        (set_source(0, "# A lesson\n\n[On](02_next.ipynb)"), "no link to ../README.md"),
        (set_source(0, "# A lesson\n\n[Back](../README.md)"), "no link to 02_next.ipynb"),
        (set_source(6, "## Exercises"), "no link to solutions/01_lesson.ipynb"),
        (set_source(3, "[There](03_gone.ipynb#part)"), "03_gone.ipynb leads nowhere"),
        (too_large, "bytes, over"),
    ],
)
def test_a_broken_rule_is_named(course, monkeypatch, spoil, complaint):
    monkeypatch.setattr(socket, "gethostname", lambda: "marias-laptop")
    notebook = good_notebook()
    spoil(notebook)
    nbformat.write(notebook, course)
    found = problems(course)
    assert any(complaint in problem for problem in found), found


# How nbval runs them


def nbval(notebook: Path) -> subprocess.CompletedProcess:
    """Run a notebook as `make test` does, with the settings of the project's conftest.py."""
    options = ["--nbval-lax", "--nbval-current-env", "-p", "conftest", "-p", "no:cacheprovider"]
    outside = {name: value for name, value in os.environ.items() if name != "TTSLIB_FAST"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, notebook.name],
        cwd=notebook.parent,
        env=outside | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_nbval_runs_a_notebook_in_fast_mode_and_notices_errors(tmp_path):
    cells = [code("import os\nassert os.environ['TTSLIB_FAST'] == '1'"), code("1 / 0")]
    place = tmp_path / "with a space.ipynb"
    nbformat.write(finished(new_notebook(cells=cells)), place)
    result = nbval(place)
    assert "1 failed, 1 passed" in result.stdout, result.stdout
    assert "ZeroDivisionError" in result.stdout
