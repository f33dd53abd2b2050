"""Each fault is set, found and given its remedy; what is whole isn't complained of."""

import importlib.metadata
import json
import os
import shutil
import sys
from collections import namedtuple

import nltk
import numpy as np
import pytest
import soundfile
import torch

from ttslib import doctor
from ttslib.cli import main as cli
from ttslib.corpora.mini import espeak
from ttslib.doctor import Finding, check_environment, format_findings
from ttslib.synthesis import voice_files
from ttslib.text.tagger import TAGGER

FINDS_PITCH = doctor._finds_pitch


def found(name: str) -> Finding:
    (finding,) = [finding for finding in check_environment() if finding.name == name]
    return finding


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """An empty data folder of this test's own, not made yet."""
    monkeypatch.setenv("TTSLIB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def pitch_runs(monkeypatch):
    """Take for granted what a test of its own looks at: it starts a process."""
    monkeypatch.setattr(doctor, "_finds_pitch", lambda: True)


FINDER = """
import os, pathlib, sys
sys.exit(any(pathlib.Path(os.environ["NUMBA_CACHE_DIR"]).rglob("*.nbi")))
"""


@pytest.mark.parametrize("damaged", [True, False])
def test_a_damaged_cache_of_numbas_is_mended(tmp_path, monkeypatch, damaged):
    """The finder that crashes with the cache, and runs without it, stands for librosa's."""
    (tmp_path / "finder_of_pitch.py").write_text(FINDER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setattr(doctor, "PITCH", "finder_of_pitch")
    monkeypatch.setattr(doctor, "_finds_pitch", FINDS_PITCH)
    monkeypatch.setattr(doctor, "_librosa_folders", lambda: [])
    kept = tmp_path / "numba" / "librosa_core_1" / "pitch.nbi"
    other = tmp_path / "numba" / "mine_2" / "mine.nbc"
    for path in (kept, other) if damaged else (other,):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"damaged")
    assert found("pitch").state == ("note" if damaged else "ok")
    assert other.exists()
    assert not kept.exists()


def test_a_pitch_finder_that_cannot_be_mended_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(doctor, "_finds_pitch", lambda: False)
    monkeypatch.setattr(doctor, "_librosa_folders", lambda: [])
    assert found("pitch").state == "problem"
    assert "librosa" in found("pitch").remedy


def test_librosas_pitch_finder_runs_in_a_process_of_its_own():
    assert FINDS_PITCH()


def test_this_environment_is_fit():
    findings = check_environment()
    assert [finding for finding in findings if finding.state == "problem"] == []
    names = {finding.name for finding in findings}
    assert {"packages", "espeak-ng", "soundfile", "Jupyter kernel", "voices"} <= names


def test_looking_leaves_nothing_behind(data):
    check_environment()
    assert not data.exists()


@pytest.mark.parametrize(
    ("installed", "state", "told"),
    [
        ({"torch": "2.12.0"}, "problem", "2.12.0 is installed; ==2.11.0 is needed"),
        ({"torch": None}, "problem", "not installed; ==2.11.0 is needed"),
        ({"ipywidgets": None}, "note", "not installed; the notebooks need it"),
        ({"ipywidgets": "7.8"}, "problem", "7.8 is installed; >=8.1 is needed"),
    ],
)
def test_packages_that_do_not_fit_are_named(monkeypatch, installed, state, told):
    version = importlib.metadata.version

    def fake(name):
        if name in installed and installed[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed.get(name) or version(name)

    declared = ["torch==2.11.0", 'ipywidgets>=8.1; extra == "lab"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: declared)
    monkeypatch.setattr(importlib.metadata, "version", fake)
    (name,) = installed
    assert found(name)[1:3] == (state, told)
    assert "pip install" in found(name).remedy


def test_packages_for_other_systems_are_not_missed(monkeypatch):
    declared = ['nowhere>=1; sys_platform == "other"', "numpy>=1"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: declared)
    assert found("packages").state == "ok"


def test_a_library_that_is_not_installed_is_a_finding(monkeypatch):
    def nowhere(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", nowhere)
    assert found("packages").state == "problem"


def test_a_python_that_does_not_fit_is_named(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "metadata", lambda _: {"Requires-Python": ">=4"})
    assert found("Python").state == "problem"
    assert "ttslib needs >=4" in found("Python").found


def test_torch_and_torchaudio_that_do_not_fit_together_are_a_finding(monkeypatch, tmp_path):
    broken = tmp_path / "torchaudio.py"
    broken.write_text("raise OSError('_torchaudio.abi3.so: undefined symbol')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchaudio", raising=False)
    assert found("PyTorch").state == "problem"
    assert "undefined symbol" in found("PyTorch").found


def test_one_core_is_slow(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert found("processors").state == "note"


@pytest.mark.parametrize(
    ("available", "driver", "state"),
    [(True, True, "ok"), (False, True, "note"), (False, False, "ok")],
)
def test_a_gpu_that_torch_cannot_use_is_noted(monkeypatch, available, driver, state):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "a fast one")
    monkeypatch.setattr(shutil, "which", lambda _: "nvidia-smi" if driver else None)
    assert found("GPU").state == state
    assert (found("GPU").found == "a fast one") == available


def test_sound_that_is_not_read_as_written_is_a_finding(monkeypatch):
    monkeypatch.setattr(soundfile, "read", lambda *_, **__: (np.zeros(1000, np.int16), 24_000))
    assert found("soundfile").state == "problem"
    assert "soundfile" in found("soundfile").remedy


def test_espeak_that_does_not_start_is_a_finding(monkeypatch):
    def fail(*_):
        raise RuntimeError("espeak-ng did not\nstart")

    monkeypatch.setattr(espeak, "speak", fail)
    assert found("espeak-ng")[1:3] == ("problem", "espeak-ng did not start")


def test_espeak_that_speaks_nothing_is_a_finding(monkeypatch):
    monkeypatch.setattr(espeak, "speak", lambda *_: (np.zeros(100, np.int16), 22_050, []))
    assert found("espeak-ng").state == "problem"


def test_nltk_data_is_missed_and_seen(monkeypatch, tmp_path):
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    assert found("NLTK data").state == "note"
    assert f"nltk.downloader {TAGGER}" in found("NLTK data").remedy
    (tmp_path / "taggers" / TAGGER).mkdir(parents=True)
    assert found("NLTK data").state == "ok"


@pytest.mark.parametrize(
    ("command", "state"),
    [("/another/bin/python", "problem"), ("python", "ok"), (sys.executable, "ok")],
)
def test_a_kernel_of_another_python_is_named(monkeypatch, tmp_path, command, state):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": [command, "-m", "ipykernel_launcher"], "display_name": "x", "language": "x"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert found("Jupyter kernel").state == state
    assert ("ipykernel install" in found("Jupyter kernel").remedy) == (state == "problem")


def test_a_data_folder_that_cannot_be_written_to_is_a_finding(data):
    data.write_text("a file", encoding="utf-8")
    assert found("data folder").state == "problem"
    assert "TTSLIB_DATA" in found("data folder").remedy


@pytest.mark.parametrize(("free", "state"), [(0.5e9, "problem"), (3e9, "note"), (9e9, "ok")])
def test_a_disk_that_fills_up_is_told_of(monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")(1e12, 1e12 - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert found("disk").state == state
    assert bool(found("disk").remedy) == (state != "ok")


def test_the_mini_corpus_is_missed_and_counted(data):
    assert found("mini corpus").state == "note"
    clip = data / "mini-libritts" / "dev-mini" / "9101" / "2" / "9101_2_000001_000000.wav"
    clip.parent.mkdir(parents=True)
    clip.touch()
    assert found("mini corpus")[1:3] == ("ok", "1 clips")


def test_voices_are_missed_where_there_are_none(monkeypatch, tmp_path):
    monkeypatch.setattr(voice_files, "voices_folder", lambda: tmp_path)
    assert found("voices").state == "problem"


def test_the_table_shows_each_remedy_and_a_verdict():
    fine, bad = Finding("disk", "ok", "5 GB"), Finding("torch", "problem", "broken", "Mend it.")
    table = format_findings([fine, bad])
    assert "ok       disk   5 GB" in table
    assert "problem  torch  broken\n" in table
    assert "-> Mend it." in table
    assert table.endswith("1 to fix")
    assert format_findings([fine]).endswith("the course can begin")


@pytest.mark.parametrize(("state", "status"), [("ok", 0), ("note", 0), ("problem", 1)])
def test_the_command_fails_where_something_needs_mending(monkeypatch, capsys, state, status):
    finding = Finding("torch", state, "as it is")
    monkeypatch.setattr(doctor, "check_environment", lambda: [finding])
    with pytest.raises(SystemExit) as caught:
        cli.main(["doctor"])
    assert caught.value.code == status
    assert "as it is" in capsys.readouterr().out
