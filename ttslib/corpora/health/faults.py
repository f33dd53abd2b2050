"""Find the faults of a clip, by fixed limits and by its speaker's other clips.

The limits are wide, so that a reported fault is one. An outlier is farther from its speaker's
median than several times the usual deviation, and than an audible deviation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ttslib.corpora.health.fit import TextFit, fit_texts, like_other_speaker
from ttslib.corpora.health.measures import MEASURED_SECONDS, ClipMeasures, SoundMeasures

__all__ = ["Fault", "find_faults"]

FEWEST_OF_SPEAKER = 8  # clips; with fewer, the whole corpus determines what is usual
RARE = 0.2  # a format that a smaller share of the clips has is reported
SILENT_DB = -60.0  # peak, of full scale
FAINT_DB = -50.0  # speech, of full scale
DEAD_CHANNEL_DB = -40.0
CANCELLING = -0.3  # agreement of channels
OVER_FULL_SCALE_DB = 0.01  # integer formats reach 0 at most
CLIPPED = 0.001  # of the samples at the peak; good speech has a tenth of that
OFFSET = 0.01  # of full scale
CUT_OFF_DB = -15.0  # relative to the speech
NOISE_DB = -31.0  # a hiss 22 dB under the speech
HUM_DB = -9.0  # a hum 24 dB under the speech
OBSCURING = {"clipped", "noise", "hum", "sample rate"}  # they change how a voice sounds


class Fault(NamedTuple):
    """Something wrong with a clip."""

    utterance: str  # ID
    kind: str  # "clipped", "wrong text", ...
    sentence: str  # in plain words, with the figures


class _Usual(NamedTuple):
    """A speaker's median and usual deviation of one measure."""

    median: float
    deviation: float

    def beyond(self, value: float, *, times: float, least: float) -> float:
        """Return how far `value` is above the median (negative: below); 0 if that isn't unusual."""
        difference = value - self.median
        return difference if abs(difference) > max(times * self.deviation, least) else 0.0


class _Speaker(NamedTuple):
    """The usual values among a speaker's clips."""

    measures: Mapping[str, _Usual]
    formats: Mapping[str, Counter]  # sample rates and numbers of channels


_COMPARED = "speech_db quiet_start quiet_end longest_pause start_db end_db noise_db hum_db".split()


def find_faults(clips: Sequence[ClipMeasures]) -> list[Fault]:
    """Find all faults of all clips, in the clips' order; a clip may have several."""
    fits, voices = fit_texts(clips), like_other_speaker(clips)
    speakers = _usual_by_speaker(clips, fits)
    first_with: dict[str, str] = {}
    faults = []
    for clip in clips:
        name = clip.utterance.id
        found = list(_text_faults(clip))
        if clip.sound is None:
            found.append(("unreadable", clip.unreadable))
        else:
            first = first_with.setdefault(clip.sound.fingerprint, name)
            if first != name:
                found.append(("duplicate", f"its sound is that of {first}, sample for sample"))
            found += _judge(clip, speakers[clip.utterance.speaker], fits.get(name), voices)
        faults += [Fault(name, kind, sentence) for kind, sentence in found]
    return faults


def _usual_by_speaker(
    clips: Sequence[ClipMeasures], fits: Mapping[str, TextFit]
) -> dict[str, _Speaker]:
    groups = defaultdict(list)
    heard = [clip for clip in clips if clip.sound is not None]
    for clip in heard:
        groups[clip.utterance.speaker].append(clip)
    everybody = _usual(heard, fits) if heard else None
    return {
        name: _usual(group, fits) if len(group) >= FEWEST_OF_SPEAKER else everybody
        for name, group in groups.items()
    }


def _usual(clips: Sequence[ClipMeasures], fits: Mapping[str, TextFit]) -> _Speaker:
    values = {name: [getattr(clip.sound, name) for clip in clips] for name in _COMPARED}
    values["slowness"] = [
        _slowness(clip, fits[clip.utterance.id]) for clip in clips if clip.utterance.id in fits
    ] or [0.0]
    measures = {}
    for name, numbers in values.items():
        median = float(np.median(numbers))
        measures[name] = _Usual(
            median, 1.4826 * float(np.median(np.abs(np.subtract(numbers, median))))
        )
    return _Speaker(
        measures,
        {
            "sample_rate": Counter(clip.sound.sample_rate for clip in clips),
            "channels": Counter(clip.sound.channels for clip in clips),
        },
    )


def _slowness(clip: ClipMeasures, fit: TextFit) -> float:
    """Compute the log of a clip's length over the usual length of its text."""
    return float(np.log(max(clip.sound.speech_seconds, 0.01) / fit.usual_seconds))


def _text_faults(clip: ClipMeasures) -> Iterator[tuple[str, str]]:
    if clip.unspeakable:
        yield "no text", f"its text {_shortened(clip.utterance.text)}: {clip.unspeakable}"
    elif clip.silent_symbols:
        yield (
            "unknown symbols",
            f"its text {_shortened(clip.utterance.text)}: {clip.silent_symbols}",
        )


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _judge(
    clip: ClipMeasures, speaker: _Speaker, fit: TextFit | None, voices: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    sound = clip.sound
    yield from _format_faults(sound, speaker)
    if sound.peak_db < SILENT_DB:
        yield "silent", f"it is silent: its peak is {sound.peak_db:.0f} dB of full scale"
        return
    if sound.agreement < CANCELLING:  # the other measures are of the channels' mean
        return
    damage = [*_sample_faults(sound), *_level_faults(sound, speaker)]
    yield from damage
    yield from _time_faults(sound, speaker)
    if fit is not None:
        yield from _pace_faults(clip, speaker, fit)
    kinds = {kind for kind, _ in damage}
    if sound.sample_rate == _most(speaker.formats["sample_rate"]) and not kinds & OBSCURING:
        if fit is not None:
            yield from _fit_faults(clip, fit)
        if other := voices.get(clip.utterance.id):
            sentence = f"it sounds like speaker {other}, not like {clip.utterance.speaker}"
            yield "wrong speaker", sentence


def _most(counts: Counter) -> int:
    return counts.most_common(1)[0][0]


def _format_faults(sound: SoundMeasures, speaker: _Speaker) -> Iterator[tuple[str, str]]:
    for field, kind, words in (
        ("sample_rate", "sample rate", "its header says {} Hz; most clips have {} Hz"),
        ("channels", "channels", "it has {} channel(s); most clips have {}"),
    ):
        counts, here = speaker.formats[field], getattr(sound, field)
        if counts[here] < RARE * counts.total():
            yield kind, words.format(here, _most(counts))
    if sound.weakest_channel_db < DEAD_CHANNEL_DB:
        yield "channels", f"one of its {sound.channels} channels is dead"
    elif sound.agreement < CANCELLING:
        yield "channels", f"its {sound.channels} channels cancel each other out when averaged"


def _sample_faults(sound: SoundMeasures) -> Iterator[tuple[str, str]]:
    if sound.peak_db > OVER_FULL_SCALE_DB:
        sentence = f"its peak is {sound.peak_db:.1f} dB over full scale; integer formats clip it"
        yield "over full scale", sentence
    if sound.near_peak > CLIPPED:
        yield "clipped", f"it is clipped: {100 * sound.near_peak:.1f} % of its samples are its peak"
    if abs(sound.offset) > OFFSET:
        yield "offset", f"its samples are centered on {sound.offset:+.3f} of full scale, not on 0"
    if sound.gap:
        yield "gap", f"its sound breaks off for {1000 * sound.gap:.0f} ms, as if samples were lost"


def _level_faults(sound: SoundMeasures, speaker: _Speaker) -> Iterator[tuple[str, str]]:
    usual = speaker.measures
    if decibels := usual["speech_db"].beyond(sound.speech_db, times=6, least=10):
        word = "louder" if decibels > 0 else "softer"
        yield "level", f"it is {abs(decibels):.0f} dB {word} than its speaker's other clips"
    elif sound.speech_db < FAINT_DB:
        yield "level", f"it is faint: its speech is at {sound.speech_db:.0f} dB of full scale"
    noise = usual["noise_db"].beyond(sound.noise_db, times=0, least=8)
    hum = usual["hum_db"].beyond(sound.hum_db, times=0, least=12)
    if noise > 0 and sound.noise_db > NOISE_DB:
        yield "noise", f"its noise is {noise:.0f} dB above that of its speaker's other clips"
    if hum > 0 and sound.hum_db > HUM_DB:
        yield "hum", f"its hum is {hum:.0f} dB above that of its speaker's other clips"


def _time_faults(sound: SoundMeasures, speaker: _Speaker) -> Iterator[tuple[str, str]]:
    usual = speaker.measures
    if sound.seconds > MEASURED_SECONDS:
        yield (
            "too long",
            f"it lasts {sound.seconds / 60:.0f} minutes, of which only the first "
            f"{MEASURED_SECONDS // 60} were measured; cut it into sentences",
        )
    for end, verb, side in (("start", "begins", "first"), ("end", "ends", "last")):
        seconds = getattr(sound, f"quiet_{end}")
        if usual[f"quiet_{end}"].beyond(seconds, times=6, least=0.4) > 0:
            yield "long silence", f"it {verb} with {seconds:.1f} s of silence"
        level = getattr(sound, f"{end}_db")
        if level > CUT_OFF_DB and usual[f"{end}_db"].beyond(level, times=5, least=10) > 0:
            softer = f"only {-level:.0f} dB below" if level < 0 else "as loud as"
            yield "cut off", f"it {verb} within a sound: its {side} 20 ms are {softer} its speech"
    if usual["longest_pause"].beyond(sound.longest_pause, times=6, least=0.8) > 0:
        yield "long silence", f"it has a pause of {sound.longest_pause:.1f} s"


def _pace_faults(clip: ClipMeasures, speaker: _Speaker, fit: TextFit) -> Iterator[tuple[str, str]]:
    usual = speaker.measures["slowness"]
    if slowness := usual.beyond(_slowness(clip, fit), times=4.5, least=0.3):
        usual_seconds = fit.usual_seconds * np.exp(usual.median)
        yield (
            "pace",
            f"it is too {'long' if slowness > 0 else 'short'} for its text: "
            f"{clip.sound.speech_seconds:.1f} s of speech for {len(clip.utterance.text)} "
            f"characters, for which its speaker takes {usual_seconds:.1f} s",
        )


def _fit_faults(clip: ClipMeasures, fit: TextFit) -> Iterator[tuple[str, str]]:
    if fit.is_wrong:
        best = "" if fit.closest == clip.utterance.id else f", best that of {fit.closest}"
        yield (
            "wrong text",
            f"its sound doesn't fit its text: of {fit.n_others} texts of its length "
            f"{fit.n_better} fit better{best}",
        )
