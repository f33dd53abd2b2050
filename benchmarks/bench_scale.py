"""Measure what a corpus of any size costs before training, on metadata that is made up.

    python benchmarks/bench_scale.py                                     # 585 hours
    python benchmarks/bench_scale.py --clips 1000000 --times 64          # 100,000 hours
    python benchmarks/bench_scale.py --clips 100000 --real               # 9 GB on the disk

makes an index of so many clips (LibriTTS has 375,000 in 585 hours, 5.6 s each) and the folders that
it watches, opens it, divides it into two parts, looks all mels up in a feature store and asks for
batches. The sound files don't exist, and the shards are holes of the right size, so no disk is
measured; `--real` writes their bytes (87 kB a clip).
"""

import argparse
import gc
import itertools
import json
import os
import random
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from ttslib.audio.mel import MelNormalizer
from ttslib.corpora import index
from ttslib.corpora.libritts import LibriTTS
from ttslib.corpora.parts import corpus_parts
from ttslib.corpora.utterances import Strings, Table, Utterances, join
from ttslib.records import TextMelBatch, Utterance
from ttslib.training.data.batches import BatchStream, collate, read_ahead
from ttslib.training.data.features import Features
from ttslib.training.data.store import KEY, Column, Store

CHAPTER, SPEAKER = 40, 160  # clips of each
DIFFERENT = 20_000  # clips made up; larger corpora repeat them
SHARD, MELS, BUDGET = 64, 80, 12_000
SECONDS_A_CLIP = 5.6
_ZEROS = zlib.crc32(bytes(4 * 85))


class Clock:
    """Print what each part takes, in seconds of the wall and of one core, and memory."""

    def __call__(self, name: str, *, per: str = "") -> None:
        """Print what was used since the last line."""
        wall, cpu, memory = time.perf_counter(), time.process_time(), _memory()
        print(
            f"{name:34}{wall - self.wall:9.2f} s{cpu - self.cpu:9.2f} s of a core"
            f"{(memory - self.memory) / 2**20:9.1f} MiB {per}",
            flush=True,
        )
        self.start()

    def start(self) -> None:
        """Count from now on."""
        gc.collect()
        self.wall, self.cpu, self.memory = time.perf_counter(), time.process_time(), _memory()


def _memory() -> int:
    """Memory of this process alone; mapped files are not counted."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def chapters(n_clips: int) -> list[str]:
    """Return the folder of each chapter."""
    return [f"{clip // SPEAKER}/{clip // CHAPTER}" for clip in range(0, n_clips, CHAPTER)]


def make_up_clips(subset: Path, n_clips: int) -> Iterator[Utterance]:
    """Yield clips with texts as long as LibriTTS's, one in six printed otherwise."""
    words = "the quick brown fox jumps over a lazy dog near some old river banks today".split()
    draw = random.Random(0)
    for clip in range(n_clips):
        speaker, chapter = clip // SPEAKER, clip // CHAPTER
        name = f"{speaker}_{chapter}_{clip:06d}_000000"
        text = " ".join(draw.choices(words, k=17)) + f" {clip}."
        yield Utterance(
            id=name,
            speaker=str(speaker),
            text=text,
            audio_path=subset / f"{speaker}/{chapter}/{name}.wav",
            original=text.capitalize() if clip % 6 == 0 else text,
        )


def make_up_table(subset: Path, n_clips: int) -> Table:
    """Pack clips, and repeat them up to `n_clips`."""
    table = Table.of(make_up_clips(subset, min(n_clips, DIFFERENT)), prefix=f"{subset}/")
    times = -(-n_clips // len(table.speaker))

    def repeated(strings: Strings) -> Strings:
        shift = np.repeat(np.arange(times) * strings.ends[-1], len(strings))
        ends = (np.tile(strings.ends, times) + shift)[:n_clips]
        return Strings(np.tile(strings.letters, times)[: ends[-1]], ends)

    columns = {name: repeated(getattr(table, name)) for name in ("paths", "texts", "originals")}
    ids = Strings(np.zeros(1, np.uint8), np.zeros(n_clips, np.int64))  # all by the paths
    return table._replace(ids=ids, speaker=np.tile(table.speaker, times)[:n_clips], **columns)


def make_up_shards(store: Store, lengths: np.ndarray, *, real: bool) -> np.ndarray:
    """Write shards of mels that are all zero, and return their keys; all shards are alike."""
    keys = np.random.default_rng(1).bytes(16 * len(lengths))
    store.folder.mkdir(parents=True)
    head = {
        "keys": np.zeros(16 * SHARD, np.uint8),
        "lengths": lengths[:SHARD].astype(np.int64),
        "checks": np.array([zlib.crc32(bytes(2 * MELS * n)) for n in lengths[:SHARD]], np.uint32),
    }
    size = int(lengths[:SHARD].sum()) * MELS
    whole = bytearray(save(head | {"data": np.zeros(size, np.int16)}, {"reasons": "{}"}))
    header_ends = 8 + int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:header_ends])
    place = header_ends + header["keys"]["data_offsets"][0]
    data = [header_ends + offset for offset in header["data"]["data_offsets"]]
    for number in range(len(lengths) // SHARD):
        whole[place : place + 16 * SHARD] = keys[16 * SHARD * number : 16 * SHARD * (number + 1)]
        with (store.folder / f"{number:024d}.safetensors").open("wb") as file:
            if real:
                file.write(whole)
            else:  # a hole instead of the data
                file.write(whole[: data[0]])
                file.seek(data[1])
                file.write(whole[data[1] :])
                file.truncate(len(whole))
    return np.frombuffer(keys, KEY)


def made_up_features(utterances: Utterances, mels: Column) -> Features:
    """Return features whose tokens and mels are the same zeros."""
    few = Column(
        paths=mels.paths, dtype="int32", width=1, shard=mels.shard, offset=mels.offset,
        length=np.full(len(utterances), 85, np.int32), check=np.full_like(mels.check, _ZEROS),
    )  # fmt: skip
    return Features(
        utterances=utterances,
        corpus_indices=np.arange(len(utterances)),
        keys=np.zeros(len(utterances), KEY),
        token_column=few,
        mel_column=mels,
    )


def main() -> None:
    """Print a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=375_040)
    parser.add_argument("--times", type=int, default=1, help="join the corpus with itself")
    parser.add_argument("--real", action="store_true", help="write the mels' bytes")
    parser.add_argument("--folder", type=Path, help="where to make it all up; emptied at the end")
    parser.add_argument("--batches", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    n = arguments.clips // SHARD * SHARD
    hours = arguments.times * n * SECONDS_A_CLIP / 3600
    print(f"{arguments.times} x {n} clips, {hours:,.0f} hours; load {os.getloadavg()[0]:.0f}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        os.environ["TTSLIB_DATA"] = folder
        root = Path(folder)
        utterances = measure_opening(root, n, arguments.times)
        features = measure_store(root, utterances, n, arguments.times, real=arguments.real)
        measure_batches(features, arguments.batches)


def measure_opening(root: Path, n: int, times: int) -> Utterances:
    """Measure how a corpus is opened from its index."""
    clock, subset = Clock(), root / "LibriTTS" / "train-made-up"
    for folder in chapters(n):
        (subset / folder).mkdir(parents=True)
    (subset / "0" / "0" / "0_0_000000_000000.normalized.txt").touch()  # for open_corpus
    table = make_up_table(subset, n)
    watched = [str(subset), *(str(subset / folder) for folder in chapters(n))]
    index._save(
        index.index_path(subset, "LibriTTS normalized"), table, {}, watched, index._dates(watched)
    )
    del table
    size = sum(path.stat().st_size for path in (root / "indexes").iterdir())
    clock.start()
    corpora = [LibriTTS(root / "LibriTTS", "train-made-up") for _ in range(times)]
    assert len(corpora[0]) == n
    clock(f"opening ({len(watched)} folders)", per=f"({size / n:.0f} bytes a clip on disk)")
    _, held_out = corpus_parts(subset)
    clock("two parts", per=f"({len(held_out)} clips held out)")
    for place in range(0, n, n // 10_000):
        corpora[0].utterances[place]
    clock("10,000 Utterance objects")
    return join([corpus.utterances for corpus in corpora], ["", *map(str, range(1, times))])


def measure_store(
    root: Path, utterances: Utterances, n: int, times: int, *, real: bool
) -> Features:
    """Measure how mels are found."""
    clock = Clock()
    clock.start()
    seconds = np.random.default_rng(2).gamma(2.2, SECONDS_A_CLIP / 2.2, size=SHARD).clip(0.5, 30)
    lengths = np.tile((seconds * 24_000 / 256).astype(np.int32), n // SHARD)
    store = Store(root / "mels", dtype="int16", width=MELS)
    keys = make_up_shards(store, lengths, real=real)
    clock("writing shards" if real else "making up shards")
    store.find(keys[:1])
    clock(f"listing {n // SHARD} shards once")
    mels, _ = store.find(keys)
    clock(
        "finding all mels",
        per=f"(index: {(store.folder / 'index.safetensors').stat().st_size / n:.0f} bytes a clip)",
    )
    features = made_up_features(utterances, Column.joined([mels] * times))
    assert features.main_speaker in features.speakers
    clock(f"{len(features.speakers)} speakers")
    return features


def measure_batches(features: Features, n_batches: int) -> None:
    """Measure how batches are planned and read."""
    clock = Clock()
    clock.start()
    stream = BatchStream(features.n_frames, frame_budget=BUDGET, seed=0)
    clock("the order of an epoch", per=f"({len(stream._epochs[0][2])} batches)")
    normalizer = MelNormalizer(mean=torch.zeros(MELS), std=torch.ones(MELS))

    def batch(number: int) -> TextMelBatch:
        return collate(
            features, stream[number], normalizer=normalizer, speakers=features.speakers,
            frames_per_step=1,
        )  # fmt: skip

    batch(0)
    clock("the first batch")
    started, cpu = time.perf_counter(), time.process_time()
    clips = sum(len(batch(number).ids) for number in range(1, n_batches + 1))
    wall, busy = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"a batch of {clips / n_batches:.0f} clips: {1000 * busy / n_batches:.1f} ms of a core, "
        f"{1000 * wall / n_batches:.1f} ms of the wall"
    )
    for step in (0.1, 0.3):  # seconds; a GPU computes, so this thread sleeps
        waited, batches = 0.0, read_ahead(batch, itertools.count(n_batches + 1), workers=2)
        next(batches)
        for _ in range(30):
            time.sleep(step)
            started = time.perf_counter()
            next(batches)
            waited += time.perf_counter() - started
        batches.close()
        print(f"steps of {step} s: {100 * waited / (30 * step + waited):.2f} % waiting for data")


if __name__ == "__main__":
    main()
