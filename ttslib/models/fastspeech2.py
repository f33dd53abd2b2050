"""FastSpeech 2: token IDs in, a mel spectrogram out, all frames at once.

Papers: Ren et al. 2020, FastSpeech 2: Fast and High-Quality End-to-End Text to Speech, arXiv
2006.04558; Ren et al. 2019, FastSpeech, arXiv 1905.09263, which is the same model without pitch
and energy (`pitch=False, energy=False`). Reference code: ming024/FastSpeech2, espnet.

The same: feed-forward Transformer blocks, length regulator, the three predictors.
Different: pitch and energy are one number per token and enter through a convolution (as in
FastPitch, arXiv 2006.06873), not one of 256 levels per frame; pitch is a contour, not its wavelet
spectrum.
Added: an aligner that finds the durations during training (`models/aligner.py`), speakers, the
postnet of Tacotron 2, which the reference code has but the paper doesn't, and decoder steps of
several frames, as in Tacotron (espnet's `reduction_factor`).

Shapes: B batch, N tokens, T frames, M mel bands, D width, S = ceil(T / r) decoder steps of r
frames each, L length (N or S).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ttslib.models.aligner import AlignerOutput
from ttslib.models.prosody_encoder import ProsodyEncoder, ProsodyEncoderConfig, transformer
from ttslib.nn.convolve import convolve, lay_out_for_convolve
from ttslib.nn.durations import repeat_by_durations
from ttslib.nn.masking import valid_mask
from ttslib.nn.postnet import Postnet
from ttslib.records import GeneratedMel

__all__ = ["FastSpeech2", "FastSpeech2Config", "fastspeech2_published", "fastspeech2_small"]


@dataclass(frozen=True, kw_only=True)
class FastSpeech2Config(ProsodyEncoderConfig):
    """The sizes of a FastSpeech 2; the defaults are the paper's."""

    frames_per_step: int = 1  # r: frames that one decoder step produces
    decoder_blocks: int = 4
    postnet_dim: int = 0  # 0: no postnet


def fastspeech2_published(*, n_symbols: int, n_speakers: int = 1) -> FastSpeech2Config:
    """Return the published size."""
    return FastSpeech2Config(n_symbols=n_symbols, n_speakers=n_speakers)


def fastspeech2_small(*, n_symbols: int, n_speakers: int = 1) -> FastSpeech2Config:
    """Return the laptop's size: narrower, and two frames per step, like `tacotron2_small`.

    The encoder has more blocks than the decoder, which has three times as many steps.
    """
    return FastSpeech2Config(
        n_symbols=n_symbols,
        n_speakers=n_speakers,
        frames_per_step=2,
        dim=192,
        encoder_blocks=4,
        decoder_blocks=2,
        filter_dim=384,
        kernel_size=5,
        dropout=0.1,
        predictor_dim=192,
        predictor_dropout=0.2,
    )


class FastSpeech2Output(NamedTuple):
    """The output for a clip, given the clip's own durations, pitch and energy."""

    mel: Tensor  # (B, M, T)
    log_durations: Tensor  # (B, N) predicted, log(1 + frames)
    pitch: Tensor | None  # (B, N) predicted
    energy: Tensor | None  # (B, N) predicted
    durations: Tensor  # (B, N) int64, as used
    pitch_shown: Tensor | None  # (B, N) the predictors' targets
    energy_shown: Tensor | None  # (B, N)
    aligned: AlignerOutput | None  # None where durations were given


class FastSpeech2(ProsodyEncoder):
    """The whole model: encoder, variance adaptor, length regulator, decoder.

    Parameters
    ----------
    config : FastSpeech2Config

    References
    ----------
    Ren et al. 2020, arXiv 2006.04558.

    Taught in: notebooks/09_fastspeech
    """

    config: FastSpeech2Config

    def __init__(self, config: FastSpeech2Config):
        super().__init__(config)
        self.decoder = transformer(config, blocks=config.decoder_blocks)
        self.projection = nn.Linear(config.dim, config.frames_per_step * config.n_mels)
        self.postnet = (
            Postnet(n_mels=config.n_mels, dim=config.postnet_dim) if config.postnet_dim else None
        )
        lay_out_for_convolve(self)

    def forward(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        mels: Tensor,
        mel_lengths: Tensor,
        *,
        pitch: Tensor | None = None,
        energy: Tensor | None = None,
        speakers: Tensor | None = None,
        durations: Tensor | None = None,
    ) -> FastSpeech2Output:
        """Predict a recording's mel from its text, durations, pitch and energy.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        mels : (B, M, T)
            Normalized.
        mel_lengths : (B,) int64
        pitch, energy : (B, T), optional
            Of each frame; needed where the config has them.
        speakers : (B,) int64, optional
            Needed when the config has several speakers.
        durations : (B, N) int64, optional
            In frames; found by the aligner when not given.

        Raises
        ------
        ValueError
            If something needed is missing or has the wrong shape. On the CPU, where checking
            numbers doesn't make the device wait, also if a text is empty or durations aren't
            whole frames that sum to the mels' lengths.
        """
        # 1. Encode the text, with the recording's durations, pitch and energy.
        shown = self.show(
            tokens, token_lengths, mels, mel_lengths,
            pitch=pitch, energy=energy, speakers=speakers, durations=durations,
        )  # fmt: skip
        # 2. Repeat every token for its frames; then decode all frames at once.
        mel = self.decode(shown.encoded, shown.durations, n_frames=mels.shape[2])
        return FastSpeech2Output(mel, *shown[1:])

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
    ) -> GeneratedMel:
        """Generate a mel: predict durations, pitch and energy, change them as asked, and decode.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        speakers : (B,) int64, optional
        max_frames : int
            A longer sentence is cut there, before it is decoded, and has `stopped` False.
        speed : float or (B, N)
            2 is twice as fast; above 0.
        pitch_shift, energy_shift : float or (B, N)
            Added to the prediction, in standard deviations of the speaker.

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
        return planned.generated(self.decode(planned.encoded, planned.durations))

    def decode(self, encoded: Tensor, durations: Tensor, *, n_frames: int | None = None) -> Tensor:
        """Repeat encoded tokens (B, N, D) for their frames, and decode them to (B, M, T)."""
        r, lengths = self.config.frames_per_step, durations.sum(dim=1)
        n_frames = n_frames or int(lengths.max())
        n_steps = -(-n_frames // r)  # rounded up
        frames = repeat_by_durations(encoded, durations, n_frames=n_steps * r)
        steps = frames.unflatten(1, (n_steps, r)).mean(dim=2)  # (B, S, D)
        mask = valid_mask(-(-lengths // r), max_length=n_steps)
        mel = self.decode_steps(steps, mask)[:, :, :n_frames]
        return mel * valid_mask(lengths, max_length=n_frames)[:, None]

    def decode_steps(self, steps: Tensor, mask: Tensor) -> Tensor:
        """Decode steps (B, S, D) into a mel (B, M, S * r); mask (B, S) is True at real steps."""
        said = self.decoder(steps, mask)
        mel = convolve(said, self.projection.weight, self.projection.bias)  # (B, S, r * M)
        mel = mel.reshape(len(mel), -1, self.config.n_mels).transpose(1, 2)
        if self.postnet is not None:
            real = mask.repeat_interleave(self.config.frames_per_step, dim=1)
            mel = mel + self.postnet(mel, real[:, None])
        return mel
