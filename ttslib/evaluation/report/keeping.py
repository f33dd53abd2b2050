"""The work behind a report: measure each sentence of each system once, and store the result.

    evaluation.json                                 identifies the evaluation
    clips/SYSTEM-FINGERPRINT/SENTENCE.json          the measures, or why there are none
    clips/SYSTEM-FINGERPRINT/SENTENCE.sound.mpeg    for the page; only of the first sentences

Files are written completely or not at all, so an interrupted evaluation resumes where it stopped.
The fingerprint depends on weights and settings, so a system that has changed is measured again.

Shapes: S samples.
"""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import joblib
from tqdm.auto import tqdm

from ttslib.audio.files import encode_audio, read_audio, resample
from ttslib.config import AudioConfig
from ttslib.evaluation.measures.intelligibility import Recognizer
from ttslib.evaluation.measures.opinions import OpinionPredictor
from ttslib.evaluation.report.measures import analyze, measure
from ttslib.evaluation.report.systems import System, load_predictor, load_recognizer, load_system
from ttslib.files import write_whole
from ttslib.records import Utterance

__all__ = ["Keeping", "KeptClip"]

FORMAT = 2  # of the stored measures; raised when they would have other values
STAMP = "evaluation.json"
AUDIO = AudioConfig()  # everything is compared at its rate


@dataclass(frozen=True, kw_only=True)
class KeptClip:
    """The measures of one sentence by one system."""

    parts: dict[str, tuple[float, float]]  # measure -> numerator, denominator
    heard: str = ""  # the recognizers' transcripts
    failure: str | None = None  # why there are no measures
    sound: Path | None = None  # for the page


class Keeping:
    """The folder of one evaluation.

    Parameters
    ----------
    folder
        New or empty, or of the same evaluation.
    utterances
        Of the whole corpus, which identify the evaluation.
    recognizers
        Name -> fingerprint.
    predictors
        Names of the predictors of listeners' opinions.
    seed
        For the systems' random numbers.
    fingerprints
        Of the systems.

    Raises
    ------
    ValueError
        If the folder has another evaluation, or other files.
    """

    def __init__(
        self,
        folder: Path,
        utterances: Sequence[Utterance],
        *,
        recognizers: Mapping[str, str],
        predictors: Sequence[str] = (),
        seed: int,
        fingerprints: Mapping[str, str],
    ):
        self.folder, self.recognizers, self.seed = folder, tuple(recognizers), seed
        self.predictors = tuple(predictors)
        self._fingerprints = fingerprints
        self._run = os.urandom(8).hex()
        texts = json.dumps([(u.id, u.text) for u in utterances])
        self._claim(
            {
                "format": FORMAT,
                "corpus": hashlib.sha256(texts.encode()).hexdigest()[:16],
                "recognizer": sorted(recognizers.values()),
                "seed": seed,
            }
            | ({"opinion": sorted(predictors)} if predictors else {})
        )

    def _claim(self, mine: dict) -> None:
        stamp = self.folder / STAMP
        if stamp.is_file():
            theirs = json.loads(stamp.read_text(encoding="utf-8"))
            if differ := [key for key in mine if mine[key] != theirs.get(key)]:
                raise ValueError(
                    f"{self.folder} holds an evaluation with another {' and '.join(differ)}; "
                    "choose another folder"
                )
        elif self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise ValueError(
                f"{self.folder} has files that aren't an evaluation's; choose another folder"
            )
        else:
            write_whole(stamp, json.dumps(mine).encode())

    def clip(self, system: str, utterance: Utterance) -> KeptClip | None:
        """Return the stored clip; None if it hasn't been measured yet."""
        path = self._path(system, utterance)
        if not path.is_file():
            return None
        sounds = sorted(path.parent.glob(f"{utterance.id}.sound.*"))
        return KeptClip(**json.loads(path.read_text("utf-8")), sound=sounds[0] if sounds else None)

    def _path(self, system: str, utterance: Utterance) -> Path:
        name = re.sub(r"[^\w.+-]+", "_", system)[-80:]
        called = "-".join(filter(None, (name, self._fingerprints[system])))
        return self.folder / "clips" / called / f"{utterance.id}.json"

    def measure(
        self, plan: dict[str, Sequence[Utterance]], *, audible: set[str], jobs: int
    ) -> dict[str, str]:
        """Measure what isn't stored yet, sentence by sentence, with a progress bar.

        Parameters
        ----------
        plan
            System -> its sentences.
        audible
            The IDs of the sentences whose sound is stored, too.
        jobs
            Processes; -1 is one per core.

        Returns
        -------
        dict
            ID -> error, for recordings that can't be read.
        """
        missing: dict[str, tuple[Utterance, list[str]]] = {}
        for system, utterances in plan.items():
            for utterance in utterances:
                kept = self.clip(system, utterance)
                silent = utterance.id in audible and kept and not (kept.sound or kept.failure)
                if kept is None or silent:
                    missing.setdefault(utterance.id, (utterance, []))[1].append(system)
        unread = {}
        total = sum(len(systems) for _, systems in missing.values())
        with tqdm(total=total, desc="evaluate", unit="clip", disable=not missing) as bar:
            parallel = joblib.Parallel(
                n_jobs=min(jobs, len(missing)) or 1, return_as="generator_unordered", batch_size=1
            )
            tasks = (
                joblib.delayed(self._sentence)(*work, audible=work[0].id in audible)
                for work in missing.values()
            )
            for name, count, problem in parallel(tasks):
                bar.update(count)
                if problem:
                    unread[name] = problem
        if unread:
            told = "; ".join(f"{name} ({why})" for name, why in list(unread.items())[:5])
            warnings.warn(f"{len(unread)} recording(s) left out: {told}", stacklevel=3)
        return unread

    def _sentence(
        self, utterance: Utterance, systems: Sequence[str], *, audible: bool
    ) -> tuple[str, int, str]:
        """Measure several systems on one sentence: return its ID, their number, and any error."""
        try:
            recording = read_audio(utterance.audio_path, sample_rate=AUDIO.sample_rate)[0][0]
            whole = len(recording) // AUDIO.hop_length * AUDIO.hop_length  # like a mel's frames
            recording = recording[:whole]  # (S,)
            reference = analyze(recording)
        except (OSError, ValueError) as error:
            return utterance.id, len(systems), str(error)
        recognizers = [_recognizer(name, self._run) for name in self.recognizers]
        predictors = [_predictor(name, self._run) for name in self.predictors]
        for system in systems:
            path = self._path(system, utterance)
            try:
                said = _loaded(system, self._run)(utterance, recording, seed=self.seed)
                waveform = resample(
                    said.waveform, source_rate=said.sample_rate, target_rate=AUDIO.sample_rate
                )
                parts, heard = measure(
                    reference, waveform, said, text=utterance.text,
                    recognizers=recognizers, predictors=predictors,
                )  # fmt: skip
            except ValueError as error:  # it is silent, or can't be measured
                found = {"parts": {}, "failure": str(error)}
            else:
                found = {"parts": parts, "heard": heard}
                if audible:
                    kind, data = encode_audio(waveform, AUDIO.sample_rate)
                    write_whole(path.with_suffix(f".sound.{kind}"), data)
            write_whole(path, json.dumps(found).encode())
        return utterance.id, len(systems), ""


@lru_cache(maxsize=32)
def _loaded(system: str, run: str) -> System:
    """Load a system once per process and evaluation: its file may change before the next."""
    return load_system(system)


@lru_cache(maxsize=4)
def _recognizer(name: str, run: str) -> Recognizer:
    return load_recognizer(name)[0]


@lru_cache(maxsize=4)
def _predictor(name: str, run: str) -> OpinionPredictor:
    return load_predictor(name)
