"""The folder of a listening test: clips at one level, under names that reveal nothing.

`listening.json` is the plan, `clips/` has the sounds, `ratings.sqlite` the ratings.

Every clip is multiplied by a constant that brings its active speech level (ITU-T P.56) to the level
that all clips of the test share: -26 dB of full scale, or less if the peaks of any of them would
clip. So no clip is limited or clipped, and no player has to rescale any. Sample rates are
unchanged, because a system's bandwidth is part of its quality.

References
----------
ITU-T P.800, annex B (speech at -26 dB of full scale); ITU-R BS.1534-3 (hidden reference, anchor).
"""

import json
import math
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from torch import Tensor

from ttslib.audio.files import read_audio
from ttslib.audio.mulaw import mulaw_decode, mulaw_encode
from ttslib.evaluation.listening.design import CLIPS, MANIFEST, ListeningPlan, open_listening_test
from ttslib.evaluation.measures.speech_level import active_speech_level

__all__ = ["make_listening_test"]

LEVEL_DB = -26.0  # of full scale, active speech level
HEADROOM_DB = 0.1  # kept at least, above the highest peak
ANCHOR_BITS = 4
ENDINGS = {".wav", ".flac", ".ogg", ".opus", ".mp3"}

Source = Callable[[], tuple[Tensor, int]]  # reads or makes a clip: waveform and Hz


def make_listening_test(
    folder: Path | str,
    *,
    systems: Mapping[str, Path | str],
    reference: Path | str | None = None,
    kind: str = "acr",
    n_items: int | None = None,
    rounds: int | None = None,
    question: str | None = None,
    seed: int = 0,
) -> ListeningPlan:
    """Create a listening test in a new folder.

    The sentences are the files of the first system (or of the reference), by their names without
    the ending; every system must have them all. One of them is used for practice, if there are two
    or more. In an ACR test, the reference also gives the low anchor: the recording in 4-bit mu-law,
    as if through a very bad telephone.

    Parameters
    ----------
    folder
        New or empty.
    systems
        Name -> folder of its sound files.
    reference
        The folder of the recordings, which becomes the system "reference".
    kind
        "acr" (rate each clip), "cmos" (rate one clip against another) or "abx" (which of two is
        the third?).
    n_items
        The number of sentences to rate, drawn at random; None: all except the one for practice.
    rounds
        How often a rater hears each sentence. None: once by every condition.
    question
        Replaces the kind's own.
    seed
        For the choice of sentences and the raters' orders.

    Raises
    ------
    ValueError
        The folder isn't empty; a system lacks a sentence or has it twice; a clip is silent or
        can't be read; or the plan is impossible, see `ListeningPlan`.
    FileNotFoundError
        A system's folder doesn't exist.

    Taught in: notebooks/08_evaluation
    """
    folder = Path(folder)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"{folder} holds files already; give another folder, or delete it")
    if not systems:
        raise ValueError("a test needs a system to rate, got none")
    if {"reference", "anchor"} & set(systems):
        raise ValueError('the names "reference" and "anchor" are reserved; rename the system')
    given = {"reference": reference} if reference is not None else {}
    files = {name: _sounds(name, Path(path)) for name, path in {**given, **systems}.items()}
    items, practice_item = _choose_items(files, n_items, seed)
    sources = _sources(files, [*items, *([practice_item] if practice_item else [])])
    anchor = None
    if reference is not None and kind == "acr":
        anchor = "anchor"
        sources["anchor"] = {item: _ruined(read) for item, read in sources["reference"].items()}
    plan = ListeningPlan(
        kind=kind,
        systems=tuple(sources),
        items=tuple(items),
        practice_item=practice_item,
        reference="reference" if reference is not None else None,
        anchor=anchor,
        rounds=rounds,
        question=question,
        seed=seed,
        clips={
            name: {item: f"{secrets.token_hex(8)}.flac" for item in of_one}
            for name, of_one in sources.items()
        },
    )
    _write(folder, plan, sources)
    opened = open_listening_test(folder)
    opened.store().close()  # created here, so that no two raters try to create it
    return opened


def _sounds(system: str, folder: Path) -> dict[str, Path]:
    """Return item -> file for all sounds in a folder and its subfolders."""
    if not folder.is_dir():
        raise FileNotFoundError(f"system {system!r} has no folder {folder}")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in ENDINGS and path.is_file():
            if path.stem in found:
                raise ValueError(f"system {system!r} has two files for {path.stem!r} in {folder}")
            found[path.stem] = path
    if not found:
        raise ValueError(f"system {system!r} has no sound files in {folder}")
    return found


def _choose_items(
    files: Mapping[str, Mapping[str, Path]], n_items: int | None, seed: int
) -> tuple[list[str], str | None]:
    """Return the sentences to rate, and the one for practice."""
    names = sorted(next(iter(files.values())))
    drawn = [str(name) for name in np.random.default_rng(seed).permutation(names)]
    most = max(1, len(names) - 1)
    if n_items is not None and not 1 <= n_items <= most:
        raise ValueError(
            f"n_items must be 1 to {most} (one of the {len(names)} is for practice), got {n_items}"
        )
    chosen = drawn[: n_items or most]
    return sorted(chosen), drawn[-1] if len(names) > 1 else None


def _sources(
    files: Mapping[str, Mapping[str, Path]], items: list[str]
) -> dict[str, dict[str, Source]]:
    for system, of_one in files.items():
        if missing := [item for item in items if item not in of_one]:
            raise ValueError(
                f"system {system!r} lacks {len(missing)} of {len(items)} sentences, the first is "
                f"{missing[0]!r}; give every system the same ones"
            )
    return {
        system: {item: _reading(of_one[item]) for item in items} for system, of_one in files.items()
    }


def _reading(path: Path) -> Source:
    return lambda: read_audio(path)


def _ruined(read: Source) -> Source:
    """Create the low anchor: scale to full scale first, so that all sixteen steps are used."""

    def ruin() -> tuple[Tensor, int]:
        waveform, sample_rate = read()
        loud = waveform / waveform.abs().max().clamp(min=1e-6)
        return mulaw_decode(mulaw_encode(loud, bits=ANCHOR_BITS), bits=ANCHOR_BITS), sample_rate

    return ruin


def _write(folder: Path, plan: ListeningPlan, sources: Mapping[str, Mapping[str, Source]]) -> None:
    levels = {
        (system, item): _level_and_peak(f"{item!r} by {system!r}", read)
        for system, of_one in sources.items()
        for item, read in of_one.items()
    }
    target = min(LEVEL_DB, *(level - peak - HEADROOM_DB for level, peak in levels.values()))
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", dir=folder) as beside:
        (Path(beside) / CLIPS).mkdir()
        for (system, item), (level, _) in levels.items():
            waveform, sample_rate = sources[system][item]()
            path = Path(beside) / CLIPS / plan.clips[system][item]
            path.write_bytes(_flac(waveform * 10 ** ((target - level) / 20), sample_rate))
        for path in (Path(beside) / CLIPS).iterdir():
            os.utime(path, (0, 0))  # the time of writing would reveal the system, too
        (Path(beside) / CLIPS).rename(folder / CLIPS)
        written = {name: value for name, value in asdict(plan).items() if name != "folder"}
        manifest = Path(beside) / MANIFEST
        manifest.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        manifest.rename(folder / MANIFEST)  # last: now the test is complete


def _level_and_peak(name: str, read: Source) -> tuple[float, float]:
    """Return the active speech level and the peak, in dB of full scale."""
    waveform, sample_rate = read()
    try:
        level = active_speech_level(waveform, sample_rate=sample_rate)
    except ValueError as error:
        raise ValueError(f"the clip of {name}: {error}") from error
    return level, 20 * math.log10(waveform.abs().max().item())


def _flac(waveform: Tensor, sample_rate: int) -> bytes:
    """Encode losslessly, with 16 bits."""
    encoded = BytesIO()
    soundfile.write(encoded, waveform[0].numpy(), sample_rate, format="FLAC", subtype="PCM_16")
    return encoded.getvalue()
