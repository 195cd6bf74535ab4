"""Words of texts, as the vocabulary and the index of listed offers have them.

A text and a search are read by the same functions, in Python: PostgreSQL's own parser and stemmers
know neither Hindi in Latin letters nor Thai, and depend on a locale. A stored word has up to three
lexemes: the word, `=` and its stem, and `~` and the word without its marks. A run of a script
without spaces has pairs of its characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from threading import Lock

import snowballstemmer
from anyascii import anyascii

from core.text.search_text import SearchWord, folded, written_words

STEM, LOOSE, FILTER = "=", "~", "#"  # the first characters of lexemes that are no words
IN_TITLE = "^"  # before a lexeme of a title
LANGUAGES: Mapping[str, str] = {
    "en": "english",
    "de": "german",
    "es": "spanish",
    "hi": "hindi",
}
# Words that are in so many texts that they are no suggestion.
STOP_WORDS = frozenset(
    [
        *("and", "are", "all", "at", "by", "for", "from", "in", "of", "off", "on", "one", "or"),
        *("our", "per", "the", "to", "up", "with", "you", "your"),
        *("als", "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine"),
        *("im", "ist", "mit", "nach", "nur", "oder", "und", "von", "vor", "zu", "zum", "zur"),
        *("für", "al", "con", "de", "del", "el", "la", "las", "los", "más", "para", "por", "que"),
        *("sin", "su", "un", "una", "y"),
        *("और", "का", "की", "के", "को", "तक", "पर", "में", "लिए", "से", "है"),
    ]
)
MAX_KEPT_WORDS = 100_000  # whose stems and keys are kept
MAX_LEXEMES = 2_000  # of one row
MIN_LOOSE_LETTERS = 2
_STEMMERS = {tag: snowballstemmer.stemmer(name) for tag, name in LANGUAGES.items()}
_STEMMING = Lock()  # a stemmer keeps the word, and texts are read in threads too
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LATIN = re.compile("[a-z]")
# Of vowel signs above and tones, which are typed in either order.
_TONES_LAST = re.compile("([\u0e4d\u0ecd])([\u0e48-\u0e4b\u0ec8-\u0ecb])")
# Consonants with a nukta, before the library ignores it, and what it takes for letters of Sanskrit.
_HINDI = (
    ("\u091a", "ch"), ("\u091b", "chh"), ("\u0921\u093c", "\u0930"),
    ("\u0922\u093c", "\u0930\u0939"),
    ("\u092b\u093c", "f"), ("\u091c\u093c", "z"), ("\u0915\u093c", "k"), ("\u0916\u093c", "kh"),
    ("\u0917\u093c", "g"), ("\u0902", "\u0928"), ("\u0901", "\u0928"),
)  # fmt: skip
# Spellings of one sound, the longest first.
_SOUNDS = (("sch", "s"), ("tsh", "c"), ("chh", "c"), ("ch", "c"), ("sh", "s"), ("ph", "f"),
           ("th", "t"), ("dh", "d"), ("kh", "k"), ("gh", "g"), ("bh", "b"), ("jh", "j"),
           ("ck", "k"), ("x", "ks"), ("q", "k"), ("w", "v"), ("z", "j"))  # fmt: skip
_HARD_C = re.compile("c(?=[aoulrkt]|$)")
_CH = "\x01"  # stands for ch, while other c become k or s
_VOWELS = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True)
class Word:
    """A word of a text or of a search, with its marks."""

    text: str
    unspaced: bool

    @cached_property
    def plain(self) -> str:
        """Return the word without its marks."""
        return folded(self.text).replace(" ", "")

    @cached_property
    def has_digits(self) -> bool:
        return any(one.isdigit() for one in self.text)

    @cached_property
    def characters(self) -> list[str]:
        """Return the characters with their marks."""
        found: list[str] = []
        for one in self.text:
            if found and unicodedata.category(one)[0] == "M":
                found[-1] += one
            else:
                found.append(one)
        return found

    @property
    def pairs(self) -> list[str]:
        """Return the pairs of characters of a run without spaces, or its only one."""
        found = self.characters
        return [one + other for one, other in pairwise(found)] or found

    def stored(self, locale: str) -> Iterator[str]:
        """Yield the lexemes of a stored word. `locale` is the language of its text."""
        if self.unspaced:
            yield from self.pairs
            yield self.characters[-1]
            return
        yield self.text
        if self.plain != self.text:
            yield LOOSE + self.plain
        if stem := stem_of(self.text, locale):
            yield STEM + stem

    @property
    def sought(self) -> list[str]:
        """Return lexemes of which a text has one, if it has the word in any language."""
        stems = {stem_of(self.text, locale) for locale in LANGUAGES} - {None}
        found = [
            self.text,
            LOOSE + self.plain,
            *(f"{STEM}{one}" for one in sorted(map(str, stems))),
        ]
        return found if self.plain == self.text else [*found, self.plain]


def words_of(text: str) -> list[Word]:
    """Return the words of a text in their order, but for marks without a letter."""
    return [word for one in written_words(text) if (word := _word(one)).plain]


def _word(word: SearchWord) -> Word:
    return Word(_TONES_LAST.sub(r"\2\1", word.text), word.unspaced)


@lru_cache(maxsize=MAX_KEPT_WORDS)
def stem_of(word: str, locale: str) -> str | None:
    """Return the stem of a word in a language, or None if the language has other letters.

    A word has at most 100 characters.
    """
    stemmer = _STEMMERS.get(locale[:2])
    letters = _DEVANAGARI if locale.startswith("hi") else _LATIN
    if stemmer is None or letters.search(word) is None:
        return None
    with _STEMMING:
        stem: str = stemmer.stemWord(word)
    return stem


@lru_cache(maxsize=MAX_KEPT_WORDS)
def latin_of(word: str) -> str:
    """Return a word of at most 100 characters in the letters a to z: बिरयानी is biryani."""
    text = unicodedata.normalize("NFD", word)
    for written, others in _HINDI:
        text = text.replace(written, others)
    letters = "".join(one for one in text if unicodedata.category(one)[0] in "LMN")
    return re.sub("[^a-z0-9]", "", anyascii(unicodedata.normalize("NFC", letters)).lower())


@lru_cache(maxsize=MAX_KEPT_WORDS)
def loose_key(word: str) -> str:
    """Return the consonants of a word, by which spellings of one word in several scripts are found.

    The word has at most 100 characters. The key is empty for words with digits, and for those with
    fewer than two letters.
    """
    latin = latin_of(word)
    if len(latin) < MIN_LOOSE_LETTERS or any(one.isdigit() for one in word):
        return ""
    sounds = sounds_of(latin)
    first, rest = sounds[0], sounds[1:]
    return _DOUBLED.sub(r"\1", first + _VOWELS.sub("", rest).replace("h", ""))


def keys_of(lexeme: str) -> tuple[str, str]:
    """Return a word in Latin letters, and its consonants. Other lexemes have empty ones."""
    if lexeme[0] in {STEM, LOOSE, IN_TITLE} or SearchWord(lexeme).unspaced or not loose_key(lexeme):
        return "", ""
    return latin_of(lexeme), loose_key(lexeme)


@lru_cache(maxsize=MAX_KEPT_WORDS)
def sounds_of(latin: str) -> str:
    """Return one spelling for sounds that are written in several ways, of a word of at most 100."""
    text = latin
    for letters, one in _SOUNDS:
        text = text.replace(letters, _CH if one == "c" else one)
    return _DOUBLED.sub(r"\1", _HARD_C.sub("k", text).replace("c", "s").replace(_CH, "c"))


def vector(texts: Iterable[tuple[str, str, bool]]) -> str:
    """Return a `tsvector` of texts with their languages, and whether they are titles.

    The lexemes of titles are in it twice. Weights would do, but are not in the index: to know which
    of 60,000 offers have a word in their titles, PostgreSQL would read all.
    """
    found: dict[str, None] = {}
    for text, locale, is_title in texts:
        for word in words_of(text):
            for lexeme in word.stored(locale):
                if len(found) >= MAX_LEXEMES:
                    break
                found[lexeme] = None
                if is_title:
                    found[IN_TITLE + lexeme] = None
    return " ".join(f"'{lexeme}'" for lexeme in found)
