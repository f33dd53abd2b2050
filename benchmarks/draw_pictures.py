"""Draw the README's pictures from the shipped voice: python benchmarks/draw_pictures.py."""

from pathlib import Path

from ttslib.checkpoints import load_checkpoint
from ttslib.plots import plot_losses, plot_speech
from ttslib.synthesis.voice_files import voices_folder
from ttslib.synthesis.voices import load_voice

SENTENCE = "The birch canoe slid on the smooth planks."
FOLDER = Path(__file__).parent / "pictures"


def main() -> None:
    """Write `speech.png` and `training.png`."""
    FOLDER.mkdir(exist_ok=True)
    voice = load_voice("mini")
    speech = voice(SENTENCE)
    plot_speech(
        speech.mel, speech.alignment, tokens=speech.tokens, audio=voice.audio, title=SENTENCE
    ).savefig(FOLDER / "speech.png")

    progress = load_checkpoint(voices_folder() / "mini" / "acoustic.safetensors").progress
    history, validations = progress["history"], progress["validations"]
    curves = {
        "training loss": (history, "loss"),
        "held-out loss": (validations, "loss"),
        "free-running speech: distance to its own recording / to others": (
            validations,
            "distance_ratio",
        ),
    }
    plot_losses(
        {name: [row[key] for row in rows] for name, (rows, key) in curves.items()},
        steps={name: [row["step"] for row in rows] for name, (rows, _) in curves.items()},
        title="Training the mini voice",
    ).savefig(FOLDER / "training.png")


if __name__ == "__main__":
    main()
