"""The offers that a list for a user is chosen from.

Near a place, these are the nearest 1,000. Elsewhere, they are the newest, the best, and the newest
of the categories that the user is interested in.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import col, desc, func, select, true, union
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Limit
from models.offers.listings import ListedOffer, OfferRank
from services.near import MAX_NEAR
from services.offers.filters import OfferFilter, OfferOrder, listed_conditions
from services.offers.for_you.scoring import MAX_RANKED, OfferCandidate, Taste
from services.offers.public_lists import branches_of, is_live
from services.offers.rings import NearOffers, nearest_keys
from services.viewer import Viewer

MAX_INTERESTS = 10  # categories, those with the most likes and uses
MAX_OF_INTEREST = 60  # offers that are looked through in each

Distances = dict[UUID, float]


async def read_candidates(
    session: AsyncSession, viewer: Viewer, wanted: OfferFilter, taste: Taste
) -> list[OfferCandidate]:
    """Return the live offers that fulfil the conditions: at most 1,000, and all if they are few."""
    if wanted.near is not None:
        near = NearOffers(wanted.near, [*listed_conditions(viewer, wanted)])
        keys = await nearest_keys(near, session, MAX_NEAR)
        distances = {id: distance for distance, id in keys}
        return await _facts(session, _each([*distances]), distances)
    parts = [*_parts(viewer, wanted, taste)]
    found = union(*(select(part.c.id) for part in parts)).subquery("found")
    return await _facts(session, found, {})


async def _facts(session: AsyncSession, chosen: Any, distances: Distances) -> list[OfferCandidate]:
    # Fences: of few offers, listings and ranks are read one by one.
    of_listing = select(ListedOffer).where(col(ListedOffer.offer_id) == chosen.c.id, is_live())
    listing: Any = aliased(ListedOffer, of_listing.offset(0).correlate(chosen).lateral())
    of_rank = select(OfferRank).where(col(OfferRank.offer_id) == chosen.c.id)
    rank: Any = aliased(OfferRank, of_rank.offset(0).correlate(chosen).lateral())
    facts: Any = (
        listing.offer_id,
        listing.category_id,
        listing.root_id,
        rank.likes,
        rank.claims,
        listing.published_at,
    )
    rows = select(*facts).select_from(chosen).join(listing, true()).join(rank, true())
    found = (await session.execute(rows)).all()
    return [
        OfferCandidate(
            row.offer_id,
            row.category_id,
            row.root_id,
            row.likes,
            row.claims,
            row.published_at,
            distances.get(row.offer_id),
        )
        for row in found
    ]


def _parts(viewer: Viewer, wanted: OfferFilter, taste: Taste) -> Iterator[Any]:
    for order in (OfferOrder.NEWEST, OfferOrder.FOR_YOU):
        ordering, branches = branches_of(viewer, wanted, order)
        for branch in branches:
            first = branch.select_first(Limit((), False, MAX_RANKED), ordering).subquery()
            best = select(first.c.id).order_by(desc(first.c.sort_key), desc(first.c.id))
            yield best.limit(MAX_RANKED).subquery()
    if taste.categories:
        yield _of_interests(viewer, wanted, _strongest(taste))


def _of_interests(viewer: Viewer, wanted: OfferFilter, categories: Sequence[UUID]) -> Any:
    """Select the newest offers of each category that fulfil the conditions."""
    each = _each(categories)
    newest = (
        select(ListedOffer)
        .where(col(ListedOffer.category_id) == each.c.id, is_live())
        .order_by(desc(col(ListedOffer.published_at)), desc(col(ListedOffer.offer_id)))
        .limit(MAX_OF_INTEREST)
        .correlate(each)
        .lateral("newest")
    )
    table: Any = aliased(ListedOffer, newest)
    rows = select(table.offer_id.label("id")).select_from(each.join(newest, true()))
    return rows.where(*listed_conditions(viewer, wanted, table)).subquery()


def _strongest(taste: Taste) -> list[UUID]:
    found = sorted(taste.categories.items(), key=lambda one: one[1].strength, reverse=True)
    return [category_id for category_id, _ in found[:MAX_INTERESTS]]


def _each(ids: Sequence[UUID]) -> Any:
    table: Any = func.unnest(literal(ids, ARRAY(Uuid)))
    return table.table_valued("id", name="each").render_derived()
