"""The wheel is small, and what is in it speaks without the course's folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder that holds what pip would put into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    assert os.path.getsize(wheel) < 30e6
    zipfile.ZipFile(wheel).extractall(folder / "packages")
    return folder / "packages"


def run(installed: Path, *arguments: str) -> str:
    """What the installed program prints, run in an empty folder of its own."""
    own = {"PYTHONPATH": str(installed), "TTSLIB_DATA": str(installed / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "ttslib.cli.main", *arguments],
        cwd=installed.parent, env=os.environ | own, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_carries_the_voice_and_speaks(installed):
    voices = run(installed, "voices")
    assert "kathleen" in voices
    assert "mini-fastspeech2" not in voices  # that one is only in the folder of the course
    run(installed, "speak", "Good morning.", "--out", "morning.wav")
    assert (installed.parent / "morning.wav").stat().st_size > 20_000


def test_a_training_on_mini_finds_its_vocoder_in_the_wheel(installed):
    assert (installed / "ttslib/voices/mini-vocos/vocoder.safetensors").is_file()
    assert (installed / "ttslib/py.typed").is_file()
