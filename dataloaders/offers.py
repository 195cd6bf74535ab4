"""Loaders of offers and their likes."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, visible
from models.offers.offers import Offer, OfferLike
from services.offers.offers import shown_offers, visible_offers
from services.viewer import Viewer

offer_by_id = by_id(Offer)
visible_offer = visible(Offer, visible_offers)
shown_offer = visible(Offer, lambda _: shown_offers())


async def _counts(
    session: AsyncSession, viewer: Viewer, offer_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    rows = (
        select(OfferLike.offer_id, func.count())
        .where(col(OfferLike.offer_id).in_(offer_ids))
        .group_by(col(OfferLike.offer_id))
    )
    return dict((await session.exec(rows)).all())


async def _own(
    session: AsyncSession, viewer: Viewer, offer_ids: Sequence[UUID]
) -> Mapping[UUID, bool]:
    user_id = viewer.optional_user_id
    if user_id is None:
        return {}
    rows = select(OfferLike.offer_id).where(
        OfferLike.user_id == user_id, col(OfferLike.offer_id).in_(offer_ids)
    )
    return dict.fromkeys(await session.exec(rows), True)


like_count: Loader[UUID, int] = Loader(_counts, 0)
liked_by_viewer: Loader[UUID, bool] = Loader(_own, False)
