"""The features that commands train on, from the names of corpora.

torch and everything built on it is imported inside the functions, so that `--help` answers at once.
"""

from typing import TYPE_CHECKING, Any

from ttslib.cli.options import TokenKind

if TYPE_CHECKING:
    from ttslib.corpora.corpus import Corpus
    from ttslib.training.data.acoustic import AcousticData
    from ttslib.training.data.vocoder import VocoderData

__all__ = ["acoustic_data_of", "parts_of", "vocoder_data_of"]


def parts_of(corpora: list[str], speakers: list[str] | None) -> "tuple[Corpus, Corpus]":
    """Return the training and the held-out part of corpora, given by name."""
    from ttslib.corpora.parts import corpus_parts

    return corpus_parts(corpora[0] if len(corpora) == 1 else corpora, speakers=speakers)


def acoustic_data_of(
    corpora: list[str],
    speakers: list[str] | None,
    jobs: int,
    *,
    tokens: str | None = None,
    vocabulary_size: int | None = None,
    prosody: bool = False,
) -> "AcousticData":
    """Return the features of corpora, given by name, in two parts (`AcousticData`)."""
    from ttslib.config import data_folder
    from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer, SubwordTokenizer, Tokenizer
    from ttslib.training.data.acoustic import acoustic_data

    parts = parts_of(corpora, speakers)
    if vocabulary_size and tokens != TokenKind.subwords.value:
        raise ValueError("--vocabulary-size works only with --tokens subwords")
    if tokens == TokenKind.subwords.value:
        texts = (utterance.text for utterance in parts[0].utterances)
        size = vocabulary_size or 200
        tokenizer: Tokenizer = SubwordTokenizer.train(texts, vocabulary_size=size)
    else:
        characters = tokens == TokenKind.characters.value
        tokenizer = CharTokenizer() if characters else PhonemeTokenizer()
    folder = data_folder() / "features"
    return acoustic_data(*parts, folder=folder, tokenizer=tokenizer, prosody=prosody, jobs=jobs)


def vocoder_data_of(
    corpora: list[str],
    speakers: list[str] | None,
    gta: list[str] | None,
    jobs: int,
    *,
    pitch: bool,
) -> "VocoderData":
    """Return recordings with their mels, and with the mels that the `gta` voices predict."""
    from ttslib.config import data_folder
    from ttslib.synthesis.voices import load_voice
    from ttslib.training.data.teacher_mels import add_predictions
    from ttslib.training.data.vocoder import VocoderData, vocoder_data

    cache: dict[str, Any] = {"folder": data_folder() / "features", "jobs": jobs}
    voices = [load_voice(name) for name in gta or ()]  # fail before hours of work
    data = vocoder_data(*parts_of(corpora, speakers), pitch=pitch, **cache)
    return VocoderData(
        training=add_predictions(data.training, voices, **cache),
        held_out=add_predictions(data.held_out, voices, **cache),
    )
