"""Show the library's own source in a notebook, so that the code explained is the code that runs."""

import ast
import html
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

__all__ = ["Source", "show_source"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Some lines of code and their location; they are displayed at the end of a cell."""

    code: str
    file: str  # relative to the package, e.g. "ttslib/nn/attention.py"
    line: int  # number of the first one

    def __repr__(self) -> str:
        return f"# {self.file}, line {self.line}\n{self.code}"

    def _repr_html_(self) -> str:
        # Colors are inline, because readers on the web don't have our style sheet.
        lines = highlight(self.code, PythonLexer(), HtmlFormatter(noclasses=True, nowrap=True))
        return (
            '<div style="background:#f8f8f8;color:#222;padding:8px 12px;'
            'border-left:3px solid #888;overflow-x:auto">'
            f'<div style="color:#555;font-size:85%">{html.escape(self.file)}, '
            f"line {self.line}</div>"
            '<pre style="background:none;color:inherit;margin:4px 0 0;line-height:1.35;'
            'font-family:monospace;white-space:pre">'
            f"{lines}</pre></div>"
        )


def show_source(thing: Callable | type, *, docstring: bool = True) -> Source:
    """Show the lines of a function, a method or a class.

    Parameters
    ----------
    thing
        The function, method, property or class itself, e.g. `Tacotron2.forward`.
    docstring
        Whether docstrings are shown, too; without them the code is easier to read next to prose.

    Raises
    ------
    ValueError
        `thing` has no Python source, e.g. because it is an instance.

    Taught in: notebooks/04_tacotron
    """
    thing = thing.fget if isinstance(thing, property) else inspect.unwrap(thing)
    try:
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getfile(thing))
    except (TypeError, OSError):
        raise ValueError(
            f"show_source needs a function, method or class written in Python, got {thing!r:.80}"
        ) from None
    code = textwrap.dedent("".join(lines)).rstrip()
    depth = getattr(inspect.getmodule(thing), "__name__", "").count(".") + 1
    return Source(
        code=code if docstring else _without_docstrings(code),
        file="/".join(path.parts[-depth:]),
        line=max(first, 1),
    )


def _without_docstrings(code: str) -> str:
    lines: list[str | None] = list(code.splitlines())
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            start, end = node.body[0].lineno - 1, node.body[0].end_lineno or 0
            if end < len(lines) and not (lines[end] or "").strip():
                end += 1  # the blank line after it
            lines[start:end] = [None] * (end - start)
    return "\n".join(line for line in lines if line is not None)
