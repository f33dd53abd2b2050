"""From a corpus to a trained vocoder, in one call: what `ttslib train hifigan` and notebook 06 run.

Shapes: M mel bands, T frames, S samples.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import Dataset

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint, load_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig, hifigan_small
from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
    hifigan_discriminators_small,
)
from ttslib.nn.weight_norm import folded_weights
from ttslib.text.tokenizers import PhonemeTokenizer
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.features import compute_features
from ttslib.training.data.pieces import Recordings, segment_batch
from ttslib.training.loop import TrainingSettings, train
from ttslib.training.reporter import Monitor, Validation
from ttslib.training.steps import HiFiGANStep

__all__ = [
    "HiFiGANSettings",
    "VocoderData",
    "VocoderSettings",
    "prepare_recordings",
    "train_hifigan",
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocoderSettings(TrainingSettings):
    """How to train any vocoder, on pieces of recordings."""

    steps: int = 20_000
    frame_budget: int = 512  # mel frames in a batch: so many pieces of segment_frames
    segment_frames: int = 64  # of a piece of a clip
    warmup: float = 0.01
    validate_every: int = 500
    save_every: int = 250


@dataclasses.dataclass(frozen=True, kw_only=True)
class HiFiGANSettings(VocoderSettings):
    """How to train a HiFi-GAN; the defaults suit the small one on one CPU core."""

    adversarial_from: float = 0.5  # share of the steps after which the discriminators join
    judged_frames: int = 16  # of a piece that the discriminators hear
    gradient_clip: float = 450.0  # only against accidents: the losses are weighted by 45
    betas: tuple[float, float] = (0.8, 0.99)


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocoderData:
    """What a vocoder is trained on and what it is checked with: no clip is in both."""

    training: Recordings
    held_out: Recordings

    @property
    def audio(self) -> AudioConfig:
        """The definition of the mels."""
        return self.training.audio


def prepare_recordings(
    training: Dataset,
    held_out: Dataset,
    *,
    folder: str | Path,
    audio: AudioConfig | None = None,
    jobs: int = -1,
) -> VocoderData:
    """Compute the mels of two corpora, or find them in `folder`.

    The cache is the same that an acoustic model is trained from, so whoever trains both computes
    it once.

    Parameters
    ----------
    training, held_out : Dataset
        Two corpora with no clip in common.
    folder : path
        The cache.
    audio : AudioConfig, optional
        The course's own when not given.
    jobs : int
        Processes; -1 is one a core.
    """
    audio, tokenizer = audio or AudioConfig(), PhonemeTokenizer()
    both = [
        Recordings(
            features=compute_features(
                corpus, tokenizer=tokenizer, config=audio, folder=folder, jobs=jobs
            ),
            corpus=corpus,
            audio=audio,
        )
        for corpus in (training, held_out)
    ]
    return VocoderData(training=both[0], held_out=both[1])


def train_hifigan(
    data: VocoderData,
    *,
    folder: str | Path,
    config: HiFiGANConfig | None = None,
    discriminators: HiFiGANDiscriminatorsConfig | None = None,
    settings: HiFiGANSettings | None = None,
    start: HiFiGAN | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a HiFi-GAN and return its best checkpoint.

    Parameters
    ----------
    data : VocoderData
    folder : path
        Gets `best.safetensors`, `last.safetensors` and TensorBoard's files.
    config : HiFiGANConfig, optional
        `hifigan_small` when not given.
    discriminators : HiFiGANDiscriminatorsConfig, optional
        `hifigan_discriminators_small` when not given.
    settings : HiFiGANSettings, optional
    start : HiFiGAN, optional
        A trained one of the same config, to begin with instead of chance.
    provenance : dict, optional
        For people: which corpus, which command.
    resume : bool
        Go on from `last.safetensors` where there is one.
    monitor : Monitor, optional

    Raises
    ------
    ValueError
        When the checkpoint to resume is of another config, or the settings can't be met.

    Taught in: notebooks/06_vocoder
    """
    settings = settings or HiFiGANSettings()
    if settings.accumulate > 1:
        raise ValueError(
            f"discriminators and generator learn in turn, so accumulate={settings.accumulate} "
            "can't be met; raise frame_budget instead"
        )
    torch.manual_seed(settings.seed)
    generator = HiFiGAN(config or hifigan_small(), data.audio)
    if start is not None:
        begin_with(generator, start)
    model = AveragedGenerator(
        generator, HiFiGANDiscriminators(discriminators or hifigan_discriminators_small())
    )
    model.generator.add_weight_norm()
    step = HiFiGANStep(
        MelSpectrogram(data.audio),
        adversarial_from=settings.adversarial_from,
        judged_frames=settings.judged_frames,
    )
    return fit(
        model, "hifigan", step, validate_vocoder, data,
        folder=Path(folder), settings=settings, provenance=provenance,
        resume=resume, monitor=monitor,
    )  # fmt: skip


def fit(
    model: AveragedGenerator,
    name: str,
    step: Callable,
    validate: Callable[[nn.Module, Recordings], Validation],
    data: VocoderData,
    *,
    folder: Path,
    settings: VocoderSettings,
    provenance: dict | None,
    resume: bool,
    monitor: Monitor | None,
) -> Checkpoint:
    """What is the same for every vocoder; returns the best checkpoint."""
    config = dataclasses.asdict(model.generator.config)
    template = Checkpoint(
        model=name,
        config=json.loads(json.dumps(config)),  # as it is read back
        audio=data.audio,
        weights={},
        provenance=(provenance or {}) | {"settings": dataclasses.asdict(settings)},
    )
    last = folder / "last.safetensors"
    if resume and last.exists():
        template = _resumed(template, last)
    size = max(1, settings.frame_budget // settings.segment_frames)
    train(
        model,
        step=step,
        batch=lambda k: segment_batch(
            data.training, k, size=size, frames=settings.segment_frames, seed=settings.seed
        ),
        validate=lambda model: validate(model.average, data.held_out),
        settings=settings,
        template=template,
        folder=folder,
        monitor=monitor,
    )
    best = folder / "best.safetensors"
    return load_checkpoint(best if best.exists() else last)


def begin_with(generator: nn.Module, start: nn.Module) -> None:
    """Take the weights of a trained vocoder of the same config.

    Raises
    ------
    ValueError
        When its config or its mels are others.
    """
    generator.audio.require_same(start.audio, ours="the corpus's mels", theirs="the start")
    if start.config != generator.config:
        raise ValueError(
            f"the vocoder to start from is of another config ({start.config}, not "
            f"{generator.config}); give one of the same, or change config"
        )
    generator.load_state_dict(folded_weights(start))


def _resumed(template: Checkpoint, path: Path) -> Checkpoint:
    """The template with what was trained so far; model and mels must be as they were."""
    saved = load_checkpoint(path)
    for name in ("model", "config", "audio"):
        ours, theirs = getattr(template, name), getattr(saved, name)
        if ours != theirs:
            raise ValueError(
                f"{path} was trained with another {name} ({theirs}, now {ours}); train into "
                "another folder or set it back"
            )
    return dataclasses.replace(
        template, weights=saved.weights, training=saved.training, progress=saved.progress
    )


@torch.no_grad()
def validate_vocoder(vocoder: nn.Module, held_out: Recordings, *, clips: int = 8) -> Validation:
    """Let a vocoder say held-out mels, and compare the mels of what is heard.

    Parameters
    ----------
    vocoder
        Log-mels (B, M, T) to waveforms (B, S).
    held_out
    clips
        How many of them.

    Returns
    -------
    Validation
        Its score is the mean absolute difference of the log-mels; its waveform the first clip's.

    Taught in: notebooks/06_vocoder
    """
    device = next(vocoder.parameters()).device
    transform = MelSpectrogram(held_out.audio).to(device)
    distances, sounds = [], []
    for index in range(min(clips, len(held_out))):
        mel, recording = (tensor.to(device) for tensor in held_out[index])
        sounds.append(vocoder(mel[None])[0])
        distances.append(float((transform(sounds[-1]) - transform(recording)).abs().mean()))
    distance = sum(distances) / len(distances)
    return Validation(
        losses={"mel": distance},  # what the training calls so, too
        figures={"mel_distance": distance},
        summary=f"log-mels are {distance:.3f} from the recordings'",
        score=distance,
        alignment=None,
        waveform=sounds[0].float().cpu(),
        sample_rate=held_out.audio.sample_rate,
    )
