"""Let a trained voice speak 50 held-out sentences freely and hold them against the recordings.

python benchmarks/measure_voice.py data/voices/mini/acoustic.safetensors
"""

import argparse
import time

from ttslib import load_voice
from ttslib.checkpoints import load_checkpoint
from ttslib.config import data_folder
from ttslib.corpora.mini.corpus import mini_libritts
from ttslib.training.data.features import compute_features
from ttslib.training.free_running import speak_features, spoken_figures


def main() -> None:
    """Print the four figures for the main speaker, and for the others where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=1, help="how many times to speak each")
    parser.add_argument("--others", action="store_true", help="the other speakers too")
    arguments = parser.parse_args()

    checkpoint = load_checkpoint(arguments.checkpoint)
    voice = load_voice(arguments.checkpoint)
    model, tokenizer = voice.acoustic, voice.tokenizer
    test = compute_features(
        mini_libritts(part="test"),
        tokenizer=tokenizer,
        config=checkpoint.audio,
        folder=data_folder() / "features",
    )
    print(
        f"step {checkpoint.progress['step']}, {checkpoint.progress['seconds'] / 60:.1f} minutes "
        f"of training, {sum(p.numel() for p in model.parameters()):,} parameters"
    )
    for speaker in test.speakers if arguments.others else [test.main_speaker]:
        clips = test.of_speaker(speaker)
        clips = clips.take(range(min(arguments.sentences, len(clips))))
        for seed in range(arguments.seeds):
            started = time.perf_counter()
            spoken = speak_features(model, clips, speakers=checkpoint.speakers, seed=seed)
            seconds = time.perf_counter() - started
            figures = spoken_figures(
                spoken,
                clips,
                tokenizer=tokenizer,
                normalizer=voice.normalizer,
                audio=checkpoint.audio,
            )
            frames = sum(mel.shape[1] for mel in spoken.mels)
            print(f"speaker {speaker}, seed {seed}: {figures}")
            print(f"  {figures.alignment}")
            print(
                f"  {frames / checkpoint.audio.frames_per_second:.0f} s of mel spoken in "
                f"{seconds:.1f} s"
            )


if __name__ == "__main__":
    main()
