"""From a corpus to a trained model, in one call: what `ttslib train` and notebook 05 run."""

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.checkpoints import Checkpoint, load_checkpoint
from ttslib.config import AudioConfig
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config, fastspeech2_small
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config, tacotron2_small
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import PhonemeTokenizer, Tokenizer
from ttslib.training.data.batches import BatchStream, collate, epoch_batches
from ttslib.training.data.durations import DurationSource
from ttslib.training.data.features import Features, compute_features
from ttslib.training.free_running import speak_features, spoken_figures
from ttslib.training.loop import TrainingSettings, train
from ttslib.training.reporter import Monitor, Validation
from ttslib.training.steps import fastspeech2_step, tacotron2_step

__all__ = [
    "AcousticData",
    "FastSpeech2Settings",
    "prepare_data",
    "train_fastspeech2",
    "train_tacotron2",
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FastSpeech2Settings(TrainingSettings):
    """How to train a FastSpeech 2; the defaults suit the small one on one CPU core."""

    steps: int = 1500  # of half the work of Tacotron 2's


@dataclasses.dataclass(frozen=True, kw_only=True)
class AcousticData:
    """What an acoustic model is trained on, ready to be batched."""

    training: Features
    held_out: Features  # for the loss, and to speak freely: its main speaker's first sentences
    tokenizer: Tokenizer
    normalizer: MelNormalizer
    audio: AudioConfig
    prosody: ProsodyNormalizer | None = None  # where pitch and energy were asked for

    @property
    def speakers(self) -> tuple[str, ...]:
        """All speakers of the training set, in the order of the speaker embedding."""
        return self.training.speakers

    def batch(self, features: Features, indices: list[int], frames_per_step: int) -> TextMelBatch:
        """The clips at `indices` as one batch."""
        return collate(
            features,
            indices,
            normalizer=self.normalizer,
            speakers=self.speakers,
            frames_per_step=frames_per_step,
            prosody=self.prosody,
        )


def prepare_data(
    training: Dataset,
    held_out: Dataset,
    *,
    folder: str | Path,
    tokenizer: Tokenizer | None = None,
    audio: AudioConfig | None = None,
    prosody: bool = False,
    jobs: int = -1,
) -> AcousticData:
    """Compute the features of two corpora (or find them in `folder`) and their statistics.

    Parameters
    ----------
    training, held_out : Dataset
        Two corpora with the same speakers and no sentence in common.
    folder : path
        The cache.
    tokenizer : Tokenizer, optional
        Phonemes when not given.
    audio : AudioConfig, optional
        The course's own when not given.
    prosody : bool
        Pitch and energy, too, for FastSpeech 2.
    jobs : int
        Processes; -1 is one a core.

    Raises
    ------
    ValueError
        When `held_out` has a speaker that `training` lacks, or fewer than two clips of the main
        one.
    """
    tokenizer, audio = tokenizer or PhonemeTokenizer(), audio or AudioConfig()
    features = [
        compute_features(
            corpus, tokenizer=tokenizer, config=audio, folder=folder, pitch=prosody, jobs=jobs
        )
        for corpus in (training, held_out)
    ]
    if unknown := set(features[1].speakers) - set(features[0].speakers):
        raise ValueError(
            f"speakers {', '.join(sorted(unknown))} are held out, but have no training clips; "
            "leave them out"
        )
    main = features[0].main_speaker
    if len(features[1].of_speaker(main)) < 2:
        raise ValueError(f"hold out at least two clips of the main speaker, {main}, to compare")
    return AcousticData(
        training=features[0],
        held_out=features[1],
        tokenizer=tokenizer,
        normalizer=features[0].normalizer(),
        audio=audio,
        prosody=_prosody(features[0]) if prosody else None,
    )


def _prosody(features: Features) -> ProsodyNormalizer:
    speakers = features.speakers
    clips = (
        (speakers.index(entry.utterance.speaker), features.pitch(i), features[i][1])
        for i, entry in enumerate(features.entries)
    )
    return ProsodyNormalizer.from_clips(clips, n_speakers=len(speakers))


def train_tacotron2(
    data: AcousticData,
    *,
    folder: str | Path,
    config: Tacotron2Config | None = None,
    settings: TrainingSettings | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a Tacotron 2 and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
    folder : path
        Gets `best.safetensors`, `last.safetensors` and TensorBoard's files.
    config : Tacotron2Config, optional
        `tacotron2_small` for the data's symbols and speakers when not given.
    settings : TrainingSettings, optional
    provenance : dict, optional
        For people: which corpus, which command.
    resume : bool
        Go on from `last.safetensors` where there is one.
    monitor : Monitor, optional

    Raises
    ------
    ValueError
        When the checkpoint to resume is of another config, tokenizer, speaker list or corpus.

    Taught in: notebooks/05_training
    """
    settings = settings or TrainingSettings()
    if config is None:
        config = tacotron2_small(
            n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers)
        )
    torch.manual_seed(settings.seed)
    return _train_acoustic(
        Tacotron2(config), "tacotron2", tacotron2_step, data,
        folder=Path(folder), settings=settings, provenance=provenance,
        resume=resume, monitor=monitor,
    )  # fmt: skip


def train_fastspeech2(
    data: AcousticData,
    *,
    folder: str | Path,
    config: FastSpeech2Config | None = None,
    durations: DurationSource | None = None,
    settings: FastSpeech2Settings | None = None,
    provenance: dict | None = None,
    resume: bool = False,
    monitor: Monitor | None = None,
) -> Checkpoint:
    """Train a FastSpeech 2, its aligner with it, and return its best checkpoint.

    Parameters
    ----------
    data : AcousticData
        Prepared with `prosody=True`, unless the config has neither pitch nor energy.
    folder, settings, provenance, resume, monitor
        As `train_tacotron2` takes them.
    config : FastSpeech2Config, optional
        `fastspeech2_small` for the data's symbols and speakers when not given.
    durations : DurationSource, optional
        Where the durations come from; None is an aligner that learns along.

    Raises
    ------
    ValueError
        When the data lacks the pitch, or the checkpoint to resume is of another config, tokenizer,
        speaker list or corpus.

    Taught in: notebooks/09_fastspeech
    """
    settings = settings or FastSpeech2Settings()
    if config is None:
        config = fastspeech2_small(
            n_symbols=len(data.tokenizer.symbols), n_speakers=len(data.speakers)
        )
        if durations is not None:
            config = dataclasses.replace(config, aligner_dim=0)
    if data.prosody is None and (config.pitch or config.energy):
        raise ValueError("this config hears pitch or energy; call prepare_data(prosody=True)")
    torch.manual_seed(settings.seed)
    return _train_acoustic(
        FastSpeech2(config), "fastspeech2", partial(fastspeech2_step, durations=durations), data,
        folder=Path(folder), settings=settings, provenance=provenance,
        resume=resume, monitor=monitor,
    )  # fmt: skip


def _train_acoustic(
    model: nn.Module,
    name: str,
    step: Callable[..., dict[str, Tensor]],
    data: AcousticData,
    *,
    folder: Path,
    settings: TrainingSettings,
    provenance: dict | None,
    resume: bool,
    monitor: Monitor | None,
) -> Checkpoint:
    """What is the same for every model from tokens to mels."""
    statistics = data.normalizer.state_dict()
    if data.prosody is not None:
        statistics |= data.prosody.state_dict()
    template = Checkpoint(
        model=name,
        config=dataclasses.asdict(model.config),
        audio=data.audio,
        weights={},
        tokenizer=data.tokenizer.to_dict(),
        statistics=statistics,
        speakers=data.speakers,
        provenance=(provenance or {}) | {"settings": dataclasses.asdict(settings)},
    )
    if resume and (folder / "last.safetensors").exists():
        template = _resumed(template, folder / "last.safetensors")
    lengths = [entry.n_frames for entry in data.training.entries]
    stream = BatchStream(lengths, frame_budget=settings.frame_budget, seed=settings.seed)
    train(
        model,
        step=step,
        batch=lambda k: data.batch(data.training, stream[k], _frames_per_step(model)),
        validate=lambda model: validate_acoustic(model, step, data, settings=settings),
        settings=settings,
        template=template,
        folder=folder,
        monitor=monitor,
    )
    best = folder / "best.safetensors"
    return load_checkpoint(best if best.exists() else folder / "last.safetensors")


def _frames_per_step(model: nn.Module) -> int:
    """How many frames the model makes at a time: its mels are padded to a multiple of that."""
    return getattr(model.config, "frames_per_step", 1)


def _resumed(template: Checkpoint, path: Path) -> Checkpoint:
    """The template with what was trained so far; all else must be as it was."""
    saved = load_checkpoint(path)
    for name in ("model", "config", "audio", "tokenizer", "speakers"):
        if getattr(saved, name) != getattr(template, name):
            raise ValueError(
                f"{path} was trained with another {name} ({getattr(saved, name)}, now "
                f"{getattr(template, name)}); train into another folder or set it back"
            )
    for name, tensor in template.statistics.items():
        if not torch.allclose(saved.statistics[name], tensor):
            raise ValueError(
                f"{path} was trained on another corpus (the {name} of its mels differs); train "
                "into another folder or give that corpus"
            )
    return dataclasses.replace(
        template, weights=saved.weights, training=saved.training, progress=saved.progress
    )


def validate_acoustic(
    model: nn.Module,
    step: Callable[..., dict[str, Tensor]],
    data: AcousticData,
    *,
    settings: TrainingSettings,
    sentences: int = 20,
) -> Validation:
    """Look at held-out clips: the losses under teacher forcing, and free-running speech.

    Parameters
    ----------
    model : Tacotron2 or FastSpeech2
    step : callable
        The model's training step.
    data : AcousticData
    settings : TrainingSettings
        Its frame budget is used.
    sentences : int
        How many of the main speaker's are spoken freely.

    Taught in: notebooks/05_training
    """
    main = data.held_out.of_speaker(data.training.main_speaker)
    main = Features(main.entries[:sentences])
    losses = held_out_losses(model, step, data, frame_budget=settings.frame_budget)
    spoken = speak_features(model, main, speakers=data.speakers, seed=settings.seed)
    figures = spoken_figures(
        spoken, main, tokenizer=data.tokenizer, normalizer=data.normalizer, audio=data.audio
    )
    mel = data.normalizer.denormalize(spoken.mels[0])
    return Validation(
        losses=losses,
        figures=figures.to_dict(),
        summary=str(figures),
        score=figures.distance_ratio,
        alignment=spoken.alignments[0],
        waveform=GriffinLim(data.audio)(mel[None])[0],
        sample_rate=data.audio.sample_rate,
    )


@torch.no_grad()
def held_out_losses(
    model: nn.Module,
    step: Callable[..., dict[str, Tensor]],
    data: AcousticData,
    *,
    frame_budget: int,
) -> dict[str, float]:
    """Mean losses over the held-out clips, teacher-forced; a batch counts by its clips."""
    lengths = [entry.n_frames for entry in data.held_out.entries]
    device = next(model.parameters()).device
    totals: dict[str, float] = {}
    training = model.training
    model.eval()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(0)  # the prenet drops even now
        for indices in epoch_batches(lengths, frame_budget=frame_budget, seed=0, epoch=0):
            clips = data.batch(data.held_out, indices, _frames_per_step(model)).to(device)
            for name, loss in step(model, clips).items():
                totals[name] = totals.get(name, 0.0) + float(loss) * len(indices) / len(lengths)
    model.train(training)
    return totals
