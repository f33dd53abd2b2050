"""Read published Tacotron 2 weights, NVIDIA's or torchaudio's, into the course's own model."""

import re
from pathlib import Path

from torch import Tensor

from ttslib.models.published.files import read_tensors
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config, tacotron2_published
from ttslib.text.arpabet import PHONEMES

__all__ = ["PUBLISHED_SYMBOLS", "load_tacotron2", "tacotron2_from_torchaudio"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ARPABET = {p for phoneme in PHONEMES for p in (phoneme, phoneme.rstrip("012"))}
PUBLISHED_SYMBOLS: dict[int, tuple[str, ...]] = {  # a symbol's index is its ID
    # NVIDIA/tacotron2, text/symbols.py: capitals and phonemes are there, but these are read as
    # the letters of lower-case text.
    148: (*"_-!'(),.:;? ", *_LETTERS.upper(), *_LETTERS, *(f"@{p}" for p in sorted(_ARPABET))),
    # torchaudio.pipelines.TACOTRON2_*_CHAR_LJSPEECH
    38: (*"_-!'(),.:;? ", *_LETTERS),
}

# torchaudio flattened two of NVIDIA's modules -> torchaudio's names.
_FLATTENED = {
    r"\.linear_layer\.": ".",
    r"location_conv\.conv\.": "location_conv.",
    r"(convolutions\.\d+\.0)\.conv\.": r"\1.",
}
# torchaudio's names -> ours, where they differ.
_RENAMED = {
    "embedding.weight": "encoder.embedding.weight",
    "decoder.attention_layer.query_layer.": "decoder.attention.query.",
    "decoder.attention_layer.memory_layer.": "decoder.attention.key.",
    "decoder.attention_layer.v.": "decoder.attention.score.",
    "decoder.attention_layer.location_layer.": "decoder.attention.",
    "decoder.linear_projection.": "decoder.projection.",
    "decoder.gate_layer.": "decoder.gate.",
}
# An LSTMCell there is a one-layer LSTM here.
_DECODER_RNN = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def load_tacotron2(path: str | Path) -> Tacotron2:
    """Read a Tacotron 2 of the published size that NVIDIA's code or torchaudio trained.

    It predicts log-mels of 22,050 Hz, not normalized, from the IDs of
    `PUBLISHED_SYMBOLS`, whose key is the number of rows of its embedding.

    Parameters
    ----------
    path : path
        Such as `tacotron2_statedict.pt`, saved by torch or as .safetensors. Only tensors are read
        from a pickle.

    Raises
    ------
    FileNotFoundError
        When the file isn't there.
    ValueError
        When it holds something other than a Tacotron 2's tensors, or has another size.

    Taught in: notebooks/06_vocoder
    """
    state = read_tensors(Path(path))[0]
    state = state["state_dict"] if isinstance(state.get("state_dict"), dict) else state
    state = {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    embedding = state.get("embedding.weight")
    if embedding is None or "decoder.attention_rnn.weight_ih" not in state:
        raise ValueError(
            f"{path} holds no Tacotron 2; give the weights of NVIDIA's or torchaudio's"
        )
    config = tacotron2_published(n_symbols=len(embedding))
    try:
        return tacotron2_from_torchaudio(state, config=config)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def tacotron2_from_torchaudio(state: dict[str, Tensor], *, config: Tacotron2Config) -> Tacotron2:
    """Build a Tacotron 2 from the weights of `torchaudio.models.Tacotron2`, or NVIDIA's.

    Parameters
    ----------
    state : dict
        `model.state_dict()` of either.
    config : Tacotron2Config
        The sizes of that model; `tacotron2_published()` for the usual one.

    Raises
    ------
    ValueError
        When the names or shapes do not fit the config.

    Taught in: notebooks/04_tacotron
    """
    model = Tacotron2(config)
    try:
        model.load_state_dict({_our_name(name): tensor for name, tensor in state.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"these weights do not fit {config} ({reason})") from None
    return model.eval()


def _our_name(name: str) -> str:
    for theirs, flattened in _FLATTENED.items():
        name = re.sub(theirs, flattened, name)
    for theirs, ours in _RENAMED.items():
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    if name.removeprefix("decoder.decoder_rnn.") in _DECODER_RNN:
        return f"decoder.rnn.{name.removeprefix('decoder.decoder_rnn.')}_l0"
    return name
