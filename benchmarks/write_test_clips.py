"""Write what voices and vocoders make of held-out sentences, a folder of WAV files for each.

    python benchmarks/write_test_clips.py CORPUS OUT --voice kathleen --voice mini-fastspeech2 \
        --copy kathleen --copy griffin-lim --clips 50 --sentences benchmarks/everyday_sentences.txt

CORPUS is a corpus's folder. For either of the two subsets that `ttslib corpus download kathleen`
makes, both are read, because the whole corpus is split. It is split by text, as the voice's
training split it (9 in 10 texts to train on, 1 in 20 for decisions, 1 in 20 for this); of each test
text the first take is used. OUT gets `recording`, a folder for each voice and `copy-NAME` for each
vocoder, with NAME.wav beside NAME.txt, which any judge of speech can read. The sentences of a file,
each after its kind and a tab, are spoken by each voice into `VOICE-KIND`. Prints the length of what
was spoken, as a share of the recordings', and the real-time factor on one thread.
"""

import argparse
import time
from pathlib import Path

import torch

from ttslib.audio.files import resample, write_audio
from ttslib.audio.mel import MelSpectrogram
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.parts import open_corpus
from ttslib.corpora.splits import split_by_text
from ttslib.synthesis.voices import load_voice, named_vocoder

SHARES = (0.9, 0.05, 0.05)


def main() -> None:
    """Write the clips."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--voice", action="append", default=[], help="a name or a path")
    parser.add_argument("--copy", action="append", default=[], help="a vocoder, or a voice's")
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--part", default="test", choices=("train", "dev", "test"))
    parser.add_argument("--sentences", type=Path, help="lines of KIND, a tab and a sentence")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    part, first = first_takes(asked.corpus, asked.part)
    chosen = [(part.utterances[i].id, text, i) for text, i in first.items()][: asked.clips]

    audio = AudioConfig()
    recordings = {}
    for name, text, index in chosen:
        waveform, rate, _ = part[index]
        sound = resample(waveform[0], source_rate=rate, target_rate=audio.sample_rate)
        recordings[name] = sound
        save(asked.out / "recording", name, text, sound)
    mel_of = MelSpectrogram(audio)
    for vocoder in asked.copy:
        model, started, seconds = loaded_vocoder(vocoder, audio), time.process_time(), 0.0
        for name, text, _ in chosen:
            with torch.no_grad():
                copy = model(mel_of(recordings[name])[None])[0]
            seconds += len(copy) / audio.sample_rate
            save(asked.out / f"copy-{Path(vocoder).stem}", name, text, copy)
        factor = (time.process_time() - started) / seconds
        print(f"copy-{Path(vocoder).stem}: real-time factor {factor:.3f}")
    for voice in asked.voice:
        speaker, started = load_voice(voice), time.process_time()
        shares, ended, seconds = [], 0, 0.0
        for name, text, _ in chosen:
            speech = speaker(text)
            seconds += speech.seconds
            shares.append(speech.seconds * audio.sample_rate / len(recordings[name]))
            ended += speech.stopped
            save(asked.out / Path(voice).stem, name, text, speech.waveform)
        factor = (time.process_time() - started) / seconds
        print(
            f"{Path(voice).stem}: {sum(shares) / len(shares):.2f} of the recordings' length, "
            f"{ended} of {len(chosen)} ended, real-time factor {factor:.3f}"
        )
        for number, (kind, text) in enumerate(read_sentences(asked.sentences)):
            folder = asked.out / f"{Path(voice).stem}-{kind}"
            save(folder, f"{number:02d}", text, speaker(text).waveform)


def first_takes(corpus: Path, part: str) -> tuple[Corpus, dict[str, int]]:
    """Return a corpus's train, dev or test part, and where the first take of each text is in it."""
    subsets = sorted(corpus.parent.glob("*-kathleen"))
    subsets = subsets if corpus in subsets else [corpus]  # else training texts would be in `test`
    parts = split_by_text(open_corpus(subsets), shares=SHARES, seed=0)
    chosen = dict(zip(("train", "dev", "test"), parts, strict=True))[part]
    first: dict[str, int] = {}
    for index, utterance in enumerate(chosen.utterances):
        first.setdefault(utterance.text, index)
    return chosen, first


def read_sentences(path: Path | None) -> list[tuple[str, str]]:
    """Return the kinds and sentences of a file; none without one."""
    lines = [] if path is None else path.read_text(encoding="utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(kind, text) for kind, text in parts]


def loaded_vocoder(name: str, audio: AudioConfig):
    """Return a vocoder by its name, or that of a voice."""
    return load_voice(name).vocoder if name == "kathleen" else named_vocoder(name, audio)


def save(folder: Path, name: str, text: str, sound: torch.Tensor) -> None:
    """Write one clip and its text."""
    write_audio(folder / f"{name}.wav", sound.clamp(-1, 1).numpy(), AudioConfig().sample_rate)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
