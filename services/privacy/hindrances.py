"""Reasons to keep an account for now: it is needed, or money or goods are on their way."""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.errors import Refusal
from models.identity.admin_invitations import LastAdmin
from models.ledger.accounts import LedgerAccount
from models.orders.orders import Order
from models.orders.states import OrderState
from models.privacy import OrdersOpen, WalletNotEmpty
from models.vendors import LastOwner, MemberRole, Vendor, VendorMember, VendorStatus
from services.admins.access import is_only_admin
from services.ledger.access import wallet_accounts
from services.members.owners import has_other_owner

ONLY_OWNER = (
    "You are the only owner of {vendor}. Make another member an owner first, or ask us to close it."
)
OPEN_VENDOR = (VendorStatus.APPROVED, VendorStatus.SUSPENDED)
OPEN_ORDER = [state for state in OrderState if not state.is_final]


async def find_hindrance(session: AsyncSession, user_id: UUID) -> Refusal | None:
    """Return the first reason why an account must stay for now.

    The caller has locked the user and all admins. Locks the vendors that they own.
    """
    return await anext(_hindrances(session, user_id, lock=True), None)


async def find_hindrances(session: AsyncSession, user_id: UUID) -> Sequence[Refusal]:
    """Return all reasons why an account must stay for now, without a lock."""
    return [one async for one in _hindrances(session, user_id, lock=False)]


async def _hindrances(
    session: AsyncSession, user_id: UUID, *, lock: bool
) -> AsyncGenerator[Refusal]:
    if await is_only_admin(session, user_id):
        yield LastAdmin()
    if (vendor := await _find_only_owned(session, user_id, lock=lock)) is not None:
        yield LastOwner(ONLY_OWNER, vendor=vendor.name)
    if await _has_open_order(session, user_id):
        yield OrdersOpen()
    if await _has_money(session, user_id):
        yield WalletNotEmpty()


async def _find_only_owned(session: AsyncSession, user_id: UUID, *, lock: bool) -> Vendor | None:
    """Return an open vendor of which the user is the only owner who stays.

    Locks their vendors, if wanted.
    """
    owned = (
        select(Vendor)
        .join(VendorMember, col(VendorMember.vendor_id) == col(Vendor.id))
        .where(
            VendorMember.user_id == user_id,
            VendorMember.role == MemberRole.OWNER,
            col(Vendor.status).in_(OPEN_VENDOR),
        )
        .order_by(col(Vendor.id))
    )
    rows = for_change(owned, of=Vendor) if lock else owned
    for vendor in (await session.exec(rows)).all():
        if not await has_other_owner(session, vendor.id, user_id):
            return vendor
    return None


async def _has_open_order(session: AsyncSession, user_id: UUID) -> bool:
    """Return whether an order is unpaid or can still be returned: refunds need its buyer."""
    mine, is_open = Order.user_id == user_id, col(Order.state).in_(OPEN_ORDER)
    return (await session.exec(select(exists_in(Order, mine, is_open)))).one()


async def _has_money(session: AsyncSession, user_id: UUID) -> bool:
    rows = wallet_accounts().where(
        LedgerAccount.owner_id == user_id, col(LedgerAccount.balance) > 0
    )
    return (await session.exec(rows.limit(1))).first() is not None
