"""Notices of new offers to the users who follow their vendor."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.notifications.inbox import Channel, Notification, NotificationKind
from models.notifications.preferences import NotificationPreference
from models.offers.offers import Offer
from models.vendors import VendorFollow
from services.notifications import inbox
from services.offers.offers import live_offers

BATCH_SIZE = 100
MAX_PER_DAY = 3  # of one vendor, to one follower
KIND = NotificationKind.OFFER_PUBLISHED


async def notify_followers(session: AsyncSession, offer_id: UUID, after: UUID) -> UUID | None:
    """Notify a batch of the followers of a live offer's vendor, in the order of their ids.

    The follows are locked, so that jobs for several offers of a vendor count one after another.
    Returns the last follower's id, or None after the last batch. A job that runs again leaves out
    those who know.
    """
    offer = (await session.exec(live_offers().where(Offer.id == offer_id))).first()
    if offer is None:
        return None
    rows = (
        select(VendorFollow)
        .where(VendorFollow.vendor_id == offer.vendor_id, VendorFollow.user_id > after)
        .order_by(col(VendorFollow.user_id))
        .limit(BATCH_SIZE)
    )
    followers = [follow.user_id for follow in (await session.exec(for_change(rows))).all()]
    left_out = await _find_notified(session, offer, followers) | await _find_unwilling(
        session, followers
    )
    for user_id in followers:
        if user_id not in left_out:
            await inbox.notify(session, user_id, KIND, offer_id)
    return followers[-1] if len(followers) == BATCH_SIZE else None


async def _find_notified(
    session: AsyncSession, offer: Offer, user_ids: Collection[UUID]
) -> set[UUID]:
    """Return the users who know of the offer, or of enough others of the vendor within a day."""
    recent = col(Notification.created_at) > now() - timedelta(days=1)
    rows = (
        select(Notification.user_id)
        .join(Offer, col(Offer.id) == Notification.subject_id)
        .where(
            col(Notification.user_id).in_(user_ids),
            Notification.kind == KIND,
            Offer.vendor_id == offer.vendor_id,
        )
        .group_by(col(Notification.user_id))
        .having(
            (func.count().filter(recent) >= MAX_PER_DAY)
            | func.bool_or(col(Notification.subject_id) == offer.id)
        )
    )
    return set((await session.exec(rows)).all())


async def _find_unwilling(session: AsyncSession, user_ids: Collection[UUID]) -> set[UUID]:
    """Return the users who refuse these notices on every channel, so also in the app."""
    refuses = and_(
        NotificationPreference.kind == KIND, col(NotificationPreference.allowed).is_(False)
    )
    rows = (
        select(NotificationPreference.user_id)
        .where(col(NotificationPreference.user_id).in_(user_ids), refuses)
        .group_by(col(NotificationPreference.user_id))
        .having(func.count() == len(Channel))
    )
    return set((await session.exec(rows)).all())
