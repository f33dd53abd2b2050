"""Check what the course needs on this computer; each problem comes with its remedy.

Nothing is downloaded, and nothing heavy is imported before its own check: an import error of torch
is a finding, not a crash.
"""

import importlib.metadata
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ttslib.config import data_folder

__all__ = ["Finding", "check_environment", "format_findings"]

DISTRIBUTION = "ttslib-course"
INSTALL = 'python -m pip install --editable ".[lab,eval,dev]"'  # in the course's folder
REINSTALL = "python -m pip install --force-reinstall"
KERNEL = "python -m ipykernel install --sys-prefix"
EXTRAS = {"lab": "the notebooks", "eval": "the measurements of a voice", "dev": "the tests"}
PITCH = "ttslib.audio.compiled"  # run as a program, it estimates a pitch
LITTLE_DISK, ENOUGH_DISK = 1, 5  # GB; the mini corpus with its features and trainings takes 1


class Finding(NamedTuple):
    """The result of one check."""

    name: str
    state: Literal["ok", "note", "problem"]  # a note: the course works, but not as well
    found: str
    remedy: str = ""  # what to do, in a sentence; empty if nothing is needed


def check_environment() -> list[Finding]:
    """Check everything that the course needs; it takes a few seconds.

    Taught in: notebooks/00_start_here
    """
    # A separate process estimates the pitch, so it runs in parallel with the other checks.
    with ThreadPoolExecutor(max_workers=1) as beside:
        pitch = beside.submit(_look, "pitch", _pitch, f"Run: {REINSTALL} librosa numba")
        return [
            *_look("Python", _python, "Make .venv again with a Python that fits."),
            *_look("packages", _packages),
            *_look("PyTorch", _torch),
            *_look("processors", _processors),
            *_look("GPU", _gpu),
            *_look("soundfile", _soundfile, f"Run: {REINSTALL} soundfile"),
            *_look("espeak-ng", _espeak, f"Run: {REINSTALL} espeakng-loader"),
            *_look("NLTK data", _nltk_data),
            *_look("Jupyter kernel", _kernel, f"Run: {KERNEL}"),
            *_look("data folder", _data_folder, "Set TTSLIB_DATA to a folder you may write to."),
            *_look("disk", _disk, "Set TTSLIB_DATA to a folder on another disk."),
            *_look("mini corpus", _mini_corpus),
            *_look("voices", _voices),
            *pitch.result(),
        ]


def format_findings(findings: Sequence[Finding]) -> str:
    """Return the findings as a text table that ends with a verdict."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        indent = " " * (width + 11)
        found = textwrap.fill(finding.found, 100, initial_indent=indent, subsequent_indent=indent)
        lines.append(f"{finding.state:9}{finding.name:{width}}  {found.lstrip()}")
        lines += [f"{indent}-> {finding.remedy}"] if finding.remedy else []
    problems = sum(finding.state == "problem" for finding in findings)
    verdict = f"{problems} to fix" if problems else "the course can begin"
    return "\n".join([*lines, "", verdict])


def _look(
    name: str, look: Callable[[], Iterator[Finding]], remedy: str = f"Run: {INSTALL}"
) -> list[Finding]:
    """Return the findings of `look`; an error inside it becomes a finding, too."""
    try:
        return list(look())
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return [Finding(name, "problem", reason, remedy)]


def _python() -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"]
    if found not in SpecifierSet(wanted):
        raise ValueError(f"this is Python {found}, but ttslib needs {wanted}")
    yield Finding("Python", "ok", found)


def _packages() -> Iterator[Finding]:
    """Yield a finding for each package that doesn't fit, or one for all of them."""
    declared = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or ()]
    wrong = [finding for requirement in declared if (finding := _misfit(requirement))]
    yield from wrong or [Finding("packages", "ok", f"all {len(declared)} are installed and fit")]


def _misfit(requirement: Requirement) -> Finding | None:
    """Return the problem with an installed package, if there is one."""
    name, wanted, marker = requirement.name, requirement.specifier, requirement.marker
    use = next((EXTRAS[e] for e in EXTRAS if marker and marker.evaluate({"extra": e})), None)
    if marker and not use and not marker.evaluate():
        return None  # for another operating system
    remedy = f"Run: {INSTALL}"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        if use:
            return Finding(name, "note", f"not installed; {use} need it", remedy)
        return Finding(name, "problem", f"not installed; {wanted} is needed", remedy)
    if wanted.contains(version, prereleases=True):
        return None
    return Finding(name, "problem", f"{version} is installed; {wanted} is needed", remedy)


def _torch() -> Iterator[Finding]:
    import torch

    found = torch.__version__
    if importlib.util.find_spec("torchaudio"):  # only lessons need it
        import torchaudio

        found += f" and torchaudio {torchaudio.__version__}"
    yield Finding("PyTorch", "ok", found)


def _processors() -> Iterator[Finding]:
    allowed = getattr(os, "sched_getaffinity", None)  # only on Linux
    n_cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    if n_cores < 2:
        remedy = "Expect everything to take twice as long as the notebooks say."
        yield Finding("processors", "note", "one core", remedy)
    else:
        yield Finding("processors", "ok", f"{n_cores} cores")


def _gpu() -> Iterator[Finding]:
    import torch

    if torch.cuda.is_available():
        yield Finding("GPU", "ok", torch.cuda.get_device_name(0))
    elif shutil.which("nvidia-smi"):
        yield Finding(
            "GPU",
            "note",
            "there is an NVIDIA driver, but this torch can't use it",
            "Update the driver, or install torch with CUDA from PyTorch's install selector.",
        )
    elif torch.backends.mps.is_available():
        yield Finding("GPU", "ok", "Apple's, through MPS")
    else:
        yield Finding("GPU", "ok", "none; the course doesn't need one on the mini corpus")


def _soundfile() -> Iterator[Finding]:
    import numpy as np
    import soundfile

    written = np.arange(-500, 500, dtype=np.int16)
    file = io.BytesIO()
    soundfile.write(file, written, 24_000, format="FLAC")
    file.seek(0)
    read, _ = soundfile.read(file, dtype="int16")
    if not np.array_equal(read, written):
        raise ValueError("a FLAC file reads back differently from what was written")
    yield Finding("soundfile", "ok", f"{soundfile.__version__} writes and reads FLAC, no FFmpeg")


def _espeak() -> Iterator[Finding]:
    from ttslib.corpora.mini.espeak import EspeakVoice, speak

    samples, sample_rate, _ = speak("ah", EspeakVoice("en-us", pitch=50, words_per_minute=165))
    if not samples.any():
        raise ValueError("espeak-ng starts, but produces only silence")
    yield Finding("espeak-ng", "ok", f"speaks at {sample_rate:,} Hz")


def _pitch() -> Iterator[Finding]:
    """Estimate a pitch in a separate process, since a damaged numba cache would crash this one."""
    if _finds_pitch():
        yield Finding("pitch", "ok", "librosa's pitch tracker runs")
        return
    removed = [path for path in _compiled_files() if _removed(path)]
    if not removed or not _finds_pitch():
        raise ValueError("librosa's pitch tracker crashes")
    found = f"numba's cache was damaged; after removing {len(removed)} of its files, it runs again"
    yield Finding("pitch", "note", found)


def _finds_pitch() -> bool:
    run = [sys.executable, "-m", PITCH]
    return subprocess.run(run, capture_output=True, check=False).returncode == 0


def _compiled_files() -> Iterator[Path]:
    """Yield the files of librosa in numba's cache."""
    kept = os.environ.get("NUMBA_CACHE_DIR")
    folders = [*_librosa_folders(), *([Path(kept)] if kept else [])]
    for folder in folders:
        for path in folder.rglob("*.nb[ic]"):
            if "librosa" in str(path):
                yield path


def _librosa_folders() -> list[Path]:
    spec = importlib.util.find_spec("librosa")
    return [Path(folder) for folder in spec.submodule_search_locations or ()] if spec else []


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _nltk_data() -> Iterator[Finding]:
    from ttslib.text.tagger import TAGGER, find_tagger

    if find_tagger():
        yield Finding("NLTK data", "ok", TAGGER)
    else:
        yield Finding(
            "NLTK data",
            "note",
            f"no {TAGGER}: words like read and live get their most common pronunciation",
            f"Once, while online, run: python -m nltk.downloader {TAGGER}",
        )


def _kernel() -> Iterator[Finding]:
    if not importlib.util.find_spec("jupyter_client"):
        return  # the packages check has reported its absence
    from jupyter_client.kernelspec import KernelSpecManager

    command = Path(KernelSpecManager().get_kernel_spec("python3").argv[0])
    # A plain "python" is the Python that Jupyter itself runs in.
    if command.name != str(command) and not _is_this_python(command):
        yield Finding(
            "Jupyter kernel",
            "problem",
            f"the kernel python3 runs {command}, which is a different Python",
            f"Run: {KERNEL}",
        )
    else:
        yield Finding("Jupyter kernel", "ok", "python3 runs this Python")


def _is_this_python(command: Path) -> bool:
    """Check that a command is in this environment; a link to the same Python elsewhere isn't."""
    return command.parent.resolve() == Path(sys.executable).parent.resolve()


def _data_folder() -> Iterator[Finding]:
    folder = _existing(data_folder())
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"something")
    yield Finding("data folder", "ok", "can be written to")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(data_folder())).free / 1e9
    found = f"{free:.1f} GB free for data"
    remedy = "Free some space, or set TTSLIB_DATA to a folder on another disk."
    if free < LITTLE_DISK:
        yield Finding("disk", "problem", f"{found}; the course needs {LITTLE_DISK}", remedy)
    elif free < ENOUGH_DISK:
        yield Finding("disk", "note", f"{found}, enough for the mini corpus only", remedy)
    else:
        yield Finding("disk", "ok", found)


def _existing(folder: Path) -> Path:
    """Return the folder, or its closest parent that exists."""
    folder = folder.resolve()
    return folder if folder.exists() else _existing(folder.parent)


def _mini_corpus() -> Iterator[Finding]:
    clips = sum(1 for _ in (data_folder() / "mini-libritts").glob("*-mini/*/*/*.wav"))
    if clips:
        yield Finding("mini corpus", "ok", f"{clips:,} clips")
    else:
        remedy = "Nothing to do; to make it now, run: ttslib corpus make-mini"
        yield Finding("mini corpus", "note", "not there yet; made on first use", remedy)


def _voices() -> Iterator[Finding]:
    from ttslib.synthesis.voice_files import list_voices

    voices = list_voices()
    if voices:
        yield Finding("voices", "ok", ", ".join(voices))
    else:
        remedy = "Restore data/voices from the repository, or train one: ttslib train tacotron2"
        yield Finding("voices", "problem", "none found", remedy)
