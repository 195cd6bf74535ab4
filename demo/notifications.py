"""What people were told, what they have read of it, and how they want it."""

from collections import Counter
from datetime import time, timedelta
from hashlib import sha256

from demo.chance import Chance
from demo.people import ADMIN, CUSTOMER, OWNER
from demo.rows import Town
from models.identity.accounts import User, UserSession
from models.notifications.deliveries import MOST_ATTEMPTS, Delivery, DeliveryState
from models.notifications.devices import Device, Platform
from models.notifications.inbox import Channel, Notification, NotificationInbox, NotificationKind
from models.notifications.preferences import NotificationPreference, QuietHours

READ = 0.9
LOST = (
    "The server refused the recipient (550).",
    "SMTPDataError 554",
    "SMTPConnectTimeoutError",
)


def draw_notifications(chance: Chance, town: Town) -> None:
    """Mails half a minute after what they tell of, three of which never arrived."""
    customer, owner = _account(town, CUSTOMER.email), _account(town, OWNER.email)
    for told in town.notifications:
        read, later = chance.happens(READ), timedelta(hours=chance.uniform(1, 20))
        if read and told.user_id != customer.id and told.created_at + later < town.now:
            told.read_at = told.created_at + later
        town.deliveries.append(_mail(chance, town, told))
    for delivery, error in zip(chance.sample(town.deliveries, len(LOST)), LOST, strict=True):
        delivery.state, delivery.error, delivery.provider_id = DeliveryState.FAILED, error, None
        delivery.attempts = MOST_ATTEMPTS
    unread = Counter(told.user_id for told in town.notifications if told.read_at is None)
    town.inboxes += [
        NotificationInbox(user_id=user_id, unread=number) for user_id, number in unread.items()
    ]
    _draw_wishes(town)
    _draw_device(chance, town, customer, Platform.ANDROID)
    _draw_device(chance, town, owner, Platform.WEB)


def _mail(chance: Chance, town: Town, told: Notification) -> Delivery:
    sent_at = told.created_at + timedelta(seconds=chance.uniform(31, 39))
    id = chance.id_at(sent_at)
    return Delivery(
        id=id,
        created_at=sent_at,
        notification_id=told.id,
        channel=Channel.MAIL,
        state=DeliveryState.SENT,
        attempts=1,
        due_at=sent_at,
        completed_at=min(sent_at, town.now),
        provider_id=f"{id}.eml",
    )


def _draw_wishes(town: Town) -> None:
    """The admin sleeps at night; the owner reads messages in the app and wants no mail of them."""
    admin, owner = _account(town, ADMIN.email), _account(town, OWNER.email)
    night = QuietHours(
        user_id=admin.id, starts_at=time(22), ends_at=time(7), time_zone="Asia/Kolkata"
    )
    town.quiet_hours.append(night)
    town.preferences.append(
        NotificationPreference(
            user_id=owner.id,
            kind=NotificationKind.MESSAGE_RECEIVED,
            channel=Channel.MAIL,
            allowed=False,
        )
    )


def _draw_device(chance: Chance, town: Town, user: User, platform: Platform) -> None:
    seen_at = town.now - timedelta(hours=2)
    session = UserSession(id=chance.id_at(seen_at), created_at=seen_at, user_id=user.id)
    token = f"demo-{user.name.lower()}-{chance.getrandbits(64):x}"
    town.sessions.append(session)
    town.devices.append(
        Device(
            id=chance.id_at(seen_at),
            created_at=seen_at,
            user_id=user.id,
            session_id=session.id,
            platform=platform,
            token=token,
            token_hash=sha256(token.encode()).digest(),
            seen_at=seen_at,
        )
    )


def _account(town: Town, email: str) -> User:
    return next(user for user in town.users if user.email == email)
