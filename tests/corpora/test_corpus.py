"""What all corpora share."""

import warnings

import pytest
from recordings import record

from ttslib.corpora import corpus as corpus_module
from ttslib.corpora.corpus import Corpus
from ttslib.records import SpeakerInfo, Utterance


@pytest.fixture
def corpus(tmp_path):
    clips = [
        Utterance(id=f"c{i}", speaker="ab"[i % 2], text=f"Text {i}.", audio_path=path)
        for i, path in enumerate(record(tmp_path / f"c{i}.wav") for i in range(4))
    ]
    info = {"a": SpeakerInfo("F", "Ann"), "z": SpeakerInfo("M", "Zed")}
    return Corpus(clips, speaker_info=info)


def test_a_part_is_the_same_corpus_with_some_clips(corpus):
    class Louder(Corpus):
        def __getitem__(self, index):
            waveform, rate, text = super().__getitem__(index)
            return 2 * waveform, rate, text

    corpus = Louder(corpus.utterances)
    part = corpus.part([2, 0])
    assert [utterance.id for utterance in part.utterances] == ["c2", "c0"]
    for here, there in ((0, 2), (1, 0)):
        assert (part[here][0] == corpus[there][0]).all()
        assert part[here][2] == corpus[there][2]
    assert len(corpus) == 4


def test_a_part_warns_of_its_own_clips(corpus):
    corpus.utterances[0].audio_path.write_bytes(b"")
    corpus.utterances[1].audio_path.write_bytes(b"")
    with pytest.warns(UserWarning, match="c0 is skipped"):
        assert corpus[0][0] is None
    with pytest.warns(UserWarning, match="c1 is skipped"):
        assert corpus.part([1])[0][0] is None
    with warnings.catch_warnings():  # once each
        warnings.simplefilter("error")
        assert corpus[0][0] is None


@pytest.mark.parametrize("error", [RuntimeError("oddly broken"), MemoryError(), KeyError("x")])
def test_whatever_goes_wrong_in_a_clip_costs_that_clip_alone(corpus, monkeypatch, error):
    read = corpus_module.read_audio

    def fail(path, **settings):
        if path.stem == "c1":
            raise error
        return read(path, **settings)

    monkeypatch.setattr(corpus_module, "read_audio", fail)
    with pytest.warns(UserWarning, match="c1 is skipped: (oddly broken|MemoryError|'x')"):
        assert [waveform is None for waveform, _, _ in corpus] == [False, True, False, False]
