"""Wrong answers to the exercises of notebook 03, and what the check says of each."""

RHYME = """
def rhyme(first, second):
    def ending(word):
        phonemes = phonemize(word)
        last = max(at for at, phoneme in enumerate(phonemes) if phoneme.endswith("1"))
        return phonemes[last:]

    return phonemize(first) != phonemize(second) and ending(first) == ending(second)
"""

JOIN = """
def join(word, pair):
    joined, at = [], 0
    while at < len(word):
        if word[at : at + 2] == pair:
            joined.append("".join(pair))
            at += 2
        else:
            joined.append(word[at])
            at += 1
    return tuple(joined)
"""

MEAN = """
def mean_over_real(values, lengths):
    mask = valid_mask(lengths, max_length=values.shape[1])[..., None]
    return values.where(mask, 0).sum(dim=1) / lengths[:, None]
"""

SMALLEST = """
def smallest_vocabulary(texts, longest_mean):
    for size in range(38, 101, 2):
        tokenizer = SubwordTokenizer.train(texts, vocabulary_size=size)
        if sum(len(tokenizer.encode(text)) for text in texts) / len(texts) <= longest_mean:
            return size
"""


def but(right: str, part: str, wrong: str) -> str:
    """Return the right answer with one part of it replaced."""
    assert part in right
    return right.replace(part, wrong)


MISTAKES = {
    "Exercise 1": {
        "always": ("def rhyme(first, second):\n    return True", "though through"),
        "never": ("def rhyme(first, second):\n    return False", "bough cow"),
        "by letters": (
            "def rhyme(first, second):\n    return first != second and first[-3:] == second[-3:]",
            "bough cow",
        ),
        "the last phoneme alone": (
            "def rhyme(first, second):\n"
            "    one, other = phonemize(first), phonemize(second)\n"
            "    return one != other and one[-1] == other[-1]",
            "sofa data",
        ),
        "the first stressed vowel": (but(RHYME, "max(at", "min(at"), "attendee agree"),
        "any vowel": (
            but(RHYME, 'phoneme.endswith("1")', "phoneme[-1].isdigit()"),
            "sofa data",
        ),
        "stress doesn't count": (
            but(
                but(RHYME, 'phoneme.endswith("1")', 'phoneme[-1] in "12"'),
                "phonemes[last:]",
                "[phoneme.strip('012') for phoneme in phonemes[last:]]",
            ),
            "insight incite",
        ),
        "stress 1 or 2": (
            but(RHYME, 'phoneme.endswith("1")', 'phoneme[-1] in "12"'),
            "photograph telegraph",
        ),
        "the vowel alone": (but(RHYME, "phonemes[last:]", "phonemes[last]"), "bat bad"),
        "without the vowel": (but(RHYME, "[last:]", "[last + 1 :]"), "though through"),
        "with itself": (
            but(RHYME, "phonemize(first) != phonemize(second) and ", ""),
            "cat cat",
        ),
        "other letters are another word": (
            but(RHYME, "phonemize(first) != phonemize(second)", "first != second"),
            "knight night",
        ),
    },
    "Exercise 2": {
        "nothing is joined": ("def join(word, pair):\n    return word", "in the middle"),
        "everything is joined": (
            "def join(word, pair):\n    return (''.join(word),)",
            "in the middle",
        ),
        "a list": (but(JOIN, "tuple(joined)", "joined"), "must return a tuple"),
        "a text": ("def join(word, pair):\n    return ''.join(word)", "must return a tuple"),
        "only once": (
            "def join(word, pair):\n"
            "    for at in range(len(word) - 1):\n"
            "        if word[at : at + 2] == pair:\n"
            "            return (*word[:at], ''.join(pair), *word[at + 2 :])\n"
            "    return word",
            "'twice'",
        ),
        "a symbol is used twice": (but(JOIN, "at += 2", "at += 1"), "in the middle"),
        "letters instead of symbols": (
            "def join(word, pair):\n"
            "    text = ''.join(word).replace(''.join(pair), '|' + ''.join(pair) + '|')\n"
            "    parts = text.split('|')\n"
            "    return tuple(s for p in parts for s in ([p] if p == ''.join(pair) else p))",
            "the pair's letters, but other symbols",
        ),
        "letters with spaces": (
            "def join(word, pair):\n"
            "    return tuple(' '.join(word).replace(' '.join(pair), ''.join(pair)).split())",
            "the pair's first letter ends a symbol",
        ),
        "letters with a space before them": (
            "def join(word, pair):\n"
            "    text = ' ' + ' '.join(word)\n"
            "    return tuple(text.replace(' ' + ' '.join(pair), ' ' + ''.join(pair)).split())",
            "the pair's last letter begins a symbol",
        ),
        "from the right": (
            "def join(word, pair):\n"
            "    joined, at = [], len(word) - 1\n"
            "    while at >= 0:\n"
            "        if word[max(0, at - 1) : at + 1] == pair:\n"
            "            joined.insert(0, ''.join(pair))\n"
            "            at -= 2\n"
            "        else:\n"
            "            joined.insert(0, word[at])\n"
            "            at -= 1\n"
            "    return tuple(joined)",
            "from the left",
        ),
        "the order doesn't count": (
            but(JOIN, "word[at : at + 2] == pair", "set(word[at : at + 2]) == set(pair)"),
            "overlapping",
        ),
        "the last symbol is lost": (
            but(JOIN, "at < len(word):", "at < len(word) - 1:"),
            "in the middle",
        ),
        "the letters are compared": (
            but(JOIN, "word[at : at + 2] == pair", "''.join(word[at : at + 2]) == ''.join(pair)"),
            "the pair's letters, but other symbols",
        ),
        "an empty word": (
            "def join(word, pair):\n"
            "    joined = [word[0]]\n"
            "    for symbol in word[1:]:\n"
            "        if (joined[-1], symbol) == pair:\n"
            "            joined[-1] += symbol\n"
            "        else:\n"
            "            joined.append(symbol)\n"
            "    return tuple(joined)",
            "IndexError",
        ),
    },
    "Exercise 3": {
        "over everything": (
            "def mean_over_real(values, lengths):\n    return values.mean(dim=1)",
            "padding of 0.0",
        ),
        "divided by N": (
            but(MEAN, "sum(dim=1) / lengths[:, None]", "mean(dim=1)"),
            "padding of 0.0",
        ),
        "divided by the longest": (
            but(MEAN, "lengths[:, None]", "lengths.max()"),
            "padding of 0.0",
        ),
        "what isn't 0 is real": (
            "def mean_over_real(values, lengths):\n"
            "    real = values != 0\n"
            "    return (values * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)",
            "padding of 0.0",
        ),
        "what is 0 is padding": (
            "def mean_over_real(values, lengths):\n"
            "    real = (values != 0).any(dim=2, keepdim=True)\n"
            "    return (values * real).sum(dim=1) / real.sum(dim=1)",
            "padding of 9.0",
        ),
        "what is large is padding": (
            "def mean_over_real(values, lengths):\n"
            "    real = (values < 100) & (values != 0).any(dim=2, keepdim=True)\n"
            "    return (values * real).sum(dim=1) / lengths[:, None]",
            "padding of 0.0",
        ),
        "multiplied by the mask": (
            but(MEAN, "values.where(mask, 0)", "(values * mask)"),
            "are NaN",
        ),
        "the mask is turned around": (but(MEAN, "mask, 0", "~mask, 0"), "padding of 0.0"),
        "one token short": (
            but(MEAN, "valid_mask(lengths,", "valid_mask(lengths - 1,"),
            "padding of 0.0",
        ),
        "rounded down": (but(MEAN, "/ lengths", "// lengths"), "padding of 0.0"),
        "as wide as the longest": (
            but(MEAN, "max_length=values.shape[1]", "max_length=int(lengths.max())"),
            "RuntimeError",
        ),
    },
    "Exercise 4": {
        "one answer for all": (
            "def smallest_vocabulary(texts, longest_mean):\n    return 50",
            "892 texts, 42.0 tokens: 50 symbols are too few",
        ),
        "the largest": (
            "def smallest_vocabulary(texts, longest_mean):\n    return 100",
            "100 symbols are more than needed",
        ),
        "one size too early": (but(SMALLEST, "return size", "return size - 2"), "are too few"),
        "one size too late": (but(SMALLEST, "return size", "return size + 2"), "more than needed"),
        "from the other end": (
            but(SMALLEST, "range(38, 101, 2)", "range(100, 37, -2)"),
            "100 symbols are more than needed",
        ),
        "in steps of four": (
            but(SMALLEST, "range(38, 101, 2)", "range(40, 101, 4)"),
            "more than needed",
        ),
        "an odd size": (but(SMALLEST, "return size", "return size + 1"), "is not one of 38"),
        "the texts are ignored": (
            SMALLEST.replace("texts", "TEXTS").replace("(TEXTS, longest", "(texts, longest"),
            "400 texts, 39.2 tokens: 82 symbols are more than needed",
        ),
        "all texts are learned": (
            but(SMALLEST, "train(texts,", "train(TEXTS,"),
            "400 texts, 39.2 tokens: 52 symbols are more than needed",
        ),
        "the first 300 alone": (
            but(
                but(SMALLEST, "for text in texts)", "for text in texts[:300])"),
                "/ len(texts)",
                "/ 300",
            ),
            "892 texts, 42.0 tokens: 62 symbols are more than needed",
        ),
        "no answer for one length": (
            but(SMALLEST, "for size in range(38, 101, 2):", "for size in range(38, 55, 2):"),
            "892 texts, 42.0 tokens: None is not one of 38",
        ),
        "the first text alone": (
            but(
                but(SMALLEST, "for text in texts)", "for text in texts[:1])"),
                "/ len(texts)",
                "/ 1",
            ),
            "892 texts, 44.6 tokens: ",
        ),
        "words are counted": (
            but(SMALLEST, "tokenizer.encode(text)", "text.split()"),
            "38 symbols are too few",
        ),
    },
}
