"""One .safetensors file with a model and everything needed to use it or to continue its training.

Tensors are stored under `weights.`, `statistics.` and `training.`; everything else is JSON in the
file's metadata. Nothing is ever unpickled, so a stranger's checkpoint can't run any code.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.modules import module as registration

from ttslib.config import AudioConfig
from ttslib.files import write_whole

__all__ = ["Checkpoint", "explained", "load_checkpoint", "restored_model", "save_checkpoint"]

LARGEST = 4096  # a larger number in a config, if its weights aren't as large, means damage
ADD = "`ttslib voices add`"
LONGEST_REASON = 200  # characters of another library's message
FORMAT = 1  # of the file; raised when an older ttslib can't read it
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
    progress: dict = field(default_factory=dict)  # how far the training has progressed


def save_checkpoint(path: str | Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all.

    Raises
    ------
    OSError
        When the disk is full or the folder can't be written to; an old file is unchanged.
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
        When the file is pickled, truncated, another program's, or too new; the message, one line,
        has the reason.

    Taught in: notebooks/05_training
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    with path.open("rb") as file:
        start = file.read(9)  # a .safetensors file: eight bytes of length, then JSON
    if start[8:] != b"{" and start.startswith((b"PK", b"\x80")):  # torch.save's zip, or bare
        raise ValueError(
            f"{path} is a pickle, which can run code when read, and no checkpoint of ttslib; if it "
            f"has published weights of a Tacotron 2, HiFi-GAN or WaveGlow, {ADD} reads its tensors"
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            # Clones, since a memory-mapped file can't be replaced on Windows.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}
    except Exception as error:  # safetensors has several
        raise ValueError(
            f"{path} is no whole .safetensors file ({_short(error)}); it may be truncated: copy "
            "it again"
        ) from None
    if "ttslib" not in metadata:
        raise ValueError(
            f"{path} is a .safetensors file, but not a ttslib checkpoint (its metadata lacks "
            f"'ttslib'); if it has published weights, {ADD} reads them"
        )
    version = metadata["ttslib"]
    if version.isdecimal() and int(version[:9]) > FORMAT:
        raise ValueError(
            f"{path} has checkpoint format {version[:9]}, this ttslib reads up to {FORMAT}; "
            "update ttslib"
        )
    with explained(path, "has broken settings"):
        settings = _settings(metadata)
    groups: dict[str, dict[str, Tensor]] = {group: {} for group in _GROUPS}
    for name, tensor in tensors.items():
        group, _, rest = name.partition(".")
        if group not in groups:
            raise ValueError(
                f"{path} has a tensor {_short(name)!r}, which is in none of the groups "
                f"{', '.join(_GROUPS)}; copy it again, or update ttslib"
            )
        if group != "training" and tensor.is_floating_point() and not tensor.isfinite().all():
            raise ValueError(
                f"{path} has NaN or infinite numbers in {_short(name)!r}; train again from an "
                "earlier checkpoint, or copy it again"
            )
        groups[group][rest] = tensor
    return Checkpoint(**(settings | groups))


def _settings(metadata: dict[str, str]) -> dict[str, Any]:
    """Read everything in a checkpoint except its tensors; raise an error for anything wrong."""
    if metadata["ttslib"] != str(FORMAT):
        raise ValueError(f"there is no format {metadata['ttslib']!r}")
    settings = json.loads(metadata["settings"])
    kinds: dict[str, tuple[type, ...]] = {
        "model": (str,), "config": (dict,), "audio": (dict,), "tokenizer": (dict, type(None)),
        "speakers": (list,), "provenance": (dict,), "progress": (dict,),
    }  # fmt: skip
    if not isinstance(settings, dict) or settings.keys() != kinds.keys():
        raise ValueError(f"expected the entries {', '.join(kinds)}")
    for name, fitting in kinds.items():
        if not isinstance(settings[name], fitting):
            raise ValueError(f"{name} is a {type(settings[name]).__name__}")
    for name in (settings["model"], *settings["speakers"]):
        if not isinstance(name, str) or not name.isprintable():
            raise ValueError(f"the name {name!r} has characters that can't be printed")
    settings["audio"] = AudioConfig(**settings["audio"])
    settings["speakers"] = tuple(settings["speakers"])
    return settings


Model = TypeVar("Model", bound=nn.Module)


def restored_model(checkpoint: Checkpoint, path: str | Path, make: Callable[[], Model]) -> Model:
    """Build a checkpoint's model with its weights, in memory bounded by the weights' size.

    Parameters
    ----------
    checkpoint : Checkpoint
    path : path
        The file it came from, for the message.
    make
        Builds the model from `checkpoint.config`.

    Returns
    -------
    nn.Module
        In evaluation mode.

    Raises
    ------
    ValueError
        When the config is broken, or the weights aren't those of its model.
    """
    with explained(path, "doesn't fit this version of ttslib"):
        largest = max((size for w in checkpoint.weights.values() for size in w.shape), default=0)
        _require_numbers(checkpoint.config, at_most=max(LARGEST, 4 * largest))
        with _bounded(checkpoint.weights):
            model = make()
        model.load_state_dict(checkpoint.weights)
    return model.eval()


@contextmanager
def explained(path: str | Path, trouble: str) -> Iterator[None]:
    """Turn any exception into a ValueError of one line that begins with the path."""
    try:
        yield
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith(str(path)):
            raise
        raise ValueError(f"{path} {trouble} ({_short(error)}); copy it again") from error


def _short(reason: object) -> str:
    """Return a message in one printable line of at most 200 characters."""
    text = str(reason) or type(reason).__name__
    if isinstance(reason, KeyError):
        text = f"{reason} is missing"
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:LONGEST_REASON]


def _require_numbers(config: Any, *, at_most: int) -> None:
    """Raise an error for numbers that no model of these weights can have."""
    if isinstance(config, dict):
        config = list(config.values())
    if isinstance(config, list):
        for value in config:
            _require_numbers(value, at_most=at_most)
    elif isinstance(config, (int, float)) and not abs(config) <= at_most:  # nan, too
        raise ValueError(f"its config has the number {config:g}")


@contextmanager
def _bounded(weights: dict[str, Tensor]) -> Iterator[None]:
    """Stop building a model that has far more modules or numbers than its weights."""
    thread, n_modules, n_numbers = threading.get_ident(), 0, 0
    most_modules = 1000 + 20 * len(weights)
    most_numbers = 1_000_000 + 2 * sum(weight.numel() for weight in weights.values())

    def count_module(parent: nn.Module, name: str, module: nn.Module | None) -> None:
        nonlocal n_modules
        n_modules += threading.get_ident() == thread
        if n_modules > most_modules:
            raise ValueError("its config has more layers than its weights")

    def count_numbers(parent: nn.Module, name: str, numbers: Tensor | None) -> None:
        nonlocal n_numbers
        if numbers is not None and threading.get_ident() == thread:
            n_numbers += numbers.numel()
        if n_numbers > most_numbers:
            raise ValueError("its config has larger layers than its weights")

    handles = (
        registration.register_module_module_registration_hook(count_module),
        registration.register_module_parameter_registration_hook(count_numbers),
        registration.register_module_buffer_registration_hook(count_numbers),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
