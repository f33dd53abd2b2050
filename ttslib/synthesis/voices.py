"""Trained voices: load one by name or path, and keep a newly trained one.

`voice_files.py` finds their files.
"""

import dataclasses
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.checkpoints import (
    Checkpoint,
    explained,
    load_checkpoint,
    restored_model,
    save_checkpoint,
)
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.hifigan import HiFiGAN
from ttslib.models.matcha import Matcha, MatchaConfig
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.models.vocos import Vocos
from ttslib.models.waveglow import WaveGlow
from ttslib.models.wavenet.wavenet import WaveNet
from ttslib.synthesis import voice_files
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.synthesis.vocoders import VOCODERS, current_path, load_vocoder
from ttslib.synthesis.voice_files import ACOUSTIC, CARD, DEFAULT_VOICE, VOCODER, find_voice
from ttslib.synthesis.voice_files import list_voices as list_voices
from ttslib.synthesis.voice_files import voices_folder as voices_folder
from ttslib.text.tokenizers import tokenizer_from_dict, with_lexicon

__all__ = [
    "keep_voice",
    "list_voices",
    "load_voice",
    "named_vocoder",
    "new_voice_folder",
    "voices_folder",
    "write_voice",
]

AnyVocoder = GriffinLim | HiFiGAN | Vocos | WaveGlow | WaveNet

ACOUSTIC_MODELS: dict[str, tuple[type, type]] = {  # by their names in checkpoints
    "tacotron2": (Tacotron2, Tacotron2Config),
    "fastspeech2": (FastSpeech2, FastSpeech2Config),
    "matcha": (Matcha, MatchaConfig),
}
GRIFFIN_LIM = "griffin-lim"


def load_voice(
    voice: str | Path = DEFAULT_VOICE,
    *,
    vocoder: str | Path | None = None,
    lexicon: Path | str | Mapping[str, str] | None = None,
    device: torch.device | str = "cpu",
) -> Synthesizer:
    """Load a voice.

    Parameters
    ----------
    voice
        A name of `list_voices()`, the path of a voice's folder or of a checkpoint from training,
        or `hf:owner/name`, which is downloaded from the Hugging Face Hub.
    vocoder
        A trained one, by its name beside the voices ("mini-vocos") or by the path of its
        checkpoint; or "griffin-lim". When not given: the one in the voice's own folder, else the
        one named after its corpus, if it was made for the same mels, else Griffin-Lim.
    lexicon
        Words with your own pronunciations (`read_lexicon`), which override those of the voice.
    device
        For all computation.

    Raises
    ------
    ValueError
        If there is no such voice or vocoder, its file isn't a checkpoint of an acoustic model, the
        two have different mels, or there is a lexicon for a voice that doesn't read phonemes.

    Examples
    --------
    >>> load_voice()("Hello, world.").save("hello.wav")  # doctest: +SKIP

    Taught in: notebooks/07_inference
    """
    path = find_voice(voice)
    checkpoint = load_checkpoint(path)
    if checkpoint.tokenizer is None:
        raise ValueError(
            f"{path} has no tokenizer, so it can't read text; load one that was trained"
        )
    acoustic = _acoustic(checkpoint, path)
    with explained(path, "has broken settings"):
        tokenizer = tokenizer_from_dict(checkpoint.tokenizer)
        normalizer, prosody = _normalizers(checkpoint)
        _require_fitting(acoustic.config, checkpoint, len(tokenizer.symbols))
    chosen = _vocoder(vocoder, checkpoint, path.parent)
    return Synthesizer(
        tokenizer=with_lexicon(tokenizer, lexicon),
        acoustic=acoustic.to(device),
        vocoder=chosen.to(device).requires_grad_(False),  # for inference only
        audio=checkpoint.audio,
        normalizer=normalizer.to(device),
        prosody=None if prosody is None else prosody.to(device),
        speakers=checkpoint.speakers,
    )


def _vocoder(vocoder: str | Path | None, voice: Checkpoint, folder: Path) -> AnyVocoder:
    if vocoder is not None:
        return named_vocoder(vocoder, voice.audio)
    corpus = "+".join(Path(name).name for name in _corpora(voice))
    named = [voice_files.voices_folder() / f"{corpus}-{model}" for model in ("vocos", "hifigan")]
    for path in (one / VOCODER for one in (folder, *named)):
        if path.is_file() and (fitting := load_vocoder(path)).audio == voice.audio:
            return fitting
    return GriffinLim(voice.audio)


def named_vocoder(vocoder: str | Path, audio: AudioConfig) -> AnyVocoder:
    """Load a vocoder, which turns log-mels (B, M, T) into sound, by name or checkpoint.

    Parameters
    ----------
    vocoder
        "griffin-lim"; one next to the voices, such as "mini-vocos"; or a checkpoint's path.
    audio
        The mels for Griffin-Lim; the other vocoders have their own definition.

    Raises
    ------
    ValueError
        If there is no such vocoder; the message lists the available ones.
    """
    if vocoder == GRIFFIN_LIM:
        return GriffinLim(audio)
    path = current_path(voice_files.voices_folder() / vocoder / VOCODER)
    if not path.is_file():
        path = Path(vocoder)
    if not path.is_file():
        known = [p.parent.name for p in sorted(voice_files.voices_folder().glob(f"*/{VOCODER}"))]
        raise ValueError(
            f"there is no vocoder {str(vocoder)!r}; available: "
            f"{', '.join([GRIFFIN_LIM, *known])}, or give the path of a checkpoint"
        )
    return load_vocoder(path)


def keep_voice(
    checkpoint: str | Path, name: str, *, vocoder: str | Path | None = None, half: bool = False
) -> Path:
    """Keep a trained checkpoint as the voice or vocoder `name`, without its optimizer's state.

    Parameters
    ----------
    checkpoint
        A file that training wrote.
    name
        A new name, of letters, digits, `-` and `_`.
    vocoder
        The checkpoint of the vocoder to keep in the same folder, for an acoustic model.
    half
        Store the weights in half precision, at half the size.

    Returns
    -------
    Path
        Its folder. Its CARD.md is a start: add what the voice was made from.

    Raises
    ------
    ValueError
        If the name is taken or can't be a folder's, the checkpoint's model is neither an
        acoustic model nor a vocoder, or the two were made for different mels.

    Taught in: notebooks/07_inference
    """
    folder = new_voice_folder(name)
    trained = load_checkpoint(checkpoint)
    if trained.model not in VOCODERS:
        _acoustic(trained, Path(checkpoint))  # raises for a listener, which can't speak
    kept = {VOCODER if trained.model in VOCODERS else ACOUSTIC: trained}
    if vocoder is not None:
        if VOCODER in kept:
            raise ValueError(f"{checkpoint} is a vocoder itself; leave the other one out")
        fitting = load_vocoder(vocoder).audio
        trained.audio.require_same(fitting, ours="the acoustic model", theirs="the vocoder")
        kept[VOCODER] = load_checkpoint(vocoder)
    return write_voice(folder, kept, card=_card(trained, name), half=half)


def new_voice_folder(name: str) -> Path:
    """Return the folder of a voice that doesn't exist yet.

    Raises
    ------
    ValueError
        If the name is taken or can't be a folder's.
    """
    if not re.fullmatch(r"[\w-]{1,100}", name) or name == GRIFFIN_LIM:
        raise ValueError(
            f"a voice's name is of at most 100 letters, digits, - and _, and not {GRIFFIN_LIM}; "
            f"got {name[:120]!r}"
        )
    folder = voice_files.voices_folder() / name
    if folder.exists():
        raise ValueError(f"there is a voice {name!r} in {folder}; choose another name")
    return folder


def write_voice(
    folder: Path, parts: Mapping[str, Checkpoint], *, card: str, half: bool = False
) -> Path:
    """Write a voice's checkpoints, by file name, and its card: completely or not at all.

    `half` stores the weights in half precision. The optimizer's state is left out.
    """
    try:
        for file, part in parts.items():
            weights = {
                n: w.half() if half and w.is_floating_point() else w
                for n, w in part.weights.items()
            }
            save_checkpoint(folder / file, dataclasses.replace(part, weights=weights, training={}))
        (folder / CARD).write_text(card, encoding="utf-8")
    except OSError:  # a full disk: an incomplete voice would occupy the name
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _corpora(trained: Checkpoint) -> list[str]:
    """Return the corpora of a training; older checkpoints have one, as a string."""
    corpora = trained.provenance.get("corpus")
    return [str(name) for name in corpora] if isinstance(corpora, list) else [str(corpora)]


def _card(trained: Checkpoint, name: str) -> str:
    progress = trained.progress
    lines = [f"# {name}", ""]
    speakers = f"; speakers: {', '.join(trained.speakers)}" if trained.speakers else ""
    lines.append(
        f"{trained.model}, {progress.get('step', 0)} steps in "
        f"{progress.get('seconds', 0) / 60:.0f} minutes on {' and '.join(_corpora(trained))}"
        f"{speakers}."
    )
    for title, facts in (
        ("The last validation", (progress.get("validations") or [{}])[-1]),
        ("How it was trained", trained.provenance),
    ):
        lines += ["", f"## {title}", "", *(f"- {key}: {value}" for key, value in facts.items())]
    return "\n".join(lines) + "\n"


def _acoustic(checkpoint: Checkpoint, path: Path) -> Tacotron2 | FastSpeech2 | Matcha:
    if checkpoint.model not in ACOUSTIC_MODELS:
        raise ValueError(
            f"{path} is a {checkpoint.model}, not an acoustic model; give a checkpoint of "
            "tacotron2, fastspeech2 or matcha"
        )
    kind, config = ACOUSTIC_MODELS[checkpoint.model]
    return restored_model(checkpoint, path, lambda: kind(config(**checkpoint.config)))


def _require_fitting(
    config: Tacotron2Config | FastSpeech2Config | MatchaConfig,
    checkpoint: Checkpoint,
    n_symbols: int,
) -> None:
    """Raise an error if a voice's parts don't fit: it would speak wrongly, or not at all."""
    for name, here in (
        ("n_symbols", n_symbols),
        ("n_speakers", len(checkpoint.speakers) or config.n_speakers),
        ("n_mels", checkpoint.audio.n_mels),
    ):
        if getattr(config, name) != here:
            raise ValueError(f"its model has {name}={getattr(config, name)}, the rest {here}")


def _normalizers(checkpoint: Checkpoint) -> tuple[MelNormalizer, ProsodyNormalizer | None]:
    """Return the normalizers of a checkpoint's mels, and of its pitch and energy."""
    mel = {name: checkpoint.statistics[name] for name in ("mean", "std")}
    prosody = {name: values for name, values in checkpoint.statistics.items() if name not in mel}
    if len(mel["mean"]) != checkpoint.audio.n_mels:
        raise ValueError(f"its statistics are of {len(mel['mean'])} mel bands")
    if checkpoint.model != "tacotron2" and not prosody:
        raise ValueError("its statistics of pitch and energy are missing")
    if any(len(values) < max(1, len(checkpoint.speakers)) for values in prosody.values()):
        raise ValueError("its statistics of pitch and energy are of other speakers")
    return MelNormalizer(**mel), ProsodyNormalizer(**prosody) if prosody else None
