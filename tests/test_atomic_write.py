"""A file is written whole or not at all."""

import threading

import pytest

from ttslib.files import atomic_write, write_whole


def test_the_file_appears_at_the_end(tmp_path):
    path = tmp_path / "new folder" / "a.txt"
    with atomic_write(path) as beside:
        beside.write_text("half")
        assert not path.exists()
        beside.write_text("all of it")
    assert path.read_text() == "all of it"
    assert list(path.parent.iterdir()) == [path]


def _break_off(path, error):
    with atomic_write(path) as beside:
        beside.write_text("half")
        raise error


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = write_whole(tmp_path / "a.txt", b"old")
    with pytest.raises(error):
        _break_off(path, error)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_dont_share_the_file_beside(tmp_path):
    both_open, names = threading.Barrier(2, timeout=10), []

    def write(text):
        with atomic_write(tmp_path / "a.txt") as beside:
            names.append(beside)
            both_open.wait()
            beside.write_text(text)
            both_open.wait()

    threads = [threading.Thread(target=write, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 2
    assert (tmp_path / "a.txt").read_text() in ("one", "two")


def test_durable_data_is_synced_before_the_rename(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr("ttslib.files.os.fsync", lambda number: done.append("sync"))
    monkeypatch.setattr("ttslib.files.os.replace", lambda *paths: done.append("rename"))
    write_whole(tmp_path / "a.txt", b"kept", durable=True)
    assert done == ["sync", "rename"]
