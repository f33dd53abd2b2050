import pytest

from ttslib.text.lexicon import read_lexicon


@pytest.fixture
def write(tmp_path):
    """Write a lexicon into a folder with a space in its name."""

    def write(text: str | bytes):
        path = tmp_path / "my words" / "lexicon.txt"
        path.parent.mkdir()
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    return write


def test_cmus_format_is_read(write):
    path = write(
        ";;; # my words\n"
        "KUBERNETES  K UW2 B ER0 N EH1 T IY0 Z\n"
        "\n"
        "gif JH IH1 F # not as in gift\n"
        "GIF(2)  G IH1 F\n"
        "O'Neill's\tOW0 N IY1 L Z\r\n"
    )
    wanted = {
        "kubernetes": "K UW2 B ER0 N EH1 T IY0 Z",
        "gif": "JH IH1 F",
        "o'neill's": "OW0 N IY1 L Z",
    }
    assert read_lexicon(path) == read_lexicon(str(path)) == wanted
    assert read_lexicon(wanted) == wanted


@pytest.mark.parametrize("text", ["", ";;; nothing\n", b"\xef\xbb\xbfgif JH IH1 F\n"])
def test_an_empty_file_and_windows_mark_of_utf_8_are_fine(write, text):
    assert set(read_lexicon(write(text))) <= {"gif"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("GIF", "line 2: a pronunciation has no phonemes"),
        ("GIF JH IH F", "line 2: phoneme 'IH' is a vowel without its stress"),
        ("GIF JH ih1 Q", "line 2: phoneme 'Q' is not known"),
        ("E-MAIL IY1 M EY2 L", "line 2: 'E-MAIL' is not a word of normalized text"),
        ("5G F AY1 V", "line 2: '5G' is not a word"),
        ("' F AY1 V", 'line 2: "\'" is not a word'),
        ("OK OW1 K EY1", "line 2: 'OK' is there twice: keep one, or .* OK\\(2\\)"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(write, line, message):
    with pytest.raises(ValueError, match=message):
        read_lexicon(write(f"ok OW2 K EY1\n{line}\n"))


def test_a_wrong_entry_of_a_mapping_is_named():
    with pytest.raises(ValueError, match="lexicon 'gif': phoneme 'G1' is not known"):
        read_lexicon({"gif": "G1"})
    with pytest.raises(ValueError, match="'e-mail' is not a word"):
        read_lexicon({"e-mail": "G"})


def test_what_is_no_text_file_is_refused(write, tmp_path):
    with pytest.raises(ValueError, match=r"missing.txt can't be read: No such file"):
        read_lexicon(tmp_path / "missing.txt")
    with pytest.raises(ValueError, match="can't be read"):
        read_lexicon(tmp_path)
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        read_lexicon(write(b"caf\xe9 K AE0 F EY1\n"))
