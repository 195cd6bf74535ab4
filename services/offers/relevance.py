"""Offers that are found by a text, the most relevant first.

The degrees of relevance are tiers: the words as written in the title, in another text, longer
words, and other spellings. Within one, the order is that of the offers' quality.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Uuid, bindparam, literal
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased
from sqlmodel import col, func, not_, select, true, union_all
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Bound, Count, Limit, Ordering, Page, Window, page_of
from core.statements.parameters import given, placeholders
from models.offers.listings import ListedOffer, OfferRank
from models.offers.offers import Offer
from services.offers.filters import PARAMETERS, FilterShape, OfferFilter
from services.offers.public_lists import is_live, values_of
from services.offers.rings import has_words
from services.offers.sifting import MAX_WALKED
from services.offers.text_search import TextSearch, count_found
from services.offers.understanding import Tier
from services.viewer import ANONYMOUS

TIER_SIZE = 1_000_000  # more than the quality of any offer
MAX_SHAPES = 256  # of pages whose statements are kept: to write one takes 5 ms
QUALITY = Ordering("quality", OfferRank.quality, OfferRank.offer_id, int, descending=True)
CURSORS = (("after", True), ("before", False))


@dataclass(frozen=True)
class PageShape:
    """The parts of a search that change the statement of a page; values do not.

    `tiers` are the numbers of all tiers of the search, and `read` those that can be on the page,
    each with whether it has many offers.
    """

    tiers: tuple[int, ...]
    read: tuple[tuple[int, bool], ...]
    cursors: tuple[str, ...]
    backward: bool
    size: int


@dataclass(frozen=True)
class MostRelevantFirst:
    """Pages of offers by their tier, and within one by their quality."""

    search: TextSearch
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        """Fetch a page in one statement, which stops at the tier that fills it."""
        tiers = (await self.search.understand(session)).tiers
        bounds = {
            name: self.ordering.place(cursor)
            for name, _ in CURSORS
            if (cursor := getattr(window, name)) is not None
        }
        shape = PageShape(
            tuple(tier.number for tier in tiers),
            tuple((tier.number, tier.is_common) for tier in tiers if _overlaps(tier, bounds)),
            tuple(bounds),
            window.backward,
            window.size + 1,
        )
        found = await session.execute(self._statement(shape), self._values(tiers, bounds))
        read = sorted(
            found.all(), key=lambda row: (row[1], row[0].id.int), reverse=not window.backward
        )
        return page_of([row[0] for row in read], [row[1] for row in read], self.ordering, window)

    def _statement(self, shape: PageShape) -> Any:
        """Return the statement of a page. Places and viewers are part of it, other values not."""
        wanted = self.search.wanted
        if wanted.near is not None or wanted.liked:
            return RelevancePage(self.search, shape).statement
        return _statement(tuple(given(wanted, PARAMETERS)), wanted.shape, shape)

    def _values(self, tiers: Sequence[Tier], bounds: dict[str, Any]) -> dict[str, Any]:
        values = values_of(self.search.wanted)
        for tier in tiers:
            values[f"tsquery_{tier.number}"] = tier.tsquery
            values[f"narrowed_{tier.number}"] = self.search.narrowed(tier.tsquery)
            for name, (key, _) in bounds.items():
                values[f"{name}_{tier.number}"] = key - _base(tier.number)
        return values | {f"{name}_id": id for name, (_, id) in bounds.items()}

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)


def _base(number: int) -> int:
    """Return what is added to the quality of offers of a tier, so that lower ones follow."""
    return -number * TIER_SIZE


def _overlaps(tier: Tier, bounds: dict[str, Any]) -> bool:
    """Return whether offers of a tier can be within the cursors."""
    base = _base(tier.number)
    follow = "after" not in bounds or base <= bounds["after"][0]
    return follow and ("before" not in bounds or bounds["before"][0] < base + TIER_SIZE)


@lru_cache(maxsize=MAX_SHAPES)
def _statement(names: tuple[str, ...], conditions: FilterShape, shape: PageShape) -> Any:
    """Write the statement for conditions. `names` are at most 7, of PARAMETERS."""
    wanted: Any = OfferFilter(**vars(conditions), **placeholders(names, PARAMETERS))
    return RelevancePage(TextSearch(ANONYMOUS, wanted, ()), shape).statement


@dataclass(frozen=True)
class RelevancePage:
    """Writes the statement of a page."""

    search: TextSearch
    shape: PageShape

    @property
    def statement(self) -> Any:
        """Select offers with their keys: the first of each tier, of the next one if too few."""
        parts: list[Any] = []
        found: Any = literal(0)
        read = self.shape.read
        for number, common in read[::-1] if self.shape.backward else read:
            part = self._select_tier(number, found < self.shape.size, common=common)
            parts.append(part.cte(f"tier_{number}"))
            found = found + select(func.count()).select_from(parts[-1]).scalar_subquery()
        if not parts:
            none: Any = select(col(OfferRank.offer_id).label("id"), literal(0).label("key")).limit(
                0
            )
            parts = [none.cte()]
        every = union_all(*(select(*part.c) for part in parts)).subquery("every_tier")
        ordering = Ordering("key", every.c.key, every.c.id, int, descending=True)
        first = self._limit().apply(select(*every.c), ordering).subquery("most_relevant")
        return select(Offer, first.c.key).join(first, col(Offer.id) == first.c.id)

    def _limit(self, number: int | None = None) -> Limit:
        """Return the limit of the page, within the cursors if it is that of a tier."""
        bounds = [
            Bound(
                bindparam(f"{name}_{number}", type_=Integer()),
                bindparam(f"{name}_id", type_=Uuid()),
                following,
            )
            for name, following in CURSORS
            if number is not None and name in self.shape.cursors
        ]
        return Limit(bounds, self.shape.backward, self.shape.size)

    def _select_tier(self, number: int, needed: Any, *, common: bool) -> Any:
        if not common:
            return self._select_every(number, needed)
        walked = self._walk(number, needed).cte(f"walked_{number}")
        too_few = select(func.count()).select_from(walked).scalar_subquery() < self.shape.size
        rest = self._select_every(number, too_few).where(needed).subquery()
        return union_all(select(*walked.c).where(not_(too_few)), select(*rest.c))

    def _select_every(self, number: int, needed: Any) -> Any:
        """Select the first of all offers of a tier, which the index of words finds."""
        table: Any = aliased(ListedOffer, self.search.found(_parameter("narrowed", number)))
        of_offer = select(OfferRank).where(col(OfferRank.offer_id) == table.offer_id)
        # A fence: of few offers, the ranks are read one by one.
        rank: Any = aliased(OfferRank, of_offer.offset(0).correlate(table).lateral())
        rows: Any = (
            select(rank.offer_id.label("id"), (rank.quality + _base(number)).label("key"))
            .select_from(table)
            .join(rank, true())
            .where(needed, *self._only_in(number, table))
        )
        ordering = replace(QUALITY, key=rank.quality, id=rank.offer_id)
        return self._limit(number).apply(rows, ordering)

    def _walk(self, number: int, needed: Any) -> Any:
        """Select the first of a tier among the first 3,000 offers, which are read one by one."""
        best: Any = select(OfferRank.offer_id, OfferRank.quality)
        if self.search.wanted.city_id is not None:
            best = best.where(OfferRank.city_id == self.search.wanted.city_id)
        walked = replace(self._limit(number), size=MAX_WALKED).apply(best, QUALITY).subquery()
        one = select(ListedOffer).where(col(ListedOffer.offer_id) == walked.c.offer_id)
        each: Any = aliased(ListedOffer, one.offset(0).correlate(walked).lateral())
        rows = (
            select(walked.c.offer_id.label("id"), (walked.c.quality + _base(number)).label("key"))
            .select_from(walked.join(each, true()))
            .where(
                needed,
                is_live(each),
                has_words(each.words, _parameter("tsquery", number)),
                *self._only_in(number, each),
            )
        )
        ordering = replace(QUALITY, key=walked.c.quality, id=walked.c.offer_id)
        return self._limit().apply(rows, ordering)

    def _only_in(self, number: int, table: Any) -> Iterator[Any]:
        yield from self.search.conditions(table)
        for other in self.shape.tiers:
            if other < number:
                yield not_(has_words(table.words, _parameter("tsquery", other)))


def _parameter(name: str, number: int) -> Any:
    return bindparam(f"{name}_{number}", type_=TSQUERY())
