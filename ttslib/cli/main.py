"""The command line: speak, train, prepare, evaluate, corpus, listen, voices, doctor.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import sys
import traceback
import warnings
from typing import Annotated

import typer

from ttslib.cli.corpus import corpus_app
from ttslib.cli.evaluate import evaluate
from ttslib.cli.listen import listen_app
from ttslib.cli.options import remedy_of, require_whole
from ttslib.cli.prepare import prepare
from ttslib.cli.speak import add_commands
from ttslib.cli.train import train_app

__all__ = ["main"]

LONGEST_LINE = 600  # characters of an error

app = typer.Typer(
    name="ttslib",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(train_app, name="train")
app.add_typer(corpus_app, name="corpus")
app.add_typer(listen_app, name="listen")


@app.callback()
def ttslib(
    debug: Annotated[bool, typer.Option("--debug", help="Show an error's traceback.")] = False,
) -> None:
    """Build text-to-speech from scratch, and hear it speak.

    \b
    Examples:
      ttslib speak "Hello, world." --out hello.wav
      ttslib voices
      ttslib corpus make-mini
      ttslib train tacotron2 --corpus mini --minutes 10
    """


app.command()(prepare)
add_commands(app)
app.command()(evaluate)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    print(f"ttslib: {_printable(str(message))}", file=sys.stderr)


def _printable(text: str) -> str:
    """Return one line of at most 600 characters without any control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."


def main(arguments: list[str] | None = None) -> None:
    """Run a command; an error is one line on stderr, with its traceback after `--debug`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments  # handled here, so that it works anywhere in the line
    arguments = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn  # restored at the end
            require_whole(arguments)
            status = app(arguments, prog_name="ttslib", standalone_mode=False)
    except Exception as error:
        if debug:
            traceback.print_exc()
        usage = getattr(error, "format_message", None)  # typer's own messages about the arguments
        text = f"{usage()} (ttslib --help)" if usage else str(error) or type(error).__name__
        if remedy := remedy_of(error):
            text = f"{text}; {remedy}"
        print(f"ttslib: {_printable(text)}", file=sys.stderr)
        raise SystemExit(getattr(error, "exit_code", 1)) from None
    raise SystemExit(status or 0)


if __name__ == "__main__":
    main()
