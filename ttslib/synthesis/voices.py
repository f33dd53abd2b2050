"""Trained voices, found by name from any working folder, or by path.

A voice is a folder with `acoustic.safetensors`, a checkpoint, and `CARD.md`, which says how it was
trained, on what, and how good it is. It speaks through a trained vocoder, a folder beside it with
`vocoder.safetensors` and a card, or through Griffin-Lim.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.matcha import Matcha, MatchaConfig
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.synthesis.synthesizer import Synthesizer
from ttslib.synthesis.vocoders import VOCODERS, load_vocoder
from ttslib.text.lexicon import read_lexicon
from ttslib.text.tokenizers import PhonemeTokenizer, Tokenizer, tokenizer_from_dict

__all__ = ["keep_voice", "list_voices", "load_voice", "named_vocoder", "voices_folder"]

ACOUSTIC, VOCODER, CARD = "acoustic.safetensors", "vocoder.safetensors", "CARD.md"
DEFAULT_VOICE = "mini-fastspeech2"  # nearer to the recordings than "mini": its card says how much
GRIFFIN_LIM = "griffin-lim"


def voices_folder() -> Path:
    """Where the voices lie: `data/voices` of the checkout, else inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").exists()
    return checkout / "data" / "voices" if is_checkout else package / "voices"


def list_voices(folder: Path | None = None) -> dict[str, str]:
    """The voices' names, each with the first paragraph of its card.

    Parameters
    ----------
    folder
        Where to look; None is `voices_folder()`.
    """
    folder = folder or voices_folder()
    return {
        path.parent.name: _summary(path.parent) for path in sorted(folder.glob(f"*/{ACOUSTIC}"))
    }


def _summary(voice: Path) -> str:
    """The first paragraph of the card below its title, in one line."""
    try:
        card = (voice / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"(no {CARD})"
    paragraphs = [p for p in card.split("\n\n") if p.strip() and not p.lstrip().startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else f"(an empty {CARD})"


def load_voice(
    voice: str | Path = DEFAULT_VOICE,
    *,
    vocoder: str | Path | None = None,
    lexicon: Path | str | Mapping[str, str] | None = None,
    device: torch.device | str = "cpu",
) -> Synthesizer:
    """Make a voice ready to speak.

    Parameters
    ----------
    voice
        A name of `list_voices()`, or the path of a voice's folder or of a checkpoint from training.
    vocoder
        A trained one, by its name beside the voices ("mini-hifigan") or by the path of its
        checkpoint; or "griffin-lim". None is the HiFi-GAN that is called after the voice's corpus,
        if there is one for the same mels, and Griffin-Lim otherwise.
    lexicon
        Words with pronunciations of your own (`read_lexicon`), before those of the voice.
    device
        Where to compute.

    Raises
    ------
    ValueError
        If there is no such voice or vocoder, its file is no checkpoint of an acoustic model, the
        two were made for different mels, or there is a lexicon for a voice that doesn't read
        phonemes.

    Examples
    --------
    >>> load_voice()("Hello, world.").save("hello.wav")  # doctest: +SKIP

    Taught in: notebooks/07_inference
    """
    path = _find(voice)
    checkpoint = load_checkpoint(path)
    if checkpoint.tokenizer is None:
        raise ValueError(
            f"{path} has no tokenizer, so it can't read text; load one that was trained"
        )
    normalizer, prosody = _normalizers(checkpoint.statistics)
    return Synthesizer(
        tokenizer=_with_lexicon(tokenizer_from_dict(checkpoint.tokenizer), lexicon),
        acoustic=_acoustic(checkpoint, path).to(device),
        vocoder=_vocoder(vocoder, checkpoint).to(device).requires_grad_(False),  # it only speaks
        audio=checkpoint.audio,
        normalizer=None if normalizer is None else normalizer.to(device),
        prosody=None if prosody is None else prosody.to(device),
        speakers=checkpoint.speakers,
    )


def _vocoder(vocoder: str | Path | None, voice: Checkpoint) -> nn.Module:
    if vocoder is None:
        corpus = Path(str(voice.provenance.get("corpus"))).name
        path = voices_folder() / f"{corpus}-hifigan" / VOCODER
        fitting = load_vocoder(path) if path.is_file() else None
        same = fitting is not None and fitting.audio == voice.audio
        return fitting if same else GriffinLim(voice.audio)
    return named_vocoder(vocoder, voice.audio)


def named_vocoder(vocoder: str | Path, audio: AudioConfig) -> nn.Module:
    """A vocoder, which turns log-mels (B, M, T) into sound, by its name or its checkpoint's path.

    Parameters
    ----------
    vocoder
        "griffin-lim"; one beside the voices, such as "mini-hifigan"; or the path of a checkpoint.
    audio
        Of the mels that Griffin-Lim shall take; the others know theirs.

    Raises
    ------
    ValueError
        If there is no such vocoder; the message names those that there are.
    """
    if vocoder == GRIFFIN_LIM:
        return GriffinLim(audio)
    path = voices_folder() / vocoder / VOCODER
    if not path.is_file():
        path = Path(vocoder)
    if not path.is_file():
        known = [p.parent.name for p in sorted(voices_folder().glob(f"*/{VOCODER}"))]
        raise ValueError(
            f"there is no vocoder {str(vocoder)!r}; available: "
            f"{', '.join([GRIFFIN_LIM, *known])}, or give the path of a checkpoint"
        )
    return load_vocoder(path)


def _with_lexicon(
    tokenizer: Tokenizer, lexicon: Path | str | Mapping[str, str] | None
) -> Tokenizer:
    if lexicon is None:
        return tokenizer
    if not isinstance(tokenizer, PhonemeTokenizer):
        raise ValueError("this voice reads letters, and a lexicon has phonemes: leave it out")
    both = tokenizer.lexicon | read_lexicon(lexicon)
    return PhonemeTokenizer(tokenizer.symbols, lexicon=both)


def keep_voice(checkpoint: str | Path, name: str) -> Path:
    """Keep a trained checkpoint as the voice or vocoder `name`, without its optimizer's state.

    Parameters
    ----------
    checkpoint
        A file that training wrote.
    name
        A new one, of letters, digits, `-` and `_`.

    Returns
    -------
    Path
        Its folder. The CARD.md there is a beginning: say in it what it was made from.

    Raises
    ------
    ValueError
        If the name is taken already or would not do for a folder, or the checkpoint is of neither
        an acoustic model nor a vocoder.

    Taught in: notebooks/07_inference
    """
    folder = voices_folder() / name
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"a voice's name is of letters, digits, - and _, not {name!r}")
    if folder.exists():
        raise ValueError(f"there is a voice {name!r} in {folder}; choose another name")
    trained = load_checkpoint(checkpoint)
    if trained.model not in VOCODERS:
        _acoustic(trained, Path(checkpoint))  # refuses a listener, which can't speak
    file = VOCODER if trained.model in VOCODERS else ACOUSTIC
    save_checkpoint(folder / file, dataclasses.replace(trained, training={}))
    (folder / CARD).write_text(_card(trained, name), encoding="utf-8")
    return folder


def _card(trained: Checkpoint, name: str) -> str:
    progress = trained.progress
    lines = [f"# {name}", ""]
    speakers = f"; speakers: {', '.join(trained.speakers)}" if trained.speakers else ""
    lines.append(
        f"{trained.model}, {progress.get('step', 0)} steps in "
        f"{progress.get('seconds', 0) / 60:.0f} minutes on {trained.provenance.get('corpus')}"
        f"{speakers}."
    )
    for title, facts in (
        ("The last validation", (progress.get("validations") or [{}])[-1]),
        ("How it was trained", trained.provenance),
    ):
        lines += ["", f"## {title}", "", *(f"- {key}: {value}" for key, value in facts.items())]
    return "\n".join(lines) + "\n"


def _find(voice: str | Path) -> Path:
    """The checkpoint of a voice that is given by name or by path."""
    if str(voice) in list_voices():
        return voices_folder() / voice / ACOUSTIC
    path = Path(voice)
    if path.is_file():
        return path
    if (path / ACOUSTIC).is_file():
        return path / ACOUSTIC
    known = ", ".join(list_voices()) or "none"
    raise ValueError(
        f"there is no voice {str(voice)!r}; available: {known} (in {voices_folder()}), or give the "
        "path of a checkpoint"
    )


def _acoustic(checkpoint: Checkpoint, path: Path) -> Tacotron2 | FastSpeech2 | Matcha:
    try:
        if checkpoint.model == "tacotron2":
            model = Tacotron2(Tacotron2Config(**checkpoint.config))
        elif checkpoint.model == "fastspeech2":
            model = FastSpeech2(FastSpeech2Config(**checkpoint.config))
        elif checkpoint.model == "matcha":
            model = Matcha(MatchaConfig(**checkpoint.config))
        else:
            raise ValueError(
                f"{path} holds a {checkpoint.model}, no acoustic model; give a checkpoint of "
                "tacotron2, fastspeech2 or matcha"
            )
        model.load_state_dict(checkpoint.weights)
    except (TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} doesn't fit this version of ttslib ({reason})") from error
    return model.eval()


def _normalizers(
    statistics: dict[str, Tensor],
) -> tuple[MelNormalizer | None, ProsodyNormalizer | None]:
    """What a checkpoint knows of its corpus: of the mels, and of pitch and energy."""
    mel = {name: statistics[name] for name in ("mean", "std") if name in statistics}
    prosody = {name: values for name, values in statistics.items() if name not in mel}
    return (
        MelNormalizer(**mel) if mel else None,
        ProsodyNormalizer(**prosody) if prosody else None,
    )
