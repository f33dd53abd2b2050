"""NLTK's data is found where NLTK finds it, and NLTK isn't imported where there is none."""

import os
import subprocess
import sys

import pytest

from ttslib.text.tagger import TAGGER, find_tagger

CODE = """
import sys
from pathlib import Path
from ttslib.text.phonemes import Phonemizer
from ttslib.text.tagger import nltk_folders

before = nltk_folders()
print(*Phonemizer()("They live here"))
assert "nltk" not in sys.modules
import nltk
assert before == [Path(folder) for folder in nltk.data.path], (before, nltk.data.path)
"""


def test_it_looks_where_nltk_looks_without_importing_it(tmp_path):
    chosen = f"{tmp_path}{os.pathsep}{os.pathsep}~{os.sep}elsewhere"
    environment = os.environ | {"NLTK_DATA": chosen, "HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert "L IH1 V" in run.stdout


@pytest.mark.parametrize("name", [TAGGER, f"{TAGGER}.zip"])
def test_a_folder_and_a_zip_file_are_found(tmp_path, monkeypatch, name):
    import nltk

    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "empty"), str(tmp_path)])
    assert find_tagger() is None
    (tmp_path / "taggers" / name).mkdir(parents=True)
    assert find_tagger() == tmp_path / "taggers" / name
