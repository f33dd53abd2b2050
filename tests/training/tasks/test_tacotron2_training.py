"""From a corpus to a checkpoint in one call, and what refuses to go on."""

import dataclasses

import pytest
import torch
from training_fakes import taken_run, write_tone

from ttslib.checkpoints import load_checkpoint
from ttslib.corpora.corpus import Corpus
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.text.tokenizers import CharTokenizer, tokenizer_from_dict
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.state import Run, TrainingSettings
from ttslib.training.tasks.tacotron2 import tacotron2_step, train_tacotron2
from ttslib.training.validation import validate_acoustic

SETTINGS = TrainingSettings(steps=4, frame_budget=150, validate_every=2, save_every=3)


@pytest.fixture
def held_out(tmp_path, tones):
    """Three more clips of the main speaker and one of the other."""
    utterances = []
    for number, utterance in enumerate([*tones.utterances[:3], tones.utterances[4]]):
        path = tmp_path / f"held out {number}.wav"
        write_tone(path, hertz=1000 + 200 * number, seconds=0.3)
        utterances.append(dataclasses.replace(utterance, id=f"held_{number}", audio_path=path))
    return Corpus(utterances)


@pytest.fixture
def prepare(tones, held_out, audio, tmp_path):
    def prepare(**changes):
        corpora = dict(training=tones, held_out=held_out) | changes
        return acoustic_data(
            corpora["training"],
            corpora["held_out"],
            folder=tmp_path / "features",
            tokenizer=CharTokenizer(),
            audio=audio,
            jobs=1,
        )

    return prepare


@pytest.fixture
def config():
    return Tacotron2Config(
        n_symbols=len(CharTokenizer().symbols),
        n_mels=8,
        n_speakers=2,
        frames_per_step=3,
        encoder_dim=8,
        encoder_convolutions=1,
        prenet_dim=4,
        attention_rnn_dim=8,
        attention_dim=4,
        location_filters=2,
        location_kernel=3,
        decoder_rnn_dim=8,
        postnet_dim=4,
        postnet_convolutions=2,
    )


class _StopAfter:
    def __init__(self, step):
        self.last, self.now = step, 0

    def on_step(self, step, losses):
        self.now = step

    def on_validation(self, step, validation):
        pass

    def should_stop(self):
        return self.now >= self.last


def test_checkpoint_holds_all_that_is_needed(prepare, config, audio, tmp_path, capsys):
    data = prepare()
    folder = tmp_path / "a run"
    best = train_tacotron2(
        data, Run(folder, provenance={"corpus": "tones"}), config=config, settings=SETTINGS
    )
    assert best.model == "tacotron2"
    assert best.audio == audio
    assert best.speakers == ("high", "low")
    assert best.provenance["corpus"] == "tones"
    assert best.provenance["settings"]["frame_budget"] == 150
    assert tokenizer_from_dict(best.tokenizer).encode("Six.") == CharTokenizer().encode("Six.")
    assert torch.equal(best.statistics["std"], data.normalizer.std)
    Tacotron2(Tacotron2Config(**best.config)).load_state_dict(best.weights)
    last = load_checkpoint(folder / "last.safetensors")
    assert [row["step"] for row in last.progress["validations"]] == [2, 4]
    row = last.progress["validations"][0]
    assert {"loss", "found", "distance_ratio", "diagonality"} <= row.keys()
    assert capsys.readouterr().out.count("closest recording is the right one") == 2


def test_resume_is_exact_with_a_real_corpus(prepare, config, tmp_path):
    def run(name, **changes):
        settings = dict(config=config, settings=SETTINGS)
        train_tacotron2(prepare(), taken_run(tmp_path / name, changes), **settings | changes)
        return load_checkpoint(tmp_path / name / "last.safetensors")

    straight = run("straight")
    assert run("stopped", monitor=_StopAfter(1)).progress["step"] == 1
    resumed = run("stopped", resume=True)
    for group in ("weights", "training"):
        for name, tensor in getattr(straight, group).items():
            assert torch.equal(getattr(resumed, group)[name], tensor), name
    assert resumed.progress["history"] == straight.progress["history"]


def test_resume_without_a_checkpoint_begins(prepare, config, tmp_path):
    settings = dataclasses.replace(SETTINGS, steps=1)
    train_tacotron2(prepare(), Run(tmp_path / "new", resume=True), config=config, settings=settings)
    assert load_checkpoint(tmp_path / "new" / "last.safetensors").progress["step"] == 1


def test_resume_refuses_another_config_and_another_corpus(prepare, config, tones, tmp_path):
    def resume(data, config):
        train_tacotron2(data, Run(tmp_path / "run", resume=True), config=config, settings=SETTINGS)

    data = prepare()
    train_tacotron2(
        data, Run(tmp_path / "run", monitor=_StopAfter(1)), config=config, settings=SETTINGS
    )
    before = (tmp_path / "run" / "last.safetensors").read_bytes()
    with pytest.raises(ValueError, match=r"last.safetensors was trained with another config"):
        resume(data, dataclasses.replace(config, encoder_dim=10))
    fewer = tuple(CharTokenizer().symbols[:-1])
    with pytest.raises(ValueError, match="trained with another tokenizer"):
        resume(dataclasses.replace(data, tokenizer=CharTokenizer(fewer)), config)
    with pytest.raises(ValueError, match="trained with another audio"):
        resume(
            dataclasses.replace(data, audio=dataclasses.replace(data.audio, log_floor=1e-4)), config
        )
    write_tone(tones.utterances[0].audio_path, hertz=3000, seconds=1)
    with pytest.raises(ValueError, match="trained on another corpus"):
        resume(prepare(), config)
    assert (tmp_path / "run" / "last.safetensors").read_bytes() == before


def test_held_out_speakers_must_be_known(prepare, held_out):
    stranger = dataclasses.replace(held_out.utterances[0], speaker="nobody")
    with pytest.raises(ValueError, match="speakers nobody are held out, but have no training"):
        prepare(held_out=Corpus([*held_out.utterances, stranger]))


def test_main_speaker_must_be_held_out(prepare, held_out):
    with pytest.raises(ValueError, match="none of them two of one speaker"):
        prepare(held_out=Corpus(held_out.utterances[2:]))


@pytest.mark.parametrize("training", [True, False])
def test_validation_leaves_model_and_chance_as_they_were(prepare, config, audio, training):
    data = prepare()
    torch.manual_seed(0)
    model = Tacotron2(config).train(training)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    found = validate_acoustic(model, tacotron2_step, data, settings=SETTINGS)
    assert model.training is training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert found.figures["sentences"] == 3  # the main speaker's
    assert found.score == found.figures["distance_ratio"]
    assert found.waveform.shape == (found.alignment.shape[0] * audio.hop_length,)
    assert set(found.losses) == {"loss", "mel_before", "mel", "gate", "guide"}
    again = validate_acoustic(model, tacotron2_step, data, settings=SETTINGS)
    assert again.losses == found.losses
    assert again.summary == found.summary
