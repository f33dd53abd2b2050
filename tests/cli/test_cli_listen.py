import subprocess
import sys

import nbformat
import numpy as np
import pytest

from ttslib.audio.files import write_audio
from ttslib.cli import listen as cli_listening
from ttslib.cli import main as cli
from ttslib.evaluation.listening.design import open_listening_test
from ttslib.evaluation.listening.simulated_listeners import simulate_ratings

RATE = 8_000


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return caught.value.code


@pytest.fixture
def systems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("recordings", "one", "two"):
        for n in range(5):
            sound = 0.3 * np.sin(np.arange(RATE // 2) / (3 + n))
            write_audio(tmp_path / name / f"s{n}.wav", sound, RATE)
    return ["--system", "first=one", "--system", "second=two"]


@pytest.fixture
def test_folder(systems, tmp_path):
    assert run("listen", "make", "test", *systems, "--reference", "recordings") == 0
    return tmp_path / "test"


@pytest.mark.parametrize("command", ["make", "serve", "results"])
def test_every_help_has_examples(capsys, command):
    assert run("listen", command, "--help") == 0
    assert f"  ttslib listen {command}" in capsys.readouterr().out.split("Example", 1)[1]


def test_make_lays_down_a_test_and_says_what_to_do_next(systems, tmp_path, capsys):
    assert run("listen", "make", "test", *systems, "--reference", "recordings") == 0
    plan = open_listening_test(tmp_path / "test")
    assert plan.systems == ("reference", "first", "second", "anchor")
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "test: absolute category rating, 4 sentences, systems reference, first, second, anchor",
        "each rater answers 20 questions, including practice",
        "open it to raters: ttslib listen serve test",
    ]


def test_make_takes_every_choice(systems, tmp_path):
    choices = ["--kind", "cmos", "--items", 2, "--rounds", 1, "--question", "Well?", "--seed", 3]
    assert run("listen", "make", "test", *systems, *choices) == 0
    plan = open_listening_test(tmp_path / "test")
    assert (plan.kind, len(plan.items), plan.rounds, plan.question, plan.seed) == (
        "cmos", 2, 1, "Well?", 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--system", "one"], "--system must be NAME=FOLDER, got 'one'"),
        (["--system", "a=one", "--system", "a=two"], "two systems have the same name"),
        (["--system", "a=nowhere"], "system 'a' has no folder nowhere"),
        ([], "Missing option '--system'"),
    ],
)
def test_what_can_not_be_made_is_told_in_one_line(systems, capsys, arguments, message):
    assert run("listen", "make", "test", *arguments) != 0
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def rate(folder, n_raters):
    plan = open_listening_test(folder)
    quality = {"reference": 4.5, "anchor": 1.4, "first": 3.8, "second": 2.6}
    with plan.store() as store:
        for number in range(n_raters):
            store.join(f"simulated {number + 1:02d}", simulated=True)
        store.add(*simulate_ratings(plan, quality, n_raters=n_raters))


def test_results_are_printed_and_written(test_folder, capsys):
    rate(test_folder, 6)
    assert run("listen", "results", test_folder) == 0
    shown = capsys.readouterr().out
    assert "96 ratings of 4 sentences by 6 raters (6 of them SIMULATED, not people)" in shown
    written = {path.name for path in (test_folder / "results").iterdir()}
    assert written == {"systems.csv", "pairs.csv", "ratings.csv", "results.png"}
    assert run("listen", "results", test_folder, "--out", "elsewhere", "--no-screen") == 0
    assert (test_folder.parent / "elsewhere" / "results.png").exists()


@pytest.mark.parametrize(
    ("n_raters", "message"), [(0, "there are no ratings yet"), (1, "all ratings are by one rater")]
)
def test_too_few_ratings_are_told_in_one_line(test_folder, capsys, n_raters, message):
    rate(test_folder, n_raters)
    capsys.readouterr()
    assert run("listen", "results", test_folder) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert not (test_folder / "results").exists()


@pytest.mark.parametrize("command", ["serve", "results"])
def test_a_folder_without_a_test_is_told_in_one_line(tmp_path, capsys, command):
    assert run("listen", command, tmp_path) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds no listening test" in line


def test_the_served_page_is_the_test_and_binds_to_this_computer(test_folder, monkeypatch):
    served = []

    def fake_serve(notebook, host, port, raters, browser):
        template = notebook.parent / "voila" / "templates" / "listening" / "index.html.j2"
        served.append((nbformat.read(notebook, as_version=4), template.exists()))
        served.append((host, port, raters, browser))

    monkeypatch.setattr(cli_listening, "_serve", fake_serve)
    assert run("listen", "serve", "test") == 0
    (notebook, has_template), options = served
    assert options == ("127.0.0.1", 8866, None, True)
    assert has_template
    nbformat.validate(notebook)
    shown = {}
    exec(notebook.cells[0].source.replace("\nListening", "\nshown = Listening"), shown)
    assert shown["shown"].plan == open_listening_test(test_folder.resolve())


def test_the_command_line_starts_without_voila_and_torch():
    heavy = "{'torch', 'voila', 'scipy'}"
    code = f"import sys, ttslib.cli.main; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
