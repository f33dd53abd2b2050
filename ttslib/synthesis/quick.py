"""A voice for one sentence at a time: its ONNX files, written once and kept.

Importing torch takes several times as long as speaking a sentence. So a voice is exported when it
is first used; from then on ONNX Runtime runs it, and torch isn't imported.
"""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from ttslib.config import data_folder
from ttslib.files import write_whole
from ttslib.synthesis.onnx_voice import OnnxVoice
from ttslib.synthesis.voice_files import ACOUSTIC, VOCODER, find_voice

__all__ = ["quick_voice"]

FORMAT = 2  # increase it when the export changes, so that stored files are rewritten


def quick_voice(
    voice: str | Path,
    *,
    lexicon: Path | str | Mapping[str, str] | None = None,
    notice: Callable[[str], None] = lambda _: None,
) -> OnnxVoice | None:
    """Return a voice that speaks without torch, or None if it can't: then use `load_voice`.

    It can if it is a FastSpeech 2 or a Matcha-TTS with a Vocos or a HiFi-GAN in the same folder,
    the packages of the extra `export` are installed, and `data/onnx`, where the files are stored,
    can be written to.

    Parameters
    ----------
    voice, lexicon
        As for `load_voice`.
    notice
        Called with a line of text before a step that takes seconds.

    Raises
    ------
    ValueError
        If there is no such voice, or the lexicon doesn't fit it.
    """
    acoustic = find_voice(voice)
    vocoder = acoustic.with_name(VOCODER)
    packages = all(map(importlib.util.find_spec, ("onnx", "onnxruntime")))
    if not packages or acoustic.name != ACOUSTIC or not vocoder.is_file():
        return None
    folder = data_folder() / "onnx" / f"{acoustic.parent.name}-{_digest(acoustic, vocoder)}"
    if not (folder / "voice.json").is_file():
        notice(f"preparing the voice {acoustic.parent.name}: this is needed once")
        try:
            if not _write(acoustic.parent, folder):
                return None
        except OSError:  # a full disk, or a read-only folder
            return None
    return OnnxVoice(folder, lexicon=lexicon)


def _digest(*files: Path) -> str:
    """Return a digest of the files and of the programs that export and run them."""
    digest = hashlib.blake2b(f"{FORMAT} {version('onnxruntime')}".encode(), digest_size=6)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _write(voice: Path, folder: Path) -> bool:
    """Export a voice to `folder`, completely or not at all; return False for other models."""
    from ttslib.synthesis.export import can_export, export_onnx
    from ttslib.synthesis.voices import load_voice

    ready = load_voice(voice)
    if not can_export(ready):
        return False
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        _optimize(export_onnx(ready, beside))
        for old in folder.parent.glob(f"{voice.name}-{'?' * 12}"):
            shutil.rmtree(old, ignore_errors=True)
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return True


def _optimize(folder: Path) -> None:
    """Store the graphs with the optimizations that ONNX Runtime would repeat at each start."""
    import onnxruntime

    for graph in folder.glob("*.onnx"):
        options = onnxruntime.SessionOptions()
        level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED  # for any processor
        options.graph_optimization_level = level
        options.optimized_model_filepath = str(graph.with_suffix(".optimized"))
        onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        os.replace(graph.with_suffix(".optimized"), graph)
    facts = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
    write_whole(folder / "voice.json", json.dumps(facts | {"optimized": True}).encode())
