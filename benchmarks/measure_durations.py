"""How far are the durations of each source from espeak-ng's own, on held-out clips?

python benchmarks/measure_durations.py --fastspeech2 CHECKPOINT --tacotron2 CHECKPOINT
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from ttslib import mini_libritts
from ttslib.audio.mel import MelNormalizer
from ttslib.checkpoints import load_checkpoint
from ttslib.config import data_folder
from ttslib.corpora.phoneme_times import phoneme_times
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import tokenizer_from_dict
from ttslib.training.data.batches import collate
from ttslib.training.data.durations import (
    aligner_durations,
    attention_durations,
    boundary_errors,
    known_durations,
)
from ttslib.training.data.features import compute_features


def main() -> None:
    """Print a line for each source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fastspeech2", type=Path, required=True)
    parser.add_argument("--tacotron2", type=Path, required=True)
    arguments = parser.parse_args()
    checkpoints = [load_checkpoint(p) for p in (arguments.fastspeech2, arguments.tacotron2)]
    models = [
        FastSpeech2(FastSpeech2Config(**checkpoints[0].config)),
        Tacotron2(Tacotron2Config(**checkpoints[1].config)),
    ]
    for model, checkpoint in zip(models, checkpoints, strict=True):
        model.load_state_dict(checkpoint.weights)
        model.eval()
    symbols = tokenizer_from_dict(checkpoints[0].tokenizer).symbols
    batch, times, known = held_out_clips(checkpoints[0])
    sources = {
        "espeak's own, in whole frames": known,
        "the aligner of FastSpeech 2": aligner_durations(models[0]),
        "the attention of Tacotron 2": attention_durations(models[1]),
    }
    torch.manual_seed(0)
    for name, source in sources.items():
        errors = boundary_errors(
            source(batch), batch, times, symbols=symbols, audio=checkpoints[0].audio
        )
        print(
            f"{name:32}{len(errors):6} boundaries, mean {np.mean(errors):5.1f} ms, median "
            f"{np.median(errors):5.1f} ms, nine in ten within {np.quantile(errors, 0.9):5.1f} ms"
        )


def held_out_clips(checkpoint) -> tuple[TextMelBatch, list, object]:
    """The main speaker's test clips as one batch, their true times, and those as a source."""
    corpus = mini_libritts(part="test", speakers=checkpoint.speakers[:1])
    tokenizer = tokenizer_from_dict(checkpoint.tokenizer)
    features = compute_features(
        corpus, tokenizer=tokenizer, config=checkpoint.audio, folder=data_folder() / "features"
    )
    statistics = {name: checkpoint.statistics[name] for name in ("mean", "std")}
    batch = collate(
        features,
        range(len(features)),
        normalizer=MelNormalizer(**statistics),
        speakers=checkpoint.speakers,
        frames_per_step=1,
    )
    known = known_durations(corpus.utterances, symbols=tokenizer.symbols, audio=checkpoint.audio)
    return batch, [phoneme_times(u) for u in features.utterances], known


if __name__ == "__main__":
    main()
