"""Seeds the deliveries, read state and settings of notifications."""

from collections import Counter
from datetime import time, timedelta
from hashlib import sha256

from demo.dataset import Dataset
from demo.identity.accounts import ADMIN, CUSTOMER, OWNER
from demo.rng import SeededRandom
from models.identity.accounts import User, UserSession
from models.notifications.deliveries import MAX_DELIVERY_ATTEMPTS, Delivery, DeliveryState
from models.notifications.devices import Device, Platform
from models.notifications.inbox import Channel, Notification, NotificationInbox, NotificationKind
from models.notifications.preferences import NotificationPreference, QuietHours

READ_SHARE = 0.9
DELIVERY_ERRORS = (  # one failed delivery for each
    "The server refused the recipient (550).",
    "SMTPDataError 554",
    "SMTPConnectTimeoutError",
)


def seed_notifications(rng: SeededRandom, dataset: Dataset) -> None:
    """Add notifications with their emails. Those of the demo customer are unread."""
    customer, owner = dataset.user_of(CUSTOMER), dataset.user_of(OWNER)
    for notification in dataset.notifications:
        read, delay = rng.chance(READ_SHARE), timedelta(hours=rng.uniform(1, 20))
        read_at = notification.created_at + delay
        if read and notification.user_id != customer.id and read_at < dataset.now:
            notification.read_at = read_at
        dataset.deliveries.append(_email(rng, dataset, notification))
    failed = rng.sample(dataset.deliveries, len(DELIVERY_ERRORS))
    for delivery, error in zip(failed, DELIVERY_ERRORS, strict=True):
        delivery.state, delivery.error, delivery.provider_id = DeliveryState.FAILED, error, None
        delivery.attempts = MAX_DELIVERY_ATTEMPTS
    unread = Counter(one.user_id for one in dataset.notifications if one.read_at is None)
    dataset.notification_inboxes += [
        NotificationInbox(user_id=user_id, unread=count) for user_id, count in unread.items()
    ]
    _add_preferences(dataset)
    _add_device(rng, dataset, customer, Platform.ANDROID)
    _add_device(rng, dataset, owner, Platform.WEB)


def _email(rng: SeededRandom, dataset: Dataset, notification: Notification) -> Delivery:
    sent_at = notification.created_at + timedelta(seconds=rng.uniform(31, 39))
    id = rng.uuid7_at(sent_at)
    return Delivery(
        id=id,
        created_at=sent_at,
        notification_id=notification.id,
        channel=Channel.MAIL,
        state=DeliveryState.SENT,
        attempts=1,
        due_at=sent_at,
        completed_at=min(sent_at, dataset.now),
        provider_id=f"{id}.eml",
    )


def _add_preferences(dataset: Dataset) -> None:
    admin, owner = dataset.user_of(ADMIN), dataset.user_of(OWNER)
    night = QuietHours(
        user_id=admin.id, starts_at=time(22), ends_at=time(7), time_zone="Asia/Kolkata"
    )
    dataset.quiet_hours.append(night)
    dataset.preferences.append(
        NotificationPreference(
            user_id=owner.id,
            kind=NotificationKind.MESSAGE_RECEIVED,
            channel=Channel.MAIL,
            allowed=False,
        )
    )


def _add_device(rng: SeededRandom, dataset: Dataset, user: User, platform: Platform) -> None:
    seen_at = dataset.now - timedelta(hours=2)
    session = UserSession(id=rng.uuid7_at(seen_at), created_at=seen_at, user_id=user.id)
    token = f"demo-{user.name.lower()}-{rng.getrandbits(64):x}"
    dataset.sessions.append(session)
    dataset.devices.append(
        Device(
            id=rng.uuid7_at(seen_at),
            created_at=seen_at,
            user_id=user.id,
            session_id=session.id,
            platform=platform,
            token=token,
            token_hash=sha256(token.encode()).digest(),
            seen_at=seen_at,
        )
    )
