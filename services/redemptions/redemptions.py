"""Vouchers and their redemption."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from core.security.codes import read_code
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.errors import InvalidInput, NotFound
from models.notifications.inbox import NotificationKind
from models.offers.offers import Offer
from models.redemptions import (
    MAX_CODE_LENGTH,
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    RedemptionRequest,
    Voucher,
    VoucherState,
)
from models.vendors import MemberRole
from services import idempotency
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import user_topic, vendor_topic
from services.notifications import inbox
from services.vendors import access_vendor, works_at
from services.viewer import Viewer

BATCH_SIZE = 100


@dataclass(frozen=True)
class VoucherEntry(Entry):
    voucher_id: UUID


@dataclass(frozen=True)
class VoucherClaimed(VoucherEntry, kind="voucher.claimed"):
    offer_id: UUID


@dataclass(frozen=True)
class VoucherPresented(VoucherEntry, kind="voucher.redemption"):
    """A voucher was presented at its own vendor, accepted or not."""

    redemption_id: UUID


@dataclass(frozen=True)
class VoucherCancelled(VoucherEntry, kind="voucher.cancelled"):
    """A customer returned a voucher, so that another can claim it."""

    offer_id: UUID


@dataclass(frozen=True)
class VoucherExpired(VoucherEntry, kind="voucher.expired"):
    """A voucher was unused when its offer ended."""

    offer_id: UUID


@dataclass(frozen=True)
class RedemptionCreated(Entry, kind="redemption"):
    redemption_id: UUID


def visible_vouchers(viewer: Viewer) -> SelectOfScalar[Voucher]:
    """Select the viewer's vouchers, and those of their vendors. Admins see all."""
    if viewer.admin:
        return select(Voucher)
    mine = Voucher.user_id == viewer.user_id
    own = works_at(viewer.user_id, col(Voucher.vendor_id))
    return select(Voucher).where(or_(mine, own))


def visible_redemptions(viewer: Viewer) -> SelectOfScalar[Redemption]:
    """Select attempts at the viewer's vendors, and of the viewer's vouchers. Admins see all."""
    if viewer.admin:
        return select(Redemption)
    mine = select(Voucher.id).where(Voucher.user_id == viewer.user_id)
    return select(Redemption).where(
        or_(
            works_at(viewer.user_id, col(Redemption.vendor_id)),
            col(Redemption.voucher_id).in_(mine),
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
    rows = select(Voucher).where(Voucher.user_id == user_id)
    if state is not None:
        rows = rows.where(Voucher.state == state)
    return Listing(rows, newest_first(Voucher))


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
    voucher = await _lock_voucher(session, voucher_id)
    voucher.ensure_cancellable()
    voucher.state = VoucherState.CANCELLED
    voucher.cancelled_at = now()
    topics = user_topic(voucher.user_id), vendor_topic(voucher.vendor_id)
    journal.append(session, VoucherCancelled(voucher.id, voucher.offer_id), to=topics)
    return voucher


async def redeem_voucher(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    vendor_id: UUID,
    presented: RedemptionRequest,
    idempotency_key: str,
) -> Redemption:
    """Redeem a voucher at a vendor. Every attempt is stored, with its outcome and reason.

    So a refused attempt is returned and not raised, which would roll it back. Raises `NotFound` if
    the viewer may not scan for this vendor, and `VendorNotApproved`.
    """
    given = {"vendor_id": vendor_id} | presented.model_dump()
    claimed = await idempotency.claim(session, viewer, "redeemVoucher", idempotency_key, **given)
    vendor = await access_vendor(session, viewer, vendor_id, MemberRole.SCANNER)
    if claimed.replayed:
        return await session.get_one(Redemption, claimed.replayed)
    vendor.ensure_approved()
    voucher, reason = await _verify(session, keys, vendor_id, presented)
    redemption = Redemption(
        vendor_id=vendor_id,
        member_id=viewer.require_user(),
        voucher_id=voucher.id if voucher else None,
        outcome=_outcome(reason),
        reason=reason,
        latitude=presented.location.latitude if presented.location else None,
        longitude=presented.location.longitude if presented.location else None,
        device_id=presented.device_id,
        typed=presented.code is not None,
    )
    session.add(redemption)
    _publish(session, redemption, voucher)
    if voucher and reason is RedemptionReason.APPROVED:
        voucher.state = VoucherState.REDEEMED
        voucher.redeemed_at = redemption.created_at
        await inbox.notify(session, voucher.user_id, NotificationKind.VOUCHER_REDEEMED, voucher.id)
    await idempotency.record_result(session, claimed, redemption.id)
    return redemption


async def expire_vouchers(session: AsyncSession, offer_id: UUID) -> bool:
    """Expire a batch of an ended offer's vouchers. Returns whether there may be more."""
    rows = (
        select(Voucher)
        .where(
            Voucher.offer_id == offer_id,
            Voucher.state == VoucherState.CLAIMED,
            Voucher.expires_at <= func.now(),
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


async def _verify(
    session: AsyncSession, keys: SigningKeys, vendor_id: UUID, presented: RedemptionRequest
) -> tuple[Voucher | None, RedemptionReason]:
    """Return the presented voucher, locked if redeemable here, and the result."""
    found, reason = await _find_presented(session, keys, presented)
    if found is None or reason is not None:
        return found, reason or RedemptionReason.UNKNOWN
    if found.vendor_id != vendor_id:
        return found, RedemptionReason.OTHER_VENDOR
    voucher = await _lock_voucher(session, found.id)
    return voucher, voucher.redemption_result(vendor_id)


async def _find_presented(
    session: AsyncSession, keys: SigningKeys, presented: RedemptionRequest
) -> tuple[Voucher | None, RedemptionReason | None]:
    """Return the presented voucher, and a reason if the token or code decides."""
    if (presented.token is None) == (presented.code is None):
        raise InvalidInput("Scan the voucher or enter its code: one of the two.", field=["token"])
    if presented.code is not None:
        code = read_code(presented.code)
        if code is None:
            return None, RedemptionReason.UNKNOWN
        return (await session.exec(select(Voucher).where(Voucher.code == code))).first(), None
    try:
        voucher_id, generation = keys.read_voucher(presented.token or "")
    except WrongType:
        return None, RedemptionReason.WRONG_TYPE
    except (BadSignature, TokenExpired):
        return None, RedemptionReason.BAD_SIGNATURE
    voucher = await session.get(Voucher, voucher_id)
    if voucher is not None and voucher.generation != generation:
        return voucher, RedemptionReason.OLD_GENERATION
    return voucher, None


async def _lock_voucher(session: AsyncSession, voucher_id: UUID) -> Voucher:
    rows = select(Voucher).where(Voucher.id == voucher_id)
    return (await session.exec(for_change(rows))).one()


def _outcome(reason: RedemptionReason) -> RedemptionOutcome:
    approved = reason is RedemptionReason.APPROVED
    return RedemptionOutcome.APPROVED if approved else RedemptionOutcome.REFUSED


def _publish(session: AsyncSession, redemption: Redemption, voucher: Voucher | None) -> None:
    """Publish an attempt to the vendor, and to the owner of this vendor's voucher."""
    created = RedemptionCreated(redemption.id)
    journal.append(session, created, to=[vendor_topic(redemption.vendor_id)])
    if voucher and voucher.vendor_id == redemption.vendor_id:
        presented = VoucherPresented(voucher.id, redemption.id)
        journal.append(session, presented, to=[user_topic(voucher.user_id)])
