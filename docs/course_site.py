"""What the course's site needs beyond Sphinx's own: API pages, formulas, the front page."""

import importlib
import inspect
import re
from html import escape
from pathlib import Path

from docutils.nodes import Element, SkipNode
from latex2mathml.converter import convert
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

ROOT = Path(__file__).resolve().parent.parent
LESSON = re.compile(r"\b(notebooks/\d\d_\w+)")


def jupyter_anchor(title: str) -> str:
    """Name a heading as JupyterLab does, for links to it."""
    return title.replace(" ", "-")


def write_api_pages(app: Sphinx) -> None:
    """Write a page for each package of ttslib into docs/api/."""
    folder = ROOT / "docs" / "api"
    folder.mkdir(exist_ok=True)
    for file in sorted((ROOT / "ttslib").rglob("__init__.py")):
        package = ".".join(file.parent.relative_to(ROOT).parts)
        if package == "ttslib.cli":
            continue  # `ttslib --help` has it
        page, text = folder / f"{package}.rst", api_page(package, file.parent)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")  # Sphinx reads again what is newer


def api_page(package: str, folder: Path) -> str:
    """List what a package exports, then the public names of its modules."""
    page = [f"{package}\n{'=' * len(package)}", f".. automodule:: {package}"]
    thing = importlib.import_module(package)
    exported = [getattr(thing, name) for name in getattr(thing, "__all__", ())]
    named = [one for one in exported if inspect.isclass(one) or inspect.isfunction(one)]
    if named:
        names = [f"   ~{one.__module__}.{one.__qualname__}" for one in named]
        page += [".. autosummary::", "\n".join(names)]
    for file in sorted(folder.glob("*.py")):
        if file.name != "__init__.py" and "\n__all__" in file.read_text(encoding="utf-8"):
            page += [f"{file.stem}\n{'-' * len(file.stem)}"]
            page += [f".. automodule:: {package}.{file.stem}\n   :members:"]
    return "\n\n".join(page) + "\n"


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Append the table of contents to the front page."""
    if page == app.config.root_doc:
        source[0] += (ROOT / "docs" / "contents.md").read_text(encoding="utf-8")


def link_lessons(app, what, name, thing, options, lines: list[str]) -> None:
    """Make links of the notebooks that docstrings name."""
    lines[:] = [LESSON.sub(r":doc:`/\1`", line) for line in lines]


def write_formula(writer, node: Element) -> None:
    """Write a formula as MathML, which browsers show without a script."""
    if node.tagname == "math_block":
        writer.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    else:
        writer.body.append(convert(node.astext()))
    raise SkipNode


def end_link(writer, node: download_reference) -> None:
    """Add a player to the link to a sound."""
    HTML5Translator.depart_download_reference(writer, node)
    if node["reftarget"].endswith(".mp3"):
        source = f"{writer.builder.dlpath}/{node['filename']}"
        label = escape(node.astext())
        writer.body.append(
            f' <audio controls preload="none" src="{source}" aria-label="{label}"></audio>'
        )


def write_index(app: Sphinx, failure: Exception | None) -> None:
    """Let the folder itself open on the front page."""
    to = f"0; url={app.config.root_doc}.html"
    Path(app.outdir, "index.html").write_text(f'<meta http-equiv="refresh" content="{to}">\n')


def setup(app: Sphinx) -> None:
    """Tell Sphinx when to call which function."""
    app.connect("builder-inited", write_api_pages)
    app.connect("source-read", add_contents)
    app.connect("autodoc-process-docstring", link_lessons)
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
    app.add_node(
        download_reference,
        override=True,
        html=(HTML5Translator.visit_download_reference, end_link),
    )
    app.connect("build-finished", write_index)
