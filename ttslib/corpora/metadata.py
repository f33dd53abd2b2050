"""metadata.csv: the table with each clip's sound file and text, in any of its usual forms.

LJ001-0002|in being comparatively modern.|in being comparatively modern.

file,speaker,text
wavs/0001.wav,anna,"Good morning, everyone."
"""

import csv
import io
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ttslib.corpora.pairing import AUDIO_ENDINGS, composed, read_text, unusable

__all__ = ["Row", "find_metadata", "pair_rows", "read_metadata"]

TABLES = ("metadata.csv", "metadata.tsv")

_HEADERS = {  # usual names of a column; of several in one table, the first one here counts
    "file": ("file", "filename", "file_name", "audio_file", "audio", "path", "wav", "clip", "id"),
    "text": ("text", "transcript", "transcription", "sentence", "original_text", "raw_text"),
    "normalized": ("normalized", "normalized_text", "normalized_transcription"),
    "speaker": ("speaker", "speaker_name", "speaker_id"),
}
_MUCH = 3  # a column with texts this many times longer than another's isn't another form of it
_ALIKE = 0.3  # share of the words that two forms of one text have in common, at least


class Row(NamedTuple):
    """One row of metadata.csv; None for a column that it doesn't have."""

    line: int
    file: str
    text: str
    normalized: str | None = None
    speaker: str | None = None


def read_metadata(
    path: Path, skipped: dict[str, str], *, columns: tuple[str, ...] | None = None
) -> list[Row]:
    """Read a metadata.csv: separated by `|` or tabs, or by `;` or `,` (with quotes).

    A first line that names a file and a text column is a header. Without one, two columns are file
    and text. With three, if the second and the third have words in common or are about as long,
    they are the text and its normalized form, as in LJ Speech. Otherwise one is the speaker: the
    one that doesn't end in marks, that repeats, or that is shorter.

    Parameters
    ----------
    path
        The table, in UTF-8.
    skipped
        Lines with another number of columns than the rest are added here.
    columns
        The columns ("file", "text", "normalized", "speaker"), if known; then they are separated
        by `|`, without a header.

    Raises
    ------
    ValueError
        If it isn't UTF-8, is empty, or its columns can't be recognized.
    """
    try:
        content = read_text(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}; write it as UTF-8 text, a line for each clip") from None
    delimiter = "|" if columns is not None else _delimiter(content)
    table = _cells(path, content, delimiter)
    places = {name: i for i, name in enumerate(columns or ())}
    width = len(places)
    if columns is None and (places := _header(table[0][1])):
        width = len(table.pop(0)[1])
    elif columns is None:
        width = Counter(len(cells) for _, cells in table).most_common(1)[0][0]
        places = _guess(path, [cells for _, cells in table if len(cells) == width])
    rows = []
    for line, cells in table:
        if len(cells) != width:
            reason = f"it has {len(cells)} columns, expected {width}"
            hint = f": put cells with a {delimiter} in quotes" if delimiter in ";," else ""
            skipped[f"{path.name} line {line}"] = reason + hint
        elif "\n" in "".join(cells):
            skipped[f"{path.name} line {line}"] = "a quote isn't closed"
        else:
            values = {name: " ".join(cells[place].split()) for name, place in places.items()}
            values["file"] = cells[places["file"]].strip()  # two spaces may be part of its name
            rows.append(Row(line=line, **values))
    return rows


def find_metadata(folder: Path) -> Path | None:
    """Return the path of a folder's table, or None if it has none.

    Raises
    ------
    ValueError
        If it is a link out of the folder.
    """
    for path in (folder / name for name in TABLES):
        if path.is_file():
            if reason := unusable(path, folder.resolve()):
                raise ValueError(f"{path} can't be read: {reason}; copy the table into the folder")
            return path
    return None


def _delimiter(content: str) -> str:
    """Detect the separator of the columns in the first line."""
    first = content.split("\n", 1)[0]
    marks = [mark for sure in ("|", "\t", ",;") for mark in first if mark in sure]
    return marks[0] if marks else ","


def _cells(path: Path, content: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Split the nonempty lines into cells, with the lines' numbers."""
    text = io.StringIO(content)
    quoting = csv.QUOTE_MINIMAL if delimiter in ";," else csv.QUOTE_NONE
    reader = csv.reader(text, delimiter=delimiter, quoting=quoting)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise ValueError(
            f"can't read {path}, line {reader.line_num} ({error}); look for a quote that isn't "
            "closed, or separate the columns by |"
        ) from None
    if delimiter == "\t":  # spreadsheets quote some cells, other programs never do
        rows = [(line, [_unquoted(cell) for cell in cells]) for line, cells in rows]
    return rows


def _unquoted(cell: str) -> str:
    inside = cell[1:-1]
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inside.replace('""', "")
    return inside.replace('""', '"') if is_quoted else cell


def _header(cells: list[str]) -> dict[str, int]:
    """Read the columns' positions from a header; return nothing if the cells aren't one."""
    names = [cell.strip().lower() for cell in cells]
    places = {}
    for column, titles in _HEADERS.items():
        if title := next((title for title in titles if title in names), None):
            places[column] = names.index(title)
    return places if {"file", "text"} <= places.keys() else {}


def _guess(path: Path, table: list[list[str]]) -> dict[str, int]:
    """Guess the columns from their contents."""
    width = len(table[0])
    if width == 2:
        return {"file": 0, "text": 1}
    if width != 3:
        raise ValueError(
            f"can't tell what the {width} column(s) of {path} are; let it begin with a line such "
            "as file|text|speaker"
        )
    second, third = ([cells[i].strip() for cells in table] for i in (1, 2))
    lengths = [sum(map(len, column)) for column in (second, third)]
    marks = [sum(cell.endswith((".", "!", "?")) for cell in column) for column in (second, third)]
    kinds = [len(set(column)) for column in (second, third)]
    much_longer = max(lengths) > _MUCH * min(lengths)
    if _alike(second, third) or (marks[0] == marks[1] and kinds[0] == kinds[1] and not much_longer):
        return {"file": 0, "text": 1, "normalized": 2}
    for measure in (marks, kinds, lengths):  # the text has more of it than the speaker
        if measure[0] != measure[1]:
            break
    text = 1 if measure[0] > measure[1] else 2
    return {"file": 0, "text": text, "speaker": 3 - text}


def _alike(first: list[str], second: list[str]) -> bool:
    """Return True if two columns have many words in common, row by row."""
    shares = []
    for one, other in zip(first, second, strict=True):
        words, others = set(one.lower().split()), set(other.lower().split())
        shares.append(len(words & others) / max(1, len(words | others)))
    return sum(shares) / len(shares) >= _ALIKE


def pair_rows(
    rows: list[Row], audio: dict[str, Path], skipped: dict[str, str]
) -> list[tuple[str, Row]]:
    """Find each row's sound: `(key in audio, row)`.

    Parameters
    ----------
    rows
        From `read_metadata`. A file may be given with or without its ending, by its path within
        the folder, or by its name alone if that is unique. Files not in `audio` are never opened.
    audio
        The sounds of the folder, by their paths without endings (`find_files`).
    skipped
        Rows without a sound or a text, repeated rows and sounds without a row are added here.
    """
    times = Counter(key.rpartition("/")[2] for key in audio)
    bare = {key.rpartition("/")[2]: key for key in audio if times[key.rpartition("/")[2]] == 1}
    listed: dict[str, int] = {}  # the line that listed each sound
    pairs = []
    for row in rows:
        path = PurePosixPath(composed(row.file).replace("\\", "/"))
        name = str(path.with_suffix("") if path.suffix.lower() in AUDIO_ENDINGS else path)
        key = name if name in audio else bare.get(name)
        if key is None:
            skipped[row.file] = "there is no such audio in the folder"
        elif key in listed:
            skipped[f"{row.file} in line {row.line}"] = f"line {listed[key]} has it already"
        else:
            listed[key] = row.line
            if row.text and row.normalized != "":
                pairs.append((key, row))
            else:
                skipped[row.file] = "its text is empty"
    for key, path in audio.items():
        if key not in listed:
            skipped[f"{key}{path.suffix}"] = "the table doesn't list it"
    return pairs
