"""The site that `make site` built, opened from its folder: links, sounds, looks and console."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from conftest import ROOT, wait_for

SITE = ROOT / "build" / "site"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (SITE / "index.html").exists(), reason="make site builds it"),
]
# The brightness of a page, from 0 to 255, in JavaScript.
BRIGHTNESS = (
    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)"
    ".reduce((sum, value) => sum + value / 3, 0)"
)
LOADED = ("script", "link", "img", "audio", "source", "iframe")

# What every sound of a page comes to once the browser has tried to decode it: null or an error.
DECODE = """
const done = arguments[0];
Promise.all([...document.querySelectorAll('audio')].map(sound => new Promise(settle => {
  sound.onloadeddata = () => settle(sound.duration > 0.05 ? null : 'empty');
  sound.onerror = () => settle(sound.error.message);
  sound.preload = 'auto';
  sound.load();
}))).then(done);
"""


class Page(HTMLParser):
    """What a page links to (tag and address), and the places in it that can be linked to."""

    def __init__(self, path: Path):
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.places = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.places.add(value)
            elif name in ("href", "src") and value and not value.startswith("data:"):
                self.links.append((tag, value))


read = cache(Page)


def pages() -> list[Path]:
    return [
        path
        for path in sorted(SITE.rglob("*.html"))
        if not {"_static", "_sources", "_downloads"} & set(path.parts)
    ]


def test_every_link_leads_somewhere():
    broken, n_links = [], 0
    for path in pages():
        for _, link in read(path).links:
            if urlsplit(link).scheme in ("http", "https", "mailto"):
                continue
            n_links += 1
            target = urlsplit(urljoin(path.as_uri(), link))
            file, place = Path(unquote(target.path)), unquote(target.fragment)
            if not file.exists() or (file.suffix == ".html" and place not in read(file).places):
                broken.append(f"{path.relative_to(SITE)}: {link}")
    assert n_links > 5_000
    assert broken == []


def test_nothing_is_loaded_from_a_network():
    links = {(tag, link) for path in pages() for tag, link in read(path).links if tag in LOADED}
    assert len(links) > 30
    assert [link for _, link in links if re.match(r"(https?:)?//", link)] == []


def test_every_notebook_and_package_has_its_page():
    for file in [*ROOT.glob("notebooks/**/*.ipynb"), *ROOT.glob("data/voices/*/CARD.md")]:
        if ".ipynb_checkpoints" not in file.parts:
            assert (SITE / file.relative_to(ROOT)).with_suffix(".html").exists()
    for file in ROOT.glob("ttslib/**/__init__.py"):
        package = ".".join(file.parent.relative_to(ROOT).parts)
        assert package == "ttslib.cli" or (SITE / "docs" / "api" / f"{package}.html").exists()


@pytest.fixture
def browser(driver):
    driver.get_log("browser")  # what the page before said is over
    yield driver
    driver.get("about:blank")


def complaints(browser) -> list[str]:
    return [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(SITE)))
def test_it_fits_every_screen_and_every_sound_plays(path, browser, look):
    browser.get(path.as_uri())
    for scheme, width in (("light", 1280), ("light", 390), ("dark", 390), ("dark", 1280)):
        look(scheme, width)
        wanted = {"light": "> 200", "dark": "< 60"}[scheme]
        wait_for(browser, f"{BRIGHTNESS} {wanted}")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert [fault for fault in browser.execute_async_script(DECODE) if fault] == []
    assert complaints(browser) == []


def test_there_are_sounds_to_play():
    assert sum(path.read_text(encoding="utf-8").count("<audio") for path in pages()) > 150


def test_the_search_finds_a_word(browser):
    browser.get(f"{(SITE / 'search.html').as_uri()}?q=vocoder")
    wait_for(browser, "document.querySelectorAll('#search-results li a').length > 5")
    assert complaints(browser) == []
