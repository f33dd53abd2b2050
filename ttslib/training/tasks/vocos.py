"""Train a Vocos: presets, losses, the turns of a step, validation.

The training has three phases, by the number of the step. First only the pitch predictor is trained,
which takes a few minutes: as long as the pulses have the wrong pitch, noise is closer to any
recording, and a network that has settled for noise doesn't recover. Then everything is trained on
spectra. Then the discriminators join.

Shapes: B batch, M mel bands, T frames, S = T * hop_length samples, F frequencies.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from accelerate.utils import gather_object
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint
from ttslib.config import AudioConfig
from ttslib.models.vocos import Vocos, VocosConfig, vocos_published, vocos_small, vocos_source
from ttslib.models.vocos_discriminators import (
    VocosDiscriminators,
    VocosDiscriminatorsConfig,
    vocos_discriminators_published,
    vocos_discriminators_small,
)
from ttslib.records import WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.pieces import Recordings
from ttslib.training.data.vocoder import VocoderData
from ttslib.training.gan_losses import (
    SpectralDistance,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)
from ttslib.training.loop import train
from ttslib.training.state import Preset, Run, Validation
from ttslib.training.validation import CLIPS, shared, spread_over_speakers
from ttslib.training.vocoder_settings import VocoderSettings, start_from

__all__ = ["PRESETS", "VocosSettings", "VocosStep", "train_vocos", "validate_vocos"]


@dataclass(frozen=True, kw_only=True)
class VocosSettings(VocoderSettings):
    """Settings for training a Vocos; the defaults suit the one with a source on one CPU core."""

    steps: int = 8000
    frame_budget: int = 240
    segment_frames: int = 40
    judged_frames: int = 24  # in the middle of a piece: input of the discriminators
    windows: tuple[int, ...] = (256, 512, 1024, 2048)  # samples, of the spectral loss
    variety: float = 0.3  # of `SpectralDistance`: how much noise it rewards
    averaged: float = 0.99  # share of the averaged weights that each step keeps
    pitch_until: int = 1500  # the step until which only the pitch predictor is trained
    adversarial_from: int = 3000  # the step at which the discriminators join
    spectral_weight: float = 10.0
    adversarial_weight: float = 2.0
    features_weight: float = 2.0
    peak_learning_rate: float = 1e-3
    warmup: float = 0.03
    decay: Literal["cosine", "exponential", "inverse_sqrt"] = "exponential"
    final: float = 0.2
    gradient_clip: float = 100.0  # only against outliers
    betas: tuple[float, float] = (0.8, 0.99)
    validate_every: int = 250
    save_every: int = 100


PRESETS = {
    "small": Preset(vocos_small, {}, {"discriminators": vocos_discriminators_small}),
    "source": Preset(vocos_source, {}, {"discriminators": vocos_discriminators_small}),
    # Section 4 of the paper: batches of 16 pieces of 16,384 samples, AdamW with a learning rate of
    # 2e-4 and betas (0.9, 0.999) on a cosine, 2 million steps (of which each side gets half), and
    # weights of 45 for the mel and 1 for the rest. Its losses differ in detail: see `VocosStep`.
    "published": Preset(
        vocos_published,
        dict(
            steps=1_000_000,
            frame_budget=16 * 64,
            segment_frames=64,
            judged_frames=64,
            adversarial_from=0,
            spectral_weight=45.0,
            adversarial_weight=1.0,
            features_weight=1.0,
            peak_learning_rate=2e-4,
            warmup=0.0,
            decay="cosine",
            final=0.0,
            betas=(0.9, 0.999),
            validate_every=5_000,
            save_every=1_000,
        ),
        {"discriminators": vocos_discriminators_published},
    ),
}


class VocosStep:
    """One step: train the discriminators, then the generator.

    Each `yield` returns the losses of one of the two, and continues once it has been trained with
    them. The generator makes two sounds from each mel, with different noise: see
    `SpectralDistance`.

    Parameters
    ----------
    settings : VocosSettings
    audio : AudioConfig

    References
    ----------
    Siuzdak 2023, Vocos, arXiv 2306.00814, section 3.4 (mel, adversarial and feature losses; there
    hinge, here least squares, as in HiFi-GAN).

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, settings: VocosSettings, audio: AudioConfig):
        self.settings, self.audio = settings, audio
        self.distance = SpectralDistance(audio, windows=settings.windows, variety=settings.variety)

    def __call__(
        self, model: AveragedGenerator[Vocos], batch: WaveBatch, *, progress: float = 1.0
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the named losses of the discriminators, then those of the generator."""
        settings, vocoder, judge = self.settings, model.generator, model.discriminators
        number = int(model.steps)
        if vocoder.pitch is not None and number < settings.pitch_until:
            off = octaves_off(vocoder.predict_pitch(batch.mels), batch)
            yield {"loss": off, "pitch": off}
            return

        draw = torch.Generator().manual_seed(settings.seed * 1_000_003 + number)
        filters = vocoder.predict(batch.mels)
        first = vocoder.render(filters, vocoder.draw(batch.mels, draw))
        second = vocoder.render(filters, vocoder.draw(batch.mels, draw))
        adversarial = number >= settings.adversarial_from
        if adversarial:
            assert judge is not None
            real, fake = self._middle(batch.waveforms), self._middle(first)
            scores = judge(torch.cat([real, fake.detach()]), turn=number).scores
            judged = discriminator_loss(*zip(*(s.chunk(2) for s in scores), strict=True))
            yield {"loss": judged, "discriminators": judged}

        self.distance.to(batch.mels.device)
        losses = self.distance(batch.waveforms, first, second, turn=number)
        loss = settings.spectral_weight * (losses["mel"] + losses["stft"])
        if filters.pitch is not None:
            losses["pitch"] = octaves_off(filters.pitch, batch)
            loss = loss + losses["pitch"]
        if adversarial:
            assert judge is not None
            judge.requires_grad_(False)  # in this turn they only judge
            with torch.no_grad():
                of_real = judge(real, turn=number)
            of_fake = judge(fake, turn=number)
            judge.requires_grad_(True)
            losses["adversarial"] = adversarial_loss(of_fake.scores)
            losses["features"] = feature_loss(of_real.features, of_fake.features)
            loss = loss + settings.adversarial_weight * losses["adversarial"]
            loss = loss + settings.features_weight * losses["features"]
        yield {"loss": loss, **losses}

    def _middle(self, sound: Tensor) -> Tensor:
        """Return the part of sounds (B, S) that is judged."""
        hop, judged = self.audio.hop_length, self.settings.judged_frames
        beside = max(0, sound.shape[1] // hop - judged) // 2
        return sound[:, beside * hop : (beside + judged) * hop]


def octaves_off(pitch: Tensor, batch: WaveBatch) -> Tensor:
    """Compare a predicted pitch (B, T) with the measured one; bridged gaps count a tenth."""
    assert batch.pitch is not None
    assert batch.voiced is not None
    weight = batch.voiced + 0.1
    return ((pitch / batch.pitch).log2().abs() * weight).sum() / weight.sum()


@torch.no_grad()
def validate_vocos(
    vocoder: Vocos, held_out: Recordings, settings: VocosSettings, *, clips: int = CLIPS
) -> Validation:
    """Copy held-out recordings with a Vocos, and compare the spectra, mels and pitch.

    Returns
    -------
    Validation
        Without a score, so that the last checkpoint is used: with discriminators, the best by
        spectra isn't the one that sounds best. Its waveform is the first clip's copy.
    """
    device = next(vocoder.parameters()).device
    distance = SpectralDistance(
        held_out.audio, windows=settings.windows, variety=settings.variety
    ).to(device)
    mel_of = MelSpectrogram(held_out.audio).to(device)
    found, sound = [], None
    for number, index in shared(spread_over_speakers(held_out.features)[:clips]):
        mel, recording = (tensor.to(device)[None] for tensor in held_out[index])
        filters, draw = vocoder.predict(mel), torch.Generator().manual_seed(settings.seed)
        copies = [vocoder.render(filters, vocoder.draw(mel, draw)) for _ in range(2)]
        sound = copies[0][0].float().cpu() if number == 0 else sound
        row = {name: float(loss) for name, loss in distance(recording, *copies).items()}
        row["mel_distance"] = float((mel_of(copies[0]) - mel).abs().mean())
        if filters.pitch is not None:
            pitch, voiced = (tensor.to(device) for tensor in held_out.pitch(index))
            octaves = (filters.pitch[0] / pitch).log2()[voiced > 0]
            row["pitch_cents"] = float(octaves.abs().mean() * 1200) if len(octaves) else 0.0
        found.append(row)
    found = gather_object(found)
    mean = {name: sum(row[name] for row in found) / len(found) for name in found[0]}
    losses = {"mel": mean.pop("mel"), "stft": mean.pop("stft")}
    summary = f"log-mels are {mean['mel_distance']:.3f} from the recordings'"
    if "pitch_cents" in mean:
        summary += f", the pitch {mean['pitch_cents']:.0f} cents"
    return Validation(
        losses=losses,
        figures=mean,
        summary=summary,
        score=math.nan,
        alignment=None,
        waveform=sound,
        sample_rate=held_out.audio.sample_rate,
    )


def train_vocos(
    data: VocoderData,
    run: Run,
    *,
    config: VocosConfig | None = None,
    discriminators: VocosDiscriminatorsConfig | None = None,
    settings: VocosSettings | None = None,
    start: Vocos | None = None,
) -> Checkpoint:
    """Train a Vocos and return its last checkpoint, with the averaged weights.

    Parameters
    ----------
    data : VocoderData
        With pitch, for a Vocos with a source.
    run : Run
    config : VocosConfig, optional
        `vocos_source` when not given.
    discriminators : VocosDiscriminatorsConfig, optional
        `vocos_discriminators_small` when not given.
    settings : VocosSettings, optional
    start : Vocos, optional
        A trained one of the same config, to start from instead of a random initialization.

    Raises
    ------
    ValueError
        When the checkpoint to resume doesn't fit (`Run.begin`), or the settings can't be met.

    Taught in: notebooks/06_vocoder
    """
    settings = settings or VocosSettings()
    if settings.accumulate > 1:
        raise ValueError(
            f"discriminators and generator are trained in turn, so "
            f"accumulate={settings.accumulate} isn't possible; raise frame_budget instead"
        )
    torch.manual_seed(settings.seed)
    generator = Vocos(config or vocos_source(), data.audio)
    start_from(generator, start)
    judges = VocosDiscriminators(discriminators or vocos_discriminators_small())
    train(
        AveragedGenerator(generator, judges, keep=settings.averaged),
        step=VocosStep(settings, data.audio),
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            segment_frames=settings.segment_frames,
            seed=settings.seed,
            pitch=generator.pitch is not None,
        ),
        validate=lambda model: validate_vocos(model.average, data.held_out, settings),
        settings=settings,
        template=data.checkpoint("vocos", generator.config),
        run=run,
    )
    return run.result()
