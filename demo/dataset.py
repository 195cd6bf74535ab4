"""The generated rows, and what later seeders need of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlmodel import SQLModel

from core.countries.tax_ids import TaxId
from demo.cities import Area, DemoCity
from demo.identity.accounts import DemoAccount
from demo.offers.schedules import OfferSchedule
from demo.vendors.business_types import BusinessType
from models.addresses import SavedAddress, SavedAddressDraft
from models.applications import VendorApplication, VendorDocument
from models.carts import Cart, CartLine
from models.catalog.products import Product
from models.catalog.slugs import ProductSlug
from models.catalog.variants import Variant
from models.categories import Category
from models.chat.canned_replies import CannedReply
from models.chat.contacts import Contact
from models.chat.conversations import Conversation, Inbox, InboxReader, Participant
from models.chat.hours import ChatHours
from models.chat.messages import Message
from models.downloads.assets import DigitalAsset
from models.events.questions import AttendeeAnswer
from models.events.tickets import Ticket
from models.gifts import VoucherGift
from models.identity.accounts import User, UserSession
from models.ledger.adjustments import LedgerAdjustment
from models.members import MemberInvitation
from models.notifications.deliveries import Delivery
from models.notifications.devices import Device
from models.notifications.inbox import Notification, NotificationInbox
from models.notifications.preferences import NotificationPreference, QuietHours
from models.offers.imports import OfferImport
from models.offers.offers import Offer, OfferLike
from models.offers.terms import OfferTerms
from models.packs.grants import PackGrant
from models.packs.packs import Pack, PackPrice
from models.payments.payments import Payment, PaymentSplit
from models.payments.refunds import Refund, RefundLine, RefundPart
from models.pictures import Avatar, EventPicture, OfferPicture, ProductPicture, VendorImage
from models.promos.codes import PromoCode
from models.purchases import Purchase
from models.questions import AnswerValue
from models.redemptions import Redemption, Voucher
from models.searches import SavedSearch, SavedSearchHit
from models.shipping.zones import ShippingRate, ShippingZone
from models.stock.levels import Stock, StockMovement
from models.taxes.rates import TaxRate
from models.taxes.registrations import TaxRegistration
from models.uploads import Upload
from models.vendors import Vendor, VendorMember
from models.vendors.commissions import VendorCommission
from models.vendors.hours import VendorDay, VendorHours, VendorOpen
from models.vendors.slugs import VendorSlug
from models.vendors.suspensions import VendorSuspension
from services.orders.placing.confirming import Confirmed
from services.orders.rows import WholeOrder

if TYPE_CHECKING:
    from demo.bookings.practices import Practice
    from demo.events.programme import Programme


@dataclass(frozen=True, eq=False)
class DemoVendor:
    row: Vendor
    city: DemoCity
    area: Area
    business_type: BusinessType
    locales: tuple[str, str]
    member_ids: list[UUID]


@dataclass(frozen=True, eq=False)
class DemoOffer:
    """`popularity` is the relative weight when customers claim."""

    row: Offer
    vendor: DemoVendor
    schedule: OfferSchedule
    popularity: float

    def claims_start(self, since: datetime) -> datetime:
        published_at = self.schedule.published_at or self.row.ends_at
        return max(published_at, self.row.starts_at, since)


class DemoApplication(NamedTuple):
    """An application, and its tax number, which is sealed before it is stored."""

    row: VendorApplication
    country: str
    tax_id: TaxId


class DemoAddress(NamedTuple):
    """A saved address, and its values, which are sealed before it is stored."""

    row: SavedAddress
    draft: SavedAddressDraft


class DemoRegistration(NamedTuple):
    """A registration for a tax, and its number, which is sealed before it is stored."""

    row: TaxRegistration
    number: str | None


class DemoRefund(NamedTuple):
    row: Refund
    lines: Sequence[RefundLine]
    way: RefundPart


@dataclass(eq=False)
class DemoOrder:
    """An order, and what was paid and given back, to be posted to the ledger."""

    rows: WholeOrder
    confirmed: Confirmed | None = None
    refunds: list[DemoRefund] = field(default_factory=list)

    @property
    def splits(self) -> Sequence[PaymentSplit]:
        return self.confirmed.splits if self.confirmed else ()


class DemoFile(NamedTuple):
    key: str
    content: bytes
    content_type: str


@dataclass
class Dataset:
    """All rows to insert, generated relative to `now`."""

    now: datetime
    password_hash: str
    users: list[User] = field(default_factory=list)
    emails: dict[UUID, str] = field(default_factory=dict)  # by id of the user or the invitation
    customers: dict[str, list[User]] = field(default_factory=dict)  # by name of the city
    categories: dict[str, Category] = field(default_factory=dict)  # by path
    vendors: list[DemoVendor] = field(default_factory=list)
    members: list[VendorMember] = field(default_factory=list)
    applications: list[DemoApplication] = field(default_factory=list)
    documents: list[VendorDocument] = field(default_factory=list)
    suspensions: list[VendorSuspension] = field(default_factory=list)
    invitations: list[MemberInvitation] = field(default_factory=list)
    slugs: list[VendorSlug] = field(default_factory=list)
    commissions: list[VendorCommission] = field(default_factory=list)
    hours: list[VendorHours] = field(default_factory=list)
    special_days: list[VendorDay] = field(default_factory=list)
    open_times: list[VendorOpen] = field(default_factory=list)
    offers: list[DemoOffer] = field(default_factory=list)
    offer_terms: list[OfferTerms] = field(default_factory=list)
    likes: list[OfferLike] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    gifts: list[VoucherGift] = field(default_factory=list)
    searches: list[SavedSearch] = field(default_factory=list)
    hits: list[SavedSearchHit] = field(default_factory=list)
    fraud_rows: list[SQLModel] = field(default_factory=list)  # of all their tables
    offer_import: OfferImport | None = None
    notifications: list[Notification] = field(default_factory=list)
    notification_inboxes: list[NotificationInbox] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    preferences: list[NotificationPreference] = field(default_factory=list)
    quiet_hours: list[QuietHours] = field(default_factory=list)
    sessions: list[UserSession] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    chat_hours: list[ChatHours] = field(default_factory=list)
    canned_replies: list[CannedReply] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    chat_inboxes: list[Inbox] = field(default_factory=list)
    inbox_readers: list[InboxReader] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    vendor_images: list[VendorImage] = field(default_factory=list)
    offer_pictures: list[OfferPicture] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    product_slugs: list[ProductSlug] = field(default_factory=list)
    product_pictures: list[ProductPicture] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    stock: list[Stock] = field(default_factory=list)
    movements: list[StockMovement] = field(default_factory=list)
    avatars: list[Avatar] = field(default_factory=list)
    addresses: list[DemoAddress] = field(default_factory=list)
    promo_codes: list[PromoCode] = field(default_factory=list)
    carts: list[Cart] = field(default_factory=list)
    cart_lines: list[CartLine] = field(default_factory=list)
    shipping_zones: list[ShippingZone] = field(default_factory=list)
    shipping_rates: list[ShippingRate] = field(default_factory=list)
    tax_rates: list[TaxRate] = field(default_factory=list)
    registrations: list[DemoRegistration] = field(default_factory=list)
    adjustments: list[LedgerAdjustment] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    pack_prices: list[PackPrice] = field(default_factory=list)
    pack_grants: list[PackGrant] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    purchase_payments: list[Payment] = field(default_factory=list)
    orders: list[DemoOrder] = field(default_factory=list)
    order_rows: list[SQLModel] = field(default_factory=list)  # of all their tables
    programmes: list["Programme"] = field(default_factory=list)
    event_rows: list[SQLModel] = field(default_factory=list)  # of all their tables
    event_pictures: list[EventPicture] = field(default_factory=list)
    attendees: list[tuple[Ticket, str]] = field(default_factory=list)  # with their names
    answers: list[tuple[AttendeeAnswer, AnswerValue]] = field(default_factory=list)
    practices: list["Practice"] = field(default_factory=list)
    booking_rows: list[SQLModel] = field(default_factory=list)  # of all their tables
    assets: list[DigitalAsset] = field(default_factory=list)
    files: list[DemoFile] = field(default_factory=list)  # to write to the object storage

    def user_of(self, account: DemoAccount) -> User:
        return next(user for user in self.users if self.emails[user.id] == account.email)

    def tables(self) -> Iterator[tuple[str, Sequence[SQLModel]]]:
        """Yield the rows of each table.

        Users come last: without users, the database counts as empty and is seeded again.
        """
        yield "categories", list(self.categories.values())
        yield "vendors", [vendor.row for vendor in self.vendors]
        yield "members", self.members
        yield "applications", [application.row for application in self.applications]
        yield "documents", self.documents
        yield "suspensions", self.suspensions
        yield "invitations", self.invitations
        yield "slugs", self.slugs
        yield "commissions", self.commissions
        yield "opening hours", self.hours
        yield "special days", self.special_days
        yield "open times", self.open_times
        yield "offers", [offer.row for offer in self.offers]
        yield "terms", self.offer_terms
        yield "likes", self.likes
        yield "vouchers", self.vouchers
        yield "redemptions", self.redemptions
        yield "gifts", self.gifts
        yield "saved searches", self.searches
        yield "matches", self.hits
        yield "fraud cases", self.fraud_rows
        yield "notifications", self.notifications
        yield "notification inboxes", self.notification_inboxes
        yield "deliveries", self.deliveries
        yield "preferences", self.preferences
        yield "quiet hours", self.quiet_hours
        yield "sessions", self.sessions
        yield "devices", self.devices
        yield "chat hours", self.chat_hours
        yield "canned replies", self.canned_replies
        yield "contacts", self.contacts
        yield "conversations", self.conversations
        yield "messages", self.messages
        yield "participants", self.participants
        yield "chat inboxes", self.chat_inboxes
        yield "inbox readers", self.inbox_readers
        yield "uploads", self.uploads
        yield "vendor images", self.vendor_images
        yield "offer pictures", self.offer_pictures
        yield from self._sold()
        yield "users", self.users

    def _sold(self) -> Iterator[tuple[str, Sequence[SQLModel]]]:
        """Yield the rows of goods, of what they cost, and of who buys them."""
        yield "products", self.products
        yield "product slugs", self.product_slugs
        yield "variants", self.variants
        yield "stock", self.stock
        yield "files that are sold", self.assets
        yield "stock movements", self.movements
        yield "product pictures", self.product_pictures
        yield "avatars", self.avatars
        yield "addresses", [address.row for address in self.addresses]
        yield "promo codes", self.promo_codes
        yield "carts", self.carts
        yield "cart lines", self.cart_lines
        yield "shipping zones", self.shipping_zones
        yield "shipping rates", self.shipping_rates
        yield "tax rates", self.tax_rates
        yield "tax registrations", [registration.row for registration in self.registrations]
        yield "adjustments", self.adjustments
        yield "packs", self.packs
        yield "pack prices", self.pack_prices
        yield "purchases", self.purchases
        yield "purchase payments", self.purchase_payments
        yield "pack grants", self.pack_grants
        yield "orders", self.order_rows
        yield "events", self.event_rows
        yield "pictures of programmes", self.event_pictures
        yield "answers", [answer for answer, _ in self.answers]
        yield "bookings", self.booking_rows
