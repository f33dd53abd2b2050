"""The health report finds what is planted in a corpus of espeak's, and leaves the rest in peace."""

import dataclasses
import re
import shutil
from collections import defaultdict

import numpy as np
import pytest
import soundfile
import torch

from ttslib.audio.files import resample
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.health import health
from ttslib.corpora.health.health import corpus_health
from ttslib.corpora.health.measures import measure_clip
from ttslib.corpora.mini.corpus import _make, _plan, mini_libritts
from ttslib.corpora.mini.sentences import mini_sentences

pytestmark = pytest.mark.slow

N_CLIPS = 240
MAIN, OTHER = "9101", "9104"  # two men


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The first clips of the mini corpus, made on the spot; two thirds are of one speaker."""
    root = tmp_path_factory.mktemp("health") / "mini libritts"
    _make(root, _plan(mini_sentences(1066))[:N_CLIPS], jobs=1)
    return mini_libritts(root)


@pytest.fixture(scope="module")
def report(good):
    return corpus_health(good, jobs=1)


@pytest.fixture(autouse=True)
def measured_once(report, monkeypatch):
    """Take the measures of clips that a test left as they are from the report."""
    known = {_content(clip.utterance): clip for clip in report.clips}

    def measure(utterance, phonemize):
        clip = known.get(_content(utterance)) or measure_clip(utterance, phonemize)
        return dataclasses.replace(clip, utterance=utterance)

    monkeypatch.setattr(health, "measure_clip", measure)


def _content(utterance):
    return utterance.text, utterance.audio_path.read_bytes()


class Bench:
    """A copy of a corpus, with tools to damage its clips; it notes what was done to which."""

    def __init__(self, corpus: Corpus, folder):
        self.planted: dict[str, set[str]] = {}  # ID -> the kinds that would be right
        self.clips = {}
        for utterance in corpus.utterances:
            path = shutil.copy(utterance.audio_path, folder / utterance.audio_path.name)
            self.clips[utterance.id] = dataclasses.replace(utterance, audio_path=path)

    def corpus(self) -> Corpus:
        return Corpus(list(self.clips.values()))

    def take(self, *kinds: str, speaker: str = MAIN) -> str:
        """The next untouched clip of a speaker, three words long at least; noted under `kinds`."""
        untouched = (u for u in self.clips.values() if u.id not in self.planted)
        name = next(u.id for u in untouched if u.speaker == speaker and len(u.text) > 30)
        self.planted[name] = set(kinds)
        return name

    def samples(self, name: str) -> np.ndarray:
        return soundfile.read(self.clips[name].audio_path, dtype="float64")[0]

    def sound(self, kind: str, change, *, rate: int = 24_000) -> None:
        """Replace a clip's samples by what `change` makes of them."""
        name = self.take(*kind.split(" or "))
        samples = np.clip(change(self.samples(name)), -1, 1)
        soundfile.write(self.clips[name].audio_path, samples, rate, subtype="PCM_16")

    def text(self, kind: str, change) -> None:
        name = self.take(*kind.split(" or "))
        text = change(self.clips[name].text)
        self.clips[name] = dataclasses.replace(self.clips[name], text=text)

    def bytes(self, kind: str, change) -> None:
        path = self.clips[self.take(kind)].audio_path
        path.write_bytes(change(path.read_bytes()))

    def swap(self, kind: str, first_speaker: str, second_speaker: str) -> None:
        kinds = kind.split(" or ")
        pair = [self.take(*kinds, speaker=speaker) for speaker in (first_speaker, second_speaker)]
        first, second = (self.clips[name].audio_path for name in pair)
        first.rename(first.with_suffix(".tmp"))
        second.rename(first)
        first.with_suffix(".tmp").rename(second)


def plant(bench: Bench) -> None:
    """Some two dozen faults of all kinds that were met in corpora."""
    noise = np.random.default_rng(0)
    hiss = noise.normal(0, 0.012, 24_000 * 9)
    hum = 0.015 * np.sin(2 * np.pi * 50 * np.arange(24_000 * 9) / 24_000)
    silence = np.zeros(24_000 * 2)
    bench.text("wrong text", lambda _: "Nobody ever found out why the lamps were green.")
    bench.swap("wrong text or pace", MAIN, MAIN)
    bench.swap("wrong speaker", MAIN, OTHER)
    bench.sound("clipped", lambda x: np.clip(5 * x, -1, 1))
    bench.sound("clipped", lambda x: 0.3 * np.clip(4 * x, -1, 1))  # made softer afterwards
    bench.sound("silent", lambda x: 0 * x)
    bench.sound("cut off or pace", lambda x: x[: int(0.6 * len(x))])
    bench.sound("duplicate", lambda _: bench.samples(next(iter(bench.clips))))
    bench.sound("sample rate", lambda x: x, rate=16_000)
    bench.sound("sample rate", lambda x: x, rate=44_100)
    bench.sound("pace or wrong speaker", lambda x: _sped_up(x, 1.5))
    bench.sound("channels", lambda x: np.stack([x, 0 * x], axis=1))
    bench.sound("channels", lambda x: np.stack([x, -x], axis=1))
    bench.sound("noise", lambda x: x + hiss[: len(x)])
    bench.sound("hum", lambda x: x + hum[: len(x)])
    bench.sound("offset", lambda x: x + 0.05)
    bench.sound("long silence", lambda x: np.concatenate([x, silence]))
    bench.sound("long silence", lambda x: np.concatenate([silence, x]))
    bench.sound("long silence", lambda x: np.insert(x, np.abs(x[9_000:]).argmin() + 9_000, silence))
    bench.sound("level", lambda x: 0.003 * x)
    bench.sound("gap", _gap_in_loudest)
    bench.sound("pace", lambda x: np.concatenate([x[: len(x) // 2], x]))
    bench.text("pace", lambda text: f"{text} {text}")
    bench.text("pace", lambda text: " ".join(text.split()[:3]))
    bench.text("unknown symbols", lambda text: f"{text[:20]} 漢字 {text[20:]}")
    bench.text("no text", lambda _: "")
    bench.text("no text", lambda _: "...?")
    bench.bytes("unreadable", lambda _: b"")
    bench.bytes("unreadable", lambda whole: whole[: len(whole) // 2])
    bench.bytes("unreadable", lambda _: b"<html>404 Not Found</html>")


def _sped_up(samples, factor):
    faster = torch.from_numpy(samples)
    return resample(faster, source_rate=int(24_000 * factor), target_rate=24_000).numpy()


def _gap_in_loudest(samples):
    """Fifty milliseconds lost where it is loudest."""
    loudest = np.convolve(np.square(samples), np.ones(1200), "same").argmax()
    samples[loudest - 600 : loudest + 600] = 0
    return samples


def test_planted_faults_are_named_and_good_clips_left_in_peace(good, tmp_path):
    bench = Bench(good, tmp_path)
    plant(bench)
    kinds = defaultdict(set)
    for fault in corpus_health(bench.corpus(), jobs=1).faults:
        kinds[fault.utterance].add(fault.kind)
    planted = bench.planted
    missed = {name: wanted for name, wanted in planted.items() if not kinds[name] & wanted}
    accused = {name: kinds[name] for name in kinds.keys() - planted.keys()}
    assert len(planted) >= 30
    assert len(missed) <= 0.1 * len(planted), missed
    assert len(accused) <= 0.01 * (len(bench.clips) - len(planted)), accused


def test_swapped_clips_name_each_other(good, tmp_path):
    bench = Bench(good, tmp_path)
    for _ in range(4):
        bench.swap("wrong text", MAIN, MAIN)
    names = list(bench.planted)
    partner = dict(zip(names, [names[i ^ 1] for i in range(8)], strict=True))
    faults = corpus_health(bench.corpus(), jobs=1).faults
    known = {f.utterance for f in faults if f.sentence.endswith(partner.get(f.utterance, "?"))}
    assert len(known) >= 7
    assert {fault.utterance for fault in faults} <= set(names)


def test_a_stranger_is_named_with_the_speaker_that_it_is(good, tmp_path):
    bench = Bench(good, tmp_path)
    bench.swap("wrong speaker", MAIN, OTHER)
    here, there = bench.planted
    faults = corpus_health(bench.corpus(), jobs=1).faults
    said = {f.utterance: f.sentence for f in faults if f.kind == "wrong speaker"}
    assert said == {
        here: f"it sounds like speaker {OTHER}, not like {MAIN}",
        there: f"it sounds like speaker {MAIN}, not like {OTHER}",
    }


def test_a_text_that_is_too_long_is_named_with_its_figures(good, tmp_path):
    bench = Bench(good, tmp_path)
    bench.text("pace", lambda text: f"{text} {text}")
    (name,) = bench.planted
    (sentence,) = [f.sentence for f in corpus_health(bench.corpus(), jobs=1).faults]
    found = re.fullmatch(
        r"it is too short for its text: (.*) s of speech for (\d+) characters, for which its "
        r"speaker takes (.*) s",
        sentence,
    )
    assert int(found[2]) == len(bench.clips[name].text)
    assert float(found[3]) == pytest.approx(2 * float(found[1]), rel=0.2)


def test_good_clips_have_no_fault_and_the_table_counts_them(report, good):
    assert len(report.faults) <= 0.01 * N_CLIPS
    header, *speakers, everybody = [line.split() for line in report.table().splitlines()[:-1]]
    assert header[:3] == ["speaker", "clips", "minutes"]
    assert [row[0] for row in speakers] == good.speakers
    assert sum(int(row[1]) for row in speakers) == int(everybody[1]) == N_CLIPS
    minutes = sum(soundfile.info(u.audio_path).duration for u in good.utterances) / 60
    assert float(everybody[2]) == pytest.approx(minutes, abs=0.06)


def test_coverage_names_what_no_text_has(good):
    few = Corpus(good.utterances[:3])
    report = corpus_health(few, jobs=1)
    said = report.table().splitlines()[-1]
    assert "of 39 phonemes" in said
    assert "ZH" in report.never_seen  # the rarest phoneme
    assert "Z" not in report.never_seen
    assert sum(report.phonemes.values()) == sum(len(clip.phonemes) for clip in report.clips)
    assert sum(report.diphones.values()) == sum(len(clip.phonemes) - 1 for clip in report.clips)


def test_processes_change_nothing(good):
    some = Corpus(good.utterances[::3])  # several chunks
    of_one, of_two = (corpus_health(some, jobs=jobs) for jobs in (1, 2))
    assert of_two.table() == of_one.table()
    assert of_two.faults == of_one.faults
    assert [clip.utterance for clip in of_two.clips] == some.utterances


def test_the_page_holds_everything_and_nothing_from_elsewhere(good, tmp_path):
    utterances = list(good.utterances)
    evil = "The <script>alert('fox')</script> \u6f22."
    utterances[5] = dataclasses.replace(utterances[5], text=evil)
    report = corpus_health(Corpus(utterances), jobs=1)
    path = report.save_html(tmp_path / "neu" / "bericht.html", title="Mini & co")
    page = path.read_text(encoding="utf-8")
    assert "<h1>Mini &amp; co</h1>" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert utterances[5].id in page
    assert page.count('src="data:image/png;base64,') == page.count("<img") == 3
    assert not re.search(r"https?:|<link|@import", page)
    assert [p.name for p in path.parent.iterdir()] == ["bericht.html"]  # no part is left


def test_clips_of_which_none_can_be_read(good, tmp_path):
    bench = Bench(good, tmp_path)
    clips = list(bench.clips.values())[:4]
    for clip in clips:
        clip.audio_path.write_bytes(b"")
    report = corpus_health(Corpus(clips), jobs=1)
    assert {fault.kind for fault in report.faults} == {"unreadable"}
    assert report.figures() == {}
    assert "<img" not in report.save_html(tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_corpus_that_always_says_the_same(good):
    """There is nothing to compare a text with, and only one phoneme."""
    same = [dataclasses.replace(utterance, text="Oh.") for utterance in good.utterances[:20]]
    report = corpus_health(Corpus(same), jobs=1)
    assert report.phonemes == {"OW": 20}
    assert report.table().splitlines()[-1].startswith("1 of 39 phonemes and 0 of")


def test_a_corpus_without_clips_is_refused():
    with pytest.raises(ValueError, match="no utterance"):
        corpus_health(Corpus([]))
