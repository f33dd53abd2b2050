"""Take part in a listening test: a clip, or two or three to compare, and one question at a time."""

import base64
import html
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ttslib.audio.files import audio_seconds
from ttslib.evaluation.listening.design import ListeningPlan, Trial, open_listening_test
from ttslib.lab.widgets.static_view import StaticView

__all__ = ["ListeningTest"]

TROUBLE = (
    "Something went wrong on the computer that runs this test. All answers before this one are "
    "kept. Please tell whoever invited you."
)
NOTES, MOST_NOTES = "trouble.txt", 1_000_000  # bytes
ANSWERING = 4.0  # seconds that an answer takes, to estimate the length of the whole test


class _Stage(anywidget.AnyWidget):
    """Shows one screen at a time.

    It sends {"join": name}, {"go": True}, {"heard": trial, "clip": place}, {"score": score,
    "trial": trial} and {"pause": True}.
    """

    screen = traitlets.Dict().tag(sync=True)
    _esm = Path(__file__).with_name("listening_test.js")
    _css = Path(__file__).with_name("listening_test.css")


class ListeningTest(StaticView):
    """The rater's side of a listening test, in a notebook or on a separate page.

    A rater enters a name, sets the volume, and hears the clips in an order of their own. An answer
    can be chosen only when every clip of the question was played to its end, and it is on the disk
    before the next clip is shown: raters who stop, or are cut off, continue under the same name
    where they were. Keyboard: Space plays, the digits choose, Enter continues.

    Nothing on the screen reveals a clip's system. The sounds reach the browser without any name and
    are played unchanged, since `make_listening_test` has brought them to one level.

    Parameters
    ----------
    test
        A test's folder, or its plan. The plan must be on disk.
    rater
        The rater's name; if given, the page doesn't ask for it.

    Raises
    ------
    FileNotFoundError
        The folder has no test.
    ValueError
        Its manifest is damaged, or the name belongs to a simulated rater.

    Taught in: notebooks/08_evaluation
    """

    def __init__(self, test: Path | str | ListeningPlan, *, rater: str = ""):
        self.plan = test if isinstance(test, ListeningPlan) else open_listening_test(test)
        self._rater = ""
        self._trials: list[Trial] = []
        self._n_rated = 0
        self._current: Trial | None = None
        self._heard: set[int] = set()  # the current trial's clips that were played to the end
        self._stage = _Stage()
        self._stage.on_msg(self._on_message)
        super().__init__([self._stage])
        if rater:
            self._join(rater)
        else:
            self._welcome()

    def static_html(self) -> str:
        """Return the question with its answers, and the clip for setting the volume."""
        scale = self.plan.scale
        answers = "".join(f"<li>{html.escape(words)}</li>" for words in scale.labels.values())
        data = base64.b64encode(self._volume_clip()).decode("ascii")
        return (
            f"<p><b>{html.escape(self._question)}</b></p><ul>{answers}</ul>"
            '<audio controls aria-label="a clip of the test" '
            f'src="data:audio/flac;base64,{data}"></audio>'
            f"<p>{len(self.plan.trials(0))} questions, asked when the notebook runs.</p>"
        )

    @property
    def _question(self) -> str:
        return self.plan.question or self.plan.scale.question

    def _on_message(self, _stage: _Stage, content: dict[str, Any], _buffers: list) -> None:
        try:
            if "join" in content:
                self._join(content["join"])
            elif "go" in content:
                self._next()
            elif "heard" in content:
                trial = self._current
                if trial is not None and content["heard"] == trial.number:
                    self._heard |= {content["clip"]} & set(range(len(trial.systems)))
            elif "score" in content:
                self._rate(content["trial"], content["score"])
            elif "pause" in content:
                self._show("paused", rater=self._rater, rated=self._n_rated)
        except Exception:  # its message may have paths and code, so only the test's host sees it
            self._note(traceback.format_exc())
            self._show("trouble", message=TROUBLE)

    def _note(self, trouble: str) -> None:
        """Append an error to a file in the test's folder; skip it if the disk is full."""
        with suppress(OSError), (Path(self.plan.folder or ".") / NOTES).open("a") as file:
            if file.tell() < MOST_NOTES:
                file.write(trouble + "\n")

    def _show(self, name: str, **what: object) -> None:
        self._stage.screen = {"name": name, **what}

    def _welcome(self, alert: str = "") -> None:
        trials = self.plan.trials(0)
        lengths = [
            audio_seconds(self.plan.clip(system, trial.item)) or 0.0
            for trial in trials
            for system in trial.systems
        ]
        minutes = (sum(lengths) + ANSWERING * len(trials)) / 60
        self._show(
            "welcome",
            questions=len(trials),
            minutes=max(1, round(minutes)),
            advice=self.plan.scale.advice,
            alert=alert,
        )

    def _join(self, rater: str) -> None:
        try:
            with self.plan.store() as store:
                number = store.join(rater)
        except ValueError as error:
            self._welcome(alert=str(error))
            return
        self._rater = rater.strip()
        self._trials = self.plan.trials(number)
        self._find_current()
        if self._current is None:
            self._next()
        else:
            self._show("volume", clips=[self._volume_clip()], rated=self._n_rated)

    def _volume_clip(self) -> bytes:
        system = self.plan.reference or self.plan.systems[0]
        return self.plan.clip(system, self.plan.practice_item or self.plan.items[0]).read_bytes()

    def _find_current(self) -> None:
        """Find what isn't rated yet, by the ratings on disk: another window may be ahead."""
        with self.plan.store() as store:
            rated = store.rated(self._rater)
        left = [trial for trial in self._trials if trial.number not in rated]
        self._n_rated = len(rated)
        self._current = left[0] if left else None
        self._heard = set()

    def _next(self) -> None:
        self._find_current()
        trial = self._current
        if trial is None:
            self._show("done", rated=self._n_rated)
            return
        alike = [other.number for other in self._trials if other.practice == trial.practice]
        scale = self.plan.scale
        keys = scale.labels if self.plan.kind == "acr" else range(1, len(scale.labels) + 1)
        self._show(
            "trial",
            trial=trial.number,
            practice=trial.practice,
            place=trial.number - alike[0] + 1,
            of=len(alike),
            question=self._question,
            names=list(scale.clips),
            clips=[self.plan.clip(system, trial.item).read_bytes() for system in trial.systems],
            answers=[
                [score, words, str(key)]
                for (score, words), key in zip(scale.labels.items(), keys, strict=True)
            ],
        )

    def _rate(self, number: int, score: int) -> None:
        trial = self._current
        if trial is None or number != trial.number:
            return  # a second click on a trial that is already rated
        if len(self._heard) < len(trial.systems):
            raise ValueError("an answer came before every clip was heard to its end")
        rating = self.plan.rate(self._rater, trial, score)
        with self.plan.store() as store:
            store.add(rating)
        self._next()
