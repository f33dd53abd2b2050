"""Self-checks for the exercises: what is wrong, and a hint at why.

A check never raises for a learner's answer. A missing answer (`...`, None, or the notebook's own
`raise NotImplementedError("replace this line")`) is "not solved yet", so that a notebook with open
exercises runs to its end. PyTorch also raises NotImplementedError for a type that an operation
doesn't accept: that is a mistake, and explained like any other exception.
"""

import html
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Literal

import numpy as np
from IPython.display import display
from torch import Tensor

__all__ = ["Check", "check", "check_that"]

UNFINISHED = ("", "replace this line")  # messages of the errors that mark an open exercise
LOOKS = {"solved": "#1a7f37", "not solved yet": "#57606a", "not right yet": "#b35900"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """The result of a check, true if the exercise is solved; it is shown when it is created."""

    name: str
    verdict: Literal["solved", "not solved yet", "not right yet"]
    problem: str = ""
    hint: str = ""

    def __bool__(self) -> bool:
        return self.verdict == "solved"

    def __str__(self) -> str:
        told = ": ".join(part for part in (self.name, self.verdict, self.problem) if part)
        return f"{told}\nHint: {self.hint}" if self.hint else told

    def _ipython_display_(self) -> None:
        """Show nothing more when a check is the last line of a cell."""


@dataclass(frozen=True)
class _Shown:
    check: Check

    def __repr__(self) -> str:
        return str(self.check)

    def _repr_html_(self) -> str:
        first, *hint = (html.escape(line) for line in str(self.check).split("\nHint: "))
        hint = f'<br><span style="opacity:0.8">Hint: {hint[0]}</span>' if hint else ""
        color = LOOKS[self.check.verdict]
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:4px 10px">'
            f'<span style="white-space:pre-wrap">{first}</span>{hint}</div>'
        )


def check(name: str, got: Any, want: Any, *, tolerance: float = 1e-4, hint: str = "") -> Check:
    """Compare an answer with the right one, show the verdict and return it (true if solved).

    Parameters
    ----------
    name
        The exercise, e.g. "Exercise 1".
    got
        The answer: a tensor, array, number, text, list or dict. A function without parameters is
        called, so that errors in the learner's code are caught: `lambda: my_mel(waveform)`.
    want
        The right answer.
    tolerance
        The largest difference of numbers, relative to the larger of 1 and the right value.
    hint
        Shown when the answer is wrong: where to look.

    Taught in: notebooks/04_tacotron
    """
    return _judge(name, got, lambda answer: _difference(answer, want, tolerance), hint)


def check_that(
    name: str, got: Any, condition: Callable[[Any], bool | str], *, hint: str = ""
) -> Check:
    """Check whether an answer meets a condition; show the verdict and return it.

    Parameters
    ----------
    name
        The exercise.
    got
        The answer, or a function without parameters that gives it.
    condition
        For an answer, returns True if it is right, else False or a sentence on what is wrong.
    hint
        Shown when the answer is wrong.

    Taught in: notebooks/04_tacotron
    """

    def problem(answer: Any) -> str:
        verdict = condition(answer)
        if isinstance(verdict, str):
            return verdict
        return "" if verdict else f"{_short(answer)} isn't it"

    return _judge(name, got, problem, hint)


def _judge(name: str, got: Any, find_problem: Callable[[Any], str], hint: str) -> Check:
    """Judge an answer; an exception in the learner's code becomes part of the verdict."""
    try:
        answer = got() if isinstance(got, FunctionType) else got
        if _is_open(answer):
            result = Check(name=name, verdict="not solved yet")
        elif problem := find_problem(answer):
            result = Check(name=name, verdict="not right yet", problem=problem, hint=hint)
        else:
            result = Check(name=name, verdict="solved")
    except Exception as error:
        if type(error) is NotImplementedError and str(error) in UNFINISHED:
            result = Check(name=name, verdict="not solved yet")
        else:
            problem = f"{type(error).__name__}: {error}, raised by: {_line_of(error):.80}"
            result = Check(name=name, verdict="not right yet", problem=problem, hint=hint)
    display(_Shown(result))
    return result


def _line_of(error: Exception) -> str:
    """Return the last line before an error that isn't in an installed package."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return (own or frames)[-1].line or "code that isn't shown"


def _is_open(answer: Any) -> bool:
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    return any(part is None or part is Ellipsis for part in parts)


def _difference(got: Any, want: Any, tolerance: float) -> str:
    """Return what is wrong, in a sentence; empty if nothing is."""
    if isinstance(want, (str, bool)):
        return "" if type(got) is type(want) and got == want else _unequal(got, want)
    if isinstance(want, Mapping):
        return _mapping_difference(got, want, tolerance)
    if _is_numeric(want):
        if not _is_numeric(got):
            return f"expected {_describe(want)}, got {_describe(got)}"
        return _numeric_difference(_numbers(got), _numbers(want), tolerance)
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)):
        if len(got) != len(want):
            return f"expected {len(want)} entries, got {len(got)}"
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            if problem := _difference(one, other, tolerance):
                return f"entry {place}: {problem}"
        return ""
    return "" if got == want else _unequal(got, want)


def _mapping_difference(got: Any, want: Mapping, tolerance: float) -> str:
    if not isinstance(got, Mapping):
        return f"expected a dict, got {_describe(got)}"
    if got.keys() != want.keys():
        return f"expected the keys {sorted(map(str, want))}, got {sorted(map(str, got))}"
    for key, value in want.items():
        if problem := _difference(got[key], value, tolerance):
            return f"{key!r}: {problem}"
    return ""


def _numeric_difference(got: np.ndarray, want: np.ndarray, tolerance: float) -> str:
    if got.shape != want.shape:
        turned = "; it looks transposed" if got.shape == want.shape[::-1] else ""
        return f"the shape differs: expected {want.shape}, got {got.shape}{turned}"
    if np.isnan(got).any() and not np.isnan(want).any():
        return f"{np.isnan(got).sum()} of {got.size} values are NaN"
    with np.errstate(invalid="ignore"):  # infinity compared with infinity
        far = np.abs(got - want)
    wrong = ~(far <= tolerance * np.maximum(1, np.abs(want))) & ~((got == want) | np.isnan(want))
    if not wrong.any():
        return ""
    if got.ndim == 0:
        return f"expected {want:.6g}, got {got:.6g}"
    worst = np.unravel_index(np.argmax(np.where(wrong, far, -1)), far.shape)
    place = ", ".join(str(int(index)) for index in worst)
    return (
        f"{wrong.sum()} of {wrong.size} values are wrong; the worst is at [{place}]: "
        f"expected {want[worst]:.6g}, got {got[worst]:.6g}"
    )


def _is_numeric(value: Any) -> bool:
    if isinstance(value, Tensor):
        return True
    try:
        return np.asarray(value).dtype.kind in "biuf" and np.size(value) > 0
    except ValueError:  # a ragged list
        return False


def _numbers(value: Any) -> np.ndarray:
    return np.asarray(value.detach().cpu() if isinstance(value, Tensor) else value, dtype=float)


def _unequal(got: Any, want: Any) -> str:
    return f"expected {_short(want)}, got {_short(got)}"


def _describe(value: Any) -> str:
    if isinstance(value, (Tensor, np.ndarray)):
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, (Tensor, np.ndarray)):
        return _describe(value)
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
