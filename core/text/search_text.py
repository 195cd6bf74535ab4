"""Normalizes text for search, the same for stored text and queries, in every script.

It depends on Python's Unicode tables and not on the locale of PostgreSQL, whose parser splits
neither file names nor Thai, and whose trigrams ignore other scripts than Latin if `lc_ctype` is C.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# Letters that Unicode does not decompose, with what is typed in their place: of Latin; Cyrillic;
# Arabic, with those of Persian and Urdu; and the final forms of Hebrew.
_PLAIN = str.maketrans(
    {"\u0131": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ŋ": "n"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "\u0192": "f", "\u0259": "e", "\u0253": "b", "\u0257": "d"}
    | {"\u0491": "\u0433"}  # ghe with upturn
    | {"\u0649": "\u064a", "\u06cc": "\u064a", "\u06d0": "\u064a", "\u06a9": "\u0643"}  # yeh, kaf
    | {"\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647", "\u0629": "\u0647"}  # heh
    | {"\u0671": "\u0627", "\u0640": ""}  # alef; tatweel only stretches a word
    | {"ך": "כ", "ם": "מ", "\u05df": "נ", "ף": "פ", "ץ": "צ"}
    # Katakana as the hiragana of the same sound.
    | {chr(code): chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
)
# Combining classes of marks that are letters or change them: voicing of kana; vowels of Thai, Lao
# and Tibetan. Other marks are accents, points, harakat, nuktas, viramas and tones.
_KEPT_MARKS = {8, 103, 118, 129, 130, 132}
# Scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer, kana, bopomofo, and Chinese
# characters. Hangul is among them, because its words are compounds and have endings.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f\ua9e0-\ua9ff"
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u30ff\u3105-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
# The words of folded text.
_RUNS = re.compile(f"[{_UNSPACED}]+|[0-9]+|[^\\s0-9{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
MIN_PREFIX_LENGTH = 3
MAX_WORD_LENGTH = 100  # PostgreSQL takes terms of 2,046 bytes


@dataclass(frozen=True)
class SearchWord:
    """A word of a query: letters, digits, a symbol, or a run of a script without spaces."""

    text: str

    @property
    def unspaced(self) -> bool:
        return _IS_UNSPACED.match(self.text) is not None

    @property
    def terms(self) -> list[str]:
        """Return the terms of which stored text has all, one after the other."""
        if self.unspaced and len(self.text) > 1:
            return [one + other for one, other in pairwise(self.text)]
        return [self.text]

    @property
    def stored(self) -> list[str]:
        """Return the terms of a stored word: its last character is a term as well."""
        return [*self.terms, self.text[-1]] if self.unspaced and len(self.text) > 1 else self.terms

    @property
    def is_start(self) -> bool:
        """Return whether longer terms that start with the word's last term match as well.

        A Chinese character starts the pairs that it is the first of. One or two Latin letters
        start too many words.
        """
        return len(self.text) == 1 if self.unspaced else len(self.text) >= MIN_PREFIX_LENGTH


@dataclass(frozen=True)
class SearchPhrase:
    """Words of a query that stored text has one after the other. The last can be a start of one.

    If `whole`, it cannot, except in scripts without spaces, where words have no end.
    """

    words: Sequence[SearchWord]
    whole: bool = False

    @property
    def is_start(self) -> bool:
        last = self.words[-1]
        return last.is_start and (last.unspaced or not self.whole)

    @property
    def terms(self) -> list[str]:
        """Return the terms in their order in stored text, where runs before the last have ended."""
        *ended, last = self.words
        return [*(term for word in ended for term in word.stored), *last.terms]

    @property
    def tsquery(self) -> str:
        """Return a `tsquery` that matches all terms. The order is up to `pattern`.

        Terms have no quotes and no backslashes.
        """
        *others, last = (f"'{term}'" for term in self.terms)
        return " & ".join([*others, f"{last}:*" if self.is_start else last])

    @property
    def pattern(self) -> str | None:
        """Return a pattern for LIKE of stored text between spaces, if there are several terms."""
        if len(self.terms) == 1:
            return None
        open_end = self.is_start or self.words[-1].unspaced
        return f"% {' '.join(self.terms)}{'' if open_end else ' '}%"


def folded(text: str) -> str:
    """Return the text without case, accents, and variants of letters, digits and widths.

    What is neither a letter, a digit nor a symbol becomes a space.
    """
    return " ".join(_plain(text).split())


def search_words(text: str) -> list[SearchWord]:
    """Return the words of a text: runs of letters, of digits, or of scripts without spaces.

    Of a longer word, such as an encoded file, the first 100 characters count.
    """
    words = [SearchWord(run) for run in _RUNS.findall(_plain(text))]
    return [word if word.unspaced else SearchWord(word.text[:MAX_WORD_LENGTH]) for word in words]


def searchable(*texts: str) -> str:
    """Return the terms of texts, separated by spaces, to be stored for search.

    A run of a script without spaces becomes its pairs of characters, and its last character.
    """
    words = (word for text in texts for word in search_words(text))
    return " ".join(term for word in words for term in word.stored)


def written_words(text: str) -> list[SearchWord]:
    """Return the words of a text with their marks, but for variants of characters.

    Accents, nuktas, viramas and tones are kept: in Thai, a tone makes another word.
    """
    words = [SearchWord(run) for run in _RUNS.findall(_plain(text, marks=True))]
    return [word if word.unspaced else SearchWord(word.text[:MAX_WORD_LENGTH]) for word in words]


def _plain(text: str, *, marks: bool = False) -> str:
    """Fold a text. Decomposed twice, because folding case can compose letters with marks."""
    cased = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", cased)
    kept = "".join(_fold(ord(one), marks) for one in decomposed).translate(_PLAIN)
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=10_000)
def _fold(code: int, marks: bool) -> str:
    """Return what a decomposed character contributes: itself, a digit, a space or nothing."""
    c = chr(code)
    category = unicodedata.category(c)
    if category == "Nd":
        return str(unicodedata.decimal(c))
    if category[0] == "M":
        combining = unicodedata.combining(c)
        is_accent = combining and combining not in _KEPT_MARKS
        accent = category == "Me" or (is_accent and not marks)
        return "" if accent or unicodedata.name(c, "").startswith("VARIATION") else c
    if category == "Cf":
        return ""  # joiners stand within words and emoji
    if category == "So":
        return f" {c} "
    return c if category[0] in "LN" else " "
