"""The command line: speak, train, prepare, corpus, voices.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import sys
import time
import traceback
import warnings
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["main"]

app = typer.Typer(
    name="ttslib",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
train_app = typer.Typer(help="Train a model on a corpus.", rich_markup_mode=None)
corpus_app = typer.Typer(help="Make the mini corpus, or look at any.", rich_markup_mode=None)
app.add_typer(train_app, name="train")
app.add_typer(corpus_app, name="corpus")

CorpusName = Annotated[
    str, typer.Option(help="mini, or the folder of a LibriTTS subset (.../LibriTTS/dev-clean).")
]
Speakers = Annotated[
    list[str] | None, typer.Option("--speaker", help="Only this one; may be given several times.")
]

Steps = Annotated[int | None, typer.Option(min=1, help="The schedule's length.")]
FrameBudget = Annotated[int | None, typer.Option(help="Mel frames in a batch.")]
Minutes = Annotated[float | None, typer.Option(help="Save and end after so many.")]
Out = Annotated[Path | None, typer.Option(help="The folder for checkpoints and logs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where --out stopped.")]
Jobs = Annotated[int, typer.Option(help="Processes for features; -1 is one a core.")]
Accumulate = Annotated[int | None, typer.Option(min=1, help="Batches in a step.")]


class Precision(str, Enum):
    """What the heavy sums of training are computed in."""

    auto = "auto"  # bf16 where the processor has it, else float32
    no = "no"
    bf16 = "bf16"
    fp16 = "fp16"


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
        str, typer.Option(help="A name of `ttslib voices`, or the path of a checkpoint.")
    ] = "mini",
    speaker: Annotated[str | None, typer.Option(help="One of the voice's speakers.")] = None,
    seed: Annotated[int, typer.Option(help="Another number says it a little otherwise.")] = 0,
) -> None:
    """Say a text into a WAV file, and print its path.

    \b
    Examples:
      ttslib speak "The birch canoe slid on the smooth planks."
      ttslib speak "Good morning." --speaker 9102 --out morning.wav
      ttslib speak "Is it better now?" --voice data/runs/tacotron2-mini/best.safetensors
    """
    from ttslib.synthesis.voices import load_voice

    speech = load_voice(voice)(text, speaker=speaker, seed=seed)
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
def keep(
    checkpoint: Annotated[Path, typer.Argument(help="What training wrote.")],
    name: Annotated[str, typer.Argument(help="What the voice shall be called.")],
) -> None:
    """Keep a trained checkpoint as a voice, with a card that says how it was made.

    \b
    Example:
      ttslib keep data/runs/tacotron2-mini/best.safetensors mine
      ttslib speak "Hello, world." --voice mine
    """
    from ttslib.synthesis.voices import keep_voice

    print(keep_voice(checkpoint, name))


@train_app.command()
def tacotron2(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    accumulate: Accumulate = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and dropout.")] = None,
    jobs: Jobs = -1,
) -> None:
    """Train a small Tacotron 2; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train tacotron2 --corpus mini
      ttslib train tacotron2 --corpus mini --resume
      ttslib train tacotron2 --corpus data/LibriTTS/train-clean-100 --steps 50000
    Several processes or GPUs, after `ttslib prepare` with the same corpus:
      accelerate launch -m ttslib.cli train tacotron2 --corpus mini
    """
    from ttslib.training.recipes import train_tacotron2

    asked = {"steps": steps, "frame_budget": frame_budget, "accumulate": accumulate, "seed": seed}
    folder = _train_acoustic(
        "tacotron2", train_tacotron2, corpus, speaker, asked,
        minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs,
    )  # fmt: skip
    _tell_how_to_hear(folder)


@train_app.command()
def fastspeech2(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    accumulate: Accumulate = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and dropout.")] = None,
    jobs: Jobs = -1,
) -> None:
    """Train a small FastSpeech 2, with its own aligner; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train fastspeech2 --corpus mini
      ttslib train fastspeech2 --corpus data/LibriTTS/train-clean-100 --steps 50000
    """
    from ttslib.training.recipes import train_fastspeech2

    asked = {"steps": steps, "frame_budget": frame_budget, "accumulate": accumulate, "seed": seed}
    folder = _train_acoustic(
        "fastspeech2", train_fastspeech2, corpus, speaker, asked, prosody=True,
        minutes=minutes, out=out, resume=resume, precision=precision, jobs=jobs,
    )  # fmt: skip
    _tell_how_to_hear(folder)


def _train_acoustic(
    model: str,
    recipe: Callable,
    corpus: str,
    speakers: list[str] | None,
    asked: dict[str, int | None],
    *,
    minutes: float | None,
    out: Path | None,
    resume: bool,
    precision: Precision,
    jobs: int,
    prosody: bool = False,
) -> Path:
    """What is the same for both; returns the folder that was trained into."""
    from ttslib.config import data_folder
    from ttslib.training.loop import TrainingSettings

    folder = out or data_folder() / "runs" / f"{model}-{Path(corpus).name}"
    settings = TrainingSettings(**_chosen(asked, folder, precision, resume=resume))
    recipe(
        _prepared(corpus, speakers, jobs, prosody=prosody),
        folder=folder,
        settings=settings,
        provenance={"corpus": corpus, "only_speakers": speakers},
        resume=resume,
        monitor=None if minutes is None else _Clock(minutes),
    )
    return folder


def _tell_how_to_hear(folder: Path) -> None:
    best = next(p for n in ("best", "last") if (p := folder / f"{n}.safetensors").exists())
    print(f'{best}\nhear it: ttslib speak "Hello, world." --voice {best}')


@train_app.command()
def hifigan(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    steps: Steps = None,
    frame_budget: FrameBudget = None,
    adversarial_from: Annotated[
        float | None, typer.Option(help="Share of the steps before the discriminators join.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its peak.")] = None,
    minutes: Minutes = None,
    out: Out = None,
    resume: Resume = False,
    precision: Annotated[Precision, typer.Option(help="Of the heavy sums.")] = Precision.auto,
    seed: Annotated[int | None, typer.Option(help="Of weights and batches.")] = None,
    jobs: Jobs = -1,
) -> None:
    """Train a small HiFi-GAN, the vocoder; Ctrl-C saves and ends.

    \b
    Examples:
      ttslib train hifigan --corpus mini
      ttslib train hifigan --corpus mini --resume
      ttslib train hifigan --corpus data/LibriTTS/train-clean-100 --steps 100000
    """
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.training.vocoders import VocoderSettings, prepare_recordings, train_hifigan

    folder = out or data_folder() / "runs" / f"hifigan-{Path(corpus).name}"
    asked = {
        "steps": steps,
        "frame_budget": frame_budget,
        "adversarial_from": adversarial_from,
        "peak_learning_rate": learning_rate,
        "seed": seed,
    }
    settings = VocoderSettings(**_chosen(asked, folder, precision, resume=resume))
    parts = corpus_parts(corpus, speakers=speaker)
    train_hifigan(
        prepare_recordings(*parts, folder=data_folder() / "features", jobs=jobs),
        folder=folder,
        settings=settings,
        provenance={"corpus": corpus, "only_speakers": speaker},
        resume=resume,
        monitor=None if minutes is None else _Clock(minutes),
    )
    print(next(p for n in ("best", "last") if (p := folder / f"{n}.safetensors").exists()))


@app.command()
def prepare(
    corpus: CorpusName = "mini",
    speaker: Speakers = None,
    jobs: Annotated[int, typer.Option(help="Processes; -1 is one a core.")] = -1,
) -> None:
    """Compute a corpus's features into the cache, where training finds them.

    \b
    Examples:
      ttslib prepare --corpus mini
      ttslib prepare --corpus data/LibriTTS/train-clean-100 --jobs 16
    """
    data = _prepared(corpus, speaker, jobs)
    for name, features in (("training", data.training), ("held out", data.held_out)):
        seconds = sum(e.n_frames for e in features.entries) / data.audio.frames_per_second
        print(f"{name}: {len(features)} clips, {seconds / 60:.1f} minutes")


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
    from ttslib.corpora.mini import mini_libritts

    root = root or data_folder() / "mini-libritts"
    mini_libritts(root)
    print(root)


@corpus_app.command()
def info(
    corpus: Annotated[
        str, typer.Argument(help="mini, or the folder of a LibriTTS subset.")
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


def _seconds(path: Path) -> float:
    """A clip's length by its header; 0 where it can't be read."""
    import soundfile

    try:
        return soundfile.info(str(path)).duration
    except soundfile.LibsndfileError:
        return 0.0


def _prepared(name: str, speakers: list[str] | None, jobs: int, *, prosody: bool = False):
    """The features of a corpus in two parts, to learn from and to check with (`AcousticData`)."""
    from ttslib.config import data_folder
    from ttslib.corpora.parts import corpus_parts
    from ttslib.training.recipes import prepare_data

    parts = corpus_parts(name, speakers=speakers)
    folder = data_folder() / "features"
    return prepare_data(*parts, folder=folder, prosody=prosody, jobs=jobs)


def _chosen(asked: dict, folder: Path, precision: Precision, *, resume: bool) -> dict:
    """The settings of a training: what was asked for, and else what it began with."""
    from ttslib.checkpoints import load_checkpoint
    from ttslib.training.loop import native_precision

    last = folder / "last.safetensors"
    if not resume and last.exists():
        raise ValueError(f"{folder} holds a training; add --resume to go on, or give another --out")
    before = load_checkpoint(last).provenance["settings"] if last.exists() else {}
    chosen = {name: value for name, value in asked.items() if value is not None}
    if precision != Precision.auto or not before:
        auto = precision == Precision.auto
        chosen["mixed_precision"] = native_precision() if auto else precision.value
    return before | chosen


class _Clock:
    """A monitor of training that looks at nothing but the time."""

    def __init__(self, minutes: float):
        self.end = time.monotonic() + 60 * minutes

    def on_step(self, step: int, losses: dict[str, float]) -> None:
        pass

    def on_validation(self, step: int, validation: object) -> None:
        pass

    def should_stop(self) -> bool:
        return time.monotonic() >= self.end


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
