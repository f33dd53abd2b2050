"""One short step per model: a batch goes in, named losses come out, "loss" is the one to follow."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ttslib.audio.mel import MelSpectrogram
from ttslib.records import TextMelBatch, WaveBatch
from ttslib.training.averaging import AveragedGenerator
from ttslib.training.data.durations import DurationSource
from ttslib.training.gan_losses import (
    MultiResolutionSTFTLoss,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)
from ttslib.training.losses import gate_loss, guided_attention_loss, mel_loss, token_loss

__all__ = [
    "HiFiGANStep",
    "WaveGlowStep",
    "fastspeech2_step",
    "guide_weight",
    "likelihood_step",
    "tacotron2_step",
]


def guide_weight(progress: float) -> float:
    """How strongly attention is held to the diagonal: firmly at first, soon hardly at all.

    The guide shows where to begin. One that stays strong would win over the speech: it gives a
    ruler-straight diagonal that sweeps over the phonemes whatever their lengths, looks right and
    says nothing.

    Parameters
    ----------
    progress : float in 0..1
        The share of the training that lies behind.

    Taught in: notebooks/05_training
    """
    return max(0.001, 10 ** (-5 * progress))  # a tenth every fifth of the way


def tacotron2_step(
    model: torch.nn.Module, batch: TextMelBatch, *, progress: float = 1.0
) -> dict[str, Tensor]:
    """Run Tacotron 2 under teacher forcing and name what is wrong.

    Parameters
    ----------
    model : Tacotron2
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        Normalized mels.
    progress : float in 0..1
        How far the training is, for `guide_weight`.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is trained; "mel_before", "mel" (after the postnet), "gate" and
        "guide" are its parts, the last unweighted.

    Taught in: notebooks/05_training
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths, speakers=batch.speakers
    )
    frames_per_step = batch.mels.shape[2] // output.gate.shape[1]
    steps = -(-batch.mel_lengths // frames_per_step)  # rounded up
    losses = {
        "mel_before": mel_loss(output.mel_before.float(), batch.mels, batch.mel_lengths),
        "mel": mel_loss(output.mel.float(), batch.mels, batch.mel_lengths),
        "gate": gate_loss(output.gate.float(), steps),
        "guide": guided_attention_loss(output.alignment.float(), batch.token_lengths, steps),
    }
    guided = guide_weight(progress) * losses["guide"]
    return {"loss": losses["mel_before"] + losses["mel"] + losses["gate"] + guided, **losses}


def fastspeech2_step(
    model: torch.nn.Module,
    batch: TextMelBatch,
    *,
    progress: float = 1.0,
    durations: DurationSource | None = None,
) -> dict[str, Tensor]:
    """Let FastSpeech 2 say what was recorded, as long, as high and as loud, and name what is wrong.

    Parameters
    ----------
    model : FastSpeech2
        Plain, or wrapped for several processes.
    batch : TextMelBatch
        With pitch and energy, where the model hears them.
    progress : float in 0..1
        Not used: the aligner needs no schedule.
    durations : DurationSource, optional
        Where they come from; None is the model's own aligner.

    Returns
    -------
    dict of scalar tensors
        "loss" is the sum that is trained; "mel", "duration", "pitch", "energy", and the aligner's
        "forward_sum" and "sound" are its parts.

    Taught in: notebooks/09_fastspeech
    """
    output = model(
        batch.tokens, batch.token_lengths, batch.mels, batch.mel_lengths,
        pitch=batch.pitch, energy=batch.energy, speakers=batch.speakers,
        durations=None if durations is None else durations(batch),
    )  # fmt: skip
    lasting = (1.0 + output.durations).log()
    losses = {
        "mel": mel_loss(output.mel.float(), batch.mels, batch.mel_lengths),
        "duration": token_loss(output.log_durations.float(), lasting, batch.token_lengths),
    }
    for name in ("pitch", "energy"):
        said, shown = getattr(output, name), getattr(output, f"{name}_shown")
        if said is not None:
            losses[name] = token_loss(said.float(), shown, batch.token_lengths)
    if output.aligned is not None:
        losses["forward_sum"] = output.aligned.forward_sum
        losses["sound"] = output.aligned.sound
    return {"loss": sum(losses.values()), **losses}


def likelihood_step(
    model: AveragedGenerator, batch: WaveBatch, *, progress: float = 1.0
) -> Iterator[dict[str, Tensor]]:
    """Yield how unlikely a WaveNet or a WaveGlow finds the recordings; then move its average.

    Parameters
    ----------
    model : AveragedGenerator
    batch : WaveBatch
    progress : float in 0..1
        Not used: likelihood needs no schedule.

    Taught in: notebooks/10_wavenet, notebooks/11_waveglow
    """
    yield {"loss": model.generator.loss(batch.waveforms, batch.mels)}
    model.follow()


class WaveGlowStep:
    """The step of WaveGlow: how unlikely it finds the recordings, and how unlike them it speaks.

    The paper's loss is the first alone. It teaches at once how loud each frequency is, and only
    after very many steps to keep the voice's waves in step from frame to frame. So after a while
    the flow also speaks, from noise, and its spectra are compared with the recordings': through a
    sound that can be computed both ways, gradients go both ways.

    Parameters
    ----------
    mel
        The transform of the model's own mels.
    spectral_from : in 0..1
        The share of the training after which it speaks; 1 is never, as in the paper.

    References
    ----------
    Prenger et al. 2018, WaveGlow, arXiv 1811.00002; Hsu & Lee 2020, WG-WaveNet, arXiv 2005.07412
    (a flow that is also trained by the spectra of what it says).

    Taught in: notebooks/11_waveglow
    """

    def __init__(self, mel: MelSpectrogram, *, spectral_from: float):
        self.mel, self.spectral_from = mel, spectral_from
        self.stft_loss = MultiResolutionSTFTLoss()

    def __call__(
        self, model: AveragedGenerator, batch: WaveBatch, *, progress: float = 1.0
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the named losses; then move the average."""
        losses = {"likelihood": model.generator.loss(batch.waveforms, batch.mels)}
        if progress >= self.spectral_from:
            self.mel.to(batch.mels.device)
            self.stft_loss.to(batch.mels.device)
            spoken = model.generator(batch.mels)
            losses["mel"] = F.l1_loss(self.mel(spoken), self.mel(batch.waveforms))
            losses["stft"] = self.stft_loss(spoken, batch.waveforms)
        yield {"loss": sum(losses.values()), **losses}
        model.follow()


class HiFiGANStep:
    """The step of HiFi-GAN: the discriminators learn, then the generator.

    Each `yield` hands out the losses of one of the two, and goes on when that one has learnt from
    them. At first there are no discriminators: a generator that can't yet speak learns quicker
    from spectra alone, and each step takes less time.

    Parameters
    ----------
    mel
        The transform of the generator's own mels.
    adversarial_from : in 0..1
        The share of the training after which the discriminators join.
    judged_frames : int
        So many in the middle of each piece do the discriminators hear. They are slow, and a few
        periods of the voice are enough for them; and at a piece's ends, where the generator
        doesn't know what lies beyond, they would find what a whole clip never has.

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
        self, model: AveragedGenerator, batch: WaveBatch, *, progress: float = 1.0
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the named losses of the discriminators, then those of the generator."""
        judge, real = model.discriminators, batch.waveforms
        fake = model.generator(batch.mels)
        heard_real, heard_fake = self._middle(real), self._middle(fake)
        adversarial = progress >= self.adversarial_from

        if adversarial:
            scores = judge(torch.cat([heard_real, heard_fake.detach()])).scores
            judged = discriminator_loss(*zip(*(s.chunk(2) for s in scores), strict=True))
            yield {"loss": judged, "discriminators": judged}

        self._to(real.device)
        losses = {
            "mel": F.l1_loss(self.mel(fake), self.mel(real)),
            "stft": self.stft_loss(fake, real),
        }
        loss = 45 * (losses["mel"] + losses["stft"])
        if adversarial:
            judge.requires_grad_(False)  # they only look on now
            with torch.no_grad():
                of_real = judge(heard_real)
            of_fake = judge(heard_fake)
            judge.requires_grad_(True)
            losses["adversarial"] = adversarial_loss(of_fake.scores)
            losses["features"] = feature_loss(of_real.features, of_fake.features)
            loss = loss + losses["adversarial"] + 2 * losses["features"]
        yield {"loss": loss, **losses}
        model.follow()

    def _middle(self, sound: Tensor) -> Tensor:
        """What is judged of sound (B, S)."""
        hop = self.mel.config.hop_length
        beside = max(0, sound.shape[1] // hop - self.judged_frames) // 2
        return sound[:, beside * hop : (beside + self.judged_frames) * hop]

    def _to(self, device: torch.device) -> None:
        self.mel.to(device)
        self.stft_loss.to(device)
