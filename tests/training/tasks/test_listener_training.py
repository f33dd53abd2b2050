"""Training a listener: what its checkpoint holds, exact resuming, and what refuses to go on."""

import dataclasses

import pytest
import torch
from training_fakes import taken_run, write_tone

from ttslib.checkpoints import load_checkpoint
from ttslib.corpora.corpus import Corpus
from ttslib.models.listener import Listener, ListenerConfig
from ttslib.records import TextMelBatch
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer
from ttslib.training.data.acoustic import acoustic_data
from ttslib.training.state import Run
from ttslib.training.tasks.listener import ListenerSettings, listener_step, train_listener

CONFIG = ListenerConfig(n_mels=8, dim=8, blocks=1, kernel_size=3)
SETTINGS = ListenerSettings(steps=4, frame_budget=150, validate_every=2, save_every=3)
SYMBOLS = PhonemeTokenizer().symbols


class StopAfterOne:
    def on_step(self, step, losses):
        pass

    def on_validation(self, step, validation):
        pass

    def should_stop(self):
        return True


@pytest.fixture
def prepare(tones, audio, tmp_path):
    utterances = []
    for number, utterance in enumerate([*tones.utterances[:2], tones.utterances[4]]):
        path = tmp_path / f"held out {number}.wav"
        write_tone(path, hertz=1000 + 200 * number, seconds=0.3)
        utterances.append(dataclasses.replace(utterance, id=f"held_{number}", audio_path=path))

    def prepare(tokenizer=None):
        return acoustic_data(
            tones, Corpus(utterances), folder=tmp_path / "f", tokenizer=tokenizer, audio=audio,
            jobs=1,
        )  # fmt: skip

    return prepare


def test_the_checkpoint_holds_all_that_is_needed(prepare, audio, tmp_path, capsys):
    data = prepare()
    best = train_listener(
        data, Run(tmp_path / "run", provenance={"corpus": "x"}), config=CONFIG, settings=SETTINGS
    )
    assert (best.model, best.audio, best.provenance["corpus"]) == ("listener", audio, "x")
    assert torch.equal(best.statistics["mean"], data.normalizer.mean)
    Listener(ListenerConfig(**best.config)).load_state_dict(best.weights)
    last = load_checkpoint(tmp_path / "run" / "last.safetensors")
    assert [row["step"] for row in last.progress["validations"]] == [2, 4]
    assert last.progress["validations"][0].keys() == {"step", "loss", "phoneme_error_rate"}
    told = capsys.readouterr().out
    assert told.count("phoneme error rate") == 2
    assert "high" in told  # each speaker's own
    assert "low" in told


def test_resume_is_exact(prepare, tmp_path):
    def run(name, **changes):
        train_listener(
            prepare(),
            taken_run(tmp_path / name, changes),
            config=CONFIG,
            settings=SETTINGS,
            **changes,
        )
        return load_checkpoint(tmp_path / name / "last.safetensors")

    straight = run("straight")
    assert run("stopped", monitor=StopAfterOne()).progress["step"] == 1
    resumed = run("stopped", resume=True)
    for group in ("weights", "training"):
        for name, tensor in getattr(straight, group).items():
            assert torch.equal(getattr(resumed, group)[name], tensor), name


def test_resume_refuses_another_config(prepare, tmp_path):
    data, folder = prepare(), tmp_path / "run"
    train_listener(data, Run(folder, monitor=StopAfterOne()), config=CONFIG, settings=SETTINGS)
    other = dataclasses.replace(CONFIG, dim=16)
    with pytest.raises(ValueError, match="trained with another config"):
        train_listener(data, Run(folder, resume=True), config=other, settings=SETTINGS)
    shifted = type(data.normalizer)(mean=data.normalizer.mean + 1, std=data.normalizer.std)
    louder = dataclasses.replace(data, normalizer=shifted)
    with pytest.raises(ValueError, match="another corpus"):
        train_listener(louder, Run(folder, resume=True), config=CONFIG, settings=SETTINGS)


def test_letters_are_refused(prepare, tmp_path):
    with pytest.raises(ValueError, match="PhonemeTokenizer"):
        train_listener(prepare(CharTokenizer()), Run(tmp_path / "run"))


def batch() -> TextMelBatch:
    said = ["HH", "AH0", "L", "OW1", "!", "~"]
    tokens = torch.tensor([[SYMBOLS.index(s) for s in said], [SYMBOLS.index("OW1")] + 5 * [0]])
    return TextMelBatch(
        ids=("a", "b"),
        tokens=tokens,
        token_lengths=torch.tensor([6, 1]),
        mels=torch.cat([torch.ones(1, 8, 30), torch.ones(1, 8, 30) * (torch.arange(30) < 9)]),
        mel_lengths=torch.tensor([30, 9]),
        speakers=torch.tensor([0, 0]),
    )


def test_the_loss_is_of_the_phonemes_alone():
    model = Listener(CONFIG).eval()
    with_marks = listener_step(model, batch(), symbols=SYMBOLS)["loss"]
    bare = dataclasses.replace(batch(), tokens=batch().tokens.where(batch().tokens > 9, 0))
    assert torch.equal(with_marks, listener_step(model, bare, symbols=SYMBOLS)["loss"])


def test_a_clip_too_short_for_its_text_stops_nothing():
    model = Listener(CONFIG).eval()
    short = dataclasses.replace(batch(), mel_lengths=torch.tensor([5, 9]))
    assert listener_step(model, short, symbols=SYMBOLS)["loss"].isfinite()


def test_training_hears_through_noise_and_holes_but_padding_stays_empty():
    heard = []

    class Ear(torch.nn.Module):
        def forward(self, mels, lengths):
            heard.append(mels)
            return Listener(CONFIG)(mels, lengths)

    torch.manual_seed(0)
    for training in (False, True):
        listener_step(Ear().train(training), batch(), symbols=SYMBOLS)
    plain, harder = heard
    assert torch.equal(plain, batch().mels)
    assert (harder[0] != plain[0]).all()
    assert (harder[0] == 0).any()  # the holes
    assert not harder[1, :, 9:].any()


def test_a_compiled_model_learns_the_same(prepare, tmp_path, monkeypatch):
    """torch.compile's trace is run as it is: generating C++ for it would take a minute."""
    compile_model, compiled = torch.nn.Module.compile, []

    def trace(model):
        compiled.append(model)
        compile_model(model, backend="eager")

    monkeypatch.setattr(torch.nn.Module, "compile", trace)
    data, weights = prepare(), []
    for name in ("plain", "traced"):
        settings = dataclasses.replace(SETTINGS, compile=name == "traced")
        train_listener(data, Run(tmp_path / name), config=CONFIG, settings=settings)
        weights.append(load_checkpoint(tmp_path / name / "last.safetensors").weights)
    assert [type(model) for model in compiled] == [Listener]
    torch.testing.assert_close(weights[1], weights[0])
