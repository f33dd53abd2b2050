"""The notebook runner: what it keeps, what it strips, and what a failing notebook leaves behind."""

import sys

import nbformat
import pytest
import run_notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from run_notebooks import code_fingerprint, run_notebook, tidy, write_page


def notebook_of(*sources: str) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_the_fingerprint_tells_code_from_layout():
    told = code_fingerprint(notebook_of("f(1, 2)"))
    assert code_fingerprint(notebook_of("f(1,  # one\n  2)")) == told
    assert code_fingerprint(notebook_of("f(1, 3)")) != told
    assert code_fingerprint(notebook_of("f(1, 2)", "%time f()")) != told


def test_tidying_strips_what_changes_at_every_run():
    notebook = notebook_of("x")
    cell = notebook.cells[0]
    cell.metadata.update(execution={"started": "today"}, tags=["exercise"])
    cell.outputs = [
        new_output("stream", name="stderr", text="1 of 2\r2 of 2\ndone\r\n"),
        new_output("stream", name="stderr", text="\n"),
        new_output(
            "display_data",
            {run_notebooks.WIDGET: {"model_id": "a7"}, "text/plain": "<Slider object at 0x7Fa8>"},
        ),
        new_output(
            "display_data",
            {run_notebooks.WIDGET: {"model_id": "b8"}, "text/plain": "train:   0%|     | 0/9"},
        ),
    ]
    notebook.metadata["widgets"] = {"state": {}}
    tidy(notebook, fast=False)
    assert cell.metadata == {"tags": ["exercise"]}
    cell.metadata.tags.append("hide-input")
    tidy(notebook, fast=False)
    assert cell.metadata.jupyter == {"source_hidden": True}
    stream, widget = cell.outputs
    assert stream.text == "2 of 2\ndone\r\n"
    assert widget.data == {"text/plain": "<Slider object>"}
    assert set(notebook.metadata) == {"kernelspec", "language_info", "ttslib"}
    assert notebook.metadata.ttslib == {"run": "full", "code": code_fingerprint(notebook)}


def test_a_page_needs_no_network_for_its_formulas(tmp_path):
    text = "$x_1 * y_2$ and $$\\frac{a}{b}$$, `$HOME and $USER`, $5 or $6, [on](05_training.ipynb)"
    page = tmp_path / "page.html"
    write_page(new_notebook(cells=[new_markdown_cell(text)]), page)
    html = page.read_text(encoding="utf-8")
    assert html.count("<math") == 2
    assert html.count('display="block"') == 1
    assert "<mfrac>" in html
    assert "$HOME and $USER" in html
    assert "$5 or $6" in html
    assert 'href="05_training.html"' in html


def test_a_page_folds_the_code_that_the_lab_folds(tmp_path):
    check, answer = new_code_cell("assert answer == 42"), new_code_cell("answer = 42")
    check.metadata.tags = ["hide-input"]
    page = tmp_path / "page.html"
    write_page(new_notebook(cells=[answer, check]), page)
    before, folded = page.read_text(encoding="utf-8").split("<details>")
    assert "answer" in before.rpartition("<main")[2]
    assert "assert" in folded.partition("</details>")[0]


def test_a_run_writes_its_outputs_back_a_copy_and_a_page(tmp_path, monkeypatch):
    monkeypatch.setenv("TTSLIB_FAST", "1")  # of the tests' own run; --fast alone decides
    place = tmp_path / "with a space" / "lesson.ipynb"
    place.parent.mkdir()
    source = "import os, sys\nprint(os.environ.get('TTSLIB_FAST'), sys.prefix, os.getcwd())"
    nbformat.write(notebook_of(source), place)
    assert run_notebook(place, tmp_path / "out", fast=False, in_place=True) is None
    (cell,) = nbformat.read(place, as_version=4).cells
    assert cell.outputs[0].text.strip() == f"None {sys.prefix} {place.parent}"
    assert (tmp_path / "out" / "lesson.ipynb").read_bytes() == place.read_bytes()
    assert (tmp_path / "out" / "lesson.html").exists()


def test_one_failing_notebook_is_named_left_as_it_was_and_stops_no_other(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(run_notebooks, "execute", fail_at_the_word_broken)
    for name, source in (("1_broken", "broken"), ("2_good", "fine")):
        nbformat.write(notebook_of(source), tmp_path / f"{name}.ipynb")
    before = (tmp_path / "1_broken.ipynb").read_bytes()
    places = [str(tmp_path / "1_broken.ipynb"), str(tmp_path / "2_good.ipynb")]
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["run", "--in-place", "--output", str(out), *places])
    assert run_notebooks.main() == 1
    assert (tmp_path / "1_broken.ipynb").read_bytes() == before
    assert (out / "1_broken.html").exists()
    assert (out / "2_good.html").exists()
    said = capsys.readouterr().out
    assert "FAILED: ValueError: it broke" in said
    assert "1 of 2 notebooks ran without an error" in said


def fail_at_the_word_broken(notebook, folder, *, fast):
    if notebook.cells[0].source == "broken":
        raise run_notebooks.CellExecutionError(
            "Traceback\n\x1b[31mValueError\x1b[39m: it broke\n", "ValueError", "it broke"
        )


def test_a_missing_notebook_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run", "notebooks/99_none.ipynb"])
    with pytest.raises(SystemExit):
        run_notebooks.main()
    assert "no such notebook" in capsys.readouterr().err
