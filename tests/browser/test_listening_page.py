"""A listening test as a rater meets it: in JupyterLab, and as a page of its own; by keyboard."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from conftest import PATIENCE, ROOT, wait_for
from ttslib.audio.files import write_audio
from ttslib.evaluation.listening.folder import make_listening_test

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RATE = 24_000
TEST = "document.querySelector('.ttslib-listening')"
HEARD = "document.querySelectorAll('.ttslib-listening .heard').length"


def make(folder, kind="acr"):
    for name, hz in (("one", 300), ("two", 400)):
        for n in range(3):
            sound = 0.3 * np.sin(2 * np.pi * (hz + 10 * n) * np.arange(RATE // 2) / RATE)
            write_audio(folder / name / f"canoe{n}.wav", sound, RATE)
    return make_listening_test(
        folder / "test", systems={"one": folder / "one", "two": folder / "two"}, kind=kind
    )


class Page:
    """The page of `ttslib listen serve`, in a browser."""

    def __init__(self, driver, plan):
        self.driver = driver
        self.plan = plan
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"
        command = [sys.executable, "-m", "ttslib.cli.main", "listen", "serve", str(plan.folder)]
        self.process = subprocess.Popen(
            [*command, f"--port={port}", "--no-browser"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def open(self):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                urlopen(self.address, timeout=PATIENCE).close()
                break
            except URLError:
                assert self.process.poll() is None, "the page could not be served"
                assert time.monotonic() < until, "the page is not served"
                time.sleep(0.2)
        self.driver.get_log("browser")
        self.driver.get(self.address)
        self.wait_for(f"{TEST}?.dataset.screen === 'welcome'")

    def run(self, script):
        return self.driver.execute_script(f"return {script}")

    def wait_for(self, condition):
        wait_for(self.driver, condition)

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def stop(self):
        self.driver.get("about:blank")
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)


@pytest.fixture(scope="module")
def pages(driver, tmp_path_factory):
    pages = {}

    def page(kind):
        if kind not in pages:
            pages[kind] = Page(driver, make(tmp_path_factory.mktemp(kind), kind))
        pages[kind].open()
        return pages[kind]

    yield page
    for page in pages.values():
        page.stop()


@pytest.fixture
def acr(pages):
    return pages("acr")


@pytest.fixture
def abx(pages):
    return pages("abx")


def begin(page, name):
    page.wait_for("document.activeElement.matches('.ttslib-listening input')")
    page.press(*name, Keys.ENTER)
    page.wait_for(f"{TEST}.dataset.screen === 'volume'")
    page.press(Keys.SPACE)
    page.wait_for(f"!{TEST}.querySelector('.main').disabled")
    page.press(Keys.TAB, Keys.ENTER)
    page.wait_for(f"{TEST}.dataset.screen === 'trial'")


def hear(page):
    """Play every clip of the question; the focus is on the first."""
    n_clips = page.run(f"{TEST}.querySelectorAll('.clip').length")
    for clip in range(n_clips):
        page.press(Keys.SPACE)
        page.wait_for(f"{HEARD} === {clip + 1}")
        if clip + 1 < n_clips:
            page.press(Keys.TAB)


def place(page):
    return page.run(f"{TEST}.querySelector('header span').textContent")


# First: a page of voila's complains when it is left, which is not JupyterLab's fault.
def test_in_jupyterlab_its_keys_are_its_own(tmp_path, show):
    plan = make(tmp_path)
    code = f"from ttslib.lab import ListeningTest\nListeningTest({str(plan.folder)!r}, rater='ann')"
    output = show("listening", code)
    output.press(".clip", Keys.SPACE)
    output.wait_for(f"!{TEST}.querySelector('.main').disabled")
    output.press(".main", Keys.ENTER)
    output.wait_for(f"{TEST}.dataset.screen === 'trial'")
    output.press(".clip", Keys.SPACE)
    output.wait_for(f"{HEARD} === 1")
    output.press(".clip", "2")
    output.wait_for(f"{TEST}.querySelector('input:checked')?.value === '2'")
    output.press("input:checked", Keys.ARROW_UP, Keys.ENTER)
    output.wait_for(f"{TEST}.querySelector('header span').textContent === 'Practice 2 of 2'")
    assert [rating.score for rating in plan.ratings()] == [3]
    assert output.errors() == []


def test_the_page_is_taken_by_keyboard_from_the_name_to_the_thanks(acr):
    page, plan = acr, acr.plan
    begin(page, "ann")
    asked = []
    while page.run(f"{TEST}.dataset.screen") == "trial":
        asked.append(place(page))
        page.press("4")  # not heard yet
        assert not page.run(f"{TEST}.querySelector('input:checked')")
        hear(page)
        page.wait_for(f"!{TEST}.querySelector('fieldset').disabled")
        page.press(str(2 + len(asked) % 3), Keys.ENTER)
        page.wait_for(f"{TEST}.querySelector('header span')?.textContent !== '{asked[-1]}'")
        assert len(plan.ratings()) == len(asked)
    assert asked == [f"Practice {n} of 2" for n in (1, 2)] + [
        f"Question {n} of 4" for n in (1, 2, 3, 4)
    ]
    assert "6 answers are kept" in page.run(f"{TEST}.textContent")
    assert [r.score for r in plan.ratings()] == [3, 4, 2, 3, 4, 2]
    assert [(r.item, r.systems) for r in plan.ratings()] == [
        (t.item, t.systems) for t in plan.trials(0)
    ]


def test_a_reloaded_page_goes_on_where_it_was(acr):
    begin(acr, "bob")
    hear(acr)
    acr.press("5", Keys.ENTER)
    acr.wait_for(f"{TEST}.querySelector('header span').textContent === 'Practice 2 of 2'")
    acr.open()
    begin(acr, "bob")
    assert place(acr) == "Practice 2 of 2"


def test_all_clips_must_be_heard_and_one_stops_the_other(abx):
    page, plan = abx, abx.plan
    begin(page, "ann")
    page.press(Keys.SPACE)
    page.wait_for(f"{HEARD} === 1")
    page.press(Keys.SPACE)  # once more, the same
    page.wait_for(f"{TEST}.querySelector('.clip .sign').textContent === '■'")
    page.press(Keys.TAB, Keys.SPACE)  # the second, which stops the first
    page.wait_for(f"{HEARD} === 2")
    page.press("1")  # too early
    page.press(Keys.TAB, Keys.SPACE)
    page.wait_for(f"{HEARD} === 3")
    signs = page.run(f"[...{TEST}.querySelectorAll('.clip .sign')].map(sign => sign.textContent)")
    assert signs == ["▶", "▶", "▶"]
    page.press("2", Keys.ENTER)
    page.wait_for(f"{TEST}.querySelector('header span').textContent === 'Question 1 of 2'")
    assert [rating.score for rating in plan.ratings()] == [2]


def test_the_page_gives_nothing_away(acr):
    """Neither the page nor any address on it has the plan, the ratings or the clips' names."""
    page, plan = acr, acr.plan
    begin(page, "cat")
    shown = page.run("document.documentElement.outerHTML")
    for secret in ("canoe", *plan.clips["one"].values()):
        assert secret not in shown
    for path in ("listening.json", "ratings.sqlite", "clips", "voila/files/listening.json"):
        with pytest.raises(URLError, match=r"404|403"):
            urlopen(f"{page.address}{path}", timeout=PATIENCE)


def test_the_page_asks_no_other_server_for_anything(acr):
    asked = acr.run("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(asked) > 3
    assert [name for name in asked if not name.startswith((acr.address, "data:", "blob:"))] == []


def test_it_is_dark_for_a_rater_who_likes_it_dark_and_fits_a_phone(acr, look):
    behind = "getComputedStyle(document.body).backgroundColor"
    card = f"getComputedStyle({TEST}).backgroundColor"
    for scheme, width, colors in (
        ("light", 1280, "rgb(255, 255, 255) rgb(255, 255, 255)"),
        ("dark", 390, "rgb(15, 17, 21) rgb(26, 30, 38)"),
    ):
        look(scheme, width)
        acr.wait_for(f"{behind} + ' ' + {card} === '{colors}'")
        assert acr.run("document.documentElement.scrollWidth") <= width


def test_every_control_has_a_name_for_screen_readers(abx):
    begin(abx, "bob")
    names = [
        element.accessible_name
        for element in abx.driver.find_elements("css selector", ".ttslib-listening button, input")
    ]
    assert names == ["Pause", "Play A", "Play B", "Play X", "X is A", "X is B", "Next"]
    fields = abx.driver.find_element("css selector", "fieldset")
    assert fields.accessible_name == "X is either A or B. Which one is it?"
    progress = abx.driver.find_element("css selector", "progress")
    assert re.fullmatch(r"Practice 1 of \d", progress.accessible_name)
