"""Time one sentence at a time, each in a process of its own and never spoken before.

    python benchmarks/bench_first_sentence.py
    python benchmarks/bench_first_sentence.py --peer "piper -m VOICE.onnx -f {out} -- {text}"

Prints, for `ttslib speak` and the peer in turn, the median, the fastest and the slowest wall time
and the median CPU time, for texts of dictionary words and for texts with an invented name; then the
time to the first sound of a stream in a process that has spoken before. The first call of all,
which prepares the voice, isn't counted.
"""

import argparse
import os
import random
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OURS = f"{shlex.quote(sys.executable)} -m ttslib.cli.main speak --out {{out}} -- {{text}}"
NAMES = ("Hello there, my friend", "Good morning", "See you later", "Thank you very much")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="a command with {text} and {out}")
    parser.add_argument("--calls", type=int, default=5)
    asked = parser.parse_args()
    letters = random.Random(0)
    systems = {"ttslib": OURS} | ({"peer": asked.peer} if asked.peer else {})
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "speech.wav")
        for command in systems.values():
            timed(command, "This one isn't counted.", out)
        for kind in ("dictionary", "invented name"):
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
            for call in range(asked.calls):
                text = f"{NAMES[call % len(NAMES)]}, number {call + 1}"
                if kind == "invented name":
                    text += f", {invented(letters)}"
                for name, command in systems.items():
                    found[name].append(timed(command, f"{text}.", out))
            for name, times in found.items():
                wall, cpu = zip(*times, strict=True)
                print(
                    f"{kind:14} {name:8} {statistics.median(wall):.2f} s ({min(wall):.2f} to "
                    f"{max(wall):.2f}), CPU {statistics.median(cpu):.2f} s"
                )
    print(f"first sound of a stream: {1000 * first_sound(asked.calls):.0f} ms (median)")


def invented(letters: random.Random) -> str:
    """Return a name that no dictionary has."""
    return "".join(letters.choice("bdfgklmnprstv") + letters.choice("aeiou") for _ in "123").title()


def timed(command: str, text: str, out: str) -> tuple[float, float]:
    """Run a command; return its wall and CPU time in seconds."""
    parts = [part.format(text=text, out=out) for part in shlex.split(command)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(parts, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_sound(calls: int) -> float:
    """Return the median seconds until the first piece of a stream, on new sentences."""
    from ttslib import load_voice

    voice, times = load_voice(), []
    list(voice.stream("This one isn't counted."))
    for call in range(calls):
        started = time.perf_counter()
        next(voice.stream(f"This is sentence number {call + 1}, and it is one of the longer ones."))
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
