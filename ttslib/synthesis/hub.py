"""Voices on the Hugging Face Hub: fetch one by name, and publish a voice's folder with its card."""

import os
import re
from pathlib import Path

__all__ = ["HUB", "fetch_voice", "push_voice"]

HUB = "hf:"  # before owner/name, wherever a voice can be named
FILES = "*.safetensors"  # of a voice's folder, in addition to its card
CARD, MODEL_CARD = "CARD.md", "README.md"  # here, and on the hub


def fetch_voice(name: str) -> Path:
    """Download a voice, or what has changed in it, and return its folder in the hub's own cache.

    Parameters
    ----------
    name
        `hf:owner/name`, or `hf:owner/name@revision`. Without a network, the last download is
        used.

    Raises
    ------
    ValueError
        If the name is malformed, or nothing has that name.
    ModuleNotFoundError
        If huggingface_hub isn't installed.
    """
    repository, _, revision = name.removeprefix(HUB).partition("@")
    _require_repository(repository)
    hub = _hub()
    try:
        return Path(
            hub.snapshot_download(
                repository, revision=revision or None, allow_patterns=[FILES, MODEL_CARD]
            )
        )
    except (hub.errors.HfHubHTTPError, hub.errors.LocalEntryNotFoundError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"can't fetch the voice {name} ({reason})") from None


def push_voice(folder: Path, repository: str, *, private: bool = False) -> str:
    """Publish a voice's folder: its checkpoints, and its card as the model card.

    You must have logged in with `hf auth login`, or set `HF_TOKEN`.

    Parameters
    ----------
    folder
        Of the voice, with a card.
    repository
        `owner/name`; created if it doesn't exist.
    private
        Make a new repository visible only to its owner.

    Returns
    -------
    str
        The address of the published voice.

    Raises
    ------
    ValueError
        If there is no card, the repository's name is malformed, or the hub refuses.
    ModuleNotFoundError
        If huggingface_hub isn't installed.
    """
    _require_repository(repository)
    if not (folder / CARD).is_file():
        raise ValueError(f"{folder} has no {CARD}: write how the voice was made first")
    hub = _hub()
    about = hub.ModelCardData(library_name="ttslib", pipeline_tag="text-to-speech", language="en")
    card = f"---\n{about.to_yaml()}\n---\n{(folder / CARD).read_text(encoding='utf-8')}"
    changes = [hub.CommitOperationAdd(path.name, path) for path in sorted(folder.glob(FILES))]
    changes.append(hub.CommitOperationAdd(MODEL_CARD, card.encode()))
    try:
        hub.create_repo(repository, private=private, exist_ok=True)
        message = f"The voice {folder.name}"
        return hub.create_commit(repository, changes, commit_message=message).commit_url
    except (hub.errors.HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"the hub refused {repository} ({reason})") from None


def _require_repository(name: str) -> None:
    if not re.fullmatch(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}", name, re.ASCII):
        raise ValueError(f"a voice on the hub is called hf:owner/name, not {name[:100]!r}")


def _hub():
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import huggingface_hub
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'voices on the hub need the package huggingface_hub: pip install "ttslib-course[hub]"',
            name="huggingface_hub",
        ) from error
    return huggingface_hub
