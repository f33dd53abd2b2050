import dataclasses
import errno
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ttslib.audio.files import read_audio, write_audio
from ttslib.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ttslib.cli import main as cli
from ttslib.cli.prepare import Model
from ttslib.cli.train import train_app
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.recognizers import PhonemeListener
from ttslib.models.tacotron2 import Tacotron2, Tacotron2Config
from ttslib.synthesis import voice_files
from ttslib.text.tokenizers import CharTokenizer

ROOT = Path(__file__).parents[2]
SHIPPED = voice_files.voices_folder()
WORDS = "the quick brown fox jumps over a lazy dog while seven wise owls look on".split()


def tiny_voice(*, stops: bool) -> Checkpoint:
    """Untrained, with a gate that fires at once or never."""
    tokenizer = CharTokenizer()
    config = {
        "n_symbols": len(tokenizer.symbols),
        "n_speakers": 2,
        "frames_per_step": 20,
        "encoder_dim": 16,
        "prenet_dim": 8,
        "attention_rnn_dim": 16,
        "attention_dim": 8,
        "decoder_rnn_dim": 16,
        "postnet_dim": 8,
    }
    torch.manual_seed(0)
    model = Tacotron2(Tacotron2Config(**config))
    model.decoder.gate.bias.data.fill_(50.0 if stops else -50.0)
    return Checkpoint(
        model="tacotron2",
        config=config,
        audio=AudioConfig(),
        weights=model.state_dict(),
        tokenizer=tokenizer.to_dict(),
        statistics={"mean": torch.zeros(80), "std": torch.ones(80)},
        speakers=("anna", "bert"),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A working folder with the voice `mini` installed and nothing else: it is the default."""
    installed = tmp_path / "voices"
    save_checkpoint(installed / "mini" / "acoustic.safetensors", tiny_voice(stops=True))
    monkeypatch.setattr(voice_files, "DEFAULT_VOICE", "mini")
    card = "# mini\n\nA voice for tests.\n"
    (installed / "mini" / "CARD.md").write_text(card, encoding="utf-8")
    monkeypatch.setattr(voice_files, "voices_folder", lambda: installed)
    monkeypatch.setenv("TTSLIB_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A subset laid out like LibriTTS: sixty clips of noise, forty of them by speaker 22."""
    subset = tmp_path / "Mein Korpus" / "train-noise"
    rng = np.random.default_rng(0)
    for i in range(60):
        speaker = ("11", "22", "22")[i % 3]
        stem = subset / speaker / "1" / f"{speaker}_1_{i:06d}_000000"
        write_audio(stem.with_suffix(".wav"), rng.uniform(-0.3, 0.3, 6000 + 100 * i), 24_000)
        text = " ".join(rng.permutation(WORDS)[:4]) + "."
        stem.with_suffix(".normalized.txt").write_text(text, encoding="utf-8")
    return subset


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    return caught.value.code


def test_help_needs_no_torch():
    code = "import sys, ttslib.cli.main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["speak"],
        ["voices"],
        ["doctor"],
        ["export"],
        ["prepare"],
        ["evaluate"],
        ["train", "hifigan"],
        ["train", "vocos"],
        ["train", "tacotron2"],
        ["corpus", "download"],
        ["corpus", "import"],
        ["corpus", "info"],
        ["corpus", "make-mini"],
        ["corpus", "report"],
    ],
)
def test_every_help_has_examples(capsys, command):
    assert run(*command, "--help") == 0
    shown = capsys.readouterr().out
    assert f"  ttslib {' '.join(command)}".rstrip() in shown.split("Example", 1)[1]


def test_no_arguments_show_the_help(capsys):
    assert run() == 0
    assert "Usage: ttslib" in capsys.readouterr().out


def test_evaluate_writes_the_page_and_tells_what_could_not_be_measured(folder, corpus, capsys):
    command = ["evaluate", "copy:griffin-lim", "--corpus", str(corpus), "--speaker", "22", "--all"]
    command += ["--sentences", "1", "--jobs", "1", "--out", "neu", "--markdown", "neu/tafel.md"]
    assert run(*command) == 0
    told = capsys.readouterr()
    assert "2 clips failed" in told.out  # they are a quarter of a second
    assert told.out.splitlines()[-1] == str(Path("neu", "report.html"))
    assert (folder / "neu" / "report.json").is_file()
    shown = f"ttslib evaluate copy:griffin-lim --corpus {shlex.quote(str(corpus))} --speaker 22 "
    shown += "--sentences 1 --heard 6 --seed 0 --all --out neu --markdown neu/tafel.md"
    assert shown in (folder / "neu" / "tafel.md").read_text("utf-8").splitlines()


def test_evaluate_tells_in_one_line_that_a_voice_has_no_such_speaker(folder, corpus, capsys):
    assert run("evaluate", "mini", "--corpus", str(corpus), "--speaker", "22", "--all") == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "mini can't speak as 22; it has anna, bert" in line


def test_speak_writes_a_wav_and_prints_its_path(folder, capsys):
    assert run("speak", "Hello there. Good night.", "--out", "neu/guten tag.wav") == 0
    waveform, rate = read_audio(folder / "neu" / "guten tag.wav")
    assert rate == 24_000
    assert waveform.shape[1] > 40 * 256
    seconds = waveform.shape[1] / rate
    path = Path("neu") / "guten tag.wav"
    assert capsys.readouterr().out == f"{path} ({seconds:.1f} s)\n"


def test_speak_has_a_file_name_of_its_own(folder):
    assert run("speak", "Hello.") == 0
    assert (folder / "speech.wav").exists()


def test_speak_takes_a_speaker_and_a_checkpoint(folder):
    path = save_checkpoint(folder / "best.safetensors", tiny_voice(stops=True))
    assert run("speak", "Hello.", "--out", "plain.wav") == 0
    assert run("speak", "Hello.", "--out", "again.wav", "--voice", str(path)) == 0
    assert run("speak", "Hello.", "--out", "bert.wav", "--speaker", "bert") == 0
    said = {path.stem: path.read_bytes() for path in folder.glob("*.wav")}
    assert said["plain"] == said["again"]
    assert said["plain"] != said["bert"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--voice", "nobody"], "there is no voice 'nobody'; available: mini"),
        (["--speaker", "zoe"], "speaker 'zoe' doesn't exist; the voice has anna, bert"),
        (["--speed", "0.5"], "this voice can't change its speed"),
    ],
)
def test_an_error_is_one_line_without_a_trace(folder, capsys, arguments, message):
    assert run("speak", "Hello.", *arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"ttslib: {message}")
    assert shown.err.count("\n") == 1
    assert not (folder / "speech.wav").exists()


@pytest.mark.parametrize("text", ["", "...", "?!"])
def test_text_with_nothing_to_say_is_one_line(folder, capsys, text):
    assert run("speak", text) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_disk_is_one_line(folder, capsys, monkeypatch):
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert run("speak", "Hello.", "--out", "a.wav") == 1
    shown = capsys.readouterr().err
    assert "a.wav" in shown
    assert os.strerror(errno.ENOSPC) in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize("where", [0, 2, 4])
def test_debug_shows_the_trace_wherever_it_stands(folder, capsys, where):
    arguments = ["speak", "Hello.", "--voice", "nobody"]
    assert run(*arguments[:where], "--debug", *arguments[where:]) == 1
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert shown.splitlines()[-1].startswith("ttslib: there is no voice 'nobody'")


@pytest.mark.parametrize(
    "arguments",
    [["spek", "Hello."], ["train"], ["train", "tacotron2", "--steps", "none"]],
)
def test_a_mistyped_command_is_one_line(capsys, arguments):
    assert run(*arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("ttslib: ")
    assert "ttslib --help" in shown
    assert shown.count("\n") == 1


def test_a_warning_is_one_line_and_no_error(folder, capsys):
    save_checkpoint(folder / "endless.safetensors", tiny_voice(stops=False))
    assert run("speak", "Hello.", "--voice", "endless.safetensors") == 0
    shown = capsys.readouterr().err
    assert shown.startswith("ttslib: the model didn't stop by itself")
    assert shown.count("\n") == 1


def test_another_seed_says_it_otherwise(folder):
    save_checkpoint(folder / "endless.safetensors", tiny_voice(stops=False))
    for seed in "01":
        options = ["--voice", "endless.safetensors", "--seed", seed, "--out", f"{seed}.wav"]
        assert run("speak", "Hello.", *options) == 0
    assert Path("0.wav").read_bytes() != Path("1.wav").read_bytes()


def test_voices_are_listed(folder, capsys):
    assert run("voices") == 0
    assert capsys.readouterr().out == "mini: A voice for tests.\n"


def test_no_voices_are_said_to_be_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(voice_files, "voices_folder", lambda: tmp_path)
    assert run("voices") == 0
    assert capsys.readouterr().out.startswith("no voices in")


def test_corpus_info_counts_each_speakers_clips(corpus, capsys):
    unreadable = next((corpus / "11").rglob("*.wav"))
    unreadable.write_bytes(b"")
    assert run("corpus", "info", str(corpus)) == 0
    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["speaker", "clips", "minutes", "words"]
    for row, speaker in zip(rows, ("11", "22", "*"), strict=True):
        name, clips, minutes, words = row.split()
        paths = [p for p in corpus.glob(f"{speaker}/1/*.wav") if p != unreadable]
        seconds = sum(soundfile.info(str(path)).duration for path in paths)
        assert name == ("all" if speaker == "*" else speaker)
        assert int(clips) == len(paths) + (speaker != "22")
        assert float(minutes) == pytest.approx(seconds / 60, abs=0.051)
        assert int(words) == 4 * int(clips)
    assert last == "1 of the clips can't be read"


def test_a_corpus_that_is_not_there_is_one_line(folder, capsys):
    assert run("corpus", "info", "nowhere") == 1
    assert capsys.readouterr().err.startswith("ttslib: no corpus 'nowhere'; give mini or")


def test_the_report_names_what_is_wrong_and_writes_a_page(corpus, capsys, tmp_path):
    broken, silent = sorted(corpus.rglob("*.wav"))[:2]
    broken.write_bytes(b"")
    write_audio(silent, np.zeros(24_000), 24_000)
    page = tmp_path / "neu" / "report.html"
    assert run("corpus", "report", str(corpus), "--jobs", "1", "--out", str(page)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["speaker", "clips"]
    assert [line.split()[:2] for line in lines[1:4]] == [["11", "20"], ["22", "40"], ["all", "60"]]
    assert any(line.startswith(f"{broken.stem}: unreadable: can't read") for line in lines)
    assert any(line.startswith(f"{silent.stem}: silent: it is silent") for line in lines)
    assert lines[-2].endswith("of 60 clips have a fault")
    assert lines[-1] == str(page)
    assert broken.stem in page.read_text(encoding="utf-8")


def test_the_mini_corpus_is_made_where_it_was_asked_for(folder, capsys, monkeypatch):
    made = []
    monkeypatch.setattr("ttslib.corpora.mini.corpus.mini_libritts", made.append)
    assert run("corpus", "make-mini") == 0
    assert run("corpus", "make-mini", "--root", "here") == 0
    assert made == [folder / "data" / "mini-libritts", Path("here")]
    assert capsys.readouterr().out.split() == [str(path) for path in made]


def test_recordings_are_imported_and_what_to_type_next_is_printed(folder, corpus, capsys):
    recordings = folder / "Meine Stimme"
    recordings.mkdir()
    for i, path in enumerate(sorted(corpus.rglob("*.wav"))):
        path.rename(recordings / f"{i}.wav")
        (recordings / f"{i}.txt").write_text(f"Text {i}.", encoding="utf-8")
    assert run("corpus", "import", str(recordings)) == 0
    subset = folder / "data" / "meine-stimme" / "train-meine-stimme"
    said, look, train = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{shlex.quote(str(subset))}: 60 clips, 0.")
    assert said.endswith("minutes, 1 speaker(s)")
    assert train.endswith(f": ttslib train tacotron2 --corpus {shlex.quote(str(subset))}")
    assert run(*shlex.split(look.partition(": ttslib ")[2])) == 0
    assert "10001" in capsys.readouterr().out

    assert run("corpus", "import", str(recordings)) == 1  # nothing is overwritten unasked
    assert "holds files already" in capsys.readouterr().err
    options = ["--level", "--out", "a new place", "--name", "train-me"]
    assert run("corpus", "import", str(recordings), *options) == 0
    assert "look at it: ttslib corpus info 'a new place/train-me'" in capsys.readouterr().out


def test_prepare_counts_what_training_will_find(folder, corpus, capsys):
    assert run("prepare", "--corpus", str(corpus), "--jobs", "1") == 0
    training, held_out = capsys.readouterr().out.splitlines()
    assert training.startswith("training: 57 clips, ")
    assert held_out.startswith("held out: 3 clips, ")
    assert list((folder / "data" / "features").glob("mels-*/*.safetensors"))


@pytest.mark.parametrize(
    ("model", "more"), [("tacotron2", set()), ("fastspeech2", {"pitch"}), ("matcha", {"pitch"})]
)
def test_prepare_computes_what_the_model_needs(folder, corpus, model, more):
    assert run("prepare", model, "--corpus", str(corpus), "--jobs", "1") == 0
    stores = (folder / "data" / "features").glob("*-*")
    assert {store.name.partition("-")[0] for store in stores} == {"tokens", "mels"} | more


def test_every_model_that_can_be_trained_can_be_prepared():
    trained = {command.name for command in train_app.registered_commands}
    assert {model.value for model in Model} == trained - {"distill"}  # it reads what a matcha reads


def test_a_corpus_of_one_text_is_too_small(folder, corpus, capsys):
    for path in corpus.rglob("*.normalized.txt"):
        path.write_text("The same.", encoding="utf-8")
    assert run("prepare", "--corpus", str(corpus)) == 1
    assert "too few to hold one out" in capsys.readouterr().err


@pytest.mark.slow
def test_train_writes_a_voice_that_speaks_and_resumes(folder, corpus, capsys):
    train = ["train", "tacotron2", "--corpus", str(corpus), "--jobs", "1", "--speaker", "22"]
    assert run(*train, "--steps", "1") == 0
    path = Path(capsys.readouterr().out.splitlines()[-2])
    assert path.parent == folder / "data" / "runs" / "tacotron2-train-noise"
    checkpoint = load_checkpoint(path)
    assert checkpoint.speakers == ("22",)
    assert checkpoint.provenance["corpus"] == [str(corpus)]
    assert run("speak", "Hello.", "--voice", str(path)) == 0

    assert run(*train, "--steps", "2") == 1  # nothing is overwritten unasked
    assert "add --resume to continue it" in capsys.readouterr().err
    assert run(*train, "--steps", "2", "--resume") == 0
    assert load_checkpoint(path.parent / "last.safetensors").progress["step"] == 2

    again = ["train", "tacotron2", "--out", str(path.parent), "--resume", "--jobs", "1"]
    assert run(*again, "--steps", "3") == 0  # corpus, speakers and settings as it began
    last = load_checkpoint(path.parent / "last.safetensors")
    assert (last.progress["step"], last.speakers) == (3, ("22",))
    assert last.provenance["settings"]["schedule_steps"] == 1
    capsys.readouterr()
    for change, complaint in (
        (["--corpus", "mini"], "was begun with corpus="),
        (["--speaker", "11"], "was begun with only_speakers="),
        (["--seed", "9"], "was trained with seed=0, now it is 9"),
        (["--set", "frame_budget=9000"], "was trained with frame_budget="),
        (["--steps", "2"], "has trained 3 steps already"),
    ):
        assert run(*again, *change) == 1, change
        assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("pace=3", "--set takes name=value with one of steps, "),
        ("steps", "--set takes name=value"),
        ("steps=many", "steps is a int, as 900; got 'many'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(change, complaint, folder, corpus, capsys):
    train = ["train", "tacotron2", "--corpus", str(corpus), "--set", change]
    assert run(*train) == 1
    assert complaint in capsys.readouterr().err


@pytest.mark.slow
def test_train_writes_a_matcha_that_speaks_and_resumes(folder, corpus, capsys):
    train = ["train", "matcha", "--corpus", str(corpus), "--jobs", "1", "--speaker", "22"]
    assert run(*train, "--steps", "1", "--set", "frame_budget=1000") == 0
    path = Path(capsys.readouterr().out.splitlines()[-2])
    assert path.parent == folder / "data" / "runs" / "matcha-train-noise"
    assert run("speak", "Hello.", "--voice", str(path)) == 0
    assert run(*train, "--steps", "2", "--resume") == 0
    assert load_checkpoint(path.parent / "last.safetensors").progress["step"] == 2
    distill = ["train", "distill", str(path), *train[2:]]
    assert run(*distill, "--steps", "1") == 0
    assert run(*distill, "--steps", "2", "--resume") == 0
    student = load_checkpoint(folder / "data" / "runs" / "distill-train-noise" / "last.safetensors")
    assert student.config["distilled"]
    assert student.progress["step"] == 2


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make isn't installed")
def test_the_stages_of_make_voice_fit_together(folder, corpus):
    corpus = corpus.parent.rename(folder / "noise") / corpus.name  # a Makefile can't quote spaces
    dry = ["make", "--dry-run", "--old-file=setup", "voice", f"KATHLEEN={corpus}", "STAGES=runs"]
    recipe = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [
        line.partition(".venv/bin/ttslib ")[2] for line in recipe.replace("\\\n", "").split("\n")
    ]
    download, *stages, keep, speak = [shlex.split(line) for line in lines if line]
    assert download[:2] == ["corpus", "download"]
    assert [stage[:2] for stage in stages] == [
        ["train", task] for task in ("matcha", "distill", "vocos", "vocos")
    ]
    for stage in stages:
        assert run(*stage, "--jobs", "1", "--steps", "1") == 0
    assert run(*keep) == 0
    assert run("speak", "--out", "said.wav", *speak[1:]) == 0


@pytest.mark.slow
def test_train_writes_a_listener_that_hears_and_resumes(folder, corpus, capsys):
    train = ["train", "listener", "--corpus", str(corpus), "--jobs", "1", "--speaker", "22"]
    assert run(*train, "--steps", "1") == 0
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert path.parent == folder / "data" / "runs" / "listener-train-noise"
    sound = np.random.default_rng(0).standard_normal(8000)
    assert isinstance(PhonemeListener(path).hear(sound, sample_rate=16_000), str)
    assert run(*train, "--steps", "2", "--resume") == 0
    assert load_checkpoint(path.parent / "last.safetensors").progress["step"] == 2


@pytest.mark.slow
def test_a_voice_of_subwords_resumes_with_the_same_pieces(folder, corpus, capsys):
    train = ["train", "tacotron2", "--corpus", str(corpus), "--jobs", "1", "--speaker", "22"]
    assert run(*train, "--steps", "1", "--tokens", "subwords", "--vocabulary-size", "45") == 0
    path = Path(capsys.readouterr().out.splitlines()[-2])
    assert len(load_checkpoint(path).tokenizer["symbols"]) == 45
    assert run(*train, "--steps", "2", "--resume") == 0
    assert run("speak", "Hello.", "--voice", str(path)) == 0


def test_a_vocabulary_size_needs_subwords(folder, corpus, capsys):
    prepare = ["prepare", "--corpus", str(corpus), "--jobs", "1", "--vocabulary-size", "45"]
    assert run(*prepare) == 1
    assert "--vocabulary-size works only with --tokens subwords" in capsys.readouterr().err
    assert run(*prepare, "--tokens", "subwords") == 0


def test_speak_reads_a_lexicon(folder, capsys):
    Path("words.txt").write_text("GIF  JH IH1 F\n", encoding="utf-8")
    assert run("speak", "A GIF.", "--lexicon", "words.txt") == 1
    assert "this voice reads letters, and a lexicon has phonemes" in capsys.readouterr().err


def test_keep_gives_a_checkpoint_a_name_and_a_card(folder, capsys):
    checkpoint = tiny_voice(stops=True)
    trained = dataclasses.replace(
        checkpoint,
        provenance={"corpus": "a corpus of noise"},
        training={"exp_avg.x": torch.zeros(3)},
        progress={"step": 7, "seconds": 90.0, "validations": [{"step": 5, "found": 3}]},
    )
    path = save_checkpoint(folder / "runs" / "best.safetensors", trained)
    assert run("keep", str(path), "mine") == 0
    kept = load_checkpoint(folder / "voices" / "mine" / "acoustic.safetensors")
    assert not kept.training  # the optimizer stays behind
    assert torch.equal(
        kept.weights["encoder.embedding.weight"], checkpoint.weights["encoder.embedding.weight"]
    )
    card = (folder / "voices" / "mine" / "CARD.md").read_text(encoding="utf-8")
    assert "a corpus of noise" in card
    assert "7 steps" in card
    assert run("speak", "Hello.", "--voice", "mine") == 0
    assert run("keep", str(path), "mine") == 1  # nothing is overwritten unasked
    assert "there is a voice 'mine'" in capsys.readouterr().err
    assert run("keep", str(path), "../mine") == 1  # never outside the folder of voices
    assert "letters, digits" in capsys.readouterr().err


def test_keep_takes_a_vocoder_too(folder):
    vocoder = load_checkpoint(SHIPPED / "mini-vocos" / "vocoder.safetensors")
    path = save_checkpoint(folder / "best.safetensors", vocoder)
    assert run("keep", str(path), "mine-vocos") == 0
    assert "mine-vocos" not in voice_files.list_voices()
    assert run("speak", "Hello.", "--vocoder", "mine-vocos") == 0


@pytest.mark.slow
def test_train_hifigan_writes_a_vocoder_resumes_and_starts_another(folder, corpus, capsys):
    from ttslib.synthesis.vocoders import load_vocoder

    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 20_000)
    for path in corpus.rglob("*.wav"):
        write_audio(path, noise, 24_000)
    train = ["train", "hifigan", "--corpus", str(corpus), "--jobs", "1", "--set", "frame_budget=64"]
    assert run(*train, "--steps", "2", "--set", "adversarial_from=0.5", "--out", "first") == 0
    written = capsys.readouterr().out.splitlines()[-1]
    assert Path(written) == Path("first", "best.safetensors")
    assert load_vocoder(written)(torch.zeros(1, 80, 3)).shape == (1, 3 * 256)
    assert run(*train, "--out", "first") == 1
    assert "add --resume" in capsys.readouterr().err
    assert run(*train, "--out", "first", "--resume", "--steps", "3") == 0
    last = load_checkpoint("first/last.safetensors")
    assert last.progress["step"] == 3
    assert last.provenance["settings"]["adversarial_from"] == 0.5
    assert run(*train, "--out", "second", "--steps", "1", "--start", written) == 0


@pytest.mark.slow
def test_a_vocoder_is_fine_tuned_on_what_a_voice_predicts(folder, corpus, capsys):
    options = ["--corpus", str(corpus), "--jobs", "1"]
    assert run("train", "tacotron2", *options, "--steps", "1", "--out", "voice") == 0
    voice = str(Path("voice", "best.safetensors"))
    capsys.readouterr()
    assert run("prepare", *options, "--gta", voice) == 0
    predicted = capsys.readouterr().out.splitlines()[2:]
    assert predicted == [f"{n} mels predicted by {voice}" for n in (57, 3)]
    train = ["train", "hifigan", *options, "--set", "frame_budget=64"]
    train += ["--set", "segment_frames=16"]
    assert run(*train, "--steps", "1", "--gta", voice, "--out", "vocoder") == 0
    assert run(*train, "--steps", "2", "--resume", "--out", "vocoder") == 0
    last = load_checkpoint("vocoder/last.safetensors")
    assert last.provenance["gta"] == [voice]


def test_train_ends_when_its_minutes_are_over(folder, corpus):
    options = ["--corpus", str(corpus), "--jobs", "1", "--steps", "50", "--out", "here"]
    assert run("train", "tacotron2", *options, "--minutes", "1e-6") == 0
    assert load_checkpoint(folder / "here" / "last.safetensors").progress["step"] == 1
