import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ttslib.lab import check, check_that
from ttslib.lab.checks import _Shown


@pytest.fixture
def told(capsys):
    """What the learner reads (outside IPython, display prints)."""
    return lambda: capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (3, 3),
        (0.30000001, 0.3),
        ("hello", "hello"),
        (True, True),
        ([1, 2.0], (1, 2)),
        (np.ones(3), torch.ones(3)),
        (torch.ones(3, requires_grad=True), [1, 1, 1]),
        (["AH0", "B"], ["AH0", "B"]),
        ({"a": torch.ones(2)}, {"a": torch.ones(2)}),
        (torch.tensor([1.0, float("inf")]), torch.tensor([1.0, float("inf")])),
        (lambda: 3, 3),
    ],
)
def test_right_answers_are_solved(got, want, told):
    assert check("Exercise 1", got, want)
    assert told() == "Exercise 1: solved"


def unfinished():
    raise NotImplementedError


@pytest.mark.parametrize("got", [..., None, (..., 3), [None], lambda: ..., unfinished])
def test_an_open_exercise_is_neither_right_nor_an_error(got, told):
    result = check("Exercise 1", got, 3, hint="look at the shapes")
    assert not result
    assert result.verdict == "not solved yet"
    assert told() == "Exercise 1: not solved yet"


@pytest.mark.parametrize(
    ("got", "want", "problem"),
    [
        (4, 3, "expected 3, got 4"),
        ("a", "b", "expected 'b', got 'a'"),
        (1, True, "expected True, got 1"),
        (
            torch.ones(2, 3),
            torch.ones(3, 2),
            r"expected \(3, 2\), got \(2, 3\); it looks transposed",
        ),
        (torch.ones(3), torch.ones(4), r"the shape differs: expected \(4,\), got \(3,\)$"),
        ([1, 5, 3], [1, 2, 3], r"1 of 3 values are wrong; the worst is at \[1\]: expected 2, got"),
        (torch.tensor([1.0, float("nan")]), torch.ones(2), "1 of 2 values are NaN"),
        ("text", torch.ones(2), r"expected Tensor of shape \(2,\), got 'text'"),
        (["a", "c"], ["a", "b"], "entry 1: expected 'b', got 'c'"),
        (["a"], ["a", "b"], "expected 2 entries, got 1"),
        ({"a": 1}, {"b": 1}, r"expected the keys \['b'\], got \['a'\]"),
        ({"a": 1}, {"a": 2}, "'a': expected 2, got 1"),
        (lambda: 1 / 0, 3, "ZeroDivisionError: division by zero"),
        (
            lambda: torch.nn.functional.pad(torch.ones(5), (0, 1), mode="reflect"),
            torch.ones(6),
            "NotImplementedError: ",  # torch's own, for a missing batch axis
        ),
        (
            lambda: torch.arange(3).softmax(0),
            3,
            "NotImplementedError: .*not implemented for 'Long'",
        ),
        (lambda: F.relu(3), 3, r"TypeError: .*raised by: \(lambda: F.relu\(3\)"),
        ([[1], [1, 2]], torch.ones(2), r"expected Tensor of shape \(2,\)"),
    ],
)
def test_a_wrong_answer_says_what_is_wrong_and_hints(got, want, problem, told):
    result = check("Exercise 1", got, want, hint="mind the axes")
    assert result.verdict == "not right yet"
    with pytest.raises(AssertionError):
        assert result
    assert re.search(problem, result.problem)
    assert told().endswith("Hint: mind the axes")


def test_the_tolerance_is_the_callers():
    assert not check("x", 1.01, 1.0)
    assert check("x", 1.01, 1.0, tolerance=0.02)
    assert check("x", 1000.05, 1000.0)  # relative for large values


def test_conditions_may_explain(told):
    assert check_that("x", [3, 1], lambda answer: sum(answer) == 4)
    assert not check_that("x", 5, lambda answer: answer < 3)
    assert "5 isn't it" in told()
    assert not check_that("x", 5, lambda answer: answer < 3 or "it must be below 3")
    assert "it must be below 3" in told()
    assert not check_that("x", 5, lambda answer: answer.shape == (3,))
    assert "AttributeError" in told()
    assert check_that("x", ..., lambda answer: True).verdict == "not solved yet"


def test_the_page_escapes_what_the_learner_wrote():
    page = _Shown(check("x", "<b>", "<i>", hint="a & b"))._repr_html_()
    assert "&lt;b&gt;" in page
    assert "Hint: a &amp; b" in page
