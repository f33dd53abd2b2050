"""Tacotron 2: token IDs in, a mel spectrogram out, step by step.

Paper: Shen et al. 2018, Natural TTS Synthesis by Conditioning WaveNet on Mel Spectrogram
Predictions, arXiv 1712.05884. Reference code: NVIDIA/tacotron2 and `torchaudio.models.Tacotron2`,
whose weights `models/published/tacotron2.py` reads into this class.

The same: every layer. Added, for small data: several frames per step (r, as in the first Tacotron),
forward attention (Zhang et al. 2018), frames hidden from the decoder, speakers, a window for the
attention; and masks that keep padding out of the convolutions.
Different: the decoder LSTM feeds nothing back to the attention, so with teacher forcing it runs
once over the whole sequence; its dropout is on its output, not on its recurrent state.

Shapes: B batch, N tokens, T frames, S = T / r decoder steps, M mel bands, E width of the encoder,
A width of the attention LSTM.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ttslib.nn.attention import AttentionMemory, AttentionState, LocationSensitiveAttention
from ttslib.nn.deferred import defer_weight_gradient
from ttslib.nn.masking import valid_mask
from ttslib.nn.postnet import ConvolutionNorm, Postnet
from ttslib.nn.randomness import dropout, seeded, uniform
from ttslib.records import GeneratedMel

__all__ = ["Tacotron2", "Tacotron2Config", "tacotron2_published", "tacotron2_small"]


@dataclass(frozen=True, kw_only=True)
class Tacotron2Config:
    """The sizes of a Tacotron 2; the defaults are the paper's."""

    n_symbols: int  # number of different tokens
    n_mels: int = 80
    n_speakers: int = 1
    frames_per_step: int = 1  # r: frames that one decoder step produces
    encoder_dim: int = 512  # of the embedding, the convolutions and both LSTM directions together
    encoder_convolutions: int = 3
    encoder_kernel: int = 5
    prenet_dim: int = 256
    attention_rnn_dim: int = 1024
    attention_dim: int = 128
    location_filters: int = 32
    location_kernel: int = 31
    attention_advance: int | None = None  # most tokens that it may move in a step; None: any
    decoder_rnn_dim: int = 1024
    frame_dropout: float = 0.0  # share of frames hidden from the decoder, at inference, too
    rnn_dropout: float = 0.1
    convolution_dropout: float = 0.5  # in the encoder and the postnet
    postnet_dim: int = 512
    postnet_convolutions: int = 5
    postnet_kernel: int = 5


def tacotron2_published(*, n_symbols: int = 148, n_speakers: int = 1) -> Tacotron2Config:
    """Return the published size: 28,193,153 parameters with 148 symbols."""
    return Tacotron2Config(n_symbols=n_symbols, n_speakers=n_speakers)


def tacotron2_small(*, n_symbols: int, n_speakers: int = 1) -> Tacotron2Config:
    """Return the laptop's size: narrower layers, two frames per step, and forward attention."""
    return Tacotron2Config(
        n_symbols=n_symbols,
        n_speakers=n_speakers,
        frames_per_step=2,
        frame_dropout=0.2,
        encoder_dim=256,
        encoder_convolutions=2,
        prenet_dim=128,
        attention_rnn_dim=384,
        attention_dim=64,
        location_filters=16,
        location_kernel=15,
        attention_advance=2,  # word boundaries have no sound, so the attention may skip one
        decoder_rnn_dim=384,
        rnn_dropout=0.0,  # the prenet drops enough, and random numbers take time
        convolution_dropout=0.1,  # with so few channels, half would be too much
        postnet_dim=128,
    )


class Tacotron2Output(NamedTuple):
    """The output of teacher forcing; S steps of r frames each."""

    mel_before: Tensor  # (B, M, T) before the postnet
    mel: Tensor  # (B, M, T) after it
    gate: Tensor  # (B, S) logit: is this the last step?
    alignment: Tensor  # (B, S, N) attention weights


class Encoder(nn.Module):
    """Encode tokens in their context: embedding, convolutions, bidirectional LSTM."""

    def __init__(self, config: Tacotron2Config):
        super().__init__()
        width = config.encoder_dim
        self.embedding = nn.Embedding(config.n_symbols, width)
        nn.init.xavier_uniform_(self.embedding.weight)
        self.convolutions = nn.ModuleList(
            ConvolutionNorm(width, width, kernel_size=config.encoder_kernel, activation="relu")
            for _ in range(config.encoder_convolutions)
        )
        self.dropout = config.convolution_dropout
        self.lstm = nn.LSTM(width, width // 2, batch_first=True, bidirectional=True)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode tokens (B, N) into memory (B, N, E)."""
        mask = valid_mask(lengths, max_length=tokens.shape[1])[:, None]
        x = self.embedding(tokens).transpose(1, 2) * mask  # (B, E, N)
        for convolution in self.convolutions:
            x = F.dropout(F.relu(convolution(x)), self.dropout, self.training) * mask
        packed = pack_padded_sequence(
            x.transpose(1, 2), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        memory, _ = pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=tokens.shape[1]
        )
        return memory


class Prenet(nn.Module):
    """Two narrow layers with dropout, at inference too, so the decoder can't just copy frames."""

    def __init__(self, config: Tacotron2Config):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Linear(inputs, config.prenet_dim, bias=False)
            for inputs in (config.n_mels, config.prenet_dim)
        )
        for weight in self.layers.parameters():
            nn.init.xavier_uniform_(weight)

    def forward(self, frame: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Squeeze frames (..., M) to (..., prenet_dim)."""
        for layer in self.layers:
            frame = dropout(F.relu(layer(frame)), 0.5, generator=generator)
        return frame


class AttentionRnnState(NamedTuple):
    """The attention LSTM's hidden and cell state (B, A), and the attention's own state."""

    hidden: Tensor
    cell: Tensor
    attention: AttentionState


class Decoder(nn.Module):
    """Predict the next frames, and whether they are the last, by attending to the memory."""

    def __init__(self, config: Tacotron2Config):
        super().__init__()
        self.n_mels, self.frames_per_step = config.n_mels, config.frames_per_step
        self.frame_dropout, self.rnn_dropout = config.frame_dropout, config.rnn_dropout
        self.context_dim = config.encoder_dim
        self.prenet = Prenet(config)
        self.attention_rnn = nn.LSTMCell(
            config.prenet_dim + config.encoder_dim, config.attention_rnn_dim
        )
        self.attention = LocationSensitiveAttention(
            query_dim=config.attention_rnn_dim,
            memory_dim=config.encoder_dim,
            dim=config.attention_dim,
            filters=config.location_filters,
            kernel_size=config.location_kernel,
            advance=config.attention_advance,
        )
        self.rnn = nn.LSTM(config.attention_rnn_dim + config.encoder_dim, config.decoder_rnn_dim)
        features = config.decoder_rnn_dim + config.encoder_dim
        self.projection = nn.Linear(features, config.n_mels * config.frames_per_step)
        self.gate = nn.Linear(features, 1)
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.xavier_uniform_(self.gate.weight, gain=nn.init.calculate_gain("sigmoid"))

    def forward(
        self,
        memory: Tensor,
        mask: Tensor,
        mels: Tensor,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict every frame from the true frames before it (teacher forcing).

        Returns the mel (B, M, T), the gate's logits (B, S) and the alignment (B, S, N).
        """
        # 1. A step gets the last frame of the step before it; the first step gets zeros.
        frames = F.pad(mels[:, :, self.frames_per_step - 1 :: self.frames_per_step], (1, -1))
        gates = self.input_gates(frames.permute(2, 0, 1), generator)  # (S, B, 4 A)
        # 2. Only the attention needs a loop: each step starts where the last one attended.
        states = self._attend_all(gates, *self.start(memory, mask))
        hidden = torch.stack([state.hidden for state in states])  # (S, B, A)
        context = torch.stack([state.attention.context for state in states])  # (S, B, E)
        alignment = torch.stack([state.attention.weights for state in states], dim=1)  # (B, S, N)
        # 3. The decoder LSTM and the projections run over all steps at once.
        mel, gate, _ = self.speak(hidden, context)
        return mel, gate, alignment

    def input_gates(self, frames: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Compute the frames' part of the attention LSTM's gates: (..., M) to (..., 4 A)."""
        if generator is None:
            drawn = torch.rand(frames.shape[:-1], device=frames.device)
        else:
            drawn = uniform(frames.shape[:-1], generator=generator, device=frames.device)
        shown = frames * (drawn >= self.frame_dropout)[..., None]
        rnn, prenet = self.attention_rnn, self.prenet(shown, generator)
        return F.linear(prenet, rnn.weight_ih[:, : prenet.shape[-1]], rnn.bias_ih + rnn.bias_hh)

    def recurrent_weight(self) -> Tensor:
        """Return the weight (4 A, E + A) of the other part: the last context and hidden state."""
        rnn = self.attention_rnn
        context_weight = rnn.weight_ih[:, -self.context_dim :]
        return torch.cat([context_weight, rnn.weight_hh], dim=1)

    def start(self, memory: Tensor, mask: Tensor) -> tuple[AttentionMemory, AttentionRnnState]:
        """Prepare memory (B, N, E) for the loop; mask (B, N) is True at real tokens."""
        memory = memory.float()
        prepared, attention = self.attention.prepare(memory, mask=mask)
        zeros = memory.new_zeros(len(memory), self.attention_rnn.hidden_size)
        return prepared, AttentionRnnState(zeros, zeros, attention)

    def attend(
        self, gates: Tensor, memory: AttentionMemory, state: AttentionRnnState
    ) -> AttentionRnnState:
        """Do one step: update the LSTM by its four gates (B, 4 A), then attend to the tokens."""
        enter, forget, content, leave = gates.chunk(4, dim=1)
        cell = forget.sigmoid() * state.cell + enter.sigmoid() * content.tanh()
        hidden = F.dropout(leave.sigmoid() * cell.tanh(), self.rnn_dropout, self.training)
        return AttentionRnnState(hidden, cell, self.attention(hidden, memory, state.attention))

    def _attend_all(
        self, input_gates: Tensor, memory: AttentionMemory, state: AttentionRnnState
    ) -> list[AttentionRnnState]:
        """Run the loop of teacher forcing over input gates (S, B, 4 A), and return every state."""
        weight = self.recurrent_weight()
        seen: list[Tensor] = []
        states: list[AttentionRnnState] = []
        input_gates = defer_weight_gradient(input_gates.float(), weight=weight, seen=seen)
        # Autocast would cast the weight at every step, and only the large product profits from it.
        device = input_gates.device.type
        autocast = torch.is_autocast_enabled(device)
        dtype = torch.get_autocast_dtype(device) if autocast else weight.dtype
        fixed = weight.detach().T.to(dtype, memory_format=torch.contiguous_format)
        with torch.autocast(device, enabled=False):
            for gates in input_gates.unbind(0):
                recurrent = torch.cat([state.attention.context, state.hidden], dim=1).to(dtype)
                seen.append(recurrent.detach())  # (B, E + A)
                state = self.attend(gates + recurrent @ fixed, memory, state)
                states.append(state)
        return states

    def generate(
        self,
        memory: Tensor,
        mask: Tensor,
        *,
        max_steps: int,
        gate_threshold: float,
        attention_window: int | None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run until every gate has fired: mel (B, M, T), lengths, alignment (B, T, N), stopped."""
        prepared, state = self.start(memory, mask)
        weight = self.recurrent_weight().T.contiguous()
        frame, rnn_state = memory.new_zeros(len(memory), self.n_mels), None
        stopped = torch.zeros(len(memory), dtype=torch.bool, device=memory.device)
        steps = torch.zeros(len(memory), dtype=torch.int64, device=memory.device)
        mels: list[Tensor] = []
        alignments: list[Tensor] = []
        while len(mels) < max_steps and not stopped.all():
            recurrent = torch.cat([state.attention.context, state.hidden], dim=1)
            gates = torch.addmm(self.input_gates(frame, generator), recurrent, weight)
            if attention_window is not None:
                prepared = prepared.near(state.attention, attention_window, ~mask)
            state = self.attend(gates, prepared, state)
            mel, gate, rnn_state = self.speak(
                state.hidden[None], state.attention.context[None], rnn_state
            )
            frame = mel[:, :, -1]
            mels.append(mel)
            alignments.append(state.attention.weights)
            steps += ~stopped
            stopped = stopped | (gate[:, 0].sigmoid() > gate_threshold)
        alignment = torch.stack(alignments, dim=1).repeat_interleave(self.frames_per_step, dim=1)
        return torch.cat(mels, dim=2), steps * self.frames_per_step, alignment, stopped

    def speak(
        self, hidden: Tensor, context: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Turn the attention LSTM's output (S, B, A) and contexts (S, B, E) into frames.

        Returns mel (B, M, S * r), gate logits (B, S) and the decoder LSTM's state.
        """
        output, state = self.rnn(torch.cat([hidden, context], dim=2), state)
        output = F.dropout(output, self.rnn_dropout, self.training)
        features = torch.cat([output, context], dim=2).transpose(0, 1)  # (B, S, A + E)
        mel = self.projection(features).unflatten(2, (self.frames_per_step, self.n_mels))
        return mel.flatten(1, 2).transpose(1, 2), self.gate(features).squeeze(2), state


class Tacotron2(nn.Module):
    """The whole model: encoder, attending decoder, postnet.

    Parameters
    ----------
    config : Tacotron2Config

    References
    ----------
    Shen et al. 2018, arXiv 1712.05884.

    Taught in: notebooks/04_tacotron
    """

    needs_generator = True  # its prenet has dropout at inference, too

    def __init__(self, config: Tacotron2Config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.postnet = Postnet(
            n_mels=config.n_mels,
            dim=config.postnet_dim,
            convolutions=config.postnet_convolutions,
            kernel_size=config.postnet_kernel,
            dropout=config.convolution_dropout,
        )
        self.speaker = (
            nn.Embedding(config.n_speakers, config.encoder_dim) if config.n_speakers > 1 else None
        )

    def forward(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        mels: Tensor,
        mel_lengths: Tensor,
        *,
        speakers: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tacotron2Output:
        """Predict each frame from the true ones before it (teacher forcing).

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        mels : (B, M, T) float
            T must be a multiple of `config.frames_per_step`; pad with zeros.
        mel_lengths : (B,) int64
        speakers : (B,) int64, optional
            Needed when the config has several speakers.
        generator : torch.Generator, optional
            Of the prenet's dropout, which is active at inference, too. None draws from torch's
            global state, as all dropout does in training.

        Raises
        ------
        ValueError
            When T is no multiple of r, or speakers are missing.
        """
        if mels.shape[2] % self.config.frames_per_step:
            raise ValueError(
                f"mels have {mels.shape[2]} frames, no multiple of frames_per_step="
                f"{self.config.frames_per_step}; pad them at the end"
            )
        memory = self.encode(tokens, token_lengths, speakers)
        mask = valid_mask(token_lengths, max_length=tokens.shape[1])
        mel_before, gate, alignment = self.decoder(memory, mask, mels, generator)
        frames = valid_mask(mel_lengths, max_length=mels.shape[2])[:, None]
        mel = mel_before + self.postnet(mel_before, frames)
        return Tacotron2Output(mel_before, mel, gate, alignment)

    def encode(self, tokens: Tensor, token_lengths: Tensor, speakers: Tensor | None) -> Tensor:
        """Encode tokens into the memory (B, N, E), with the speaker added to every token."""
        memory = self.encoder(tokens, token_lengths)
        if self.speaker is None:
            return memory
        if speakers is None:
            raise ValueError(
                f"this model has {self.config.n_speakers} speakers; pass speakers (B,), "
                f"each 0..{self.config.n_speakers - 1}"
            )
        return memory + self.speaker(speakers)[:, None]

    @torch.no_grad()
    def generate(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        *,
        speakers: Tensor | None = None,
        max_frames: int = 1000,
        gate_threshold: float = 0.5,
        attention_window: int | None = None,
        generator: torch.Generator | None = None,
    ) -> GeneratedMel:
        """Generate a mel: each step depends only on frames that the model itself has generated.

        Parameters
        ----------
        tokens : (B, N) int64
        token_lengths : (B,) int64
        speakers : (B,) int64, optional
        max_frames : int
            Longest mel, rounded up to whole steps; a sentence that reaches it has `stopped`
            False.
        gate_threshold : float in 0..1
            A step whose gate's probability is above this is the last.
        attention_window : int, optional
            Keep the attention within this many tokens of where it was, which helps with sentences
            longer than those of the training data. None doesn't restrict it.
        generator : torch.Generator, optional
            Of the prenet's dropout; a new one with seed 0 when not given.

        Raises
        ------
        ValueError
            When speakers are missing, `max_frames` is below 1 or `attention_window` below 0.
        """
        if max_frames < 1:
            raise ValueError(f"max_frames must be at least 1, got {max_frames}")
        if attention_window is not None and attention_window < 0:
            raise ValueError(f"attention_window must be 0 or more, or None; got {attention_window}")
        memory = self.encode(tokens, token_lengths, speakers)
        mask = valid_mask(token_lengths, max_length=tokens.shape[1])
        mel, lengths, alignment, stopped = self.decoder.generate(
            memory,
            mask,
            max_steps=-(-max_frames // self.config.frames_per_step),
            gate_threshold=gate_threshold,
            attention_window=attention_window,
            generator=generator or seeded(0, device=tokens.device),
        )
        frames = valid_mask(lengths, max_length=mel.shape[2])[:, None]
        mel = (mel + self.postnet(mel, frames)) * frames
        return GeneratedMel(mel, lengths, alignment, stopped)
