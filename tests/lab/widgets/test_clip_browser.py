import base64
import io
import re
import threading

import matplotlib.pyplot as plt
import numpy as np
import pytest
import soundfile

from ttslib.audio.files import write_audio
from ttslib.corpora.corpus import Corpus
from ttslib.corpora.libritts import LibriTTS
from ttslib.lab import ClipBrowser
from ttslib.lab.widgets import clip_browser
from ttslib.lab.widgets.clip_view import clip_html


@pytest.fixture
def corpus(tmp_path):
    """Speaker 1 says three tones, speaker 2 two, each 0.1 s longer than the one before."""
    for clip, speaker in enumerate("11122"):
        path = tmp_path / "tones" / speaker / "7" / f"{speaker}_7_000000_{clip:06}.wav"
        length = 24_000 // 2 + 2400 * clip
        write_audio(path, 0.5 * np.sin(np.arange(length) / 10), 24_000)
        path.with_suffix(".normalized.txt").write_text(f"Tone number {clip}.")
        path.with_suffix(".original.txt").write_text(f"Tone <{clip}>.")
    return LibriTTS(tmp_path, "tones")


def parts(browser):
    top, clip = browser.children
    return (*top.children, clip)


def sound(page):
    """What a browser plays, and its rate."""
    data = re.search(r'src="data:audio/\w+;base64,([^"]+)"', page).group(1)
    return soundfile.read(io.BytesIO(base64.b64decode(data)))


def test_each_clip_is_heard_seen_and_read(corpus):
    *_, number, _, _, clip = parts(ClipBrowser(corpus))
    for index in range(len(corpus)):
        number.value = index
        waveform, rate = sound(clip.value)
        assert len(waveform) == pytest.approx(12_000 + 2400 * index, abs=1)
        assert rate == 24_000
        assert "<b>normalized</b> Tone number" in clip.value
        assert f"Tone number {index}." in clip.value
        assert f"Tone &lt;{index}&gt;." in clip.value
        assert f"seconds <b>{0.5 + 0.1 * index:.2f}</b>" in clip.value
        assert f"{index:06}.wav" in clip.value
    assert "sample rate <b>24000 Hz</b>" in clip.value
    assert "peak <b>0.50</b>" in clip.value
    assert "RMS <b>0.35" in clip.value  # 0.5 / sqrt(2)
    assert f"characters a second <b>{14 / 0.9:.1f}</b>" in clip.value


def test_a_speaker_has_their_own_clips_and_one_picture_is_drawn_for_the_choice(corpus, monkeypatch):
    speaker, number, _, _, clip = parts(ClipBrowser(corpus))
    assert speaker.options == ("all", "1", "2")
    number.value = 2
    drawn = []
    monkeypatch.setattr(clip_browser, "clip_html", lambda u: drawn.append(u) or clip_html(u))
    speaker.value = "2"
    assert (number.value, number.max) == (0, 1)
    assert "Tone number 3." in clip.value
    assert len(drawn) == 1
    speaker.value = "all"
    assert number.max == 4


def test_the_buttons_go_round(corpus):
    _, number, previous, following, clip = parts(ClipBrowser(corpus))
    previous.click()
    assert number.value == 4
    assert "Tone number 4." in clip.value
    following.click()
    assert number.value == 0


def test_the_sound_moves_a_line_over_the_picture(corpus):
    page = ClipBrowser(corpus).static_html()
    assert "ontimeupdate=" in page
    assert "autoplay" not in page  # nothing sounds before it is asked to
    assert re.search(r'<img alt="waveform and mel[^>]*><div style="position:absolute', page)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "it is empty"), (b"no sound", "can&#x27;t read"), (None, "no s")]
)
def test_an_unreadable_clip_says_why_and_the_next_one_shows(corpus, content, reason):
    path = corpus.utterances[0].audio_path
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    *_, following, clip = parts(ClipBrowser(corpus))
    assert 'role="alert"' in clip.value
    assert reason in clip.value
    assert str(path.parent) not in clip.value  # no folder's name on a page on the web
    assert "Tone number 0." in clip.value
    following.click()
    assert "<audio" in clip.value


def test_a_clip_too_short_for_a_mel_says_so(corpus):
    write_audio(corpus.utterances[0].audio_path, np.zeros(100), 24_000)
    assert "too short" in ClipBrowser(corpus).static_html()


def test_markup_and_any_length_of_text_is_shown_as_text(corpus):
    path = corpus.utterances[0].audio_path
    path.with_suffix(".original.txt").write_text("<script>alert(1)</script>" + "la " * 20_000)
    page = ClipBrowser(corpus).static_html()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "overflow:auto" in page


def test_another_rate_keeps_its_own_time(corpus):
    write_audio(corpus.utterances[0].audio_path, np.full(16_000, 0.1), 16_000)
    page = ClipBrowser(corpus).static_html()
    assert "seconds <b>1.00</b>" in page
    assert sound(page)[1] == 16_000


def test_an_empty_corpus_is_an_error():
    with pytest.raises(ValueError, match="no clips to browse"):
        ClipBrowser(Corpus([]))


def test_readers_without_a_kernel_hear_and_see_the_clip(corpus):
    browser = ClipBrowser(corpus)
    parts(browser)[1].value = 1
    bundle = browser._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "Tone number 1." in bundle["text/html"]
    assert "data:image/png" in bundle["text/html"]


@pytest.mark.slow
def test_nothing_is_left_behind(corpus):
    _, number, *_ = parts(ClipBrowser(corpus))
    before = threading.active_count()
    for index in (1, 2, 0):
        number.value = index
    assert threading.active_count() == before
    assert plt.get_fignums() == []
