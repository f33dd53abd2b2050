"""One .safetensors file holds a model and all that is needed to use it or to train it on.

Tensors lie under `weights.`, `statistics.` and `training.`; everything else is JSON in the file's
metadata. Nothing is ever unpickled, so a checkpoint from a stranger can do no harm.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ttslib.config import AudioConfig
from ttslib.files import write_whole

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]

FORMAT = 1  # of the file; raised when an older ttslib could not read it
_GROUPS = ("weights", "statistics", "training")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model's weights and everything they were trained with.

    Taught in: notebooks/05_training
    """

    model: str  # which model this is, e.g. "tacotron2"
    config: dict  # the keyword arguments of the model's config
    audio: AudioConfig
    weights: dict[str, Tensor]  # the model's state_dict
    tokenizer: dict | None = None  # what the tokenizer's to_dict gave
    statistics: dict[str, Tensor] = field(default_factory=dict)  # the mel normalizer's
    speakers: tuple[str, ...] = ()  # in the order of the speaker embedding
    provenance: dict = field(default_factory=dict)  # how it was trained: for people
    training: dict[str, Tensor] = field(default_factory=dict)  # the optimizer's state
    progress: dict = field(default_factory=dict)  # how far the training has come


def save_checkpoint(path: str | Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all.

    Raises
    ------
    OSError
        When the disk is full or the folder can't be written; an old file stays as it was.
    """
    path = Path(path)
    settings = {
        "model": checkpoint.model,
        "config": checkpoint.config,
        "audio": checkpoint.audio.to_dict(),
        "tokenizer": checkpoint.tokenizer,
        "speakers": checkpoint.speakers,
        "provenance": checkpoint.provenance,
        "progress": checkpoint.progress,
    }
    tensors = {
        f"{group}.{name}": tensor.detach().cpu().contiguous()
        for group in _GROUPS
        for name, tensor in getattr(checkpoint, group).items()
    }
    metadata = {"ttslib": str(FORMAT), "settings": json.dumps(settings)}
    try:
        # not save_file, whose files only their owner may read
        write_whole(path, save(tensors, metadata), durable=True)
    except OSError as error:
        raise OSError(f"cannot write the checkpoint {path}: {error}") from error
    return path


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint onto the CPU.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is pickled, truncated, somebody else's, or too new: one line says which.

    Taught in: notebooks/05_training
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    with path.open("rb") as file:
        start = file.read(9)  # a .safetensors file: eight bytes of length, then JSON
    if start[8:] != b"{" and start.startswith((b"PK", b"\x80")):  # torch.save's zip, or bare
        raise ValueError(
            f"{path} is a pickle, which can run code when read: ttslib never loads one; "
            "convert its tensors with safetensors.torch.save_file where you trust it"
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            # Copies: a file that is mapped can't be replaced on Windows.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(
            f"{path} is no whole .safetensors file ({error}); it may be truncated: copy it again"
        ) from None
    if "ttslib" not in metadata:
        raise ValueError(
            f"{path} is a .safetensors file, but not a ttslib checkpoint (its metadata lacks "
            "'ttslib'); ttslib.models.published reads other projects' weights"
        )
    if int(metadata["ttslib"]) > FORMAT:
        raise ValueError(
            f"{path} has checkpoint format {metadata['ttslib']}, this ttslib reads up to {FORMAT}; "
            "update ttslib"
        )
    settings = json.loads(metadata["settings"])
    settings["audio"] = AudioConfig(**settings["audio"])
    settings["speakers"] = tuple(settings["speakers"])
    groups: dict[str, dict[str, Tensor]] = {group: {} for group in _GROUPS}
    for name, tensor in tensors.items():
        group, _, rest = name.partition(".")
        groups[group][rest] = tensor
    return Checkpoint(**(settings | groups))
