"""Draw the README's pictures and speak its clips: python benchmarks/draw_pictures.py."""

from pathlib import Path

from ttslib.audio.files import encode_audio
from ttslib.checkpoints import load_checkpoint
from ttslib.files import write_whole
from ttslib.plots import plot_losses, plot_speech
from ttslib.synthesis.voice_files import voices_folder
from ttslib.synthesis.voices import load_voice

SENTENCE = "The birch canoe slid on the smooth planks."
CLIPS = {
    "canoe": SENTENCE,
    "question": "Do you want tea or coffee with your breakfast?",
    "story": "When the storm had passed, we walked to the harbor. Half of the boats were gone.",
}
FOLDER = Path(__file__).parent / "pictures"


def main() -> None:
    """Write `speech.png`, `training.png`, and a compressed clip for each of `CLIPS`."""
    FOLDER.mkdir(exist_ok=True)
    voice = load_voice()
    for name, text in CLIPS.items():
        spoken = voice(text)
        _, data = encode_audio(spoken.waveform, spoken.sample_rate)
        write_whole(FOLDER / f"{name}.mp3", data)
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
