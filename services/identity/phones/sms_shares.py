"""Pauses of countries whose numbers enter hardly any of the codes that are sent to them.

Owners of accounts get their codes meanwhile: a few unanswered requests must not lock out all of a
country. For a log-in, only the job that sends the message knows whether there is an account, so
that the answer does not depend on it.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.countries.phone_numbers import country_of
from core.database import exists_in
from models.identity.phones import CODE_MINUTES, NumberNotServed
from models.identity.sms_shares import (
    MIN_MESSAGES,
    PAUSE_MINUTES,
    PERIOD_MINUTES,
    SHARE_MINUTES,
    SmsCount,
    SmsPause,
)
from models.notifications.inbox import NotificationKind
from services.admins.access import find_admins_to_notify
from services.cleanup_tasks import delete_old_rows
from services.notifications import inbox

log = structlog.get_logger(__name__)

COUNT_DAYS, PAUSE_DAYS = 1, 90


async def count_sent(session: AsyncSession, number: str, at: datetime) -> None:
    """Count a message to a number, whose code was requested at a time."""
    await _count(session, number, at, confirmed=0)


async def count_confirmed(session: AsyncSession, number: str, at: datetime) -> None:
    """Count a right code. Call it last: its row is locked until the commit."""
    await _count(session, number, at, confirmed=1)


async def is_paused(session: AsyncSession, number: str) -> bool:
    """Return whether the country of a number is paused."""
    open = SmsPause.country == country_of(number), SmsPause.until > now()
    return (await session.exec(select(exists_in(SmsPause, *open)))).one()


async def ensure_not_paused(session: AsyncSession, number: str) -> None:
    """Raise `NumberNotServed` while the country of a number is paused."""
    if await is_paused(session, number):
        raise NumberNotServed(field=["phone"])


async def pause_countries(session: AsyncSession, percent: int) -> None:
    """Pause countries of whose codes too few were entered, and notify the admins.

    Codes that are still valid do not count. After the pause, the count starts with the messages
    that were sent in it.
    """
    ended = now() - timedelta(minutes=PERIOD_MINUTES + CODE_MINUTES)
    sent, confirmed = func.sum(SmsCount.sent), func.sum(SmsCount.confirmed)
    rows = (
        select(SmsCount.country, sent, confirmed)
        .where(
            col(SmsCount.period) <= ended,
            col(SmsCount.period) > ended - timedelta(minutes=SHARE_MINUTES),
            ~exists_in(
                SmsPause,
                col(SmsPause.country) == col(SmsCount.country),
                col(SmsPause.until) > now(),
            ),
        )
        .group_by(SmsCount.country)
        .having(sent >= MIN_MESSAGES, confirmed * 100 < sent * percent)
        .order_by(SmsCount.country)
    )
    for country, messages, entered in (await session.exec(rows)).all():
        await _pause(session, country, messages, entered)


async def find_pause(session: AsyncSession, number: int) -> SmsPause | None:
    return (await session.exec(select(SmsPause).where(SmsPause.number == number))).first()


async def _count(session: AsyncSession, number: str, at: datetime, *, confirmed: int) -> None:
    country = country_of(number)
    if country is None:
        return
    period = at.replace(minute=at.minute - at.minute % PERIOD_MINUTES, second=0, microsecond=0)
    # A right code was sent, even if its message was counted by no release.
    first = SmsCount(country=country, period=period, sent=1, confirmed=confirmed)
    counted = insert(SmsCount).values(first.model_dump())
    more = {"confirmed": SmsCount.confirmed + 1} if confirmed else {"sent": SmsCount.sent + 1}
    await session.exec(
        counted.on_conflict_do_update(
            index_elements=["country", "period"],
            set_=more,
            where=None if not confirmed else col(SmsCount.confirmed) < col(SmsCount.sent),
        )
    )


async def _pause(session: AsyncSession, country: str, sent: int, confirmed: int) -> None:
    newest = select(func.coalesce(func.max(SmsPause.number), 0))
    pause = SmsPause(
        country=country,
        number=(await session.exec(newest)).one() + 1,
        sent=sent,
        confirmed=confirmed,
        until=now() + timedelta(minutes=PAUSE_MINUTES),
    )
    session.add(pause)
    await session.flush()
    log.warning("sms.paused", country=country, sent=sent, confirmed=confirmed)
    for admin_id in await find_admins_to_notify(session):
        await inbox.notify(
            session,
            admin_id,
            NotificationKind.SMS_PAUSED,
            admin_id,
            up_to_sequence=pause.number,
            deliver_after=timedelta(),  # whether or not it is read
        )


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM sms_count WHERE (country, period) IN (
            SELECT country, period FROM sms_count WHERE period < :before LIMIT :batch
        ) RETURNING country
        """,
        COUNT_DAYS,
    ),
    delete_old_rows(
        """
        DELETE FROM sms_pause WHERE id IN (
            SELECT id FROM sms_pause WHERE until < :before LIMIT :batch
        ) RETURNING id
        """,
        PAUSE_DAYS,
    ),
]
