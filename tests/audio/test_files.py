import errno
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ttslib.audio import files
from ttslib.audio.files import (
    audio_blocks,
    audio_seconds,
    read_audio,
    resample,
    write_audio,
)


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype("f4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name has a space and letters outside ASCII."""
    path = tmp_path / "Stimme für Łódź 声"
    path.mkdir()
    return path


def test_what_is_written_is_read_again_to_the_last_bit(folder):
    steps = torch.arange(-32768, 32768) / 32768
    path = write_audio(folder / "new" / "hello wörld.wav", steps, 24_000)
    waveform, rate = read_audio(path)
    assert rate == 24_000
    assert waveform.shape == (1, 65536)
    assert waveform.dtype == torch.float32
    assert torch.equal(waveform[0], steps)
    assert soundfile.info(str(path)).subtype == "PCM_16"
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # nothing left beside it


def test_writing_clips_only_what_is_out_of_range_and_never_rescales(tmp_path):
    quiet_and_loud = np.array([[0.01, -0.25, 1.7, -3.0]], dtype="f4")
    waveform, _ = read_audio(write_audio(tmp_path / "a.wav", quiet_and_loud, 8000))
    expected = torch.tensor([[0.01, -0.25, 32767 / 32768, -1.0]])
    torch.testing.assert_close(waveform, expected, atol=1 / 65536, rtol=0)


@pytest.mark.parametrize("bad", [torch.zeros(0), torch.zeros(2, 100), torch.zeros(1, 1, 9)])
def test_writing_another_shape_is_refused(tmp_path, bad):
    with pytest.raises(ValueError, match=r"waveform of shape .* give it as \(samples,\)"):
        write_audio(tmp_path / "a.wav", bad, 24_000)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_writing_nan_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="NaN or infinite"):
        write_audio(tmp_path / "a.wav", torch.tensor([0.0, value]), 24_000)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_names_the_file_and_leaves_the_old_one_whole(tmp_path, monkeypatch):
    path = write_audio(tmp_path / "a.wav", tone(8000), 8000)
    before = path.read_bytes()

    def half_then_full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half_then_full)
    with pytest.raises(OSError, match=r"No space left on device.*a\.wav") as caught:
        write_audio(path, tone(8000, seconds=2), 8000)
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_stereo_is_averaged(folder):
    path = folder / "stereo.wav"
    soundfile.write(path, np.stack([tone(24_000), np.zeros(12_000)], axis=1), 24_000)
    waveform, _ = read_audio(path)
    assert waveform.shape == (1, 12_000)
    torch.testing.assert_close(waveform[0], torch.from_numpy(tone(24_000)) / 2, atol=1e-4, rtol=0)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_is_resampled_to_the_one_asked_for(tmp_path, rate):
    path = write_audio(tmp_path / "a.wav", tone(rate), rate)
    assert read_audio(path)[1] == rate
    waveform, given = read_audio(path, sample_rate=24_000)
    assert given == 24_000
    assert waveform.shape == (1, 12_000)
    middle = slice(1000, -1000)  # the ends ring, as any band-limited cut does
    expected = torch.from_numpy(tone(24_000))
    torch.testing.assert_close(waveform[0, middle], expected[middle], atol=2e-3, rtol=0)


def test_resampling_removes_what_the_new_rate_cannot_hold():
    too_high = torch.from_numpy(tone(48_000, hertz=15_000))
    assert resample(too_high, source_rate=48_000, target_rate=24_000)[500:-500].abs().max() < 2e-3
    kept = torch.from_numpy(tone(48_000, hertz=10_500))
    power = resample(kept, source_rate=48_000, target_rate=24_000)[500:-500].square().mean()
    assert power == pytest.approx(0.125, rel=0.02)


@pytest.mark.parametrize("rate", [2000, 8001, 11_025, 44_099, 48_001, 99_991, 767_999])
def test_no_pair_of_rates_costs_much(rate):
    """A filter for the pair 44,099 and 24,000 Hz would have 24,000 phases: gigabytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    there = resample(torch.from_numpy(tone(24_000)), source_rate=24_000, target_rate=rate)
    assert len(there) == -(-12_000 * rate // 24_000)
    back = resample(there, source_rate=rate, target_rate=24_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes
    middle = slice(1000, 11_000)
    expected = torch.from_numpy(tone(24_000))[middle]
    torch.testing.assert_close(back[middle], expected, atol=2e-3, rtol=0)


@pytest.mark.parametrize("rate", [1, 999, 10**6, 10**9])
def test_absurd_rates_are_refused(tmp_path, rate):
    for rates in ((rate, 24_000), (24_000, rate)):
        with pytest.raises(ValueError, match="from 1000 to 768000 Hz"):
            resample(torch.rand(9), source_rate=rates[0], target_rate=rates[1])
    path = write_audio(tmp_path / "a.wav", tone(8000), 8000)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", rate)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.wav claims {rate} Hz"):
        read_audio(path, sample_rate=24_000)


@pytest.mark.parametrize("rate", [22_050, 24_000, 44_099])
def test_blocks_are_the_whole(tmp_path, monkeypatch, rate):
    noise = torch.from_numpy(np.random.default_rng(0).uniform(-0.5, 0.5, (2, 10_007)))
    path = tmp_path / "a.wav"
    soundfile.write(path, noise.T.numpy(), rate, subtype="FLOAT")
    whole, _ = read_audio(path, sample_rate=24_000)
    monkeypatch.setattr(files, "BLOCK", 2000)  # of two channels
    blocks = list(audio_blocks(path, sample_rate=24_000))
    assert max(map(len, blocks)) < 2000
    torch.testing.assert_close(torch.cat(blocks), whole[0], atol=1e-6, rtol=0)


def test_resampling_to_the_same_rate_changes_nothing():
    waveform = torch.rand(2, 100)
    assert resample(waveform, source_rate=8000, target_rate=8000) is waveform


def test_resampling_refuses_a_rate_of_zero():
    with pytest.raises(ValueError, match="from 1000 to 768000 Hz, got source_rate=0"):
        resample(torch.rand(9), source_rate=0, target_rate=24_000)


@pytest.mark.parametrize(
    ("subtype", "tolerance"), [("PCM_U8", 0.01), ("PCM_24", 1e-6), ("FLOAT", 0)]
)
def test_other_sample_formats_are_read(tmp_path, subtype, tolerance):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(24_000), 24_000, subtype=subtype)
    waveform, _ = read_audio(path)
    expected = torch.from_numpy(tone(24_000))
    torch.testing.assert_close(waveform[0], expected, atol=tolerance, rtol=0)


def test_flac_is_read(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(24_000), 24_000)
    assert read_audio(path)[0].shape == (1, 12_000)


def test_a_silent_file_is_read_as_zeros(tmp_path):
    waveform, _ = read_audio(write_audio(tmp_path / "a.wav", torch.zeros(1000), 24_000))
    assert not waveform.any()


def test_the_length_is_read_from_the_header(tmp_path, monkeypatch):
    path = write_audio(tmp_path / "a.wav", np.zeros(36_000), 24_000)
    monkeypatch.setattr(soundfile.SoundFile, "read", None)  # the samples stay unread
    assert audio_seconds(path) == 1.5
    (tmp_path / "b.wav").write_bytes(b"no sound")
    assert audio_seconds(tmp_path / "b.wav") is None
    assert audio_seconds(tmp_path / "gone.wav") is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.wav"):
        read_audio(tmp_path / "gone.wav")


def test_an_empty_file_is_named(folder):
    (folder / "empty.wav").touch()
    with pytest.raises(ValueError, match=r"empty\.wav as sound \(it is empty\)"):
        read_audio(folder / "empty.wav")


def test_a_file_without_samples_is_named(tmp_path):
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 24_000)
    with pytest.raises(ValueError, match=r"none\.wav holds no samples"):
        read_audio(tmp_path / "none.wav")


def test_text_is_not_taken_for_sound(tmp_path):
    (tmp_path / "a.wav").write_text("not a sound at all", encoding="utf-8")
    with pytest.raises(ValueError, match=r"can't read .*a\.wav as sound"):
        read_audio(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["cut.wav", "cut.flac"])
def test_a_cut_off_file_is_named(tmp_path, name):
    path = tmp_path / name
    rng = np.random.default_rng(0)
    soundfile.write(path, rng.uniform(-0.5, 0.5, 24_000), 24_000)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ValueError, match=name):
        read_audio(path)


def test_a_wav_written_into_a_pipe_is_not_taken_for_a_cut_off_one(tmp_path):
    path = write_audio(tmp_path / "a.wav", tone(24_000), 24_000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"  # as ffmpeg leaves both sizes
    path.write_bytes(content)
    assert read_audio(path)[0].shape == (1, 12_000)


def _wav(path: Path, *, riff: int | None = None, data: int | None = None) -> Path:
    """Write half a second, with other sizes in its header."""
    content = bytearray(write_audio(path, tone(24_000), 24_000).read_bytes())
    if riff is not None:
        content[4:8] = struct.pack("<I", riff)
    if data is not None:
        content[40:44] = struct.pack("<I", data)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("riff", [0, 100, 24_036 - 26, 24_036 + 34, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("data", [None, 0, 0xFFFFFFFF])
def test_a_wav_is_judged_by_its_data(tmp_path, riff, data):
    path = _wav(tmp_path / "a.wav", riff=riff, data=data)
    assert audio_seconds(path) == 0.5
    torch.testing.assert_close(
        read_audio(path)[0][0], torch.from_numpy(tone(24_000)), atol=1e-4, rtol=0
    )


def test_a_wav_that_claims_hours_lasts_as_long_as_its_bytes(tmp_path):
    path = _wav(tmp_path / "a.wav", data=48_000 * 3600 * 5)
    assert audio_seconds(path) == 0.5
    with pytest.raises(ValueError, match=r"a\.wav is cut off"):
        read_audio(path)


@pytest.mark.parametrize("promised", [0, 24_000 * 3600 * 8, 2**36 - 1])  # 0: unknown, from a pipe
def test_a_flac_that_claims_hours_lasts_as_long_as_its_bytes(tmp_path, monkeypatch, promised):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(24_000), 24_000)
    content = bytearray(path.read_bytes())
    fields = int.from_bytes(content[18:26], "big")  # of its header, the last 36 bits: samples
    content[18:26] = (fields >> 36 << 36 | promised).to_bytes(8, "big")
    path.write_bytes(content)
    for size in (1 << 20, 5000, 4000):
        monkeypatch.setattr(files, "BLOCK", size)
        assert audio_seconds(path) == 0.5
        assert read_audio(path)[0].shape == (1, 12_000)


def test_only_the_beginning_is_read_where_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 1000)
    path = write_audio(tmp_path / "a.wav", tone(24_000), 24_000)
    channels, _ = files.read_channels(path, seconds=0.1)
    assert torch.equal(channels, read_audio(path)[0][:, :2400])


def test_channels_that_cancel_out_are_named(tmp_path):
    path = tmp_path / "anti.wav"
    soundfile.write(path, np.stack([tone(24_000), -0.95 * tone(24_000)], axis=1), 24_000)
    with pytest.raises(ValueError, match=r"anti\.wav has channels that cancel"):
        read_audio(path)
    with pytest.raises(ValueError, match=r"anti\.wav has channels that cancel"):
        list(audio_blocks(path, sample_rate=8000))
    assert files.read_channels(path)[0].shape == (2, 12_000)  # the health report looks at both


def test_floats_in_another_unit_are_named(tmp_path):
    soundfile.write(tmp_path / "big.wav", 30_000 * tone(24_000), 24_000, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"big\.wav has samples of up to 15000 times full scale"):
        read_audio(tmp_path / "big.wav")


def test_opus_is_read(tmp_path):
    soundfile.write(tmp_path / "a.opus", tone(24_000), 24_000, format="OGG", subtype="OPUS")
    waveform, rate = read_audio(tmp_path / "a.opus")
    assert rate == 24_000
    assert waveform.shape == (1, 12_000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_is_no_sound_file(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    assert audio_seconds(tmp_path / "a.wav") is None
    with pytest.raises(FileNotFoundError, match=r"a\.wav"):
        read_audio(tmp_path / "a.wav")


def test_nan_in_a_float_file_is_named(tmp_path):
    samples = tone(24_000)
    samples[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 24_000, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"nan\.wav has NaN"):
        read_audio(tmp_path / "nan.wav")
