"""Validations that several tasks share: held-out losses, free-running speech, copy synthesis.

Their cost is limited: held-out clips are taken evenly from all speakers, up to a small share of the
frames trained between two validations, and the processes of a training share the work.

Shapes: M mel bands, T frames, S samples.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import gather_object
from torch import Tensor, nn

from ttslib.audio.griffin_lim import GriffinLim
from ttslib.audio.mel import MelSpectrogram
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.matcha import Matcha
from ttslib.models.tacotron2 import Tacotron2
from ttslib.models.waveglow import WaveGlow
from ttslib.models.wavenet.wavenet import WaveNet
from ttslib.training.data.acoustic import AcousticData
from ttslib.training.data.batches import epoch_batches
from ttslib.training.data.features import Features
from ttslib.training.data.pieces import Recordings
from ttslib.training.free_running import speak_features, spoken_figures
from ttslib.training.state import TrainingSettings, Validation

__all__ = [
    "held_out_clips",
    "held_out_losses",
    "shared",
    "spread_over_speakers",
    "validate_acoustic",
    "validate_likelihood",
    "validate_vocoder",
]

Work = TypeVar("Work")

SHARE = 0.05  # of the frames trained between two validations: the most that one may read
SENTENCES = 20  # of the main speaker, generated freely
CLIPS = 8  # copied by a vocoder


def spread_over_speakers(features: Features) -> list[int]:
    """Return the indices of all clips, alternating between speakers, so any prefix is balanced."""
    turns: dict[int, int] = {}
    order = []
    for index, speaker in enumerate(features.speaker_indices.tolist()):
        turns[speaker] = turns.get(speaker, 0) + 1
        order.append((turns[speaker], index))
    return [index for _, index in sorted(order)]


def held_out_clips(features: Features, settings: TrainingSettings) -> Features:
    """Return the clips that a validation reads, evenly from all speakers: all of a small corpus."""
    budget = SHARE * settings.frame_budget * settings.accumulate * settings.validate_every
    chosen: list[int] = []
    frames = 0
    for index in spread_over_speakers(features):
        frames += int(features.n_frames[index])
        if chosen and frames > max(budget, settings.frame_budget):
            break
        chosen.append(index)
    return features.take(sorted(chosen))


def shared(work: Sequence[Work]) -> Iterator[tuple[int, Work]]:
    """Yield this process's share of some work, with its index in the whole."""
    state = PartialState()
    yield from list(enumerate(work))[state.process_index :: state.num_processes]


def validate_acoustic(
    model: Tacotron2 | FastSpeech2 | Matcha,
    step: Callable[..., dict[str, Tensor]],
    data: AcousticData,
    *,
    settings: TrainingSettings,
    sentences: int = SENTENCES,
) -> Validation:
    """Validate on held-out clips: the losses under teacher forcing, and free-running speech.

    Parameters
    ----------
    model : Tacotron2, FastSpeech2 or another that has `generate`
    step : callable
        The model's training step.
    data : AcousticData
    settings : TrainingSettings
        Supplies the frame budget.
    sentences : int
        How many of the main speaker's sentences are generated freely.

    Taught in: notebooks/05_training
    """
    main = data.held_out.of_speaker(data.training.main_speaker)
    main = main.take(range(min(sentences, len(main))))
    losses = held_out_losses(model, step, data, settings=settings)
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
    settings: TrainingSettings,
) -> dict[str, float]:
    """Return the mean losses over held-out clips, teacher-forced; a batch counts by its clips."""
    features = held_out_clips(data.held_out, settings)
    batches = epoch_batches(features.n_frames, frame_budget=settings.frame_budget, seed=0, epoch=0)
    repeats = getattr(model.config, "frames_per_step", 1)
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    found = []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        for number, indices in shared(batches):
            torch.manual_seed(number)  # the prenet's dropout is active even now
            losses = step(model, data.batch(features, indices, repeats).to(device))
            share = len(indices) / len(features)
            found.append({name: float(loss) * share for name, loss in losses.items()})
    model.train(training)
    found = gather_object(found)
    return {name: sum(losses[name] for losses in found) for name in found[0]}


@torch.no_grad()
def validate_vocoder(vocoder: nn.Module, held_out: Recordings, *, clips: int = CLIPS) -> Validation:
    """Copy held-out recordings with a vocoder, and compare the mels of copy and recording.

    Parameters
    ----------
    vocoder
        Log-mels (B, M, T) to waveforms (B, S).
    held_out
    clips
        How many clips, evenly from all speakers.

    Returns
    -------
    Validation
        Its score is the mean absolute difference of the log-mels; its waveform is the first
        clip's copy.

    Taught in: notebooks/06_vocoder
    """
    device = next(vocoder.parameters()).device
    transform = MelSpectrogram(held_out.audio).to(device)
    found, first = [], None
    for number, index in shared(spread_over_speakers(held_out.features)[:clips]):
        mel, recording = (tensor.to(device) for tensor in held_out[index])
        copy = vocoder(mel[None])[0]
        first = copy if number == 0 else first
        found.append(float((transform(copy) - transform(recording)).abs().mean()))
    found = gather_object(found)
    distance = sum(found) / len(found)
    return Validation(
        losses={"mel": distance},  # named as in the training
        figures={"mel_distance": distance},
        summary=f"mean over {len(found)} clips",
        score=distance,
        alignment=None,
        waveform=None if first is None else first.float().cpu(),
        sample_rate=held_out.audio.sample_rate,
    )


@torch.no_grad()
def validate_likelihood(
    vocoder: WaveNet | WaveGlow, held_out: Recordings, *, clips: int = CLIPS, frames: int = 94
) -> Validation:
    """Measure how likely held-out recordings are, and generate a second of the first one.

    Parameters
    ----------
    vocoder : WaveNet or WaveGlow
        Has `loss(waveforms, mels)`.
    held_out
    clips
        How many clips, evenly from all speakers.
    frames
        How many frames of the first clip to generate: a second.

    Returns
    -------
    Validation
        Its score is the mean loss; "mel_distance" is the mean absolute difference of the log-mels.

    Taught in: notebooks/10_wavenet, notebooks/11_waveglow
    """
    device = next(vocoder.parameters()).device
    order = spread_over_speakers(held_out.features)[:clips]
    losses = []
    for _, index in shared(order):
        mel, sound = (part[None].to(device) for part in held_out[index])
        losses.append(float(vocoder.loss(sound, mel)))
    losses = gather_object(losses)
    loss = sum(losses) / len(losses)
    spoken, distance = None, float("nan")
    if PartialState().is_main_process:
        mel = held_out[order[0]][0][:, :frames].to(device)
        spoken = vocoder(mel[None])[0].float()
        distance = float((MelSpectrogram(held_out.audio).to(device)(spoken) - mel).abs().mean())
    return Validation(
        losses={"loss": loss},
        figures={"mel_distance": distance},
        summary=f"its copy is {distance:.3f} from the recording's log-mel",
        score=loss,
        alignment=None,
        waveform=None if spoken is None else spoken.cpu(),
        sample_rate=held_out.audio.sample_rate,
    )
