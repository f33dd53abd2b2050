"""Addresses and symbols as words: `a_b@example.org`, `C++`, `2 + 2 = 4`, `and/or`."""

import re

__all__ = ["drop_slashes", "expand_addresses", "expand_symbols"]

_IN_ADDRESS = {
    **{".": "dot", "/": "slash", "-": "dash", "_": "underscore", "?": "question mark"},
    **{"=": "equals", "&": "and", ":": "colon", "%": "percent", "#": "hash", "~": "tilde"},
    **{"+": "plus", "@": "at", "\\": "backslash"},
}
_SPELLED_DOMAINS = "ai|edu|eu|io|me|tv|uk|us"
_DOMAINS = f"com|org|net|gov|info|dev|app|co|{_SPELLED_DOMAINS}"
_ADDRESS = re.compile(
    r"(?<![\w@.+-])(?:"
    r"(?:https?://|ftp://|www\.)\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?:[A-Za-z][\w-]*\.)+(?:{_DOMAINS})\b(?:/\S*)?"
    r"|[A-Za-z]:\\\S+)"
)
_ANGLED = re.compile(  # Anna <anna@example.com>
    r"\s?<(?:mailto:)?((?:https?://|www\.)[^\s<>]{1,200}|[\w.+-]{1,64}@[\w.-]{1,200})>(\s?\w)?"
)
_HANDLE = re.compile(r"(?<![\w@])@(?=[A-Za-z_])|(?<![\w#&])#(?=[A-Za-z_])")

_TERM = r"[\w.,$%]{1,15}"
_ALONE = {"$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "₹": "rupees"}
_PATTERNS = [
    # names that are written with a symbol
    (r"\b([A-Za-z])\+\+", r"\1 plus plus"),
    (r"\b([A-G])#(?!\w)", r"\1 sharp"),
    (r"\bAT&T\b", "ay T and T"),
    (r"\b([A-Z])&A\b", r"\1 and ay"),
    (r"\b([Ww])/o\b", r"\1ithout"),
    (r"\bw/(?=\s?\w)", "with "),
    (r"\bW/(?=\s\w)", "With "),
    (r"\bb/c\b", "because"),
    (r"\b[Nn]/[Aa]\b", "N ay"),
    # arithmetic
    (r"(?<=\d)[eE]([+-]?)\+?(\d{1,3})\b(?=[^\w]|$)", r" times 10^\1\2"),
    (rf"(?<=[\w)])\s?-\s?(?={_TERM}\s?=)", " minus "),
    (rf"(=\s?{_TERM})\s?-\s?(?=\w)", r"\1 minus "),
    (r"(?<=\d)\s?\*\s?(?=[\dA-Za-z])|(?<=\b[A-Za-z])\s?\*\s?(?=[A-Za-z]\b)", " times "),
    (r"\+/-|\+-", " plus or minus "),
    (r"[=-]{1,2}>", " to "),
    (r"<=|=<", " less than or equal to "),
    (r">=", " greater than or equal to "),
    (r"!=", " is not equal to "),
    (r"[~=]=+", " equals "),
    (r"<\s?(?=[$£€-]?\.?\d)|(?<=\w)\s?<\s?(?=\w)", " less than "),
    (r">\s?(?=[$£€-]?\.?\d)|(?<=\w)\s?>\s?(?=\w)", " greater than "),
    (r"~\s?(?=[$£€]?\.?\d)", " about "),
    (r"\b([a-z])([a-z])(?=\^)", r"\1 \2"),  # mc^2
    (r"\^(?=[A-Za-z])", " to the "),
    (r"(?<=[=+*,] )-\s?(?=[A-Za-z]\b)", "minus "),
    (r"\b([Aa]n? [A-D])-(?!\w)", r"\1 minus"),
    (r"(?<=\d)\s?[xX]\s?(?=10\^)", " times "),
    # counting and joining
    (r"#\s?(?=\d)", " number "),
    (r"(?<=\w)\\(?=\w)", " backslash "),
    (r"&", " and "),
    (r"@", " at "),
    (r"\+", " plus "),
    (r"=", " equals "),
    (r"(?<![\d ])\s?%", " percent "),
    (r"(?<![\d ])\s?°", " degrees "),
    (r"(?<=\sdegrees )C\b", "Celsius"),
    (r"(?<=\sdegrees )F\b", "Fahrenheit"),
    (r"\$/(?=[a-z])", " dollars per "),
    (r"€/(?=[a-z])", " euros per "),
    (r"£/(?=[a-z])", " pounds per "),
    *((rf"(?<![\d ])\s?[{sign}](?!\s?\.?\d)", f" {words} ") for sign, words in _ALONE.items()),
    (r"\^(?!-?\d)|(?<!\w)\^", " "),
    (r"\s\|\s", ", "),  # Title | Site
    (r"[_*#~<>\\`|\"]", " "),
    (r"(?<![\w%°])/|/(?!\w)", " "),
]
_RULES = [(re.compile(pattern), words) for pattern, words in _PATTERNS]


def expand_addresses(text: str) -> str:
    """Write web and mail addresses, `@names`, `#tags` and paths as words, symbol by symbol.

    Examples
    --------
    >>> expand_addresses("see www.example.com/a-b.").split()[1:8]
    ['www', 'dot', 'example', 'dot', 'com', 'slash', 'ay']
    """
    if "<" in text:
        text = _ANGLED.sub(_angled, text)
    text = _ADDRESS.sub(_address, text.replace("mailto:", ""))
    text = _HANDLE.sub(lambda match: " at " if match[0] == "@" else " hashtag ", text)
    return " ".join(text.split())


def _angled(match: re.Match) -> str:
    """Put a pause at both ends of the address in `Anna <anna@example.com> wrote`."""
    return f" , {match[1]} " + (f", {match[2]}" if match[2] else "")


def _address(match: re.Match) -> str:
    address = match[0].rstrip(".,;:!?'*_")
    after = match[0][len(address) :]
    address = re.sub(r"^(?:https?|ftp)://|/$", "", address)
    address = re.sub(rf"(?<=\.)(?:{_SPELLED_DOMAINS})\b", lambda part: part[0].upper(), address)
    address = re.sub(r"(?<![A-Za-z'])[aA](?![A-Za-z'])", "ay", address)
    spoken = "".join(f" {_IN_ADDRESS[c]} " if c in _IN_ADDRESS else c for c in address)
    return spoken + after


def expand_symbols(text: str) -> str:
    """Write symbols as words, except those of numbers: money's, `°`, `%`, and `^` before digits.

    Examples
    --------
    >>> expand_symbols("C++ & 2*x")
    'C plus plus and 2 times x'
    """
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return " ".join(text.split())


def drop_slashes(text: str) -> str:
    """Drop slashes between words: `and/or`, `TCP/IP`."""
    return text.replace("/", " ")
