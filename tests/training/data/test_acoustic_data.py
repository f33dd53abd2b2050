"""What an acoustic model can't be trained on is refused before anything is computed."""

import pytest
from recordings import record, write

from ttslib.corpora.corpus import Corpus
from ttslib.corpora.parts import corpus_parts
from ttslib.records import Utterance
from ttslib.training.data import acoustic as acoustic_module
from ttslib.training.data.acoustic import acoustic_data


@pytest.fixture(autouse=True)
def no_features(monkeypatch):
    def computed(*arguments, **settings):
        raise AssertionError("features were computed")

    monkeypatch.setattr(acoustic_module, "compute_features", computed)


@pytest.mark.parametrize("n_texts", [2, 7, 20])
def test_a_tiny_corpus_is_told_what_it_needs(tmp_path, n_texts):
    for number in range(n_texts):
        record(tmp_path / f"{number}.wav")
        write(tmp_path / f"{number}.txt", f"Text number {number}.")
    with pytest.raises(ValueError, match=rf"of {n_texts} clips 1 are held out.* 21 texts or more"):
        acoustic_data(*corpus_parts(tmp_path), folder=tmp_path / "features")


def test_unknown_speakers_are_named_first(tmp_path):
    training, held_out = (
        Corpus([Utterance(id=name, speaker=name, text="A.", audio_path=tmp_path / name)])
        for name in ("anna", "bert")
    )
    with pytest.raises(ValueError, match="speakers bert are held out"):
        acoustic_data(training, held_out, folder=tmp_path / "features")
