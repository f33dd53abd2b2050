"""Every command with every kind of bad value: one line with what is wrong, and no work begun."""

import errno
import os

import numpy as np
import pytest

from ttslib.audio.files import write_audio
from ttslib.checkpoints import save_checkpoint
from ttslib.cli import main as cli
from ttslib.evaluation.listening.folder import make_listening_test
from ttslib.synthesis import voice_files
from ttslib.training.data import acoustic, teacher_mels, vocoder

from test_cli import tiny_voice  # isort: skip

LONG = "x" * 300
SEEDS = ("-1", str(2**63), str(2**64), "1.5", "x", "", "nan")
COUNTS = ("0", "-1", "1.5", "x", "", "1e9")
JOBS = ("0", "-2", "x", "", "1.5", str(10**12))
PATHS = ("", "a\0b", LONG, "file.txt/sub", f"{LONG}/sub")
NAMES = ("", "nobody", "a\0b", LONG, "../nobody", "\x1b[2J")
FACTORS = ("0", "-1", "nan", "inf", "1e9", "1e-9", "x", "")
NOISE = ("--corpus", "noise")  # three texts

TRAIN = {
    "--corpus": NAMES, "--speaker": NAMES, "--preset": NAMES, "--steps": COUNTS, "--seed": SEEDS,
    "--minutes": ("0", "-1", "nan", "inf", "x", ""), "--out": PATHS, "--jobs": JOBS,
    "--set": ("", "nobody", "nobody=1", "steps", "steps=x", "a\0b=1"),
    "--precision": ("x", "", "fp16"),
}  # fmt: skip
ACOUSTIC = TRAIN | {
    "--tokens": ("x", ""), "--vocabulary-size": ("0", "-5", "x", ""),
}  # fmt: skip
VOCODER = TRAIN | {"--start": (*NAMES, "file.txt"), "--gta": (*NAMES, "file.txt")}
COMMANDS: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("speak", "Hello."): {
        "--out": (*PATHS, "x.mp3", "x", "file.txt", "folder.wav"),
        "--voice": (*NAMES, "file.txt"), "--speaker": NAMES, "--vocoder": (*NAMES, "file.txt"),
        "--lexicon": (*NAMES, "folder.wav"), "--file": NAMES, "--speed": FACTORS,
        "--pitch": FACTORS, "--energy": FACTORS, "--seed": SEEDS,
    },
    **{("train", m, *NOISE): ACOUSTIC for m in ("tacotron2", "fastspeech2", "matcha", "listener")},
    **{("train", m, *NOISE): VOCODER for m in ("hifigan", "vocos", "wavenet", "waveglow")},
    ("train", "distill", "voice.safetensors", *NOISE): {
        name: values for name, values in TRAIN.items() if name != "--preset"
    },
    ("train", "distill"): {"": (*NAMES, "file.txt", "voice.safetensors")},
    ("prepare", *NOISE): {
        "--corpus": NAMES, "--speaker": NAMES, "--tokens": ("x", ""),
        "--vocabulary-size": ("0", "x"), "--jobs": JOBS, "": ("x",),
    },
    ("evaluate", "mini", *NOISE, "--all"): {
        "--corpus": NAMES, "--speaker": NAMES, "--out": PATHS, "--sentences": COUNTS,
        "--heard": ("-1", "x", ""), "--seed": SEEDS, "--jobs": JOBS,
        "--markdown": ("", "file.txt/a"),
    },
    ("evaluate", *NOISE, "--all"): {"": NAMES},
    ("keep", "voice.safetensors"): {
        "": ("", LONG, "a\0b", "../a", "\x1b[2J", "griffin-lim", "mini", "a b", "a/b", "..")
    },
    ("keep",): {"": (*NAMES, "file.txt")},
    ("voices", "push", "mini"): {"": NAMES},
    ("voices", "add", "mine", "--tacotron2", "voice.safetensors"): {
        "--tacotron2": (*NAMES, "file.txt", "folder.wav"), "--vocoder": NAMES, "--config": NAMES,
    },
    ("export",): {"": PATHS},
    ("export", "out"): {"--voice": NAMES, "--vocoder": NAMES},
    ("corpus", "make-mini"): {"--root": PATHS},
    ("corpus", "download"): {"": NAMES},
    ("corpus", "info"): {"": (*NAMES, "file.txt")},
    ("corpus", "report"): {"": (*NAMES, "file.txt"), "--jobs": JOBS, "--out": ("", "file.txt/a")},
    ("corpus", "import", "noise"): {"--out": PATHS, "--name": ("", "a\0b", LONG, "a/b", "..")},
    ("corpus", "import"): {"": (*NAMES, "file.txt")},
    ("listen", "make"): {"": PATHS},
    ("listen", "make", "new", "--system", "a=noise"): {
        "--system": ("", "a", "=x", "b=", "b=nobody", "a=noise", "b\tc=noise", f"{LONG}=noise"),
        "--reference": ("", "nobody", "a\0b", LONG), "--kind": ("x", ""),
        "--items": (*COUNTS, "99"), "--rounds": (*COUNTS, "99"), "--seed": SEEDS,
    },
    ("listen", "serve"): {"": (*NAMES, "noise", "file.txt")},
    ("listen", "serve", "test"): {"--port": ("0", "-1", "65536", "x", "")},
    ("listen", "results"): {"": (*NAMES, "noise")},
    ("listen", "results", "test"): {"--seed": SEEDS},
}  # fmt: skip
CASES = [
    (*command, *((option, value) if option else (value,)))
    for command, options in COMMANDS.items()
    for option, values in options.items()
    for value in values
]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with a voice, recordings, a listening test, and things where others should be."""
    folder = tmp_path_factory.mktemp("bad values")
    voice = tiny_voice(stops=True)
    save_checkpoint(folder / "voices" / "mini" / "acoustic.safetensors", voice)
    save_checkpoint(folder / "voice.safetensors", voice)
    rng = np.random.default_rng(0)
    for number in range(3):
        write_audio(folder / "noise" / f"{number}.wav", rng.uniform(-0.3, 0.3, 8000), 24_000)
        (folder / "noise" / f"{number}.txt").write_text(f"Text {number}.", encoding="utf-8")
    (folder / "file.txt").write_text("no folder", encoding="utf-8")
    for name in ("folder.wav", "data"):
        (folder / name).mkdir()
    make_listening_test(folder / "test", systems={"a": folder / "noise"})
    return folder


@pytest.fixture
def heavy(workplace, monkeypatch):
    """Stand in the workplace, where whatever takes long is an error of its own."""

    def begun(*arguments, **settings):
        raise AssertionError("heavy work was begun")

    monkeypatch.setattr(voice_files, "DEFAULT_VOICE", "mini")
    monkeypatch.setattr(voice_files, "voices_folder", lambda: workplace / "voices")
    for module in (acoustic, teacher_mels, vocoder):
        monkeypatch.setattr(module, "compute_features", begun)
    monkeypatch.setattr("ttslib.corpora.mini.corpus._make", begun)
    monkeypatch.setattr("ttslib.corpora.health.health.joblib.Parallel", begun)
    monkeypatch.setattr("ttslib.corpora.archives.fetch", begun)
    monkeypatch.setattr("ttslib.corpora.download.fetch", begun)
    monkeypatch.setattr("ttslib.cli.listen._serve", begun)
    monkeypatch.setenv("TTSLIB_DATA", str(workplace / "data"))
    monkeypatch.chdir(workplace)


def outcome(arguments, capsys):
    """Return the exit status and what was shown of an error."""
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    return caught.value.code, capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_every_command_refuses_every_bad_value_in_one_line(heavy, workplace, capsys):
    before = sorted(workplace.rglob("*"))
    wrong = []
    for arguments in CASES:
        status, shown = outcome(arguments, capsys)
        last = shown.splitlines()[-1] if shown else ""
        good = status and last.startswith("ttslib: ") and "Traceback" not in shown
        one_line = sum(line.startswith("ttslib: ") for line in shown.splitlines()) == 1
        if not (good and one_line and last.isprintable() and len(last) < 700):
            wrong.append((arguments, status, shown[-300:]))
        elif "heavy work" in shown or ("errno" in shown.lower() and ";" not in last):
            wrong.append((arguments, status, last))
    assert wrong == [], "\n".join(map(str, wrong))
    assert [path for path in sorted(workplace.rglob("*")) if path not in before] == []
    assert len(CASES) > 255


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize(
    "arguments",
    [
        ["speak", "Hello."],
        ["keep", "voice.safetensors", "mine"],
        ["speak", "Hi.", "--out", "n/a.wav"],
    ],
)
def test_a_disk_that_takes_nothing_is_one_line_with_a_remedy(
    heavy, workplace, capsys, monkeypatch, arguments, code
):
    def refuse(self, data):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    status, shown = outcome(arguments, capsys)
    assert status == 1
    assert shown.count("\n") == 1
    assert "; free some space" in shown or "; choose a folder that you can write to" in shown
