"""Features computed by other processes: killed in the middle, resumed, on a real Dask cluster."""

import os
import signal
import subprocess
import sys

import joblib
import numpy as np
import pytest
import soundfile
import torch

from ttslib.config import AudioConfig
from ttslib.corpora.folder import FolderCorpus
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.data.features import compute_features

CLIPS = 400

COMPUTE = """
import os, signal, sys
from ttslib.config import AudioConfig
from ttslib.corpora.folder import FolderCorpus
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.data import features

def write(*arguments, shards=iter(range(9)), write=features._write_sounds):
    if next(shards) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    write(*arguments)

features._write_sounds = write
corpus, folder = sys.argv[1:]
features.compute_features(
    FolderCorpus(corpus), tokenizer=CharTokenizer(), config=AudioConfig(), folder=folder, jobs=1
)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    draw = np.random.default_rng(0)
    for number in range(CLIPS):
        soundfile.write(folder / f"{number:03d}.wav", draw.normal(scale=0.1, size=12_000), 24_000)
        (folder / f"{number:03d}.txt").write_text(f"This is clip {number}.", encoding="utf-8")
    return FolderCorpus(folder)


@pytest.fixture(scope="module")
def wanted(corpus, tmp_path_factory):
    return compute(corpus, tmp_path_factory.mktemp("wanted"))


def compute(corpus, folder, **changes):
    settings = dict(tokenizer=CharTokenizer(), config=AudioConfig(), folder=folder, jobs=1)
    return compute_features(corpus, **settings | changes)


def assert_same(features, wanted):
    assert len(features) == len(wanted) == CLIPS
    for index in range(CLIPS):
        assert torch.equal(features[index][0], wanted[index][0])
        assert torch.equal(features[index][1], wanted[index][1])


@pytest.mark.skipif(os.name == "nt", reason="kills with a POSIX signal")
def test_killed_in_the_middle_and_resumed(corpus, wanted, tmp_path):
    home = corpus.utterances.path(0).parent
    command = [sys.executable, "-c", COMPUTE, str(home), str(tmp_path)]
    killed = subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    assert killed.returncode == -signal.SIGKILL
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("mels-*/*")}
    assert len(before) == 3  # of 7, with 64 clips each
    assert_same(compute(corpus, tmp_path), wanted)
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers(corpus, wanted, tmp_path):
    distributed = pytest.importorskip("distributed")
    folder = tmp_path / "cache"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        with distributed.Client(cluster) as client, joblib.parallel_config(backend="dask"):
            features = compute(corpus, folder, jobs=-1)
            places = client.run(os.getpid)
    assert len(set(places.values()) - {os.getpid()}) == 2
    assert_same(features, wanted)


@pytest.mark.slow
def test_a_ray_cluster(corpus, wanted, tmp_path):
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        with joblib.parallel_config(backend="ray"):
            features = compute(corpus, tmp_path, jobs=2)
    finally:
        ray.shutdown()
    assert_same(features, wanted)
