"""Make a voice from published weights: a Tacotron 2 and a vocoder from their authors' files."""

import dataclasses
from pathlib import Path

import torch

from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN
from ttslib.models.published.files import read_tensors
from ttslib.models.published.hifigan import load_hifigan
from ttslib.models.published.tacotron2 import PUBLISHED_SYMBOLS, load_tacotron2
from ttslib.models.published.waveglow import load_waveglow
from ttslib.models.waveglow import WaveGlow
from ttslib.synthesis.voice_files import ACOUSTIC, VOCODER
from ttslib.synthesis.voices import new_voice_folder, write_voice
from ttslib.text.tokenizers import CharTokenizer

__all__ = ["add_voice"]

AUDIO = AudioConfig(sample_rate=22050)  # NVIDIA's mels, which torchaudio and HiFi-GAN adopted


def add_voice(
    name: str,
    *,
    tacotron2: str | Path,
    vocoder: str | Path | None = None,
    config: str | Path | None = None,
    half: bool = False,
) -> Path:
    """Keep published weights as the voice `name`, which speaks at their 22,050 Hz.

    Parameters
    ----------
    name
        A new name, of letters, digits, `-` and `_`.
    tacotron2
        NVIDIA's `tacotron2_statedict.pt`, or torchaudio's character-based weights.
    vocoder
        The HiFi-GAN authors' generator, or NVIDIA's WaveGlow. None uses Griffin-Lim.
    config
        The JSON of a HiFi-GAN; when not given, `config.json` beside it.
    half
        Store the weights in half precision, at half the size.

    Returns
    -------
    Path
        Its folder, with a card that names the files.

    Raises
    ------
    FileNotFoundError
        If a file isn't there.
    ValueError
        If the name is taken, a file isn't what it should be, or the two have different mels.

    Taught in: notebooks/06_vocoder
    """
    folder = new_voice_folder(name)
    speaker = load_tacotron2(tacotron2)
    if (n_symbols := speaker.config.n_symbols) not in PUBLISHED_SYMBOLS:
        known = " or ".join(map(str, PUBLISHED_SYMBOLS))
        raise ValueError(
            f"{tacotron2} has {n_symbols} symbols; only tables of {known} are known, so the "
            "letters of its IDs are unknown"
        )
    n_mels = speaker.config.n_mels
    parts = {
        ACOUSTIC: Checkpoint(
            model="tacotron2",
            config=dataclasses.asdict(speaker.config),
            audio=AUDIO,
            weights=speaker.state_dict(),
            tokenizer=CharTokenizer(PUBLISHED_SYMBOLS[n_symbols]).to_dict(),
            statistics={"mean": torch.zeros(n_mels), "std": torch.ones(n_mels)},
            provenance={"weights": Path(tacotron2).name},
        )
    }
    if vocoder is not None:
        model, ready = _vocoder(Path(vocoder), config)
        AUDIO.require_same(ready.audio, ours="the Tacotron 2", theirs="the vocoder")
        parts[VOCODER] = Checkpoint(
            model=model,
            config=dataclasses.asdict(ready.config),
            audio=ready.audio,
            weights=ready.state_dict(),
            provenance={"weights": Path(vocoder).name},
        )
    return write_voice(folder, parts, card=_card(name, parts), half=half)


def _vocoder(path: Path, config: str | Path | None) -> tuple[str, HiFiGAN | WaveGlow]:
    state = read_tensors(path)[0]
    inside = [value for value in state.values() if isinstance(value, dict)]
    names = [str(name) for one in (state, *inside) for name in one]
    if any("convinv." in name for name in names):
        return "waveglow", load_waveglow(path, audio=AUDIO)
    if any("conv_pre." in name for name in names):
        return "hifigan", load_hifigan(path, config=config)
    raise ValueError(
        f"{path} holds neither a HiFi-GAN's generator nor a WaveGlow; a vocoder that ttslib "
        "trained is kept by `ttslib keep`, and named by --vocoder of `ttslib speak`"
    )


def _card(name: str, parts: dict[str, Checkpoint]) -> str:
    made = " and ".join(f"{p.model} (`{p.provenance['weights']}`)" for p in parts.values())
    return (
        f"# {name}\n\nPublished weights: {made}, at {AUDIO.sample_rate:,} Hz.\n\n"
        "They were trained elsewhere: their authors' license and terms apply. Add here where you "
        "found them.\n"
    )
