"""Vouchers and their offers, locked in one order: the offer, the voucher, then what is about it."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.statements.statement import Statement
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.scanners import CodesEnded, VoucherRevocation
from models.vendors import VendorMember
from services.fraud.facts import FactsReader
from services.notifications import inbox
from services.vendors.access import grants, works_at
from services.viewer import Viewer

# A till that works for more vendors is limited by its own bucket alone.
MAX_TILL_VENDORS = 100
_vendor_id = bindparam("vendor_id", type_=Uuid())
TILL_VENDORS = Statement(
    select(col(VendorMember.vendor_id))
    .where(
        col(VendorMember.user_id) == bindparam("user_id"),
        or_(_vendor_id.is_(None), col(VendorMember.vendor_id) == _vendor_id),
        grants(Permission.REDEEM),
    )
    .limit(MAX_TILL_VENDORS)
)


async def find_till_vendors(
    fetch: FactsReader, viewer: Viewer, vendor_id: UUID | None = None
) -> list[UUID]:
    """Return the vendors, or this one of them, for which the viewer may redeem vouchers."""
    rows = await fetch(TILL_VENDORS, user_id=viewer.require_user(), vendor_id=vendor_id)
    return [row["vendor_id"] for row in rows if viewer.acts_at(row["vendor_id"])]


async def find_correctable_voucher(
    session: AsyncSession, viewer: Viewer, voucher_id: UUID
) -> Voucher:
    """Return a voucher of the viewer, or of a vendor that the viewer manages. Raises `NotFound`."""
    mine = Voucher.user_id == viewer.require_user()
    own = works_at(viewer.staff, col(Voucher.vendor_id), Permission.CORRECT_REDEMPTIONS)
    rows = select(Voucher).where(Voucher.id == voucher_id, or_(mine, own))
    voucher = (await session.exec(rows)).first()
    if voucher is None:
        raise NotFound
    return voucher


async def lock_offer(session: AsyncSession, offer_id: UUID) -> Offer:
    """Return an offer as it is now. Claims wait for it, so its numbers stay unused until then."""
    return (await session.exec(for_change(select(Offer).where(Offer.id == offer_id)))).one()


async def lock_voucher(session: AsyncSession, voucher_id: UUID) -> Voucher:
    rows = select(Voucher).where(Voucher.id == voucher_id)
    return (await session.exec(for_change(rows))).one()


def revoke_codes(
    session: AsyncSession,
    voucher: Voucher,
    kind: CodesEnded,
    *,
    by_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Note for scanners without a network that former codes of a voucher, or all, have ended."""
    ended = voucher.generation + (kind is CodesEnded.CANCELLED)
    session.add(
        VoucherRevocation(
            vendor_id=voucher.vendor_id,
            voucher_id=voucher.id,
            kind=kind,
            generation=ended,
            by_id=by_id,
            reason=reason,
        )
    )


async def notify_user(
    session: AsyncSession, user_id: UUID, kind: NotificationKind, subject_id: UUID, number: int = 0
) -> None:
    """Notify a user. An erased one has no inbox any more."""
    if not (await session.get_one(User, user_id)).is_erased:
        await inbox.notify(session, user_id, kind, subject_id, up_to_sequence=number)
