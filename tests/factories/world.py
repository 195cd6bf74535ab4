"""Rows to begin a test with, committed for real."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from sqlmodel import col, delete, select

from core import tokens
from core.clock import now
from core.codes import new_code
from core.database import Database
from core.ids import new_id
from core.signing_keys import SigningKeys
from core.text import searchable
from models.identity.accounts import Role, User, UserSession
from models.identity.api_tokens import ApiScope, ApiToken
from models.journal import JournalEntry
from models.notifications.devices import Device, DeviceRegistration, Platform
from models.notifications.inbox import Notification, NotificationInbox, NotificationKind
from models.notifications.preferences import QuietHours
from models.offers.offers import DiscountKind, Offer, OfferLike, OfferState
from models.redemptions import Redemption, RedemptionOutcome, RedemptionReason, Voucher
from models.uploads import Upload, UploadPurpose
from models.vendors import Category, MemberRole, Vendor, VendorMember, VendorStatus

PASSWORD = "correct horse battery staple"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NUMBERS = count(1)
BENGALURU = (12.9716, 77.5946)


class World:
    """Makes users, vendors, offers and vouchers, each sound unless told otherwise."""

    def __init__(self, database: Database, keys: SigningKeys) -> None:
        self.database = database
        self.keys = keys

    async def save(self, *rows: Any) -> None:
        async with self.database.session() as session, session.begin():
            session.add_all(rows)

    async def fresh(self, row: Any) -> Any:
        """The row as the database has it now."""
        async with self.database.session() as session:
            return await session.get(type(row), row.id)

    async def journal(self) -> list[tuple[str, int, str]]:
        """Every entry's topic, number and kind, topic by topic."""
        rows = select(JournalEntry.topic, JournalEntry.seq, JournalEntry.kind)
        async with self.database.session() as session:
            return sorted((await session.exec(rows)).all())

    async def user(self, **values: Any) -> User:
        number = next(NUMBERS)
        given = {"email": f"user{number}@haat.example", "name": f"User {number}"} | values
        user = User(password_hash=HASHED, **given)
        await self.save(user)
        return user

    async def admin(self) -> User:
        return await self.user(role=Role.ADMIN)

    async def session(self, user: User) -> UserSession:
        session = UserSession(user_id=user.id)
        await self.save(session)
        return session

    async def device(self, user: User, token: str = "", **values: Any) -> Device:
        """A phone on which a user is signed in."""
        told = DeviceRegistration(
            token=token or f"token-{next(NUMBERS)}", platform=Platform.ANDROID
        )
        device = Device(
            user_id=user.id,
            session_id=(await self.session(user)).id,
            token_hash=told.token_hash,
            **told.model_dump() | values,
        )
        await self.save(device)
        return device

    async def notification(self, user: User, **values: Any) -> Notification:
        """Of a voucher that was redeemed, unread and counted unless told otherwise."""
        given: dict[str, Any] = {
            "kind": NotificationKind.VOUCHER_REDEEMED,
            "subject_id": new_id(),
        } | values
        notification = Notification(user_id=user.id, **given)
        async with self.database.session() as session, session.begin():
            session.add(notification)
            inbox = await session.get(NotificationInbox, user.id)
            inbox = inbox or NotificationInbox(user_id=user.id, unread=0)
            inbox.unread += notification.read_at is None
            session.add(inbox)
        return notification

    async def quiet_now(self, user: User) -> QuietHours:
        """Quiet hours of a user, from an hour ago for two hours."""
        hour = timedelta(hours=1)
        starts_at, ends_at = ((now() + by).time().replace(microsecond=0) for by in (-hour, hour))
        hours = QuietHours(user_id=user.id, starts_at=starts_at, ends_at=ends_at, time_zone="UTC")
        await self.save(hours)
        return hours

    async def category(self, slug: str = "", parent: Category | None = None) -> Category:
        slug = slug or f"category-{next(NUMBERS)}"
        category = Category(
            slug=slug,
            path=(parent.path if parent else "") + f"{slug}/",
            name={"en": slug.title(), "hi": f"{slug} (hi)"},
            parent_id=parent.id if parent else None,
        )
        await self.save(category)
        return category

    async def vendor(self, owner: User | None = None, **values: Any) -> Vendor:
        """An approved vendor in Bengaluru, with an owner if one is given."""
        number = next(NUMBERS)
        category = values.pop("category", None) or await self.category()
        given: dict[str, Any] = {
            "name": f"Vendor {number}",
            "description": {"en": "A vendor."},
            "category_id": category.id,
            "status": VendorStatus.APPROVED,
            "locale": "en",
            "country": "IN",
            "city": "Bengaluru",
            "pin_code": "560001",
            "latitude": BENGALURU[0],
            "longitude": BENGALURU[1],
            "time_zone": "Asia/Kolkata",
            "currency": "INR",
        } | values
        vendor = Vendor(search_text=searchable(given["name"], given["city"]), **given)
        await self.save(vendor)
        if owner:
            await self.member(vendor, owner, MemberRole.OWNER)
        return vendor

    async def member(self, vendor: Vendor, user: User, role: MemberRole) -> VendorMember:
        member = VendorMember(vendor_id=vendor.id, user_id=user.id, role=role)
        await self.save(member)
        return member

    async def leaves(self, user: User) -> None:
        """Have a user work nowhere any more."""
        async with self.database.session() as session, session.begin():
            await session.exec(delete(VendorMember).where(col(VendorMember.user_id) == user.id))

    async def offer(self, vendor: Vendor, **values: Any) -> Offer:
        """A live offer of 10 % for a hundred people, once each."""
        given: dict[str, Any] = {
            "category_id": vendor.category_id,
            "state": OfferState.PUBLISHED,
            "locale": vendor.locale,
            "title": {"en": f"Offer {next(NUMBERS)}"},
            "discount_kind": DiscountKind.PERCENT,
            "percent": 10,
            "capacity": 100,
            "starts_at": now() - timedelta(days=1),
            "ends_at": now() + timedelta(days=1),
            "pin_codes": [vendor.pin_code],
            "latitude": vendor.latitude,
            "longitude": vendor.longitude,
        } | values
        text = searchable(*given["title"].values(), vendor.name, vendor.city)
        offer = Offer(
            vendor_id=vendor.id,
            currency=vendor.currency,
            country=vendor.country,
            search_text=text,
            **given,
        )
        await self.save(offer)
        return offer

    async def voucher(self, offer: Offer, user: User, **values: Any) -> Voucher:
        """A claimed voucher, with its token signed; `offer.claimed` is left as it is."""
        id = new_id()
        given: dict[str, Any] = {
            "claim_number": 1,
            "code": new_code(),
            "token": self.keys.sign_voucher(id, 1),
            "starts_at": offer.starts_at,
            "expires_at": offer.ends_at,
        } | values
        voucher = Voucher(
            id=id, offer_id=offer.id, vendor_id=offer.vendor_id, user_id=user.id, **given
        )
        await self.save(voucher)
        return voucher

    async def redemption(self, vendor: Vendor, voucher: Voucher, **values: Any) -> Redemption:
        """An attempt by the voucher's own user, refused as too late."""
        given: dict[str, Any] = {
            "member_id": voucher.user_id,
            "outcome": RedemptionOutcome.REFUSED,
            "reason": RedemptionReason.EXPIRED,
        } | values
        redemption = Redemption(vendor_id=vendor.id, voucher_id=voucher.id, **given)
        await self.save(redemption)
        return redemption

    async def upload(self, user: User, **values: Any) -> Upload:
        """A text of ten bytes, announced and not sent."""
        given: dict[str, Any] = {
            "purpose": UploadPurpose.CHAT,
            "file_name": "notes.txt",
            "content_type": "text/plain",
            "size": 10,
        } | values
        upload = Upload(user_id=user.id, **given)
        await self.save(upload)
        return upload

    async def api_token(self, user: User, *scopes: ApiScope, **values: Any) -> tuple[ApiToken, str]:
        """A token with its secret; for everything, unless scopes are named."""
        secret = tokens.new_token()
        given: dict[str, Any] = {
            "name": f"Program {next(NUMBERS)}",
            "prefix": secret[: tokens.VISIBLE_LENGTH],
            "token_hash": hashlib.sha256(secret.encode()).digest(),
            "scopes": list(scopes or ApiScope),
        } | values
        token = ApiToken(user_id=user.id, **given)
        await self.save(token)
        return token, secret

    async def like(self, offer: Offer, *users: User) -> None:
        await self.save(*(OfferLike(user_id=user.id, offer_id=offer.id) for user in users))
