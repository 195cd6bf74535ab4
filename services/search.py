"""Text search of offers and vendors, which tolerates typos.

Each word of a search must match: as the start of a word, inside a word, or with a typo. Its work is
bounded, because to compare a text takes about 13 µs: of 200,000 offers 60,000 contain "free", and a
search that compared and sorted them took 1.7 seconds.
"""

import unicodedata
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Select, SQLColumnExpression, Text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased
from sqlmodel import and_, cast, col, func, literal, not_, or_, select, union_all
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import BadInput
from core.keyset import Listing, Ordering
from core.text.search_text import SearchPhrase, SearchWord, search_words
from models.search import term_vector

MIN_SEARCH_LENGTH, MAX_SEARCH_LENGTH = 3, 100
MIN_UNCASED_SEARCH_LENGTH = 2
MAX_WORDS = 6
MAX_FOUND = 1_000
MIN_INNER_LENGTH = 4  # "tea" is no reason to find "instead"
# To compare a text takes far longer than PostgreSQL assumes, so it scanned the table for the
# first 1,000 matches, and how common a text is decides between its index and the order's.
PLANNING = {
    "cpu_operator_cost": "0.02",
    "enable_seqscan": "off",
    "plan_cache_mode": "force_custom_plan",
}


class SearchableRow(Protocol):
    id: UUID
    search_text: str


Row = TypeVar("Row", bound=SearchableRow)


def by_similarity(rows: SelectOfScalar[Row], table: type[Row], search: str) -> Listing[Row]:
    """Narrow rows to 1,000 that match, most similar first.

    Whole words rank higher than parts (`strict_word_similarity`).
    """
    words = searched_words(search)
    text = literal(" ".join(term for word in words for term in word.terms), Text)
    similarity = cast(func.strict_word_similarity(text, col(table.search_text)), Double)
    return Listing(
        select(table).where(col(table.id).in_(_found(rows, table, words))),
        Ordering(f"similarity:{search}", similarity, table.id, float, descending=True),
        countable=MAX_FOUND,
        planning=PLANNING,
    )


def by_ordering(
    rows: SelectOfScalar[Row],
    table: type[Row],
    search: str,
    ordering: Ordering,
    also: Callable[[type[Row]], ColumnElement[bool]],
) -> Listing[Row]:
    """Narrow rows to 1,000 that match, and another condition, in another order.

    They are those of `by_similarity`. If there are more, they are also looked for among the first
    1,000 rows, so that the first pages for a common text are right. PostgreSQL alone compares all
    matches, or walks the index of the order until a page is full: for words that are common, but
    not together, it compared all rows in 2 seconds.
    """
    words = searched_words(search)
    first = rows.order_by(*ordering.columns()).limit(MAX_FOUND).subquery()
    candidate = aliased(table, first)
    in_first = select(candidate.id).where(
        *(contains(col(candidate.search_text), phrase) for phrase in _phrases(words)),
        also(candidate),
    )
    found = _found(rows.where(also(table)), table, words)
    return Listing(
        select(table).where(col(table.id).in_(union_all(in_first, found))),
        ordering,
        countable=MAX_FOUND,
        planning=PLANNING,
    )


def contains(text: SQLColumnExpression[str], phrase: SearchPhrase) -> ColumnElement[bool]:
    """Match stored text with a phrase."""
    has_terms = has(text, phrase.tsquery)
    if phrase.pattern is None:
        return has_terms
    space = literal(" ", Text)
    return and_(has_terms, (space + text + space).like(phrase.pattern))


def contains_all(text: SQLColumnExpression[str], search: str) -> ColumnElement[bool]:
    """Match stored text that has every word of a search. Raises `BadInput`."""
    return and_(*(contains(text, phrase) for phrase in _phrases(searched_words(search))))


def has(text: SQLColumnExpression[str], tsquery: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Match stored text by its index of terms."""
    return term_vector(text).op("@@", is_comparison=True)(cast(tsquery, TSQUERY))


def _found(rows: SelectOfScalar[Row], table: type[Row], words: list[SearchWord]) -> Select[Any]:
    """Select the ids of 1,001 matches: those with the words as typed before the others."""
    text = col(table.search_text)
    exact = and_(*(contains(text, phrase) for phrase in _phrases(words)))
    similar = and_(*(_is_similar(text, word) for word in words))
    found = union_all(
        _some(rows.where(exact), table), _some(rows.where(similar, not_(exact)), table)
    )
    return select(found.limit(MAX_FOUND + 1).subquery())


def _some(rows: SelectOfScalar[Row], table: type[Row]) -> Select[Any]:
    """Select the ids of 1,001 rows. PostgreSQL stops when it has found them."""
    ids = rows.with_only_columns(col(table.id), maintain_column_froms=True)
    return select(ids.limit(MAX_FOUND + 1).subquery())


def _phrases(words: list[SearchWord]) -> list[SearchPhrase]:
    return [SearchPhrase([word]) for word in words]


def _is_similar(text: SQLColumnExpression[str], word: SearchWord) -> ColumnElement[bool]:
    """Match a word, a part of one, or one with a typo: a `strict_word_similarity` of 0.45.

    Of "massage", "masage" has 0.67, and "message" 0.45; "masala" has 0.4 of "masage".
    """
    exact = contains(text, SearchPhrase([word]))
    if word.unspaced or not word.is_start:
        return exact
    sought = literal(word.text, Text)
    others = [sought.op("<<%", is_comparison=True)(text)]
    if len(word.text) >= MIN_INNER_LENGTH:
        others.append(text.like(f"%{word.text}%"))
    return or_(exact, and_(_has_trigrams(sought), or_(*others)))


def _has_trigrams(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Match nothing if pg_trgm finds no letter, such as in Greek if `lc_ctype` is C.

    PostgreSQL would compare every row, which took 1.2 seconds.
    """
    return func.cardinality(func.show_trgm(text)) > 0


def searched_words(search: str) -> list[SearchWord]:
    """Return the longest words to search for. Raises `BadInput` if they are too short or too long.

    Two letters suffice in a script without upper case, such as Chinese, Japanese or Hindi, where
    they can be a word, and one symbol.
    """
    if len(search.strip()) > MAX_SEARCH_LENGTH:  # first, because to normalize it takes time
        raise _bad_length(MIN_SEARCH_LENGTH)
    if "\0" in search:
        raise BadInput("The text contains a character that cannot be stored. Remove it.")
    words = search_words(search)
    least = min((_min_length(word.text) for word in words), default=MIN_SEARCH_LENGTH)
    if sum(len(word.text) for word in words) < least:
        raise _bad_length(least)
    return sorted(words, key=lambda word: len(word.text))[-MAX_WORDS:]


def _min_length(word: str) -> int:
    kinds = {unicodedata.category(one) for one in word}
    if "So" in kinds:
        return 1
    return MIN_UNCASED_SEARCH_LENGTH if "Lo" in kinds else MIN_SEARCH_LENGTH


def _bad_length(least: int) -> BadInput:
    return BadInput(
        "A search must have at least {least} letters or digits, and at most {most} characters.",
        least=least,
        most=MAX_SEARCH_LENGTH,
    )
