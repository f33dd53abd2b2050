"""Train a HiFi-GAN: presets, losses, the two turns of a step, validation."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint
from ttslib.models.hifigan import HiFiGAN, HiFiGANConfig, hifigan_v1, hifigan_v2
from ttslib.models.hifigan_discriminators import (
    HiFiGANDiscriminators,
    HiFiGANDiscriminatorsConfig,
    hifigan_discriminators_published,
    hifigan_discriminators_small,
)
from ttslib.records import WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.vocoder import VocoderData
from ttslib.training.gan_losses import (
    MultiResolutionSTFTLoss,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)
from ttslib.training.loop import train
from ttslib.training.state import Preset, Run
from ttslib.training.validation import validate_vocoder
from ttslib.training.vocoder_settings import VocoderSettings, start_from

__all__ = ["PRESETS", "HiFiGANSettings", "HiFiGANStep", "train_hifigan"]


@dataclass(frozen=True, kw_only=True)
class HiFiGANSettings(VocoderSettings):
    """Settings for training a HiFi-GAN; the defaults suit V2 on one CPU core."""

    adversarial_from: float = 0.5  # share of the schedule after which the discriminators join
    judged_frames: int = 16  # in the middle of a piece: input of the discriminators
    gradient_clip: float = 450.0  # only against outliers: the losses are weighted by 45
    betas: tuple[float, float] = (0.8, 0.99)


PRESETS = {
    "small": Preset(hifigan_v2, {}, {"discriminators": hifigan_discriminators_small}),
    # Section 3.1 of the paper and the reference code's config_v1.json: batches of 16 pieces of
    # 8,192 samples, AdamW with weight decay 0.01, a learning rate of 2e-4 multiplied by 0.999 per
    # epoch (819 steps on LJ Speech), 2.5 million steps, discriminators from the first step on.
    "published": Preset(
        hifigan_v1,
        dict(
            steps=2_500_000,
            frame_budget=16 * 32,
            segment_frames=32,
            judged_frames=32,
            adversarial_from=0.0,
            peak_learning_rate=2e-4,
            warmup=0.0,
            decay="exponential",
            final=0.999 ** (2_500_000 / 819),
            weight_decay=0.01,
            validate_every=5_000,
            save_every=1_000,
        ),
        {"discriminators": hifigan_discriminators_published},
    ),
}


class HiFiGANStep:
    """The step of HiFi-GAN: train the discriminators, then the generator.

    Each `yield` returns the losses of one of the two, and continues once it has been trained with
    them. At first there are no discriminators: a generator that can't yet speak learns faster from
    spectra alone, and each step takes less time.

    Parameters
    ----------
    mel
        The transform of the generator's own mels.
    adversarial_from : in 0..1
        The share of the schedule after which the discriminators join.
    judged_frames : int
        Frames in the middle of each piece that the discriminators judge. They are slow, and a few
        periods of the voice are enough for them. At a piece's ends, the generator lacks context,
        so they would find artifacts that a whole clip never has.

    References
    ----------
    Kong et al. 2020, HiFi-GAN, arXiv 2010.05646, section 2.4 (the losses and the weight of 45).

    Taught in: notebooks/06_vocoder
    """

    def __init__(self, mel: MelSpectrogram, *, adversarial_from: float, judged_frames: int):
        self.mel, self.adversarial_from = mel, adversarial_from
        self.judged_frames = judged_frames
        self.stft_loss = MultiResolutionSTFTLoss()

    def __call__(
        self, model: AveragedGenerator[HiFiGAN], batch: WaveBatch, *, progress: float = 1.0
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the named losses of the discriminators, then those of the generator."""
        judge, real = model.discriminators, batch.waveforms
        fake = model.generator(batch.mels)
        judged_real, judged_fake = self._middle(real), self._middle(fake)
        adversarial = progress >= self.adversarial_from

        if adversarial:
            assert judge is not None
            scores = judge(torch.cat([judged_real, judged_fake.detach()])).scores
            judged = discriminator_loss(*zip(*(s.chunk(2) for s in scores), strict=True))
            yield {"loss": judged, "discriminators": judged}

        self._to(real.device)
        losses = {
            "mel": F.l1_loss(self.mel(fake), self.mel(real)),
            "stft": self.stft_loss(fake, real),
        }
        loss = 45 * (losses["mel"] + losses["stft"])
        if adversarial:
            assert judge is not None
            judge.requires_grad_(False)  # in this turn they only judge
            with torch.no_grad():
                of_real = judge(judged_real)
            of_fake = judge(judged_fake)
            judge.requires_grad_(True)
            losses["adversarial"] = adversarial_loss(of_fake.scores)
            losses["features"] = feature_loss(of_real.features, of_fake.features)
            loss = loss + losses["adversarial"] + 2 * losses["features"]
        yield {"loss": loss, **losses}

    def _middle(self, sound: Tensor) -> Tensor:
        """Return the part of sound (B, S) that is judged."""
        hop = self.mel.config.hop_length
        beside = max(0, sound.shape[1] // hop - self.judged_frames) // 2
        return sound[:, beside * hop : (beside + self.judged_frames) * hop]

    def _to(self, device: torch.device) -> None:
        self.mel.to(device)
        self.stft_loss.to(device)


def train_hifigan(
    data: VocoderData,
    run: Run,
    *,
    config: HiFiGANConfig | None = None,
    discriminators: HiFiGANDiscriminatorsConfig | None = None,
    settings: HiFiGANSettings | None = None,
    start: HiFiGAN | None = None,
) -> Checkpoint:
    """Train a HiFi-GAN and return its best checkpoint.

    Parameters
    ----------
    data : VocoderData
    run : Run
    config : HiFiGANConfig, optional
        `hifigan_v2` when not given.
    discriminators : HiFiGANDiscriminatorsConfig, optional
        `hifigan_discriminators_small` when not given.
    settings : HiFiGANSettings, optional
    start : HiFiGAN, optional
        A trained one of the same config, to start from instead of a random initialization.

    Raises
    ------
    ValueError
        When the checkpoint to resume doesn't fit (`Run.begin`), or the settings can't be met.

    Taught in: notebooks/06_vocoder
    """
    settings = settings or HiFiGANSettings()
    if settings.accumulate > 1:
        raise ValueError(
            f"discriminators and generator are trained in turn, so "
            f"accumulate={settings.accumulate} isn't possible; raise frame_budget instead"
        )
    torch.manual_seed(settings.seed)
    generator = HiFiGAN(config or hifigan_v2(), data.audio)
    start_from(generator, start)
    judges = HiFiGANDiscriminators(discriminators or hifigan_discriminators_small())
    model = AveragedGenerator(generator, judges)
    model.generator.add_weight_norm()
    step = HiFiGANStep(
        MelSpectrogram(data.audio),
        adversarial_from=settings.adversarial_from,
        judged_frames=settings.judged_frames,
    )
    train(
        model,
        step=step,
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            segment_frames=settings.segment_frames,
            seed=settings.seed,
        ),
        validate=lambda model: validate_vocoder(model.average, data.held_out),
        settings=settings,
        template=data.checkpoint("hifigan", generator.config),
        run=run,
    )
    return run.result()
