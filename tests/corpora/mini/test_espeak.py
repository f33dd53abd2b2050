from itertools import pairwise

import numpy as np
import pytest

from ttslib.corpora.mini.espeak import _ARPABET, SILENCE, EspeakVoice, speak, to_arpabet

VOICE = EspeakVoice("en-us", pitch=50, words_per_minute=165)
ARPABET = """AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH
UH UW V W Y Z ZH""".split()


def phonemes_of(text):
    return [time.phoneme for time in speak(text, VOICE)[2] if time.phoneme != SILENCE]


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("measure", "M EH ZH ER"),
        ("little", "L IH T AH L"),
        ("button", "B AH T AH N"),
        ("bird", "B ER D"),
        ("choir", "K W AY ER"),
        ("oil", "OY L"),
        ("garden", "G AA R D AH N"),
        ("thing", "TH IH NG"),
        ("huge", "HH Y UW JH"),
        ("them", "DH EH M"),
    ],
)
def test_espeaks_sounds_in_arpabet(word, phonemes):
    assert phonemes_of(word) == phonemes.split()


def test_every_symbol_is_arpabet_and_all_39_are_there():
    assert {symbol for sounds in _ARPABET.values() for symbol in sounds.split()} == set(ARPABET)


def test_stress_and_pauses():
    assert to_arpabet("'aI3") == ["AY", "ER"]
    assert to_arpabet("_:") == [SILENCE]
    assert to_arpabet(";") == []
    with pytest.raises(ValueError, match=r"'q!'.*no symbol"):
        to_arpabet("q!")


def test_times_run_on_without_gaps_to_the_end():
    samples, rate, times = speak("The oil, a huge loss, was poured out.", VOICE)
    assert samples.dtype == np.int16
    assert len(samples) > rate
    for before, after in pairwise(times):
        assert before.start < before.end == pytest.approx(after.start)
    assert times[-1].end == pytest.approx(len(samples) / rate)


def test_a_faster_and_higher_voice_is_faster():
    slow, _, _ = speak("We walked to the market together.", VOICE)
    fast, _, _ = speak("We walked to the market together.", VOICE._replace(words_per_minute=300))
    assert len(fast) < 0.8 * len(slow)


def test_an_unknown_voice_is_named():
    with pytest.raises(ValueError, match="no voice 'klingon-x'"):
        speak("Hello.", VOICE._replace(name="klingon-x"))
