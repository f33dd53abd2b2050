"""A short quiz whose wrong answers explain themselves."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import ipywidgets

from ttslib.lab.widgets.static_view import StaticView

__all__ = ["Option", "Question", "Quiz"]


@dataclass(frozen=True)
class Option:
    """One answer to choose: its text, and why it is right or wrong."""

    text: str
    explanation: str
    correct: bool = False


@dataclass(frozen=True)
class Question:
    """A question with two or more options, one of them correct; `code` may be in backticks.

    Raises
    ------
    ValueError
        There are fewer than two options, or not exactly one correct one.
    """

    text: str
    options: Sequence[Option]

    def __post_init__(self):
        n_correct = sum(option.correct for option in self.options)
        if len(self.options) < 2 or n_correct != 1:
            raise ValueError(
                f"question {self.text!r} needs two or more options, one of them correct, "
                f"got {len(self.options)} with {n_correct} correct"
            )


class Quiz(StaticView):
    """Questions with a button for each option; pressing it explains why it is right or wrong.

    Tab and Space reach everything. The options are buttons because JupyterLab intercepts the arrow
    keys, which radio buttons would need. Readers without a kernel unfold the answers instead.

    Parameters
    ----------
    questions
        In the order in which they are asked.

    Raises
    ------
    ValueError
        There is no question.

    Taught in: notebooks/04_tacotron
    """

    def __init__(self, questions: Sequence[Question]):
        if not questions:
            raise ValueError("a quiz needs at least one question, got none")
        self.questions = tuple(questions)
        self._right: set[int] = set()
        self._score = ipywidgets.HTML()
        rows = [self._row(number) for number in range(len(questions))]
        super().__init__([*rows, self._score])
        self._show_score()

    def static_html(self) -> str:
        """Return every question, with its answers folded."""
        return "".join(
            f"<p><b>{number}. {_marked(question.text)}</b></p><ul>"
            + "".join(f"<li>{_marked(option.text)}</li>" for option in question.options)
            + "</ul><details><summary>Answers</summary><ul>"
            + "".join(f"<li>{_explained(option)}</li>" for option in question.options)
            + "</ul></details>"
            for number, question in enumerate(self.questions, 1)
        )

    def _row(self, number: int) -> ipywidgets.VBox:
        question = self.questions[number]
        title = ipywidgets.HTML(f"<b>{number + 1}. {_marked(question.text)}</b>")
        feedback = ipywidgets.HTML()
        rows = [
            ipywidgets.HBox(
                [
                    self._button(number, option, letter, feedback),
                    ipywidgets.HTML(_marked(option.text)),
                ]
            )
            for letter, option in zip(ascii_uppercase, question.options, strict=False)
        ]
        return ipywidgets.VBox([title, *rows, feedback])

    def _button(
        self, number: int, option: Option, letter: str, feedback: ipywidgets.HTML
    ) -> ipywidgets.Button:
        def answer(button: ipywidgets.Button) -> None:
            button.button_style = "success" if option.correct else "danger"
            feedback.value = f'<div role="status">{_explained(option)}</div>'
            (self._right.add if option.correct else self._right.discard)(number)
            self._show_score()

        button = ipywidgets.Button(
            description=letter,
            tooltip=f"Answer {letter}: {option.text}",
            layout=ipywidgets.Layout(width="3em", flex="none"),
        )
        button.on_click(answer)
        return button

    def _show_score(self) -> None:
        self._score.value = f"{len(self._right)} of {len(self.questions)} right"


def _explained(option: Option) -> str:
    verdict = "right" if option.correct else "wrong"
    return f"“{_marked(option.text)}” is <b>{verdict}</b>. {_marked(option.explanation)}"


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
