"""The command line: speak, train, prepare, evaluate, corpus, listen, voices, doctor.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import re
import shlex
import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated

import typer

from ttslib.cli import train_vocoders  # noqa: F401  (its commands join train_app)
from ttslib.cli.evaluate import evaluate
from ttslib.cli.listen import listen_app
from ttslib.cli.train import CorpusName, Gta, Pieces, Speakers, Tokens, prepared, train_app

__all__ = ["main"]

app = typer.Typer(
    name="ttslib",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
corpus_app = typer.Typer(help="Make, import or look at a corpus.", rich_markup_mode=None)
app.add_typer(train_app, name="train")
app.add_typer(corpus_app, name="corpus")
app.add_typer(listen_app, name="listen")


@app.callback()
def ttslib(
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False,
) -> None:
    """Build text-to-speech from scratch, and hear it speak.

    \b
    Examples:
      ttslib speak "Hello, world." --out hello.wav
      ttslib voices
      ttslib corpus make-mini
      ttslib train tacotron2 --corpus mini --minutes 10
    """


@app.command()
def speak(
    text: Annotated[str, typer.Argument(help="What to say, of any length.")],
    out: Annotated[Path, typer.Option(help="The WAV file to write.")] = Path("speech.wav"),
    voice: Annotated[
        str | None,
        typer.Option(help="A name of `ttslib voices`, or a checkpoint; else mini-fastspeech2."),
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="One of the voice's speakers.")] = None,
    vocoder: Annotated[
        str | None,
        typer.Option(help="griffin-lim, mini-hifigan, or the path of a checkpoint."),
    ] = None,
    lexicon: Annotated[
        Path | None,
        typer.Option(help="Words with your own phonemes, in the CMU dictionary's format."),
    ] = None,
    speed: Annotated[float, typer.Option(help="2 is twice as fast; for a FastSpeech 2.")] = 1.0,
    pitch: Annotated[float, typer.Option(help="Above 1 is higher; for a FastSpeech 2.")] = 1.0,
    energy: Annotated[float, typer.Option(help="Above 1 is louder; for a FastSpeech 2.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Tacotron 2 says it otherwise by another one.")] = 0,
) -> None:
    """Say a text into a WAV file, and print its path.

    \b
    Examples:
      ttslib speak "The birch canoe slid on the smooth planks."
      ttslib speak "Good morning." --speaker 9102 --out morning.wav
      ttslib speak "Not so fast, please." --speed 0.7 --pitch 1.1
      ttslib speak "Good morning." --voice mini --vocoder griffin-lim
      ttslib speak "They {R EH1 D} my GIF." --lexicon words.txt
      ttslib speak "Is it better now?" --voice data/runs/tacotron2-mini/best.safetensors
    """
    from ttslib.synthesis.voices import DEFAULT_VOICE, load_voice

    ready = load_voice(voice or DEFAULT_VOICE, vocoder=vocoder, lexicon=lexicon)
    speech = ready(text, speaker=speaker, speed=speed, pitch=pitch, energy=energy, seed=seed)
    print(f"{speech.save(out)} ({speech.seconds:.1f} s)")


@app.command()
def voices() -> None:
    """List the trained voices.

    \b
    Example:
      ttslib voices
    """
    from ttslib.synthesis.voices import list_voices, voices_folder

    found = list_voices()
    for name, description in found.items():
        print(f"{name}: {description}")
    if not found:
        print(f"no voices in {voices_folder()}; ttslib train makes one")


@app.command()
def doctor() -> None:
    """Look at what the course needs of this computer; exit status 1 if something needs mending.

    \b
    Example:
      ttslib doctor
    """
    from ttslib.doctor import check_environment, format_findings

    findings = check_environment()
    print(format_findings(findings))
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


@app.command()
def keep(
    checkpoint: Annotated[Path, typer.Argument(help="What training wrote.")],
    name: Annotated[str, typer.Argument(help="What it shall be called.")],
) -> None:
    """Keep a trained checkpoint as a voice or a vocoder, with a card that says how it was made.

    \b
    Examples:
      ttslib keep data/runs/tacotron2-mini/best.safetensors mine
      ttslib keep data/runs/hifigan-mini/best.safetensors mine-hifigan
      ttslib speak "Hello, world." --voice mine --vocoder mine-hifigan
    """
    from ttslib.synthesis.voices import keep_voice

    print(keep_voice(checkpoint, name))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    voice: Annotated[
        str, typer.Option(help="A FastSpeech 2: a name of `ttslib voices`, or a checkpoint.")
    ] = "mini-fastspeech2",
    vocoder: Annotated[
        str | None, typer.Option(help="A HiFi-GAN: mini-hifigan, or the path of a checkpoint.")
    ] = None,
) -> None:
    """Write a voice as ONNX files, which speak without PyTorch (`OnnxVoice` reads them).

    \b
    Example:
      ttslib export mini-onnx
    """
    from ttslib.synthesis.export import export_onnx
    from ttslib.synthesis.voices import load_voice

    print(export_onnx(load_voice(voice, vocoder=vocoder), folder))


@app.command()
def prepare(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    tokens: Tokens = None,
    vocabulary_size: Pieces = None,
    gta: Gta = None,
    jobs: Annotated[int, typer.Option(help="Processes; -1 is one a core.")] = -1,
) -> None:
    """Compute a corpus's features into the cache, where training finds them.

    \b
    Examples:
      ttslib prepare --corpus mini
      ttslib prepare --corpus mini --gta mini --gta mini-fastspeech2
      ttslib prepare --corpus data/LibriTTS/train-clean-100 --jobs 16
    """
    data = prepared(corpus, speaker, jobs, tokens=tokens, vocabulary_size=vocabulary_size)
    for name, features in (("training", data.training), ("held out", data.held_out)):
        seconds = sum(e.n_frames for e in features.entries) / data.audio.frames_per_second
        print(f"{name}: {len(features)} clips, {seconds / 60:.1f} minutes")
    if gta:
        _predict_mels(corpus, speaker, gta, jobs)


def _predict_mels(corpus: str, speakers: list[str] | None, voices: list[str], jobs: int) -> None:
    """Let these voices predict every clip under teacher forcing, for vocoders."""
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.teacher_mels import predict_features

    folder = data_folder() / "features"
    for name in voices:
        voice = load_voice(name)
        for part in corpus_parts(corpus, speakers=speakers):
            clips = len(predict_features(part, voice, folder=folder, jobs=jobs))
            print(f"{clips} mels as {name} predicts them")


app.command()(evaluate)


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

    root = root or data_folder() / "mini-libritts"
    mini_libritts(root)
    print(root)


@corpus_app.command("import")
def import_corpus(
    folder: Annotated[Path, typer.Argument(help="Your recordings, or LJ Speech.")],
    out: Annotated[
        Path | None, typer.Option(help="A new folder; by default in data/, called like yours.")
    ] = None,
    level: Annotated[bool, typer.Option("--level", help="Bring clips to one loudness.")] = False,
    name: Annotated[
        str | None, typer.Option(help="Of the subset; by default train- and your folder's name.")
    ] = None,
) -> None:
    """Write your recordings as a corpus in LibriTTS's layout: 24 kHz, mono, trimmed.

    FOLDER holds audio (.wav, .flac, .ogg, .mp3) with a .txt of the same name beside each; or with
    a metadata.csv, a line for each: clip.wav|text. Sub-folders, if there are several, are speakers.

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
    corpus = to_libritts(open_corpus(folder), root, subset=subset, level=level)
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
    """Tell how many clips, minutes and words each speaker has.

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
    jobs: Annotated[int, typer.Option(help="Processes; -1 is one a core.")] = -1,
) -> None:
    """Look at every clip, and name those that are not fit to learn from, and why.

    \b
    Examples:
      ttslib corpus report
      ttslib corpus report data/LibriTTS/dev-clean --out report.html
    """
    from ttslib.corpora.health.health import corpus_health
    from ttslib.corpora.parts import open_corpus

    health = corpus_health(open_corpus(corpus), jobs=jobs)
    print(health.table())
    for fault in health.faults:
        print(f"{fault.utterance}: {fault.kind}: {fault.sentence}")
    print(f"{len(health.faulty)} of {len(health.clips)} clips have a fault")
    if out is not None:
        print(health.save_html(out, title=f"Health of {Path(corpus).name}"))


def _seconds(path: Path) -> float:
    """A clip's length by its header; 0 where it can't be read."""
    import soundfile

    try:
        return soundfile.info(str(path)).duration
    except soundfile.LibsndfileError:
        return 0.0


def _warn(message: Warning | str, *_: object) -> None:
    print(f"ttslib: {' '.join(str(message).split())}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; an error is one line on stderr, with its trace behind `--debug`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments  # taken here, so that it may stand anywhere in the line
    arguments = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn  # restored at the end
            status = app(arguments, prog_name="ttslib", standalone_mode=False)
    except Exception as error:
        if debug:
            traceback.print_exc()
        usage = getattr(error, "format_message", None)  # typer's own complaints about the line
        text = f"{usage()} (ttslib --help)" if usage else str(error) or type(error).__name__
        print(f"ttslib: {' '.join(text.split())}", file=sys.stderr)
        raise SystemExit(getattr(error, "exit_code", 1)) from None
    raise SystemExit(status or 0)


if __name__ == "__main__":
    main()
