"""espeak-ng through ctypes: from a sentence to its samples and the times of its phonemes.

The library and its data come from the `espeakng-loader` wheel, so nothing has to be installed
besides Python packages. espeak-ng is a formant synthesizer: its voice is robotic, but the time of
every phoneme is exact, which no recording of a person offers.

Shapes: S samples.
"""

import ctypes
import functools
import json
import re
import sys
from typing import NamedTuple

import numpy as np

from ttslib.corpora.phoneme_times import PhonemeTime

__all__ = ["SILENCE", "EspeakVoice", "speak", "to_arpabet"]

SILENCE = "sil"  # a pause, among the ARPAbet symbols

# espeak-ng's symbols for the sounds of American English, with their ARPAbet. The stress marks
# ' , % = are removed first.
_ARPABET = {
    # consonants; t# and * are taps (water, ladder), ? the glottal stop of "button"
    **{sound: sound.upper() for sound in "b d f h k l m n p r s t v w z g".split()},
    **{"tS": "CH", "dZ": "JH", "S": "SH", "Z": "ZH", "T": "TH", "D": "DH", "N": "NG", "j": "Y"},
    **{"h": "HH", "t#": "T", "t2": "T", "d#": "D", "*": "T", "?": "T", "r-": "R"},
    **{"l^": "L", "l#": "L"},
    **{"n-": "AH N", "m-": "AH M", "@L": "AH L", "z#": "Z", "s#": "S", "x": "K", "w#": "W"},
    # vowels
    **{"i:": "IY", "i": "IY", "I": "IH", "I#": "IH", "I2": "IH", "I2#": "IH", "E": "EH"},
    **{"E2": "EH", "E#": "EH", "a": "AE", "aa": "AE", "a2": "AE", "a#": "AH", "@": "AH"},
    **{"@2": "AH", "@5": "UH", "@#": "AH", "@-": "AH", "V": "AH", "0": "AA", "0#": "AA"},
    **{"A:": "AA", "A": "AA", "A#": "AA", "A~": "AA N"},
    **{"O:": "AO", "O": "AO", "O2": "AO", "O~": "AO N"},
    **{"U": "UH", "u:": "UW", "u": "UW"},
    **{"aI": "AY", "eI": "EY", "OI": "OY", "aU": "AW", "oU": "OW", "oU#": "OW", "o": "OW"},
    # vowels followed by an r
    **{"3": "ER", "3:": "ER", "@r": "ER", "A@": "AA R", "O@": "AO R", "o@": "AO R", "e@": "EH R"},
    **{"i@3": "IH R", "i@": "IY AH", "U@": "UH R", "aI3": "AY ER", "aI@": "AY AH", "aU@": "AW ER"},
    **{"VR": "AH R", "IR": "IH R"},
}  # fmt: skip

_STRESS_AND_PALATALISATION = re.compile(r"[',%=;]")


class EspeakVoice(NamedTuple):
    """One of espeak-ng's voices and its pitch and speed."""

    name: str  # espeak's own, e.g. "en-us+f1"
    pitch: int  # 0 to 99; 50 is the voice's own
    words_per_minute: int


class _Identifier(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identifier),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
# The constants of speak_lib.h that are used here.
_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_DONT_EXIT = 0x8000  # else espeak ends the whole process if it can't start
_END_OF_EVENTS, _PHONEME = 0, 7
_RATE, _VOLUME, _PITCH = 1, 2, 3

_HEADROOM = 80  # percent of espeak's own volume, at which its loudest vowels would clip


@functools.cache
def _library() -> tuple[ctypes.CDLL, int]:
    """Return the library and its sample rate in Hz; all its state is global: one per process."""
    import espeakng_loader  # here, because reading an existing corpus doesn't need it

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS | _DONT_EXIT)
    if rate <= 0:
        raise RuntimeError(
            f"espeak-ng did not start with its data at {data.decode()}; install the "
            "espeakng-loader package again, in a folder with a path of less than 160 characters"
        )
    return library, rate


def speak(text: str, voice: EspeakVoice) -> tuple[np.ndarray, int, list[PhonemeTime]]:
    """Speak a sentence.

    espeak-ng keeps the state of its pitch flutter from one sentence to the next, so only the same
    sentences in the same order, from the start of the process, give the same samples.

    Parameters
    ----------
    text
        Plain English.
    voice
        The voice and its settings.

    Returns
    -------
    samples : ndarray (S,), int16
    sample_rate : int
        22,050 Hz.
    phonemes : list of PhonemeTime
        In order and without gaps, pauses included.

    Raises
    ------
    ValueError
        If espeak-ng doesn't have the voice.

    References
    ----------
    espeak-ng, src/include/espeak-ng/speak_lib.h (the interface that is called here).

    Taught in: notebooks/01_dataset_exploration
    """
    library, rate = _library()
    pieces: list[bytes] = []
    events: list[tuple[int, str]] = []  # (sample, mnemonic)

    def collect(samples: int | None, count: int, event) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        while event[0].type != _END_OF_EVENTS:
            if event[0].type == _PHONEME:
                events.append((event[0].sample, event[0].id.string.decode()))
            event = ctypes.pointer(event[1])
        return 0  # continue

    callback = _Callback(collect)  # kept in a variable, or ctypes would free it during the call
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice.name!r}; try 'en-us' or 'en-us+f1'")
    library.espeak_SetParameter(_RATE, voice.words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    library.espeak_SetParameter(_VOLUME, _HEADROOM, 0)
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
    samples = np.frombuffer(b"".join(pieces), np.int16)
    return samples, rate, _times(events, len(samples), rate)


def _speak_order() -> None:
    """Speak the sentences of the order on standard input; write the results to standard output.

    This is the whole work of the processes that `speaking.py` starts. Each sentence gives a line of
    JSON, with the size of the samples in bytes, their rate and the phonemes, then the samples.
    """
    order = json.loads(sys.stdin.buffer.read())
    voice = EspeakVoice(*order["voice"])
    for sentence in order["sentences"]:
        samples, rate, phonemes = speak(sentence, voice)
        header = json.dumps([samples.nbytes, rate, phonemes])
        sys.stdout.buffer.write(header.encode() + b"\n" + samples.tobytes())
        sys.stdout.flush()


def _times(events: list[tuple[int, str]], n_samples: int, rate: int) -> list[PhonemeTime]:
    """Turn events into times: each sound lasts until the next event."""
    ends = [sample for sample, _ in events[1:]] + [n_samples]
    times: list[PhonemeTime] = []
    for (start, mnemonic), end in zip(events, ends, strict=True):
        symbols = to_arpabet(mnemonic)
        spoken_before = bool(times) and times[-1].phoneme != SILENCE
        if end == start and symbols != [SILENCE] and spoken_before:
            # espeak has fused it with the sound before it (the l of "oil"): they share that time
            start = round((times[-1].start + times[-1].end) / 2 * rate)
            times[-1] = times[-1]._replace(end=start / rate)
        step = (end - start) / max(1, len(symbols))
        for i, symbol in enumerate(symbols):  # a sound with two symbols is split evenly
            begin, until = (start + i * step) / rate, (start + (i + 1) * step) / rate
            if times and symbol == times[-1].phoneme == SILENCE:
                times[-1] = times[-1]._replace(end=until)
            elif until > begin:
                times.append(PhonemeTime(symbol, begin, until, mnemonic))
        if not symbols and times:  # palatalization belongs to the sound before it
            times[-1] = times[-1]._replace(end=end / rate)
    return times


def to_arpabet(mnemonic: str) -> list[str]:
    """Convert espeak's symbol to ARPAbet without stress: none, one or two symbols.

    Raises
    ------
    ValueError
        If it isn't a sound of espeak's American English.
    """
    bare = _STRESS_AND_PALATALISATION.sub("", mnemonic)
    if bare.startswith("_"):
        return [SILENCE]
    if bare and bare not in _ARPABET:
        raise ValueError(
            f"espeak-ng's sound {mnemonic!r} has no symbol in ARPAbet; "
            "leave the word out or add the sound to _ARPABET"
        )
    return _ARPABET[bare].split() if bare else []
