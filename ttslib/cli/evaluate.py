"""The command line's `ttslib evaluate`: systems compared on one page.

torch and everything built on it is imported inside the command, so that `--help` answers at once.
"""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ttslib.cli.options import AnySeed, CorpusName, Jobs, Speakers, require_place

__all__ = ["evaluate"]


def evaluate(
    systems: Annotated[
        list[str],
        typer.Argument(
            help="VOICE, VOICE+VOCODER or copy:VOCODER; names or paths, with griffin-lim among the "
            "vocoders. Append @5 to give a slow one only five of the sentences."
        ),
    ],
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    out: Annotated[
        Path, typer.Option(help="A folder; an evaluation begun there is resumed.")
    ] = Path("report"),
    sentences: Annotated[int, typer.Option(min=1, help="Spread evenly over the corpus.")] = 20,
    heard: Annotated[int, typer.Option(min=0, help="Sentences to listen to on the page.")] = 6,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Use training clips, too, not only test clips."),
    ] = False,
    recognizer: Annotated[
        list[str] | None,
        typer.Option(
            help="What transcribes the speech, for error rates: a listener's name or checkpoint, "
            "pocketsphinx, whisper:FOLDER, or whisper-download:NAME to download it; may be "
            "repeated. By default mini-listener for the mini corpus, and none for any other."
        ),
    ] = None,
    predict_mos: Annotated[
        bool,
        typer.Option(
            "--predict-mos", help="Predict listeners' opinions, too (needs ttslib-course[mos])."
        ),
    ] = False,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the tables to this Markdown file.")
    ] = None,
    seed: AnySeed = 0,
    jobs: Jobs = -1,
) -> None:
    """Compare systems with the recordings, on sentences that they weren't trained on.

    Writes report.json and report.html, a page with every measure and its interval, pictures, and
    clips to listen to. The sentences are the mini corpus's test sentences, or those that `ttslib
    train` holds out from any other corpus.

    \b
    Examples:
      ttslib evaluate mini mini-fastspeech2
      ttslib evaluate mini+griffin-lim mini+mini-vocos copy:griffin-lim --speaker 9101
      ttslib evaluate kathleen copy:kathleen --corpus data/kathleen --predict-mos
      ttslib evaluate data/runs/mine/best.safetensors --corpus data/LibriTTS/dev-clean --out mine
    """
    require_place(out)
    if markdown is not None:
        require_place(markdown.parent)
    from ttslib.corpora.parts import corpus_parts, open_corpus
    from ttslib.evaluation.report.report import evaluate as run

    if everything:
        clips = open_corpus(corpus, speakers=speaker)
    elif corpus == "mini":
        clips = open_corpus(corpus, part="test", speakers=speaker)
    else:
        clips = corpus_parts(corpus, speakers=speaker)[1]
    report = run(
        systems, clips, out=out, name=Path(corpus).name, sentences=sentences, heard=heard,
        recognizers=recognizer or (["mini-listener"] if corpus == "mini" else []),
        predict_mos=predict_mos, seed=seed, jobs=jobs,
    )  # fmt: skip
    print(report.table())
    if report.failures:
        print(f"{len(report.failures)} clips failed; the page lists them")
    if markdown is not None:
        flags = [flag for name in speaker or () for flag in ("--speaker", name)]
        command = ["ttslib", "evaluate", *systems, "--corpus", corpus, *flags]
        command += ["--sentences", str(sentences), "--heard", str(heard), "--seed", str(seed)]
        command += ["--all"] if everything else []
        command += [flag for name in recognizer or () for flag in ("--recognizer", name)]
        command += ["--predict-mos"] if predict_mos else []
        command += ["--out", out.as_posix(), "--markdown", markdown.as_posix()]
        report.save_markdown(markdown, command=shlex.join(command))
    print(report.save(out))
