"""The checks of notebook 07, in which the learner writes the code that turns a model into a voice.

Each `check_` function tests a part on cases with known answers and returns the part to use from
then on: the learner's if it passes, else the library's, so that the notebook runs to its end.

Shapes: M mel bands, r frames per step, S steps, T frames, N tokens, E width of a speaker's vector.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

import ttslib.lab
from ttslib.nn.alignment import alignment_durations

__all__ = ["check_between", "check_free_run", "check_streaming", "check_word_times"]

FLICKER = [0.1, 0.7, 0.2, 0.9, 0.3]
# the gates of the steps, r, the threshold, max_steps; the number of steps
RUNS = (
    (FLICKER, 2, 0.5, 9, 2),
    (FLICKER, 2, 0.7, 9, 4),
    (FLICKER, 3, 0.05, 9, 1),
    (FLICKER, 3, 0.95, 5, 5),
    (FLICKER, 1, 0.95, 3, 3),
    (FLICKER, 2, 0.95, 1, 1),
)

PEOPLE = torch.tensor([[0.0, 0.0, 4.0], [2.0, 1.0, 0.0], [6.0, -3.0, 8.0]])
WAYS = ((0, 1, 0.25), (2, 1, 0.5), (1, 0, 1.0), (0, 2, 0.0), (1, 2, 0.8), (1, 1, 0.3))

# tokens (_ is a space), frames of each, the words' times
SUBTITLED = (
    ("HH AY1 , _ Y UW1 . ~", [2, 5, 4, 1, 3, 6, 2, 1], [(0, 7), (12, 21)]),
    ("G OW1 ! _ N AW1 ; ~", [3, 4, 2, 1, 5, 0, 3, 2], [(0, 7), (10, 15)]),
    ("- AY1 : _ AY1 ? ~", [2, 4, 3, 2, 5, 1, 1], [(2, 6), (11, 16)]),
    ("AY1 _ - _ AY1 ; ~", [4, 1, 1, 2, 3, 2, 1], [(0, 4), (8, 11)]),
    ("OW1 ~", [5, 2], [(0, 5)]),
)
MARKS = ",.?!;:-~"

SAID: tuple[tuple[list[str], int], ...] = (
    (["Hi.", "Good day.", "Bye."], 5),
    (["Alone."], 5),
    (["On.", "Off."], 3),
    ([], 5),
)


def check_free_run(name: str, free_run: Callable) -> Callable:
    """Check `free_run(step, first, threshold, max_steps)`: mel (M, T), alignment (S, N), gates."""

    def problem(_: Any) -> str | bool:
        for gates, r, threshold, max_steps, steps in RUNS:
            case = f"gates {gates}, threshold {threshold}, max_steps {max_steps}, r = {r}"
            step = _Scripted(gates, r, threshold, max_steps)
            first = torch.tensor([5.0, -5.0])
            mel, alignment, got = free_run(step, first, threshold, max_steps)
            if len(step.received) != steps:
                return f"{case}: {steps} steps expected, {len(step.received)} made"
            expected = [first, *(frames[:, -1] for frames in step.made[:-1])]
            for number, (frame, want) in enumerate(zip(step.received, expected, strict=True), 1):
                if frame.shape != want.shape or not torch.equal(frame, want):
                    wanted = "`first`" if number == 1 else f"the last frame of step {number - 1}"
                    return f"{case}: step {number} must receive {wanted}, it received {frame}"
            if not torch.equal(mel, torch.cat(step.made, dim=1)):
                shape = tuple(torch.cat(step.made, dim=1).shape)
                return f"{case}: the mel should be all frames in order, {shape}; got {_seen(mel)}"
            if not torch.equal(alignment, torch.eye(len(gates))[:steps]):
                rows = (steps, len(gates))
                return f"{case}: the alignment has one row a step, {rows}; got {_seen(alignment)}"
            if list(got) != gates[:steps]:
                return f"{case}: the gates should be {gates[:steps]}, got {list(got)}"
        return True

    hint = "one step per turn: keep what it made, stop if the gate is above, else pass on the last"
    started = lambda: free_run(_Scripted([0.0], 1, 0.5, 1), torch.zeros(2), 0.5, 1)  # noqa: E731
    solved = ttslib.lab.check_that(name, started, problem, hint=hint)
    return free_run if solved else _free_run


class _Scripted:
    """A model's step with given gates; it records its inputs."""

    def __init__(self, gates: Sequence[float], r: int, threshold: float, max_steps: int):
        self.gates, self.r, self.threshold, self.max_steps = gates, r, threshold, max_steps
        self.received: list[Tensor] = []
        self.made: list[Tensor] = []

    def __call__(self, frame: Tensor) -> tuple[Tensor, float, Tensor]:
        number = len(self.made)
        if number == self.max_steps:
            raise RuntimeError(f"a step was made after max_steps = {number}")
        if number and self.gates[number - 1] > self.threshold:
            gate = self.gates[number - 1]
            raise RuntimeError(
                f"a step was made after one whose gate, {gate}, is above {self.threshold}"
            )
        self.received.append(frame)
        frames = torch.arange(self.r) + 10.0 * (number + 1)
        self.made.append(torch.stack([frames, -frames]))
        return self.made[-1], self.gates[number], torch.eye(len(self.gates))[number]


def check_between(name: str, between: Callable) -> Callable:
    """Check `between(table, first, second, share)`: a vector (E,) between two rows."""

    def problem(vectors: list[Tensor]) -> str | bool:
        for (first, second, share), vector in zip(WAYS, vectors, strict=True):
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
    tried = lambda: [between(PEOPLE.clone(), *way) for way in WAYS]  # noqa: E731
    return between if ttslib.lab.check_that(name, tried, problem, hint=hint) else _between


def check_word_times(name: str, word_times: Callable) -> Callable:
    """Check `word_times(tokens, alignment)`: [(start, end), ...] in frames."""

    def problem(answers: list) -> str | bool:
        for (line, frames, want), times in zip(SUBTITLED, answers, strict=True):
            got = ", ".join(f"({float(start):g}, {float(end):g})" for start, end in times)
            if got != str(want)[1:-1]:
                return f"{line!r}, lasting {frames} frames: expected {want}, got [{got}]"
        return True

    def tried() -> list:
        return [word_times(_symbols(line), _aligned(frames)) for line, frames, _ in SUBTITLED]

    hint = "torch.cumsum of the durations gives each token's end; a word ends at its last phoneme"
    return word_times if ttslib.lab.check_that(name, tried, problem, hint=hint) else _word_times


def check_streaming(name: str, stream: Callable) -> Callable:
    """Check `stream(speak, sentences, pause)`: a generator of sounds with pauses between them."""

    def problem(heard: list) -> str | bool:
        for (sentences, pause), (spoken, pieces, ahead) in zip(SAID, heard, strict=True):
            if spoken != sentences:
                return f"asked for {sentences}, spoken: {spoken}"
            sound = torch.cat([torch.zeros(0), *pieces])
            silence, n = pause * max(0, len(sentences) - 1), len(sentences)
            if len(sound) != sum(map(len, sentences)) + silence:
                return f"{len(sound)} samples: {silence} of silence belong between {n} sounds"
            want = torch.cat([torch.zeros(0), *_stream(_numbered([]), sentences, pause)])
            if not torch.equal(sound, want):
                return f"the pauses of {pause} samples aren't between the sounds"
            for piece, count in zip(pieces, ahead, strict=True):
                if len(piece) and 0 < piece.max() < count:
                    return f"{count} sentences were computed before sound {piece.max():.0f} came"
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


def _seen(value: Any) -> str:
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"{value!r:.60}"


def _symbols(line: str) -> list[str]:
    return [" " if symbol == "_" else symbol for symbol in line.split()]


def _aligned(frames: Sequence[int]) -> Tensor:
    return torch.eye(len(frames)).repeat_interleave(torch.tensor(frames), dim=0)


# The parts that the notebook uses while an exercise is open


def _free_run(
    step: Callable, first: Tensor, threshold: float, max_steps: int
) -> tuple[Tensor, Tensor, list[float]]:
    made: list[Tensor] = []
    alignment: list[Tensor] = []
    gates: list[float] = []
    frame = first
    while len(made) < max_steps and not (gates and gates[-1] > threshold):
        frames, gate, weights = step(frame)
        frame = frames[:, -1]
        made.append(frames)
        alignment.append(weights)
        gates.append(gate)
    return torch.cat(made, dim=1), torch.stack(alignment), gates


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
