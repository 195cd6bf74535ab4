"""Duplicates of offers: a draft with the texts, discount, rules, times and pictures of another."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.offers.drafts import COPIED
from models.offers.offers import Offer
from models.pictures import OfferPicture
from models.quotas import DailyAct
from services import idempotency
from services.offers.offers import access_managed_offer
from services.offers.terms import copy_rules
from services.quotas import ensure_within_quota
from services.viewer import Viewer


async def duplicate_offer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    offer_id: UUID,
    idempotency_key: str | None = None,
) -> Offer:
    """Copy an offer of any state as a draft, once per idempotency key.

    Claims, likes and a scheduled publication stay behind. Raises `DailyLimitReached`.
    """
    claimed = idempotency_key is not None and await idempotency.claim(
        session, viewer, "duplicateOffer", idempotency_key, offer_id=offer_id
    )
    if claimed and claimed.replayed:
        return await access_managed_offer(session, viewer, claimed.replayed)
    source = await access_managed_offer(session, viewer, offer_id)
    copy = Offer(**source.model_dump(include=COPIED))
    session.add(copy)
    await copy_rules(session, source, copy)
    await _copy_pictures(session, source, copy)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_OFFER)
    if claimed:
        await idempotency.record_result(session, claimed, copy.id)
    return copy


async def _copy_pictures(session: AsyncSession, source: Offer, copy: Offer) -> None:
    """Show the pictures of an offer that is locked, so that none is released meanwhile."""
    rows = select(OfferPicture).where(OfferPicture.offer_id == source.id)
    for picture in await session.exec(rows):
        values = picture.model_dump(include={"upload_id", "position", "alt"})
        session.add(OfferPicture(offer_id=copy.id, **values))
