"""The `tsquery` of a saved search, and the keys by which new offers find it.

A condition is a set of keys of which each offer that fulfils it has one: lexemes of the listing's
words, and others that `keys_of_offer` adds. The keys of the rarest condition are the anchors.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.text.search_text import SearchWord
from core.words import FILTER, Word
from models.errors import InvalidInput
from models.searches import SearchConditions
from services.near import Near
from services.offers.text_search import cells_of
from services.offers.understanding import as_written, read

EVERY_OFFER = FILTER  # the key of a circle that is too large for cells
# About how many offers of a million have a key: only the numbers of words are known.
AT_VENDOR, AT_PIN_CODE, NEARBY, IN_CITY, IN_CATEGORY = 50, 1_000, 5_000, 20_000, 25_000
EVERYWHERE = 500_000
DOCUMENTS = text("SELECT word, documents FROM term WHERE word = ANY(CAST(:words AS text[]))")


class Anchor(NamedTuple):
    """Keys of a condition, and about how many offers have one of them."""

    expected: int
    keys: list[str]


def circle_of(conditions: Any) -> Near | None:
    """Return the circle of conditions or of a saved search. Raises `BadInput`."""
    if conditions.within_km is None:
        return None
    return Near(conditions.latitude, conditions.longitude, conditions.within_km)


async def prepare(session: AsyncSession, conditions: SearchConditions) -> dict[str, Any]:
    """Return the anchors and the query of a saved search.

    Raises `InvalidInput` without a condition that leaves out most offers, and `BadInput`.
    """
    words = read(conditions.search) if conditions.search is not None else []
    documents = await _count(session, words) if words else {}
    anchors = [
        *(_of_word(word, documents) for word in words),
        *_of_values(conditions),
    ]
    if not anchors:
        raise InvalidInput(
            "Almost every offer would match. Add words, a business, a category, a city, a postal"
            " code or a place.",
            field=["conditions"],
        )
    query = " & ".join(as_written(word) for word in words) or None
    return {"anchors": min(anchors).keys, "query": query}


def keys_of_offer(
    lexemes: Sequence[str], *, vendor: UUID, categories: Sequence[UUID], pins: Sequence[str]
) -> list[str]:
    """Return all keys of an offer. `categories` are its own and those above it.

    Of a script without spaces, the last word of a search can be the start of a lexeme.
    """
    starts = {
        one[:length] for one in lexemes if SearchWord(one).unspaced for length in range(1, len(one))
    }
    return [
        *lexemes,
        *sorted(starts),
        EVERY_OFFER,
        _vendor_key(vendor),
        *map(category_key, categories),
        *map(_pin_key, pins),
    ]


def category_key(category_id: UUID) -> str:
    return f"{FILTER}c{category_id}"


def _of_values(conditions: SearchConditions) -> Iterator[Anchor]:
    if conditions.vendor_id is not None:
        yield Anchor(AT_VENDOR, [_vendor_key(conditions.vendor_id)])
    if conditions.pin_code is not None:
        yield Anchor(AT_PIN_CODE, [_pin_key(conditions.pin_code)])
    if (near := circle_of(conditions)) is not None:
        cells = cells_of(near)
        yield Anchor(NEARBY, cells) if cells else Anchor(EVERYWHERE, [EVERY_OFFER])
    if conditions.city_id is not None:
        yield Anchor(IN_CITY, [f"{FILTER}t{conditions.city_id}"])
    if conditions.category_id is not None:
        yield Anchor(IN_CATEGORY, [category_key(conditions.category_id)])


def _of_word(word: Word, documents: Mapping[str, int]) -> Anchor:
    if not word.unspaced:
        return Anchor(sum(documents.get(one, 0) for one in word.sought), word.sought)
    *required, last = word.pairs
    if not required:
        return Anchor(documents.get(last, 0), [last])
    return min(Anchor(documents.get(one, 0), [one]) for one in required)


async def _count(session: AsyncSession, words: Sequence[Word]) -> Mapping[str, int]:
    lexemes = [one for word in words for one in (word.pairs if word.unspaced else word.sought)]
    found = (await session.execute(DOCUMENTS, {"words": lexemes})).all()
    return {row.word: row.documents for row in found}


def _vendor_key(vendor_id: UUID) -> str:
    return f"{FILTER}v{vendor_id}"


def _pin_key(pin: str) -> str:
    return f"{FILTER}p{pin}"
