"""Offers that are found by a text, by relevance or in another order.

A plan that PostgreSQL chooses for any text is wrong for the rarest words or the commonest: of a
word that 75,000 offers have, it sorted all. So the numbers in the vocabulary choose it, and fences
keep it: of rare words, all offers are found by the index of words and sorted, of common ones, the
first 3,000 in the list's order are looked through before that.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, literal, literal_column, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import keyset
from core.cells import BITS, cover
from core.keyset import Count, Listing, Ordering, Page, Window
from core.statements.row_source import RowSource, SessionRows
from core.words import Word
from models.offers.listings import ListedOffer
from models.offers.offers import Offer
from services.categories.queries import subtree
from services.near import Near
from services.offers.filters import OfferFilter, listed_conditions
from services.offers.listings import FINE_LEVEL, WIDE_LEVEL
from services.offers.public_lists import is_live
from services.offers.rings import NearestFirst, NearOffers, has_words
from services.offers.sifting import Sifted
from services.offers.understanding import Sought, Tier, look_up
from services.search import MAX_FOUND
from services.viewer import Viewer

ESTIMATE = text("SELECT reltuples FROM pg_class WHERE oid = 'listing'::regclass")
MAX_CELLS = 100  # in a search near a place
MAX_ONE_OF = 25  # offers around a place that are counted for each that is wanted


@dataclass(frozen=True)
class TextSearch:
    """A search, which is looked up in the vocabulary once."""

    viewer: Viewer
    wanted: OfferFilter
    words: Sequence[Word]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: list[Sought] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """Return what depends on the words alone, for the cursors of the list."""
        text = " ".join(word.text for word in self.words)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    async def understand(self, source: RowSource) -> Sought:
        async with self.lock:
            if not self.known:
                self.known.append(await look_up(source, self.words))
        return self.known[0]

    def conditions(self, table: type[ListedOffer]) -> Iterator[Any]:
        """Yield the conditions but for the words."""
        yield from listed_conditions(self.viewer, self.wanted, table)
        if self.wanted.near is not None:
            circle = NearOffers(self.wanted.near, [])
            yield circle.distance(table) <= circle.within_m

    def nearby(self) -> Any | None:
        """Return the listings in the cells of the circle. None without one, or if it is large."""
        cells = cells_of(self.wanted.near) if self.wanted.near is not None else []
        return self.found(self.narrowed(_any(cells))) if cells else None

    def narrowed(self, tsquery: str) -> str:
        """Return a `tsquery` with the conditions whose values are among the words."""
        return " & ".join([tsquery, *_narrowed(self.wanted)])

    def found(self, tsquery: Any) -> Any:
        """Return the listings that the index of words finds. OFFSET 0 is a fence."""
        query: Any = cast(tsquery, TSQUERY)
        if self.wanted.category_id is not None:
            category: Any = subtree(self.wanted.category_id).subquery("below")
            lexemes = literal_column("'''#l'", String) + cast(category.c.id, String) + "'"
            below = select(cast(func.string_agg(lexemes, " | "), TSQUERY)).scalar_subquery()
            query = query.op("&&", return_type=TSQUERY())(below)
        has = col(ListedOffer.words).op("@@", is_comparison=True)(query)
        return select(ListedOffer).where(has, is_live()).offset(0).subquery("found")


def _narrowed(wanted: OfferFilter) -> Iterator[str]:
    """Yield a `tsquery` for each condition whose value is among the words."""
    if wanted.city_id is not None:
        yield f"'#t{wanted.city_id}'"
    if wanted.country is not None:
        yield f"'#n{wanted.country}'"
    if wanted.discount_kinds:
        yield _any(f"#k{kind}" for kind in sorted(wanted.discount_kinds))
    if wanted.near is not None and (cells := cells_of(wanted.near)):
        yield _any(cells)


def _any(lexemes: Iterable[str]) -> str:
    return "(" + " | ".join(f"'{one}'" for one in lexemes) + ")"


def cells_of(near: Near) -> list[str]:
    """Return the smallest cells that a circle is in, or none if they are too many."""
    for letter, level in (("f", FINE_LEVEL), ("w", WIDE_LEVEL)):
        shift = 2 * (BITS - level)
        ranges = cover(near.latitude, near.longitude, near.within_km * 1000)
        numbers = [(first >> shift, last >> shift) for first, last in ranges]
        if sum(last - first + 1 for first, last in numbers) <= MAX_CELLS:
            each = {one for first, last in numbers for one in range(first, last + 1)}
            return [f"#{letter}{one}" for one in sorted(each)]
    return []


@dataclass(frozen=True)
class FoundNearest:
    """Pages of offers that are found near a place, the nearest first."""

    search: TextSearch
    near: Near
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        sought = await self.search.understand(SessionRows(session))
        every = sought.everything
        if every.is_common:
            conditions = [*listed_conditions(self.search.viewer, self.search.wanted)]
            listed = await _number_of_listings(session)
            offers = NearOffers(
                self.near,
                conditions,
                every.tsquery,
                min(MAX_ONE_OF, max(1, listed / every.expected)),
            )
            return await NearestFirst(offers, self.ordering).fetch_page(session, window)
        table: Any = aliased(ListedOffer, self.search.found(self.search.narrowed(every.tsquery)))
        distance = NearOffers(self.near, []).distance(table).label("distance")
        rows = select(table.offer_id.label("id"), distance).where(*self.search.conditions(table))
        measured = rows.subquery("measured")
        ordering = Ordering(self.ordering.name, measured.c.distance, measured.c.id, float)
        among: Any = _Measured(measured)
        listing = Listing(select(Offer), ordering, branches=[among])
        return await keyset.fetch_page(session, listing, window)

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)


@dataclass(frozen=True)
class _Measured:
    measured: Any

    def select_first(self, limit: keyset.Limit, ordering: Ordering) -> Any:
        keyed = select(self.measured.c.id, self.measured.c.distance.label("sort_key"))
        return limit.apply(keyed, ordering)

    def select_all(self) -> Any:
        return select(self.measured.c.id)


@dataclass(frozen=True)
class FoundInOrder:
    """Pages of offers that are found, in another order than by relevance or distance."""

    search: TextSearch
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        sought = await self.search.understand(SessionRows(session))
        return await keyset.fetch_page(session, self._listing(sought.everything), window)

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)

    def _listing(self, every: Tier) -> Listing[Offer]:
        def conditions(table: type[ListedOffer]) -> Iterator[Any]:
            yield from self.search.conditions(table)
            yield has_words(table.words, every.tsquery)

        found = self.search.found(self.search.narrowed(every.tsquery))
        sifted = Sifted(conditions, found, rare=not every.is_common)
        return Listing(select(Offer), self.ordering, branches=[sifted])


async def count_found(search: TextSearch, session: AsyncSession) -> Count:
    sought = await search.understand(SessionRows(session))
    table: Any = aliased(ListedOffer, search.found(search.narrowed(sought.everything.tsquery)))
    rows = select(literal(1)).select_from(table).where(*search.conditions(table))
    counted = rows.limit(MAX_FOUND + 1).subquery()
    number = (await session.exec(select(func.count()).select_from(counted))).one()
    return Count(min(number, MAX_FOUND), exact=number <= MAX_FOUND)


async def _number_of_listings(session: AsyncSession) -> float:
    """Return about how many offers are listed, as PostgreSQL has estimated it."""
    return float(await session.scalar(ESTIMATE) or 0)
