"""The command line's `ttslib corpus`: make, download, import or look at a corpus.

Everything heavy is imported inside the commands, so that `--help` answers at once.
"""

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from ttslib.cli.options import Jobs, require_place

__all__ = ["corpus_app"]

corpus_app = typer.Typer(help="Make, download, import or look at a corpus.", rich_markup_mode=None)


@corpus_app.command("make-mini")
def make_mini(
    root: Annotated[Path | None, typer.Option(help="Where to; by default in data/.")] = None,
) -> None:
    """Make the mini corpus with espeak-ng (once; it takes a minute), and print its folder.

    \b
    Example:
      ttslib corpus make-mini
    """
    from ttslib.config import data_folder
    from ttslib.corpora.mini.corpus import mini_libritts

    root = require_place(root or data_folder() / "mini-libritts")
    mini_libritts(root)
    print(root)


@corpus_app.command()
def download(
    name: Annotated[
        str, typer.Argument(help="kathleen, ljspeech, or a subset of LibriTTS such as dev-clean.")
    ],
    root: Annotated[Path | None, typer.Option(help="Where to; by default in data/.")] = None,
) -> None:
    """Download a public corpus (kathleen 0.9 GB, ljspeech 2.7, dev-clean 1.2), and check it.

    \b
    Examples:
      ttslib corpus download kathleen
      ttslib corpus download train-clean-100 --root /data
    """
    from ttslib.corpora.download import download_corpus

    path = shlex.quote(str(download_corpus(name, root)))
    print(f"look at it: ttslib corpus info {path}")
    print(f"train on it: ttslib train tacotron2 --corpus {path}")


@corpus_app.command("import")
def import_corpus(
    folder: Annotated[Path, typer.Argument(help="Your recordings, or LJ Speech.")],
    out: Annotated[
        Path | None, typer.Option(help="A new folder; by default in data/, named like yours.")
    ] = None,
    level: Annotated[bool, typer.Option("--level", help="Level the clips' loudness.")] = False,
    name: Annotated[
        str | None, typer.Option(help="The subset's name; by default train- and the folder's name.")
    ] = None,
) -> None:
    """Write your recordings as a corpus in LibriTTS's layout: 24 kHz, mono, trimmed.

    FOLDER contains audio (.wav, .flac, .ogg, .mp3), each file with a .txt of the same name; or one
    metadata.csv with a line per clip: clip.wav|text. If there are several subfolders, each is a
    speaker.

    \b
    Examples:
      ttslib corpus import recordings
      ttslib corpus import recordings --level --out data/mine --name train-mine
      ttslib corpus import data/LJSpeech-1.1 --out data/lj
    """
    from ttslib.config import data_folder
    from ttslib.corpora.export import to_libritts
    from ttslib.corpora.parts import open_corpus

    called = re.sub(r"\W+", "-", folder.resolve().name.lower()).strip("-") or "own"
    root, subset = out or data_folder() / called, name or f"train-{called}"
    corpus = to_libritts(open_corpus(folder), require_place(root), subset=subset, level=level)
    minutes = sum(_seconds(utterance.audio_path) for utterance in corpus.utterances) / 60
    path = shlex.quote(str(root / subset))
    print(f"{path}: {len(corpus)} clips, {minutes:.1f} minutes, {len(corpus.speakers)} speaker(s)")
    print(f"look at it: ttslib corpus info {path}")
    print(f"train on it: ttslib train tacotron2 --corpus {path}")


@corpus_app.command()
def info(
    corpus: Annotated[
        str, typer.Argument(help="mini, or a folder: a LibriTTS subset, LJ Speech, or recordings.")
    ] = "mini",
) -> None:
    """Show how many clips, minutes and words each speaker has.

    \b
    Examples:
      ttslib corpus info
      ttslib corpus info data/LibriTTS/dev-clean
    """
    from ttslib.corpora.parts import open_corpus

    utterances = open_corpus(corpus).utterances
    seconds = [_seconds(utterance.audio_path) for utterance in utterances]
    words = [len(utterance.text.split()) for utterance in utterances]
    print(f"{'speaker':12}{'clips':>8}{'minutes':>10}{'words':>10}")
    for name in [*sorted({u.speaker for u in utterances}), "all"]:
        chosen = [i for i, u in enumerate(utterances) if name in (u.speaker, "all")]
        spoken, said = sum(seconds[i] for i in chosen), sum(words[i] for i in chosen)
        print(f"{name:12}{len(chosen):8}{spoken / 60:10.1f}{said:10}")
    if broken := sum(length == 0 for length in seconds):
        print(f"{broken} of the clips can't be read")


@corpus_app.command()
def report(
    corpus: Annotated[
        str, typer.Argument(help="mini, or a folder: a LibriTTS subset, LJ Speech, or recordings.")
    ] = "mini",
    out: Annotated[Path | None, typer.Option(help="An HTML page to write, with pictures.")] = None,
    jobs: Jobs = -1,
) -> None:
    """Check every clip, and list those that are unfit for training, with the reason.

    \b
    Examples:
      ttslib corpus report
      ttslib corpus report data/LibriTTS/dev-clean --out report.html
    """
    from ttslib.corpora.health.health import corpus_health
    from ttslib.corpora.parts import open_corpus

    if out is not None:
        require_place(out.parent)
    health = corpus_health(open_corpus(corpus), jobs=jobs)
    print(health.table())
    for fault in health.faults:
        print(f"{fault.utterance}: {fault.kind}: {fault.sentence}")
    print(f"{len(health.faulty)} of {len(health.clips)} clips have a fault")
    if out is not None:
        print(health.save_html(out, title=f"Health of {Path(corpus).name}"))


def _seconds(path: Path) -> float:
    """Return a clip's length from its header; 0 if it can't be read."""
    from ttslib.audio.files import audio_seconds

    return audio_seconds(path) or 0.0
