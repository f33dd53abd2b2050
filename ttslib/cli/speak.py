"""The command line's speak, voices, doctor, keep and export.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttslib.cli.options import AnySeed, factor

if TYPE_CHECKING:
    from ttslib.synthesis.onnx_voice import OnnxVoice
    from ttslib.synthesis.synthesizer import Synthesizer

__all__ = ["add_commands"]


def speak(
    text: Annotated[
        str | None,
        typer.Argument(help="What to say, of any length; - or nothing reads standard input."),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Read the text from this file.")] = None,
    out: Annotated[
        Path, typer.Option(help="The WAV file to write; - writes it to standard output.")
    ] = Path("speech.wav"),
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line to its own file: speech-001.wav and so on.")
    ] = False,
    json_lines: Annotated[
        bool,
        typer.Option("--json", help='Lines like {"text": "Hi.", "out": "a.wav", "speaker": "x"}.'),
    ] = False,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Write 16-bit samples to standard output as they are ready."),
    ] = False,
    play: Annotated[bool, typer.Option("--play", help="Play it instead of writing it.")] = False,
    voice: Annotated[
        str | None,
        typer.Option(help="From `ttslib voices`, a checkpoint or hf:owner/name; else kathleen."),
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="One of the voice's speakers.")] = None,
    vocoder: Annotated[
        str | None,
        typer.Option(help="griffin-lim, mini-vocos, or the path of a checkpoint."),
    ] = None,
    lexicon: Annotated[
        Path | None,
        typer.Option(help="Words with your own phonemes, in the CMU dictionary's format."),
    ] = None,
    speed: Annotated[float, typer.Option(callback=factor, help="2 is twice as fast.")] = 1.0,
    pitch: Annotated[float, typer.Option(callback=factor, help="Above 1 is higher.")] = 1.0,
    energy: Annotated[float, typer.Option(callback=factor, help="Above 1 is louder.")] = 1.0,
    seed: AnySeed = 0,
) -> None:
    """Speak a text into a WAV file, and print its path.

    \b
    Examples:
      ttslib speak "The birch canoe slid on the smooth planks."
      ttslib speak "Not so fast, please." --speed 0.7 --pitch 1.1 --play
      ttslib speak --file story.txt --out story.wav
      ttslib speak --lines --file prompts.txt --out prompts/line.wav
      echo "Good morning." | ttslib speak --out - > morning.wav
      ttslib speak --raw --file story.txt | aplay -r 24000 -f S16_LE
      ttslib speak "Good morning." --voice mini --speaker 9102 --vocoder griffin-lim
      ttslib speak "They {R EH1 D} my GIF." --lexicon words.txt
    """
    from ttslib.cli.requests import read_requests
    from ttslib.cli.sinks import open_sink
    from ttslib.synthesis import voice_files
    from ttslib.synthesis.quick import quick_voice

    requests = read_requests(text, file, lines=lines, json_lines=json_lines, out=out)
    sink = open_sink(out, raw=raw, play=play)
    name = voice_files.DEFAULT_VOICE if voice is None else voice
    ready: OnnxVoice | Synthesizer | None = None
    if vocoder is None:
        ready = quick_voice(name, lexicon=lexicon, notice=_notice)
    if ready is None:
        from ttslib.synthesis.voices import load_voice

        ready = load_voice(name, vocoder=vocoder, lexicon=lexicon)
    for request in requests:
        pieces = ready.stream(
            request.text, speaker=request.speaker or speaker,
            speed=speed, pitch=pitch, energy=energy, seed=seed,
        )  # fmt: skip
        sink(pieces, request.out, ready.audio.sample_rate)


def _notice(line: str) -> None:
    print(f"ttslib: {line}", file=sys.stderr)


voices_app = typer.Typer(rich_markup_mode=None)


@voices_app.callback(invoke_without_command=True)
def voices(context: typer.Context) -> None:
    """List the voices; `add` makes one from published weights, `push` publishes one.

    \b
    Examples:
      ttslib voices
      ttslib voices add nvidia --tacotron2 tacotron2_statedict.pt --vocoder generator_v1
    """
    if context.invoked_subcommand:
        return
    from ttslib.synthesis.voice_files import list_voices, voices_folder

    found = list_voices()
    for name, description in found.items():
        print(f"{name}: {description}")
    if not found:
        print(f"no voices in {voices_folder()}; ttslib train makes one")


@voices_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name from now on.")],
    tacotron2: Annotated[
        Path, typer.Option(help="NVIDIA's tacotron2_statedict.pt, or torchaudio's weights.")
    ],
    vocoder: Annotated[
        Path | None, typer.Option(help="A HiFi-GAN's generator_v1 or the like, or a WaveGlow.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The HiFi-GAN's JSON; else config.json beside it.")
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="In half precision, half as large.")] = False,
) -> None:
    """Make a voice from published weights; only tensors are read from their files, never code.

    \b
    Examples:
      ttslib voices add nvidia --tacotron2 tacotron2_statedict.pt --vocoder generator_v1
      ttslib speak "Hello, world." --voice nvidia
    """
    from ttslib.synthesis.published import add_voice

    print(add_voice(name, tacotron2=tacotron2, vocoder=vocoder, config=config, half=half))


@voices_app.command()
def push(
    voice: Annotated[str, typer.Argument(help="A name of `ttslib voices`, or a voice's folder.")],
    repository: Annotated[str, typer.Argument(help="owner/name, created if it doesn't exist.")],
    private: Annotated[bool, typer.Option("--private", help="Visible only to the owner.")] = False,
) -> None:
    """Publish a voice on the Hugging Face Hub, after logging in with `hf auth login`.

    \b
    Examples:
      ttslib voices push mine me/my-voice
      ttslib speak "Hello, world." --voice hf:me/my-voice
    """
    from ttslib.synthesis.hub import push_voice
    from ttslib.synthesis.voice_files import find_voice

    print(push_voice(find_voice(voice).parent, repository, private=private))


def doctor() -> None:
    """Check what the course needs on this computer; exit with status 1 if something needs fixing.

    \b
    Example:
      ttslib doctor
    """
    from ttslib.doctor import check_environment, format_findings

    findings = check_environment()
    print(format_findings(findings))
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


def keep(
    checkpoint: Annotated[Path, typer.Argument(help="What training wrote.")],
    name: Annotated[str, typer.Argument(help="Its name from now on.")],
    vocoder: Annotated[
        Path | None, typer.Option(help="A vocoder's checkpoint, to be kept with it.")
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="In half precision, half as large.")] = False,
) -> None:
    """Keep a trained checkpoint as a voice or a vocoder, with a card on how it was made.

    \b
    Examples:
      ttslib keep data/runs/tacotron2-mini/best.safetensors mine
      ttslib keep data/runs/vocos-mini/last.safetensors mine-vocos
      ttslib speak "Hello, world." --voice mine --vocoder mine-vocos
      ttslib keep matcha/best.safetensors mine --vocoder vocos/best.safetensors --half
    """
    from ttslib.synthesis.voices import keep_voice

    print(keep_voice(checkpoint, name, vocoder=vocoder, half=half))


def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    voice: Annotated[
        str, typer.Option(help="A FastSpeech 2 or Matcha-TTS: a name, or a checkpoint.")
    ] = "mini-fastspeech2",
    vocoder: Annotated[
        str | None, typer.Option(help="A Vocos or a HiFi-GAN: mini-vocos, or a checkpoint.")
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


def add_commands(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (speak, doctor, keep, export):
        app.command()(command)
    app.add_typer(voices_app, name="voices")
