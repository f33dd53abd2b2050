"""A health report as one HTML page that needs no other file."""

import base64
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ttslib.plots import Picture

__all__ = ["write_page"]

MOST_FAULTS = 2000  # rows; a browser grows slow with more

_STYLE = """
:root { color-scheme: light; --ink: #1d2433; --soft: #667085; --line: #e4e7ec; --red: #b42318; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: var(--ink);
  background: #fff; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 1.2rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; }
.tile { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1.1rem;
  min-width: 6rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.tile span, .note { color: var(--soft); font-size: .87rem; }
.bad b { color: var(--red); }
.kind { display: inline-block; border-radius: 1rem; padding: 0 .65rem; background: #fef3f2;
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
img { max-width: 100%; height: auto; }
"""


def write_page(
    path: Path,
    *,
    title: str,
    rows: Sequence[Sequence[str]],
    faults: Sequence[tuple[str, str, str, str]],
    coverage: str,
    figures: Mapping[str, Picture],
) -> Path:
    """Write the page beside `path` and rename it.

    Parameters
    ----------
    path
        Where to; missing folders are made.
    title
        The page's heading.
    rows
        The speakers' table: its header, the speakers, all together.
    faults
        `(clip, kind, sentence, text)`.
    coverage
        A sentence on symbols and phonemes.
    figures
        Pictures by their headings.

    Raises
    ------
    OSError
        If it can't be written; no half-written page is left.
    """
    body = [
        f"<h1>{escape(title)}</h1>",
        _tiles(rows, faults),
        "<h2>What is wrong</h2>",
        _fault_table(faults),
        "<h2>Speakers</h2>",
        _speaker_table(rows),
        "<h2>Coverage of the texts</h2>",
        f"<p>{escape(coverage)}</p>",
        *(_figure(heading, picture) for heading, picture in figures.items()),
    ]
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(page, encoding="utf-8", errors="replace")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _tiles(rows: Sequence[Sequence[str]], faults: Sequence[tuple[str, str, str, str]]) -> str:
    total = dict(zip(rows[0], rows[-1], strict=True))
    faulty = len({fault[0] for fault in faults})
    tiles = [("clips", total["clips"], ""), ("minutes", total["minutes"], "")]
    tiles += [("with a fault", f"{faulty:,}", " bad" if faulty else "")]
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile{state}"><b>{value}</b><span>{label}</span></div>'
            for label, value, state in tiles
        )
        + "</div>"
    )


def _fault_table(faults: Sequence[tuple[str, str, str, str]]) -> str:
    if not faults:
        return "<p>Nothing was found.</p>"
    counts = Counter(kind for _, kind, _, _ in faults)
    kinds = "".join(_kind(f"{kind} {count:,}") for kind, count in counts.most_common())
    lines = [
        f"<tr><td>{escape(clip)}</td><td>{_kind(kind)}</td><td>{escape(sentence)}</td>"
        f"<td>{escape(text)}</td></tr>"
        for clip, kind, sentence, text in faults[:MOST_FAULTS]
    ]
    more = len(faults) - MOST_FAULTS
    note = f'<p class="note">and {more:,} more</p>' if more > 0 else ""
    return (
        f'<p class="kinds">{kinds}</p><div class="wide"><table class="faults">'
        "<tr><th>clip</th><th>fault</th><th>what was measured</th><th>its text</th></tr>"
        + "".join(lines)
        + f"</table></div>{note}"
    )


def _kind(words: str) -> str:
    return f'<span class="kind">{escape(words)}</span>'


def _speaker_table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    lines = (
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:]
    )
    return (
        f'<div class="wide"><table class="numbers"><tr>{head}</tr>{"".join(lines)}</table></div>'
        '<p class="note">Seconds, level (of full scale), noise (beside the clip\'s own level) and '
        "silence at the start and end are medians; characters and phonemes are per second of "
        "speech, without pauses.</p>"
    )


def _figure(heading: str, picture: Picture) -> str:
    encoded = base64.b64encode(picture.png()).decode()
    return (
        f'<h2>{escape(heading)}</h2><img alt="{escape(heading)}" '
        f'src="data:image/png;base64,{encoded}">'
    )
