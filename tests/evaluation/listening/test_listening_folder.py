import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from ttslib.audio.files import read_audio, write_audio
from ttslib.evaluation.listening.design import open_listening_test
from ttslib.evaluation.listening.folder import make_listening_test
from ttslib.evaluation.listening.ratings import Rating
from ttslib.evaluation.measures.speech_level import active_speech_level

RATE = 16_000


def tone(hz, amplitude, seconds=0.8):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


@pytest.fixture
def systems(tmp_path):
    """Three sentences by a recording, a loud system and a quiet one."""
    for name, amplitude in (("recordings", 0.3), ("loud", 0.9), ("quiet", 0.01)):
        for n in range(3):
            write_audio(tmp_path / name / f"s{n}.wav", tone(200 + 50 * n, amplitude), RATE)
    return {"loud": tmp_path / "loud", "quiet": tmp_path / "quiet"}


@pytest.fixture
def plan(tmp_path, systems):
    return make_listening_test(
        tmp_path / "test", systems=systems, reference=tmp_path / "recordings"
    )


def clips(plan):
    return {
        (system, item): read_audio(plan.clip(system, item))
        for system in plan.systems
        for item in (*plan.items, plan.practice_item)
    }


def test_a_test_is_opened_as_it_was_made(plan):
    assert open_listening_test(plan.folder) == plan
    assert plan.systems == ("reference", "loud", "quiet", "anchor")
    assert (plan.reference, plan.anchor, plan.kind) == ("reference", "anchor", "acr")
    assert sorted([*plan.items, plan.practice_item]) == ["s0", "s1", "s2"]
    assert plan.ratings() == []


def test_all_clips_have_one_level(plan):
    levels = [active_speech_level(w, sample_rate=rate) for w, rate in clips(plan).values()]
    assert len(levels) == 12
    np.testing.assert_allclose(levels, -26, atol=0.05)


def test_a_clip_is_its_sound_times_one_number(tmp_path, plan):
    for (system, item), (waveform, rate) in clips(plan).items():
        if system in ("loud", "quiet"):
            source, source_rate = read_audio(tmp_path / system / f"{item}.wav")
            gain = (waveform * source).sum() / source.square().sum()
            assert rate == source_rate
            assert (waveform - gain * source).abs().max() <= 2 / 32768  # rounded to 16 bits


def test_high_peaks_lower_all_clips_alike_and_none_is_clipped(tmp_path, systems):
    peaky = tone(200, 0.03)
    peaky[4000] = 0.9  # 33 dB above the mean square
    write_audio(systems["quiet"] / "s0.wav", peaky, RATE)
    plan = make_listening_test(tmp_path / "test", systems=systems)
    sounds = clips(plan)
    levels = [active_speech_level(w, sample_rate=rate) for w, rate in sounds.values()]
    assert max(levels) < -27
    np.testing.assert_allclose(levels, levels[0], atol=0.1)
    peak = max(w.abs().max().item() for w, _ in sounds.values())
    assert 0.95 < peak < 1


def test_the_anchor_is_the_recording_in_sixteen_steps(plan):
    item = plan.items[0]
    anchor, _ = read_audio(plan.clip("anchor", item))
    recording, _ = read_audio(plan.clip("reference", item))
    assert len(anchor.unique()) <= 16
    assert np.corrcoef(anchor[0], recording[0])[0, 1] > 0.9


def test_nothing_about_a_file_tells_whose_it_is(plan):
    files = list((plan.folder / "clips").iterdir())
    assert len(files) == 12
    assert len({file.stat().st_mtime for file in files}) == 1
    for file in files:
        assert not {"loud", "quiet", "anchor", "s0"} & set(file.stem.split("_"))
        assert len(file.stem) == 16
        with soundfile.SoundFile(str(file)) as sound:
            assert (sound.format, sound.subtype) == ("FLAC", "PCM_16")
            assert not any(sound.copy_metadata().values())
    order = sorted(
        (plan.clips[system][item], system) for system in plan.systems for item in plan.items
    )
    assert [system for _, system in order] != sorted(system for _, system in order)


def test_another_kind_needs_no_anchor(tmp_path, systems):
    plan = make_listening_test(
        tmp_path / "test", systems=systems, reference=tmp_path / "recordings", kind="cmos"
    )
    assert plan.systems == ("reference", "loud", "quiet")
    assert plan.anchor is None


def test_sentences_are_drawn_by_the_seed(tmp_path, systems):
    plans = [
        make_listening_test(tmp_path / f"t{n}", systems=systems, n_items=1, seed=n)
        for n in range(5)
    ]
    assert len({plan.items for plan in plans}) > 1
    assert all(len(plan.items) == 1 and plan.practice_item not in plan.items for plan in plans)


def test_one_sentence_leaves_none_for_practice(tmp_path, systems):
    for folder in systems.values():
        (folder / "s0.wav").unlink()
        (folder / "s1.wav").unlink()
    plan = make_listening_test(tmp_path / "test", systems=systems)
    assert (plan.items, plan.practice_item) == (("s2",), None)


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "\x1b[2J", " ", "", "x" * 101])
def test_a_systems_name_is_short_and_printable(tmp_path, systems, name):
    """A tab would part it in two among the ratings, and lock every rater out."""
    with pytest.raises(ValueError, match="name"):
        make_listening_test(tmp_path / "test", systems={**systems, name: tmp_path / "loud"})
    assert not (tmp_path / "test").exists()


@pytest.mark.parametrize(
    "name", ["../../secret.flac", "/etc/passwd", "..", "sub/a.flac", "a\\b.flac", ".flac", 7, None]
)
def test_a_manifest_sends_no_file_from_outside(tmp_path, plan, name):
    manifest = plan.folder / "listening.json"
    written = json.loads(manifest.read_text(encoding="utf-8"))
    written["clips"]["loud"][plan.items[0]] = name
    manifest.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(ValueError, match=r"listening\.json is damaged"):
        open_listening_test(plan.folder)


def test_a_clip_that_links_out_of_the_folder_is_not_sent(tmp_path, plan):
    path = plan.clip("loud", plan.items[0])
    (tmp_path / "secret.flac").write_bytes(path.read_bytes())
    path.unlink()
    try:
        path.symlink_to(tmp_path / "secret.flac")
    except (OSError, NotImplementedError):
        pytest.skip("this system makes no links here")
    with pytest.raises(ValueError, match="leads out of the test's folder"):
        plan.clip("loud", plan.items[0])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 3}, {"kind": []}, {"systems": "loud"}, {"systems": [1, 2]}, {"items": {}},
        {"systems": ["loud", "a\tb"]}, {"clips": {}}, {"clips": []}, {"clips": {"loud": 3}},
        {"rounds": "two"}, {"rounds": 1e9}, {"seed": -1}, {"seed": "x"}, {"wings": 1},
        {"practice_item": 3},
    ],
)  # fmt: skip
def test_any_broken_manifest_is_named(plan, change):
    manifest = plan.folder / "listening.json"
    written = json.loads(manifest.read_text(encoding="utf-8")) | change
    manifest.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(ValueError, match=r"listening\.json is damaged"):
        open_listening_test(plan.folder)


def spoil(folder, how):
    if how == "missing":
        (folder / "s1.wav").unlink()
    elif how == "silent":
        write_audio(folder / "s1.wav", np.zeros(RATE), RATE)
    elif how == "damaged":
        (folder / "s1.wav").write_bytes(b"no sound")
    elif how == "twice":
        write_audio(folder / "more" / "s1.wav", tone(200, 0.1), RATE)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "'quiet' lacks 1 of 3 sentences, the first is 's1'"),
        ("silent", "the clip of 's1' by 'quiet': the waveform of 16000 samples is silent"),
        ("damaged", "can't read .*s1.wav as sound"),
        ("twice", "'quiet' has two files for 's1'"),
    ],
)
def test_a_bad_clip_is_named_and_no_half_test_is_left(tmp_path, systems, how, message):
    spoil(systems["quiet"], how)
    with pytest.raises(ValueError, match=message):
        make_listening_test(tmp_path / "test", systems=systems)
    assert not (tmp_path / "test" / "listening.json").exists()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"systems": {"gone": "nowhere"}}, FileNotFoundError, "'gone' has no folder nowhere"),
        ({"systems": {}}, ValueError, "needs a system to rate"),
        ({"n_items": 3}, ValueError, "n_items must be 1 to 2"),
        ({"rounds": 9}, ValueError, "rounds must be 1 to 2"),
        ({"kind": "mos"}, ValueError, "kind must be one of"),
    ],
)
def test_an_impossible_test_is_an_error(tmp_path, systems, changes, error, message):
    with pytest.raises(error, match=message):
        make_listening_test(tmp_path / "test", **{"systems": systems, **changes})


def test_reserved_names_and_full_folders_are_refused(tmp_path, systems, plan):
    with pytest.raises(ValueError, match="are reserved"):
        make_listening_test(tmp_path / "other", systems={"anchor": systems["loud"]})
    with pytest.raises(ValueError, match="holds files already"):
        make_listening_test(plan.folder, systems=systems)


def test_an_unknown_system_or_clip_or_a_lost_file_is_named(plan):
    with pytest.raises(ValueError, match="no system 'mine'; it has reference, loud"):
        plan.clip("mine", "s0")
    with pytest.raises(ValueError, match="no clip of 's9' by 'loud'"):
        plan.clip("loud", "s9")
    plan.clip("loud", "s0").unlink()
    with pytest.raises(FileNotFoundError, match="is gone"):
        plan.clip("loud", "s0")


@pytest.mark.parametrize("change", [{"systems": ("mine",)}, {"item": "s9"}])
def test_ratings_of_another_test_are_an_error(plan, change):
    rating = Rating(rater="ann", trial=0, item="s0", systems=("loud",), score=3)
    with plan.store() as store:
        store.join("ann")
        store.add(replace(rating, **change))
    with pytest.raises(ValueError, match="which this test doesn't have"):
        plan.ratings()
