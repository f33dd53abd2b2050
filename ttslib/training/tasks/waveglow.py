"""Train a WaveGlow: presets, losses, training step, validation."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.checkpoints import Checkpoint
from ttslib.models.waveglow import WaveGlow, WaveGlowConfig, waveglow_published, waveglow_small
from ttslib.records import WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.vocoder import VocoderData
from ttslib.training.gan_losses import MultiResolutionSTFTLoss
from ttslib.training.loop import train
from ttslib.training.losses import total
from ttslib.training.state import Preset, Run
from ttslib.training.validation import validate_likelihood
from ttslib.training.vocoder_settings import VocoderSettings, start_from

__all__ = ["PRESETS", "WaveGlowSettings", "WaveGlowStep", "train_waveglow"]


@dataclass(frozen=True, kw_only=True)
class WaveGlowSettings(VocoderSettings):
    """Settings for training a WaveGlow; the defaults suit the small one on one CPU core."""

    peak_learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.98)  # a flow's old gradients are soon outdated
    spectral_from: float = 0.25  # share of the schedule before the spectral loss joins; 1: never


PRESETS = {
    "small": Preset(waveglow_small, {}),
    # Section 3 of the paper: batches of 24 clips of 16,000 samples, Adam, a learning rate of 1e-4,
    # 580,000 steps, the likelihood alone.
    "published": Preset(
        waveglow_published,
        dict(
            steps=580_000,
            frame_budget=24 * 63,
            segment_frames=63,
            peak_learning_rate=1e-4,
            warmup=0.0,
            hold=1.0,
            weight_decay=0.0,
            betas=(0.9, 0.999),
            spectral_from=1.0,
            validate_every=5_000,
            save_every=1_000,
        ),
    ),
}


class WaveGlowStep:
    """The step of WaveGlow: the likelihood of the recordings, and the spectra of generated speech.

    The paper's loss is only the first. It soon teaches how loud each frequency is, but takes very
    many steps to keep the voice's periods coherent from frame to frame. So after a while the flow
    also generates speech from noise, and its spectra are compared with the recordings'. The flow
    can be computed in both directions, so gradients can be computed in both, too.

    Parameters
    ----------
    mel
        The transform of the model's own mels.
    spectral_from : in 0..1
        The share of the schedule before that comparison starts; 1 is never, as in the paper.

    References
    ----------
    Prenger et al. 2018, WaveGlow, arXiv 1811.00002; Hsu & Lee 2020, WG-WaveNet, arXiv 2005.07412
    (a flow that is also trained by the spectra of the sound it generates).

    Taught in: notebooks/11_waveglow
    """

    def __init__(self, mel: MelSpectrogram, *, spectral_from: float):
        self.mel, self.spectral_from = mel, spectral_from
        self.stft_loss = MultiResolutionSTFTLoss()

    def __call__(
        self, model: AveragedGenerator[WaveGlow], batch: WaveBatch, *, progress: float = 1.0
    ) -> dict[str, Tensor]:
        """Return the named losses."""
        losses = {"likelihood": model.generator.loss(batch.waveforms, batch.mels)}
        if self.spectral_from < 1 and progress >= self.spectral_from:
            self.mel.to(batch.mels.device)
            self.stft_loss.to(batch.mels.device)
            noise = torch.default_generator  # which the loop seeds for each step
            spoken = model.generator(batch.mels, generator=noise)
            losses["mel"] = F.l1_loss(self.mel(spoken), self.mel(batch.waveforms))
            losses["stft"] = self.stft_loss(spoken, batch.waveforms)
        return {"loss": total(losses.values()), **losses}


def train_waveglow(
    data: VocoderData,
    run: Run,
    *,
    config: WaveGlowConfig | None = None,
    settings: WaveGlowSettings | None = None,
    start: WaveGlow | None = None,
) -> Checkpoint:
    """Train a WaveGlow and return its best checkpoint.

    Parameters
    ----------
    data : VocoderData
    run : Run
    config : WaveGlowConfig, optional
        `waveglow_small` when not given.
    settings : WaveGlowSettings, optional
    start : WaveGlow, optional
        A trained one of the same config, to start from instead of a random initialization.

    Raises
    ------
    ValueError
        When the checkpoint to resume doesn't fit (`Run.begin`), or the settings can't be met.

    Taught in: notebooks/11_waveglow
    """
    settings = settings or WaveGlowSettings()
    torch.manual_seed(settings.seed)
    waveglow = WaveGlow(config or waveglow_small(), data.audio)
    start_from(waveglow, start)
    train(
        AveragedGenerator(waveglow),
        step=WaveGlowStep(MelSpectrogram(data.audio), spectral_from=settings.spectral_from),
        batch=data.training_batches(
            frame_budget=settings.frame_budget,
            segment_frames=settings.segment_frames,
            seed=settings.seed,
        ),
        validate=lambda model: validate_likelihood(model.average, data.held_out),
        settings=settings,
        template=data.checkpoint("waveglow", waveglow.config),
        run=run,
    )
    return run.result()
