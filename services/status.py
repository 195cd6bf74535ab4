"""The server's status, for the start page and `/ready`."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select

from core.clock import now
from core.database import Database
from core.outages import DATABASE_ERRORS, REDIS_ERRORS
from core.redis_client import RedisClient
from core.runtime.migrations import lacks_migrations
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher, VoucherState
from models.vendors import MemberRole, Vendor, VendorMember
from services.offers.offers import live_offers

WORKER_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """The result of checking a dependency. The server works without those not `needed`."""

    name: str
    detail: str
    ok: bool
    needed: bool = True


class ServerStatus:
    """Checks the database, Redis and the workers on each call."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self._database = database
        self._redis = RedisClient(redis_url, "status")

    async def checks(self) -> list[Check]:
        return [*await self._database_checks(), await self._redis_check()]

    async def counts(self) -> list[dict[str, object]]:
        """Return the start page's row counts, as `label` and `value`."""
        tables = {"vendors": Vendor, "offers": Offer, "vouchers": Voucher}
        tables |= {"redemptions": Redemption}
        async with self._database.session() as session:
            return [
                {
                    "label": label,
                    "value": (await session.exec(select(func.count()).select_from(table))).one(),
                }
                for label, table in tables.items()
            ]

    async def find_demo_vendor(self, email: str) -> tuple[UUID | None, UUID | None]:
        """Return a vendor that this person owns, and its live offer with most vouchers left."""
        async with self._database.session() as session:
            vendors = (
                select(VendorMember.vendor_id)
                .join(User, col(User.id) == VendorMember.user_id)
                .where(User.email == email, VendorMember.role == MemberRole.OWNER)
            )
            vendor_id = (await session.exec(vendors)).first()
            offers = live_offers().where(Offer.vendor_id == vendor_id, Offer.starts_at <= now())
            room = col(Offer.capacity) - col(Offer.claimed)
            offer = (await session.exec(offers.order_by(room.desc().nulls_last()).limit(1))).first()
        return vendor_id, offer.id if offer else None

    async def find_voucher_code(self, email: str, vendor_id: UUID | None) -> str | None:
        """Return the code of this person's latest unused voucher of a vendor."""
        rows = (
            select(Voucher.code)
            .join(User, col(User.id) == Voucher.user_id)
            .where(User.email == email, Voucher.vendor_id == vendor_id)
            .where(Voucher.state == VoucherState.CLAIMED)
            .where(Voucher.starts_at <= now(), Voucher.expires_at > now())
            .order_by(col(Voucher.created_at).desc())
        )
        async with self._database.session() as session:
            return (await session.exec(rows.limit(1))).first()

    async def find_conversation(self, email: str, vendor_id: UUID | None) -> UUID | None:
        """Return this person's latest conversation with a vendor."""
        rows = (
            select(Conversation.id)
            .join(User, col(User.id) == Conversation.user_id)
            .where(User.email == email, Conversation.vendor_id == vendor_id)
            .order_by(col(Conversation.last_message_at).desc())
        )
        async with self._database.session() as session:
            return (await session.exec(rows.limit(1))).first()

    async def _database_checks(self) -> list[Check]:
        try:
            async with self._database.session() as session:
                version = await session.scalar(text("SHOW server_version"))
                found = await session.scalar(text("SELECT version_num FROM alembic_version"))
                beat = await session.scalar(
                    text("SELECT max(last_heartbeat) FROM procrastinate_workers")
                )
        except DATABASE_ERRORS as error:
            return [Check("PostgreSQL", type(error).__name__, ok=False)]
        working = beat is not None and now() - beat < WORKER_TIMEOUT
        return [
            Check("PostgreSQL", str(version), ok=True),
            Check("Migrations", f"at {found}", ok=not lacks_migrations(found)),
            Check("Job worker", "running" if working else "not running", ok=working, needed=False),
        ]

    async def _redis_check(self) -> Check:
        try:
            info = await self._redis.info("server")
        except REDIS_ERRORS as error:
            return Check("Redis", type(error).__name__, ok=False, needed=False)
        name = info.get("server_name", "redis").capitalize()
        version = info.get("valkey_version") or info.get("redis_version")
        return Check("Redis", f"{name} {version}", ok=True, needed=False)

    async def close(self) -> None:
        await self._redis.aclose()
