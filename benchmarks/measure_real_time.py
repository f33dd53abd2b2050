"""CPU time per second of speech on one thread, after a sentence that isn't counted.

    python benchmarks/measure_real_time.py OUT/recording
    python benchmarks/measure_real_time.py OUT/recording --piper VOICE.onnx

The texts are those that `write_test_clips.py` wrote beside the clips. Call both in turns.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", type=Path)
    parser.add_argument("--voice", default="kathleen")
    parser.add_argument("--piper", help="the file of a Piper voice, to measure instead")
    asked = parser.parse_args()
    speak = piper(asked.piper) if asked.piper else ours(asked.voice)
    speak("This one isn't counted.")
    texts = [path.read_text(encoding="utf-8") for path in sorted(asked.texts.glob("*.txt"))]
    started = time.process_time()
    seconds = sum(map(speak, texts))
    print(f"{asked.piper or asked.voice}: {(time.process_time() - started) / seconds:.4f}")


def ours(name: str) -> Callable[[str], float]:
    """Return a function that speaks a text and returns the seconds of speech."""
    import torch

    from ttslib import load_voice

    torch.set_num_threads(1)
    voice = load_voice(name)
    return lambda text: voice(text).seconds


def piper(path: str) -> Callable[[str], float]:
    """Return the same for Piper (`pip install piper-tts`); set OMP_NUM_THREADS=1."""
    from piper import PiperVoice

    voice = PiperVoice.load(path)
    return lambda text: sum(
        len(chunk.audio_int16_array) / chunk.sample_rate for chunk in voice.synthesize(text)
    )


if __name__ == "__main__":
    main()
