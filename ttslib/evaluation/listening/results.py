"""The results of a listening test: a table, a picture, files."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttslib.evaluation.listening.design import ListeningPlan
from ttslib.evaluation.listening.opinion import mean_opinions, opinion_differences, ratings_needed
from ttslib.evaluation.listening.preference import discriminations, preferences
from ttslib.evaluation.listening.ratings import Rating
from ttslib.evaluation.listening.screening import screen_raters
from ttslib.files import write_whole
from ttslib.plots import Picture
from ttslib.plots.listening import plot_opinions

__all__ = ["ListeningResults", "listening_results"]

Row = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class ListeningResults:
    """The results of one test; they print as a table."""

    plan: ListeningPlan
    ratings: tuple[Rating, ...]  # all except practice, including raters who were left out
    left_out: Mapping[str, Sequence[str]]  # rater -> reasons
    systems: tuple[Row, ...]  # a row for each system, or each pair in CMOS and ABX tests
    pairs: tuple[Row, ...]  # ACR: a row for each pair of systems

    @property
    def kept(self) -> list[Rating]:
        """Return the ratings behind the rows."""
        return [rating for rating in self.ratings if rating.rater not in self.left_out]

    def __str__(self) -> str:
        parts = [self.summary(), _table(self.systems)]
        if self.pairs:
            parts.append(_table(self.pairs))
        return "\n\n".join(parts)

    def summary(self) -> str:
        """Return the number of ratings by each rater, and who was left out and why."""
        raters = {rating.rater for rating in self.ratings}
        simulated = {rating.rater for rating in self.ratings if rating.simulated}
        of_them = f" ({len(simulated)} of them SIMULATED, not people)" if simulated else ""
        lines = [
            f"{self.plan.scale.title}: {len(self.ratings):,} ratings of {len(self.plan.items)} "
            f"sentences by {len(raters)} raters{of_them}"
        ]
        lines += [
            f"left out: {rater} ({'; '.join(reasons)})" for rater, reasons in self.left_out.items()
        ]
        return "\n".join(lines)

    def picture(self) -> Picture:
        """Return a picture of each row's scores, mean and interval."""
        labels = self.plan.scale.labels
        scores: dict[str, list[int]] = {}
        means = {}
        for row in self.systems:
            low, high = row["interval"]
            if self.plan.kind == "acr":
                means[row["system"]] = (row["MOS"], low, high)
                of_row = [r.score for r in self.kept if r.systems[0] == row["system"]]
                scores[row["system"]] = of_row
                continue
            name = f"{row['first']} against {row['second']}"
            both = {row["first"], row["second"]}
            of_row = [r for r in self.kept if set(r.systems) == both]
            if self.plan.kind == "cmos":
                means[name] = (row["CMOS"], low, high)
                scores[name] = [
                    r.score if r.systems[1] == row["first"] else -r.score for r in of_row
                ]
            else:
                means[name] = (row["right"], low, high)
                scores[name] = [int(r.systems[r.score - 1] == r.systems[2]) for r in of_row]
        if self.plan.kind == "abx":
            labels = {0: "wrong", 1: "right"}
        over = "by the binomial test" if self.plan.kind == "abx" else "over raters and sentences"
        people = "simulated raters" if any(r.simulated for r in self.kept) else ""
        return plot_opinions(
            means, scores, labels=labels, title=people,
            neutral={"acr": None, "cmos": 0.0, "abx": 0.5}[self.plan.kind],
            xlabel=f"bars: how often; dot and line: mean, 95 % {over}",
        )  # fmt: skip

    def save(self, folder: Path | str) -> list[Path]:
        """Write systems.csv, pairs.csv (ACR), ratings.csv and results.png into a folder.

        Readers see each file complete or not at all.
        """
        folder = Path(folder)
        ratings = [
            {
                "rater": r.rater, "simulated": int(r.simulated), "trial": r.trial, "item": r.item,
                "systems": " ".join(r.systems), "score": r.score, "rated_at": r.rated_at,
                "left_out": int(r.rater in self.left_out),
            }
            for r in self.ratings
        ]  # fmt: skip
        files = {
            "systems.csv": _csv(self.systems),
            "pairs.csv": _csv(self.pairs),
            "ratings.csv": _csv(ratings),
            "results.png": self.picture().png(),
        }
        written = []
        for name, content in files.items():
            if content:
                written.append(write_whole(folder / name, content))
        return written


def listening_results(
    plan: ListeningPlan,
    ratings: Sequence[Rating] | None = None,
    *,
    screen: bool = True,
    seed: int = 0,
) -> ListeningResults:
    """Analyze a test.

    Parameters
    ----------
    plan
        The test.
    ratings
        When not given, those in the test's folder.
    screen
        Whether to leave out raters who didn't listen (ACR tests); see `screen_raters`.
    seed
        Of the resampling.

    Raises
    ------
    ValueError
        As for `mean_opinions`, `preferences` and `discriminations`; or no rater is left.

    Taught in: notebooks/08_evaluation
    """
    found = [r for r in (plan.ratings() if ratings is None else ratings) if not r.practice]
    left_out = {}
    if screen and plan.kind == "acr" and found:
        checks = screen_raters(found, reference=plan.reference, anchor=plan.anchor)
        left_out = {check.rater: check.reasons for check in checks if not check.kept}
    kept = [rating for rating in found if rating.rater not in left_out]
    if found and not kept:
        raise ValueError(
            f"all {len(left_out)} raters were screened out; look at screen_raters, or don't screen"
        )
    rows, pairs = _rows(plan.kind, kept, seed)
    return ListeningResults(
        plan=plan, ratings=tuple(found), left_out=left_out, systems=tuple(rows), pairs=tuple(pairs)
    )


def _rows(kind: str, kept: Sequence[Rating], seed: int) -> tuple[list[Row], list[Row]]:
    if kind == "cmos":
        return [
            {
                "first": p.first, "second": p.second, "CMOS": p.mean, "interval": p.interval,
                "t interval": p.t_interval, "first better": p.n_first, "same": p.n_same,
                "second better": p.n_second, "p": p.p, "p (Holm)": p.p_holm,
            }
            for p in preferences(kept, seed=seed)
        ], []  # fmt: skip
    if kind == "abx":
        return [
            {
                "first": d.first, "second": d.second, "right": d.share, "interval": d.interval,
                "ratings": d.n_ratings, "p": d.p, "p (Holm)": d.p_holm,
            }
            for d in discriminations(kept)
        ], []  # fmt: skip
    opinions = mean_opinions(kept, seed=seed)
    needed = ratings_needed(kept)
    rows = [
        {
            "system": o.system, "MOS": o.mean, "interval": o.interval, "t interval": o.t_interval,
            "ratings": o.n_ratings, "more for ±0.1": needed[o.system],
        }
        for o in opinions
    ]  # fmt: skip
    if len(opinions) < 2:
        return rows, []
    return rows, [
        {
            "first": d.first, "second": d.second, "difference": d.difference,
            "interval": d.interval, "sentences": d.n_items, "p": d.p, "p (Holm)": d.p_holm,
        }
        for d in opinion_differences(kept, seed=seed)
    ]  # fmt: skip


def _table(rows: Sequence[Row]) -> str:
    cells = [list(rows[0]), *([_shown(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    is_text = [isinstance(value, str) for value in rows[0].values()]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in cells
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.2f} to {value[1]:.2f}"
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"
    return str(value)


def _csv(rows: Sequence[Row]) -> bytes:
    if not rows:
        return b""
    flat = []
    for row in rows:
        flat.append({})
        for name, value in row.items():
            if isinstance(value, tuple):
                flat[-1] |= {f"{name} low": value[0], f"{name} high": value[1]}
            else:
                flat[-1][name] = value
    text = io.StringIO()
    writer = csv.DictWriter(text, list(flat[0]))
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode("utf-8")
