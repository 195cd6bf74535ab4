"""Reaching those who aren't looking: what is sent where, once, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import global_id
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected
from gateways.mail import MailMessage
from gateways.push import PushMessage
from models.notifications.deliveries import (
    MAX_DELIVERY_ATTEMPTS,
    Delivery,
    DeliveryState,
    SkipReason,
)
from models.notifications.devices import Device
from models.notifications.inbox import Channel, Notification, NotificationKind
from services import jobs
from services.notifications.devices import list_devices
from services.notifications.messages import is_unread, takes_part
from services.notifications.preferences import Preferences, find_preferences
from services.notifications.texts import write

LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGER, LONGEST_PAUSE = timedelta(seconds=10), 3, timedelta(hours=6)
CHANCE = SystemRandom()
BATCH = 100


@dataclass(frozen=True)
class Attempt:
    """A delivery that is ours to send for a minute, and which attempt at it that is."""

    delivery_id: UUID
    number: int
    message: MailMessage | PushMessage


@dataclass(frozen=True)
class Case:
    """What a delivery is about, as things stand; no device if it is not the user's any more."""

    notification: Notification
    preferences: Preferences
    device: Device | None

    def quiet_until(self) -> datetime:
        hours, moment = self.preferences.quiet_hours, now()
        return hours.end_after(moment) if hours else moment


async def plan_deliveries(
    session: AsyncSession, notification_id: UUID, channels: Collection[Channel]
) -> None:
    """A delivery to each address of the user on the channels they want, unless they have read it.

    Planned twice, it is one delivery to each all the same.
    """
    notification = await session.get_one(Notification, notification_id)
    if notification.read_at is not None:
        return
    preferences = await find_preferences(session, notification.user_id)
    planned = [
        Delivery(notification_id=notification_id, channel=channel, device_id=device_id)
        for channel in sorted(channels)
        if preferences.allow(notification.kind, channel)
        for device_id in await _addresses(session, notification, channel)
    ]
    if not planned:
        return
    made = await session.execute(
        insert(Delivery)
        .values([delivery.model_dump() for delivery in planned])
        .on_conflict_do_nothing()
        .returning(col(Delivery.id))
    )
    for id in made.scalars():
        await jobs.defer(session, "deliver", delivery_id=id)


async def take_up(session: AsyncSession, delivery_id: UUID) -> Attempt | None:
    """What to send now, and nobody else for a minute; None if that is nothing.

    One that must wait, for another attempt, for its next one or for quiet hours to be over, is
    put off until then. Everything is asked again here: what the user has read by now,
    what they want, and whether the device is still theirs.
    """
    delivery = await _lock(session, delivery_id)
    if delivery.state is not DeliveryState.WAITING:
        return None
    if delivery.due_at > now():
        await _put_off(session, delivery, delivery.due_at)
        return None
    if delivery.attempts == MAX_DELIVERY_ATTEMPTS:
        delivery.error = delivery.error or "Whoever tried it last did not come back."
        delivery.complete(DeliveryState.FAILED)
        return None
    case = await _look_up(session, delivery)
    if reason := await _reason_to_skip(session, delivery, case):
        delivery.complete(DeliveryState.SKIPPED, skip_reason=reason)
        return None
    if (quiet_until := case.quiet_until()) > now():
        await _put_off(session, delivery, quiet_until)
        return None
    delivery.attempts += 1
    delivery.due_at = now() + LEASE
    return Attempt(delivery.id, delivery.attempts, await _compose(session, delivery, case))


async def hurry_deliveries(session: AsyncSession, user_id: UUID, due_at: datetime) -> bool:
    """Have a batch of what waits for the end of quiet hours taken up now; tells if there is more.

    They end at a moment of their own, so that what waits for anything else is left alone.
    """
    told = select(Notification.id).where(
        Notification.user_id == user_id, col(Notification.read_at).is_(None)
    )
    rows = (
        select(Delivery)
        .where(
            col(Delivery.notification_id).in_(told),
            Delivery.state == DeliveryState.WAITING,
            Delivery.due_at == due_at,
        )
        .order_by(col(Delivery.id))
        .limit(BATCH)
    )
    waiting = (await session.exec(for_change(rows))).all()
    for delivery in waiting:
        await _put_off(session, delivery, now())
    return len(waiting) == BATCH


async def mark_sent(session: AsyncSession, attempt: Attempt, provider_id: str) -> None:
    delivery = await _lock(session, attempt.delivery_id)
    delivery.complete(DeliveryState.SENT)
    delivery.error, delivery.provider_id = None, provider_id[:300]


async def mark_not_sent(session: AsyncSession, attempt: Attempt, error: DeliveryError) -> None:
    """Try again later, or give up; who has begun another attempt meanwhile is left alone."""
    delivery = await _lock(session, attempt.delivery_id)
    if delivery.state is not DeliveryState.WAITING or delivery.attempts != attempt.number:
        return
    delivery.error = str(error)
    if isinstance(error, InvalidRecipient):
        await _forget_device(session, delivery, attempt)
        delivery.complete(DeliveryState.SKIPPED, skip_reason=SkipReason.NO_ADDRESS)
    elif isinstance(error, MessageRejected) or delivery.attempts == MAX_DELIVERY_ATTEMPTS:
        delivery.complete(DeliveryState.FAILED)
    else:
        await _put_off(session, delivery, now() + pause(delivery.attempts, error.after))


def pause(attempts: int, asked: float) -> timedelta:
    """How long to wait after so many attempts: three times as long each time, or as asked.

    A quarter more at random, so that what failed together does not come back together.
    """
    own = min(FIRST_PAUSE * LONGER ** (attempts - 1), LONGEST_PAUSE)
    waited: timedelta = max(own, min(timedelta(seconds=asked), LONGEST_PAUSE))
    return waited * CHANCE.uniform(1, 1.25)


async def _put_off(session: AsyncSession, delivery: Delivery, until: datetime) -> None:
    delivery.due_at = until
    await jobs.defer(session, "deliver", at=until, delivery_id=delivery.id)


async def _addresses(
    session: AsyncSession, notification: Notification, channel: Channel
) -> list[UUID | None]:
    if channel is Channel.MAIL:
        return [None]
    return [device.id for device in await session.exec(list_devices(notification.user_id))]


async def _look_up(session: AsyncSession, delivery: Delivery) -> Case:
    notification = await session.get_one(Notification, delivery.notification_id)
    theirs = Device.id == delivery.device_id, Device.user_id == notification.user_id
    device = (await session.exec(select(Device).where(*theirs))).first()
    return Case(notification, await find_preferences(session, notification.user_id), device)


async def _reason_to_skip(
    session: AsyncSession, delivery: Delivery, case: Case
) -> SkipReason | None:
    notification = case.notification
    if notification.read_at is not None:
        return SkipReason.READ
    if notification.kind is NotificationKind.MESSAGE_RECEIVED:
        if not await takes_part(session, notification.user_id, notification.subject_id):
            return SkipReason.NO_PART
        if not await is_unread(session, notification):
            return SkipReason.READ
    if not case.preferences.allow(notification.kind, delivery.channel):
        return SkipReason.UNWANTED
    if delivery.channel is Channel.PUSH and case.device is None:
        return SkipReason.NO_ADDRESS
    later = select(Notification.id).where(
        Notification.user_id == notification.user_id,
        Notification.kind == notification.kind,
        Notification.subject_id == notification.subject_id,
        Notification.up_to_sequence > notification.up_to_sequence,
    )
    return SkipReason.SUPERSEDED if (await session.exec(later.limit(1))).first() else None


async def _compose(
    session: AsyncSession, delivery: Delivery, case: Case
) -> MailMessage | PushMessage:
    words, notification = await write(session, case.notification), case.notification
    if case.device is None:
        return MailMessage(
            id=delivery.id, to=words.address, subject=words.subject, body=words.letter
        )
    return PushMessage(
        id=delivery.id,
        token=case.device.token,
        title=words.title,
        body=words.line,
        about=notification.subject_id,
        data={
            "kind": notification.kind,
            "notificationId": global_id("Notification", notification.id),
            "subjectId": global_id(words.subject_type, notification.subject_id),
        },
    )


async def _forget_device(session: AsyncSession, delivery: Delivery, attempt: Attempt) -> None:
    """Unless it has another token by now."""
    if isinstance(attempt.message, PushMessage):
        same = col(Device.id) == delivery.device_id, col(Device.token) == attempt.message.token
        await session.exec(delete(Device).where(*same))


async def _lock(session: AsyncSession, delivery_id: UUID) -> Delivery:
    rows = select(Delivery).where(Delivery.id == delivery_id)
    return (await session.exec(for_change(rows))).one()
