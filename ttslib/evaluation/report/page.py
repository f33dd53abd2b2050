"""A report as one HTML page, with pictures and clips to listen to, or as Markdown."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from ttslib.evaluation.report.measures import Measure
from ttslib.evaluation.report.results import Results
from ttslib.evaluation.statistics.resampling import Estimate
from ttslib.pages import picture_html, sound_html, write_html
from ttslib.plots import plot_intervals

__all__ = ["report_markdown", "write_report_page"]

BESIDE_A_CLIP = (
    "mcd_dtw",
    "phoneme_errors",
    "word_errors",
)  # measures that are meaningful for one sentence
MOST_FAILURES = 100  # rows
HOW_TO_READ = (
    "Each value is followed by its 95 % interval over 2,000 resamplings of the sentences: with "
    "other sentences, it would fall in about this range. Bold marks the best of the copies, the "
    "best of the voices, and every system whose sentence-by-sentence difference from the best "
    "could be due to chance. The row of the recording shows the best value to expect."
)


def write_report_page(path: Path, report: Results) -> Path:
    """Write the page, completely or not at all.

    Raises
    ------
    OSError
        If it can't be written.
    """
    body = [_tiles(report), f'<p class="note">{HOW_TO_READ}</p>']
    for group, measures in report.groups().items():
        body += [f"<h2>{escape(group)}</h2>", _table(report, measures)]
        body.append(_picture(report, group, measures))
        body += [_about(measure) for measure in measures]
    body += _listen(report)
    body += _failures(report)
    return write_html(path, title=f"Evaluation on {report.corpus}", body=body)


def report_markdown(report: Results, *, command: str) -> str:
    """Return the tables as Markdown, the leaders in bold, with the command that made them."""
    count = len(report.utterances)
    parts = [
        f"# Evaluation on {report.corpus}",
        f"{count} sentence{'s' if count != 1 else ''} that no system learned from. {HOW_TO_READ}",
        f"```\n{command}\n```",
    ]
    for group, measures in report.groups().items():
        header, *rows = report.rows(group)
        lines = [header, ["---"] + ["---:"] * (len(header) - 1)]
        for system, *cells, sentences in rows:
            marked = [
                f"**{cell}**" if system in report.leaders[measure.key] else cell
                for measure, cell in zip(measures, cells, strict=True)
            ]
            lines.append([system, *marked, sentences])
        table = "\n".join(f"| {' | '.join(row)} |" for row in lines)
        notes = "\n".join(f"- **{measure.title}**: {measure.about}" for measure in measures)
        parts += [f"## {group}", table, notes]
    for system, name, why in report.failures[:MOST_FAILURES]:
        parts.append(f"{system} failed at {name}: {why}")
    return "\n\n".join(parts) + "\n"


def _tiles(report: Results) -> str:
    failures = len(report.failures)
    tiles = [
        ("systems, plus the recording", str(len(report.systems) - 1), ""),
        ("sentences", str(len(report.utterances)), ""),
        ("failed", str(failures), " bad" if failures else ""),
    ]
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile{state}"><b>{value}</b><span>{label}</span></div>'
            for label, value, state in tiles
        )
        + "</div>"
    )


def _table(report: Results, measures: list[Measure]) -> str:
    head = "".join(f"<th>{escape(measure.title)}</th>" for measure in measures)
    lines = []
    for system in report.systems:
        found = [report.estimates[measure.key].get(system) for measure in measures]
        if any(found):
            cells = "".join(
                _cell(measure, one, leads=system in report.leaders[measure.key])
                for measure, one in zip(measures, found, strict=True)
            )
            count = max(one.sentences for one in found if one)
            lines.append(f"<tr><td>{escape(system)}</td>{cells}<td>{count}</td></tr>")
    return (
        f'<div class="wide"><table class="figures"><tr><th>system</th>{head}<th>sentences</th>'
        f"</tr>{''.join(lines)}</table></div>"
    )


def _cell(measure: Measure, found: Estimate | None, *, leads: bool) -> str:
    if found is None:
        return "<td></td>"
    value, _, interval = measure.shown(found).partition(" ")
    value = f"<b>{value}</b>" if leads else value
    return f'<td>{value} <span class="note">{interval}</span></td>'


def _picture(report: Results, group: str, measures: list[Measure]) -> str:
    picture = plot_intervals(
        {
            measure.title: {
                system: [measure.scale * part for part in found[:3]]
                for system in report.systems
                if (found := report.estimates[measure.key].get(system))
            }
            for measure in measures
        }
    )
    return picture_html(picture.png(), f"{group}: each system's values with their intervals")


def _about(measure: Measure) -> str:
    return f'<p class="note"><b>{escape(measure.title)}</b> {escape(measure.about)}</p>'


def _listen(report: Results) -> Iterator[str]:
    """Yield a table for each sentence whose sound was stored."""
    shown = [m for group in report.groups().values() for m in group if m.key in BESIDE_A_CLIP]
    head = "".join(f"<th>{escape(measure.title)}</th>" for measure in shown)
    headed = False
    for utterance in report.utterances:
        rows = []
        for system in report.systems:
            clip = report.clips[system].get(utterance.id)
            if clip is None or clip.sound is None:
                continue
            player = sound_html(
                clip.sound.read_bytes(),
                clip.sound.suffix[1:],
                f"{system}: {utterance.text}",
            )
            cells = "".join(f"<td>{measure.of_clip(clip.parts)}</td>" for measure in shown)
            rows.append(
                f"<tr><td>{escape(system)}</td><td>{player}</td>{cells}"
                f"<td>{escape(clip.heard)}</td></tr>"
            )
        if rows:
            if not headed:
                yield "<h2>Listen</h2>"
                headed = True
            yield (
                f"<h3>{escape(utterance.text)}</h3>"
                '<div class="wide"><table class="clips"><tr><th>system</th><th>sound</th>'
                f"{head}<th>recognized as</th></tr>{''.join(rows)}</table></div>"
            )


def _failures(report: Results) -> list[str]:
    failures = report.failures
    if not failures:
        return []
    rows = "".join(
        f"<tr><td>{escape(system)}</td><td>{escape(name)}</td><td>{escape(why)}</td></tr>"
        for system, name, why in failures[:MOST_FAILURES]
    )
    more = len(failures) - MOST_FAILURES
    note = f'<p class="note">and {more:,} more</p>' if more > 0 else ""
    return [
        "<h2>Clips that failed</h2>",
        f"<table><tr><th>system</th><th>sentence</th><th>why</th></tr>{rows}</table>{note}",
    ]
