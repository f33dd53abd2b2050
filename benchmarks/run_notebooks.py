"""Run notebooks from the first cell to the last, as a reader would, and keep what they show.

    python benchmarks/run_notebooks.py                                       # the whole course
    python benchmarks/run_notebooks.py notebooks/04_tacotron.ipynb           # one of it
    python benchmarks/run_notebooks.py --fast notebooks/04_tacotron.ipynb    # with tiny trainings
    python benchmarks/run_notebooks.py --in-place notebooks/04_tacotron.ipynb

The executed copies and an HTML page of each land in `build/course/`. `--in-place` also writes the
outputs back into the notebook itself, which is how the committed outputs are made. One broken
notebook doesn't keep the others from running; the exit status is 1 then.
"""

import argparse
import ast
import hashlib
import os
import re
import sys
import time
from pathlib import Path

import latex2mathml.converter as latex2mathml
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from ttslib.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"
FOLDED = "hide-input"  # the tag of cells whose code is folded
PAGE = """{%- extends "lab/index.html.j2" -%}
{%- block input -%}
{%- if "FOLDED" in cell.metadata.tags -%}
<details><summary style="font: 13px/2.2 sans-serif">Show the code</summary>{{ super() }}</details>
{%- else -%}{{ super() }}{%- endif -%}
{%- endblock input -%}""".replace("FOLDED", FOLDED)
PROGRESS_BAR = re.compile(r"\d+%\|")  # tqdm's
NOTEBOOK_LINK = re.compile(r"(\]\([^)\s]+)\.ipynb(?=[)#])")
MATH_OR_CODE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)",
    re.DOTALL,
)


# From 3.13 on, Python leaves empty lists out unless it is asked for them.
DUMP = {"show_empty": True} if sys.version_info >= (3, 13) else {}


def course_notebooks() -> list[Path]:
    """Every notebook of the course in its order, then the solutions in theirs."""
    folder = ROOT / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted((folder / "solutions").glob("*.ipynb"))


def code_fingerprint(notebook: NotebookNode) -> str:
    """What a notebook's code says, in 16 digits; layout and comments don't count.

    It is stored at a run, so that a test notices code that was edited after its outputs were made.
    """
    digest = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        try:
            said = ast.dump(ast.parse(cell.source), **DUMP)
        except SyntaxError:  # a %magic
            said = cell.source.strip()
        # An empty list of type parameters is dumped by some Python versions only.
        digest.update(said.replace(", type_params=[]", "").encode() + b"\n")
    return digest.hexdigest()[:16]


def execute(notebook: NotebookNode, folder: Path, *, fast: bool) -> None:
    """Run all cells of `notebook` in `folder`, in a fresh kernel, and fill in their outputs."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the kernel else warns of frozen modules
    os.environ.pop("TTSLIB_FAST", None)
    if fast:
        os.environ["TTSLIB_FAST"] = "1"
    client = NotebookClient(
        notebook,
        timeout=None,  # a training may take its time
        kernel_name="python3",  # the environment that runs this script
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # no kernel's chatter between the lines of a run
    )
    client.execute()


def tidy(notebook: NotebookNode, *, fast: bool) -> None:
    """Strip what changes at every run and says nothing, so that diffs stay small."""
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        ttslib={"run": "fast" if fast else "full", "code": code_fingerprint(notebook)},
    )
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = NotebookNode(tags=tags) if tags else NotebookNode()
        if FOLDED in (tags or []):  # on the site; and in JupyterLab:
            cell.metadata.jupyter = {"source_hidden": True}
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(_tidy_output, cell.outputs) if output]


def _tidy_output(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        # Of a progress bar that redraws its line, the last state is kept.
        output.text = re.sub(r"[^\n]*\r(?!\n)", "", output.text)
        return output if output.text.strip() else None
    data = output.get("data", {})
    if WIDGET in data:
        # A widget needs a living kernel; beside its own picture or text it would show an error.
        del data[WIDGET]
        if set(data) == {"text/plain"} and PROGRESS_BAR.search(data["text/plain"]):
            return None  # as it was at the start: "0%", for ever
    if "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9a-fA-F]+", "", data["text/plain"])
    return output


def write_page(notebook: NotebookNode, page: Path) -> None:
    """Write `notebook` as an HTML page that needs no network and links to the other pages."""
    source = nbformat.from_dict(notebook)
    formulas: list[str] = []

    def set_aside(match: re.Match) -> str:
        display, inline = match["display"], match["inline"]
        if not (display or inline):
            return match[0]  # code: its dollars are no formula
        where = "block" if display else "inline"
        formulas.append(latex2mathml.convert(display or inline, display=where))
        return f"FORMULA{len(formulas) - 1}ALUMROF"

    for cell in source.cells:
        if cell.cell_type == "markdown":
            cell.source = NOTEBOOK_LINK.sub(r"\1.html", MATH_OR_CODE.sub(set_aside, cell.source))
    resources = {"metadata": {"name": page.stem}}
    html, _ = HTMLExporter(raw_template=PAGE).from_notebook_node(source, resources=resources)
    html = re.sub(r"FORMULA(\d+)ALUMROF", lambda match: formulas[int(match[1])], html)
    write_whole(page, html.encode())


def run_notebook(path: Path, output: Path, *, fast: bool, in_place: bool) -> str | None:
    """Run one notebook and write what came of it; returns the error's last line, or None."""
    notebook = nbformat.read(path, as_version=4)
    error = None
    try:
        execute(notebook, path.parent, fast=fast)
    except (CellExecutionError, DeadKernelError) as failure:
        error = re.sub(r"\x1b\[[0-9;]*m", "", str(failure)).strip().splitlines()[-1]
    tidy(notebook, fast=fast)
    text = nbformat.writes(notebook) + "\n"
    if in_place and error is None:
        write_whole(path, text.encode())
    inside = ROOT / "notebooks"
    copy = output / (path.relative_to(inside) if path.is_relative_to(inside) else path.name)
    write_whole(copy, text.encode())
    write_page(notebook, copy.with_suffix(".html"))
    return error


def main() -> int:
    """Run what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run notebooks in full and keep their outputs.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all, in order")
    parser.add_argument("--fast", action="store_true", help="TTSLIB_FAST=1: tiny trainings")
    parser.add_argument("--in-place", action="store_true", help="write the outputs back, too")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "course")
    arguments = parser.parse_args()

    paths = [path.resolve() for path in arguments.notebooks] or course_notebooks()
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no such notebook: {', '.join(missing)}")
    failures = 0
    for path in paths:
        name = os.path.relpath(path, ROOT)
        print(f"{name} ...", end=" ", flush=True)
        started = time.perf_counter()
        error = run_notebook(
            path, arguments.output.resolve(), fast=arguments.fast, in_place=arguments.in_place
        )
        minutes, seconds = divmod(round(time.perf_counter() - started), 60)
        print(f"{minutes} min {seconds:2d} s", f"FAILED: {error}" if error else "", flush=True)
        failures += error is not None
    print(f"{len(paths) - failures} of {len(paths)} notebooks ran without an error.")
    print(f"Copies and pages are in {arguments.output}")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
