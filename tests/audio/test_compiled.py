"""No two processes compile librosa together."""

import librosa
import pytest
from filelock import FileLock, Timeout

from ttslib.audio import compiled


def test_librosa_is_compiled_by_one_process_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(compiled, "LOCK", tmp_path / "lock")
    called = []

    def alone(*arguments, **settings):
        with pytest.raises(Timeout):
            FileLock(tmp_path / "lock").acquire(timeout=0)  # as another process would
        called.append(arguments)

    monkeypatch.setattr(librosa, "pyin", alone)
    monkeypatch.setattr(librosa.sequence, "dtw", alone)
    compiled.compile_librosa.cache_clear()
    compiled.compile_librosa()
    compiled.compile_librosa()
    assert len(called) == 3
    FileLock(tmp_path / "lock").acquire(timeout=0).lock.release()
