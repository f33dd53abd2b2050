"""Find trained voices by name from any working folder, or by path; torch isn't needed.

A voice is a folder with a checkpoint, `acoustic.safetensors`, and a `CARD.md`, which describes how
it was trained, on what, and how good it is. Its vocoder is Griffin-Lim or a trained one,
`vocoder.safetensors` in the same folder or in one next to it.
"""

from pathlib import Path

from ttslib.synthesis.hub import HUB, fetch_voice

__all__ = ["find_voice", "list_voices", "voices_folder"]

ACOUSTIC, VOCODER, CARD = "acoustic.safetensors", "vocoder.safetensors", "CARD.md"
DEFAULT_VOICE = "kathleen"  # a human voice: see its card


def voices_folder() -> Path:
    """Return the voices' folder: `data/voices` of the checkout, or inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").exists()
    return checkout / "data" / "voices" if is_checkout else package / "voices"


def list_voices(folder: Path | None = None) -> dict[str, str]:
    """Return the voices' names, each with the first paragraph of its card.

    Parameters
    ----------
    folder
        The folder to search; `voices_folder()` when not given.
    """
    folder = folder or voices_folder()
    return {
        path.parent.name: _summary(path.parent) for path in sorted(folder.glob(f"*/{ACOUSTIC}"))
    }


def find_voice(voice: str | Path) -> Path:
    """Return a voice's checkpoint, by name in `list_voices()`, by path, or by `hf:owner/name`.

    Raises
    ------
    ValueError
        If there is no such voice; the message lists the available ones.
    """
    if str(voice) in list_voices():
        return voices_folder() / voice / ACOUSTIC
    path = fetch_voice(str(voice)) if str(voice).startswith(HUB) else Path(voice)
    if path.is_file():
        return path
    if (path / ACOUSTIC).is_file():
        return path / ACOUSTIC
    known = ", ".join(list_voices()) or "none"
    raise ValueError(
        f"there is no voice {str(voice)!r}; available: {known} (in {voices_folder()}), or give the "
        "path of a checkpoint, or hf:owner/name"
    )


def _summary(voice: Path) -> str:
    """Return the first paragraph below the card's title, as one line."""
    try:
        card = (voice / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"(no {CARD})"
    paragraphs = [p for p in card.split("\n\n") if p.strip() and not p.lstrip().startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else f"(an empty {CARD})"
