"""Vouchers: who sees them, how they are cancelled, and how they expire."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in, for_change
from core.keyset import Listing, newest_first
from core.security.codes import read_code
from core.statements.pages import PageStatements
from models.errors import NotFound
from models.members import Permission
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher, VoucherState
from models.redemptions.requests import MAX_CODE_LENGTH
from models.scanners import CodesEnded
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.offers.ranks import note_change
from services.redemptions.access import lock_voucher, revoke_codes
from services.redemptions.entries import VoucherCancelled, VoucherExpired, VoucherVendorChanged
from services.vendors.access import works_at
from services.viewer import Viewer

BATCH_SIZE = 100


def visible_vouchers(viewer: Viewer) -> SelectOfScalar[Voucher]:
    """Select the viewer's vouchers, and those of their vendors. Admins see all."""
    if viewer.admin:
        return select(Voucher)
    mine = Voucher.user_id == viewer.user_id
    own = works_at(viewer.staff, col(Voucher.vendor_id), Permission.REDEEM)
    return select(Voucher).where(or_(mine, own))


def visible_redemptions(viewer: Viewer) -> SelectOfScalar[Redemption]:
    """Select attempts at the viewer's vendors, and of the viewer's vouchers. Admins see all."""
    if viewer.admin:
        return select(Redemption)
    mine = exists_in(
        Voucher, Voucher.id == Redemption.voucher_id, Voucher.user_id == viewer.user_id
    )
    return select(Redemption).where(
        or_(
            works_at(viewer.staff, col(Redemption.vendor_id), Permission.REDEEM),
            mine,
        )
    )


async def access_voucher(session: AsyncSession, viewer: Viewer, voucher_id: UUID) -> Voucher:
    voucher = (await session.exec(visible_vouchers(viewer).where(Voucher.id == voucher_id))).first()
    if voucher is None:
        raise NotFound
    return voucher


async def find_voucher_by_code(session: AsyncSession, viewer: Viewer, typed: str) -> Voucher | None:
    """Return a voucher that the viewer can see by its code, as typed."""
    viewer.require_user()
    code = read_code(typed[:MAX_CODE_LENGTH])
    if code is None:
        return None
    return (await session.exec(visible_vouchers(viewer).where(Voucher.code == code))).first()


async def find_own_voucher(
    session: AsyncSession, viewer: Viewer, voucher_id: UUID
) -> Voucher | None:
    mine = Voucher.user_id == viewer.require_user()
    return (await session.exec(select(Voucher).where(Voucher.id == voucher_id, mine))).first()


def list_vouchers(user_id: UUID, state: VoucherState | None) -> Listing[Voucher]:
    return _vouchers(state).listing({"user_id": user_id})


@cache
def _vouchers(state: VoucherState | None) -> PageStatements[Voucher]:
    rows = select(Voucher).where(Voucher.user_id == bindparam("user_id"))
    if state is not None:
        rows = rows.where(Voucher.state == state)
    return PageStatements(Listing(rows, newest_first(Voucher)))


async def cancel_voucher(session: AsyncSession, viewer: Viewer, *, voucher_id: UUID) -> Voucher:
    """Cancel a voucher, so that another can be claimed. Cancelling again is an error."""
    found = await find_own_voucher(session, viewer, voucher_id)
    if found is None:
        raise NotFound
    await session.exec(
        update(Offer)
        .where(col(Offer.id) == found.offer_id, col(Offer.claimed) > 0)
        .values(claimed=Offer.claimed - 1)
    )
    voucher = await lock_voucher(session, voucher_id)
    if voucher.user_id != found.user_id:
        raise NotFound  # it was given away meanwhile
    voucher.ensure_cancellable()
    voucher.state = VoucherState.CANCELLED
    voucher.cancelled_at = now()
    revoke_codes(session, voucher, CodesEnded.CANCELLED)
    note_change(session, voucher.offer_id)
    topics = user_topic(voucher.user_id), vendor_topic(voucher.vendor_id)
    journal.append(session, VoucherCancelled(voucher.id, voucher.offer_id), to=topics)
    return voucher


async def cancel_vouchers_of(session: AsyncSession, user_id: UUID) -> bool:
    """Cancel a batch of the vouchers of an account that ends, so that others can claim them.

    A copy of a QR code would be redeemed otherwise, for no account. Returns whether there may be
    more. Offers are locked before vouchers, both in the order of their ids.
    """
    unused = (Voucher.user_id == user_id, Voucher.state == VoucherState.CLAIMED)
    some = select(Voucher.id, Voucher.offer_id).where(*unused).order_by(col(Voucher.id))
    found = (await session.exec(some.limit(BATCH_SIZE))).all()
    offers = select(Offer.id).where(col(Offer.id).in_({offer_id for _, offer_id in found}))
    await session.exec(for_change(offers.order_by(col(Offer.id))))
    rows = select(Voucher).where(col(Voucher.id).in_([id for id, _ in found]), *unused)
    claimed: Counter[UUID] = Counter()
    for voucher in (await session.exec(for_change(rows.order_by(col(Voucher.id))))).all():
        voucher.state, voucher.cancelled_at = VoucherState.CANCELLED, now()
        voucher.held_at = None  # the review of the attempt finds the voucher cancelled
        claimed[voucher.offer_id] += 1
        revoke_codes(session, voucher, CodesEnded.CANCELLED)
        entry = VoucherCancelled(voucher.id, voucher.offer_id)
        journal.append(session, entry, to=[vendor_topic(voucher.vendor_id)])
    for offer_id, number in claimed.items():
        fewer = update(Offer).where(col(Offer.id) == offer_id)
        await session.exec(fewer.values(claimed=func.greatest(0, Offer.claimed - number)))
        note_change(session, offer_id)
    return len(found) == BATCH_SIZE


async def expire_vouchers(session: AsyncSession, offer_id: UUID) -> bool:
    """Expire a batch of an ended offer's vouchers. Returns whether there may be more."""
    rows = (
        select(Voucher)
        .where(
            Voucher.offer_id == offer_id,
            Voucher.state == VoucherState.CLAIMED,
            Voucher.expires_at <= func.now(),
            col(Voucher.held_at).is_(None),
        )
        .order_by(col(Voucher.id))
        .limit(BATCH_SIZE)
    )
    expired: Sequence[Voucher] = (await session.exec(for_change(rows))).all()
    for voucher in expired:
        voucher.state = VoucherState.EXPIRED
        entry = VoucherExpired(voucher.id, offer_id)
        journal.append(session, entry, to=[user_topic(voucher.user_id)])
    return len(expired) == BATCH_SIZE


async def announce_vendor_status(
    session: AsyncSession, vendor_id: UUID, after: UUID
) -> UUID | None:
    """Publish a vendor's new status to a batch of the holders of its vouchers.

    Returns the last voucher's id, or None after the last batch.
    """
    rows = (
        select(Voucher.id, Voucher.user_id)
        .where(
            Voucher.vendor_id == vendor_id,
            Voucher.state == VoucherState.CLAIMED,
            Voucher.expires_at > func.now(),
            Voucher.id > after,
        )
        .order_by(col(Voucher.id))
        .limit(BATCH_SIZE)
    )
    batch = (await session.exec(rows)).all()
    for voucher_id, user_id in batch:
        journal.append(session, VoucherVendorChanged(voucher_id), to=[user_topic(user_id)])
    return batch[-1][0] if len(batch) == BATCH_SIZE else None
