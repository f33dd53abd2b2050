"""The checks of notebook 07, in which the learner writes the code that turns a model into a voice.

Each `check_` function tests a part on cases with known answers and returns the part to use from
then on: the learner's if it passes, else the library's, so that the notebook runs to its end.

Shapes: B sentences, M mel bands, r frames per step, S steps, T = r S frames, N tokens, E width of a
speaker's vector.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

import ttslib.lab
from ttslib.nn.alignment import alignment_durations

__all__ = ["check_between", "check_free_run", "check_streaming", "check_word_times"]

# each sentence's gates, step by step; r, the threshold, max_steps; the steps of each sentence
EARLY, LATE = [0.1, 0.75, 0.2, 0.9, 0.3], [0.1, 0.2, 0.3, 0.1, 0.8]
RUNS = (
    ([EARLY, LATE], 2, 0.5, 9, [2, 5]),
    ([LATE, EARLY], 3, 0.5, 9, [5, 2]),
    ([EARLY, EARLY, LATE], 2, 0.75, 9, [4, 4, 5]),
    ([EARLY, LATE], 3, 0.05, 9, [1, 1]),
    ([EARLY, LATE], 3, 0.85, 5, [4, 5]),
    ([LATE, EARLY], 1, 0.95, 3, [3, 3]),
    ([EARLY], 2, 0.5, 9, [2]),
    ([EARLY], 2, 0.95, 1, [1]),
)

PEOPLE = torch.tensor([[0.0, 0.0, 4.0], [2.0, 1.0, 0.0], [6.0, -3.0, 8.0]])
WAYS = ((0, 1, 0.25), (2, 1, 0.5), (1, 0, 1.0), (0, 2, 0.0), (1, 2, 0.8), (1, 1, 0.3))

SHARP, SOFT = 1.0, 0.6  # a frame's weight on the token that is spoken; the rest is on the next one
# tokens (_ is a space), frames of each, the words' times, the weight
SUBTITLED = (
    ("HH AY1 , _ Y UW1 . ~", [2, 5, 4, 1, 3, 6, 2, 1], [(0, 7), (12, 21)], SHARP),
    ("G OW1 ! _ N AW1 ; ~", [3, 4, 2, 1, 5, 0, 3, 2], [(0, 7), (10, 15)], SHARP),
    ("- AY1 : _ AY1 ? ~", [2, 4, 3, 2, 5, 1, 1], [(2, 6), (11, 16)], SHARP),
    ("AY1 _ - _ AY1 ; ~", [4, 1, 1, 2, 3, 2, 1], [(0, 4), (8, 11)], SHARP),
    ("OW1 ~", [5, 2], [(0, 5)], SHARP),
    ("G OW1 _ OW1 N ~", [6, 3, 2, 4, 5, 2], [(0, 9), (11, 20)], SOFT),
)
MARKS = ",.?!;:-~"

SAID: tuple[tuple[list[str], int], ...] = (
    (["Hi.", "Good day.", "Bye."], 5),
    (["Alone."], 5),
    (["Yes.", "No.", "Yes."], 4),
    (["On.", "Off."], 3),
    ([], 5),
)


def check_free_run(name: str, free_run: Callable) -> Callable:
    """Check `free_run(step, first, threshold, max_steps)`.

    It returns mel (B, M, T), alignment (B, S, N), gates (B, S) and the B numbers of steps.
    """

    def problem(_: Any) -> str | bool:
        for gates, r, threshold, max_steps, steps in RUNS:
            case = f"gates {gates}, threshold {threshold}, max_steps {max_steps}, r = {r}"
            step = _Scripted(gates, r, threshold, max_steps)
            first = torch.tensor([[5.0, -5.0]] * len(gates)) + torch.arange(len(gates))[:, None]
            try:
                mel, alignment, got, counted = free_run(step, first.clone(), threshold, max_steps)
            except _StepTooMany as error:
                return f"{case}: {error}"
            if len(step.received) != max(steps):
                return f"{case}: {max(steps)} steps expected, {len(step.received)} made"
            expected = [first, *(frames[:, :, -1] for frames in step.made[:-1])]
            for number, (frame, want) in enumerate(zip(step.received, expected, strict=True), 1):
                if frame.shape != want.shape or not torch.equal(frame, want):
                    wanted = "`first`" if number == 1 else f"the last frames of step {number - 1}"
                    return f"{case}: step {number} must receive {wanted}, it received {frame}"
            parts = {
                "mel": (mel, torch.cat(step.made, dim=2)),
                "alignment": (alignment, torch.stack(step.attended, dim=1)),
                "gates": (got, step.gates[:, : max(steps)]),
            }
            for part, (have, want) in parts.items():
                if not isinstance(have, Tensor) or have.shape != want.shape:
                    return (
                        f"{case}: {part} of shape {tuple(want.shape)} expected, got {_seen(have)}"
                    )
                if have.dtype == torch.bool or not torch.equal(have, want):
                    return f"{case}: {part} should hold what the steps returned, in their order"
            if [int(one) for one in counted] != steps:
                return f"{case}: steps {steps} expected, got {[int(one) for one in counted]}"
        return True

    hint = "keep for each sentence if it is still speaking: a gate that falls again doesn't undo it"
    started = lambda: free_run(_Scripted([[0.0]], 1, 0.5, 1), torch.zeros(1, 2), 0.5, 1)  # noqa: E731
    solved = ttslib.lab.check_that(name, started, problem, hint=hint)
    return free_run if solved else _free_run


class _StepTooMany(Exception):
    pass


class _Scripted:
    """A model's step for B sentences whose gates are given; it records its inputs."""

    def __init__(self, gates: Sequence[Sequence[float]], r: int, threshold: float, max_steps: int):
        self.gates, self.r = torch.tensor(gates), r
        self.threshold, self.max_steps = threshold, max_steps
        self.received: list[Tensor] = []
        self.made: list[Tensor] = []
        self.attended: list[Tensor] = []

    def __call__(self, frame: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        number = len(self.made)
        if number == self.max_steps:
            raise _StepTooMany(f"a step was made after max_steps = {number}")
        if number and (self.gates[:, :number] > self.threshold).any(dim=1).all():
            raise _StepTooMany("a step was made after the gate of every sentence had fired")
        self.received.append(frame)
        sentences = torch.arange(len(self.gates))
        frames = torch.arange(self.r) + 10.0 * (number + 1) + 100.0 * sentences[:, None]
        self.made.append(torch.stack([frames, -frames], dim=1))
        self.attended.append(torch.eye(self.gates.shape[1]).roll(number, 0)[sentences])
        return self.made[-1], self.gates[:, number], self.attended[-1]


def check_between(name: str, between: Callable) -> Callable:
    """Check `between(table, first, second, share)`: a vector (E,) between two rows."""

    def problem(answers: list[tuple[Tensor, Tensor]]) -> str | bool:
        for (first, second, share), (vector, table) in zip(WAYS, answers, strict=True):
            if not torch.equal(table, PEOPLE):
                return "your function changed the table; it should only read it"
            if vector.shape != PEOPLE[0].shape:
                return f"one vector (E,) = (3,) is wanted, got {_seen(vector)}"
            whole = float((PEOPLE[second] - PEOPLE[first]).norm())
            got = [float((vector - PEOPLE[row]).norm()) for row in (first, second)]
            if max(abs(got[0] - share * whole), abs(got[1] - (1 - share) * whole)) > 1e-3:
                far = f"{got[0]:.2f} from speaker {first} and {got[1]:.2f} from {second}"
                return (
                    f"share {share} of the way from {first} to {second} ({whole:.2f} apart): {far}"
                )
        return True

    hint = "at share 0 it is the first row, at share 1 the second"
    tables = [PEOPLE.clone() for _ in WAYS]

    def tried() -> list:
        vectors = [between(table, *way) for table, way in zip(tables, WAYS, strict=True)]
        if any(vector is None or vector is ... for vector in vectors):
            return vectors  # the exercise is open
        return list(zip(vectors, tables, strict=True))

    return between if ttslib.lab.check_that(name, tried, problem, hint=hint) else _between


def check_word_times(name: str, word_times: Callable) -> Callable:
    """Check `word_times(tokens, alignment)`: [(start, end), ...] in frames."""

    def problem(answers: list) -> str | bool:
        for (line, frames, want, sharpness), times in zip(SUBTITLED, answers, strict=True):
            got = ", ".join(f"({float(start):g}, {float(end):g})" for start, end in times)
            if got != str(want)[1:-1]:
                soft = "" if sharpness == SHARP else ", 0.4 of each weight on the next token"
                return f"{line!r}, lasting {frames} frames{soft}: expected {want}, got [{got}]"
        return True

    def tried() -> list:
        return [
            word_times(_symbols(line), _aligned(frames, sharpness))
            for line, frames, _, sharpness in SUBTITLED
        ]

    hint = "torch.cumsum of the durations gives each token's end; a word ends at its last phoneme"
    return word_times if ttslib.lab.check_that(name, tried, problem, hint=hint) else _word_times


def check_streaming(name: str, stream: Callable) -> Callable:
    """Check `stream(speak, sentences, pause)`: a generator of sounds with pauses between them."""

    def problem(heard: list) -> str | bool:
        for (sentences, pause), (spoken, pieces, ahead) in zip(SAID, heard, strict=True):
            if spoken != sentences:
                return f"asked for {sentences}, spoken: {spoken}"
            want = [*_stream(_numbered([]), sentences, pause)]
            n = len(sentences)
            counts = f"{_count(n, 'sound')} and {_count(max(0, n - 1), 'pause')} of {pause}"
            length, wanted = sum(map(len, pieces)), sum(map(len, want))
            if length != wanted:
                return f"{sentences}: expected {wanted} samples ({counts}), got {length}"
            if not torch.equal(_joined(pieces), _joined(want)):
                return f"{sentences}: the pauses of {pause} samples aren't between the sounds"
            for piece, count in zip(pieces, ahead, strict=True):
                if len(piece) and 0 < piece.max() < count:
                    return f"{count} sentences were computed before sound {piece.max():.0f} came"
            if list(map(len, pieces)) != list(map(len, want)):
                got = list(map(len, pieces))
                return f"{sentences}: {len(want)} pieces expected ({counts}), got pieces of {got}"
        return True

    def tried() -> list:
        return [_watched(stream, *case) for case in SAID]

    hint = "yield one piece per turn of the loop; a pause comes before each sentence but the first"
    return stream if ttslib.lab.check_that(name, tried, problem, hint=hint) else _stream


def _watched(stream: Callable, sentences: list[str], pause: int) -> tuple:
    """Run a generator; return its requests, its pieces, and how much was spoken at each piece."""
    spoken: list[str] = []
    pieces: list[Tensor] = []
    ahead: list[int] = []
    for piece in stream(_numbered(spoken), sentences, pause):
        pieces.append(piece)
        ahead.append(len(spoken))
    return spoken, pieces, ahead


def _numbered(spoken: list[str]) -> Callable[[str], Tensor]:
    """Return a `speak` whose n-th sound consists of n."""

    def speak(sentence: str) -> Tensor:
        spoken.append(sentence)
        return torch.full((len(sentence),), float(len(spoken)))

    return speak


def _joined(pieces: Sequence[Tensor]) -> Tensor:
    return torch.cat([torch.zeros(0), *pieces])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _seen(value: Any) -> str:
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"{value!r:.60}"


def _symbols(line: str) -> list[str]:
    return [" " if symbol == "_" else symbol for symbol in line.split()]


def _aligned(frames: Sequence[int], sharpness: float) -> Tensor:
    tokens = torch.eye(len(frames))
    following = tokens[[*range(1, len(frames)), -1]]
    rows = sharpness * tokens + (1 - sharpness) * following
    return rows.repeat_interleave(torch.tensor(frames), dim=0)


# The parts that the notebook uses while an exercise is open


def _free_run(
    step: Callable, first: Tensor, threshold: float, max_steps: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    made: list[Tensor] = []
    alignment: list[Tensor] = []
    gates: list[Tensor] = []
    frame, speaking = first, torch.ones(len(first), dtype=torch.bool)
    steps = torch.zeros(len(first), dtype=torch.int64)
    while len(made) < max_steps and speaking.any():
        frames, gate, weights = step(frame)
        frame = frames[:, :, -1]
        steps += speaking
        speaking = speaking & (gate <= threshold)
        made.append(frames)
        alignment.append(weights)
        gates.append(gate)
    return (
        torch.cat(made, dim=2),
        torch.stack(alignment, dim=1),
        torch.stack(gates, dim=1),
        steps,
    )


def _between(table: Tensor, first: int, second: int, share: float) -> Tensor:
    return torch.lerp(table[first], table[second], share)


def _word_times(tokens: Sequence[str], alignment: Tensor) -> list[tuple[int, int]]:
    ends = alignment_durations(alignment).cumsum(0).tolist()
    words: list[list[tuple[int, int]]] = [[]]
    for token, start, end in zip(tokens, [0, *ends], ends, strict=False):
        if token == " ":
            words.append([])
        elif token not in MARKS:
            words[-1].append((start, end))
    return [(word[0][0], word[-1][1]) for word in words if word]


def _stream(speak: Callable, sentences: Sequence[str], pause: int) -> Iterator[Tensor]:
    for number, sentence in enumerate(sentences):
        if number:
            yield torch.zeros(pause)
        yield speak(sentence)
