"""The statement of a page of offers that are found by a text, the most relevant first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, Uuid, bindparam, literal
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased
from sqlmodel import col, func, not_, select, true, union_all

from core.keyset import Bound, Limit, Ordering
from core.statements.selected import Selected, columns_of, join
from models.offers.listings import ListedOffer, OfferRank
from models.offers.offers import Offer
from services.offers.public_lists import is_live
from services.offers.rings import has_words
from services.offers.sifting import MAX_WALKED
from services.offers.text_search import TextSearch

TIER_SIZE = 1_000_000  # more than the quality of any offer
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


def base_of(tier: int) -> int:
    """Return what is added to the quality of offers of a tier, so that lower ones follow."""
    return -tier * TIER_SIZE


@dataclass(frozen=True)
class RelevancePage:
    """Writes the statement of a page."""

    search: TextSearch
    shape: PageShape

    def select_rows(self) -> Any:
        """Select offers and their keys, in the order of the page or backward."""
        return self._select([Offer], "key")

    def select_columns(self, selected: Selected | None) -> Any:
        """Select columns of offers, and their keys as `sort_key`, in the same order."""
        rows = self._select(columns_of(Offer, selected), "sort_key")
        return join(rows, selected, ("sort_key", "id"), descending=not self.shape.backward)

    def _select(self, columns: Sequence[Any], name: str) -> Any:
        first = self._first()
        key: Any = first.c.key.label(name)
        ordering = Ordering("key", first.c.key, first.c.id, int, descending=True)
        rows: Any = select(*[*columns, key])
        joined = rows.join(first, col(Offer.id) == first.c.id)
        return joined.order_by(*ordering.columns(backward=self.shape.backward))

    def _first(self) -> Any:
        """Select the ids and keys: the first of each tier, of the next one if too few."""
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
        return self._limit().apply(select(*every.c), ordering).subquery("most_relevant")

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
            select(rank.offer_id.label("id"), (rank.quality + base_of(number)).label("key"))
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
            select(walked.c.offer_id.label("id"), (walked.c.quality + base_of(number)).label("key"))
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
