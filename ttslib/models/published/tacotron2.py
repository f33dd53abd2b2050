"""Read NVIDIA's Tacotron 2 weights, as torchaudio names them, into the course's own model."""

from torch import Tensor

from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config

__all__ = ["tacotron2_from_torchaudio"]

# torchaudio's names (which are NVIDIA's, flattened) -> ours, for what is named otherwise.
_TACOTRON2_NAMES = {
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


def _our_name(name: str) -> str:
    for theirs, ours in _TACOTRON2_NAMES.items():
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    if name.removeprefix("decoder.decoder_rnn.") in _DECODER_RNN:
        return f"decoder.rnn.{name.removeprefix('decoder.decoder_rnn.')}_l0"
    return name


def tacotron2_from_torchaudio(state: dict[str, Tensor], *, config: Tacotron2Config) -> Tacotron2:
    """Build a Tacotron 2 from the weights of `torchaudio.models.Tacotron2`.

    Parameters
    ----------
    state : dict
        `model.state_dict()` of torchaudio's model, which holds NVIDIA's published weights.
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
        raise ValueError(f"these weights do not fit {config}: {error}") from None
    return model.eval()
