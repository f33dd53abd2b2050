"""The command line's `ttslib listen`: make a listening test, let people take it, see the results.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import json
import os
import tempfile
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ttslib.cli.options import AnySeed, require_place

__all__ = ["listen_app"]

listen_app = typer.Typer(help="Ask people how it sounds.", rich_markup_mode=None)

TEMPLATE = "listening"
# Voila's own page requests icons, which this page doesn't show, from another server.
_TEMPLATE = """\
{%- extends "voila/templates/lab/index.html.j2" -%}
{% import "spinner.macro.html.j2" as spinner %}
{%- block notebook_css -%}
{{ resources.include_js("static/voila-style.js") }}
{{ spinner.css() }}
{{ super.super() }}
<style>@media (prefers-color-scheme: dark) { body { background: #0f1115 !important; } }</style>
{%- endblock notebook_css -%}
"""

TestFolder = Annotated[Path, typer.Argument(help="What `ttslib listen make` made.")]


class Kind(StrEnum):
    """What raters are asked."""

    acr = "acr"
    cmos = "cmos"
    abx = "abx"


@listen_app.command()
def make(
    out: Annotated[Path, typer.Argument(help="A new folder for the test.")],
    system: Annotated[
        list[str],
        typer.Option(help="NAME=FOLDER, a system's sound files; may be given several times."),
    ],
    reference: Annotated[
        Path | None, typer.Option(help="The recordings' folder; hidden among the systems.")
    ] = None,
    kind: Annotated[
        Kind,
        typer.Option(
            help="acr: how good is this, 1 to 5? cmos: how does B sound compared with A, -3 to 3? "
            "abx: is X the same as A or as B?"
        ),
    ] = Kind.acr,
    items: Annotated[
        int | None, typer.Option(min=1, help="Sentences to rate, drawn at random; by default all.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How often a rater hears each sentence; by default once per system (or pair "
            "of systems). With 1, you need as many raters as systems to rate every clip once.",
        ),
    ] = None,
    question: Annotated[str | None, typer.Option(help="Ask this question instead.")] = None,
    seed: AnySeed = 0,
) -> None:
    """Make a listening test: clips at the same level, under names that reveal nothing.

    Sound files (.wav, .flac, .ogg, .mp3) of the same name are the same sentence; every system needs
    all of them. One sentence is kept for practice. With --reference an acr test also gets a low
    anchor, the recording as if through a very bad telephone: raters who can't tell the two apart
    weren't listening, and are left out of the results.

    \b
    Examples:
      ttslib listen make test --system tacotron=out/tacotron --system fastspeech=out/fastspeech
        --reference recordings --items 12
      ttslib listen make duel --kind cmos --system old=out/old --system new=out/new
    """
    from ttslib.evaluation.listening.folder import make_listening_test

    systems = dict(_named(one) for one in system)
    if len(systems) < len(system):
        raise ValueError("two systems have the same name; rename one")
    plan = make_listening_test(
        require_place(out),
        systems=systems,
        reference=reference,
        kind=kind.value,
        n_items=items,
        rounds=rounds,
        question=question,
        seed=seed,
    )
    print(
        f"{out}: {plan.scale.title}, {len(plan.items)} sentences, systems {', '.join(plan.systems)}"
    )
    print(f"each rater answers {len(plan.trials(0))} questions, including practice")
    print(f"open it to raters: ttslib listen serve {out}")


@listen_app.command()
def serve(
    folder: TestFolder,
    host: Annotated[
        str, typer.Option(help="Who has access: 127.0.0.1 only this computer, 0.0.0.0 everyone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The page's port.")] = 8866,
    raters: Annotated[
        int | None,
        typer.Option(min=2, help="Pages open at once; by default as many as fit into memory."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page here.")] = True,
) -> None:
    """Serve the test as a web page until Ctrl-C; raters need only a browser and headphones.

    Every answer is saved before the next clip appears. A rater who stops, or whose browser
    crashes, can open the page again, enter the same name and continue. Several people can listen
    at once; each needs about half a GB of memory on this computer. When all pages are taken, one
    rater waits until another leaves, and the others are told to come back later.

    The page has no password: anyone who can reach it can take part. With --host 0.0.0.0, that is
    everyone on your network. To let in people from outside, put a web server with HTTPS in front.
    Keep FOLDER on a local disk: SQLite can't share a file over a network drive.

    \b
    Examples:
      ttslib listen serve test
      ttslib listen serve test --host 0.0.0.0 --port 8000 --no-browser
    """
    from ttslib.evaluation.listening.design import open_listening_test

    open_listening_test(folder)  # raise its errors here, not on the page
    with TemporaryDirectory(prefix="ttslib-listen-") as page:
        notebook = Path(page) / "Listening test.ipynb"  # voila shows this name while it starts
        notebook.write_text(json.dumps(_notebook(folder.resolve())), encoding="utf-8")
        template = Path(page) / "voila" / "templates" / TEMPLATE / "index.html.j2"
        template.parent.mkdir(parents=True)
        template.write_text(_TEMPLATE, encoding="utf-8")
        template.with_name("conf.json").write_text('{"base_template": "lab"}', encoding="utf-8")
        _serve(notebook, host, port, raters, browser)


@listen_app.command()
def results(
    folder: TestFolder,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the files; by default results/ in FOLDER.")
    ] = None,
    screen: Annotated[
        bool, typer.Option(help="Leave out raters who didn't listen (acr tests).")
    ] = True,
    seed: AnySeed = 0,
) -> None:
    """Print the results, and write them as CSV and as a picture.

    `interval` is the 95 % interval from resampling raters and sentences; `t interval` is the
    narrower one that papers report. p (Holm) is corrected for all comparisons in the table.

    \b
    Examples:
      ttslib listen results test
      ttslib listen results test --no-screen --out everybody
    """
    from ttslib.evaluation.listening.design import open_listening_test
    from ttslib.evaluation.listening.results import listening_results

    found = listening_results(open_listening_test(folder), screen=screen, seed=seed)
    print(found)
    for path in found.save(out or folder / "results"):
        print(path)


def _named(system: str) -> tuple[str, Path]:
    name, equals, folder = system.partition("=")
    if not (name and equals and folder):
        raise ValueError(f"--system must be NAME=FOLDER, got {system!r}")
    return name, Path(folder)


def _serve(notebook: Path, host: str, port: int, raters: int | None, browser: bool) -> None:
    """Run voila until Ctrl-C or SIGTERM."""
    try:
        from ttslib.cli.listening_server import MOST_RECEIVED, RaterServer, raters_that_fit
    except ModuleNotFoundError as error:
        raise ValueError(
            f"the page needs {error.name}: pip install 'ttslib-course[lab]'"
        ) from error
    # Temporary files of voila and its kernels are deleted with the page, however they exit.
    os.environ["TMPDIR"] = tempfile.tempdir = str(notebook.parent)
    before = os.environ.get("JUPYTER_PATH")  # where voila looks for templates
    folders = [str(notebook.parent), *([before] if before else [])]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(folders)
    print(f"the test is at http://{host}:{port}/ until Ctrl-C", flush=True)
    RaterServer.launch_instance(
        [
            str(notebook),
            *(f"--Voila.ip={host}", f"--Voila.port={port}", "--Voila.port_retries=0"),
            *(f"--Voila.open_browser={browser}", "--Voila.log_level=ERROR"),
            f"--Voila.connection_dir_root={notebook.parent}",
            f"--VoilaConfiguration.template={TEMPLATE}",
            "--Voila.kernel_websocket_connection_class=ttslib.cli.listening_server.RaterConnection",
            f"--Voila.tornado_settings={{'websocket_max_message_size': {MOST_RECEIVED}}}",
            "--VoilaConfiguration.show_tracebacks=False",  # raters aren't programmers
            # An address can't choose other templates: voila never finishes a page without one.
            "--VoilaConfiguration.allow_template_override=NO",
            "--VoilaConfiguration.allow_theme_override=NO",
            "--VoilaConfiguration.preheat_kernel=True",  # a kernel takes seconds to start
            "--VoilaConfiguration.multi_kernel_manager_class=ttslib.cli.listening_server.RaterKernels",
            f"--RaterKernels.most={raters or raters_that_fit()}",
            # The kernel of a closed page ends; that of an open page stays, however long.
            "--MappingKernelManager.cull_idle_timeout=300",
            "--MappingKernelManager.cull_interval=60",
            "--MappingKernelManager.buffer_offline_messages=False",  # there is no limit to them
        ]
    )


def _notebook(folder: Path) -> dict:
    """Return a notebook with one cell, which is the whole page."""
    code = (
        "from ttslib.lab.widgets.listening_test import ListeningTest\n"
        f"ListeningTest({str(folder)!r})"
    )
    cell: dict[str, object] = {
        "cell_type": "code", "id": "test", "metadata": {}, "source": code,
        "execution_count": None, "outputs": [],
    }  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
