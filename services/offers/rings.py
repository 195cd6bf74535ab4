"""Offers near a place, the nearest first.

They are searched in rings around the place, by the cells that cover a ring (`core/cells.py`). How
many offers the cells around the place have decides how wide the first ring is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, inf, pi, sin, sqrt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Double, Uuid, cast, literal, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlmodel import asc, col, desc, func, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from core import keyset
from core.cells import EARTH_RADIUS_M, LEVELS, cell_at, cover
from core.keyset import Count, ListBranch, Listing, Ordering, Page, Window, page_of
from models.offers.listings import ListedOffer, OfferRank
from models.offers.offers import Offer
from services.near import MAX_NEAR, Near
from services.offers.filters import OfferFilter, OfferOrder, listed_conditions
from services.offers.public_lists import ORDERINGS, is_live
from services.viewer import Viewer

MAX_PROBED = 200  # offers that are counted in one cell
MAX_IN_RING = 5_000  # offers that are sorted; a ring with more is made narrower
NARROWEST_M = 1.0  # of a ring, that is not made narrower
MAX_WIDER = 4  # rings, before the one that ends where the search does

Key = tuple[float, UUID]
LAST_ID = UUID(int=2**128 - 1)
FIRST_ID = UUID(int=0)


@dataclass(frozen=True)
class NearOffers:
    """Finds the live offers that fulfil conditions within a circle."""

    near: Near
    conditions: Sequence[ColumnElement[bool] | bool]
    words: str | None = None  # a `tsquery` that many offers match
    one_of: float = 1  # of how many offers one matches it

    @property
    def within_m(self) -> float:
        """Return the radius in a straight line, as distances are."""
        return _chord(self.near.within_km * 1000)

    def distance(self, table: type[ListedOffer] = ListedOffer) -> ColumnElement[float]:
        """Return the distance of a listing, as `Near.distance` computes it."""
        north = func.radians(literal(self.near.latitude, Double))
        latitude, longitude = func.radians(table.latitude), table.longitude
        east = func.radians(col(longitude) - literal(self.near.longitude, Double))
        half = func.power(func.sin((latitude - north) / 2.0), 2) + func.cos(north) * func.cos(
            latitude
        ) * func.power(func.sin(east / 2.0), 2)
        return 2 * EARTH_RADIUS_M * func.sqrt(func.least(1.0, half), type_=Double())

    async def find(
        self, session: AsyncSession, *, after: Key, before: Key, most: int, backward: bool = False
    ) -> list[Key]:
        """Return the first distances and ids after one and before another, or the last ones first.

        A ring starts where the one before ended. One with too few is followed by one four times as
        wide, and the fifth ends where the search does.
        """
        width = await self._guess_width(session, before if backward else after, most)
        found: list[Key] = []
        wider = 0
        while len(found) < most and after < before:
            span = before[0] - after[0]
            width = span if wider == MAX_WIDER else min(width, span)
            inner, outer = after, before
            if backward:
                inner = max(after, (before[0] - width, FIRST_ID))
            else:
                outer = min(before, (after[0] + width, LAST_ID))
            ring = await self._ring(session, inner, outer, most - len(found), backward=backward)
            if ring is None:
                # The area is dense: allow more narrow rings before the one that ends the search.
                width, wider = width / 4, -MAX_WIDER
                continue
            found += ring
            after, before = (after, inner) if backward else (outer, before)
            width, wider = width * 4, wider + 1
        return found

    async def _guess_width(self, session: AsyncSession, start: Key, most: int) -> float:
        """Return the width of a ring that has about as many offers as are wanted.

        From the place itself, the diameter of a cell with so many is enough for certain. Words are
        not looked for: as many more are wanted as do not have them.
        """
        most, probed = int(most * self.one_of), int(MAX_PROBED * self.one_of)
        cells = [cell_at(self.near.latitude, self.near.longitude, level) for level in LEVELS]
        ranges = _ranges([cell.range for cell in cells])
        some = select(literal(1)).where(self._between(ranges), is_live(), *self.conditions)
        counted = some.limit(probed).correlate(ranges).subquery()
        in_cell = select(func.count()).select_from(counted).scalar_subquery()
        rows = select(ranges.c.n, in_cell).select_from(ranges)
        counts = {row[0]: row[1] for row in await session.execute(rows)}
        numbers = [counts[place + 1] for place in range(len(cells))]
        if start[0] == 0:
            for cell, number in zip(cells[::-1], numbers[::-1], strict=True):
                if number >= min(most, probed):
                    return cell.diameter
            return inf
        sized = [(one, cell.area) for one, cell in zip(numbers, cells, strict=True) if one > 0]
        if not sized:
            return inf
        known, area = next((one for one in sized if one[0] < probed), sized[-1])
        return sqrt(start[0] ** 2 + 2 * most * area / known / pi) - start[0]

    async def _ring(
        self, session: AsyncSession, after: Key, before: Key, most: int, *, backward: bool
    ) -> list[Key] | None:
        """Return the offers of a ring in their order, or None if it has too many to sort."""
        outer, inner = _arc(before[0]), _arc(after[0])
        ranges = _ranges(cover(self.near.latitude, self.near.longitude, outer, inner))
        inside = (
            select(
                col(ListedOffer.offer_id).label("id"),
                self.distance().label("distance"),
                *([] if self.words is None else [col(ListedOffer.words)]),
            )
            .where(self._between(ranges), is_live(), *self.conditions)
            .offset(0)  # a fence: PostgreSQL reads each range by the index of places
            .correlate(ranges)
            .lateral("inside")
        )
        place = tuple_(inside.c.distance, inside.c.id)
        some = (
            select(inside.c.id, inside.c.distance)
            .select_from(ranges.join(inside, true()))
            .where(place > _literal(after), place < _literal(before))
        )
        if self.words is not None:
            some = some.where(has_words(inside.c.words, self.words))
        limit = MAX_IN_RING + 1 if before[0] - after[0] > NARROWEST_M else None
        ring = some.limit(limit).cte("ring")
        way = desc if backward else asc
        ordered = select(ring.c.id, ring.c.distance)
        first = ordered.order_by(way(ring.c.distance), way(ring.c.id)).limit(most).subquery("first")
        total = select(func.count().label("number")).select_from(ring).subquery("total")
        rows = select(total.c.number, first.c.distance, first.c.id).select_from(
            total.outerjoin(first, true())
        )
        found = (await session.execute(rows)).all()
        if limit and found[0][0] > MAX_IN_RING:
            return None
        return sorted(((row[1], row[2]) for row in found if row[2]), reverse=backward)

    def _between(self, ranges: Any) -> ColumnElement[bool]:
        return col(ListedOffer.place).between(ranges.c.first, ranges.c.last)


def has_words(words: Any, tsquery: Any) -> ColumnElement[bool]:
    """Match words with a `tsquery`."""
    found: ColumnElement[bool] = words.op("@@", is_comparison=True)(cast(tsquery, TSQUERY))
    return found


def _ranges(ranges: Sequence[tuple[int, int]]) -> Any:
    firsts, lasts = (literal([one[end] for one in ranges], ARRAY(BigInteger)) for end in (0, 1))
    table: Any = func.unnest(firsts, lasts)
    return table.table_valued("first", "last", with_ordinality="n", name="ranges").render_derived()


def _literal(key: Key) -> Any:
    return tuple_(literal(key[0], Double), literal(key[1], Uuid))


def _chord(metres: float) -> float:
    return 2 * EARTH_RADIUS_M * sin(metres / 2 / EARTH_RADIUS_M)


def _arc(chord: float) -> float:
    return 2 * EARTH_RADIUS_M * asin(min(1, chord / 2 / EARTH_RADIUS_M))


@dataclass(frozen=True)
class NearestFirst:
    """Pages of offers by their distance."""

    offers: NearOffers
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        bounds = {"after": (0.0, FIRST_ID), "before": (self.offers.within_m, LAST_ID)}
        for name in bounds:
            cursor = getattr(window, name)
            if cursor is not None:
                place: Any = self.ordering.place(cursor)
                bounds[name] = place
        keys = await self.offers.find(
            session,
            after=bounds["after"],
            before=min(bounds["before"], (self.offers.within_m, LAST_ID)),
            most=window.size + 1,
            backward=window.backward,
        )
        rows = await _rows_of(session, [id for _, id in keys])
        found = [(rows[id], distance) for distance, id in keys if id in rows]
        return page_of([row for row, _ in found], [key for _, key in found], self.ordering, window)

    async def count(self, session: AsyncSession) -> Count:
        return await _count(self.offers, session)


@dataclass(frozen=True)
class NearestInOrder:
    """Pages of the nearest 1,000 offers, in another order."""

    offers: NearOffers
    ordering: Ordering

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        ids = [id for _, id in await nearest_keys(self.offers, session, MAX_NEAR)]
        rows: Any = select(ListedOffer.offer_id).join(
            OfferRank, col(OfferRank.offer_id) == ListedOffer.offer_id
        )
        # For both tables: PostgreSQL joins by equality, but would read all ranks for that.
        chosen = func.any(literal(ids, ARRAY(Uuid)))
        among = rows.where(
            is_live(), col(ListedOffer.offer_id) == chosen, col(OfferRank.offer_id) == chosen
        )
        listing = Listing(select(Offer), self.ordering, branches=[ListBranch(among)])
        return await keyset.fetch_page(session, listing, window)

    async def count(self, session: AsyncSession) -> Count:
        return await _count(self.offers, session)


async def nearest_keys(offers: NearOffers, session: AsyncSession, most: int) -> list[Key]:
    """Return the distances, in metres, and the ids of the nearest offers in the circle."""
    return await offers.find(
        session, after=(0.0, FIRST_ID), before=(offers.within_m, LAST_ID), most=most
    )


async def _count(offers: NearOffers, session: AsyncSession) -> Count:
    found = len(await nearest_keys(offers, session, MAX_NEAR + 1))
    return Count(min(found, MAX_NEAR), exact=found <= MAX_NEAR)


async def _rows_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Offer]:
    rows = (await session.exec(select(Offer).where(col(Offer.id).in_(ids)))).all() if ids else ()
    return {row.id: row for row in rows}


def list_near(viewer: Viewer, wanted: OfferFilter, near: Near, order: OfferOrder) -> Listing[Offer]:
    """List live offers within a circle, in another order than by distance the nearest 1,000."""
    offers = NearOffers(near, [*listed_conditions(viewer, wanted)])
    if order is not OfferOrder.NEAREST:
        ordering = ORDERINGS[order]
        pager: Any = NearestInOrder(offers, ordering)
    else:
        name = f"listing.nearest:{near.latitude},{near.longitude}"
        ordering = Ordering(name, literal(0.0, Double), Offer.id, float)
        pager = NearestFirst(offers, ordering)
    return Listing(select(Offer), ordering, countable=MAX_NEAR, pager=pager)
