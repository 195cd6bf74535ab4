"""Access to payouts and payout accounts: for the owners and managers of a vendor, and admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, not_, select, true
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, by_time, newest_first
from models.errors import NotFound
from models.members import Permission
from models.payouts.accounts import PayoutAccount, PayoutAccountState, PayoutRail
from models.payouts.files import PayoutFile, PayoutFileState
from models.payouts.payouts import OwnPayout, Payout, PayoutsHeld, PayoutState
from models.vendors import Vendor, VendorMember, VendorStatus
from services.journal.topics import vendor_topic
from services.members.conflicts import works_for
from services.vendors.access import member_vendor_ids, works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class PayoutFilter:
    """Conditions of a list of payouts, None for all."""

    state: PayoutState | None = None
    rail: PayoutRail | None = None
    currency: str | None = None
    file_id: UUID | None = None
    noted_return: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def visible_payouts(viewer: Viewer) -> SelectOfScalar[Payout]:
    """Select the payouts of vendors where the viewer may see them. Admins see all."""
    if viewer.admin:
        return select(Payout)
    own = works_at(viewer.staff, col(Payout.vendor_id), Permission.SEE_PAYOUTS)
    return select(Payout).where(own)


def visible_payout_accounts(viewer: Viewer) -> SelectOfScalar[PayoutAccount]:
    """Select the payout accounts of vendors where the viewer may see them. Admins see all."""
    if viewer.admin:
        return select(PayoutAccount)
    own = works_at(viewer.staff, col(PayoutAccount.vendor_id), Permission.SEE_PAYOUTS)
    return select(PayoutAccount).where(own)


def visible_payout_files(viewer: Viewer) -> SelectOfScalar[PayoutFile]:
    """Select files for banks. Only admins see them."""
    rows = select(PayoutFile)
    return rows if viewer.admin else rows.where(false())


def list_payouts(
    viewer: Viewer, vendor_id: UUID, wanted: PayoutFilter, *, newest: bool = True
) -> Listing[Payout]:
    """List the payouts of a vendor. Empty unless the viewer may see them."""
    viewer.require_user()
    rows = select(Payout).where(Payout.vendor_id == vendor_id, _may_see(viewer, vendor_id))
    ordering = by_time(Payout, newest=newest)
    return Listing(_filter(rows, wanted), ordering, topics=[vendor_topic(vendor_id)])


def list_all_payouts(
    viewer: Viewer, wanted: PayoutFilter, *, newest: bool = True
) -> Listing[Payout]:
    """List the payouts of all vendors, for admins."""
    viewer.require_admin()
    return Listing(_filter(select(Payout), wanted), by_time(Payout, newest=newest))


def list_payout_files(viewer: Viewer, state: PayoutFileState | None = None) -> Listing[PayoutFile]:
    """List the files for banks, the newest first. For admins."""
    viewer.require_admin()
    rows = select(PayoutFile)
    if state is not None:
        rows = rows.where(PayoutFile.state == state)
    return Listing(rows, newest_first(PayoutFile))


async def read_payout_account(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> PayoutAccount | None:
    """Return the open account of a vendor for those who may see it. Raises `NotFound`."""
    await ensure_may_see(session, viewer, vendor_id)
    rows = select(PayoutAccount).where(
        PayoutAccount.vendor_id == vendor_id, PayoutAccount.state != PayoutAccountState.CLOSED
    )
    return (await session.exec(rows.order_by(col(PayoutAccount.created_at).desc()))).first()


def _filter(rows: SelectOfScalar[Payout], wanted: PayoutFilter) -> SelectOfScalar[Payout]:
    if wanted.state is not None:
        rows = rows.where(Payout.state == wanted.state)
    if wanted.rail is not None:
        rows = rows.where(Payout.rail == wanted.rail)
    if wanted.currency is not None:
        rows = rows.where(Payout.currency == wanted.currency)
    if wanted.file_id is not None:
        rows = rows.where(Payout.file_id == wanted.file_id)
    if wanted.noted_return is not None:
        noted = and_(
            col(Payout.return_noted_by).is_not(None), col(Payout.return_confirmed_by).is_(None)
        )
        rows = rows.where(noted if wanted.noted_return else not_(noted))
    if wanted.created_from is not None:
        rows = rows.where(col(Payout.created_at) >= wanted.created_from)
    if wanted.created_before is not None:
        rows = rows.where(col(Payout.created_at) < wanted.created_before)
    return rows


async def ensure_may_see(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> None:
    """Raise `NotFound` unless the viewer may see the payouts of a vendor."""
    viewer.require_user()
    if viewer.admin:
        return
    if not (await session.execute(select(_may_see(viewer, vendor_id)))).scalar_one():
        raise NotFound


def _may_see(viewer: Viewer, vendor_id: UUID) -> ColumnElement[bool]:
    """Match everything if the viewer sees the payouts of the vendor: evaluated once."""
    if viewer.admin:
        return true()
    allowed = member_vendor_ids(viewer.staff, Permission.SEE_PAYOUTS)
    return allowed.where(VendorMember.vendor_id == vendor_id).exists()


async def find_account(
    session: AsyncSession, vendor_id: UUID, currency: str
) -> PayoutAccount | None:
    """Return the open payout account of a vendor, locked to rely on it or to change it."""
    rows = select(PayoutAccount).where(
        PayoutAccount.vendor_id == vendor_id,
        PayoutAccount.currency == currency,
        PayoutAccount.state != PayoutAccountState.CLOSED,
    )
    return (await session.exec(for_change(rows))).first()


async def lock_account(session: AsyncSession, payout_account_id: UUID) -> PayoutAccount:
    rows = select(PayoutAccount).where(PayoutAccount.id == payout_account_id)
    return (await session.exec(for_change(rows))).one()


async def lock_payout(session: AsyncSession, payout_id: UUID) -> Payout:
    """Lock the account of a payout, and then the payout. Raises `NotFound`."""
    found = await session.get(Payout, payout_id)
    if found is None:
        raise NotFound
    await lock_account(session, found.payout_account_id)
    rows = select(Payout).where(Payout.id == payout_id)
    return (await session.exec(for_change(rows))).one()


async def ensure_of_others(
    session: AsyncSession, admin_id: UUID, vendor_ids: Sequence[UUID]
) -> None:
    """Raise `OwnPayout` if an admin works for one of these vendors."""
    if await works_for(session, admin_id, vendor_ids):
        raise OwnPayout


async def ensure_not_held(session: AsyncSession, vendor_ids: Sequence[UUID]) -> None:
    """Raise `PayoutsHeld` if one of these vendors is suspended: its money stays where it is."""
    suspended = select(Vendor.id).where(
        col(Vendor.id).in_(vendor_ids), Vendor.status == VendorStatus.SUSPENDED
    )
    if (await session.exec(suspended)).first() is not None:
        raise PayoutsHeld
