"""Find NLTK's tagger of parts of speech, if its data is installed.

NLTK takes seconds to import, since it imports SciPy's statistics. So the data is looked for first,
without NLTK, which isn't needed where there is none.
"""

import os
import sys
from functools import lru_cache
from pathlib import Path

__all__ = ["TAGGER", "find_tagger", "load_tagger", "nltk_folders"]

TAGGER = "averaged_perceptron_tagger_eng"


def find_tagger() -> Path | None:
    """Return where the tagger's data is: in a folder or a zip file, where `nltk.data.find` looks.

    References
    ----------
    https://www.nltk.org/data.html
    """
    for folder in nltk_folders():
        for path in (folder / "taggers" / TAGGER, folder / "taggers" / f"{TAGGER}.zip"):
            if path.exists():
                return path
    return None


def nltk_folders() -> list[Path]:
    """Return the folders in which NLTK looks for data."""
    if loaded := sys.modules.get("nltk"):
        return [Path(folder) for folder in loaded.data.path]
    chosen = [Path(name) for name in os.environ.get("NLTK_DATA", "").split(os.pathsep) if name]
    installed = [Path(sys.prefix, name) for name in ("", "share", "lib")]
    if os.name == "nt":
        usual = [Path(os.environ.get("APPDATA", "C:\\")), *(Path(f"{drive}:\\") for drive in "CDE")]
    else:
        usual = [Path("/usr", name) for name in ("share", "local/share", "lib", "local/lib")]
    folders = [folder / "nltk_data" for folder in (Path.home(), *installed, *usual)]
    return [*(path.expanduser() for path in chosen), *folders]


@lru_cache(maxsize=1)
def load_tagger():
    """Return NLTK's `PerceptronTagger`, or None if its data isn't installed."""
    if find_tagger() is None:
        return None
    import nltk

    try:
        return nltk.tag.PerceptronTagger()
    except LookupError:
        return None
