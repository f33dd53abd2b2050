"""Every widget in a real JupyterLab: it renders, the keyboard operates it, and it draws anew."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CORPUS = """
import numpy as np
from ttslib.audio.files import write_audio
from ttslib.corpora.corpus import Corpus
from ttslib.lab import *
from ttslib.records import Utterance

def clip(n):
    path = write_audio(f"{n}.wav", np.sin(np.arange(24_000 * (n + 1)) / 10) / 2, 24_000)
    return Utterance(id=f"c{n}", speaker="ab"[n % 2], text=n * "la " + "la", audio_path=path)

corpus = Corpus([clip(n) for n in range(5)])
"""

# name: (code, what gets the focus, the keys then pressed)
WIDGETS = {
    "AttentionViewer": (
        """
import torch
from ttslib.lab import AttentionViewer
AttentionViewer(torch.eye(20, 5), torch.zeros(80, 20), list("abcde"))
""",
        ".noUi-handle",
        [Keys.ARROW_RIGHT],
    ),
    "ClipBrowser": (CORPUS + "ClipBrowser(corpus)", ".noUi-handle", [Keys.ARROW_RIGHT]),
    "CorpusMap": (
        CORPUS + "CorpusMap(corpus)",
        "[role=application]",
        [Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER],
    ),
    "MelExplorer": (
        CORPUS + "MelExplorer(*corpus[1][:2])",
        "input[type=range]",
        [Keys.ARROW_RIGHT],
    ),
    "Quiz": (
        """
from ttslib.lab import Option, Question, Quiz
Quiz([Question("Is it so?", [Option("yes", "It is.", correct=True), Option("no", "It is so.")])])
""",
        "button",
        [Keys.TAB, Keys.SPACE],
    ),
    "SpeakPanel": (
        """
from ttslib import load_voice
from ttslib.lab import SpeakPanel
SpeakPanel(load_voice("mini"), text="Hello")
""",
        "input[type=text]",
        [" again.", Keys.ENTER],
    ),
    "ProsodyEditor": (
        "from ttslib import load_voice\nfrom ttslib.lab import ProsodyEditor\n"
        'ProsodyEditor(load_voice("mini-fastspeech2"), text="Go on.")',
        "[role=application]",
        [Keys.ARROW_RIGHT, Keys.ARROW_UP],
    ),
    "TokenExplorer": (
        "from ttslib.lab import TokenExplorer\nTokenExplorer()",
        "input, textarea",
        ["Hello again."],
    ),
    "TrainingMonitor": (
        """
from ttslib.lab import TrainingMonitor
with TrainingMonitor(seconds_between_pictures=3600) as monitor:
    monitor.on_step(1, {"loss": 2.0})
    while not monitor.should_stop():
        pass
""",
        "button",
        [Keys.SPACE],
    ),
    "VocoderCompare": (
        """
import torch
from ttslib import AudioConfig, GriffinLim
from ttslib.lab import VocoderCompare
vocoders = {f"{n} rounds": GriffinLim(AudioConfig(), rounds=n) for n in (1, 8)}
VocoderCompare(torch.linspace(-5, 0, 80)[:, None].expand(80, 60), vocoders)
""",
        "input[type=range]",
        [Keys.ARROW_RIGHT],
    ),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_the_keyboard_operates_it(name, show):
    code, part, keys = WIDGETS[name]
    output = show(name, code)
    before = output.shown()
    output.press(part, *keys)
    output.wait_for_change(before)
    assert output.errors() == []


def test_the_position_moves_with_the_sound(show):
    output = show("position", CORPUS + "ClipBrowser(corpus)")
    line = "parseFloat(document.querySelector('audio').previousElementSibling.lastChild.style.left)"
    output.wait_for("document.querySelector('audio')")
    assert output.run(line) == 9  # percent: where the time axis begins
    output.press("audio", Keys.SPACE)
    output.wait_for(f"{line} > 20")
    output.press(".noUi-handle", Keys.ARROW_RIGHT)  # another clip, while this one sounds
    output.wait_for(f"{line} == 9")
    assert output.errors() == []


def test_a_click_on_a_point_plays_it(show):
    output = show("click", CORPUS + "CorpusMap(corpus)")
    output.wait_for("document.querySelector('[role=application] img')?.complete")
    output.press("[role=application]", Keys.END)  # the ring now stands at the most usual clip
    ring = output.driver.find_element("css selector", "[role=application] div")
    ActionChains(output.driver).move_to_element(ring).click().perform()
    output.wait_for("document.querySelector('audio')?.currentTime > 0")
    assert output.errors() == []


def test_another_sentence_of_as_many_phonemes_is_drawn(show):
    output = show("sentence", WIDGETS["ProsodyEditor"][0])
    names = "[...document.querySelectorAll('svg text')].map(one => one.textContent).join(' ')"
    output.wait_for(f"{names}.startsWith('G OW1')")
    output.press("input[type=text]", Keys.END, *[Keys.BACKSPACE] * 6, "Be at.", Keys.ENTER)
    output.wait_for(f"{names}.startsWith('B IY1')")
    assert output.errors() == []
