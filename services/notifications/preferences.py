"""Notification preferences by kind and channel, and quiet hours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from models.errors import InvalidInput
from models.identity.phones import Phone
from models.notifications.inbox import Channel, NotificationKind
from models.notifications.preferences import NotificationPreference, QuietHours
from services import jobs
from services.notifications.kinds import declared_kinds, is_required
from services.viewer import Viewer


@dataclass(frozen=True)
class Choice:
    """Whether a user allows a kind on a channel."""

    kind: NotificationKind
    channel: Channel
    allowed: bool


@dataclass(frozen=True)
class Preferences:
    """A choice for every kind and channel, and any quiet hours.

    `ticket_texts` is whether links to tickets are sent to the user's number. It is no choice of a
    kind: messages cost money, so it takes a number and is off by default.
    """

    choices: Sequence[Choice]
    quiet_hours: QuietHours | None
    ticket_texts: bool = False

    def allow(self, kind: NotificationKind, channel: Channel) -> bool:
        return Choice(kind, channel, allowed=True) in self.choices


async def find_preferences(session: AsyncSession, user_id: UUID) -> Preferences:
    """Return a user's preferences. Everything is allowed by default."""
    rows = select(NotificationPreference).where(NotificationPreference.user_id == user_id)
    chosen = {(row.kind, row.channel): row.allowed for row in await session.exec(rows)}
    choices = [
        Choice(kind, channel, is_required(kind, channel) or chosen.get((kind, channel), True))
        for kind in NotificationKind
        for channel in Channel
    ]
    return Preferences(choices, await session.get(QuietHours, user_id))


async def read_preferences(session: AsyncSession, user_id: UUID) -> Preferences:
    """Return all of a user's preferences, to show them."""
    allowed = select(exists_in(Phone, Phone.user_id == user_id, col(Phone.ticket_texts).is_(True)))
    texts = (await session.exec(allowed)).one()
    return replace(await find_preferences(session, user_id), ticket_texts=texts)


async def update_notification_preferences(
    session: AsyncSession,
    viewer: Viewer,
    *,
    choices: Collection[Choice],
    quiet_hours: QuietHours | None,
    keep_quiet_hours: bool,
    ticket_texts: bool | None = None,
) -> Preferences:
    """Save choices and quiet hours. The last choice for a kind and channel wins.

    Quiet hours of None are removed, unless `keep_quiet_hours`. If their end has changed, a job
    reschedules the deliveries that wait for it. `ticket_texts` of None stays as it is. Raises
    `InvalidInput` for mails that are required, and for texts without a number.
    """
    for one in choices:
        message = declared_kinds()[one.kind].required
        if message and one.channel is Channel.MAIL and not one.allowed:
            raise InvalidInput(message.template, field=["choices"])
    user_id, moment = viewer.require_user(), now()
    if ticket_texts is not None:
        await _allow_texts(session, user_id, allowed=ticket_texts)
    waits_until = await _quiet_until(session, user_id, moment)
    if chosen := {(one.kind, one.channel): one.allowed for one in choices}:
        rows = [
            NotificationPreference(user_id=user_id, kind=kind, channel=channel, allowed=allowed)
            for (kind, channel), allowed in sorted(chosen.items())
        ]
        row = insert(NotificationPreference).values([row.model_dump() for row in rows])
        await session.execute(
            row.on_conflict_do_update(
                index_elements=["user_id", "kind", "channel"],
                set_={"allowed": row.excluded.allowed},
            )
        )
    if quiet_hours is not None:
        quiet_hours.ensure_valid()
        hours = quiet_hours.model_dump()
        await session.execute(
            insert(QuietHours)
            .values(hours)
            .on_conflict_do_update(index_elements=["user_id"], set_=hours)
        )
    elif not keep_quiet_hours:
        await session.exec(delete(QuietHours).where(col(QuietHours.user_id) == user_id))
    if moment < waits_until != await _quiet_until(session, user_id, moment):
        await jobs.defer(session, "reschedule_deliveries", user_id=user_id, due_at=waits_until)
    return await read_preferences(session, user_id)


async def _allow_texts(session: AsyncSession, user_id: UUID, *, allowed: bool) -> None:
    own = update(Phone).where(col(Phone.user_id) == user_id)
    changed = await session.exec(own.values(ticket_texts=allowed).returning(col(Phone.id)))
    if changed.first() is None and allowed:
        raise InvalidInput("Add a phone number first.", field=["ticketTexts"])


async def _quiet_until(session: AsyncSession, user_id: UUID, moment: datetime) -> datetime:
    """Return the end of the quiet hours at a moment, else the moment."""
    hours = await session.get(QuietHours, user_id, populate_existing=True)
    return hours.end_after(moment) if hours else moment
