"""From a corpus to a trained listener, in one call: what `ttslib train listener` runs.

Shapes: B batch, M mel bands, T frames, P phonemes, C = 1 + phonemes.
"""

import dataclasses
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torchaudio.functional import edit_distance

from ttslib.checkpoints import Checkpoint, load_checkpoint
from ttslib.models.listener import HEARD, Listener, ListenerConfig, plain_phonemes
from ttslib.nn.masking import valid_mask
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.data.batches import BatchStream, epoch_batches
from ttslib.training.loop import TrainingSettings, train
from ttslib.training.recipes import AcousticData
from ttslib.training.reporter import Monitor, Validation

__all__ = ["ListenerSettings", "listener_step", "train_listener"]

NOISE = 0.5  # the largest deviation of the noise that is added, in deviations of the mels
MASKS = 2  # stretches of bands, and as many of frames, that are hidden
WIDEST_BANDS, WIDEST_FRAMES = 16, 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListenerSettings(TrainingSettings):
    """How to train a listener; the defaults suit one CPU core and a corpus of an hour."""

    steps: int = 1000
    frame_budget: int = 6000
    peak_learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    validate_every: int = 200
    save_every: int = 200


def train_listener(
    data: AcousticData,
    *,
    folder: str | Path,
    config: ListenerConfig | None = None,
    settings: ListenerSettings | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a listener on recordings and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
        Of phonemes.
    folder : path
        Gets `best.safetensors`, `last.safetensors` and TensorBoard's files.
    config : ListenerConfig, optional
    settings : ListenerSettings, optional
    provenance : dict, optional
        For people: which corpus, which command.
    resume : bool
        Go on from `last.safetensors` where there is one.
    monitor : Monitor, optional

    Raises
    ------
    ValueError
        When the data has letters instead of phonemes, or the checkpoint to resume is of another
        config, mel or corpus.

    Taught in: notebooks/08_evaluation
    """
    if not isinstance(data.tokenizer, PhonemeTokenizer):
        raise ValueError("a listener hears phonemes; prepare the data with a PhonemeTokenizer")
    folder, settings = Path(folder), settings or ListenerSettings()
    config = config or ListenerConfig(n_mels=data.audio.n_mels)
    torch.manual_seed(settings.seed)
    template = Checkpoint(
        model="listener",
        config=dataclasses.asdict(config),
        audio=data.audio,
        weights={},
        statistics=data.normalizer.state_dict(),
        speakers=data.speakers,
        provenance=(provenance or {}) | {"settings": dataclasses.asdict(settings)},
    )
    last = folder / "last.safetensors"
    if resume and last.exists():
        template = _resumed(template, last)
    lengths = [entry.n_frames for entry in data.training.entries]
    stream = BatchStream(lengths, frame_budget=settings.frame_budget, seed=settings.seed)
    train(
        Listener(config),
        step=partial(listener_step, symbols=data.tokenizer.symbols),
        batch=lambda k: data.batch(data.training, stream[k], 1),
        validate=lambda model: validate_listener(model, data, frame_budget=settings.frame_budget),
        settings=settings,
        template=template,
        folder=folder,
        monitor=monitor,
    )
    best = folder / "best.safetensors"
    return load_checkpoint(best if best.exists() else last)


def _resumed(template: Checkpoint, path: Path) -> Checkpoint:
    """The template with what was trained so far; model, mels and corpus must be as they were."""
    saved = load_checkpoint(path)
    for name in ("model", "config", "audio", "speakers"):
        if getattr(saved, name) != getattr(template, name):
            raise ValueError(
                f"{path} was trained with another {name} ({getattr(saved, name)}, now "
                f"{getattr(template, name)}); train into another folder or set it back"
            )
    if not torch.allclose(saved.statistics["mean"], template.statistics["mean"]):
        raise ValueError(
            f"{path} was trained on another corpus (the mean of its mels differs); train into "
            "another folder or give that corpus"
        )
    return dataclasses.replace(
        template, weights=saved.weights, training=saved.training, progress=saved.progress
    )


def listener_step(
    model: torch.nn.Module,
    batch: TextMelBatch,
    *,
    progress: float = 1.0,
    symbols: tuple[str, ...],
) -> dict[str, Tensor]:
    """Let a listener hear clips, in training through noise and holes, and name what is wrong.

    Parameters
    ----------
    model : Listener
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        Normalized mels.
    progress : float in 0..1
        Not used.
    symbols
        The tokenizer's.

    Returns
    -------
    dict of scalar tensors
        "loss": CTC's, the negative log-probability of the phonemes, divided by their number.

    References
    ----------
    Park et al. 2019, SpecAugment, arXiv 1904.08779 (the holes).

    Taught in: notebooks/08_evaluation
    """
    mels = _harder(batch.mels, batch.mel_lengths) if model.training else batch.mels
    output = model(mels, batch.mel_lengths)
    said = [
        [HEARD.index(phoneme) + 1 for phoneme in plain_phonemes(symbols[i] for i in tokens)]
        for tokens in batch.tokens.tolist()
    ]
    loss = F.ctc_loss(
        output.log_probabilities.transpose(0, 1),  # (R, B, C)
        torch.tensor([phoneme for some in said for phoneme in some], device=mels.device),
        output.lengths,
        torch.tensor([len(some) for some in said], device=mels.device),
        zero_infinity=True,  # a clip too short for its text teaches nothing, and stops nothing
    )
    return {"loss": loss}


def _harder(mels: Tensor, lengths: Tensor) -> Tensor:
    """The same mels (B, M, T), louder or softer, in noise and with holes.

    A vocoder's sound is rougher than a recording's, and an acoustic model's mels are smoother: a
    listener that knew recordings alone would stumble over what a person hardly notices.
    """
    clips, bands, frames = mels.shape
    level = torch.randn(clips, 1, 1, device=mels.device) * 0.2
    noise = torch.rand(clips, 1, 1, device=mels.device) * NOISE
    mels = mels + level + noise * torch.randn_like(mels)
    for axis, size, widest in ((1, bands, WIDEST_BANDS), (2, frames, WIDEST_FRAMES)):
        position = torch.arange(size, device=mels.device)
        position = position[:, None] if axis == 1 else position  # along bands, or along frames
        for _ in range(MASKS):
            width = torch.randint(0, min(widest, size // 2) + 1, (clips, 1, 1), device=mels.device)
            start = (torch.rand(clips, 1, 1, device=mels.device) * (size - width)).long()
            mels = mels.masked_fill((position >= start) & (position < start + width), 0.0)
    return mels * valid_mask(lengths, max_length=frames)[:, None]


@torch.no_grad()
def validate_listener(
    model: torch.nn.Module, data: AcousticData, *, frame_budget: int
) -> Validation:
    """Let a listener hear held-out clips; its score is the phoneme error rate over all of them.

    Taught in: notebooks/08_evaluation
    """
    device, training = next(model.parameters()).device, model.training
    model.eval()
    symbols, loss = data.tokenizer.symbols, 0.0
    wrong: dict[int, int] = {}  # by speaker
    spoken: dict[int, int] = {}
    entries = data.held_out.entries
    lengths = [entry.n_frames for entry in entries]
    for indices in epoch_batches(lengths, frame_budget=frame_budget, seed=0, epoch=0):
        clips = data.batch(data.held_out, indices, 1).to(device)
        step = listener_step(model, clips, symbols=symbols)
        loss += float(step["loss"]) * len(indices) / len(entries)
        heard = model.hear(clips.mels, clips.mel_lengths)
        for tokens, phonemes, voice in zip(
            clips.tokens.tolist(), heard, clips.speakers.tolist(), strict=True
        ):
            said = plain_phonemes(symbols[i] for i in tokens)
            wrong[voice] = wrong.get(voice, 0) + edit_distance(said, phonemes)
            spoken[voice] = spoken.get(voice, 0) + len(said)
    model.train(training)
    rate = sum(wrong.values()) / sum(spoken.values())
    by_speaker = {data.speakers[voice]: wrong[voice] / spoken[voice] for voice in sorted(spoken)}
    named = ", ".join(f"{name} {100 * one:.1f} %" for name, one in list(by_speaker.items())[:4])
    return Validation(
        losses={"loss": loss},
        figures={"phoneme_error_rate": rate},
        summary=f"phoneme error rate {100 * rate:.1f} % ({named})",
        score=rate,
        alignment=None,
        waveform=None,
        sample_rate=data.audio.sample_rate,
    )
