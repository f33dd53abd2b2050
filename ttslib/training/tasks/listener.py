"""Train a listener: presets, distortions, loss, training step, validation.

Shapes: B batch, M mel bands, T frames, P phonemes, C = 1 + phonemes.
"""

import dataclasses
from functools import partial

import torch
import torch.nn.functional as F
from accelerate.utils import gather_object
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from ttslib.checkpoints import Checkpoint
from ttslib.models.listener import HEARD, Listener, ListenerConfig, plain_phonemes
from ttslib.nn.masking import valid_mask
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.data.batches import epoch_batches
from ttslib.training.loop import train
from ttslib.training.state import Preset, Run, TrainingSettings, Validation
from ttslib.training.validation import held_out_clips, shared

__all__ = ["PRESETS", "ListenerSettings", "listener_step", "train_listener"]

NOISE = 0.5  # largest standard deviation of the added noise, in deviations of the mels
MASKS = 2  # hidden ranges of bands, and as many of frames
WIDEST_BANDS, WIDEST_FRAMES = 16, 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListenerSettings(TrainingSettings):
    """Settings for training a listener; the defaults suit one CPU core and a corpus of an hour."""

    steps: int = 1000
    frame_budget: int = 6000
    peak_learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    validate_every: int = 200
    save_every: int = 200


def _listener_config(*, n_symbols: int, n_speakers: int) -> ListenerConfig:
    """Return the only size; neither the tokenizer's symbols nor the speakers change it."""
    return ListenerConfig()


PRESETS = {"small": Preset(_listener_config, {})}


def listener_step(
    model: torch.nn.Module,
    batch: TextMelBatch,
    *,
    progress: float = 1.0,
    symbols: tuple[str, ...],
) -> dict[str, Tensor]:
    """Run a listener on clips, distorted in training mode, and return its loss.

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
    Park et al. 2019, SpecAugment, arXiv 1904.08779 (the hidden ranges).

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
        zero_infinity=True,  # ignore a clip too short for its text
    )
    return {"loss": loss}


def _harder(mels: Tensor, lengths: Tensor) -> Tensor:
    """Return mels (B, M, T) at another level, with noise added and ranges hidden.

    A vocoder's sound is rougher than a recording's, and an acoustic model's mels are smoother. A
    listener trained only on clean recordings would fail on differences that people hardly notice.
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
    model: Listener, data: AcousticData, *, settings: TrainingSettings
) -> Validation:
    """Recognize held-out clips with a listener; its score is the phoneme error rate over all.

    Taught in: notebooks/08_evaluation
    """
    device, training = next(model.parameters()).device, model.training
    model.eval()
    symbols, features = data.tokenizer.symbols, held_out_clips(data.held_out, settings)
    batches = epoch_batches(features.n_frames, frame_budget=settings.frame_budget, seed=0, epoch=0)
    rows = []  # for each clip: its speaker, its loss, its errors, its phonemes
    for _, indices in shared(batches):
        clips = data.batch(features, indices).to(device)
        loss = float(listener_step(model, clips, symbols=symbols)["loss"])
        heard = model.hear(clips.mels, clips.mel_lengths)
        for tokens, phonemes, speaker in zip(
            clips.tokens.tolist(), heard, clips.speakers.tolist(), strict=True
        ):
            spoken = plain_phonemes(symbols[i] for i in tokens)
            rows.append((speaker, loss, Levenshtein.distance(spoken, phonemes), len(spoken)))
    model.train(training)
    rows = gather_object(rows)
    rate = _error_rate(rows)
    named = ", ".join(
        f"{data.speakers[one]} {100 * _error_rate([row for row in rows if row[0] == one]):.1f} %"
        for one in sorted({row[0] for row in rows})[:4]
    )
    return Validation(
        losses={"loss": sum(row[1] for row in rows) / len(rows)},
        figures={"phoneme_error_rate": rate},
        summary=f"phoneme error rate {100 * rate:.1f} % ({named})",
        score=rate,
        alignment=None,
        waveform=None,
        sample_rate=data.audio.sample_rate,
    )


def _error_rate(rows: list[tuple[int, float, int, int]]) -> float:
    return sum(row[2] for row in rows) / sum(row[3] for row in rows)


def train_listener(
    data: AcousticData,
    run: Run,
    *,
    config: ListenerConfig | None = None,
    settings: ListenerSettings | None = None,
) -> Checkpoint:
    """Train a listener on recordings and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
        Of phonemes.
    run : Run
    config : ListenerConfig, optional
    settings : ListenerSettings, optional

    Raises
    ------
    ValueError
        When the data has letters instead of phonemes, or the checkpoint to resume doesn't fit
        (`Run.begin`).

    Taught in: notebooks/08_evaluation
    """
    if not isinstance(data.tokenizer, PhonemeTokenizer):
        raise ValueError("a listener recognizes phonemes; make the data with a PhonemeTokenizer")
    settings = settings or ListenerSettings()
    config = config or ListenerConfig(n_mels=data.audio.n_mels)
    template = dataclasses.replace(
        data.checkpoint("listener", config), tokenizer=None, statistics=data.normalizer.state_dict()
    )
    torch.manual_seed(settings.seed)
    train(
        Listener(config),
        step=partial(listener_step, symbols=data.tokenizer.symbols),
        batch=data.training_batches(frame_budget=settings.frame_budget, seed=settings.seed),
        validate=lambda model: validate_listener(model, data, settings=settings),
        settings=settings,
        template=template,
        run=run,
    )
    return run.result()
