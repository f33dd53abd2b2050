"""Text to tokens with durations, pitch and energy: the first half of FastSpeech 2 and Matcha-TTS.

Paper: Ren et al. 2020, FastSpeech 2: Fast and High-Quality End-to-End Text to Speech, arXiv
2006.04558. `models/fastspeech2.py` names the reference code and what differs.

Shapes: B batch, N tokens, T frames, M mel bands, D width.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.models.aligner import Aligner, AlignerOutput
from ttslib.nn.convolve import convolve
from ttslib.nn.durations import mean_by_durations, repeat_by_durations
from ttslib.nn.masking import valid_mask
from ttslib.nn.transformer import FeedForwardTransformer, TransformerStack
from ttslib.records import GeneratedMel

__all__ = ["ProsodyEncoder", "ProsodyEncoderConfig", "VariancePredictor", "transformer"]


@dataclass(frozen=True, kw_only=True)
class ProsodyEncoderConfig:
    """The sizes of a prosody encoder; the defaults are FastSpeech 2's."""

    n_symbols: int  # number of different tokens
    n_mels: int = 80
    n_speakers: int = 1
    dim: int = 256  # D
    heads: int = 2
    encoder_blocks: int = 4
    filter_dim: int = 1024  # between a block's two convolutions
    kernel_size: int = 9  # of a block's first convolution
    second_kernel_size: int = 1  # of its second
    dropout: float = 0.2
    predictor_dim: int = 256
    predictor_kernel: int = 3
    predictor_dropout: float = 0.5
    lengthen: float = 1.0  # factor of predicted durations in synthesis, see `ProsodyEncoder.frames`
    pitch: bool = True  # False for both: the first FastSpeech
    energy: bool = True
    prosody_kernel: int = 9  # of the convolution that embeds pitch and energy
    aligner_dim: int = 256  # 0: durations must be given


class Shown(NamedTuple):
    """A recording's tokens with its durations, pitch and energy, and the predictions of these."""

    encoded: Tensor  # (B, N, D) with the recording's pitch and energy
    log_durations: Tensor  # (B, N) predicted, log(1 + frames)
    pitch: Tensor | None  # (B, N) predicted
    energy: Tensor | None  # (B, N) predicted
    durations: Tensor  # (B, N) int64 that were used
    pitch_shown: Tensor | None  # (B, N) the recording's
    energy_shown: Tensor | None  # (B, N)
    aligned: AlignerOutput | None  # None where durations were given


class Planned(NamedTuple):
    """Tokens with predicted durations, pitch and energy, ready to be repeated."""

    encoded: Tensor  # (B, N, D)
    durations: Tensor  # (B, N) int64, cut at the longest length
    lengths: Tensor  # (B,) int64, in frames
    stopped: Tensor  # (B,) bool: nothing was cut
    prosody: dict[str, Tensor]  # "pitch" and "energy" (B, N), as far as the model has them

    def generated(self, mel: Tensor) -> GeneratedMel:
        """Return a decoded mel (B, M, T) together with this plan."""
        tokens = self.durations.shape[1]
        one_hot = torch.eye(tokens, device=mel.device).expand(len(mel), -1, -1)
        alignment = repeat_by_durations(one_hot, self.durations)  # (B, T, N)
        return GeneratedMel(mel, self.lengths, alignment, self.stopped, **self.prosody)


class VariancePredictor(nn.Module):
    """Two convolutions and a projection: one number for each token."""

    def __init__(self, config: ProsodyEncoderConfig):
        super().__init__()
        kernel, width = config.predictor_kernel, config.predictor_dim
        self.convolutions = nn.ModuleList(
            nn.Conv1d(inputs, width, kernel, padding=kernel // 2) for inputs in (config.dim, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in self.convolutions)
        self.dropout = nn.Dropout(config.predictor_dropout)
        self.projection = nn.Linear(width, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map x (B, N, D) to (B, N), 0 at padding; mask (B, N) is True at real tokens."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            assert isinstance(convolution, nn.Conv1d)
            x = convolve(x * mask[..., None], convolution.weight, convolution.bias)  # (B, N, width)
            x = self.dropout(norm(F.relu(x)))
        return self.projection(x).squeeze(2) * mask


class ProsodyPart(nn.Module):
    """Pitch or energy: its predictor, and its embedding."""

    def __init__(self, config: ProsodyEncoderConfig):
        super().__init__()
        kernel = config.prosody_kernel
        self.predictor = VariancePredictor(config)
        self.embedding = nn.Conv1d(1, config.dim, kernel, padding=kernel // 2)

    def embed(self, values: Tensor) -> Tensor:
        """Embed one number per token: (B, N) to (B, N, D)."""
        return convolve(values[..., None], self.embedding.weight, self.embedding.bias)


class ProsodyEncoder(nn.Module):
    """Encode tokens and decide their durations, pitch and energy.

    Parameters
    ----------
    config : ProsodyEncoderConfig

    References
    ----------
    Ren et al. 2020, arXiv 2006.04558, section 2.2.

    Taught in: notebooks/09_fastspeech
    """

    def __init__(self, config: ProsodyEncoderConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.n_symbols, config.dim)
        self.speaker = (
            nn.Embedding(config.n_speakers, config.dim) if config.n_speakers > 1 else None
        )
        self.encoder = transformer(config, blocks=config.encoder_blocks)
        self.duration = VariancePredictor(config)
        self.pitch = ProsodyPart(config) if config.pitch else None
        self.energy = ProsodyPart(config) if config.energy else None
        self.aligner = (
            Aligner(n_symbols=config.n_symbols, n_mels=config.n_mels, dim=config.aligner_dim)
            if config.aligner_dim
            else None
        )

    def show(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        mels: Tensor,
        mel_lengths: Tensor,
        *,
        pitch: Tensor | None,
        energy: Tensor | None,
        speakers: Tensor | None,
        durations: Tensor | None,
    ) -> Shown:
        """Encode tokens with a recording's own durations, pitch and energy, and predict these, too.

        Takes what `FastSpeech2.forward` takes, and raises what it raises.
        """
        encoded, mask = self.encode(tokens, token_lengths, speakers)
        aligned = None
        if durations is None:
            aligned = self.align(tokens, token_lengths, mels, mel_lengths)
            durations = aligned.durations
        _require_fitting(durations, tokens, token_lengths, mel_lengths)
        log_durations = self.duration(encoded, mask)
        said_pitch, shown_pitch, encoded = self._adapt("pitch", pitch, encoded, mask, durations)
        said_energy, shown_energy, encoded = self._adapt("energy", energy, encoded, mask, durations)
        return Shown(
            encoded, log_durations, said_pitch, said_energy,
            durations, shown_pitch, shown_energy, aligned,
        )  # fmt: skip

    @torch.no_grad()
    def plan(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        *,
        speakers: Tensor | None = None,
        max_frames: int = 1000,
        speed: float | Tensor = 1.0,
        pitch_shift: float | Tensor = 0.0,
        energy_shift: float | Tensor = 0.0,
    ) -> Planned:
        """Predict durations, pitch and energy, and change them as asked.

        Takes what `FastSpeech2.generate` takes, and raises what it raises.
        """
        if max_frames < 1:
            raise ValueError(f"max_frames must be at least 1, got {max_frames}")
        speed = torch.as_tensor(speed, dtype=torch.float32, device=tokens.device)
        if not (speed > 0).all():
            raise ValueError(f"speed must be above 0, got {float(speed.min())}; 1 is the usual")
        encoded, mask = self.encode(tokens, token_lengths, speakers)
        frames = self.frames(encoded, mask) / speed
        durations = frames.round().clamp(min=1, max=max_frames).long() * mask
        said = {}
        for name, shift in (("pitch", pitch_shift), ("energy", energy_shift)):
            part = getattr(self, name)
            if part is not None:
                said[name] = (part.predictor(encoded, mask) + shift) * mask
                encoded = encoded + part.embed(said[name])
        stopped = durations.sum(dim=1) <= max_frames
        ends = durations.cumsum(dim=1).clamp(max=max_frames)
        durations = ends.diff(dim=1, prepend=ends.new_zeros(len(ends), 1))
        return Planned(encoded, durations, ends[:, -1], stopped, said)

    def encode(
        self, tokens: Tensor, token_lengths: Tensor, speakers: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Encode tokens in their context, (B, N, D), and return the mask (B, N) of the real ones.

        The speaker is added to every token.
        """
        if token_lengths.device.type == "cpu" and not (token_lengths > 0).all():
            raise ValueError("a text has no tokens; give each at least one")
        mask = valid_mask(token_lengths, max_length=tokens.shape[1])
        encoded = self.encoder(self.embedding(tokens) * mask[..., None], mask)
        if self.speaker is None:
            return encoded, mask
        if speakers is None:
            raise ValueError(
                f"this model has {self.config.n_speakers} speakers; pass speakers (B,), "
                f"each 0..{self.config.n_speakers - 1}"
            )
        known = (speakers >= 0) & (speakers < self.config.n_speakers)
        if speakers.device.type == "cpu" and not known.all():
            raise ValueError(
                f"speakers are {speakers.tolist()}, but this model has "
                f"0..{self.config.n_speakers - 1}"
            )
        return encoded + self.speaker(speakers)[:, None] * mask[..., None], mask

    def frames(self, encoded: Tensor, mask: Tensor) -> Tensor:
        """Predict durations (B, N) in frames, before they are rounded.

        The predictor learned the mean of their logarithms. The exponential of that is the geometric
        mean, which is below the mean wherever durations vary: a voice that takes it as it is
        hurries. `lengthen` corrects that; for logarithms with variance v, the factor is exp(v / 2).
        """
        return self.config.lengthen * (self.duration(encoded, mask).exp() - 1)

    def align(
        self, tokens: Tensor, token_lengths: Tensor, mels: Tensor, mel_lengths: Tensor
    ) -> AlignerOutput:
        """Align tokens with normalized mels, by the model's own aligner.

        Raises
        ------
        ValueError
            When it has none, or a clip has fewer frames than tokens.
        """
        if self.aligner is None:
            raise ValueError("this model has no aligner (aligner_dim=0); pass durations")
        return self.aligner(tokens, token_lengths, mels, mel_lengths)

    def _adapt(
        self, name: str, of_frames: Tensor | None, encoded: Tensor, mask: Tensor, durations: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor]:
        """Predict pitch or energy from the text, and add the recording's to the encoded tokens."""
        part = getattr(self, name)
        if part is None:
            return None, None, encoded
        if of_frames is None:
            raise ValueError(f"this model is conditioned on {name}; pass {name} (B, T)")
        shown = mean_by_durations(of_frames, durations)
        return part.predictor(encoded, mask), shown, encoded + part.embed(shown)


def transformer(config: ProsodyEncoderConfig, *, blocks: int) -> TransformerStack:
    """Build the feed-forward Transformer blocks of an encoder or a decoder."""
    return TransformerStack(
        FeedForwardTransformer(
            dim=config.dim,
            heads=config.heads,
            filter_dim=config.filter_dim,
            kernel_size=config.kernel_size,
            second_kernel_size=config.second_kernel_size,
            dropout=config.dropout,
        )
        for _ in range(blocks)
    )


def _require_fitting(
    durations: Tensor, tokens: Tensor, token_lengths: Tensor, mel_lengths: Tensor
) -> None:
    if durations.shape != tokens.shape:
        raise ValueError(
            f"durations have shape {tuple(durations.shape)} for tokens {tuple(tokens.shape)}; "
            "give one for each token"
        )
    if durations.is_floating_point():
        raise ValueError(f"durations are whole frames, 0 or more; got {durations.dtype}")
    if durations.device.type != "cpu":
        return  # checking numbers on another device would make the CPU wait
    if (durations < 0).any():
        raise ValueError(f"durations are whole frames, 0 or more; got {int(durations.min())}")
    wrong = (durations.sum(dim=1) != mel_lengths).nonzero().flatten().tolist()
    if wrong:
        clip = wrong[0]
        raise ValueError(
            f"the durations of clip {clip} sum to {int(durations[clip].sum())} frames, but its mel "
            f"has {int(mel_lengths[clip])}; compute both with one AudioConfig"
        )
    if durations[~valid_mask(token_lengths, max_length=tokens.shape[1])].any():
        raise ValueError("durations must be 0 where tokens are padding; check token_lengths")
