"""Features computed by other processes: killed in the middle, resumed, on real clusters."""

import os
import signal
import subprocess
import sys

import joblib
import numpy as np
import pytest
import soundfile
import torch

from ttslib.cli.prepare import _cluster
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
def test_a_ray_cluster_of_two_machines(corpus, wanted, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        machines.add_node(num_cpus=1)
        with _cluster(ray=machines.address):
            features = compute(corpus, tmp_path, jobs=-1)
            ask = joblib.delayed(os.getenv)
            machine = joblib.Parallel(n_jobs=-1)([ask("RAY_RAYLET_PID") for _ in range(4)])
    finally:
        machines.shutdown()
    assert None not in machine
    assert len(set(machine)) == 2
    assert_same(features, wanted)


def test_a_cluster_without_its_package_is_one_line(monkeypatch):
    for package in ("distributed", "ray"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=r"--dask needs .*ttslib-course\[cluster\]"):
        with _cluster(dask="tcp://head:8786"):
            pass
    with pytest.raises(ValueError, match=r"--ray needs .*ttslib-course\[ray\]"):
        with _cluster(ray="head:6379"):
            pass


def test_only_one_cluster_is_named():
    with pytest.raises(ValueError, match="give one of them"):
        with _cluster(dask="tcp://head:8786", ray="head:6379"):
            pass
