"""The command line's speak, voices, doctor, keep and export.

torch and everything built on it is imported inside the commands, so that `--help` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add_commands"]


def speak(
    text: Annotated[str, typer.Argument(help="What to say, of any length.")],
    out: Annotated[Path, typer.Option(help="The WAV file to write.")] = Path("speech.wav"),
    voice: Annotated[
        str | None,
        typer.Option(help="A name of `ttslib voices`, or a checkpoint; else kathleen."),
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


def keep(
    checkpoint: Annotated[Path, typer.Argument(help="What training wrote.")],
    name: Annotated[str, typer.Argument(help="Its name from now on.")],
) -> None:
    """Keep a trained checkpoint as a voice or a vocoder, with a card that says how it was made.

    \b
    Examples:
      ttslib keep data/runs/tacotron2-mini/best.safetensors mine
      ttslib keep data/runs/vocos-mini/last.safetensors mine-vocos
      ttslib speak "Hello, world." --voice mine --vocoder mine-vocos
    """
    from ttslib.synthesis.voices import keep_voice

    print(keep_voice(checkpoint, name))


def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    voice: Annotated[
        str, typer.Option(help="A FastSpeech 2: a name of `ttslib voices`, or a checkpoint.")
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
    for command in (speak, voices, doctor, keep, export):
        app.command()(command)
