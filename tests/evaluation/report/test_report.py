"""Reports over tiny voices that were never trained, and over measures made up by hand."""

import dataclasses
import html
import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ttslib.audio.files import write_audio
from ttslib.audio.griffin_lim import GriffinLim
from ttslib.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.corpora.corpus import Corpus
from ttslib.evaluation.report import keeping as report_keeping
from ttslib.evaluation.report import systems as report_systems
from ttslib.evaluation.report.keeping import KeptClip
from ttslib.evaluation.report.report import Report, evaluate
from ttslib.evaluation.report.systems import load_system
from ttslib.models.listener import Listener, ListenerConfig
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.records import Utterance
from ttslib.text.tokenizers import CharTokenizer

RATE = 24_000
TEXTS = ("Hello there.", "Good night.", "The fox & the dog.")


def tiny_voice(path: Path, *, seed: int = 0, loudness: float = -4.0) -> str:
    """An untrained Tacotron 2 that stops at once; its path."""
    tokenizer = CharTokenizer()
    config = {
        "n_symbols": len(tokenizer.symbols),
        "n_speakers": 2,
        "frames_per_step": 60,
        "encoder_dim": 16,
        "prenet_dim": 8,
        "attention_rnn_dim": 16,
        "attention_dim": 8,
        "decoder_rnn_dim": 16,
        "postnet_dim": 8,
    }
    torch.manual_seed(seed)
    model = Tacotron2(Tacotron2Config(**config))
    model.decoder.gate.bias.data.fill_(50.0)
    checkpoint = Checkpoint(
        model="tacotron2",
        config=config,
        audio=AudioConfig(),
        weights=model.state_dict(),
        tokenizer=tokenizer.to_dict(),
        statistics={"mean": torch.full((80,), loudness), "std": torch.full((80,), 2.0)},
        speakers=("anna", "bert"),
    )
    return str(save_checkpoint(path, checkpoint))


def tiny_listener(path: Path) -> str:
    """One that hears anything at all; its path."""
    config = {"dim": 8, "blocks": 1, "kernel_size": 3}
    torch.manual_seed(0)
    checkpoint = Checkpoint(
        model="listener",
        config=config,
        audio=AudioConfig(),
        weights=Listener(ListenerConfig(**config)).state_dict(),
        statistics={"mean": torch.full((80,), -4.0), "std": torch.full((80,), 2.0)},
    )
    return str(save_checkpoint(path, checkpoint))


def buzz(seconds: float, pitch: float) -> np.ndarray:
    """Something like a vowel: harmonics, under a spectrum that moves."""
    time = np.arange(round(seconds * RATE)) / RATE
    formant = 700 + 400 * np.sin(2 * np.pi * 1.5 * time)
    waves = (
        np.exp(-(((k * pitch - formant) / 300) ** 2)) * np.sin(2 * np.pi * k * pitch * time)
        for k in range(1, 40)
    )
    return 0.1 * sum(waves)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    """Three sentences by anna."""
    folder = tmp_path_factory.mktemp("corpus")
    utterances = []
    for i, text in enumerate(TEXTS):
        path = write_audio(folder / f"{i}.wav", buzz(0.7 + 0.1 * i, 110 + 20 * i), RATE)
        utterances.append(Utterance(id=f"clip-{i}", speaker="anna", text=text, audio_path=path))
    return Corpus(utterances)


@pytest.fixture(scope="module")
def voice(tmp_path_factory) -> str:
    return tiny_voice(tmp_path_factory.mktemp("voices") / "tiny.safetensors")


@pytest.fixture(scope="module")
def made(tmp_path_factory, corpus, voice) -> tuple[Path, Report]:
    """One report that several tests look at."""
    out = tmp_path_factory.mktemp("report") / "new"
    systems = [f"{voice}+griffin-lim", "copy:griffin-lim@2"]
    return out, evaluate(systems, corpus, out=out, name="Fox & Co", heard=2, jobs=1)


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """The texts that are measured from now on."""
    texts, real = [], report_keeping.measure

    def measure(*arguments, text, **named):
        texts.append(text)
        return real(*arguments, text=text, **named)

    monkeypatch.setattr(report_keeping, "measure", measure)
    return texts


def test_every_system_says_every_sentence_and_the_recording_is_perfect(made, voice):
    _, report = made
    assert report.systems == ["recording", f"{voice}+griffin-lim", "copy:griffin-lim"]
    counts = [report.estimates["mcd_dtw"][system].sentences for system in report.systems]
    assert counts == [3, 3, 2]  # @2 gave the copy two
    perfect = {"mcd_dtw": 0, "mel_distance": 0, "f0_rmse": 0, "duration": 1, "stoi": 1}
    for key, value in perfect.items():
        assert report.estimates[key]["recording"].value == pytest.approx(value, abs=1e-6), key


def test_a_copy_is_nearer_than_a_voice_that_was_never_trained(made, voice):
    _, report = made
    mcd = report.estimates["mcd_dtw"]
    assert mcd["copy:griffin-lim"].value < mcd[f"{voice}+griffin-lim"].value


def test_only_what_sounds_at_the_same_moment_is_held_sample_beside_sample(made):
    _, report = made
    assert set(report.estimates["stoi"]) == {"recording", "copy:griffin-lim"}


def test_only_a_voice_reads_and_may_skip_or_never_stop(made, voice):
    _, report = made
    assert set(report.estimates["endless"]) == {f"{voice}+griffin-lim"}
    assert report.estimates["endless"][f"{voice}+griffin-lim"].value == 0


def test_a_listener_hears_every_system_and_the_recording(tmp_path, corpus, voice):
    listener = tiny_listener(tmp_path / "listener.safetensors")
    out = tmp_path / "out"
    report = evaluate([voice], corpus, out=out, sentences=1, recognizers=[listener], jobs=1)
    assert set(report.estimates["phoneme_errors"]) == {"recording", voice}
    wrong, said = report.clips["recording"]["clip-0"].parts["phoneme_errors"]
    assert said == len("HH AH L OW DH EH R".split())
    assert wrong > 0  # it never learned to hear
    heard = report.clips["recording"]["clip-0"].heard
    assert heard
    assert heard in report.save(out).read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="an evaluation with another recognizer"):
        evaluate([voice], corpus, out=out, sentences=1, jobs=1)


class Flatterer:
    """Predicts an opinion that grows with the length of the sound."""

    name = "flatterer"

    def predict(self, waveform, *, sample_rate):
        return {"distillmos": len(waveform) / sample_rate}


def test_opinions_are_predicted_when_asked_for(tmp_path, corpus, voice, monkeypatch, made):
    monkeypatch.setitem(report_systems.PREDICTORS, "distillmos", Flatterer)
    monkeypatch.delitem(report_systems.PREDICTORS, "dnsmos")
    out = tmp_path / "out"
    report = evaluate([voice], corpus, out=out, sentences=2, predict_mos=True, jobs=1)
    found = report.estimates["distillmos"]
    assert set(found) == {"recording", voice}
    seconds = [len(corpus[i][0][0]) // 256 * 256 / 24_000 for i in range(len(corpus))]
    assert min(seconds) <= found["recording"].value <= max(seconds)
    assert "DistillMOS (1 to 5)" in report.save(out).read_text(encoding="utf-8")
    assert "distillmos" not in made[1].estimates


def test_a_predictor_that_is_not_installed_is_named_before_the_work(
    tmp_path, corpus, voice, monkeypatch
):
    monkeypatch.setitem(sys.modules, "distillmos", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "ttslib-course\[mos\]"'):
        evaluate([voice], corpus, out=tmp_path / "out", predict_mos=True, jobs=1)
    assert not (tmp_path / "out").exists()


def test_an_unknown_recognizer_is_named_before_anything_is_written(tmp_path, corpus, voice):
    with pytest.raises(ValueError, match="there is no listener 'deaf'"):
        evaluate([voice], corpus, out=tmp_path / "out", recognizers=["deaf"], jobs=1)
    assert not (tmp_path / "out").exists()


def test_the_page_needs_no_other_file_and_plays_the_first_sentences(made):
    out, report = made
    page = report.save(out).read_text(encoding="utf-8")
    assert "Evaluation on Fox &amp; Co" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("<audio") == 6  # two sentences, by the recording, the voice and the copy
    assert "<h3>Hello there.</h3>" in page
    assert "The fox" not in page  # the third sentence isn't kept as sound
    assert "MCD-DTW (dB)" in page


def test_the_json_holds_what_the_page_shows(made):
    out, report = made
    report.save(out)
    data = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert data["sentences"] == {f"clip-{i}": text for i, text in enumerate(TEXTS)}
    shown = data["estimates"]["mcd_dtw"]["copy:griffin-lim"]
    assert shown == report.estimates["mcd_dtw"]["copy:griffin-lim"]._asdict()
    assert data["clips"]["recording"]["clip-0"]["parts"]["mcd_dtw"] == [0.0, 1]


def test_nothing_is_measured_twice(made, corpus, voice, counted):
    out, report = made
    again = evaluate(report.systems[1:], corpus, out=out, sentences=2, heard=2, jobs=1)
    assert counted == []
    assert again.clips["recording"]["clip-0"] == report.clips["recording"]["clip-0"]


def test_a_system_that_joins_is_measured_alone(tmp_path, corpus, voice, counted):
    evaluate([voice], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    assert counted == [TEXTS[0]] * 2  # the recording and the voice
    evaluate([voice, "copy:griffin-lim"], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    assert counted == [TEXTS[0]] * 3


def test_an_interrupted_evaluation_goes_on_where_it_stopped(tmp_path, corpus, voice, monkeypatch):
    real, calls = report_keeping.measure, []

    def interrupted(*arguments, **named):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(report_keeping, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evaluate([voice], corpus, out=tmp_path / "out", jobs=1)
    report = evaluate([voice], corpus, out=tmp_path / "out", jobs=1)
    assert len(calls) == 4 + 3  # three of six were kept
    assert report.estimates["mcd_dtw"][voice].sentences == 3
    assert not list((tmp_path / "out").rglob("*.part"))


def test_a_voice_that_was_trained_on_is_measured_anew(tmp_path, corpus, counted):
    path = tmp_path / "voice.safetensors"
    first = evaluate([tiny_voice(path)], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    second = evaluate([tiny_voice(path, seed=9)], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    assert len(counted) == 3  # the recording once, the voice twice
    both = [r.estimates["mcd_dtw"][str(path)].value for r in (first, second)]
    assert both[0] != both[1]


@pytest.mark.slow
def test_two_processes_find_what_one_finds(tmp_path, corpus, voice, made):
    report = evaluate([voice], corpus, out=tmp_path / "out", heard=0, jobs=2)
    of_one = made[1].clips[f"{voice}+griffin-lim"]
    for name, clip in report.clips[voice].items():
        for key, part in clip.parts.items():
            assert part == pytest.approx(of_one[name].parts[key], rel=1e-5), key


def test_what_says_nothing_is_a_failure_that_the_page_names(tmp_path, corpus):
    silent = tiny_voice(tmp_path / "silent.safetensors", loudness=-3000.0)
    report = evaluate([silent], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    assert silent not in report.estimates["mcd_dtw"]
    ((system, name, why),) = report.failures
    assert (system, name) == (silent, "clip-0")
    assert "silent" in why
    assert html.escape(why) in report.save(tmp_path / "out").read_text(encoding="utf-8")


def test_a_clip_that_cannot_be_read_is_left_out_with_a_warning(tmp_path, corpus, voice):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    lame = Utterance(id="lame", speaker="anna", text="No sound.", audio_path=broken)
    some = Corpus([corpus.utterances[0], lame])
    with pytest.warns(UserWarning, match=r"1 recording\(s\) left out: lame"):
        report = evaluate([voice], some, out=tmp_path / "out", jobs=1)
    assert [u.id for u in report.utterances] == ["clip-0"]
    with (
        pytest.warns(UserWarning, match="left out"),
        pytest.raises(ValueError, match="no clip of mine can be read"),
    ):
        evaluate([voice], Corpus([lame]), out=tmp_path / "other", name="mine", jobs=1)


@pytest.mark.parametrize(
    ("systems", "problem"),
    [
        ([], "give at least one system"),
        (["nobody"], "there is no voice 'nobody'; available: .*mini"),
        (["copy:nothing"], "there is no vocoder 'nothing'; available: griffin-lim"),
        (["mini+nothing"], "there is no vocoder 'nothing'; available: griffin-lim"),
        (["mini@0"], "mini@0 has no sentences"),
        (["mini"], "mini can't speak as anna; it has 9101, 9102"),
    ],
)
def test_systems_that_cannot_be_evaluated_are_named_before_anything_is_written(
    tmp_path, corpus, systems, problem
):
    with pytest.raises(ValueError, match=problem):
        evaluate(systems, corpus, out=tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_an_empty_corpus_and_no_sentences_are_refused(tmp_path, corpus, voice):
    with pytest.raises(ValueError, match="no utterance"):
        evaluate([voice], Corpus([]), out=tmp_path / "out")
    with pytest.raises(ValueError, match="sentences must be at least 1, got 0"):
        evaluate([voice], corpus, out=tmp_path / "out", sentences=0)


def test_a_folder_of_something_else_is_refused(tmp_path, corpus, voice):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(ValueError, match="has files that aren't an evaluation's"):
        evaluate([voice], corpus, out=tmp_path / "letters", jobs=1)
    evaluate([voice], corpus, out=tmp_path / "out", sentences=1, jobs=1)
    other = Corpus(corpus.utterances[:2])
    with pytest.raises(ValueError, match="an evaluation with another corpus"):
        evaluate([voice], other, out=tmp_path / "out", sentences=1, jobs=1)
    with pytest.raises(ValueError, match="an evaluation with another seed"):
        evaluate([voice], corpus, out=tmp_path / "out", sentences=1, seed=1, jobs=1)


# Made up by hand


def by_hand(*, key: str = "mcd_dtw", **values: list[float]) -> Report:
    """A report of systems with these MCDs, or another measure, sentence by sentence."""
    n = len(next(iter(values.values())))
    utterances = [
        Utterance(id=str(i), speaker="anna", text=f"Number {i}.", audio_path=Path("none.wav"))
        for i in range(n)
    ]
    clips = {
        system: {str(i): KeptClip(parts={key: (v, 1.0)}) for i, v in enumerate(of_one)}
        for system, of_one in values.items()
    }
    return Report(corpus="mine", utterances=utterances, clips=clips)


def test_leaders_are_the_best_and_who_may_by_chance_be_behind_but_not_the_recording():
    rng = np.random.default_rng(0)
    hard = rng.normal(6, 2, 30)
    report = by_hand(
        recording=[0.0] * 30,
        best=list(hard),
        near=list(hard + rng.normal(0, 0.3, 30)),
        worse=list(hard + 0.5 + rng.normal(0, 0.3, 30)),  # by far less than its interval is wide
    )
    assert report.leaders["mcd_dtw"] == {"best", "near"}
    assert report.estimates["mcd_dtw"]["worse"].low < report.estimates["mcd_dtw"]["best"].high


def test_the_best_length_is_the_one_nearest_to_1_on_either_side():
    report = by_hand(
        key="duration",
        recording=[1.0] * 9,
        longer=[1.01, 1.02, 1.03] * 3,
        shorter=[0.99, 0.98, 0.97] * 3,  # as far off, and clearly another length
        far=[0.8, 0.81, 0.82] * 3,
    )
    assert report.leaders["duration"] == {"longer", "shorter"}


def test_copies_and_voices_lead_each_among_themselves():
    values = {"copy:a": [1.0] * 9, "copy:b": [2.0] * 9, "one": [5.0] * 9, "two": [6.0] * 9}
    report = by_hand(recording=[0.0] * 9, **values)
    assert report.leaders["mcd_dtw"] == {"copy:a", "one"}


def test_nobody_leads_alone_or_where_all_may_be_equal():
    assert by_hand(recording=[0.0, 0.0], one=[3.0, 4.0]).leaders["mcd_dtw"] == set()
    report = by_hand(recording=[0.0, 0.0], one=[3.0, 4.0], two=[4.0, 3.0])
    assert report.leaders["mcd_dtw"] == set()


def test_markdown_shows_the_command_and_marks_the_leaders(tmp_path):
    report = by_hand(recording=[0.0] * 9, good=[1.0] * 9, bad=[8.0, 9.0, 10.0] * 3)
    path = report.save_markdown(tmp_path / "new" / "BOARD.md", command="ttslib evaluate good bad")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "ttslib evaluate good bad" in lines
    assert "| good | **1.00 (1.00–1.00)** | 9 |" in lines
    assert any(re.fullmatch(r"\| bad \| 9\.00 \(8\.\d+–9\.\d+\) \| 9 \|", line) for line in lines)


def test_one_sentence_shows_no_interval_and_is_still_json(tmp_path):
    report = by_hand(recording=[0.0], one=[3.0])
    assert "3.00" in report.table()
    assert "nan" not in report.table()
    report.save(tmp_path)
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert found["estimates"]["mcd_dtw"]["one"]["low"] is None
    assert math.isnan(report.estimates["mcd_dtw"]["one"].low)


def test_other_settings_have_another_fingerprint(monkeypatch):
    def griffin_lim(rounds, audio):
        return GriffinLim(audio, rounds=int(rounds))

    monkeypatch.setattr(report_systems, "named_vocoder", griffin_lim)
    three, four, three_again = (load_system(f"copy:{n}").fingerprint for n in (3, 4, 3))
    assert three == three_again != four


def test_another_normalizer_has_another_fingerprint(tmp_path):
    path = tiny_voice(tmp_path / "voice.safetensors")
    before = load_system(path).fingerprint
    checkpoint = load_checkpoint(path)
    statistics = {"mean": torch.ones(80), "std": torch.ones(80)}
    save_checkpoint(path, dataclasses.replace(checkpoint, statistics=statistics))
    assert load_system(path).fingerprint != before
