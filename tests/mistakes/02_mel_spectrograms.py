"""Wrong answers to the exercises of notebook 02, and what the check says of each."""

_ADD = """
def overlap_add(spectra, n_fft, hop):
    n_frames = spectra.shape[1]
    sound = torch.zeros((n_frames - 1) * hop + n_fft)
    windows = torch.zeros_like(sound)
    for t in range(n_frames):
        place = slice(t * hop, t * hop + n_fft)
        sound[place] += torch.fft.irfft(spectra[:, t], n_fft)
        windows[place] += torch.hann_window(n_fft)
    beside = (n_fft - hop) // 2
    return (sound / windows.clamp(min=1e-8))[beside : len(sound) - beside]
"""
_PITCH = """
def find_pitch(frame):
    shifts = range(RATE // 400, RATE // 60 + 1)
    alike = torch.stack([(frame[shift:] * frame[:-shift]).sum() for shift in shifts])
    return RATE / shifts[int(alike.argmax())]
"""
_DIAGNOSE = """
def diagnose(mel, n_samples):
    if mel.shape[1] != n_samples // 256:
        return "framing"
    lowest = float(mel.min())
    if lowest < -50:
        return "decibels"
    if lowest < -13:
        return "power"
    return "normalized" if lowest > -6 else "right"
"""
_REMOVE = """
def remove_noise(magnitude):
    quietest = magnitude.sum(dim=0).argsort()[: max(1, magnitude.shape[1] // 20)]
    background = magnitude[:, quietest].mean(dim=1, keepdim=True)
    return (magnitude - background).clamp(min=0)
"""


def _but(solution: str, right: str, wrong: str) -> str:
    assert right in solution
    return solution.replace(right, wrong)


MISTAKES = {
    "Exercise 1": {
        "not divided": (_but(_ADD, "/ windows.clamp(min=1e-8)", ""), "2.00 times as loud"),
        "always divided by two": (
            _but(_ADD, "windows.clamp(min=1e-8)", "2"),
            "n_fft 1024, hop 256: right in the middle, wrong at the ends; see step 3",
        ),
        "divided by the squared windows": (
            _but(_ADD, "hann_window(n_fft)", "hann_window(n_fft) ** 2"),
            "times as loud",
        ),
        "nothing is cut off": (
            _but(_ADD, "[beside : len(sound) - beside]", ""),
            "samples, got shape",
        ),
        "cut off at the end alone": (
            _but(_ADD, "[beside : len(sound) - beside]", "[: n_frames * hop]"),
            "samples early or late",
        ),
        "half a window is cut off, as if centered": (
            _but(_ADD, "[beside : len(sound) - beside]", "[n_fft // 2 :][: n_frames * hop]"),
            "128 samples early or late",
        ),
        "always 384 are cut off": (
            _but(
                _ADD,
                "[beside : len(sound) - beside]",
                "[384:][: n_frames * hop]",
            ),
            "n_fft 800, hop 200: the sound is right but 84 samples early or late; see step 4",
        ),
        "always a hop of 256": (
            _but(_ADD, "n_frames = spectra.shape[1]", "n_frames, hop = spectra.shape[1], 256"),
            "n_fft 800, hop 200",
        ),
        "frames in reverse": (
            _but(_ADD, "spectra[:, t]", "spectra[:, -1 - t]"),
            "are the frames in their places",
        ),
        "the last frame is forgotten": (
            _but(_ADD, "in range(n_frames)", "in range(n_frames - 1)"),
            "n_fft 1024, hop 512: right in the middle, wrong at the ends; see step 3",
        ),
        "silence": (
            "def overlap_add(spectra, n_fft, hop):\n    return torch.zeros(spectra.shape[1] * hop)",
            "0.00 times as loud",
        ),
        "complex": (_but(_ADD, "    return (", "    return (1 + 0j) * ("), "must be real"),
    },
    "Exercise 2": {
        "the loudest bin": (
            "def find_pitch(frame):\n    return torch.fft.rfft(frame).abs().argmax() * RATE / 1024",
            "times as high",
        ),
        "the library's": (
            "def find_pitch(frame):\n"
            "    return extract_pitch(frame, config=audio).nan_to_num(0).max()",
            "that is the library's extract_pitch",
        ),
        "the mean, which two turns win": (_but(_PITCH, ").sum()", ").mean()"), "times as high"),
        "hardly shifted": (_but(_PITCH, "RATE // 400", "1"), "times as high"),
        "too few shifts for low voices": (
            _but(_PITCH, "RATE // 60 + 1", "RATE // 80"),
            "a noisy buzz of 65 Hz",
        ),
        "too few shifts for high voices": (
            _but(_PITCH, "RATE // 400", "RATE // 200"),
            "times as high",
        ),
        "off by one frame's worth": (
            _but(_PITCH, "shifts[int(alike.argmax())]", "(10 + shifts[int(alike.argmax())])"),
            "times as high",
        ),
        "the place in the list": (
            _but(_PITCH, "shifts[int(alike.argmax())]", "(1 + int(alike.argmax()))"),
            "times as high",
        ),
        "the smallest sum": (_but(_PITCH, "argmax", "argmin"), "times as high"),
        "a threshold that soft voices don't reach": (
            _but(_PITCH, "    alike", "    frame = frame * (frame.abs() > 0.05)\n    alike"),
            "clip 12",
        ),
        "a constant": ("def find_pitch(frame):\n    return 100.0", "times as high"),
        "the period": (_but(_PITCH, "RATE / shifts", "shifts"), "times as high"),
    },
    "Exercise 3": {
        "the mouth shut before a stop": (
            "def reading():\n    return 1.17, 1.55, 'OW'",
            "at 1.17 s there is no sil",
        ),
        "the wrong vowel": (
            "def reading():\n    return 0.55, 1.55, 'IY'",
            "the last vowel isn't IY",
        ),
        "the two places are swapped": (
            "def reading():\n    return 1.55, 0.55, 'OW'",
            "at 1.55 s there is no sil",
        ),
        "frames instead of seconds": (
            "def reading():\n    return 52, 145, 'OW'",
            "at 52 s there is no sil",
        ),
        "the silence at the start": (
            "def reading():\n    return 0.02, 1.55, 'OW'",
            "at 0.02 s there is no sil",
        ),
        "words": ("def reading():\n    return 'early', 1.55, 'OW'", "is no time in seconds"),
    },
    "Exercise 4": {
        "always right": ("def diagnose(mel, n_samples):\n    return 'right'", "is 'decibels'"),
        "only too many frames": (
            _but(_DIAGNOSE, "!= n_samples // 256", "> n_samples // 256"),
            "is 'framing', got 'right'",
        ),
        "only too few frames": (
            _but(_DIAGNOSE, "!= n_samples // 256", "< n_samples // 256"),
            "is 'framing', got 'right'",
        ),
        "rounded up": (
            _but(_DIAGNOSE, "n_samples // 256", "-(-n_samples // 256)"),
            "is 'right', got 'framing'",
        ),
        "the floor has to be exact": (
            _but(
                _DIAGNOSE,
                'lowest < -13:\n        return "power"',
                'lowest < -23:\n        return "power"',
            ),
            "is 'power', got 'right'",
        ),
        "power from -11.5 on": (
            _but(_DIAGNOSE, "lowest < -13", "lowest < -11.5"),
            "is 'right', got 'power'",
        ),
        "normalized above 0": (
            _but(_DIAGNOSE, "lowest > -6", "lowest > 0"),
            "is 'normalized', got 'right'",
        ),
        "by the highest value": (
            "def diagnose(mel, n_samples):\n    return 'normalized' if mel.max() > 2 else 'right'",
            "is 'decibels', got 'normalized'",
        ),
    },
    "Exercise 5": {
        "nothing is removed": (
            "def remove_noise(magnitude):\n    return magnitude",
            "hiss: the pauses changed by +0.0 dB",
        ),
        "everything is removed": (
            "def remove_noise(magnitude):\n    return 0 * magnitude",
            "hiss: the speech changed by -90.0 dB",
        ),
        "the first frames": (
            _but(
                _REMOVE,
                "magnitude.sum(dim=0).argsort()[: max(1, magnitude.shape[1] // 20)]",
                "[0, 1, 2, 3]",
            ),
            "is the estimate from pauses?",
        ),
        "the mean of all frames": (
            _but(_REMOVE, "magnitude[:, quietest]", "magnitude"),
            "is the estimate from pauses?",
        ),
        "the loudest frames": (
            _but(_REMOVE, "magnitude.sum", "(-magnitude).sum"),
            "is the estimate from pauses?",
        ),
        "the smallest of each bin": (
            _but(_REMOVE, "magnitude[:, quietest].mean", "magnitude.amin"),
            "hiss: the pauses changed by",
        ),
        "negative magnitudes": (_but(_REMOVE, ".clamp(min=0)", ""), "never negative"),
        "one number for all bins": (
            _but(_REMOVE, ".mean(dim=1, keepdim=True)", ".mean()"),
            "hum of 60 Hz: the pauses changed by -0.1 dB",
        ),
        "a fixed level": (
            "def remove_noise(magnitude):\n    return (magnitude - 0.25).clamp(min=0)",
            "not by -6 or less",
        ),
        "a gate": (
            "def remove_noise(magnitude):\n"
            "    loudness = magnitude.sum(dim=0)\n"
            "    return magnitude * (loudness > loudness.quantile(0.2))",
            "subtract from all frames",
        ),
        "a gate, and four bins deleted": (
            "def remove_noise(magnitude):\n"
            "    loudness = magnitude.sum(dim=0)\n"
            "    left = magnitude.clone()\n"
            "    left[:, loudness < loudness.quantile(0.3)] = 0\n"
            "    left[:4] = 0\n"
            "    return left",
            "hiss: during speech it changed by -0.0 dB; subtract from all frames",
        ),
        "from the pauses alone": (
            _but(
                _REMOVE,
                "return (magnitude - background).clamp(min=0)",
                "loudness = magnitude.sum(dim=0)\n"
                "    pause = loudness < loudness.quantile(0.3)\n"
                "    return (magnitude - background * pause).clamp(min=0)",
            ),
            "hiss: during speech it changed by +0.0 dB; subtract from all frames",
        ),
        "mirrored": (_but(_REMOVE, ".clamp(min=0)", ".abs()"), "hiss: some magnitudes grew"),
        "only the four lowest bins": (
            _but(
                _REMOVE,
                "return (magnitude - background).clamp(min=0)",
                "background[4:] = 0\n    return (magnitude - background).clamp(min=0)",
            ),
            "hiss: the pauses changed by -0.0 dB",
        ),
        "transposed": (_but(_REMOVE, ".clamp(min=0)", ".clamp(min=0).T"), "magnitudes, finite"),
    },
}
