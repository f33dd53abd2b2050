"""Matcha-TTS: token IDs in, a sharp mel spectrogram out, drawn from noise in a few steps.

Papers: Mehta et al. 2023, Matcha-TTS, arXiv 2309.03199; Lipman et al. 2022, Flow Matching for
Generative Modeling, arXiv 2210.02747; Popov et al. 2021, Grad-TTS, arXiv 2105.06337 (noise around a
predicted mean); Liu et al. 2021, DiffSinger, arXiv 2105.02446 (a coarse mel first). Reference code:
shivammehta25/Matcha-TTS.

A model trained on squared errors predicts the mean of all mels that a text can have, and a mean is
blurred. Here that mean comes first; then a flow draws what it leaves out, the residual: it starts
from noise and follows a learned velocity to a residual that a recording could have.

The same: the encoder of Transformer blocks, the mean beside the flow, straight paths from noise to
data. Different: durations, pitch and energy as in FastSpeech 2, whose first half this is, with
durations from hidden Markov models or an aligner; the flow's network has ConvNeXt blocks (arXiv
2201.03545) in place of a U-Net with attention, so that it sees only a bounded stretch of time and
can stream; it draws the residual, not the mel, from noise of a smaller deviation; the midpoint
method follows the flow, not Euler's. As in the reference code, synthesis starts from two thirds of
the noise that training used, so rare residuals, which the network learned least well, are avoided.

Shapes: B batch, N tokens, T frames, M mel bands, D width of tokens, W width of the decoder,
S = ceil(T / r) steps of r frames each, P = r * M numbers of a step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.models.aligner import AlignerOutput
from ttslib.models.prosody_encoder import ProsodyEncoder, ProsodyEncoderConfig
from ttslib.nn.convolve import Conv1d, convolve, lay_out_for_convolve
from ttslib.nn.durations import repeat_by_durations
from ttslib.nn.masking import valid_mask
from ttslib.nn.randomness import normal, uniform
from ttslib.records import GeneratedMel

__all__ = ["Matcha", "MatchaConfig", "matcha_published", "matcha_small"]

TIME_FEATURES = 64  # sines and cosines of the time on the flow's path


@dataclass(frozen=True, kw_only=True)
class MatchaConfig(ProsodyEncoderConfig):
    """The sizes of a Matcha-TTS."""

    frames_per_step: int = 1  # r: frames that the decoder handles as one
    decoder_dim: int = 384  # W
    mean_blocks: int = 3  # for the mean, which is computed once
    flow_blocks: int = 8  # for the flow, which is computed once for each Euler step
    decoder_kernel: int = 7  # of a block's convolution along time
    expansion: int = 3  # how many times wider a block is inside
    noise: float = 0.5  # deviation of the noise that the flow starts from
    temperature: float = 0.667  # factor of that noise in synthesis
    flow_steps: int = 2  # from noise to mel, each computes the velocity twice
    distilled: bool = False  # one velocity leads there, see `training/tasks/distillation.py`


def matcha_published(*, n_symbols: int, n_speakers: int = 1) -> MatchaConfig:
    """Return about the published size: 18 million parameters."""
    return MatchaConfig(
        n_symbols=n_symbols,
        n_speakers=n_speakers,
        dim=192,
        encoder_blocks=6,
        filter_dim=768,
        kernel_size=3,
        second_kernel_size=3,
        dropout=0.1,
        aligner_dim=0,
        noise=1.0,
    )


def matcha_small(*, n_symbols: int, n_speakers: int = 1) -> MatchaConfig:
    """Return the laptop's size: narrower, and two frames per step, like `fastspeech2_small`."""
    return MatchaConfig(
        n_symbols=n_symbols,
        n_speakers=n_speakers,
        dim=192,
        encoder_blocks=4,
        filter_dim=384,
        kernel_size=3,
        dropout=0.1,
        predictor_dim=128,
        predictor_dropout=0.2,
        frames_per_step=2,
        decoder_dim=256,
        mean_blocks=2,
        flow_blocks=6,
        expansion=2,
        aligner_dim=0,
    )


class MatchaOutput(NamedTuple):
    """Predictions for a clip whose durations, pitch and energy the model is given."""

    mean: Tensor  # (B, M, T)
    velocity: Tensor  # (B, M, T) predicted at a point between noise and residual
    velocity_shown: Tensor  # (B, M, T) from the noise straight to the residual
    log_durations: Tensor  # (B, N) predicted, log(1 + frames)
    pitch: Tensor | None  # (B, N) predicted
    energy: Tensor | None  # (B, N) predicted
    durations: Tensor  # (B, N) int64 that were used
    pitch_shown: Tensor | None  # (B, N) the predictors' targets
    energy_shown: Tensor | None  # (B, N)
    aligned: AlignerOutput | None  # None where durations were given


class ConvNeXtBlock(nn.Module):
    """Convolve each channel along time, then mix the channels of each step."""

    def __init__(self, width: int, config: MatchaConfig, *, dropout: float = 0.0):
        super().__init__()
        kernel, inside = config.decoder_kernel, config.expansion * width
        self.along_time = Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wider = nn.Linear(width, inside)
        self.narrower = nn.Linear(inside, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, change: Tensor | None = None) -> Tensor:
        """Map x (B, S, W) to (B, S, W); mask (B, S, 1) is True at real steps.

        `change` (B, 1, 2 W) scales and shifts the normalized values.
        """
        y = self.along_time((x * mask).transpose(1, 2)).transpose(1, 2)  # (B, S, W)
        y = self.norm(y)
        if change is not None:
            scale, shift = change.chunk(2, dim=2)
            y = torch.addcmul(y + shift, y, scale)
        y = F.silu(convolve(y, self.wider.weight, self.wider.bias))
        return x + self.dropout(convolve(y, self.narrower.weight, self.narrower.bias))


class MeanDecoder(nn.Module):
    """Map repeated tokens to the flow's condition, and to the mean of all mels."""

    def __init__(self, config: MatchaConfig):
        super().__init__()
        width = config.decoder_dim
        self.first = nn.Linear(config.dim + 2, width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config, dropout=config.dropout) for _ in range(config.mean_blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, config.frames_per_step * config.n_mels)

    def forward(self, steps: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Map steps (B, S, D + 2) to the condition (B, S, W) and the mean (B, S, P)."""
        x = convolve(steps, self.first.weight, self.first.bias)
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x)
        return x, convolve(x, self.projection.weight, self.projection.bias)


class Flow(nn.Module):
    """Predict the velocity of a point on the path from noise to a residual."""

    def __init__(self, config: MatchaConfig):
        super().__init__()
        width, numbers = config.decoder_dim, config.frames_per_step * config.n_mels
        self.first = nn.Linear(numbers, width)
        self.time = nn.Sequential(
            nn.Linear(TIME_FEATURES, 2 * TIME_FEATURES),
            nn.SiLU(),
            nn.Linear(2 * TIME_FEATURES, config.flow_blocks * 2 * width),
        )
        self.blocks = nn.ModuleList(ConvNeXtBlock(width, config) for _ in range(config.flow_blocks))
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, numbers)
        nn.init.zeros_(self.last.weight)  # zero velocity at first

    def forward(self, x: Tensor, time: Tensor, condition: Tensor, mask: Tensor) -> Tensor:
        """Map x (B, S, P) at time (B,) in 0..1 to a velocity (B, S, P).

        `condition` (B, S, W) and `mask` (B, S, 1) are those of `MeanDecoder`.
        """
        rates = torch.exp(torch.arange(TIME_FEATURES // 2, device=x.device) / 8)  # 1 to 48
        angles = time[:, None] * rates
        changes = self.time(torch.cat([angles.sin(), angles.cos()], dim=1))[:, None]
        x = condition + convolve(x, self.first.weight, self.first.bias)
        for block, change in zip(self.blocks, changes.chunk(len(self.blocks), dim=2), strict=True):
            x = block(x, mask, change)
        return convolve(self.norm(x), self.last.weight, self.last.bias)


class Matcha(ProsodyEncoder):
    """The whole model: FastSpeech 2's first half, the mean, and the flow that sharpens it.

    Parameters
    ----------
    config : MatchaConfig

    References
    ----------
    Mehta et al. 2023, arXiv 2309.03199.
    """

    needs_generator = True

    config: MatchaConfig

    def __init__(self, config: MatchaConfig):
        super().__init__(config)
        self.mean = MeanDecoder(config)
        self.flow = Flow(config)
        lay_out_for_convolve(self)

    def forward(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        mels: Tensor,
        mel_lengths: Tensor,
        *,
        generator: torch.Generator,
        pitch: Tensor | None = None,
        energy: Tensor | None = None,
        speakers: Tensor | None = None,
        durations: Tensor | None = None,
    ) -> MatchaOutput:
        """Predict a recording's mean, and the velocity at a random point on the flow's way to it.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        mels : (B, M, T)
            Normalized.
        mel_lengths : (B,) int64
        generator : torch.Generator
            Of noise and times.
        pitch, energy : (B, T), optional
            Of each frame; needed where the config has them.
        speakers : (B,) int64, optional
            Needed when the config has several speakers.
        durations : (B, N) int64, optional
            In frames; found by the aligner when not given.

        Raises
        ------
        ValueError
            When a text is empty, something needed is missing, or durations aren't whole frames that
            sum to the mels' lengths.
        """
        # 1. Encode the text, with the recording's durations, pitch and energy.
        shown = self.show(
            tokens, token_lengths, mels, mel_lengths,
            pitch=pitch, energy=energy, speakers=speakers, durations=durations,
        )  # fmt: skip
        # 2. The mean of all mels with these tokens and this prosody.
        steps, mask = self.steps(shown.encoded, shown.durations, n_frames=mels.shape[2])
        condition, mean = self.mean(steps, mask)
        # 3. A random point on the straight line from noise to the residual, and the velocity there.
        residual = self._to_steps(mels) - mean.detach()
        start = self.draw_noise(mel_lengths, steps.shape[1], generator)
        time = self._times(len(tokens), generator).to(mels.device)
        point = torch.lerp(start, residual, time[:, None, None])
        velocity = self.flow(point, time, condition, mask)
        mean, velocity, shown_velocity = (
            self._to_mel(x, mel_lengths, mels.shape[2]) for x in (mean, velocity, residual - start)
        )
        return MatchaOutput(mean, velocity, shown_velocity, *shown[1:])

    @torch.no_grad()
    def generate(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        *,
        speakers: Tensor | None = None,
        max_frames: int = 1000,
        speed: float | Tensor = 1.0,
        pitch_shift: float | Tensor = 0.0,
        energy_shift: float | Tensor = 0.0,
        generator: torch.Generator,
        temperature: float | None = None,
        flow_steps: int | None = None,
    ) -> GeneratedMel:
        """Generate a mel: predict durations, pitch and energy, change them as asked, and draw it.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        speakers : (B,) int64, optional
        max_frames : int
            A longer sentence is cut there, before it is drawn, and has `stopped` False.
        speed : float or (B, N)
            2 is twice as fast; above 0.
        pitch_shift, energy_shift : float or (B, N)
            Added to the prediction, in standard deviations of the speaker.
        generator : torch.Generator
            Of the noise.
        temperature : float, optional
            Factor of the noise; 0 gives the most typical mel. The config's when not given.
        flow_steps : int, optional
            Steps from noise to mel; the config's when not given. A distilled flow has only one.

        Raises
        ------
        ValueError
            When a text is empty, speakers are missing or don't exist, `max_frames` is below 1, or a
            speed isn't above 0.
        """
        planned = self.plan(
            tokens, token_lengths, speakers=speakers, max_frames=max_frames,
            speed=speed, pitch_shift=pitch_shift, energy_shift=energy_shift,
        )  # fmt: skip
        mel = self.draw(
            planned.encoded, planned.durations,
            generator=generator, temperature=temperature, flow_steps=flow_steps,
        )  # fmt: skip
        return planned.generated(mel)

    @torch.no_grad()
    def redraw(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        mels: Tensor,
        mel_lengths: Tensor,
        *,
        generator: torch.Generator,
        pitch: Tensor | None = None,
        energy: Tensor | None = None,
        speakers: Tensor | None = None,
        durations: Tensor | None = None,
    ) -> Tensor:
        """Draw mels (B, M, T) with a recording's own durations, pitch and energy, frame for frame.

        Takes what `forward` takes.
        """
        shown = self.show(
            tokens, token_lengths, mels, mel_lengths,
            pitch=pitch, energy=energy, speakers=speakers, durations=durations,
        )  # fmt: skip
        return self.draw(
            shown.encoded, shown.durations, generator=generator, n_frames=mels.shape[2]
        )

    def draw(self, encoded: Tensor, durations: Tensor, **how: Any) -> Tensor:
        """Repeat encoded tokens (B, N, D) for their frames, and draw a mel (B, M, T), 0 at padding.

        Takes what `stream` takes, except `first_frames`.
        """
        return torch.cat(list(self.stream(encoded, durations, first_frames=None, **how)), dim=2)

    @torch.no_grad()
    def stream(
        self,
        encoded: Tensor,
        durations: Tensor,
        *,
        generator: torch.Generator,
        temperature: float | None = None,
        flow_steps: int | None = None,
        n_frames: int | None = None,
        first_frames: int | None = 32,
    ) -> Iterator[Tensor]:
        """Draw a mel in pieces, a short one first, then each twice as long as the last.

        Concatenated, they are the mel that is drawn at once: each piece is drawn together with all
        the frames on both sides that it depends on.

        Parameters
        ----------
        encoded : (B, N, D)
            Tokens with pitch and energy, from `plan`.
        durations : (B, N) int64
        generator, temperature, flow_steps
            As for `generate`.
        n_frames : int, optional
            T, when a batch is padded beyond its longest clip.
        first_frames : int, optional
            Of the first piece; None draws all at once.

        Yields
        ------
        (B, M, t)
        """
        number = flow_steps or self.config.flow_steps
        velocities = 1 if self.config.distilled else 2 * number
        lengths = durations.sum(dim=1)
        n_frames = n_frames or int(lengths.max())
        steps, mask = self.steps(encoded, durations, n_frames=n_frames)
        condition, mean = self.mean(steps, mask)
        if temperature is None:
            temperature = self.config.temperature
        noise = temperature * self.draw_noise(lengths, steps.shape[1], generator)
        reach = velocities * self.config.flow_blocks * (self.config.decoder_kernel // 2)
        r = self.config.frames_per_step
        start, size = 0, -(-(first_frames or n_frames) // r)
        while start < noise.shape[1]:
            seen = slice(max(0, start - reach), start + size + reach)
            x = self.follow(noise[:, seen], condition[:, seen], mask[:, seen], flow_steps=number)
            own = slice(start - seen.start, start - seen.start + size)
            mel = mean[:, start : start + size] + x[:, own]
            shift = start * r
            yield self._to_mel(mel, lengths - shift, min(n_frames - shift, size * r))
            start, size = start + size, 2 * size

    def follow(self, x: Tensor, condition: Tensor, mask: Tensor, *, flow_steps: int) -> Tensor:
        """Follow the flow from noise x (B, S, P) to a residual (B, S, P) by the midpoint method.

        A step of Euler's method moves along the velocity at its beginning, which is wrong wherever
        the path bends, and so smooths the mel. Here each step uses the velocity at its middle,
        which half a step of Euler's method finds. For as many computations, the mel is sharper.
        A distilled flow arrives in a single step of Euler's method.
        """
        if self.config.distilled:
            return x + self.flow(x, torch.zeros_like(x[:, 0, 0]), condition, mask)
        for step in range(flow_steps):
            start = torch.full_like(x[:, 0, 0], step / flow_steps)
            half = 0.5 / flow_steps
            middle = x + half * self.flow(x, start, condition, mask)
            x = x + 2 * half * self.flow(middle, start + half, condition, mask)
        return x

    def steps(self, encoded: Tensor, durations: Tensor, *, n_frames: int) -> tuple[Tensor, Tensor]:
        """Repeat tokens (B, N, D) for their frames: steps (B, S, D + 2) and mask (B, S, 1).

        The two additional numbers are the logarithms of the frames since the token began and of
        those until it ends.
        """
        r, lengths = self.config.frames_per_step, durations.sum(dim=1)
        n_steps = -(-n_frames // r)  # rounded up
        ends = durations.cumsum(dim=1)
        borders = torch.stack([ends - durations, ends], dim=2)  # (B, N, 2)
        tokens = torch.cat([encoded, borders.to(encoded.dtype)], dim=2)
        frames = repeat_by_durations(tokens, durations, n_frames=n_steps * r)
        frame = torch.arange(n_steps * r, device=frames.device)[:, None] + 0.5
        place = (frames[..., -2:] - frame).abs().log1p()
        real = valid_mask(lengths, max_length=n_steps * r)[..., None]
        frames = torch.cat([frames[..., :-2], place * real], dim=2)
        mask = valid_mask(-(-lengths // r), max_length=n_steps)[..., None]
        return frames.unflatten(1, (n_steps, r)).mean(dim=2), mask

    def _to_steps(self, mel: Tensor) -> Tensor:
        """Turn a mel (B, M, T) into steps (B, S, P)."""
        r = self.config.frames_per_step
        frames = F.pad(mel, (0, -mel.shape[2] % r)).transpose(1, 2)  # (B, S * r, M)
        return frames.reshape(len(mel), -1, r * mel.shape[1])

    def _to_mel(self, steps: Tensor, lengths: Tensor, n_frames: int) -> Tensor:
        """Turn steps (B, S, P) into a mel (B, M, T), 0 at padding."""
        mel = steps.reshape(len(steps), -1, self.config.n_mels).transpose(1, 2)[..., :n_frames]
        return mel * valid_mask(lengths, max_length=n_frames)[:, None]

    def draw_noise(self, lengths: Tensor, n_steps: int, generator: torch.Generator) -> Tensor:
        """Draw noise (B, S, P) clip by clip, so that padding changes nothing."""
        r, n_mels = self.config.frames_per_step, self.config.n_mels
        noise = torch.zeros(len(lengths), n_steps, r * n_mels, device=lengths.device)
        for row, length in zip(noise, lengths.tolist(), strict=True):
            own = -(-length // r)
            row[:own] = normal((own, r * n_mels), generator=generator, device=row.device)
        return self.config.noise * noise

    def _times(self, clips: int, generator: torch.Generator) -> Tensor:
        """Draw a time in 0..1 for each clip, evenly spread over the batch, in random order."""
        order = uniform((clips,), generator=generator, device="cpu").argsort()
        return (order + uniform((1,), generator=generator, device="cpu")) / clips
