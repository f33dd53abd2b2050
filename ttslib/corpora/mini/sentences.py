"""The sentences of the mini corpus: a small grammar of English over long word lists.

Every slot of a template is a deck of cards: shuffled, dealt to the last card, shuffled again. So
all words occur about equally often, whereas independent draws would omit every seventh word. The
same seed gives the same sentences on every machine.
"""

import random
import re
from typing import NamedTuple

from ttslib.corpora.mini.words import WORDS

__all__ = ["Sentence", "mini_sentences"]

# {deck} deals the next card of that deck, {deck:s} its plural, {verb:ed} its past, {verb:ing} its
# participle. "a" becomes "an" where needed.
TEMPLATES = """
The {person} {handle:ed} the {quality} {thing} {when}.
The {person} {handle:ed} a {thing} and a {quality} {thing}.
{name} {handle:ed} {count} {quality} {thing:s} near the {place}.
{name} and {name} {handle:ed} the {thing} {manner}.
{manner}, the {person} {handle:ed} my {quality} {thing}.
{when}, {name} will {handle} the {thing} in the {place}.
Did the {person} {handle} the {quality} {thing} {when}?
Who would {handle} such a {quality} {thing} {when}?
Please {handle} the {thing}, the {thing}, and the {thing}.
Could you {handle} the {stuff} {thing} {when}?
You should never {handle} a {thing} in the {place}.
Why was {name} {handle:ing} the {person}'s {thing}?
My {person} is {handle:ing} a {thing} made of {stuff}.
That {thing} is as {quality} as {stuff}, isn't it?
The {thing:s} were {quality}; the {thing:s} were {quality}.
There is a {quality} {thing} behind the {thing}.
Put the {thing} under the {thing}, not beside the {thing}.
How {quality} the {place} looks {when}!
The {place} between the {place} and the {place} was {quality}.
We took a {quality} road through the {place} to the {place}.
{name} {cook:ed} the {food} and the {quality} {food} {when}.
The {person} {cook:ed} {food} with {food}, {food}, and {food}.
Would you rather {cook} the {food} or the {food}?
Do {person:s} usually {cook} {food} {when}?
{name} hates {food}, but {name} enjoys {cook:ing} {food}.
For dessert, they {cook:ed} {quality} {food} and {food}.
It is a pleasure to {cook} {food} with the {person}.
The {food} tasted {quality}, and the {food} tasted {quality}.
{name} {meet:ed} the {mood} {person} at the {place}.
The {mood} {person} {meet:ed} a {person} and {count} {person:s}.
{name}, the {person}, was {meet:ing} {name} {manner}.
Will {name} {meet} the {person} {when}, or not?
Don't {meet} the {person} {when}, {name}!
I saw {name} {meet:ing} the {person:s} near the {place}.
If you are {mood}, {meet} the {person} {when}.
Have you ever {heard} a {person} so {mood}?
The {person} seemed {mood}, {mood}, and rather {mood}.
{name}'s {person} was {mood}, although {name} was {mood}.
Everyone thought the {person} was {mood} {when}.
What did the {mood} {person} do {when}?
The {animal} {move:ed} {manner} toward the {place}.
{count} {quality} {animal:s} {move:ed} across the {place}.
The {animal} and the {animal} {move:ed} around the {quality} {place}.
Have you seen a {animal} {move:ing} through the {place}?
Where did the {mood} {animal} {move} {when}?
A {animal}, a {animal}, and a {animal} {move:ed} past us.
Can a {animal} {move} as {manner} as a {animal}?
{name}'s {animal} {move:ed} over the {person}'s {thing}.
The {person} {move:ed} from the {place} to the {place} {when}.
They were {move:ing} {manner} down the {quality} path.
{name} {talk:ed} the {topic} and the {topic} {manner}.
The {person:s} {talk:ed} the {quality} {topic} {when}.
Why should anyone {talk} the {person}'s {topic}?
Nobody likes {talk:ing} the {topic} of the {person}.
The {topic} of {name} was a question of {topic}.
{topic} and {topic} matter more to {name} than {topic}.
Our {topic} depends on {topic}, {topic}, and {topic}.
It was my choice to {talk} your {topic} {when}.
{when}, the {person} {talk:ed} a {quality} {topic}.
Is there any {topic} in the {topic} of a {person}?
The {weather} {weather_does} {when}.
{when}, the {weather} {weather_does}.
The {weather} and the {weather} {weather_does}.
Do you think the {weather} will reach the {place} {when}?
{name} teaches {subject} and {subject} at the {place}.
{name} learned {subject} from a {mood} {person} {when}.
Which is harder for a {person}, {subject} or {subject}?
The {person} hurt his {body} and his {body} while {subject}.
{name} has a {quality} {body} and a {quality} {body}.
The {animal} has {quality} {body:s} and a {quality} {body}.
Her {body} was {quality}, and her {body:s} were {quality}.
Only one thing was missing: the {person}'s {quality} {thing}.
The {thing} costs {money}, and the {thing} costs {money}.
{name} paid {money} for the {stuff} {thing}.
They built the {place} of {stuff} and {stuff} in {year}.
In {year}, {name} {handle:ed} {count} {thing:s}.
The {person} was born on {date}, in {year}.
The {topic} begins on {date} at {clock}.
At {clock}, the {person} {move:ed} to the {place}.
About {percent} of the {person:s} {talk:ed} the {topic}.
{title} {name} lives at {house} {name} Street.
Does {title} {name} live near the {quality} {place}?
The {ordinal} {animal} was {quality}, and the {ordinal} was {mood}.
We usually measure the {stuff} and the {thing} {when}.
That boy avoids the noisy {place} and the {quality} {place}.
{name} measured the {stuff}: it was {count} inches long.
"""

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth"}
_ORDINALS |= {"nine": "ninth", "twelve": "twelfth"}
_MONTHS = """January February March April May June July August September October November
December""".split()


# Where "a" becomes "an": by sound, so not before "useful" and "one", but before "honest".
_BEFORE_A_VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIOU]|hon|hour)(?!uni|use|usu|one)")


class Sentence(NamedTuple):
    """A sentence as spoken and as printed."""

    normalized: str  # "It costs twelve dollars."
    original: str  # "It costs $12."


def mini_sentences(n_sentences: int = 1100, *, seed: int = 7) -> list[Sentence]:
    """Generate different sentences, the same ones for the same seed.

    Parameters
    ----------
    n_sentences
        The number of sentences; a shorter list is the beginning of a longer one.
    seed
        For shuffling.

    Taught in: notebooks/01_dataset_exploration
    """
    dealer = _Dealer(seed)
    sentences: dict[str, Sentence] = {}
    while len(sentences) < n_sentences:
        sentence = dealer.sentence()
        if 30 <= len(sentence.normalized) <= 85:  # 1.5 to 6 seconds in any of the voices
            sentences.setdefault(sentence.normalized, sentence)
    return list(sentences.values())


class _Dealer:
    """Deals cards from decks and puts them into templates."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        templates = tuple(TEMPLATES.strip().splitlines())
        self.cards: dict[str, tuple[str, ...]] = {**WORDS, "template": templates}
        self.cards["heard"] = ("heard", "known", "seen")
        self.cards["title"] = ("Mister|Mr.", "Doctor|Dr.", "Missus|Mrs.")
        self.decks: dict[str, list[str]] = {name: [] for name in self.cards}

    def deal(self, deck: str) -> str:
        """Draw the next card; an empty deck is shuffled again."""
        if not self.decks[deck]:
            # sorted by random(), which gives the same numbers in every version of Python
            self.decks[deck] = sorted(self.cards[deck], key=lambda _: self.random.random())
        return self.decks[deck].pop()

    def below(self, limit: int) -> int:
        """Draw a number from 0 to `limit - 1`."""
        return int(self.random.random() * limit)

    def sentence(self) -> Sentence:
        """Fill the next template."""
        text = re.sub(r"\{(\w+):?(\w*)\}", self._fill, self.deal("template"))
        text = re.sub(_BEFORE_A_VOWEL, r"\1n ", text)
        normalized = re.sub(r"\[(.*?)\|.*?\]", r"\1", text)
        original = re.sub(r"\[.*?\|(.*?)\]", r"\1", text)
        return Sentence(normalized[0].upper() + normalized[1:], original[0].upper() + original[1:])

    def _fill(self, slot: re.Match) -> str:
        deck, form = slot.groups()
        if deck in _NUMBERS:
            return _NUMBERS[deck](self)
        card = self.deal(deck)
        if deck == "title":
            return f"[{card}]"
        return _inflect(card, form)


def _inflect(card: str, form: str) -> str:
    """Return a card in the requested form: by rule, or as listed ("knife/knives")."""
    base, *irregular = card.split("/")
    if not form:
        return base
    if irregular:
        return irregular[{"s": 0, "ed": 0, "ing": 1}[form]]
    if form == "s" and re.search(r"(s|x|z|ch|sh)$", base):
        return base + "es"
    if form == "s":
        return re.sub(r"([^aeiou])y$", r"\1ie", base) + "s"
    return re.sub(r"e$", "", base) + form  # bake: baked, baking; "see" is listed as see/saw/seeing


def _words(number: int) -> str:
    """Spell a number from 0 to 9,999, as LibriTTS does (without hyphens)."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return _TENS[ten - 2] + (f" {_ONES[one]}" if one else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    head, rest = divmod(number, size)
    return f"{_words(head)} {name}" + (f" {_words(rest)}" if rest else "")


def _ordinal(number: int) -> str:
    *head, last = _words(number).split()
    last = _ORDINALS.get(last) or re.sub(r"y$", "ie", re.sub(r"t$", "", last)) + "th"
    return " ".join([*head, last])


def _suffixed(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number < 14 else suffix}"


def _count(dealer: _Dealer) -> str:
    number = 2 + dealer.below((10, 98, 998, 7000)[dealer.below(4)])
    return f"[{_words(number)}|{number:,}]"


def _year(dealer: _Dealer) -> str:
    century, rest = 15 + dealer.below(5), 10 + dealer.below(90)
    return f"[{_words(century)} {_words(rest)}|{century}{rest}]"


def _date(dealer: _Dealer) -> str:
    month, day = _MONTHS[dealer.below(12)], 1 + dealer.below(28)
    return f"[{month} {_ordinal(day)}|{month} {day}]"


def _clock(dealer: _Dealer) -> str:
    hour, minute = 1 + dealer.below(12), 10 + dealer.below(50)
    return f"[{_words(hour)} {_words(minute)}|{hour}:{minute}]"


def _money(dealer: _Dealer) -> str:
    dollars = 2 + dealer.below(500)
    return f"[{_words(dollars)} dollars|${dollars}]"


def _percent(dealer: _Dealer) -> str:
    number = 2 + dealer.below(98)
    return f"[{_words(number)} percent|{number}%]"


def _house(dealer: _Dealer) -> str:
    number = 21 + dealer.below(79)
    return f"[{_words(number)}|{number}]"


def _ranked(dealer: _Dealer) -> str:
    number = 1 + dealer.below(60)
    return f"[{_ordinal(number)}|{_suffixed(number)}]"


_NUMBERS = {"count": _count, "year": _year, "date": _date, "clock": _clock, "money": _money}
_NUMBERS |= {"percent": _percent, "house": _house, "ordinal": _ranked}
