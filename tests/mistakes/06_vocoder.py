"""Wrong answers to the exercises of notebook 06, and what the check says of each."""

_GUESS = """
def next_guess(spectrum, magnitude):
    sound = torch.istft(spectrum, **stft)
    found = torch.stft(sound, **stft, pad_mode="constant", return_complex=True)
    return torch.polar(magnitude, found.angle())
"""
_UPSAMPLING = """
def upsampling_for(hop):
    for rates in itertools.product(range(2, 9), repeat=4):
        if math.prod(rates) == hop:
            return rates, [2 * rate + rate % 2 for rate in rates]
"""
_FOLD = """
def fold_by(sound, p):
    padded = F.pad(sound[None], (0, -len(sound) % p), mode="reflect")
    return padded.view(-1, p)
"""
_PIECES = """
def speak_in_pieces(vocoder, mel, size, context):
    sounds = []
    for start in range(0, mel.shape[1], size):
        before = min(start, context)
        piece = mel[:, start - before : start + size + context]
        sound = vocoder(piece[None])[0]
        sounds.append(sound[before * 256 : (before + size) * 256])
    return torch.cat(sounds)
"""


def _but(solution: str, right: str, wrong: str) -> str:
    assert right in solution
    return solution.replace(right, wrong)


MISTAKES = {
    "Exercise 1": {
        "nothing changes": (
            "def next_guess(spectrum, magnitude):\n    return spectrum",
            "round 1: the guess doesn't have the magnitudes in `magnitude`",
        ),
        "the magnitudes found are kept": (
            _but(_GUESS, "torch.polar(magnitude, found.angle())", "found"),
            "doesn't have the magnitudes in `magnitude`",
        ),
        "the old magnitudes": (
            _but(_GUESS, "torch.polar(magnitude,", "torch.polar(spectrum.abs(),"),
            "round 1: the guess doesn't have the magnitudes in `magnitude`",
        ),
        "the wanted magnitudes are added": (
            _but(_GUESS, "torch.polar(magnitude, found.angle())", "found + magnitude"),
            "doesn't have the magnitudes in `magnitude`",
        ),
        "the old phases": (
            _but(_GUESS, "found.angle()", "spectrum.angle()"),
            "after 30 rounds the disagreement is",
        ),
        "new random phases": (
            _but(_GUESS, "found.angle()", "6.28 * torch.rand_like(magnitude)"),
            "the disagreement grew",
        ),
        "all phases 0": (_but(_GUESS, "found.angle()", "0 * magnitude"), "the disagreement"),
        "phases in the wrong direction": (
            _but(_GUESS, "found.angle()", "-found.angle()"),
            "the disagreement",
        ),
        "a magnitude alone": (
            _but(_GUESS, "torch.polar(magnitude, found.angle())", "magnitude"),
            "RuntimeError",
        ),
        "phase and magnitude exchanged": (
            _but(_GUESS, "magnitude, found.angle()", "found.angle().abs(), magnitude"),
            "doesn't have the magnitudes in `magnitude`",
        ),
        "degrees": (
            _but(_GUESS, "found.angle()", "found.angle().rad2deg()"),
            "the disagreement",
        ),
        "a sound": (_but(_GUESS, "torch.polar(magnitude, found.angle())", "sound"), "Error"),
    },
    "Exercise 2": {
        "always for a hop of 300": (
            "def upsampling_for(hop):\n    return (5, 5, 4, 3), (11, 11, 8, 7)",
            "hop 256: the rates (5, 5, 4, 3) make 300 samples",
        ),
        "always the paper's": (
            "def upsampling_for(hop):\n    return (8, 8, 2, 2), (16, 16, 4, 4)",
            "hop 300: the rates (8, 8, 2, 2) make 256 samples",
        ),
        "a table of the hops in the cell": (
            "def upsampling_for(hop):\n"
            "    return {\n"
            "        256: ((8, 8, 2, 2), (16, 16, 4, 4)),\n"
            "        300: ((5, 5, 4, 3), (11, 11, 8, 7)),\n"
            "        240: ((5, 6, 4, 2), (11, 12, 8, 4)),\n"
            "        200: ((5, 5, 4, 2), (11, 11, 8, 4)),\n"
            "    }[hop]",
            "KeyError: 1400",
        ),
        "no answer for other hops": (
            _but(_UPSAMPLING, "== hop:", "== hop and hop in HOPS:"),
            "hop 1400: no answer",
        ),
        "nothing for the hops with a 7": (
            _but(_UPSAMPLING, "range(2, 9)", "(2, 3, 4, 5, 6, 8)"),
            "hop 1400: no answer",
        ),
        "kernels of twice the rate": (
            _but(_UPSAMPLING, "2 * rate + rate % 2", "2 * rate"),
            "take 5 plus an even number",
        ),
        "kernels one larger than twice the rate": (
            _but(_UPSAMPLING, "2 * rate + rate % 2", "2 * rate + 1"),
            "ValueError: an upsampling kernel",
        ),
        "kernels as large as the rates": (
            _but(_UPSAMPLING, "2 * rate + rate % 2", "rate"),
            "kernels from 1.5 to 3 times the rate",
        ),
        "kernels four times the rate": (
            _but(_UPSAMPLING, "2 * rate + rate % 2", "4 * rate"),
            "kernels from 1.5 to 3 times the rate",
        ),
        "a rate of 1": (_but(_UPSAMPLING, "range(2, 9)", "range(1, 9)"), "rates from 2 to 8"),
        "large rates": (
            _but(_UPSAMPLING, "range(2, 9)", "range(20, 1, -1)"),
            "rates from 2 to 8",
        ),
        "three rates": (_but(_UPSAMPLING, "repeat=4", "repeat=3"), "four rates"),
        "one kernel": (
            _but(_UPSAMPLING, "[2 * rate + rate % 2 for rate in rates]", "[16]"),
            "four rates and four kernels",
        ),
        "rates that add up to the hop": (
            "def upsampling_for(hop):\n    return [hop // 4] * 4, [hop // 2] * 4",
            "rates from 2 to 8",
        ),
        "the rates alone": (
            _but(_UPSAMPLING, "rates, [2 * rate + rate % 2 for rate in rates]", "rates"),
            "ValueError: too many values",
        ),
    },
    "Exercise 3": {
        "cut off": (
            "def fold_by(sound, p):\n    return sound[: len(sound) // p * p].view(-1, p)",
            "100 samples by 7: expected (15, 7), got (14, 7)",
        ),
        "down the columns": (
            _but(_FOLD, "padded.view(-1, p)", "padded.view(p, -1).T"),
            "20 samples by 5: row 0, column 1 must hold sample 1, not 4",
        ),
        "transposed": (_but(_FOLD, "view(-1, p)", "view(-1, p).T"), "expected (4, 5), got (5, 4)"),
        "padded with zeros": (
            _but(_FOLD, 'mode="reflect"', "value=0.0"),
            "row 14, column 2 must hold sample 98, not 0",
        ),
        "padded with the last sample": (
            _but(_FOLD, '"reflect"', '"replicate"'),
            "must hold sample 98, not 99",
        ),
        "padded from the beginning": (
            _but(_FOLD, '"reflect"', '"circular"'),
            "must hold sample 98, not 0",
        ),
        "padded in front": (
            _but(_FOLD, "(0, -len(sound) % p)", "(-len(sound) % p, 0)"),
            "100 samples by 7: row 0, column 0 must hold sample 0",
        ),
        "a whole row too many": (
            _but(_FOLD, "-len(sound) % p", "p - len(sound) % p"),
            "expected (4, 5), got (5, 5)",
        ),
        "what is over, not what is missing": (
            _but(_FOLD, "-len(sound) % p", "len(sound) % p"),
            "Error",
        ),
        "always 5": (_but(_FOLD, "view(-1, p)", "view(-1, 5)"), "RuntimeError: shape"),
        "the batch axis is forgotten": (
            _but(_FOLD, "sound[None]", "sound"),
            "NotImplementedError: ",
        ),
        "in reverse": (_but(_FOLD, "padded.view", "padded.flip(1).view"), "not 19"),
    },
    "Exercise 4": {
        "no context": (
            _but(_PIECES, "before = min(start, context)", "before = context = 0"),
            "frame 14 sounds different",
        ),
        "all at once": (
            "def speak_in_pieces(vocoder, mel, size, context):\n    return vocoder(mel[None])[0]",
            "the vocoder got 90 frames at once",
        ),
        "size ignored": (
            _but(_PIECES, "sounds = []", "sounds, size = [], 50"),
            "the vocoder got",
        ),
        "zeros around the mel": (
            "def speak_in_pieces(vocoder, mel, size, context):\n"
            "    padded, sounds = F.pad(mel, (context, context)), []\n"
            "    for start in range(0, mel.shape[1], size):\n"
            "        sound = vocoder(padded[None, :, start : start + size + 2 * context])[0]\n"
            "        sounds.append(sound[context * 256 : (context + size) * 256])\n"
            "    return torch.cat(sounds)[: mel.shape[1] * 256]",
            "90 frames, size 20, context 6: the vocoder got frames of zeros; that is loud",
        ),
        "the first and last frame repeated around the mel": (
            "def speak_in_pieces(vocoder, mel, size, context):\n"
            "    sounds = []\n"
            "    padded = F.pad(mel[None], (context, context), mode='replicate')\n"
            "    for start in range(0, mel.shape[1], size):\n"
            "        sound = vocoder(padded[:, :, start : start + size + 2 * context])[0]\n"
            "        sounds.append(sound[context * 256 : (context + size) * 256])\n"
            "    return torch.cat(sounds)[: mel.shape[1] * 256]",
            "90 frames, size 20, context 6: frame 0 sounds different",
        ),
        "context ignored": (
            _but(_PIECES, "sounds = []", "sounds, context = [], 3"),
            "sounds different",
        ),
        "context ignored, and large": (
            _but(_PIECES, "sounds = []", "sounds, context = [], 29"),
            "frames at once",
        ),
        "cut off in front of the first piece, too": (
            _but(
                _PIECES,
                "before * 256 : (before + size) * 256",
                "context * 256 : (context + size) * 256",
            ),
            "frame 0 sounds different",
        ),
        "context before the piece alone": (
            _but(_PIECES, "start + size + context", "start + size"),
            "sounds different",
        ),
        "context after the piece alone": (
            _but(_PIECES, "min(start, context)", "0"),
            "frame 20 sounds different",
        ),
        "the sound after the piece is kept": (
            _but(_PIECES, "before * 256 : (before + size) * 256", "before * 256 :"),
            "samples, got",
        ),
        "the last piece is dropped": (
            _but(_PIECES, "mel.shape[1], size)", "mel.shape[1] - size + 1, size)"),
            "torch.cat()",
        ),
        "pieces in reverse": (
            _but(_PIECES, "torch.cat(sounds)", "torch.cat(sounds[::-1])"),
            "frame 0",
        ),
        "off by one frame": (
            _but(_PIECES, "before * 256 : (before", "(before - 1) * 256 : (before - 1"),
            "samples, got",
        ),
        "off by one sample": (
            _but(_PIECES, "torch.cat(sounds)", "torch.cat(sounds).roll(1)"),
            "frame 0 sounds different",
        ),
        "frames counted as samples": (
            _but(_PIECES, "before * 256 : (before + size) * 256", "before : before + size"),
            "samples, got",
        ),
        "the batch axis is forgotten": (_but(_PIECES, "piece[None]", "piece"), "Error"),
    },
}
