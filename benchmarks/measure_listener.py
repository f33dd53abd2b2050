"""What a listener hears: its phoneme error rate on test recordings, and on voices beside them.

python benchmarks/measure_listener.py mini-listener
python benchmarks/measure_listener.py mini-listener --voices mini mini-fastspeech2 --altered

With --altered, the voices say the sentences with one consonant of every word replaced, which no
listener can know from the language: what it hears is counted against what was said, and against the
sentence as it was.
"""

import argparse
import random

from ttslib import load_voice
from ttslib.corpora.mini.corpus import MINI_SPEAKERS, mini_libritts
from ttslib.evaluation.measures.intelligibility import ErrorCounts, count_errors
from ttslib.evaluation.measures.recognizers import PhonemeListener
from ttslib.text.arpabet import PHONEMES

CONSONANTS = [phoneme for phoneme in PHONEMES if not phoneme[-1].isdigit()]


def main() -> None:
    """Print a row for each speaker's recordings, then for each voice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("listener", nargs="?", default="mini-listener")
    parser.add_argument("--voices", nargs="*", default=[])
    parser.add_argument("--vocoder", help="a voice's own default when not given")
    parser.add_argument("--sentences", type=int, default=50, help="of each speaker, at the most")
    parser.add_argument("--speakers", nargs="*", default=[s.id for s in MINI_SPEAKERS])
    parser.add_argument("--altered", action="store_true")
    arguments = parser.parse_args()

    ear = PhonemeListener(arguments.listener)
    print(f"{sum(p.numel() for p in ear.model.parameters()):,} parameters")
    voices = {
        name: load_voice(name, **({"vocoder": arguments.vocoder} if arguments.vocoder else {}))
        for name in arguments.voices
    }
    for speaker in arguments.speakers:
        corpus = mini_libritts(part="test", speakers=[speaker])
        clips = [corpus[i] for i in range(min(arguments.sentences, len(corpus)))]
        texts = [text for _, _, text in clips]
        expected = [ear.expected(text) for text in texts]
        heard = [ear.hear(waveform, sample_rate=rate) for waveform, rate, _ in clips]
        print(f"{speaker} {'recordings':44}{count(expected, heard)}", flush=True)
        for name, voice in voices.items():
            heard = hear(ear, voice(texts, speaker=speaker))
            print(f"{speaker} {name:44}{count(expected, heard)}", flush=True)
            if arguments.altered:
                said = [alter(voice.tokenizer.split(text)) for text in texts]
                heard = hear(ear, voice(said, speaker=speaker))
                for kind, text in (("what was said", said), ("the sentence", texts)):
                    found = count([ear.expected(one) for one in text], heard)
                    print(f"{speaker} {f'{name}, altered: {kind}':44}{found}", flush=True)


def hear(ear: PhonemeListener, spoken: list) -> list[str]:
    """What is heard of each."""
    return [ear.hear(speech.waveform, sample_rate=speech.sample_rate) for speech in spoken]


def count(expected: list[str], heard: list[str]) -> ErrorCounts:
    """The errors of all sentences together."""
    counts = [
        count_errors(one, other, unit="phoneme") for one, other in zip(expected, heard, strict=True)
    ]
    return sum(counts[1:], counts[0])


def alter(symbols: list[str]) -> str:
    """The sentence in braces with one consonant of every word replaced by another."""
    draw = random.Random(" ".join(symbols))
    words = []
    for word in " ".join(symbols).split("   "):  # the boundary is a symbol, too
        phonemes = word.split()
        places = [i for i, phoneme in enumerate(phonemes) if phoneme in CONSONANTS]
        if places:
            place = draw.choice(places)
            phonemes[place] = draw.choice([c for c in CONSONANTS if c != phonemes[place]])
        spoken = [phoneme for phoneme in phonemes if phoneme in PHONEMES]
        marks = "".join(phoneme for phoneme in phonemes if phoneme not in PHONEMES)
        words.append("{" + " ".join(spoken) + "}" + marks)
    return " ".join(words)


if __name__ == "__main__":
    main()
