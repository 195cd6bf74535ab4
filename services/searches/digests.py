"""The daily message about new offers that match saved searches, in the morning of its user."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.notifications.preferences import QuietHours
from models.searches import SavedSearch, SavedSearchHit, SearchNotices
from services.notifications import inbox
from services.searches.searches import is_hit_live

BATCH_SIZE = 500  # users
MAX_HITS = 1_000  # of a message
MORNING = time(9)
KIND = NotificationKind.SAVED_SEARCHES_MATCHED_DAILY


async def find_due(session: AsyncSession, after: UUID) -> tuple[Sequence[UUID], UUID | None]:
    """Return users for whose matches it is time, and the last one that was looked at.

    It is None after the last batch. A match waits for the next morning in the user's time zone, or
    in that of their quiet hours. Without both, it is UTC's.
    """
    zone = func.coalesce(User.time_zone, QuietHours.time_zone, "UTC")
    first = func.min(SavedSearchHit.created_at)
    rows = (
        select(SavedSearch.user_id, zone, first)
        .join(SavedSearchHit, col(SavedSearchHit.search_id) == SavedSearch.id)
        .join(User, col(User.id) == SavedSearch.user_id)
        .outerjoin(QuietHours, col(QuietHours.user_id) == SavedSearch.user_id)
        .where(
            col(SavedSearchHit.waiting),
            SavedSearch.notices != SearchNotices.OFF,
            SavedSearch.user_id > after,
        )
        .group_by(col(SavedSearch.user_id), zone)
        .order_by(col(SavedSearch.user_id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(rows)).all()
    moment = now()
    due = [user_id for user_id, zone, first in found if first < last_morning(moment, zone)]
    return due, found[-1][0] if len(found) == BATCH_SIZE else None


def last_morning(moment: datetime, zone: str) -> datetime:
    """Return the last 9 o'clock in a time zone, up to a moment."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() - timedelta(days=1 if local.time() < MORNING else 0)
    return datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone)).astimezone(moment.tzinfo)


async def send_digest(session: AsyncSession, user_id: UUID) -> None:
    """Notify a user of all offers that wait, with their number.

    Those that have ended, and those that the user was notified of, are left out. The matches are
    locked, so that a second job finds none.
    """
    waiting = await _lock_waiting(session, user_id)
    informed = exists().where(
        col(Notification.user_id) == user_id,
        col(Notification.kind) == NotificationKind.SAVED_SEARCH_MATCHED,
        col(Notification.subject_id) == SavedSearchHit.offer_id,
    )
    ids = [hit.id for hit in waiting]
    worth = select(SavedSearchHit).where(col(SavedSearchHit.id).in_(ids), is_hit_live(), ~informed)
    news = (await session.exec(worth.order_by(col(SavedSearchHit.id)))).all() if ids else []
    for hit in waiting:
        hit.waiting = False
    if news:
        subject = news[-1].search_id
        await inbox.notify(
            session,
            user_id,
            KIND,
            subject,
            up_to_sequence=await _next_number(session, user_id, subject),
            count=len({hit.offer_id for hit in news}),
        )


async def _lock_waiting(session: AsyncSession, user_id: UUID) -> Sequence[SavedSearchHit]:
    own = select(SavedSearch.id).where(
        SavedSearch.user_id == user_id, SavedSearch.notices != SearchNotices.OFF
    )
    rows = (
        select(SavedSearchHit)
        .where(col(SavedSearchHit.waiting), col(SavedSearchHit.search_id).in_(own))
        .order_by(col(SavedSearchHit.id))
        .limit(MAX_HITS)
    )
    return (await session.exec(for_change(rows))).all()


async def _next_number(session: AsyncSession, user_id: UUID, search_id: UUID) -> int:
    latest = select(func.max(Notification.up_to_sequence)).where(
        Notification.user_id == user_id,
        Notification.kind == KIND,
        Notification.subject_id == search_id,
    )
    return ((await session.exec(latest)).one() or 0) + 1
