"""Fold the many characters in use into the few that later passes read."""

import html
import re
import unicodedata

from ttslib.text.normalization.formulas import expand_formulas
from ttslib.text.normalization.layout import lay_out
from ttslib.text.normalization.primes import expand_primes

__all__ = ["SIGNS_BEYOND_ASCII", "fold"]

SIGNS_BEYOND_ASCII = "–°£€¥¢₹"
"""The characters beyond ASCII that are kept for later passes: ranges, degrees and money."""

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒", "-"),
        **dict.fromkeys("—―", " - "),
        **dict.fromkeys("™®©†‡", ""),
        **{"•": ", ", "·": "-"},
        **dict(zip("…⁄º", "... / °".split(), strict=True)),
        **dict(zip("ßæÆœŒøØłŁđĐı", "ss ae Ae oe Oe o O l L d D i".split(), strict=True)),
        **dict(zip("ðÐþÞŋŊħĦŧŦəƏ", "th Th th Th ng Ng h H t T a A".split(), strict=True)),
        **dict(zip("、。，！？：；", ", . , ! ? : ;".split(), strict=True)),
        **{"×": " times ", "÷": " divided by ", "±": " plus or minus ", "√": " square root of "},
        **{"≈": " approximately ", "≠": " is not equal to ", "≡": " is equivalent to "},
        **{"≤": " less than or equal to ", "≥": " greater than or equal to "},
        **{"∞": " infinity ", "→": " to ", "⇒": " implies ", "§": " section ", "¶": " paragraph "},
        **{"∑": " the sum of ", "∫": " the integral of ", "∂": " partial ", "∈": " in "},
        **{"№": " number ", "‰": " per thousand ", "℅": " care of "},
    }
)
_INVISIBLE = ("Mn", "Me", "Cf")  # accents, and characters that only control the display

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,9}\s?/?>")
_EMOTICON = re.compile(r"(?<!\S)(?:[:;=]['-]?[)(DPpOo/\\|*3]|<3|[xX]D|\^_\^|¯\\_\(ツ\)_/¯)(?!\S)")
_MAYBE_EMOTICON = re.compile(r"[:;=]['-]?[)(DPpOo/\\|*3]|<3|[xX]D|\^_|¯")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REFERENCE = re.compile(r"(?<=[\w.,;:?!)])\s?\[\d{1,3}(?:, ?\d{1,3}){0,5}\]")
_MINUS = re.compile(r"(?<=[\w)])\s?−\s?(?=\w)")
_GROUPED = re.compile(r"(?<=\d)[\xa0\u2009\u202f'](?=\d{3}(?!\d))")  # 12 345, 12'345
_FRACTION = re.compile(r"(?<=\d)(?=[¼½¾⅐-⅞])")
_NOTE = re.compile(r"(?<=[A-Za-z]{3})[⁰¹²³⁴-⁹]+|(?<=[.,;:?!\"”'’])[⁰¹²³⁴-⁹]+")
_RAISED = re.compile(r"(?<=[A-Za-z\d₀-₉])[⁰¹²³⁴-⁹]*[⁺⁻](?!\w)|[⁺⁻]?[⁰¹²³⁴-⁹]+|ⁿ(?![ᵃ-ᵿ])")
_MICRO = re.compile(r"μ(?=(?:m|g|s|l|L|F|A|V|W|M)\b)")
_OHM = re.compile(r"(?<=[\dkM])(\s?)Ω")
_GREEK = re.compile(r"(?<![Α-Ωα-ω])[Α-Ωα-ω](?![Α-Ωα-ω])")

_MAYBE_FORMULA = re.compile(r"[A-Z][a-z]?(?:[A-Z][a-z\d]|[A-Z]{2}\d|\d[A-Z(]|[a-z]?\d?[+^])|\)\d")
_BRACKET = re.compile(r"[()\[\]{}]")
_PHONE_PREFIX = re.compile(r"\((\d{3})\)[ -]?(?=\d{3}[-. ]\d{4})")
_PLURAL = re.compile(r"(?<=[A-Za-z])\((e?s)\)")
_FUNCTION = re.compile(r"\b([fgh])\(([a-z])\)")
_ONE_QUOTED_WORD = re.compile(r"(?<!\w)'(\w\w+)'(?!\w)")
_QUOTE = re.compile(
    # an apostrophe belongs to the word inside it, before a clipped word, after a plural or -in',
    # and before a year; every other one is a quotation mark
    r"(?<![A-Za-z0-9])(?!(?<=\b[A-Z]\.)'s\b)'(?!(?:em|tis|twas|til|cause|bout|n)\b|\d0s|\d\d\b)"
    r"|(?<=[A-Za-z0-9])(?<![sn])'(?![A-Za-z])|(?<=[sn])'(?=\d)",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """Return `text` in ASCII as far as possible, on one line and without quotation marks.

    Accents, ligatures, foreign digits, raised and full-width characters, entities and dashes become
    plain characters. Single Greek letters become their names, brackets become commas, and line
    breaks become commas or periods. Footnote numbers, emoticons and Markdown's marks at the start
    of a line are dropped.

    Examples
    --------
    >>> fold("“Café” (½ β) is 5′4″… m²")
    'Cafe , 1/2 beta , is 5 foot 4 ... m^2'
    """
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if _MAYBE_EMOTICON.search(text):
        text = _EMOTICON.sub(" ", text)
    text = lay_out(_TAG.sub(" ", text))
    if not text.isascii():
        text = _to_ascii(text)
    if _MAYBE_FORMULA.search(text):
        text = expand_formulas(text)
    text = expand_primes(text)
    if _BRACKET.search(text):
        text = _open_brackets(text)
    text = _drop_quotes(text)
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


def _to_ascii(text: str) -> str:
    text = _MINUS.sub(" minus ", text).replace("−", "-")
    text = _FRACTION.sub(" ", _GROUPED.sub(",", text))
    text = _RAISED.sub(_raised, _NOTE.sub("", text))
    # accents first: sorting a hundred thousand of them on one letter would take minutes
    text = text.translate(_CHARACTERS)
    if text.isascii():
        return text
    text = _without_invisible(text)
    # before NFKC, which would decompose some of them, and after it, for those that it produces
    text = unicodedata.normalize("NFKC", text).translate(_CHARACTERS)
    text = _without_invisible(unicodedata.normalize("NFKD", text))
    text = "".join(
        str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in text
    )
    return _GREEK.sub(_name_of_letter, _OHM.sub(r"\1ohm", _MICRO.sub("u", text)))


def _without_invisible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)


def _raised(match: re.Match) -> str:
    return "^" + unicodedata.normalize("NFKC", match[0]).replace("−", "-").lstrip("+")


def _name_of_letter(match: re.Match) -> str:
    name = unicodedata.name(match[0]).split()[-1].lower()
    name = "lambda" if name == "lamda" else name
    text, start, end = match.string, match.start(), match.end()
    before = " " if text[start - 1 : start].isalnum() else ""
    return before + name + (" " if text[end : end + 1].isalnum() else "")


def _open_brackets(text: str) -> str:
    text = _REFERENCE.sub("", text)
    text = _PHONE_PREFIX.sub(r"\1-", text)
    text = _FUNCTION.sub(r"\1 of \2", _PLURAL.sub(r"\1", text))
    return _BRACKET.sub(" , ", text.rstrip(" ()[]{}"))


def _drop_quotes(text: str) -> str:
    """Remove all quotation marks, and the apostrophes that don't belong to a word."""
    text = text.replace('"', " ")
    if "'" in text:
        text = _QUOTE.sub(" ", _ONE_QUOTED_WORD.sub(r" \1 ", text))
    return text
