"""Reaching those who aren't looking: what is sent where, once, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.errors import NotAllowed
from core.ids import global_id
from core.keyset import Ordering
from gateways.errors import AddressGone, NotTaken, Rejected
from gateways.mail import Mail
from gateways.push import Push
from models.errors import NotFound
from models.notification_deliveries import MOST_ATTEMPTS, Delivery, DeliveryState, SkipReason
from models.notification_devices import Device
from models.notifications import Channel, Notification, NotificationKind
from services import jobs
from services.message_notifications import takes_part
from services.notification_devices import list_devices
from services.notification_preferences import Preferences, find_preferences
from services.notification_texts import Words, write
from services.viewer import Viewer

LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGER, LONGEST_PAUSE = timedelta(seconds=10), 3, timedelta(hours=6)
CHANCE = SystemRandom()


@dataclass(frozen=True)
class Attempt:
    """A delivery that is ours to send for a minute, and which attempt at it that is."""

    delivery_id: UUID
    number: int
    message: Mail | Push


def visible_deliveries(viewer: Viewer) -> SelectOfScalar[Delivery]:
    """All for an admin, none for anybody else."""
    return select(Delivery) if viewer.admin else select(Delivery).where(false())


def list_dead_letters(viewer: Viewer) -> tuple[SelectOfScalar[Delivery], Ordering]:
    """Deliveries that have been given up, the latest first, for admins."""
    _ensure_admin(viewer)
    rows = select(Delivery).where(Delivery.state == DeliveryState.FAILED)
    given_up_at = col(Delivery.settled_at)
    return rows, Ordering(
        "dead letters", given_up_at, Delivery.id, datetime.fromisoformat, descending=True
    )


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
    if delivery.attempts == MOST_ATTEMPTS:
        delivery.error = delivery.error or "Whoever tried it last did not come back."
        delivery.settle(DeliveryState.FAILED)
        return None
    notification = await session.get_one(Notification, delivery.notification_id)
    preferences = await find_preferences(session, notification.user_id)
    quiet_until = _quiet_until(preferences)
    device = await _find_device(session, delivery, notification)
    if reason := await _reason_to_skip(session, delivery, notification, preferences, device):
        delivery.settle(DeliveryState.SKIPPED, skipped_for=reason)
        return None
    if quiet_until > now():
        await _put_off(session, delivery, quiet_until)
        return None
    delivery.attempts += 1
    delivery.due_at = now() + LEASE
    words = await write(session, notification)
    message = _push(delivery, notification, words, device) if device else _mail(delivery, words)
    return Attempt(delivery.id, delivery.attempts, message)


async def mark_sent(session: AsyncSession, attempt: Attempt, provider_id: str) -> None:
    delivery = await _lock(session, attempt.delivery_id)
    delivery.settle(DeliveryState.SENT)
    delivery.error, delivery.provider_id = None, provider_id[:300]


async def mark_not_sent(session: AsyncSession, attempt: Attempt, error: NotTaken) -> None:
    """Try again later, or give up; who has begun another attempt meanwhile is left alone."""
    delivery = await _lock(session, attempt.delivery_id)
    if delivery.state is not DeliveryState.WAITING or delivery.attempts != attempt.number:
        return
    delivery.error = str(error)
    if isinstance(error, AddressGone):
        await _forget_device(session, delivery, attempt)
        delivery.settle(DeliveryState.SKIPPED, skipped_for=SkipReason.NO_ADDRESS)
    elif isinstance(error, Rejected) or delivery.attempts == MOST_ATTEMPTS:
        delivery.settle(DeliveryState.FAILED)
    else:
        await _put_off(session, delivery, now() + pause(delivery.attempts, error.after))


async def retry_dead_letter(
    session: AsyncSession, viewer: Viewer, *, delivery_id: UUID
) -> Delivery:
    """Give a dead letter all its attempts anew."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.state, delivery.settled_at, delivery.attempts = DeliveryState.WAITING, None, 0
    delivery.due_at = now()
    await jobs.defer(session, "deliver", delivery_id=delivery.id)
    return delivery


async def drop_dead_letter(session: AsyncSession, viewer: Viewer, *, delivery_id: UUID) -> Delivery:
    """Let a dead letter be; it stays on record as skipped."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.settle(DeliveryState.SKIPPED, skipped_for=SkipReason.DROPPED)
    return delivery


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


async def _find_device(
    session: AsyncSession, delivery: Delivery, notification: Notification
) -> Device | None:
    """Still the user's own: a token may have moved to another account since."""
    theirs = Device.id == delivery.device_id, Device.user_id == notification.user_id
    return (await session.exec(select(Device).where(*theirs))).first()


async def _reason_to_skip(
    session: AsyncSession,
    delivery: Delivery,
    notification: Notification,
    preferences: Preferences,
    device: Device | None,
) -> SkipReason | None:
    if notification.read_at is not None:
        return SkipReason.READ
    if notification.kind is NotificationKind.MESSAGE_RECEIVED and not await takes_part(
        session, notification.user_id, notification.subject_id
    ):
        return SkipReason.NO_PART
    if not preferences.allow(notification.kind, delivery.channel):
        return SkipReason.UNWANTED
    if delivery.channel is Channel.PUSH and device is None:
        return SkipReason.NO_ADDRESS
    later = select(Notification.id).where(
        Notification.user_id == notification.user_id,
        Notification.kind == notification.kind,
        Notification.subject_id == notification.subject_id,
        Notification.upto > notification.upto,
    )
    return SkipReason.SUPERSEDED if (await session.exec(later.limit(1))).first() else None


def _quiet_until(preferences: Preferences) -> datetime:
    hours, moment = preferences.quiet_hours, now()
    return hours.over_at(moment) if hours else moment


def _mail(delivery: Delivery, words: Words) -> Mail:
    return Mail(id=delivery.id, to=words.address, subject=words.subject, body=words.letter)


def _push(delivery: Delivery, notification: Notification, words: Words, device: Device) -> Push:
    return Push(
        id=delivery.id,
        token=device.token,
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
    """Unless another token has come in its place."""
    device = await session.get(Device, delivery.device_id) if delivery.device_id else None
    if device and isinstance(attempt.message, Push) and device.token == attempt.message.token:
        await session.delete(device)


async def _access_dead_letter(session: AsyncSession, viewer: Viewer, delivery_id: UUID) -> Delivery:
    _ = viewer.signed_in
    rows = visible_deliveries(viewer).where(Delivery.id == delivery_id)
    delivery = (await session.exec(for_change(rows))).first()
    if delivery is None or delivery.state is not DeliveryState.FAILED:
        raise NotFound
    return delivery


async def _lock(session: AsyncSession, delivery_id: UUID) -> Delivery:
    rows = select(Delivery).where(Delivery.id == delivery_id)
    return (await session.exec(for_change(rows))).one()


def _ensure_admin(viewer: Viewer) -> None:
    if viewer.signed_in and not viewer.admin:
        raise NotAllowed("Only admins see what could not be delivered.")
