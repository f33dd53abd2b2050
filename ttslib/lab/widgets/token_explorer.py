"""Type a text; see how it is spoken, its phonemes, and the numbers that a model reads."""

import html
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import ipywidgets

from ttslib.corpora.mini.sentences import mini_sentences
from ttslib.lab.widgets.static_view import StaticView
from ttslib.text.normalize import normalize_text
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer, SubwordTokenizer, Tokenizer

__all__ = ["TokenExplorer"]

Result = TypeVar("Result")

MOST_CHARACTERS = 300  # of a text; more boxes would be slow to draw and hard to read
IN_BRACES = re.compile(r"\{[^{}]*\}")  # a pronunciation: {R EH1 D}
STAND_IN = "inbraces"  # a word that replaces it during normalization
LACKING = "background:#b00020;color:#fff;border:2px dashed #fff"  # a symbol without an ID


class TokenExplorer(StaticView):
    """A text box, and below it, updated at each letter: the spoken text, its phonemes, its tokens.

    Each token is a box with its ID; the same token has the same color everywhere. Symbols missing
    from a tokenizer's table are red and crossed out. The first explorer of a session takes two
    seconds, until the model for unknown words is loaded.

    Parameters
    ----------
    text
        The initial text in the box; at most 300 characters are shown.
    tokenizers
        Name -> tokenizer. By default letters, subwords learned from the mini corpus's sentences,
        and phonemes. The first `PhonemeTokenizer` among them, or a default one, gives the phonemes.

    Raises
    ------
    ValueError
        `tokenizers` is empty.

    Taught in: notebooks/03_tokenization
    """

    def __init__(
        self,
        text: str = "Dr. Lee read 3 books on Zyxtopia ☺",
        *,
        tokenizers: Mapping[str, Tokenizer] | None = None,
    ):
        self._tokenizers = _usual_tokenizers() if tokenizers is None else dict(tokenizers)
        if not self._tokenizers:
            raise ValueError("tokenizers must name one at least; leave it out for the usual three")
        phonemes = [t for t in self._tokenizers.values() if isinstance(t, PhonemeTokenizer)]
        self._phonemes = phonemes[0] if phonemes else PhonemeTokenizer()
        self._phonemes.split("zyx")  # loads the model for unknown words in advance
        self._text = ipywidgets.Text(
            value=text, description="Text", layout=ipywidgets.Layout(width="90%")
        )
        self._shown = ipywidgets.HTML()
        super().__init__([self._text, self._shown])
        self._text.observe(self._show, names="value")
        self._show()

    def static_html(self) -> str:
        """Return the text as typed, and everything that is shown of it."""
        return f"<p>{html.escape(self._text.value)}</p>{self._shown.value}"

    def _show(self, _change: dict | None = None) -> None:
        text = self._text.value[:MOST_CHARACTERS]
        cut = len(self._text.value) - len(text)
        note = f"<div>The last {cut:,} characters are not shown.</div>" if cut else ""
        rows = [_row(name, tokenizer, text) for name, tokenizer in self._tokenizers.items()]
        self._shown.value = f"{_spoken(text)}{_words(text, self._phonemes)}{''.join(rows)}{note}"


def _usual_tokenizers() -> dict[str, Tokenizer]:
    sentences = [sentence.normalized for sentence in mini_sentences(1000)]
    return {
        "letters": CharTokenizer(),
        "subwords": SubwordTokenizer.train(sentences, vocabulary_size=300),
        "phonemes": PhonemeTokenizer(),
    }


def _spoken(text: str) -> str:
    """Return the text after normalization, and what it leaves out."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said = normalize_text(_outside_braces(text)).replace(STAND_IN, "{…}")
    mark = f'<span style="{LACKING}">&nbsp;⚠&nbsp;</span>'
    messages = [html.escape(str(warning.message)) for warning in caught]
    left_out = "".join(f"<div>{mark} {message}</div>" for message in messages)
    return _titled("as it is said", f"<div>{html.escape(said) or '(nothing)'}</div>{left_out}")


def _words(text: str, tokenizer: PhonemeTokenizer) -> str:
    """Return each word above its phonemes."""
    try:
        words = _quietly(tokenizer.words, text)
    except ValueError as error:
        return _titled("words", _alert(error))
    style = "display:inline-block;text-align:center;margin:2px 16px 2px 0"
    pairs = "".join(
        f'<span role="listitem" style="{style}">{IN_BRACES.sub("{…}", word)}'
        f"<br><code>{sound}</code></span>"
        for word, sound in words  # neither can have a < or an &
    )
    return _titled("words and their phonemes", f'<div role="list">{pairs}</div>')


def _row(name: str, tokenizer: Tokenizer, text: str) -> str:
    """Return a tokenizer's tokens, one box each."""
    table = f"{len(tokenizer.symbols)} symbols in the table"
    try:
        ids = _quietly(tokenizer.encode, text)
        symbols = _quietly(tokenizer.split, text)
    except ValueError as error:
        return _titled(f"{name} ({table})", _alert(error))
    tokens = _with_lacking(symbols, [(tokenizer.symbols[i], i) for i in ids])
    lacking = len(tokens) - len(ids)
    counts = f"{len(ids)} tokens, {table}" + (f", {lacking} left out" if lacking else "")
    boxes = "".join(_box(symbol, index) for symbol, index in tokens)
    return _titled(f"{name}: {counts}", f'<div role="list">{boxes}</div>')


def _with_lacking(
    symbols: Sequence[str], tokens: Sequence[tuple[str, int]]
) -> list[tuple[str, int | None]]:
    """Return the tokens with their IDs, and between them the symbols that have none."""
    merged: list[tuple[str, int | None]] = []
    waiting = list(tokens)
    for symbol in symbols:
        known = waiting and waiting[0][0] == symbol
        merged.append(waiting.pop(0) if known else (symbol, None))
    return merged + waiting  # the end symbol


def _box(symbol: str, index: int | None) -> str:
    shown = {" ": "␣", "~": "end"}.get(symbol, symbol)
    if index is None:
        style, number = f"{LACKING};text-decoration:line-through", "no ID"
    else:  # pale, with dark letters: legible on dark and light pages
        style, number = f"background:hsl({index * 137 % 360},70%,82%);color:#111", str(index)
    return (
        f'<span role="listitem" style="display:inline-block;text-align:center;min-width:1.6em;'
        f'margin:1px;padding:1px 3px;border-radius:4px;line-height:1.25;{style}">'
        f'{html.escape(shown)}<br><span style="font-size:75%">{number}</span></span>'
    )


def _titled(title: str, content: str) -> str:
    return f'<div style="margin-top:8px;line-height:1.5"><b>{html.escape(title)}</b>{content}</div>'


def _alert(error: ValueError) -> str:
    return f'<div role="alert">{html.escape(str(error))}</div>'


def _outside_braces(text: str) -> str:
    return IN_BRACES.sub(f" {STAND_IN} ", text)


def _quietly(function: Callable[[str], Result], text: str) -> Result:
    """Return `function(text)` without warnings: those of normalization are shown once, above."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(text)
