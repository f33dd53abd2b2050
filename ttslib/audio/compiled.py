"""Let librosa compile itself at its first use, one process at a time.

librosa's pitch finder and its time warping are compiled by numba, which keeps the machine code in
files. Two processes that write them at the same moment can leave an index that names the other's
code: every later call crashes or returns nonsense until they are removed, as `ttslib doctor` does.
"""

import os
import tempfile
from functools import cache
from pathlib import Path

import librosa
import numpy as np
from filelock import FileLock

__all__ = ["compile_librosa"]


USER = getattr(os, "getuid", int)()  # 0 on Windows, whose temporary folder is the user's own
LOCK = Path(tempfile.gettempdir()) / f"ttslib-librosa-{USER}.lock"


@cache
def compile_librosa() -> None:
    """Make librosa compile its functions, one process at a time; later calls do nothing."""
    with FileLock(LOCK):
        librosa.pyin(np.zeros(4096, np.float32), fmin=65.0, fmax=500.0, sr=24_000)
        librosa.sequence.dtw(C=np.zeros((3, 3), np.float32))
        librosa.sequence.dtw(C=np.zeros((3, 3)))


if __name__ == "__main__":
    compile_librosa()
