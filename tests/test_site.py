"""The site lists every page that it should have (tests/browser looks at the built one)."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTENTS = ROOT / "docs" / "contents.md"


def listed() -> list[Path]:
    """The files behind the entries of the table of contents, in its order."""
    entries = re.findall(r"^(\w.*)$", CONTENTS.read_text(encoding="utf-8"), re.MULTILINE)
    return [
        file
        for entry in entries
        for suffix in (".md", ".ipynb")
        for file in sorted(ROOT.glob(entry + suffix))
    ]


def written() -> set[Path]:
    """Every text and every notebook of the repository."""
    return {
        file
        for pattern in (
            "*.md",
            "benchmarks/**/*.md",
            "data/README.md",
            "data/voices/**/*.md",
            "docs/**/*.md",
            "notebooks/**/*.ipynb",
        )
        for file in ROOT.glob(pattern)
        if ".ipynb_checkpoints" not in file.parts
    }


def test_each_text_and_notebook_is_listed_once():
    pages = listed()
    assert len(pages) > 30
    assert len(pages) == len(set(pages))
    assert set(pages) == written() - {ROOT / "README.md", CONTENTS}


def test_the_reference_is_listed():
    assert "docs/api/*" in CONTENTS.read_text(encoding="utf-8").splitlines()
