"""The rules that every notebook of the course keeps; CONTRIBUTING.md tells why.

`problems(path)` answers with all that is wrong with one notebook.
"""

import ast
import re
import socket
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode
from run_notebooks import FOLDED, code_fingerprint

ROOT = Path(__file__).resolve().parent.parent
LONGEST_CELL = 40  # lines
MEDIAN_CELL = 8
LARGEST_FILE = 1_000_000  # bytes

RANDOM = re.compile(
    r"torch\.(rand|randn|randint|randperm|normal|bernoulli|multinomial)\(|np\.random\.\w+\("
    r"|\brandom\.(random|choice|choices|shuffle|sample|randint|uniform)\("
)
SEED = re.compile(r"manual_seed\(|default_rng\(\w|random\.seed\(|set_seed\(")
ABSOLUTE_PATH = re.compile(r"(?<![\w.~:/<>\"+)])/[A-Za-z][\w.-]*/[\w.-]+|\b[A-Za-z]:\\\w+")
OPEN = "replace this line"  # in the answer of an exercise that isn't solved
CHECK = r"^(\w+ = )?check(_that)?\("
LINK = re.compile(r"\]\(([^)#\s]+)")


# What a notebook is made of


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def headings(notebook: NotebookNode) -> list[str]:
    return re.findall(r"^#+ +(.+?)\s*$", prose(notebook), flags=re.MULTILINE)


def line_count(cell: NotebookNode) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def is_folded(cell: NotebookNode) -> bool:
    """Is its code folded, in JupyterLab and on the site?"""
    in_lab = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
    return in_lab and FOLDED in cell.metadata.get("tags", [])


def output_text(cell: NotebookNode) -> str:
    """All that a cell's outputs say in letters, without the pictures and sounds in them."""
    said = [output.get("text", "") for output in cell.outputs]
    for output in cell.outputs:
        said += [str(text) for kind, text in output.get("data", {}).items() if "image" not in kind]
    return re.sub(r"base64,[\w+/=\s]+", "", "\n".join(said))


def definitions(notebook: NotebookNode) -> list[str]:
    """The functions and classes that the cells define (a cell with %magic defines none)."""
    found = []
    for cell in code_cells(notebook):
        source = re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.MULTILINE)
        for node in ast.parse(source).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.append(node.name)
    return found


def public_names() -> set[str]:
    """All that ttslib's modules name in `__all__`."""
    names: set[str] = set()
    for path in (ROOT / "ttslib").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
                if not isinstance(node.value, ast.Call):  # ttslib's own: names of other modules
                    names |= set(ast.literal_eval(node.value))
    return names


PUBLIC = public_names()


# The rules: each answers with what is wrong, or with nothing


def rule_proportion(notebook: NotebookNode) -> list[str]:
    lengths = [line_count(cell) for cell in code_cells(notebook)]
    if not lengths:
        return ["it has no code"]
    shown = [line_count(cell) for cell in code_cells(notebook) if not is_folded(cell)]
    wrong = []
    if len(notebook.cells) - len(lengths) < len(shown):
        wrong.append("it has more code cells than Markdown cells")
    if median(shown) > MEDIAN_CELL:
        wrong.append(f"its median code cell has {median(shown)} lines, over {MEDIAN_CELL}")
    if max(lengths) > LONGEST_CELL:
        wrong.append(f"its longest code cell has {max(lengths)} lines, over {LONGEST_CELL}")
    return wrong


def rule_outputs(notebook: NotebookNode) -> list[str]:
    wrong = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        first_line = cell.source.strip().split("\n")[0]
        if cell.execution_count != number:
            wrong.append(f"code cell {number} ran as [{cell.execution_count}]: {first_line}")
        if not cell.outputs and OPEN not in cell.source:
            wrong.append(f"code cell {number} shows nothing: {first_line}")
        if any(output.output_type == "error" for output in cell.outputs):
            wrong.append(f"code cell {number} ended in an error: {first_line}")
    return wrong


def rule_full_run(notebook: NotebookNode) -> list[str]:
    run = notebook.metadata.get("ttslib", {})
    remedy = "run benchmarks/run_notebooks.py --in-place on it"
    if run.get("run") != "full":
        return [f"its outputs don't come from a full run: {remedy}"]
    if run.get("code") != code_fingerprint(notebook):
        return [f"its code was edited after its outputs were made: {remedy}"]
    return []


def rule_private_outputs(notebook: NotebookNode) -> list[str]:
    """Outputs name no folder and no computer of whoever ran the notebook."""
    name = socket.gethostname()
    telling = len(name) > 5 and name != "localhost"  # a short one may be a word of the text
    wrong = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        text = output_text(cell)
        if found := ABSOLUTE_PATH.search(text):
            wrong.append(f"code cell {number} shows the absolute path {found[0]}")
        if telling and name in text:
            wrong.append(f"code cell {number} shows this computer's name")
    return wrong


def rule_nothing_twice(notebook: NotebookNode) -> list[str]:
    twice = sorted(PUBLIC & set(definitions(notebook)))
    return [f"it defines {name}, which ttslib has: show or use the library's" for name in twice]


def rule_seeds(notebook: NotebookNode) -> list[str]:
    for number, cell in enumerate(code_cells(notebook), start=1):
        seed, random = SEED.search(cell.source), RANDOM.search(cell.source)
        if seed and (not random or seed.start() < random.start()):
            return []
        if random:
            return [f"code cell {number} calls {random[0]}...) with no seed before it"]
    return []


def rule_sections(notebook: NotebookNode) -> list[str]:
    wrong = []
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        wrong.append("it doesn't begin with a title")
    for wanted in ("what you will learn", "summary", "quiz"):
        if not any(wanted in heading.lower() for heading in headings(notebook)):
            wrong.append(f"no heading says '{wanted}'")
    opening = "\n".join(cell.source for cell in notebook.cells[:3]).lower()
    for wanted in ("two cores", "need"):
        if wanted not in opening:
            wrong.append(f"its first three cells don't say '{wanted}'")
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", prose(notebook), re.MULTILINE)]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        wrong.append(f"its sections are numbered {numbers}")
    return wrong


def rule_exercises(notebook: NotebookNode) -> list[str]:
    exercises = {heading for heading in headings(notebook) if re.match(r"Exercise \d", heading)}
    return [] if len(exercises) >= 3 else [f"{len(exercises)} exercises, fewer than three"]


def rule_self_checks(notebook: NotebookNode) -> list[str]:
    """Between an exercise's heading and the next heading stands a code cell that checks it."""
    open_exercises: list[str] = []
    unchecked = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            open_exercises = [] if re.search(r"check", cell.source) else open_exercises
        elif found := re.findall(r"^#+ +(.+?)\s*$", cell.source, flags=re.MULTILINE):
            unchecked += open_exercises
            open_exercises = [heading for heading in found if re.match(r"Exercise \d", heading)]
    return [f"'{exercise}' has no self-check" for exercise in unchecked + open_exercises]


def rule_folded_cells(notebook: NotebookNode) -> list[str]:
    """A check written out on the page, or a quiz, would give the answer away: it is folded."""
    wrong = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        checks, asks = (re.search(what, cell.source, re.MULTILINE) for what in (CHECK, "^Quiz"))
        if checks and OPEN in cell.source:
            wrong.append(f"code cell {number} has an open exercise and its check: part them")
        if asks and not is_folded(cell):
            wrong.append(f"code cell {number} has a quiz and isn't folded")
        if is_folded(cell) and not checks and not asks:
            wrong.append(f"code cell {number} is folded and neither checks nor asks")
    return wrong


def rule_corpus(notebook: NotebookNode) -> list[str]:
    """One line at the top chooses the corpus."""
    tops = [cell.source for cell in code_cells(notebook)[:2]]
    chosen = re.findall(r"^CORPUS = ", "\n".join(tops), flags=re.MULTILINE)
    return [] if len(chosen) == 1 else ["no one line `CORPUS = ...` in its first two code cells"]


EVERYWHERE = (
    rule_proportion,
    rule_outputs,
    rule_full_run,
    rule_private_outputs,
    rule_nothing_twice,
    rule_seeds,
    rule_exercises,
)
IN_LESSONS = (rule_sections, rule_self_checks, rule_folded_cells, rule_corpus)


def link_problems(notebook: NotebookNode, path: Path, expected: list[str]) -> list[str]:
    """Relative links that lead nowhere, and expected ones that are missing."""
    links = [link for link in LINK.findall(prose(notebook)) if "://" not in link]
    wrong = [f"its link to {link} leads nowhere" for link in links if not _leads(path, link)]
    return wrong + [f"no link to {link}" for link in expected if link not in links]


def _leads(path: Path, link: str) -> bool:
    return link.startswith("attachment:") or (path.parent / link).exists()


def neighbors(path: Path) -> list[str]:
    """The notebooks before and after a lesson; README.md at either end of the course."""
    lessons = sorted(path.parent.glob("*.ipynb"))
    names = ["../README.md", *[lesson.name for lesson in lessons], "../README.md"]
    place = lessons.index(path) + 1
    return [names[place - 1], names[place + 1]]


def problems(path: Path) -> list[str]:
    """All that is wrong with the notebook at `path`, in its folder."""
    notebook = nbformat.read(path, as_version=4)
    wrong = [problem for rule in EVERYWHERE for problem in rule(notebook)]
    if path.parent.name == "solutions":
        wrong += link_problems(notebook, path, [f"../{path.name}"])
    else:
        wrong += [problem for rule in IN_LESSONS for problem in rule(notebook)]
        wrong += link_problems(notebook, path, [*neighbors(path), f"solutions/{path.name}"])
    if path.stat().st_size > LARGEST_FILE:
        wrong.append(f"it has {path.stat().st_size:,} bytes, over {LARGEST_FILE:,}")
    return wrong
