"""Speak without PyTorch: numpy and ONNX Runtime run the files that `export_onnx` wrote.

Shapes: N tokens, T frames, M mel bands, D width, S samples.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ttslib.config import AudioConfig
from ttslib.synthesis.numpy_vocos import render
from ttslib.synthesis.silence import warn_if_silent
from ttslib.text.sentences import SENTENCE_MARKS, split_sentences
from ttslib.text.tokenizers import UnspeakableError, tokenizer_from_dict, with_lexicon

__all__ = ["OnnxVoice"]

GRAPHS = ("encoder", "decoder", "vocoder")
GRAPHS_OF_A_FLOW = ("encoder", "mean", "flow", "vocoder")  # a Matcha-TTS's


class OnnxVoice:
    """An exported voice: call it with a text.

    Parameters
    ----------
    folder
        The folder that `ttslib export` wrote.
    threads
        Of ONNX Runtime; with 0 it chooses the number.
    lexicon
        Words with your own pronunciations, as for `load_voice`.

    Raises
    ------
    ValueError
        If the folder isn't an exported voice.

    Taught in: notebooks/09_fastspeech
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        threads: int = 0,
        lexicon: Path | str | Mapping[str, str] | None = None,
    ):
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "an exported voice needs the package onnxruntime: "
                'pip install "ttslib-course[export]"'
            ) from error
        folder = Path(folder)
        graphs = GRAPHS_OF_A_FLOW if (folder / "flow.onnx").is_file() else GRAPHS
        files = [*(f"{name}.onnx" for name in graphs), "voice.json"]
        if missing := [f for f in files if not (folder / f).is_file()]:
            raise ValueError(f"{folder} lacks {', '.join(missing)}; ttslib export writes them")
        self._facts = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        if self._facts.get("optimized"):  # at export, since it takes longer than speaking
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = threads
        # Idle threads must not spin: they would take the cores from numpy, which runs next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._sessions = {
            name: onnxruntime.InferenceSession(
                str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
            )
            for name in graphs
        }
        self.audio = AudioConfig(**self._facts["audio"])
        self.tokenizer = with_lexicon(tokenizer_from_dict(self._facts["tokenizer"]), lexicon)
        self.speakers = tuple(self._facts["speakers"])

    def __call__(
        self,
        text: str,
        *,
        speaker: str | None = None,
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        max_seconds: float = 15.0,
        seed: int = 0,
    ) -> np.ndarray:
        """Speak a text of any length, as `Synthesizer` does; a flow draws different noise.

        Returns
        -------
        (S,) float32
            At `audio.sample_rate`.

        Raises
        ------
        ValueError
            If there is nothing to speak, the speaker doesn't exist, or a factor isn't above 0.
        """
        spoken = self.stream(
            text, speaker=speaker, speed=speed, pitch=pitch, energy=energy,
            max_seconds=max_seconds, seed=seed,
        )  # fmt: skip
        return np.concatenate(list(spoken))

    def stream(
        self,
        text: str,
        *,
        speaker: str | None = None,
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        max_seconds: float = 15.0,
        seed: int = 0,
    ) -> Iterator[np.ndarray]:
        """Speak a text sentence by sentence, each with the pause after it.

        Takes and raises what a call does; errors are raised before the first sound.

        Yields
        ------
        (s,) float32
        """
        index = self._speaker_index(speaker)
        factors = {"speed": speed, "pitch": pitch, "energy": energy}
        for name, factor in factors.items():
            if not 0 < factor < np.inf:
                raise ValueError(f"{name} must be above 0, got {factor}; 1 is the usual")
        sentences = self._sentences(text)

        def spoken() -> Iterator[np.ndarray]:
            for place, (sentence, tokens) in enumerate(sentences):
                mel = self.mel(tokens, speaker=index, max_seconds=max_seconds, seed=seed, **factors)
                sound = self.sound(mel)
                warn_if_silent(float(np.abs(sound).max()), sentence)
                last = place == len(sentences) - 1
                yield sound if last else np.pad(sound, (0, self._pause(sentence)))

        return spoken()

    def _pause(self, sentence: str) -> int:
        """Return the number of silent samples after a sentence, if another one follows."""
        pause = self._facts["pause_seconds"] / (1 if sentence.endswith(SENTENCE_MARKS) else 2)
        return round(pause * self.audio.frames_per_second) * self.audio.hop_length

    def mel(
        self,
        tokens: list[int],
        *,
        speaker: int = 0,
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        max_seconds: float = 15.0,
        seed: int = 0,
    ) -> np.ndarray:
        """Turn the token IDs of one sentence into a log-mel (M, T)."""
        n_tokens = len(tokens)
        shifts: dict[str, np.ndarray] = {}
        for name, factor in (("pitch", pitch), ("energy", energy)):
            std = self._facts[f"{name}_std"]
            shift = np.log(factor) / std[speaker] if std else 0.0
            shifts[name] = np.full((1, n_tokens), shift, np.float32)
        ids = np.array([tokens], np.int64)
        encoded, frames = self._run("encoder", tokens=ids, speaker=np.array([speaker]), **shifts)
        longest = max(1, round(max_seconds * self.audio.frames_per_second))
        durations = (frames[0] / np.float32(speed)).round().clip(1, longest).astype(np.int64)
        regulated = encoded[0].repeat(durations, axis=0)[:longest]  # (T, D): the length regulator
        if "flow" in self._sessions:
            regulated = np.concatenate([regulated, _places(durations, len(regulated))], axis=1)
        n_frames, r = len(regulated), self._facts["frames_per_step"]
        padded = np.pad(regulated, ((0, -n_frames % r), (0, 0)))
        steps = padded.reshape(-1, r, padded.shape[1]).mean(axis=1)
        if "flow" in self._sessions:
            return self._draw(steps[None], seed)[0, :, :n_frames]
        return self._run("decoder", steps=steps[None])[0][0, :, :n_frames]

    def _draw(self, steps: np.ndarray, seed: int) -> np.ndarray:
        """Turn steps (1, S, D + 2) into a log-mel (1, M, S * r): mean plus the flow's residual."""
        condition, mean = self._run("mean", steps=steps)
        numbers = self._facts["frames_per_step"] * self.audio.n_mels
        noise = np.random.default_rng(seed).standard_normal((1, steps.shape[1], numbers))
        noise = (self._facts["noise"] * noise).astype(np.float32)
        return mean + self._run("flow", noise=noise, condition=condition)[0]

    def sound(self, mel: np.ndarray) -> np.ndarray:
        """Turn a log-mel (M, T) into samples (S,)."""
        silence = np.log(self.audio.log_floor)  # the vocoder's context beyond the end
        padded = np.pad(mel, ((0, 0), (0, self._facts["context"])), constant_values=silence)
        found = self._run("vocoder", mel=padded[None].astype(np.float32))
        if n_fft := self._facts["vocos_n_fft"]:
            spectra, pitch = found[0][0], found[1][0] if len(found) > 1 else None
            loudest = self._facts["loudest"]
            samples = render(spectra, pitch, audio=self.audio, n_fft=n_fft, loudest=loudest)
        else:
            samples = found[0][0]
        return samples[: mel.shape[1] * self.audio.hop_length]

    def _run(self, graph: str, **inputs: np.ndarray) -> list[np.ndarray]:
        session = self._sessions[graph]
        known = {one.name for one in session.get_inputs()}  # a graph lacks unused inputs
        return session.run(None, {name: x for name, x in inputs.items() if name in known})

    def _speaker_index(self, speaker: str | None) -> int:
        if speaker is not None and speaker not in self.speakers:
            known = ", ".join(self.speakers) or "one without a name: leave speaker out"
            raise ValueError(f"speaker {speaker!r} doesn't exist; the voice has {known}")
        return 0 if speaker is None else self.speakers.index(speaker)

    def _sentences(self, text: str) -> list[tuple[str, list[int]]]:
        """Return the sentences and their token IDs, except those that have no sound."""
        found, reason = [], UnspeakableError("the text is empty; give it some words")
        for sentence in split_sentences(text, max_characters=self._facts["max_characters"]):
            try:
                found.append((sentence, self.tokenizer.encode(sentence, close=True)))
            except UnspeakableError as error:
                reason = error
        if not found:
            raise reason
        return found


def _places(durations: np.ndarray, n_frames: int) -> np.ndarray:
    """Return each frame's distances from its token's beginning and end, as `Matcha.steps` does."""
    ends = durations.cumsum().clip(max=n_frames)
    owners = np.repeat(np.arange(len(durations)), durations)[:n_frames]
    borders = np.stack([np.concatenate([[0], ends[:-1]])[owners], ends[owners]], axis=1)
    frames = np.arange(n_frames)[:, None] + 0.5
    return np.log1p(np.abs(borders - frames)).astype(np.float32)  # (T, 2)
