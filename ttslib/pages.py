"""HTML pages in one style: each a single file with pictures and sounds inside, usable offline."""

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from ttslib.files import write_whole

__all__ = ["picture_html", "sound_html", "write_html"]

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2433; --soft: #667085; --line: #e4e7ec;
  --red: #b42318; --pale: #fef3f2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16191f; --ink: #e4e7ec; --soft: #98a2b3; --line: #343a46;
    --red: #f97066; --pale: #3b1a18; }
  img { filter: brightness(.85); }
}
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: var(--ink);
  background: var(--paper);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 1.2rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; }
.tile { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1.1rem;
  min-width: 6rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.tile span, .note { color: var(--soft); font-size: .87rem; }
.bad b { color: var(--red); }
.kind { display: inline-block; border-radius: 1rem; padding: 0 .65rem; background: var(--pale);
  color: var(--red); font-size: .84rem; white-space: nowrap; }
.kinds .kind { margin: 0 .35rem .35rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-size: .84rem; font-weight: 600; }
th, td { padding: .38rem .8rem .38rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.numbers th:not(:first-child), .numbers td:not(:first-child) { text-align: right; }
.numbers td { white-space: nowrap; }
.numbers tr:last-child td { font-weight: 600; }
.faults td { overflow-wrap: anywhere; }
.faults td:first-child { font-size: .84rem; min-width: 10.5rem; }
.faults td:last-child { color: var(--soft); min-width: 14rem; }
.figures th:not(:first-child), .figures td:not(:first-child) { text-align: right; }
.figures td { white-space: nowrap; }
.figures td span { display: block; line-height: 1.2; }
.clips td:first-child { white-space: nowrap; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
audio { width: 15rem; height: 2.2rem; }
img { max-width: 100%; height: auto; }
"""


def write_html(path: Path, *, title: str, body: Iterable[str]) -> Path:
    """Write a page to a temporary file, and rename it to `path`.

    Parameters
    ----------
    path
        The file to write; missing folders are created.
    title
        The page's heading.
    body
        The rest of the page, as HTML.

    Raises
    ------
    OSError
        If it can't be written; no half-written page is left.
    """
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join([f"<h1>{escape(title)}</h1>", *body])
        + "\n</body></html>\n"
    )
    return write_whole(path, page.encode("utf-8", errors="replace"))


def picture_html(png: bytes, words: str) -> str:
    """Return an embedded picture; `words` describe it for people who can't see it."""
    encoded = base64.b64encode(png).decode()
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{encoded}">'


def sound_html(encoded: bytes, kind: str, words: str) -> str:
    """Return an embedded player for a sound that `encode_audio` encoded."""
    source = f"data:audio/{kind};base64,{base64.b64encode(encoded).decode()}"
    return f'<audio controls preload="none" src="{source}" aria-label="{escape(words)}"></audio>'
