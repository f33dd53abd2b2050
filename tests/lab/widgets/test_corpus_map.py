import io
import threading

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from ttslib.audio.files import write_audio
from ttslib.corpora.corpus import Corpus
from ttslib.lab import CorpusMap
from ttslib.records import Utterance


def add_clip(folder, id, *, seconds, characters, speaker="anna"):
    path = write_audio(folder / f"{id}.wav", 0.5 * np.ones(round(24_000 * seconds)), 24_000)
    return Utterance(id=id, speaker=speaker, text="a" * characters, audio_path=path)


@pytest.fixture
def corpus(tmp_path):
    """All at ten characters a second, but for one that takes four times as long."""
    clips = [add_clip(tmp_path, f"c{n}", seconds=n / 10, characters=n) for n in range(5, 15)]
    clips.insert(3, add_clip(tmp_path, "odd<1>", seconds=2.0, characters=5, speaker="b<b>"))
    return Corpus(clips)


def test_the_most_unusual_clip_comes_first_and_is_shown(corpus):
    shown = CorpusMap(corpus)
    (points, _, clip) = shown.children
    assert len(points.points) == 11
    assert points.points[0][2] == "speaker b<b>: 2.0 s, 5 characters"
    assert "odd&lt;1&gt;.wav" in clip.value
    assert "autoplay" not in clip.value


def test_a_chosen_point_is_played_as_often_as_it_is_chosen(corpus):
    (points, _, clip) = CorpusMap(corpus).children
    for chosen in (4, 4):
        seconds = float(points.points[chosen][2].split(": ")[1].split(" s")[0])
        clip.value = ""
        points._handle_custom_msg({"chosen": chosen}, [])
        assert "autoplay" in clip.value
        assert f"seconds <b>{seconds:.2f}</b>" in clip.value


def test_the_points_lie_where_the_picture_has_them(corpus):
    (points, _, _) = CorpusMap(corpus).children
    picture = np.asarray(Image.open(io.BytesIO(points.picture)).convert("RGB")).astype(int)
    height, width, _ = picture.shape
    for left, top, _ in points.points:
        color = picture[round(top * height), round(left * width)]
        assert color.min() < 160, (left, top)  # a point, or the line through it
    left, top, _ = points.points[0]
    assert picture[round(top * height), round(left * width), 0] > 180  # the second speaker's orange


def test_unreadable_clips_are_counted(corpus):
    corpus.utterances[0].audio_path.write_bytes(b"")
    shown = CorpusMap(corpus)
    assert len(shown.children[0].points) == 10
    assert "without a point, as they can't be read: 1" in shown.static_html()


def test_a_corpus_with_nothing_to_map_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="none of the corpus's 0 clips"):
        CorpusMap(Corpus([]))


def test_many_speakers_need_no_legend(tmp_path):
    clips = [
        add_clip(tmp_path, str(n), seconds=0.5, characters=5 + n, speaker=f"s{n}")
        for n in range(12)
    ]
    assert len(CorpusMap(Corpus(clips)).children[0].points) == 12


def test_readers_without_a_kernel_see_the_map_and_hear_a_clip(corpus):
    bundle = CorpusMap(corpus)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count("data:image/png") == 2
    assert "<audio controls" in bundle["text/html"]


@pytest.mark.slow
def test_nothing_is_left_behind(corpus):
    (points, _, _) = CorpusMap(corpus).children
    before = threading.active_count()
    for chosen in (4, 10, 0):
        points._handle_custom_msg({"chosen": chosen}, [])
    assert threading.active_count() == before
    assert plt.get_fignums() == []
