"""Offers that are found by a text, the most relevant first.

The degrees of relevance are tiers: the words as written in the title, in another text, longer
words, and other spellings. Within one, the order is that of the offers' quality.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from services.offers.text_search import COMMON, TextSearch, count_found

TIER_SIZE = 1_000_000  # more than the quality of any offer


@dataclass(frozen=True)
class Tier:
    """A degree of relevance: a `tsquery`, and those of which offers are in higher tiers.

    `base` is added to the quality of its offers, so that lower tiers follow.
    """

    base: int
    tsquery: str
    higher: Sequence[str]

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
        tsqueries = [tsquery for _, tsquery in sought.tiers]
        tiers = [
            Tier(-number * TIER_SIZE, tsquery, tsqueries[:place])
            for place, (number, tsquery) in enumerate(sought.tiers)
        ]
        kept = [tier for tier in tiers if tier.overlaps(bounds)]
        found = self._first(kept, bounds, window, common=sought.expected >= COMMON)
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
        tiers: Sequence[Tier],
        bounds: Sequence[tuple[int, Any, bool]],
        window: Window,
        *,
        common: bool,
    ) -> Any:
        """Select the first ids of each tier, of the next one only if there are too few."""
        parts: list[Any] = []
        found: Any = literal(0)
        for place, tier in enumerate(tiers[::-1] if window.backward else tiers):
            limit = tier.limit(bounds, window)
            part = self._select_tier(tier, limit, found < limit.size, common=common)
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

    def _select_tier(self, tier: Tier, limit: Limit, needed: Any, *, common: bool) -> Any:
        every = self._select_every(tier, limit, needed)
        if not common:
            return every
        walked = self._walk(tier, limit, needed).cte(f"walked{tier.base}")
        too_few = select(func.count()).select_from(walked).scalar_subquery() < limit.size
        rest = self._select_every(tier, limit, too_few).where(needed).subquery()
        return union_all(select(*walked.c).where(not_(too_few)), select(*rest.c))

    def _select_every(self, tier: Tier, limit: Limit, needed: Any) -> Any:
        """Select the first of all offers of a tier, which the index of words finds."""
        table: Any = aliased(ListedOffer, self.search.found(tier.tsquery, f"found{tier.base}"))
        rows: Any = (
            select(
                col(OfferRank.offer_id).label("id"),
                (col(OfferRank.quality) + tier.base).label("key"),
            )
            .select_from(table)
            .join(OfferRank, col(OfferRank.offer_id) == table.offer_id)
            .where(needed, *self._in_tier(tier, table))
        )
        return limit.apply(rows, QUALITY)

    def _walk(self, tier: Tier, limit: Limit, needed: Any) -> Any:
        """Select the first of a tier among the first 3,000 offers, which are read one by one."""
        best: Any = select(OfferRank.offer_id, OfferRank.quality)
        if self.search.wanted.city_id is not None:
            best = best.where(OfferRank.city_id == self.search.wanted.city_id)
        walked = Limit(limit.bounds, limit.backward, MAX_WALKED).apply(best, QUALITY).subquery()
        one = select(ListedOffer).where(col(ListedOffer.offer_id) == walked.c.offer_id)
        each: Any = aliased(ListedOffer, one.offset(0).correlate(walked).lateral())
        rows = (
            select(walked.c.offer_id.label("id"), (walked.c.quality + tier.base).label("key"))
            .select_from(walked.join(each, true()))
            .where(
                needed,
                is_live(each),
                has_words(each.words, tier.tsquery),
                *self._in_tier(tier, each),
            )
        )
        ordering = Ordering("quality", walked.c.quality, walked.c.offer_id, int, descending=True)
        return Limit((), limit.backward, limit.size).apply(rows, ordering)

    def _in_tier(self, tier: Tier, table: Any) -> Iterator[Any]:
        yield from self.search.conditions(table)
        for other in tier.higher:
            yield not_(has_words(table.words, other))

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)
