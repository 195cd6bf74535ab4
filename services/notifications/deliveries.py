"""Deliveries, at least once: `lease` commits before sending, `mark_sent` records the outcome."""

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
from core.security.sealed import Sealer
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected
from gateways.mail import MailMessage
from gateways.push import PushMessage
from models.identity.accounts import User, UserState
from models.notifications.deliveries import (
    MAX_DELIVERY_ATTEMPTS,
    Delivery,
    DeliveryState,
    SkipReason,
)
from models.notifications.devices import Device
from models.notifications.inbox import Channel, Notification
from models.quotas import DailyAct
from services import jobs
from services.identity.addresses.sealed_addresses import find_email
from services.notifications.devices import list_devices
from services.notifications.kinds import NotificationText, declared_kinds, is_required
from services.notifications.preferences import Preferences, find_preferences
from services.quotas import count_act

LEASE = timedelta(seconds=60)  # twice as long as a worker may take to send
MIN_BACKOFF, BACKOFF_FACTOR, MAX_BACKOFF = timedelta(seconds=10), 3, timedelta(hours=6)
MAX_PROVIDER_ID_LENGTH = 300
RANDOM = SystemRandom()
BATCH_SIZE = 100


@dataclass(frozen=True)
class Attempt:
    """A leased delivery, and the number of the attempt.

    The number distinguishes a late outcome of an expired lease from the current one's. What `text`
    has for a mail is read, signed and attached after the lease is committed.
    """

    delivery_id: UUID
    number: int
    message: MailMessage | PushMessage
    text: NotificationText


@dataclass(frozen=True)
class DeliveryContext:
    """The current rows of a delivery. No device if it is no longer the user's."""

    notification: Notification
    preferences: Preferences
    device: Device | None

    def quiet_until(self) -> datetime:
        hours, moment = self.preferences.quiet_hours, now()
        return hours.end_after(moment) if hours else moment


async def plan_deliveries(
    session: AsyncSession, notification_id: UUID, channels: Collection[Channel]
) -> None:
    """Create a delivery for each address of the user on the allowed channels.

    Only required ones if the notification was read. The job can run twice: existing ones are not
    created again.
    """
    notification = await session.get_one(Notification, notification_id)
    unread = notification.read_at is None
    preferences = await find_preferences(session, notification.user_id)
    planned = [
        Delivery(notification_id=notification_id, channel=channel, device_id=device_id)
        for channel in sorted(channels)
        if preferences.allow(notification.kind, channel)
        and (unread or is_required(notification.kind, channel))
        and await _is_within_quota(session, notification, channel)
        for device_id in await _find_devices(session, notification, channel)
    ]
    if not planned:
        return
    created = await session.execute(
        insert(Delivery)
        .values([delivery.model_dump() for delivery in planned])
        .on_conflict_do_nothing()
        .returning(col(Delivery.id))
    )
    for id in created.scalars():
        await jobs.defer(session, "deliver", delivery_id=id)


async def lease(session: AsyncSession, sealer: Sealer, delivery_id: UUID) -> Attempt | None:
    """Lease a delivery for an attempt and return what to send; None if there is nothing to send.

    A provider must not be called inside a transaction, so the worker sends after the commit. If it
    dies, the lease ends after a minute and another sends, perhaps a second copy. `due_at` ends the
    lease and is the time of the next attempt, so no second worker sends before. A delivery that is
    leased, backing off or in quiet hours is rescheduled. The plan may be outdated: whether the user
    has read it, allows it, and owns the device is checked again.
    """
    delivery = await _lock(session, delivery_id)
    if delivery.state is not DeliveryState.WAITING:
        return None
    if delivery.due_at > now():
        await _reschedule(session, delivery, delivery.due_at)
        return None
    if delivery.attempts == MAX_DELIVERY_ATTEMPTS:
        delivery.error = delivery.error or "The worker of the last attempt reported no outcome."
        delivery.complete(DeliveryState.FAILED)
        return None
    context = await _load_context(session, delivery)
    if reason := await _find_skip_reason(session, delivery, context):
        delivery.complete(DeliveryState.SKIPPED, skip_reason=reason)
        return None
    required = is_required(context.notification.kind, delivery.channel)
    if not required and (quiet_until := context.quiet_until()) > now():
        await _reschedule(session, delivery, quiet_until)
        return None
    delivery.attempts += 1
    delivery.due_at = now() + LEASE
    message, text = await _compose(session, sealer, delivery, context)
    return Attempt(delivery.id, delivery.attempts, message, text)


async def reschedule_deliveries(session: AsyncSession, user_id: UUID, due_at: datetime) -> bool:
    """Reschedule a batch of deliveries in quiet hours. Returns whether there are more.

    They are found by the exact end of the quiet hours; others have another `due_at`.
    """
    unread = select(Notification.id).where(
        Notification.user_id == user_id, col(Notification.read_at).is_(None)
    )
    rows = (
        select(Delivery)
        .where(
            col(Delivery.notification_id).in_(unread),
            Delivery.state == DeliveryState.WAITING,
            Delivery.due_at == due_at,
        )
        .order_by(col(Delivery.id))
        .limit(BATCH_SIZE)
    )
    waiting = (await session.exec(for_change(rows))).all()
    for delivery in waiting:
        await _reschedule(session, delivery, now())
    return len(waiting) == BATCH_SIZE


async def mark_sent(session: AsyncSession, attempt: Attempt, provider_id: str) -> None:
    delivery = await _lock(session, attempt.delivery_id)
    delivery.complete(DeliveryState.SENT)
    delivery.error, delivery.provider_id = None, provider_id[:MAX_PROVIDER_ID_LENGTH]


async def mark_not_sent(session: AsyncSession, attempt: Attempt, error: DeliveryError) -> None:
    """Schedule the next attempt, or give up. Ignored if a later attempt has started."""
    delivery = await _lock(session, attempt.delivery_id)
    if delivery.state is not DeliveryState.WAITING or delivery.attempts != attempt.number:
        return
    delivery.error = str(error)
    if isinstance(error, InvalidRecipient):
        await _delete_device(session, delivery, attempt)
        delivery.complete(DeliveryState.SKIPPED, skip_reason=SkipReason.NO_ADDRESS)
    elif isinstance(error, MessageRejected) or delivery.attempts == MAX_DELIVERY_ATTEMPTS:
        delivery.complete(DeliveryState.FAILED)
    else:
        await _reschedule(session, delivery, now() + backoff(delivery.attempts, error.after))


def backoff(attempts: int, retry_after: float) -> timedelta:
    """Return the wait after so many attempts, or as long as the provider asks.

    Up to a quarter is added at random, so that deliveries that failed together retry apart.
    """
    exponential = min(MIN_BACKOFF * BACKOFF_FACTOR ** (attempts - 1), MAX_BACKOFF)
    delay: timedelta = max(exponential, min(timedelta(seconds=retry_after), MAX_BACKOFF))
    return delay * RANDOM.uniform(1, 1.25)


async def _reschedule(session: AsyncSession, delivery: Delivery, until: datetime) -> None:
    delivery.due_at = until
    await jobs.defer(session, "deliver", at=until, delivery_id=delivery.id)


async def _is_within_quota(
    session: AsyncSession, notification: Notification, channel: Channel
) -> bool:
    """Count a mail against the quota of the message's sender: without it, one account can cause
    hundreds of mails a minute. Above it, the message is still shown in the app and pushed.
    """
    find_sender = declared_kinds()[notification.kind].find_sender
    if channel is not Channel.MAIL or find_sender is None:
        return True
    sender_id = await find_sender(session, notification)
    return sender_id is None or await count_act(session, sender_id, DailyAct.MAIL)


async def _find_devices(
    session: AsyncSession, notification: Notification, channel: Channel
) -> list[UUID | None]:
    """Return the devices to deliver to; for mail one None, the account's address."""
    if channel is Channel.MAIL:
        return [None]
    return [device.id for device in await session.exec(list_devices(notification.user_id))]


async def _load_context(session: AsyncSession, delivery: Delivery) -> DeliveryContext:
    notification = await session.get_one(Notification, delivery.notification_id)
    own = Device.id == delivery.device_id, Device.user_id == notification.user_id
    device = (await session.exec(select(Device).where(*own))).first()
    return DeliveryContext(
        notification, await find_preferences(session, notification.user_id), device
    )


async def _find_skip_reason(
    session: AsyncSession, delivery: Delivery, context: DeliveryContext
) -> SkipReason | None:
    """Return why there is nothing to send. Required mails are sent to all who have an address."""
    user = await session.get_one(User, context.notification.user_id)
    required = is_required(context.notification.kind, delivery.channel)
    if not required and (reason := await _find_refusal(session, delivery, context, user)):
        return reason
    if delivery.channel is Channel.PUSH and context.device is None:
        return SkipReason.NO_ADDRESS
    if delivery.channel is Channel.MAIL and user.email is None:
        return SkipReason.NO_ADDRESS
    return None if required else await _find_later(session, context.notification)


async def _find_refusal(
    session: AsyncSession, delivery: Delivery, context: DeliveryContext, user: User
) -> SkipReason | None:
    """Return why the user does not want it, or has no part in it.

    A suspended user could neither look nor turn it off.
    """
    notification = context.notification
    if notification.read_at is not None:
        return SkipReason.READ
    if user.state is UserState.SUSPENDED:
        return SkipReason.NO_PART
    find_reason = declared_kinds()[notification.kind].find_skip_reason
    if find_reason and (reason := await find_reason(session, notification)):
        return reason
    if not context.preferences.allow(notification.kind, delivery.channel):
        return SkipReason.UNWANTED
    return None


async def _find_later(session: AsyncSession, notification: Notification) -> SkipReason | None:
    later = select(Notification.id).where(
        Notification.user_id == notification.user_id,
        Notification.kind == notification.kind,
        Notification.subject_id == notification.subject_id,
        Notification.up_to_sequence > notification.up_to_sequence,
    )
    return SkipReason.SUPERSEDED if (await session.exec(later.limit(1))).first() else None


async def _compose(
    session: AsyncSession, sealer: Sealer, delivery: Delivery, context: DeliveryContext
) -> tuple[MailMessage | PushMessage, NotificationText]:
    notification = context.notification
    user = await session.get_one(User, notification.user_id)
    declared = declared_kinds()[notification.kind]
    text = await declared.compose(session, notification, user)
    if context.device is None:
        mail = MailMessage(
            id=delivery.id,
            to=find_email(sealer, user) or "",
            subject=text.mail_subject,
            body=text.mail_body,
        )
        return mail, text
    push = PushMessage(
        id=delivery.id,
        token=context.device.token,
        title=text.push_title,
        body=text.push_body,
        about=notification.subject_id,
        data={
            "kind": notification.kind,
            "notificationId": global_id("Notification", notification.id),
            "subjectId": global_id(declared.subject, notification.subject_id),
        },
    )
    return push, text


async def _delete_device(session: AsyncSession, delivery: Delivery, attempt: Attempt) -> None:
    """Delete the device that refused the token, unless it has registered another."""
    if isinstance(attempt.message, PushMessage):
        same = col(Device.id) == delivery.device_id, col(Device.token) == attempt.message.token
        await session.exec(delete(Device).where(*same))


async def _lock(session: AsyncSession, delivery_id: UUID) -> Delivery:
    rows = select(Delivery).where(Delivery.id == delivery_id)
    return (await session.exec(for_change(rows))).one()
