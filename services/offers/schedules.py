"""Scheduled publication of drafts: by a job, which checks the vendor and the offer again."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change, for_reliance
from models.errors import Refusal
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.offers.offers import Offer, PublishFailure
from models.vendors import Vendor
from services import jobs
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.offers.entries import OfferStateChanged
from services.offers.offers import access_managed_offer, publish
from services.vendors.member_notices import notify_members
from services.viewer import Viewer


async def schedule_offer(
    session: AsyncSession, viewer: Viewer, *, offer_id: UUID, publish_at: datetime
) -> Offer:
    """Have a job publish a draft at a time, instead of the one chosen before."""
    offer = await access_managed_offer(session, viewer, offer_id)
    vendor = await session.get_one(Vendor, offer.vendor_id)
    vendor.ensure_approved()
    offer.schedule(publish_at)
    await jobs.defer(session, "publish_scheduled_offer", at=publish_at, offer_id=offer.id)
    return offer


async def unschedule_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Leave it to the members to publish an offer. The job then finds nothing to do."""
    offer = await access_managed_offer(session, viewer, offer_id)
    offer.unschedule()
    return offer


async def publish_scheduled(session: AsyncSession, offer_id: UUID, *, packs_required: bool) -> None:
    """Publish a draft whose time has come. Raises the refusals of `publish_offer`."""
    offer = await _lock_due(session, offer_id)
    if offer is not None:
        await publish(session, offer, packs_required=packs_required)


async def record_failure(session: AsyncSession, offer_id: UUID, refusal: Refusal) -> None:
    """Keep a draft that could not be published, and notify the members who manage offers."""
    offer = await _lock_due(session, offer_id)
    if offer is None:
        return
    offer.unschedule(PublishFailure(refusal.code))
    journal.append(session, OfferStateChanged(offer.id), to=[vendor_topic(offer.vendor_id)])
    await notify_members(
        session,
        offer.vendor_id,
        Permission.EDIT_OFFERS,
        NotificationKind.OFFER_NOT_PUBLISHED,
        offer.id,
        number=offer.schedules,
    )


async def _lock_due(session: AsyncSession, offer_id: UUID) -> Offer | None:
    """Return an offer that is still to be published by now. Its vendor is locked shared.

    The job of a time that was changed finds another one, or none. The time is compared with the
    database's clock, as that of `expire_offer`.
    """
    rows = select(Offer.vendor_id).where(Offer.id == offer_id)
    vendor_id = (await session.exec(rows)).first()
    await session.exec(for_reliance(select(Vendor).where(Vendor.id == vendor_id)))
    due = select(Offer).where(Offer.id == offer_id, col(Offer.publish_at) <= func.now())
    return (await session.exec(for_change(due))).first()
