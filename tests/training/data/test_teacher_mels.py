"""Mels that a voice predicts: frame for frame the recording's, cached, and beside its sound."""

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from ttslib.audio.mel import MelNormalizer
from ttslib.audio.prosody import ProsodyNormalizer
from ttslib.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.text.tokenizers import CharTokenizer
from ttslib.training.data.features import compute_features
from ttslib.training.data.pieces import segment_batch
from ttslib.training.data.teacher_mels import add_predictions, predict_features
from ttslib.training.data.vocoder import vocoder_data
from ttslib.training.validation import validate_vocoder

R = 3  # frames a step
TOKENIZER = CharTokenizer()


class Parrot(torch.nn.Module):
    """An acoustic model that says what it is shown, and notes how often it was asked."""

    def __init__(self, config):
        super().__init__()
        self.config, self.asked = config, 0
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, tokens, token_lengths, mels, mel_lengths, *, speakers):
        self.asked += len(tokens)
        return SimpleNamespace(mel=mels + self.weight)


def voice(acoustic, audio, *, prosody=None, speakers=("high", "low")):
    """What `load_voice` would give of it."""
    normalizer = MelNormalizer(mean=torch.full((8,), -4.0), std=torch.full((8,), 2.0))
    return SimpleNamespace(
        acoustic=acoustic,
        tokenizer=TOKENIZER,
        audio=audio,
        normalizer=normalizer,
        prosody=prosody,
        speakers=speakers,
    )


@pytest.fixture
def tacotron(audio):
    torch.manual_seed(0)
    config = Tacotron2Config(
        n_symbols=len(TOKENIZER.symbols), n_mels=8, n_speakers=2, frames_per_step=R,
        encoder_dim=8, encoder_convolutions=1, prenet_dim=4, attention_rnn_dim=8, attention_dim=4,
        location_filters=2, location_kernel=3, decoder_rnn_dim=8, postnet_dim=4,
        postnet_convolutions=2,
    )  # fmt: skip
    return voice(Tacotron2(config).eval(), audio)


@pytest.fixture
def fastspeech(audio):
    torch.manual_seed(0)
    config = FastSpeech2Config(
        n_symbols=len(TOKENIZER.symbols), n_mels=8, n_speakers=2, dim=8, encoder_blocks=1,
        decoder_blocks=1, filter_dim=8, kernel_size=3, predictor_dim=8, aligner_dim=8,
    )  # fmt: skip
    usual = ("pitch_mean", "pitch_std", "energy_mean", "energy_std")
    prosody = ProsodyNormalizer(**{name: torch.ones(2) for name in usual})
    return voice(FastSpeech2(config).eval(), audio, prosody=prosody)


@pytest.fixture
def parrot(audio):
    return voice(Parrot(SimpleNamespace(frames_per_step=R)), audio)


def own_features(corpus, audio, folder):
    return compute_features(corpus, tokenizer=TOKENIZER, config=audio, folder=folder, jobs=1)


@pytest.mark.parametrize("kind", ["tacotron", "fastspeech"])
def test_exactly_as_many_frames_as_the_recording(kind, request, tones, audio, tmp_path):
    predicted = predict_features(tones, request.getfixturevalue(kind), folder=tmp_path, jobs=1)
    own = own_features(tones, audio, tmp_path)
    assert set((own.n_frames % R).tolist()) == {0, 1, 2}
    assert predicted.utterances == own.utterances
    for index in range(len(predicted)):
        tokens, mel = predicted[index]
        assert mel.shape == (8, predicted.n_frames[index]) == own[index][1].shape
        assert mel.isfinite().all()
        assert torch.equal(tokens, own[index][0])
        assert not torch.equal(mel, own[index][1])


def test_no_frame_is_off_by_one(parrot, tones, audio, tmp_path):
    """What says just what it is shown gives each clip its own mel, to the last frame."""
    predicted = predict_features(tones, parrot, folder=tmp_path, jobs=1)
    own = own_features(tones, audio, tmp_path)
    for index in range(len(own)):
        torch.testing.assert_close(predicted[index][1], own[index][1], atol=1e-5, rtol=0)


def test_found_in_the_cache_unless_the_weights_are_others(parrot, tones, tmp_path):
    first = predict_features(tones, parrot, folder=tmp_path, jobs=1)
    assert parrot.acoustic.asked == len(tones)
    predict_features(tones, parrot, folder=tmp_path, jobs=1)
    assert parrot.acoustic.asked == len(tones)
    with torch.no_grad():
        parrot.acoustic.weight += 1
    other = predict_features(tones, parrot, folder=tmp_path, jobs=1)
    assert parrot.acoustic.asked == 2 * len(tones)
    torch.testing.assert_close(other[0][1], first[0][1] + 2.0)  # its deviation
    assert not list(tmp_path.glob("*.part"))


def test_the_same_every_time_and_chance_is_left_alone(tacotron, tones, tmp_path):
    before = torch.random.get_rng_state()
    both = [predict_features(tones, tacotron, folder=tmp_path / n, jobs=1) for n in ("a", "b")]
    assert torch.equal(torch.random.get_rng_state(), before)
    for index in range(len(tones)):
        assert torch.equal(both[0][index][1], both[1][index][1])


def test_each_mel_stands_beside_its_recordings_sound(tacotron, parrot, tones, audio, tmp_path):
    folder = tmp_path / "f"
    data = vocoder_data(tones, tones, folder=folder, audio=audio, jobs=1)
    both = add_predictions(data.training, [tacotron, parrot], folder=folder, jobs=1)
    assert len(both) == 3 * len(tones)
    for index in range(0, len(both), 3):  # a clip's three side by side, its own first
        (own, sound), (predicted, same), (said, again) = (both[index + k] for k in range(3))
        assert torch.equal(sound, same)
        assert torch.equal(sound, again)
        assert predicted.shape == own.shape
        assert len(sound) == own.shape[1] * audio.hop_length
        torch.testing.assert_close(said, own, atol=1e-5, rtol=0)
    batch = segment_batch(both, 0, size=16, frames=16, seed=0)
    assert batch.mels.shape[2] * audio.hop_length == batch.waveforms.shape[1]


def test_a_vocoder_is_judged_by_the_recording(parrot, tones, audio, tmp_path):
    """The prediction is off by 1 in every band, which is none of the vocoder's business."""
    with torch.no_grad():
        parrot.acoustic.weight += 0.5  # deviations
    data = vocoder_data(tones, tones, folder=tmp_path, audio=audio, jobs=1)
    off = predict_features(tones, parrot, folder=tmp_path, jobs=1)
    predicted = dataclasses.replace(data.held_out, features=off)

    by_length = {mel.shape[1]: sound for mel, sound in map(data.held_out.__getitem__, range(6))}

    class KnowsThemAll(torch.nn.Linear):
        """Says the recording, whatever mel it is given for it."""

        def forward(self, mel):
            return by_length[mel.shape[2]][None]

    assert validate_vocoder(KnowsThemAll(1, 1), predicted).score == 0.0


def test_unknown_speakers_and_other_mels_are_refused(audio, tones, tmp_path):
    low = voice(Parrot(SimpleNamespace(frames_per_step=1)), audio, speakers=("low",))
    with pytest.raises(ValueError, match="has no speakers high, only low"):
        predict_features(tones, low, folder=tmp_path, jobs=1)
    without = voice(low.acoustic, audio)
    without.normalizer = None
    with pytest.raises(ValueError, match="no statistics of its mels"):
        predict_features(tones, without, folder=tmp_path, jobs=1)
    data = vocoder_data(tones, tones, folder=tmp_path, audio=audio, jobs=1)
    low.audio = dataclasses.replace(audio, f_max=3000.0)
    with pytest.raises(ValueError, match=r"f_max: 4000 and 3000\.0"):
        add_predictions(data.training, [low], folder=tmp_path, jobs=1)
