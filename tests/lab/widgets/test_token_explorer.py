import html
import re
import threading

import ipywidgets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttslib.lab import TokenExplorer
from ttslib.text.tokenizers import CharTokenizer, PhonemeTokenizer

BOX = re.compile(r'<span role="listitem"[^>]*>([^<]*)<br><span[^>]*>([^<]*)</span></span>')


@pytest.fixture(scope="module")
def explorer():
    return TokenExplorer("Hello, world.")


def typed(explorer, text):
    explorer.children[0].value = text
    return explorer.children[1].value


def boxes(shown, row):
    """The (symbol, ID) boxes under the title that begins with `row`."""
    part = shown.split(f"<b>{row}")[1].split("<b>")[0]
    return [(html.unescape(symbol), number) for symbol, number in BOX.findall(part)]


@pytest.mark.parametrize(
    ("row", "tokenizer"), [("letters", CharTokenizer()), ("phonemes", PhonemeTokenizer())]
)
def test_the_boxes_are_what_the_tokenizer_encodes(explorer, row, tokenizer):
    shown = boxes(typed(explorer, "It's 5, Zyx!"), row)
    ids = tokenizer.encode("It's 5, Zyx!")
    assert [int(number) for _, number in shown] == ids
    names = [{" ": "␣", "~": "end"}.get(s, s) for s in (tokenizer.symbols[i] for i in ids)]
    assert [symbol for symbol, _ in shown] == names


def test_subwords_join_to_the_text(explorer):
    symbols = [symbol for symbol, _ in boxes(typed(explorer, "The three of them"), "subwords")]
    assert "".join(symbols).replace("␣", " ") == "the three of themend"
    assert len(symbols) < len("the three of them")


def test_each_word_stands_above_its_phonemes(explorer):
    shown = typed(explorer, "Dr. Lee, {R EH1 D} it")
    pairs = re.findall(r">([^<>]+)<br><code>([^<]*)</code>", shown)
    assert pairs == [
        ("Doctor", "D AA1 K T ER0"),
        ("Lee", "L IY1"),
        ("{…}", "R EH1 D"),
        ("it", "IH1 T"),
    ]
    assert "Doctor Lee, {…} it" in shown
    assert "{…}'s<br><code>L IY1 Z</code>" in typed(explorer, "the {L IY1}'s dog")


def test_what_a_table_lacks_is_marked_where_it_stands():
    poor = CharTokenizer([symbol for symbol in CharTokenizer().symbols if symbol not in "xz"])
    shown = typed(TokenExplorer(tokenizers={"poor": poor}), "a fox")
    assert boxes(shown, "poor")[-3:] == [("o", "25"), ("x", "no ID"), ("end", "1")]
    assert "1 left out" in shown
    assert "line-through" in shown


def test_what_has_no_sound_is_told_once(explorer):
    shown = typed(explorer, "Hello ☺")
    assert shown.count("no sound is known for &#x27;☺&#x27;") == 1
    assert "no sound" not in typed(explorer, "Hello")


@pytest.mark.parametrize(("text", "told"), [("☺", "can be said"), ("a { b", "a brace")])
def test_what_cannot_be_read_says_why(explorer, text, told):
    shown = typed(explorer, text)
    assert 'role="alert"' in shown
    assert told in shown


def test_the_phonemes_are_the_given_tokenizers_own():
    own = PhonemeTokenizer(lexicon={"gif": "JH IH1 F"})
    assert "<code>JH IH1 F</code>" in typed(TokenExplorer(tokenizers={"own": own}), "gif")


def test_a_long_text_is_cut_and_says_so(explorer):
    shown = typed(explorer, "so " * 200)
    assert "The last 300 characters are not shown" in shown
    assert len(boxes(shown, "letters")) == 300  # the last space is normalized away, the end added


def test_what_is_typed_is_no_html(explorer):
    typed(explorer, "<script>a & b</script>")
    static = explorer.static_html()
    assert "<script" not in static
    assert "&lt;script&gt;a &amp; b" in static


def test_readers_without_a_kernel_see_the_tokens(explorer):
    typed(explorer, "Good day.")
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "<p>Good day.</p>" in bundle["text/html"]
    assert boxes(bundle["text/html"], "letters")[0] == ("g", "17")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("ab' -{}.,A1$EH", max_size=30))
def test_no_text_breaks_it(explorer, text):
    assert "as it is said" in typed(explorer, text)


def test_fifty_changes_leave_nothing_behind(explorer):
    widgets, threads = len(ipywidgets.widget._instances), threading.active_count()
    for i in range(50):
        typed(explorer, "blorf" * (i % 7) + str(i))
    assert len(ipywidgets.widget._instances) == widgets
    assert threading.active_count() == threads


def test_no_tokenizers_at_all_are_refused():
    with pytest.raises(ValueError, match="at least"):
        TokenExplorer(tokenizers={})
