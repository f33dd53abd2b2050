"""Export a FastSpeech 2 or a Matcha-TTS with its vocoder as ONNX files, which run without PyTorch.

There are three graphs, or four with a flow. The steps between them are simpler in numpy: the length
regulator is one `repeat`, and ONNX has no complex numbers for the end of a Vocos
(`numpy_vocos.py`). All take one sentence of any length.

They are written by torch's older exporter, `dynamo=False`. The newer one gives the same numbers but
needs another package, takes 50 s instead of 2, and its graphs run 10 % slower (torch 2.11).

Shapes: N tokens, T frames, S steps of r frames, M mel bands, D width of tokens, W width of the
flow, P = r * M numbers of a step, F frequencies.
"""

import json
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from ttslib.audio.mel import MelNormalizer
from ttslib.files import atomic_write
from ttslib.models.fastspeech2 import FastSpeech2
from ttslib.models.hifigan import HiFiGAN
from ttslib.models.matcha import Matcha
from ttslib.models.prosody_encoder import ProsodyEncoder
from ttslib.models.vocos import LOUDEST, Vocos
from ttslib.synthesis.synthesizer import Synthesizer

__all__ = ["can_export", "export_onnx"]

OPSET = 18


class _Encoder(nn.Module):
    """Turn token IDs (1, N) into encoded tokens (1, N, D) and unrounded durations (1, N)."""

    def __init__(self, model: ProsodyEncoder):
        super().__init__()
        self.model = model

    def forward(
        self, tokens: Tensor, speaker: Tensor, pitch_shift: Tensor, energy_shift: Tensor
    ) -> tuple[Tensor, Tensor]:
        lengths = torch.ones_like(tokens).sum(dim=1)
        encoded, mask = self.model.encode(tokens, lengths, speaker)
        frames = self.model.frames(encoded, mask)
        for part, shift in (
            (self.model.pitch, pitch_shift),
            (self.model.energy, energy_shift),
        ):
            if part is not None:
                encoded = encoded + part.embed(part.predictor(encoded, mask) + shift)
        return encoded, frames


class _Decoder(nn.Module):
    """Turn encoded steps of r frames (1, S, D) into a log-mel (1, M, S * r)."""

    def __init__(self, model: FastSpeech2, normalizer: MelNormalizer | None):
        super().__init__()
        self.model, self.normalizer = model, normalizer

    def forward(self, steps: Tensor) -> Tensor:
        mask = torch.ones_like(steps[..., 0]).bool()  # (1, S): a single sentence has no padding
        mel = self.model.decode_steps(steps, mask)
        return mel if self.normalizer is None else self.normalizer.denormalize(mel)


class _Mean(nn.Module):
    """Map steps (1, S, D + 2) to the flow's condition (1, S, W) and the mean mel (1, M, S * r)."""

    def __init__(self, model: Matcha, normalizer: MelNormalizer | None):
        super().__init__()
        self.model, self.normalizer = model, normalizer

    def forward(self, steps: Tensor) -> tuple[Tensor, Tensor]:
        condition, mean = self.model.mean(steps, _all_real(steps))
        mel = mean.reshape(1, -1, self.model.config.n_mels).transpose(1, 2)
        return condition, mel if self.normalizer is None else self.normalizer.denormalize(mel)


class _Flow(nn.Module):
    """Map noise (1, S, P) and condition (1, S, W) to the residual log-mel (1, M, S * r)."""

    def __init__(self, model: Matcha, normalizer: MelNormalizer | None):
        super().__init__()
        self.model, self.normalizer = model, normalizer

    def forward(self, noise: Tensor, condition: Tensor) -> Tensor:
        config = self.model.config
        drawn = self.model.follow(noise, condition, _all_real(noise), flow_steps=config.flow_steps)
        mel = drawn.reshape(1, -1, config.n_mels).transpose(1, 2)
        return mel if self.normalizer is None else mel * self.normalizer.std[:, None]


def _all_real(steps: Tensor) -> Tensor:
    """Return the mask (1, S, 1) of a single sentence, which has no padding."""
    return torch.ones_like(steps[..., :1]).bool()


class _Vocoder(nn.Module):
    """Turn a log-mel (1, M, T) into a HiFi-GAN's samples (1, S), or a Vocos's spectra and pitch."""

    def __init__(self, model: HiFiGAN | Vocos):
        super().__init__()
        self.model = model

    @property
    def outputs(self) -> list[str]:
        """Return the names of the outputs of `forward`."""
        if isinstance(self.model, HiFiGAN):
            return ["samples"]
        return ["spectra"] if self.model.pitch is None else ["spectra", "pitch"]

    def forward(self, mel: Tensor) -> tuple[Tensor, ...]:
        if isinstance(self.model, HiFiGAN):
            return (self.model(mel),)
        return tuple(part for part in self.model.predict(mel) if part is not None)


def export_onnx(voice: Synthesizer, folder: str | Path) -> Path:
    """Write a voice as encoder.onnx, decoder.onnx, vocoder.onnx and voice.json.

    A Matcha-TTS has mean.onnx and flow.onnx in place of the decoder.

    Parameters
    ----------
    voice
        A FastSpeech 2 or a Matcha-TTS with a Vocos or a HiFi-GAN, e.g.
        `load_voice("mini-fastspeech2")`.
    folder
        A new or empty one.

    Returns
    -------
    Path
        The folder, for `OnnxVoice`.

    Raises
    ------
    ValueError
        If the voice has other models, or the folder isn't empty.

    Taught in: notebooks/09_fastspeech
    """
    folder = Path(folder)
    parts = _parts(voice)
    if parts is None:
        raise ValueError(
            f"a FastSpeech2 or Matcha with a Vocos or a HiFiGAN can be exported, this voice is a "
            f"{type(voice.acoustic).__name__} with a {type(voice.vocoder).__name__}; "
            'load_voice("mini-fastspeech2") would do'
        )
    acoustic, vocoder = parts
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    length = 9  # of the example inputs; the graphs take any length
    tokens, shift = torch.ones(1, length, dtype=torch.int64), torch.zeros(1, length)
    _write(
        folder / "encoder.onnx",
        _Encoder(acoustic),
        inputs={"tokens": tokens, "speaker": torch.tensor([0]), "pitch": shift, "energy": shift},
        outputs=["encoded", "frames"],
    )
    _write_decoder(folder, acoustic, voice.normalizer, length)
    mel = torch.zeros(1, voice.audio.n_mels, length)
    graph = _Vocoder(vocoder)
    _write(folder / "vocoder.onnx", graph, inputs={"mel": mel}, outputs=graph.outputs)
    facts = json.dumps(_facts(voice, acoustic, vocoder), ensure_ascii=False)
    (folder / "voice.json").write_text(facts, encoding="utf-8")
    return folder


def can_export(voice: Synthesizer) -> bool:
    """Return True if `export_onnx` can write a voice."""
    return _parts(voice) is not None


def _parts(voice: Synthesizer) -> tuple[FastSpeech2 | Matcha, HiFiGAN | Vocos] | None:
    """Return the models of a voice, or None if one of them can't be exported."""
    acoustic, vocoder = voice.acoustic, voice.vocoder
    if isinstance(acoustic, (FastSpeech2, Matcha)) and isinstance(vocoder, (HiFiGAN, Vocos)):
        return acoustic, vocoder
    return None


def _write_decoder(
    folder: Path, acoustic: FastSpeech2 | Matcha, normalizer: MelNormalizer | None, length: int
) -> None:
    """Write the graph that turns steps into a log-mel; a Matcha-TTS needs two."""
    if isinstance(acoustic, FastSpeech2):
        steps = torch.zeros(1, length, acoustic.config.dim)
        decoder = _Decoder(acoustic, normalizer)
        _write(folder / "decoder.onnx", decoder, inputs={"steps": steps}, outputs=["mel"])
        return
    config = acoustic.config
    _write(
        folder / "mean.onnx",
        _Mean(acoustic, normalizer),
        inputs={"steps": torch.zeros(1, length, config.dim + 2)},
        outputs=["condition", "mel"],
    )
    noise = torch.zeros(1, length, config.frames_per_step * config.n_mels)
    condition = torch.zeros(1, length, config.decoder_dim)
    _write(
        folder / "flow.onnx",
        _Flow(acoustic, normalizer),
        inputs={"noise": noise, "condition": condition},
        outputs=["residual"],
    )


def _noise(acoustic: FastSpeech2 | Matcha) -> float | None:
    """Return the deviation of the noise that a Matcha-TTS's flow starts from in synthesis."""
    if not isinstance(acoustic, Matcha):
        return None
    return acoustic.config.temperature * acoustic.config.noise


def _facts(voice: Synthesizer, acoustic: FastSpeech2 | Matcha, vocoder: HiFiGAN | Vocos) -> dict:
    """Return everything else that `OnnxVoice` needs beside the graphs."""
    prosody = voice.prosody
    return {
        "audio": voice.audio.to_dict(),
        "tokenizer": voice.tokenizer.to_dict(),
        "speakers": list(voice.speakers),
        "pitch_std": None if prosody is None else prosody.pitch_std.tolist(),
        "energy_std": None if prosody is None else prosody.energy_std.tolist(),
        "frames_per_step": acoustic.config.frames_per_step,
        "noise": _noise(acoustic),
        "max_characters": voice.max_characters,
        "pause_seconds": voice.pause_seconds,
        "context": vocoder.context,
        "vocos_n_fft": vocoder.config.n_fft if isinstance(vocoder, Vocos) else None,
        "loudest": LOUDEST,
    }


def _write(path: Path, model: nn.Module, *, inputs: dict[str, Tensor], outputs: list[str]) -> None:
    """Write one graph, with a time axis of any length."""
    time = {name: {2 if name == "mel" else 1: "time"} for name in inputs if name != "speaker"}
    with atomic_write(path) as beside, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # about the old exporter, and the checks of values it drops
        torch.onnx.export(
            model.eval(),
            tuple(inputs.values()),
            str(beside),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=time,
            opset_version=OPSET,
            dynamo=False,
        )
