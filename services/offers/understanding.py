"""The meaning of a search for offers: its words, other spellings, and how common they are.

The vocabulary decides, in one statement. A word that is rarer than 5 offers may be misspelt, and is
sought in other spellings too. Typos are repaired in words and not in texts: among a million offers,
that takes a thousandth of the time.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import text

from core.statements.row_source import RowSource
from core.statements.statement import Statement
from core.text.search_text import MIN_PREFIX_LENGTH
from core.words import IN_TITLE, LOOSE, Word, latin_of, loose_key, sounds_of, words_of
from services.search import MAX_WORDS, searched_words

RARE = 5  # documents; a rarer word may be a typo
MAX_SPELLINGS = 5  # other spellings, and as many words that contain it
MIN_REPAIRED_LETTERS, MIN_INNER_LETTERS = 4, 5
COMMON = 5_000  # offers, from which the first ones in the list's order are looked through
MAX_OTHER_SOUNDS = 0.5  # of a word in another script
LONG_WORD = 8  # letters, from which two typos are allowed

# `~>=~` and `~<~` compare bytes, as the index of starts does. `latin` has neither % nor _.
LAST = "\U0010ffff"
LOOK_UP = Statement(
    text(
        """
    WITH asked AS (
        SELECT * FROM unnest(
            CAST(:latin AS text[]), CAST(:loose AS text[]), CAST(:repaired AS boolean[]),
            CAST(:inner AS boolean[]), CAST(:starts AS text[])
        ) WITH ORDINALITY AS asked (latin, loose, repaired, inside, start, n)
    ), known AS (
        SELECT given.n, term.word, term.documents
        FROM unnest(CAST(:places AS integer[]), CAST(:lexemes AS text[])) AS given (n, lexeme)
        JOIN term ON term.word = given.lexeme
    )
    SELECT n, 'KNOWN' AS kind, word, documents FROM known
    UNION ALL
    SELECT n, 'START', '', sum(documents)::int FROM asked, LATERAL (
        SELECT documents FROM term
        WHERE word ~>=~ start AND word ~<~ (start || :last)
        LIMIT 1000
    ) AS longer WHERE start <> '' GROUP BY n
    UNION ALL
    SELECT n, 'INSIDE', longer.word, longer.documents FROM asked, LATERAL (
        SELECT word, documents FROM term
        WHERE loose <> '' AND term.latin LIKE '%' || asked.latin || '%'
            AND term.latin <> asked.latin
        ORDER BY documents DESC, word LIMIT :most
    ) AS longer WHERE inside
    UNION ALL
    SELECT n, 'SPELLED', near.word, near.documents FROM asked, LATERAL (
        (
            SELECT word, documents FROM term WHERE loose <> '' AND term.latin % asked.latin
            ORDER BY similarity(term.latin, asked.latin) DESC, documents DESC LIMIT 30
        ) UNION (
            SELECT word, documents FROM term WHERE loose <> '' AND term.loose = asked.loose
            ORDER BY documents DESC LIMIT 30
        )
    ) AS near
    WHERE repaired AND coalesce(
        (SELECT max(documents) FROM known WHERE known.n = asked.n), 0
    ) < :rare
    """
    ).bindparams(last=LAST, most=MAX_SPELLINGS, rare=RARE)
)
# Words and their numbers of documents, by the place of a word in the search and their kind.
Found = dict[tuple[int, str], list[tuple[str, int]]]


@dataclass(frozen=True)
class SoughtWord:
    """A word of a search, with what it may mean. `documents` is the number of offers with it."""

    word: Word
    documents: int
    titles: int  # offers that have it in their titles
    longer: bool  # whether longer words that start with it are sought too
    starting: int  # offers with one of these, and
    other_documents: int  # with one of those below, if none has two
    inside: tuple[str, ...]
    spelled: tuple[str, ...]

    def whole(self, place: str = "") -> str:
        """Return a `tsquery` of the word as it was written, in the title or at any place."""
        return as_written(self.word, place)

    def started(self, place: str = "") -> str:
        """Return a `tsquery` of the word, or, of the last one of a search, of longer ones."""
        longer = [f"'{place}{one}':*" for one in _starts(self.word) if self.longer]
        return _all([" | ".join([self.whole(place), *longer])])

    def meant(self, place: str = "") -> str:
        """Return a `tsquery` of the word, of longer ones and of other spellings."""
        others = [word for one in (*self.spelled, *self.inside) for word in words_of(one)]
        more = [_any(one.sought, place) for one in others]
        return _all([" | ".join([self.started(place), *more])])


@dataclass(frozen=True)
class Sought:
    """The words of a search."""

    words: Sequence[SoughtWord]

    @property
    def corrected(self) -> bool:
        """Return whether offers with other spellings follow those with the words as written."""
        return any(one.spelled for one in self.words)

    @property
    def did_you_mean(self) -> str | None:
        """Return the search with the likeliest spelling of each unknown word, if there is one."""
        if not any(one.spelled and not one.documents for one in self.words):
            return None
        likeliest = (
            one.spelled[0] if one.spelled and not one.documents else one.word.text
            for one in self.words
        )
        return " ".join(likeliest)

    @property
    def tiers(self) -> list["Tier"]:
        """Return the degrees of relevance, the best first.

        Titles come before other texts, whole words before longer ones and before other spellings.
        The last one has the offers of all. Numbers stay the same when the vocabulary changes.
        """
        words = self.words
        whole = min(one.documents for one in words)
        found = [
            Tier(0, _all(one.whole(IN_TITLE) for one in words), min(one.titles for one in words)),
            Tier(1, _all(one.whole() for one in words), whole),
        ]
        if any(one.longer for one in words):
            started = min(one.documents + one.starting for one in words)
            found.append(Tier(2, _all(one.started() for one in words), started))
        if any(one.spelled or one.inside for one in words):
            meant = min(one.documents + one.starting + one.other_documents for one in words)
            found.append(Tier(3, _all(one.meant(IN_TITLE) for one in words), meant))
            found.append(Tier(4, _all(one.meant() for one in words), meant))
        return found

    @property
    def everything(self) -> "Tier":
        return self.tiers[-1]


@dataclass(frozen=True)
class Tier:
    """A degree of relevance: a `tsquery`, and about how many offers match it, at most."""

    number: int
    tsquery: str
    expected: int

    @property
    def is_common(self) -> bool:
        return self.expected >= COMMON


def as_written(word: Word, place: str = "") -> str:
    """Return a `tsquery` of a word in any of its forms, in the title or at any place."""
    if not word.unspaced:
        return _any(word.sought, place)
    *pairs, end = word.pairs
    # The last character may get a mark.
    return _all([*(f"'{place}{one}'" for one in pairs), f"'{place}{end}':*"])


def read(search: str) -> list[Word]:
    """Return the words of a search, each once, at most the longest 6. Raises `BadInput`."""
    searched_words(search)
    words = [*dict.fromkeys(words_of(search))]
    longest = sorted(words, key=lambda word: -len(word.text))[:MAX_WORDS]
    return [word for word in words if word in longest]


async def look_up(source: RowSource, words: Sequence[Word]) -> Sought:
    lexemes = [
        (n, place + one)
        for n, word in enumerate(words, 1)
        for one in _lexemes(word)
        for place in ("", IN_TITLE)
    ]
    latin = [latin_of(word.text) for word in words]
    given = {
        "latin": latin,
        "loose": [loose_key(word.text) for word in words],
        "repaired": [_may_be_a_typo(word) for word in words],
        "inner": [
            _is_letters(word) and len(one) >= MIN_INNER_LETTERS
            for word, one in zip(words, latin, strict=True)
        ],
        "starts": [*([""] * (len(words) - 1)), next(iter(_starts(words[-1])), "")],
        "places": [n for n, _ in lexemes],
        "lexemes": [one for _, one in lexemes],
    }
    found: Found = {}
    for n, kind, word, documents in await source.fetch(LOOK_UP, **given):
        found.setdefault((n, kind), []).append((word, documents))
    return Sought([_sought(word, n, n == len(words), found) for n, word in enumerate(words, 1)])


def _sought(word: Word, n: int, last: bool, found: Found) -> SoughtWord:
    known = dict(found.get((n, "KNOWN"), ()))
    count = min if word.unspaced else max
    documents, titles = (
        count(known.get(place + one, 0) for one in _lexemes(word)) for place in ("", IN_TITLE)
    )
    starting = sum(number for _, number in found.get((n, "START"), ()))
    exact = set(word.sought)
    spelled = [
        (distance, -number, other)
        for other, number in found.get((n, "SPELLED"), ())
        if other not in exact and (distance := distance_of(word.text, other)) is not None
    ]
    kept = [(other, -number) for _, number, other in sorted(spelled)[:MAX_SPELLINGS]]
    inside = [one for one in found.get((n, "INSIDE"), ()) if one[0] not in exact]
    longer = last and (documents < RARE or starting > known.get(word.text, 0))
    return SoughtWord(
        word,
        documents,
        titles,
        longer,
        starting if longer else 0,
        sum(number for _, number in (*kept, *inside)),
        tuple(other for other, _ in inside),
        tuple(other for other, _ in kept),
    )


def distance_of(word: str, other: str) -> int | None:
    """Return the number of typos between two words, or None if they are too many.

    One is allowed, in longer words or with the same consonants two, and none in the first letter.
    To swap neighbours is one. A word in another script may be spelled otherwise, but has the same
    consonants, and at most half of its sounds are others.
    """
    one, two = latin_of(word), latin_of(other)
    sound_alike = len(loose_key(word)) > 1 and loose_key(word) == loose_key(other)
    is_long = max(len(one), len(two)) >= LONG_WORD
    most = 2 if is_long or sound_alike else 1
    if _begin_alike(one, two):
        distance = OSA.distance(one, two, score_cutoff=most)
        if distance <= most:
            return int(distance)
    if sound_alike and _script(word) != _script(other) and _sound_similar(one, two):
        return most
    return None


def _begin_alike(one: str, two: str) -> bool:
    swapped = one[:2][::-1]
    return bool(one and two) and (sounds_of(one)[0] == sounds_of(two)[0] or swapped == two[:2])


def _sound_similar(one: str, two: str) -> bool:
    """Return whether words with the same consonants sound similar: बिरयानी and barn do not."""
    return OSA.normalized_distance(sounds_of(one), sounds_of(two)) <= MAX_OTHER_SOUNDS


def _script(word: str) -> str:
    return unicodedata.name(word[0], "").split(" ")[0]


def _lexemes(word: Word) -> Sequence[str]:
    return word.pairs if word.unspaced else word.sought


def _starts(word: Word) -> Iterator[str]:
    if not word.unspaced and len(word.text) >= MIN_PREFIX_LENGTH:
        yield word.text
        yield LOOSE + word.plain
        if word.plain != word.text:
            yield word.plain


def _is_letters(word: Word) -> bool:
    return not word.unspaced and not word.has_digits


def _may_be_a_typo(word: Word) -> bool:
    letters = max(len(word.characters), len(latin_of(word.text)))
    return _is_letters(word) and letters >= MIN_REPAIRED_LETTERS


def _any(lexemes: Sequence[str], place: str) -> str:
    return _all([" | ".join(f"'{place}{one}'" for one in lexemes)])


def _all(queries: Sequence[str] | Iterator[str]) -> str:
    return f"({' & '.join(queries)})"
