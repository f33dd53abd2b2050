"""The outputs of `ttslib speak`: files, standard output or the loudspeaker."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ttslib.audio.wav import pcm_bytes, wav_bytes
from ttslib.files import write_whole

__all__ = ["open_sink"]

PLAYERS = (  # the first that is installed plays a WAV file
    ("afplay",),  # macOS
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
)
PYTHON_PLAYER = "import sys, winsound; winsound.PlaySound(sys.argv[1], winsound.SND_FILENAME)"

Sink = Callable[[Iterable[ArrayLike], Path, int], None]
"""Takes the pieces (s,) of a spoken text, its file, and the sample rate in Hz."""


def open_sink(out: Path, *, raw: bool, play: bool) -> Sink:
    """Return a function that outputs the sound.

    Raises
    ------
    ValueError
        If two outputs are named, the file isn't a WAV file, or nothing can play sound here.
    """
    if raw and play:
        raise ValueError("give --raw or --play, not both")
    if raw:
        return _stream
    if play:
        return partial(_play, _player())
    _require_wav(out)
    return _write


def _require_wav(out: Path) -> None:
    if str(out) != "-" and out.suffix.lower() != ".wav":
        raise ValueError(f"{out} must end in .wav: only WAV files can be written")


def _stream(pieces: Iterable[ArrayLike], out: Path, sample_rate: int) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(pcm_bytes(np.asarray(piece)))
        sys.stdout.buffer.flush()


def _write(pieces: Iterable[ArrayLike], out: Path, sample_rate: int) -> None:
    _require_wav(out)  # a line of JSON may name a file of its own
    samples = _joined(pieces)
    if str(out) == "-":
        sys.stdout.buffer.write(wav_bytes(samples, sample_rate))
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(out, wav_bytes(samples, sample_rate))
    except OSError as error:
        raise OSError(error.errno, f"can't write sound ({error.strerror})", str(out)) from error
    print(f"{out} ({len(samples) / sample_rate:.1f} s)", flush=True)


def _play(
    player: tuple[str, ...], pieces: Iterable[ArrayLike], out: Path, sample_rate: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wav = write_whole(Path(folder) / "speech.wav", wav_bytes(_joined(pieces), sample_rate))
        subprocess.run([*player, str(wav)], check=True)


def _player() -> tuple[str, ...]:
    if sys.platform == "win32":
        return (sys.executable, "-c", PYTHON_PLAYER)
    for player in PLAYERS:
        if shutil.which(player[0]):
            return player
    names = ", ".join(player[0] for player in PLAYERS)
    raise ValueError(f"--play needs one of these programs: {names}; leave it out to get a file")


def _joined(pieces: Iterable[ArrayLike]) -> np.ndarray:
    """Join the pieces; on a terminal, a bar counts the seconds of a long text."""
    from tqdm import tqdm

    bar = tqdm(desc="spoken", unit=" pieces", delay=2, disable=None, leave=False)
    with bar:
        found = []
        for piece in pieces:
            found.append(np.asarray(piece))
            bar.update()
    return np.concatenate(found)
