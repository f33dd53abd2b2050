"""Compare any systems over the same sentences, and write the results as a page."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ttslib.corpora.corpus import Corpus
from ttslib.evaluation.report.keeping import Keeping
from ttslib.evaluation.report.page import report_markdown, write_report_page
from ttslib.evaluation.report.results import Results
from ttslib.evaluation.report.systems import (
    PREDICTORS,
    RECORDING,
    load_predictor,
    load_recognizer,
    load_system,
)
from ttslib.files import write_whole
from ttslib.records import Utterance

__all__ = ["Report", "evaluate"]


class Report(Results):
    """Results that can be written as a page of HTML, JSON and Markdown.

    Taught in: notebooks/08_evaluation
    """

    def save_markdown(self, path: Path | str, *, command: str) -> Path:
        """Write the tables as Markdown, with the command that made them."""
        return write_whole(Path(path), report_markdown(self, command=command).encode())

    def save(self, folder: Path | str) -> Path:
        """Write `report.html`, one page that needs no other file, and `report.json`.

        Returns
        -------
        Path
            The page.
        """
        folder = Path(folder)
        data = json.dumps(self.to_dict(), indent=1, allow_nan=False)
        write_whole(folder / "report.json", data.encode())
        return write_report_page(folder / "report.html", self)


def evaluate(
    systems: Sequence[str],
    corpus: Corpus,
    *,
    out: Path | str,
    name: str = "corpus",
    sentences: int = 20,
    heard: int = 6,
    recognizers: Sequence[str] = (),
    predict_mos: bool = False,
    seed: int = 0,
    jobs: int = -1,
) -> Report:
    """Speak sentences of a corpus with some systems, and compare them with the recordings.

    Parameters
    ----------
    systems
        Each "VOICE", "VOICE+VOCODER" or "copy:VOCODER" (the recording's own mel through a
        vocoder). A slow one with "@5" after it gets only five of the sentences. The recording
        itself is always included.
    corpus
        Ideally of sentences that no system was trained on.
    out
        A folder for the measures; an evaluation begun there is resumed.
    name
        The corpus's name, for the headings.
    sentences
        Number of sentences, spread evenly over the corpus.
    heard
        Number of sentences whose sound is stored for the page.
    recognizers
        Recognizers for error rates: "mini-listener" or another listener,
        "pocketsphinx", "whisper:FOLDER".
    predict_mos
        Whether DistillMOS and DNSMOS predict listeners' opinions, too.
    seed
        For the systems' random numbers, and for the resampling.
    jobs
        Processes; -1 is one per core.

    Raises
    ------
    ValueError
        If there is no system, no sentence, or no such voice, vocoder or speaker, no clip can be
        read, or `out` has other files.
    OSError
        If `out` can't be written to; finished measures stay.

    Taught in: notebooks/08_evaluation
    """
    wanted = _wanted(systems, sentences)
    chosen = _spread(corpus.utterances, sentences)
    plan = {system: _spread(chosen, most) for system, most in wanted.items()}
    fingerprints = {}
    for system, utterances in plan.items():
        loaded = load_system(system)
        loaded.require_speakers(utterances)
        fingerprints[system] = loaded.fingerprint
    predictors = tuple(PREDICTORS) if predict_mos else ()
    for predictor in predictors:
        load_predictor(predictor)  # raise the error for a missing package before the work
    keeping = Keeping(
        Path(out),
        corpus.utterances,
        recognizers={name: load_recognizer(name)[1] for name in recognizers},
        predictors=predictors,
        seed=seed,
        fingerprints=fingerprints,
    )
    unread = keeping.measure(plan, audible={u.id for u in chosen[:heard]}, jobs=jobs)
    if len(unread) == len(chosen):
        raise ValueError(f"no clip of {name} can be read ({next(iter(unread.values()))})")
    clips = {
        system: {u.id: keeping.clip(system, u) for u in utterances if u.id not in unread}
        for system, utterances in plan.items()
    }
    kept = [utterance for utterance in chosen if utterance.id not in unread]
    return Report(corpus=name, utterances=kept, clips=clips, seed=seed)


def _wanted(systems: Sequence[str], sentences: int) -> dict[str, int]:
    """Return the number of sentences for each system: the recording, then the others."""
    if not systems:
        raise ValueError(f"give at least one system beside the {RECORDING}, such as mini")
    if sentences < 1:
        raise ValueError(f"sentences must be at least 1, got {sentences}")
    wanted = {RECORDING: sentences}
    for system in systems:
        few = re.fullmatch(r"(.+)@(\d+)", system)
        wanted[few[1] if few else system] = min(sentences, int(few[2])) if few else sentences
    if none := [system for system, most in wanted.items() if most < 1]:
        raise ValueError(f"{none[0]}@0 has no sentences; give it one or leave it out")
    return wanted


def _spread(utterances: Sequence[Utterance], most: int) -> list[Utterance]:
    """Return up to `most` of the utterances, evenly spread."""
    if not utterances:
        raise ValueError("the corpus has no utterances; open one with clips")
    count = min(most, len(utterances))
    return [utterances[i * len(utterances) // count] for i in range(count)]
