"""A health report as one HTML page that needs no other file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ttslib.pages import picture_html, write_html
from ttslib.plots import Picture

__all__ = ["write_page"]

MOST_FAULTS = 2000  # rows; more would make a browser slow


def write_page(
    path: Path,
    *,
    title: str,
    rows: Sequence[Sequence[str]],
    faults: Sequence[tuple[str, str, str, str]],
    coverage: str,
    figures: Mapping[str, Picture],
) -> Path:
    """Write the page to a temporary file, and rename it to `path`.

    Parameters
    ----------
    path
        The file to write; missing folders are created.
    title
        The page's heading.
    rows
        The speakers' table: its header, the speakers, and all together.
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
        _tiles(rows, faults),
        "<h2>What is wrong</h2>",
        _fault_table(faults),
        "<h2>Speakers</h2>",
        _speaker_table(rows),
        "<h2>Coverage of the texts</h2>",
        f"<p>{escape(coverage)}</p>",
        *(
            f"<h2>{escape(heading)}</h2>{picture_html(picture.png(), heading)}"
            for heading, picture in figures.items()
        ),
    ]
    return write_html(path, title=title, body=body)


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
