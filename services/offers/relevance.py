"""Offers that are found by a text, the most relevant first.

The degrees of relevance are tiers: the words as written in the title, in another text, longer
words, and other spellings. Within one, the order is that of the offers' quality.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, Uuid, literal
from sqlalchemy.orm import aliased
from sqlmodel import col, func, not_, select, true, union_all
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Bound, Count, Limit, Ordering, Page, Window, page_of
from models.offers.listings import ListedOffer, OfferRank
from models.offers.offers import Offer
from services.offers.public_lists import is_live
from services.offers.rings import has_words
from services.offers.sifting import MAX_WALKED
from services.offers.text_search import TextSearch, count_found
from services.offers.understanding import Tier

TIER_SIZE = 1_000_000  # more than the quality of any offer


@dataclass(frozen=True)
class Degree:
    """A degree of relevance among those of a search.

    `base` is added to the quality of its offers, so that lower ones follow.
    """

    tier: Tier
    higher: Sequence[Tier]

    @property
    def base(self) -> int:
        return -self.tier.number * TIER_SIZE

    def limit(self, bounds: Sequence[tuple[int, Any, bool]], window: Window) -> Limit:
        """Return the limit of a page within the tier."""
        within = [
            Bound(literal(key - self.base, Integer), literal(id, Uuid), following)
            for key, id, following in bounds
        ]
        return Limit(within, window.backward, window.size + 1)

    def overlaps(self, bounds: Sequence[tuple[int, Any, bool]]) -> bool:
        """Return whether offers of the tier can be within the cursors."""
        return all(
            self.base <= key if following else key < self.base + TIER_SIZE
            for key, _, following in bounds
        )


QUALITY = Ordering("quality", OfferRank.quality, OfferRank.offer_id, int, descending=True)


@dataclass(frozen=True)
class MostRelevantFirst:
    """Pages of offers by their tier, and within one by their quality."""

    search: TextSearch
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        """Fetch a page in one statement, which stops at the tier that fills it."""
        sought = await self.search.understand(session)
        bounds = [*self._bounds(window)]
        tiers = sought.tiers
        degrees = [Degree(tier, tiers[:place]) for place, tier in enumerate(tiers)]
        found = self._first([one for one in degrees if one.overlaps(bounds)], bounds, window)
        rows = select(Offer, found.c.key).join(found, col(Offer.id) == found.c.id)
        read = sorted(
            (await session.execute(rows)).all(),
            key=lambda row: (row[1], row[0].id.int),
            reverse=not window.backward,
        )
        return page_of([row[0] for row in read], [row[1] for row in read], self.ordering, window)

    def _bounds(self, window: Window) -> Iterator[tuple[int, Any, bool]]:
        for cursor, following in ((window.after, True), (window.before, False)):
            if cursor is not None:
                key: Any
                key, id = self.ordering.place(cursor)
                yield key, id, following

    def _first(
        self,
        degrees: Sequence[Degree],
        bounds: Sequence[tuple[int, Any, bool]],
        window: Window,
    ) -> Any:
        """Select the first ids of each degree, of the next one only if there are too few."""
        parts: list[Any] = []
        found: Any = literal(0)
        for place, one in enumerate(degrees[::-1] if window.backward else degrees):
            limit = one.limit(bounds, window)
            part = self._select_degree(one, limit, found < limit.size)
            parts.append(part.cte(f"tier_{place}"))
            found = found + select(func.count()).select_from(parts[-1]).scalar_subquery()
        if not parts:
            parts = [
                select(col(OfferRank.offer_id).label("id"), literal(0).label("key")).limit(0).cte()
            ]
        every = union_all(*(select(*part.c) for part in parts)).subquery("every_tier")
        ordering = Ordering("key", every.c.key, every.c.id, int, descending=True)
        size = window.size + 1
        first = Limit((), window.backward, size).apply(select(*every.c), ordering)
        return first.subquery("most_relevant")

    def _select_degree(self, one: Degree, limit: Limit, needed: Any) -> Any:
        if not one.tier.is_common:
            return self._select_every(one, limit, needed)
        walked = self._walk(one, limit, needed).cte(f"walked_{one.tier.number}")
        too_few = select(func.count()).select_from(walked).scalar_subquery() < limit.size
        rest = self._select_every(one, limit, too_few).where(needed).subquery()
        return union_all(select(*walked.c).where(not_(too_few)), select(*rest.c))

    def _select_every(self, degree: Degree, limit: Limit, needed: Any) -> Any:
        """Select the first of all offers of a degree, which the index of words finds."""
        table: Any = aliased(ListedOffer, self.search.found(degree.tier.tsquery, "found"))
        of_offer = select(OfferRank).where(col(OfferRank.offer_id) == table.offer_id)
        # A fence: of few offers, the ranks are read one by one.
        rank: Any = aliased(OfferRank, of_offer.offset(0).correlate(table).lateral())
        rows: Any = (
            select(rank.offer_id.label("id"), (rank.quality + degree.base).label("key"))
            .select_from(table)
            .join(rank, true())
            .where(needed, *self._only_in(degree, table))
        )
        return limit.apply(rows, replace(QUALITY, key=rank.quality, id=rank.offer_id))

    def _walk(self, degree: Degree, limit: Limit, needed: Any) -> Any:
        """Select the first of a degree among the first 3,000 offers, which are read one by one."""
        best: Any = select(OfferRank.offer_id, OfferRank.quality)
        if self.search.wanted.city_id is not None:
            best = best.where(OfferRank.city_id == self.search.wanted.city_id)
        walked = Limit(limit.bounds, limit.backward, MAX_WALKED).apply(best, QUALITY).subquery()
        one = select(ListedOffer).where(col(ListedOffer.offer_id) == walked.c.offer_id)
        each: Any = aliased(ListedOffer, one.offset(0).correlate(walked).lateral())
        rows = (
            select(walked.c.offer_id.label("id"), (walked.c.quality + degree.base).label("key"))
            .select_from(walked.join(each, true()))
            .where(
                needed,
                is_live(each),
                has_words(each.words, degree.tier.tsquery),
                *self._only_in(degree, each),
            )
        )
        ordering = Ordering("quality", walked.c.quality, walked.c.offer_id, int, descending=True)
        return Limit((), limit.backward, limit.size).apply(rows, ordering)

    def _only_in(self, degree: Degree, table: Any) -> Iterator[Any]:
        yield from self.search.conditions(table)
        for other in degree.higher:
            yield not_(has_words(table.words, other.tsquery))

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)
