import os
import unicodedata
import warnings

import pytest
from recordings import record, write

from ttslib.corpora.folder import FolderCorpus


@pytest.fixture
def root(tmp_path):
    return tmp_path / "Meine Aufnahmen übers Meer"


def texts(corpus):
    return {utterance.id: utterance.text for utterance in corpus.utterances}


def add(root, id, text="Good morning.", *, ending=".wav", **sound):
    record(root / f"{id}{ending}", **sound)
    write(root / f"{id}.txt", text)


# Texts beside the sounds


def test_a_text_beside_each_sound(root):
    for id, ending in (
        ("take 1", ".wav"), ("take.2", ".FLAC"), ("b/c/Größe", ".ogg"), ("opus", ".opus")
    ):  # fmt: skip
        add(root, id, f"This is {id}.", ending=ending)
    add(root, "song", "  Two\n lines. \n", ending=".mp3", seconds=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus = FolderCorpus(root)
    assert corpus.skipped == {}
    assert texts(corpus) == {
        "take 1": "This is take 1.",
        "take.2": "This is take.2.",
        "b/c/Größe": "This is b/c/Größe.",
        "opus": "This is opus.",
        "song": "Two lines.",
    }
    assert all(waveform is not None for waveform, _, _ in corpus)
    assert corpus.speakers == ["Meine Aufnahmen übers Meer"]


def test_several_folders_are_speakers(root):
    for id in ("anna/monday/1", "bert/1", "bert/2"):
        add(root, id)
    corpus = FolderCorpus(root)
    assert corpus.speakers == ["anna", "bert"]
    assert [u.id for u in corpus.utterances] == ["anna/monday/1", "bert/1", "bert/2"]
    assert len(FolderCorpus(root, speakers=["bert"])) == 2
    add(root, "3")
    assert FolderCorpus(root).speakers == [root.name, "anna", "bert"]


def test_one_folder_is_no_speaker(root):
    add(root, "wavs/1")
    assert FolderCorpus(root).speakers == [root.name]


def test_length_limits(root):
    add(root, "short")
    add(root, "long", seconds=1)
    assert list(texts(FolderCorpus(root, min_seconds=0.5))) == ["long"]


@pytest.mark.parametrize("rate", [8_000, 44_100])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT"])
def test_stereo_and_other_formats_are_read(root, rate, subtype):
    add(root, "a", seconds=1, rate=rate, channels=2, subtype=subtype)
    waveform, sample_rate, _ = FolderCorpus(root)[0]
    assert waveform.shape == (1, rate)
    assert sample_rate == rate


def test_the_uncompressed_of_two_sounds_is_taken(root):
    add(root, "a", ending=".flac")
    record(root / "a.wav")
    assert FolderCorpus(root).utterances[0].audio_path.suffix == ".wav"


def test_a_byte_order_mark_and_windows_line_ends(root):
    record(root / "a.wav")
    write(root / "a.txt", "Good\r\nmorning.\r\n", encoding="utf-8-sig")
    assert texts(FolderCorpus(root)) == {"a": "Good morning."}


def test_what_has_no_partner_is_left_out_by_name(root):
    add(root, "a")
    add(root, "empty", " \n")
    record(root / "no text.wav")
    write(root / "sub/no sound.txt", "Good morning.")
    for encoding, text in (("latin-1", "café"), ("utf-16", "cafe"), ("utf-16-le", "cafe")):
        record(root / f"{encoding}.wav")
        write(root / f"{encoding}.txt", text, encoding=encoding)
    write(root / "._a.txt", "of a Mac")
    record(root / ".trash" / "b.wav")
    with pytest.warns(UserWarning, match=r"6 file\(s\) left out: .*no text.wav \(its .txt doesn't"):
        corpus = FolderCorpus(root)
    assert list(texts(corpus)) == ["a"]
    assert corpus.skipped == {
        "empty.wav": "its .txt is empty",
        "no text.wav": "its .txt doesn't exist",
        "sub/no sound.txt": "it has no audio",
        "latin-1.wav": "its .txt is not UTF-8",
        "utf-16.wav": "its .txt is not UTF-8",
        "utf-16-le.wav": "its .txt is not UTF-8",
    }


def test_an_unreadable_sound_is_none_with_one_warning(root):
    add(root, "a")
    (root / "a.wav").write_bytes(b"not sound at all")
    corpus = FolderCorpus(root)
    with pytest.warns(UserWarning, match=r"utterance a is skipped: can't read .*a.wav"):
        assert corpus[0] == (None, 0, "Good morning.")


def test_a_link_out_of_the_folder_is_not_followed(root, tmp_path):
    add(root, "a")
    record(tmp_path / "elsewhere" / "secret.wav")
    write(tmp_path / "elsewhere" / "secret.txt", "Don't tell.")
    write(root / "b.txt", "Good morning.")
    try:
        os.symlink(tmp_path / "elsewhere" / "secret.wav", root / "b.wav")
        os.symlink(tmp_path / "elsewhere", root / "c", target_is_directory=True)
        os.symlink(root / "a.wav", root / "again.wav")
        os.symlink(root / "a.txt", root / "again.txt")
        os.symlink(root, tmp_path / "door", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    for folder in (root, tmp_path / "door"):
        with pytest.warns(UserWarning, match="left out"):
            corpus = FolderCorpus(folder)
        assert list(texts(corpus)) == ["a", "again"]
        assert corpus.skipped == {
            "b.wav": "it is a link out of the folder",
            "b.txt": "it has no audio",
        }


def test_links_and_pipes_that_lead_nowhere_are_left_out_by_name(root):
    add(root, "good")
    try:
        (root / "loop.wav").symlink_to("loop.wav")
        (root / "gone.wav").symlink_to("nothing.wav")
        (root / "round").symlink_to(root)  # a folder that holds itself
        os.mkfifo(root / "pipe.wav")
        os.mkfifo(root / "good2.txt")
    except (OSError, NotImplementedError, AttributeError):
        pytest.skip("this system makes no links or pipes here")
    record(root / "good2.wav")
    with pytest.warns(UserWarning, match="left out"):
        corpus = FolderCorpus(root)
    assert texts(corpus) == {"good": "Good morning."}
    assert corpus.skipped["loop.wav"] == "it is a link to itself or to nothing"
    assert corpus.skipped["gone.wav"] == "it is a link to itself or to nothing"
    assert corpus.skipped["pipe.wav"] == "it isn't a file"
    assert corpus.skipped["good2.txt"] == "it isn't a file"


def test_a_name_is_the_same_however_its_accents_are_encoded(root):
    add(root, unicodedata.normalize("NFD", "Größe"))
    (root / unicodedata.normalize("NFD", "Größe.txt")).rename(root / "Größe.txt")
    assert list(texts(FolderCorpus(root))) == ["Größe"]
    write(root / "metadata.csv", unicodedata.normalize("NFD", "Größe.wav|Big.\n"))
    assert texts(FolderCorpus(root)) == {"Größe": "Big."}
    write(root / "metadata.csv", unicodedata.normalize("NFC", "Größe|Big.\n"))
    assert texts(FolderCorpus(root)) == {"Größe": "Big."}


def test_a_folder_without_clips_is_described(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere; give one that holds audio"):
        FolderCorpus(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clips: expected audio .*found nothing"):
        FolderCorpus(tmp_path)
    write(tmp_path / "sub" / "a.doc", "?")
    with pytest.raises(ValueError, match=r"a metadata.csv with a line .*found sub$"):
        FolderCorpus(tmp_path)


# metadata.csv


def with_table(root, table, *ids, encoding="utf-8"):
    for id in ids or ("a", "b"):
        record(root / f"{id}.wav")
    write(root / "metadata.csv", table, encoding=encoding)
    return FolderCorpus(root)


@pytest.mark.parametrize(
    "table",
    [
        "a|One, two.\nb|He said \"three.\n",
        "a.wav|One, two.\r\nb.wav|He said \"three.\r\n",
        "\n./a.wav|One, two.\n\nb|He said  \"three.",
        "file|text\na|One, two.\nb|He said \"three.",
        'a.wav,"One, two."\nb.wav,"He said ""three."\n',
        'file_name,length,transcription\na.wav,1,"One, two."\nb.mp3,2,"He said ""three."\n',
        "Text|Speaker|ID\nOne, two.||a\nHe said \"three.||b\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_tables_as_people_write_them(root, table, encoding):
    corpus = with_table(root, table, encoding=encoding)
    assert texts(corpus) == {"a": "One, two.", "b": 'He said "three.'}
    assert corpus.skipped == {}
    assert corpus.speakers == [root.name]


@pytest.mark.parametrize(
    "table",
    [
        "file|text|speaker\na|Good morning, all.|anna\nb|Good night, all.|bert",
        "speaker_id,path,sentence\nanna,a.wav,\"Good morning, all.\"\nbert,b.wav,Good night",
        "a|Good morning, all.|anna\nb|Good night, all.|bert",
        "a|anna|Good morning, all.\nb|bert|Good night, all.",
    ],
)  # fmt: skip
def test_a_column_of_speakers(root, table):
    corpus = with_table(root, table)
    assert [u.speaker for u in corpus.utterances] == ["anna", "bert"]
    assert texts(corpus)["a"] == "Good morning, all."


@pytest.mark.parametrize("header", ["", "id|text|normalized_text\n"])
def test_a_column_of_normalized_texts(root, header):
    corpus = with_table(root, f"{header}a|It is 5.|It is five.\nb|Good day.|Good day.")
    assert [(u.text, u.original) for u in corpus.utterances] == [
        ("It is five.", "It is 5."),
        ("Good day.", "Good day."),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "a.wav\tGood, morning; all.\nb.wav\tHi.\n",
        'file\ttext\na.wav\t"Good, morning; all."\nb\tHi.\n',
        'a.wav;"Good, morning; all."\nb.wav;Hi.\n',
        'text;file\nHi.;b.wav\n"Good, morning; all.";a.wav\n',
        'a.wav,"Good, morning; all."\nb.wav,Hi.\n',
    ],
)
@pytest.mark.parametrize("name", ["metadata.csv", "metadata.tsv"])
def test_columns_are_separated_by_tabs_semicolons_or_commas(root, table, name):
    for id in ("a", "b"):
        record(root / f"{id}.wav")
    write(root / name, table)
    assert texts(FolderCorpus(root)) == {"a": "Good, morning; all.", "b": "Hi."}


@pytest.mark.parametrize(
    "rows",
    [
        ["Hi.|Maria Magdalena Schmidt-Rottluff", "No.|Johann Sebastian Mastropiero"],
        ["yes|Maria Magdalena", "no|Maria Magdalena", "well|Johann Sebastian"],
        ["Good morning, everyone.|anna", "Good evening.|bert", "So long, and thanks.|anna"],
    ],
)
@pytest.mark.parametrize("text_first", [True, False])
def test_short_texts_and_long_names_are_told_apart(root, rows, text_first):
    cells = [row.split("|") for row in rows]
    ids = [f"{number}" for number in range(len(rows))]
    pairs = (pair if text_first else pair[::-1] for pair in cells)
    table = "\n".join("|".join([id, *pair]) for id, pair in zip(ids, pairs, strict=True))
    corpus = with_table(root, table, *ids)
    assert texts(corpus) == {id: text for id, (text, _) in zip(ids, cells, strict=True)}
    assert corpus.speakers == sorted({speaker for _, speaker in cells})


def test_two_spaces_in_a_files_name_stay(root):
    assert texts(with_table(root, "take  1.wav | Two  spaces.\n", "take  1")) == {
        "take  1": "Two spaces."
    }


def test_quotes_mean_nothing_between_bars(root):
    corpus = with_table(root, 'a|"Yes," he said.\nb|"And then\n')
    assert texts(corpus) == {"a": '"Yes," he said.', "b": '"And then'}


def test_sounds_in_folders_by_path_or_bare_name(root):
    ids = ("wavs/anna/1", "wavs/anna/2", "wavs/bert/2", "wavs/bert/3")
    table = "wavs/anna/1.wav|One.\nwavs\\bert\\2.wav|Two.\n3|Three.\n2|Which two?\n"
    with pytest.warns(UserWarning, match="left out"):
        corpus = with_table(root, table, *ids)
    assert texts(corpus) == {"wavs/anna/1": "One.", "wavs/bert/2": "Two.", "wavs/bert/3": "Three."}
    assert corpus.skipped == {
        "2": "there is no such audio in the folder",
        "wavs/anna/2.wav": "the table doesn't list it",
    }


def test_lines_that_can_not_be_used_are_left_out_by_name(root):
    table = (
        'a.wav,"Good morning, all."\n'
        "b.wav,Good night, all.\n"  # a comma too many
        "a.wav,Again.\n"
        "gone.wav,Gone.\n"
        "c.wav,\n"
        "d.wav,Good day.\n"
    )
    with pytest.warns(
        UserWarning, match=r"metadata.csv line 2 \(it has 3 columns, expected 2: put"
    ):
        corpus = with_table(root, table, "a", "b", "c", "d")
    assert list(texts(corpus)) == ["a", "d"]
    assert corpus.skipped == {
        "metadata.csv line 2": "it has 3 columns, expected 2: put cells with a , in quotes",
        "a.wav in line 3": "line 1 has it already",
        "gone.wav": "there is no such audio in the folder",
        "c.wav": "its text is empty",
        "b.wav": "the table doesn't list it",
    }


def test_a_quote_that_is_not_closed_swallows_no_lines_unnoticed(root):
    table = 'd,Good day.\na,"Good morning.\nb,Good night.\nc,"Good evening."\n'
    with pytest.warns(UserWarning, match=r"line 4 \(a quote isn't closed\)"):
        assert list(texts(with_table(root, table, "a", "b", "c", "d"))) == ["d"]


@pytest.mark.parametrize("file", ["../secret", "/{outside}/secret.wav", "x/../../secret.wav"])
def test_a_table_never_leads_out_of_the_folder(root, tmp_path, file):
    record(tmp_path / "secret.wav")
    line = f"{file.format(outside=tmp_path)}|Don't tell."
    with pytest.warns(UserWarning, match="there is no such audio in the folder"):
        corpus = with_table(root, f"a|Good morning.\n{line}\n", "a", "x/b")
    assert list(texts(corpus)) == ["a"]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("", "metadata.csv is empty"),
        ("just a line", r"what the 1 column\(s\) of .* are; let it begin with a line such as file"),
        ("a|b|c|d", r"what the 4 column\(s\)"),
        ('a,"' + "x" * 200_000, "look for a quote that isn't closed"),
        ("gone|Good morning.", r"holds no clips: .* found gone \(there is no such audio"),
    ],
)
def test_a_table_that_can_not_be_used_is_named(root, table, complaint):
    with pytest.raises(ValueError, match=complaint):
        with_table(root, table)


def test_a_table_that_links_out_of_the_folder_is_refused(root, tmp_path):
    record(root / "a.wav")
    write(tmp_path / "elsewhere.csv", "a.wav|Secret.\n")
    try:
        (root / "metadata.csv").symlink_to(tmp_path / "elsewhere.csv")
    except (OSError, NotImplementedError):
        pytest.skip("this system makes no links here")
    with pytest.raises(ValueError, match=r"metadata\.csv can't be read: it is a link out of the"):
        FolderCorpus(root)


def test_a_table_in_another_encoding_is_named(root):
    with pytest.raises(ValueError, match=r"metadata.csv is not UTF-8; write it as UTF-8 text"):
        with_table(root, "a|café", encoding="latin-1")
