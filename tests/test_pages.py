import base64
import re
from pathlib import Path

import numpy as np
import pytest

from ttslib.audio.files import encode_audio
from ttslib.pages import picture_html, sound_html, write_html

LISTENING_TEST = Path(__file__).parents[1] / "ttslib" / "lab" / "widgets" / "listening_test.css"


def test_a_page_holds_its_title_and_body_and_asks_for_no_other_file(tmp_path):
    body = [
        "<p>Hello.</p>",
        picture_html(b"png", "a <picture>"),
        sound_html(b"x", "mpeg", "a sound"),
    ]
    path = write_html(tmp_path / "new" / "page.html", title="A & B", body=body)
    page = path.read_text(encoding="utf-8")
    assert "<h1>A &amp; B</h1>" in page
    assert "<p>Hello.</p>" in page
    assert 'alt="a &lt;picture&gt;"' in page
    assert 'aria-label="a sound"' in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert base64.b64encode(b"png").decode() in page


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(OSError, match=r"page\.html"):
        write_html(tmp_path / "page.html", title="A", body=[])
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_sound_for_a_page_is_small_and_clipped_where_it_is_too_loud():
    tone = 2 * np.sin(2 * np.pi * 220 * np.arange(24_000) / 24_000)
    kind, data = encode_audio(tone, 24_000)
    assert kind == "mpeg"
    assert len(data) < 12_000  # 48,000 as 16-bit samples


def test_a_rate_that_mp3_cannot_have_is_kept_as_wav():
    kind, data = encode_audio(np.zeros(960, dtype=np.float32), 96_000)
    assert kind == "wav"
    assert data.startswith(b"RIFF")


def contrast(one: str, other: str) -> float:
    """How much brighter the brighter of two colors is, by WCAG 2: from 1 to 21."""

    def luminance(color):
        digits = color.lstrip("#")
        digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
        values = np.array([int(digits[n : n + 2], 16) for n in (0, 2, 4)]) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["report", "listening test"])
def test_words_are_readable_in_light_and_dark(page, tmp_path):
    if page == "report":
        style = write_html(tmp_path / "page.html", title="A", body=[]).read_text(encoding="utf-8")
    else:
        style = LISTENING_TEST.read_text(encoding="utf-8")
    bright, dark = style.split("@media (prefers-color-scheme: dark)")
    light = dict(re.findall(r"--([a-z-]+): (#\w+)", bright))
    for colors in (light, light | dict(re.findall(r"--([a-z-]+): (#\w+)", dark))):
        assert contrast(colors["ink"], colors["paper"]) > 7
        for words, behind in (("soft", "paper"), ("red", "paper"), ("ink", "pale")):
            assert contrast(colors[words], colors[behind]) > 4.5, (words, behind, colors)
    unnamed = re.sub(r"--[a-z-]+: #\w+", "", style)
    assert re.findall(r"(?<!&)#[0-9a-f]{3,6}\b", unnamed) == []  # which the dark wouldn't change
