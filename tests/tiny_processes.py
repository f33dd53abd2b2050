"""What processes of one launch train together: every task, then one with a NaN.

    python -m torch.distributed.run --nproc-per-node=2 tiny_processes.py CORPUS FOLDER

prints how the last of these trainings ended in each process.
"""

import os
import sys
from pathlib import Path

from tiny_tasks import train_all
from tiny_training import poisoned, tiny_train
from tiny_vocoder_training import tiny_vocoder_train

from ttslib.training.state import TrainingStopped

STEPS = 4


def main() -> None:
    corpus, folder = map(Path, sys.argv[1:])
    tiny_train(folder / "tacotron2", steps=STEPS, save_every=1)
    tiny_vocoder_train(folder / "hifigan", steps=STEPS, batches=1)
    train_all(corpus, folder, accumulate=1)
    try:
        tiny_train(folder / "poisoned", steps=8, batch=poisoned(3))
    except (TrainingStopped, SystemExit) as end:
        print(f"rank {os.environ['RANK']}: {type(end).__name__} {end}")


if __name__ == "__main__":
    main()
