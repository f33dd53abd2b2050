"""Text of any length to sound: sentences to tokens to mels to waveforms, joined by pauses.

Shapes: B batch, N tokens, T frames, M mel bands, S samples.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple, overload

import torch
from torch import Tensor, nn

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.config import AudioConfig
from ttslib.models.matcha import Matcha
from ttslib.nn.masking import valid_mask
from ttslib.nn.randomness import generator_argument, seeded
from ttslib.records import GeneratedMel
from ttslib.synthesis.contracts import AcousticModel, Vocoder
from ttslib.synthesis.manner import Manner, Piece
from ttslib.synthesis.silence import warn_if_silent
from ttslib.synthesis.speech import Speech
from ttslib.synthesis.streaming import FIRST_FRAMES, growing, stream_sound
from ttslib.text.sentences import SENTENCE_MARKS, split_sentences
from ttslib.text.tokenizers import Tokenizer, UnspeakableError

__all__ = ["Synthesizer"]


class _Request(NamedTuple):
    """The settings for speaking pieces."""

    speaker: int
    manner: Manner
    max_seconds: float
    generator: torch.Generator  # of the acoustic model, then of the vocoder


class _Spoken(NamedTuple):
    """A spoken piece, on the CPU."""

    waveform: Tensor  # (S,)
    mel: Tensor  # (M, T)
    alignment: Tensor  # (T, N)
    stopped: bool
    pitch: Tensor | None  # (N,) Hz
    energy: Tensor | None  # (N,)


class Synthesizer:
    """A tokenizer, an acoustic model and a vocoder that fit together: call it with a text.

    Parameters
    ----------
    tokenizer
        The one that the acoustic model was trained with.
    acoustic
        Turns tokens into (normalized) mels.
    vocoder
        Turns log-mels into waveforms.
    audio
        The mel that the acoustic model was trained on.
    normalizer
        Turns the acoustic model's mels into log-mels; None if they are log-mels.
    prosody
        The speakers' mean pitch and energy, for an acoustic model that can change them.
    speakers
        The names, in the order of the acoustic model's speaker embedding.
    max_characters
        Longer sentences are cut at a clause, since a model can only speak sentences about as long
        as those it was trained on.
    pause_seconds
        Between two sentences; half as long between two parts of one.
    batch_size
        Number of sentences to speak at once.

    Raises
    ------
    ValueError
        If the vocoder takes other mels.

    Taught in: notebooks/07_inference
    """

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        acoustic: AcousticModel | Matcha,
        vocoder: Vocoder,
        audio: AudioConfig,
        normalizer: MelNormalizer | None = None,
        prosody: ProsodyNormalizer | None = None,
        speakers: Sequence[str] = (),
        max_characters: int = 100,
        pause_seconds: float = 0.25,
        batch_size: int = 8,
    ):
        audio.require_same(vocoder.audio, ours="the acoustic model", theirs="the vocoder")
        self.tokenizer = tokenizer
        self.acoustic = acoustic
        self.vocoder = vocoder
        self.audio = audio
        self.normalizer = normalizer
        self.prosody = prosody
        self.speakers = tuple(speakers)
        self.max_characters = max_characters
        self.pause_seconds = pause_seconds
        self.batch_size = batch_size

    @overload
    def __call__(
        self, text: str, *, speaker: str | None = None, speed: float = 1.0, pitch: float = 1.0,
        energy: float = 1.0, emphasis: Mapping[int, float] | None = None,
        token_factors: Tensor | None = None, max_seconds: float = 15.0, seed: int | None = 0,
    ) -> Speech: ...  # fmt: skip
    @overload
    def __call__(
        self, text: list[str] | tuple[str, ...], *, speaker: str | None = None, speed: float = 1.0,
        pitch: float = 1.0, energy: float = 1.0, emphasis: Mapping[int, float] | None = None,
        token_factors: Tensor | None = None, max_seconds: float = 15.0, seed: int | None = 0,
    ) -> list[Speech]: ...  # fmt: skip
    def __call__(
        self,
        text: str | Sequence[str],
        *,
        speaker: str | None = None,
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        emphasis: Mapping[int, float] | None = None,
        token_factors: Tensor | None = None,
        max_seconds: float = 15.0,
        seed: int | None = 0,
    ) -> Speech | list[Speech]:
        """Speak a text, or several at once.

        Parameters
        ----------
        text
            Of any length; a list gives a list.
        speaker
            One of `speakers`; None is the first.
        speed, pitch, energy
            Relative to the usual: 2 is twice as fast, an octave higher, twice the magnitude. They
            need a FastSpeech 2 or a Matcha-TTS.
        emphasis
            `{3: 1.3}` stresses the fourth word: it is 1.3 times as long and as loud, and a little
            higher.
        token_factors : Tensor (3, N)
            Factors of every token's length, pitch and magnitude, on top of all that. N is the
            number of tokens of the whole text: `Speech.tokens`.
        max_seconds
            The longest that one sentence may take. A sentence that doesn't stop within it is cut,
            with a warning.
        seed
            Of all random numbers (of Tacotron 2's dropout, WaveNet's samples, WaveGlow's noise).
            The same seed gives the same sound; None gives another one at each call. torch's global
            random state is neither read nor changed.

        Raises
        ------
        ValueError
            If a text has nothing that can be spoken, the speaker or the emphasized word doesn't
            exist, a factor isn't above 0, there isn't one for every token, or the acoustic model
            can't change what is asked.
        """
        index = self._speaker_index(speaker)
        manner = Manner(speed, pitch, energy, emphasis or {}, token_factors)
        texts = [text] if isinstance(text, str) else list(text)
        pieces = [self._pieces(one) for one in texts]  # every text, before the first is spoken
        for some in pieces:
            self._require_able(manner, some)
        request = _Request(index, manner, max_seconds, seeded(seed, device=self.device))
        with torch.no_grad(), _evaluating(self.acoustic, self.vocoder):
            spoken = iter(self._speak([piece for some in pieces for piece in some], request))
        speeches = [
            self._join(one, some, [next(spoken) for _ in some])
            for one, some in zip(texts, pieces, strict=True)
        ]
        return speeches[0] if isinstance(text, str) else speeches

    def stream(
        self,
        text: str,
        *,
        speaker: str | None = None,
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        emphasis: Mapping[int, float] | None = None,
        token_factors: Tensor | None = None,
        max_seconds: float = 15.0,
        seed: int | None = 0,
    ) -> Iterator[Tensor]:
        """Speak a text piece by piece, each as soon as it is ready.

        Sentences are generated one by one, each in pieces that grow if the vocoder can stream.
        Joined, the pieces are the waveform that a call returns. Only for several sentences with
        Griffin-Lim, or with models that draw random numbers, does the sound differ from that of a
        call.

        Parameters
        ----------
        text, speaker, speed, pitch, energy, emphasis, token_factors, max_seconds, seed
            As when called.

        Yields
        ------
        Tensor (s,)

        Raises
        ------
        ValueError
            As when called, before the first piece.

        Taught in: notebooks/09_fastspeech
        """
        index = self._speaker_index(speaker)
        manner = Manner(speed, pitch, energy, emphasis or {}, token_factors)
        pieces = self._pieces(text)
        self._require_able(manner, pieces)
        request = _Request(index, manner, max_seconds, seeded(seed, device=self.device))
        return self._stream(pieces, request, seed)

    def _stream(
        self, pieces: Sequence[Piece], request: _Request, seed: int | None
    ) -> Iterator[Tensor]:
        hop = self.audio.hop_length
        for piece in pieces:
            request = request._replace(generator=seeded(seed, device=self.device))
            # No `with` may be open at a `yield`: it would apply to the caller, too.
            with torch.no_grad(), _evaluating(self.acoustic, self.vocoder):
                mels, length, stopped = self._mel_pieces(piece, request)
            if not stopped:
                _warn_of_cut(piece.text, request.max_seconds)
            sounds = stream_sound(
                self.vocoder, mels, samples=length * hop, generator=request.generator
            )
            peak = 0.0
            for sound in sounds:
                peak = max(peak, float(sound.abs().max()))
                yield sound
            warn_if_silent(peak, piece.text)
            if piece is not pieces[-1]:
                yield torch.zeros(self._pause(piece) * hop)

    @property
    def device(self) -> torch.device:
        """The acoustic model's device."""
        return next(self.acoustic.parameters()).device

    def _speaker_index(self, speaker: str | None) -> int:
        if speaker is None:
            return 0
        if speaker not in self.speakers:
            known = ", ".join(self.speakers) or "one without a name: leave speaker out"
            raise ValueError(f"speaker {speaker!r} doesn't exist; the voice has {known}")
        return self.speakers.index(speaker)

    def _require_able(self, manner: Manner, pieces: Sequence[Piece]) -> None:
        """Raise an error unless the voice can speak the pieces in this manner."""
        if self.prosody is None and not manner.as_usual:
            raise ValueError(
                "this voice can't change its speed, pitch, energy or emphasis; "
                "a FastSpeech 2 or a Matcha-TTS can"
            )
        manner.require_fitting(pieces)

    def _pieces(self, text: str) -> list[Piece]:
        """Cut a text into pieces to speak one at a time; drop what has no sound (`...`, emoji)."""
        pieces, reason = [], UnspeakableError("the text is empty; give it some words")
        space = self.tokenizer.symbols.index(" ") if " " in self.tokenizer.symbols else -1
        words = start = 0
        for sentence in split_sentences(text, max_characters=self.max_characters):
            try:
                tokens = torch.tensor(self.tokenizer.encode(sentence, close=True))
            except UnspeakableError as error:
                reason = error
                continue
            pieces.append(Piece(sentence, tokens, words + (tokens == space).cumsum(dim=0), start))
            words, start = int(pieces[-1].words[-1]) + 1, start + len(tokens)
        if not pieces:
            raise reason
        return pieces

    def _speak(self, pieces: Sequence[Piece], request: _Request) -> list[_Spoken]:
        """Speak pieces in batches of similar length, so that little is padded."""
        order = sorted(range(len(pieces)), key=lambda i: len(pieces[i].tokens))
        spoken: dict[int, _Spoken] = {}
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            results = self._speak_batch([pieces[i] for i in batch], request)
            spoken.update(zip(batch, results, strict=True))
        for i, piece in enumerate(pieces):
            if not spoken[i].stopped:
                _warn_of_cut(piece.text, request.max_seconds)
            warn_if_silent(float(spoken[i].waveform.abs().max()), piece.text)
        return [spoken[i] for i in range(len(pieces))]

    def _speak_batch(self, pieces: Sequence[Piece], request: _Request) -> list[_Spoken]:
        mels, generated = self._log_mels(pieces, request)
        waveforms = self.vocoder(mels, **generator_argument(self.vocoder, request.generator))
        plan = self._plan(generated, request.speaker)
        return [
            _Spoken(
                waveforms[i, : length * self.audio.hop_length].cpu(),
                mels[i, :, :length].cpu(),
                generated.alignment[i, :length, : len(piece.tokens)].cpu(),
                bool(generated.stopped[i]),
                *(None if some is None else some[i, : len(piece.tokens)].cpu() for some in plan),
            )
            for i, (piece, length) in enumerate(
                zip(pieces, generated.lengths.tolist(), strict=True)
            )
        ]

    def _log_mels(self, pieces: Sequence[Piece], request: _Request) -> tuple[Tensor, GeneratedMel]:
        """Generate log-mels (B, M, T + the vocoder's context), with silence after each."""
        tokens, lengths = self._tokens(pieces)
        generated = self.acoustic.generate(
            tokens,
            lengths,
            **self._options(pieces, request),
            **generator_argument(self.acoustic, request.generator),
        )
        mels = self._denormalize(generated.mel)
        # A vocoder reads a little beyond each end: pad with silence, whatever else is in the batch.
        mels = nn.functional.pad(mels, (0, getattr(self.vocoder, "context", 0)))
        real = valid_mask(generated.lengths, max_length=mels.shape[2])[:, None]  # (B, 1, T)
        return mels.where(real, math.log(self.audio.log_floor)), generated

    def _mel_pieces(self, piece: Piece, request: _Request) -> tuple[Iterator[Tensor], int, bool]:
        """Return the log-mel of a piece in growing pieces, its length, and whether it stopped."""
        if not isinstance(self.acoustic, Matcha):
            whole, generated = self._log_mels([piece], request)
            return growing(whole), int(generated.lengths), bool(generated.stopped)
        planned = self.acoustic.plan(*self._tokens([piece]), **self._options([piece], request))
        drawn = self.acoustic.stream(
            planned.encoded, planned.durations,
            generator=request.generator, first_frames=FIRST_FRAMES,
        )  # fmt: skip
        first = next(drawn)  # now, in evaluation mode: the rest has no dropout
        context = getattr(self.vocoder, "context", 0)
        silence = first.new_full((1, self.audio.n_mels, context), math.log(self.audio.log_floor))
        mels: Iterator[Tensor] = (self._denormalize(mel) for mel in chain([first], drawn))
        return (
            chain(mels, [silence] if context else []),
            int(planned.lengths),
            bool(planned.stopped),
        )

    def _tokens(self, pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
        """Return the tokens (B, N) of pieces, and their lengths (B,)."""
        tokens = [piece.tokens for piece in pieces]
        padded = nn.utils.rnn.pad_sequence(tokens, batch_first=True).to(self.device)
        return padded, torch.tensor([len(some) for some in tokens], device=self.device)

    def _options(self, pieces: Sequence[Piece], request: _Request) -> dict:
        """Return the arguments with which the acoustic model speaks pieces."""
        return {
            "speakers": torch.full((len(pieces),), request.speaker, device=self.device),
            "max_frames": max(1, round(request.max_seconds * self.audio.frames_per_second)),
            **({} if request.manner.as_usual else self._prosody_arguments(pieces, request)),
        }

    def _denormalize(self, mels: Tensor) -> Tensor:
        return mels if self.normalizer is None else self.normalizer.denormalize(mels)

    def _plan(self, generated: GeneratedMel, speaker: int) -> tuple[Tensor | None, Tensor | None]:
        """Return the predicted pitch in Hz and log energy (B, N), if there are any."""
        if self.prosody is None or generated.pitch is None or generated.energy is None:
            return None, None
        return self.prosody.natural(pitch=generated.pitch, energy=generated.energy, speaker=speaker)

    def _prosody_arguments(self, pieces: Sequence[Piece], request: _Request) -> dict[str, Tensor]:
        """Return the manner in the acoustic model's own units, (B, N) each."""
        factors = [request.manner.of(piece).T for piece in pieces]  # (N, 3) each
        padded = nn.utils.rnn.pad_sequence(factors, batch_first=True, padding_value=1.0)
        speed, pitch, energy = padded.to(self.device).unbind(2)
        assert self.prosody is not None  # `_require_able` has checked it
        pitch, energy = self.prosody.shifts(pitch=pitch, energy=energy, speaker=request.speaker)
        return {"speed": speed, "pitch_shift": pitch, "energy_shift": energy}

    def _pause(self, piece: Piece) -> int:
        """Return the number of silent frames after a piece, if another one follows."""
        ended = piece.text.endswith(SENTENCE_MARKS)
        seconds = self.pause_seconds if ended else self.pause_seconds / 2
        return round(seconds * self.audio.frames_per_second)

    def _join(self, text: str, pieces: Sequence[Piece], spoken: Sequence[_Spoken]) -> Speech:
        """Join the pieces, with pauses of whole frames between them."""
        silence, symbols = math.log(self.audio.log_floor), self.tokenizer.symbols
        waveforms, mels, alignments = [], [], []
        for piece, part in zip(pieces, spoken, strict=True):
            pause = 0 if piece is pieces[-1] else self._pause(piece)
            waveforms.append(nn.functional.pad(part.waveform, (0, pause * self.audio.hop_length)))
            mels.append(nn.functional.pad(part.mel, (0, pause), value=silence))
            alignments.append(nn.functional.pad(part.alignment, (0, 0, 0, pause)))
        return Speech(
            waveform=torch.cat(waveforms),
            sample_rate=self.audio.sample_rate,
            text=text,
            mel=torch.cat(mels, dim=1),
            alignments=tuple(alignments),
            tokens=tuple(symbols[i] for piece in pieces for i in piece.tokens.tolist()),
            stopped=all(part.stopped for part in spoken),
            pitch=_all_of([part.pitch for part in spoken]),
            energy=_all_of([part.energy for part in spoken]),
        )


def _all_of(parts: Sequence[Tensor | None]) -> Tensor | None:
    there = [part for part in parts if part is not None]
    return torch.cat(there) if len(there) == len(parts) else None


def _warn_of_cut(text: str, max_seconds: float) -> None:
    warnings.warn(
        f"the model didn't stop by itself within {max_seconds:g} s at {_shown(text)}; it was cut "
        "off there",
        stacklevel=4,
    )


@contextmanager
def _evaluating(*modules: AcousticModel | Matcha | Vocoder) -> Iterator[None]:
    """Put modules into evaluation mode temporarily: a model can speak during its training."""
    training = [module for module in modules if module.training]
    for module in training:
        module.eval()
    try:
        yield
    finally:
        for module in training:
            module.train()


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
