"""Rows of the demo data for the start page, the live page and GraphiQL."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, func, select

from core.clock import now
from core.database import Database
from core.security.sealed import Lookup, Sealer
from demo.bookings.shown import find_bookings
from demo.events.shown import find_events
from demo.offers.shown import find_drafts
from demo.payments.shown import find_money
from models.catalog.variants import Variant
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher, VoucherState
from models.stock.levels import Stock
from models.vendors import MemberRole, Vendor, VendorMember
from services.catalog.access import visible_variants
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.offers.offers import live_offers
from services.viewer import ANONYMOUS

OWNER_EMAIL, CUSTOMER_EMAIL = "owner@haat.example", "customer@haat.example"
CLINIC_EMAIL = "clinic@haat.example"
TABLES = {"vendors": Vendor, "offers": Offer, "vouchers": Voucher, "redemptions": Redemption}


class ShownIds(NamedTuple):
    vendor: UUID | None
    offer: UUID | None
    conversation: UUID | None
    code: str | None
    variant: UUID | None
    money: Mapping[str, UUID | None]  # by type
    events: Mapping[str, str]  # by the variable of the tabs
    bookings: Mapping[str, str]
    drafts: Mapping[str, str]


class DemoData:
    """Finds rows of the demo data, in whatever state they are."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def counts(self) -> list[dict[str, object]]:
        """Return the number of rows of some tables, as `label` and `value`."""
        async with self._database.session() as session:
            return [
                {
                    "label": label,
                    "value": (await session.exec(select(func.count()).select_from(table))).one(),
                }
                for label, table in TABLES.items()
            ]

    async def ids(self) -> ShownIds:
        """Return ids of rows and a voucher code, None without the data."""
        vendor_id, offer_id = await self._find_vendor(OWNER_EMAIL)
        clinic_id, _ = await self._find_vendor(CLINIC_EMAIL)
        conversation_id = await self._find_conversation(CUSTOMER_EMAIL, vendor_id)
        code = await self._find_voucher_code(CUSTOMER_EMAIL, vendor_id)
        variant_id = await self._find_variant(vendor_id)
        async with self._database.session() as session:
            customers = select(User.id).where(has_email(User, self._lookup(CUSTOMER_EMAIL)))
            customer_id = (await session.exec(customers)).first()
            money = await find_money(session, vendor_id, customer_id)
            events = await find_events(session, vendor_id, customer_id)
            bookings = await find_bookings(session, clinic_id, customer_id)
            drafts = await find_drafts(session, vendor_id)
        return ShownIds(
            vendor_id, offer_id, conversation_id, code, variant_id, money, events, bookings, drafts
        )

    async def _find_vendor(self, email: str) -> tuple[UUID | None, UUID | None]:
        """Return a vendor that this person owns, and its live offer with most vouchers left."""
        async with self._database.session() as session:
            vendors = (
                select(VendorMember.vendor_id)
                .join(User, col(User.id) == VendorMember.user_id)
                .where(has_email(User, self._lookup(email)), VendorMember.role == MemberRole.OWNER)
            )
            vendor_id = (await session.exec(vendors)).first()
            offers = live_offers().where(Offer.vendor_id == vendor_id, Offer.starts_at <= now())
            room = col(Offer.capacity) - col(Offer.claimed)
            offer = (await session.exec(offers.order_by(room.desc().nulls_last()).limit(1))).first()
        return vendor_id, offer.id if offer else None

    async def _find_voucher_code(self, email: str, vendor_id: UUID | None) -> str | None:
        """Return the code of this person's latest unused voucher of a vendor."""
        rows = (
            select(Voucher.code)
            .join(User, col(User.id) == Voucher.user_id)
            .where(has_email(User, self._lookup(email)), Voucher.vendor_id == vendor_id)
            .where(Voucher.state == VoucherState.CLAIMED)
            .where(Voucher.starts_at <= now(), Voucher.expires_at > now())
            .order_by(col(Voucher.created_at).desc())
        )
        async with self._database.session() as session:
            return (await session.exec(rows.limit(1))).first()

    async def _find_conversation(self, email: str, vendor_id: UUID | None) -> UUID | None:
        """Return this person's latest conversation with a vendor."""
        rows = (
            select(Conversation.id)
            .join(User, col(User.id) == Conversation.user_id)
            .where(has_email(User, self._lookup(email)), Conversation.vendor_id == vendor_id)
            .order_by(col(Conversation.last_message_at).desc())
        )
        async with self._database.session() as session:
            return (await session.exec(rows.limit(1))).first()

    async def _find_variant(self, vendor_id: UUID | None) -> UUID | None:
        """Return the variant of a vendor of which most can be bought.

        That of another vendor may not be delivered to the address in the tab Checkout.
        """
        rows = (
            visible_variants(ANONYMOUS)
            .join(Stock, col(Stock.variant_id) == Variant.id)
            .where(Variant.vendor_id == vendor_id)
            .order_by((col(Stock.on_hand) - col(Stock.reserved)).desc(), col(Variant.id))
        )
        async with self._database.session() as session:
            found = (await session.exec(rows.limit(1))).first()
        return found.id if found else None

    def _lookup(self, email: str) -> Lookup:
        return lookup_email(self._sealer, email)
