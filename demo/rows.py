"""The town while it is drawn: its rows by kind, and what one must know of a shop to go on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from demo.places import Area, City
from demo.trades import Trade
from demo.windows import Window
from models.chat.conversations import Contact, Conversation, Inbox, InboxReader, Participant
from models.chat.desk import CannedReply, ChatHours
from models.chat.messages import Message
from models.identity.accounts import User, UserSession
from models.notifications.deliveries import Delivery
from models.notifications.devices import Device
from models.notifications.inbox import Notification, NotificationInbox
from models.notifications.preferences import NotificationPreference, QuietHours
from models.offers.offers import Offer, OfferLike
from models.redemptions import Redemption, Voucher
from models.vendors import Category, Vendor, VendorMember


@dataclass(frozen=True, eq=False)
class Shop:
    """A vendor, where it is, what it does, in which two languages, and who scans there."""

    vendor: Vendor
    city: City
    area: Area
    trade: Trade
    locales: tuple[str, str]
    staff: list[UUID]


@dataclass(frozen=True, eq=False)
class Deal:
    """An offer with the shop that makes it, its window, and how much it is sought after."""

    offer: Offer
    shop: Shop
    window: Window
    popularity: float

    def claims_start(self, since: datetime) -> datetime:
        return max(self.window.published_at or self.offer.ends_at, self.offer.starts_at, since)


@dataclass
class Town:
    """Everything that will be planted, as of `now`."""

    now: datetime
    password_hash: str
    users: list[User] = field(default_factory=list)
    customers: dict[str, list[User]] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    shops: list[Shop] = field(default_factory=list)
    members: list[VendorMember] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    likes: list[OfferLike] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    inboxes: list[NotificationInbox] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    preferences: list[NotificationPreference] = field(default_factory=list)
    quiet_hours: list[QuietHours] = field(default_factory=list)
    sessions: list[UserSession] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    desks: list[ChatHours] = field(default_factory=list)
    canned_replies: list[CannedReply] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    places: list[Participant] = field(default_factory=list)
    received: list[Inbox] = field(default_factory=list)
    readers: list[InboxReader] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, Sequence[SQLModel]]]:
        """By kind, users last: a town without users counts as empty."""
        yield "categories", list(self.categories.values())
        yield "vendors", [shop.vendor for shop in self.shops]
        yield "members", self.members
        yield "offers", [deal.offer for deal in self.deals]
        yield "likes", self.likes
        yield "vouchers", self.vouchers
        yield "redemptions", self.redemptions
        yield "notifications", self.notifications
        yield "unread", self.inboxes
        yield "deliveries", self.deliveries
        yield "preferences", self.preferences
        yield "quiet hours", self.quiet_hours
        yield "sessions", self.sessions
        yield "devices", self.devices
        yield "chat hours", self.desks
        yield "canned replies", self.canned_replies
        yield "contacts", self.contacts
        yield "conversations", self.conversations
        yield "messages", self.messages
        yield "places read to", self.places
        yield "messages received", self.received
        yield "messages read", self.readers
        yield "users", self.users
