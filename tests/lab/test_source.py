from pathlib import Path

import pytest

from ttslib.config import AudioConfig
from ttslib.lab import show_source
from ttslib.lab.players import Clip, play

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("thing", [play, AudioConfig, AudioConfig.require_same])
def test_the_lines_stand_where_it_says(thing):
    source = show_source(thing)
    lines = (ROOT / source.file).read_text(encoding="utf-8").splitlines()
    shown = source.code.splitlines()
    indent = len(lines[source.line - 1]) - len(lines[source.line - 1].lstrip())
    there = lines[source.line - 1 : source.line - 1 + len(shown)]
    assert [line[indent:] for line in there] == shown
    assert repr(source).startswith(f"# {source.file}, line {source.line}\n")


def test_no_path_of_this_machine_is_shown():
    assert show_source(play).file == "ttslib/lab/players.py"


def test_docstrings_can_be_left_out():
    code = show_source(play, docstring=False).code
    assert "Parameters" not in code
    assert '"""' not in code
    assert code.startswith("def play(")
    assert len(code.splitlines()) == 2
    assert '"""' not in show_source(AudioConfig, docstring=False).code  # of its methods neither


def test_a_class_of_nothing_but_its_docstring_keeps_it():
    class Empty:
        """Only this."""

    assert "Only this" in show_source(Empty, docstring=False).code


def test_properties_and_wrapped_functions_show_their_own_lines():
    assert "def frames_per_second" in show_source(AudioConfig.frames_per_second).code


def test_the_page_is_highlighted_and_escaped():
    page = show_source(Clip)._repr_html_()
    assert "<span style=" in page
    assert "class" in page
    assert "<script" not in page


@pytest.mark.parametrize("thing", [3, "text", len, AudioConfig()])
def test_what_has_no_source_is_named(thing):
    with pytest.raises(ValueError, match="function, method or class"):
        show_source(thing)


def test_long_objects_are_named_in_one_line():
    with pytest.raises(ValueError, match="needs a function") as caught:
        show_source(list(range(1000)))
    assert len(str(caught.value)) < 200
