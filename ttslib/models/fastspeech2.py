"""FastSpeech 2: token IDs in, a mel spectrogram out, all frames at once.

Papers: Ren et al. 2020, FastSpeech 2: Fast and High-Quality End-to-End Text to Speech, arXiv
2006.04558; Ren et al. 2019, FastSpeech, arXiv 1905.09263, which is the same model without pitch
and energy (`pitch=False, energy=False`). Reference code: ming024/FastSpeech2, espnet.

The same: feed-forward Transformer blocks, length regulator, the three predictors.
Different: pitch and energy are one number a token and enter through a convolution (as in FastPitch,
arXiv 2006.06873), not one of 256 steps a frame; pitch is a contour, not its wavelet spectrum.
Added: an aligner that finds the durations while the model learns (`models/aligner.py`), speakers,
the postnet of Tacotron 2, which the reference code has and the paper has not, and decoder steps of
several frames, as Tacotron's (espnet's `reduction_factor`).

Shapes: B batch, N tokens, T frames, M mel bands, D width, S = ceil(T / r) decoder steps of r
frames each, L length (N or S).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttslib.models.aligner import Aligner, AlignerOutput
from ttslib.nn.convolve import convolve, lay_out_for_convolve
from ttslib.nn.durations import mean_by_durations, repeat_by_durations
from ttslib.nn.masking import valid_mask
from ttslib.nn.postnet import Postnet
from ttslib.nn.transformer import FeedForwardTransformer, TransformerStack
from ttslib.records import GeneratedMel

__all__ = ["FastSpeech2", "FastSpeech2Config", "fastspeech2_published", "fastspeech2_small"]


@dataclass(frozen=True, kw_only=True)
class FastSpeech2Config:
    """The sizes of a FastSpeech 2; the defaults are the paper's."""

    n_symbols: int  # how many different tokens there are
    n_mels: int = 80
    n_speakers: int = 1
    frames_per_step: int = 1  # r: frames that one step of the decoder gives
    dim: int = 256  # D
    heads: int = 2
    encoder_blocks: int = 4
    decoder_blocks: int = 4
    filter_dim: int = 1024  # between a block's two convolutions
    kernel_size: int = 9  # of a block's first convolution
    second_kernel_size: int = 1  # of its second
    dropout: float = 0.2
    predictor_dim: int = 256
    predictor_kernel: int = 3
    predictor_dropout: float = 0.5
    pitch: bool = True  # False for both: the first FastSpeech
    energy: bool = True
    prosody_kernel: int = 9  # of the convolution through which pitch and energy enter
    postnet_dim: int = 0  # 0: no postnet
    aligner_dim: int = 256  # 0: durations must be given


def fastspeech2_published(*, n_symbols: int, n_speakers: int = 1) -> FastSpeech2Config:
    """The published size."""
    return FastSpeech2Config(n_symbols=n_symbols, n_speakers=n_speakers)


def fastspeech2_small(*, n_symbols: int, n_speakers: int = 1) -> FastSpeech2Config:
    """The laptop's size: narrower, and two frames a step, as `tacotron2_small`.

    More blocks for the tokens than for the steps, of which there are three times as many.
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
    """What the model makes of a clip when it is shown the clip's durations, pitch and energy."""

    mel: Tensor  # (B, M, T)
    log_durations: Tensor  # (B, N) predicted, log(1 + frames)
    pitch: Tensor | None  # (B, N) predicted
    energy: Tensor | None  # (B, N) predicted
    durations: Tensor  # (B, N) int64 that were used
    pitch_shown: Tensor | None  # (B, N) what the predictors should have said
    energy_shown: Tensor | None  # (B, N)
    aligned: AlignerOutput | None  # None where durations were given


class VariancePredictor(nn.Module):
    """Two convolutions and a projection: one number for each token."""

    def __init__(self, config: FastSpeech2Config):
        super().__init__()
        kernel, width = config.predictor_kernel, config.predictor_dim
        self.convolutions = nn.ModuleList(
            nn.Conv1d(inputs, width, kernel, padding=kernel // 2) for inputs in (config.dim, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in self.convolutions)
        self.dropout = nn.Dropout(config.predictor_dropout)
        self.projection = nn.Linear(width, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """X (B, N, D), mask (B, N) -> (B, N), 0 at padding."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = convolve(x * mask[..., None], convolution.weight, convolution.bias)  # (B, N, width)
            x = self.dropout(norm(F.relu(x)))
        return self.projection(x).squeeze(2) * mask


class ProsodyPart(nn.Module):
    """Pitch or energy: what predicts it from the text, and the way in which it is then heard."""

    def __init__(self, config: FastSpeech2Config):
        super().__init__()
        kernel = config.prosody_kernel
        self.predictor = VariancePredictor(config)
        self.embedding = nn.Conv1d(1, config.dim, kernel, padding=kernel // 2)

    def embed(self, values: Tensor) -> Tensor:
        """One number for each token, (B, N) -> (B, N, D)."""
        return convolve(values[..., None], self.embedding.weight, self.embedding.bias)


class FastSpeech2(nn.Module):
    """The whole model: encoder, variance adaptor, length regulator, decoder.

    Parameters
    ----------
    config : FastSpeech2Config

    References
    ----------
    Ren et al. 2020, arXiv 2006.04558.

    Taught in: notebooks/09_fastspeech
    """

    def __init__(self, config: FastSpeech2Config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.n_symbols, config.dim)
        self.speaker = (
            nn.Embedding(config.n_speakers, config.dim) if config.n_speakers > 1 else None
        )
        self.encoder = _transformer(config, blocks=config.encoder_blocks)
        self.duration = VariancePredictor(config)
        self.pitch = ProsodyPart(config) if config.pitch else None
        self.energy = ProsodyPart(config) if config.energy else None
        self.decoder = _transformer(config, blocks=config.decoder_blocks)
        self.projection = nn.Linear(config.dim, config.frames_per_step * config.n_mels)
        self.aligner = (
            Aligner(n_symbols=config.n_symbols, n_mels=config.n_mels, dim=config.aligner_dim)
            if config.aligner_dim
            else None
        )
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
        """Say a recording's text with the recording's own durations, pitch and energy.

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
            In frames; None lets the aligner find them.

        Raises
        ------
        ValueError
            When a text is empty, durations are no whole frames that sum to the mels' lengths, or
            something needed is missing.
        """
        # 1. What is said, and by whom.
        encoded, mask = self.encode(tokens, token_lengths, speakers)
        # 2. How long each token is in the recording, and how high and loud.
        aligned = None
        if durations is None:
            aligned = self.align(tokens, token_lengths, mels, mel_lengths)
            durations = aligned.durations
        _require_fitting(durations, tokens, token_lengths, mel_lengths)
        # 3. The predictors learn that; the decoder is shown the truth.
        log_durations = self.duration(encoded, mask)
        said_pitch, shown_pitch, encoded = self._adapt("pitch", pitch, encoded, mask, durations)
        said_energy, shown_energy, encoded = self._adapt("energy", energy, encoded, mask, durations)
        # 4. Every token lasts as long as it should; then all frames at once.
        mel = self.decode(encoded, durations, max_frames=mels.shape[2])
        return FastSpeech2Output(
            mel, log_durations, said_pitch, said_energy,
            durations, shown_pitch, shown_energy, aligned,
        )  # fmt: skip

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
        """Speak: predict durations, pitch and energy, change them as asked, and decode.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        speakers : (B,) int64, optional
        max_frames : int
            A longer sentence is cut there, before it is decoded, and comes back with `stopped`
            False.
        speed : float or (B, N)
            2 is twice as fast; above 0.
        pitch_shift, energy_shift : float or (B, N)
            Added to what is predicted, in standard deviations of the speaker's own.

        Raises
        ------
        ValueError
            When a text is empty, speakers are missing or don't exist, `max_frames` is below 1 or
            a speed is not above 0.
        """
        if max_frames < 1:
            raise ValueError(f"max_frames must be at least 1, got {max_frames}")
        speed = torch.as_tensor(speed, dtype=torch.float32, device=tokens.device)
        if not (speed > 0).all():
            raise ValueError(f"speed must be above 0, got {float(speed.min())}; 1 is the usual")
        encoded, mask = self.encode(tokens, token_lengths, speakers)
        frames = (self.duration(encoded, mask).exp() - 1) / speed
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
        mel = self.decode(encoded, durations)
        one_hot = torch.eye(tokens.shape[1], device=tokens.device).expand(len(tokens), -1, -1)
        alignment = repeat_by_durations(one_hot, durations)  # (B, T, N)
        return GeneratedMel(mel, ends[:, -1], alignment, stopped, **said)

    def encode(
        self, tokens: Tensor, token_lengths: Tensor, speakers: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """What each token means where it stands, (B, N, D), and the mask (B, N) of the real ones.

        The speaker is added to every token.
        """
        if not (token_lengths > 0).all():
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
        if not ((speakers >= 0) & (speakers < self.config.n_speakers)).all():
            raise ValueError(
                f"speakers are {speakers.tolist()}, but this model has "
                f"0..{self.config.n_speakers - 1}"
            )
        return encoded + self.speaker(speakers)[:, None] * mask[..., None], mask

    def decode(
        self, encoded: Tensor, durations: Tensor, *, max_frames: int | None = None
    ) -> Tensor:
        """Encoded tokens (B, N, D), each repeated for its frames -> mel (B, M, T), 0 at padding."""
        r, lengths = self.config.frames_per_step, durations.sum(dim=1)
        frames = repeat_by_durations(encoded, durations)
        n_frames = max_frames or frames.shape[1]  # a batch may be padded beyond its longest clip
        n_steps = -(-n_frames // r)  # rounded up
        frames = F.pad(frames, (0, 0, 0, n_steps * r - frames.shape[1]))
        steps = frames.unflatten(1, (n_steps, r)).mean(dim=2)  # (B, S, D)
        mask = valid_mask(-(-lengths // r), max_length=n_steps)
        mel = self.decode_steps(steps, mask)[:, :, :n_frames]
        return mel * valid_mask(lengths, max_length=n_frames)[:, None]

    def decode_steps(self, steps: Tensor, mask: Tensor) -> Tensor:
        """What each step's frames mean together (B, S, D), mask (B, S) -> mel (B, M, S * r)."""
        said = self.decoder(steps, mask)
        mel = convolve(said, self.projection.weight, self.projection.bias)  # (B, S, r * M)
        mel = mel.reshape(len(mel), -1, self.config.n_mels).transpose(1, 2)
        if self.postnet is not None:
            real = mask.repeat_interleave(self.config.frames_per_step, dim=1)
            mel = mel + self.postnet(mel, real[:, None])
        return mel

    def align(
        self, tokens: Tensor, token_lengths: Tensor, mels: Tensor, mel_lengths: Tensor
    ) -> AlignerOutput:
        """What the model's own aligner finds, for normalized mels.

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
        """Predict pitch or energy from the text, and show the recording's to what follows."""
        part = getattr(self, name)
        if part is None:
            return None, None, encoded
        if of_frames is None:
            raise ValueError(f"this model hears {name}; pass {name} (B, T)")
        shown = mean_by_durations(of_frames, durations)
        return part.predictor(encoded, mask), shown, encoded + part.embed(shown)


def _transformer(config: FastSpeech2Config, *, blocks: int) -> TransformerStack:
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
    if durations.is_floating_point() or (durations < 0).any():
        raise ValueError(
            f"durations are whole frames, 0 or more; got {durations.dtype} from "
            f"{float(durations.min()):g} on"
        )
    wrong = (durations.sum(dim=1) != mel_lengths).nonzero().flatten().tolist()
    if wrong:
        clip = wrong[0]
        raise ValueError(
            f"the durations of clip {clip} sum to {int(durations[clip].sum())} frames, but its mel "
            f"has {int(mel_lengths[clip])}; compute both with one AudioConfig"
        )
    if durations[~valid_mask(token_lengths, max_length=tokens.shape[1])].any():
        raise ValueError("durations must be 0 where tokens are padding; check token_lengths")
