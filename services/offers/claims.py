"""Claims: how a user gets a voucher."""

from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from core.ids import new_id
from core.security.codes import new_code
from core.security.signing_keys import SigningKeys
from models.errors import NotFound
from models.offers.offers import ClaimLimitReached, Offer, OfferSoldOut, OfferState
from models.redemptions import Voucher, VoucherState
from models.vendors import Vendor
from services import idempotency
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.redemptions import redemptions
from services.viewer import Viewer


async def claim_offer(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    offer_id: UUID,
    idempotency_key: str,
) -> Voucher:
    """Create a voucher of a live offer for the viewer, once per idempotency key.

    Raises `NotFound`, `VendorNotApproved`, the offer's own refusals (not claimable, not started,
    ended, sold out), and `ClaimLimitReached`.
    """
    claimed = await idempotency.claim(
        session, viewer, "claimOffer", idempotency_key, offer_id=offer_id
    )
    if claimed.replayed:
        return await redemptions.access_voucher(session, viewer, claimed.replayed)

    await _lock_approved_vendor(session, offer_id)
    offer = await _count_claim(session, viewer, offer_id)
    voucher_id = new_id()
    voucher = Voucher(
        id=voucher_id,
        offer_id=offer.id,
        vendor_id=offer.vendor_id,
        user_id=viewer.require_user(),
        claim_number=await _next_claim_number(session, viewer, offer),
        code=new_code(),
        token=keys.sign_voucher(voucher_id, generation=1),
        starts_at=offer.starts_at,
        expires_at=offer.ends_at,
    )
    session.add(voucher)
    topics = user_topic(voucher.user_id), vendor_topic(voucher.vendor_id)
    journal.append(session, redemptions.VoucherClaimed(voucher.id, offer.id), to=topics)
    await idempotency.record_result(session, claimed, voucher.id)
    return voucher


async def _lock_approved_vendor(session: AsyncSession, offer_id: UUID) -> None:
    """Lock the vendor before the offer, in the lock order, and check its approval.

    Claims share the lock; an admin who withdraws the approval waits for them.
    """
    rows = select(Vendor).join(Offer, col(Offer.vendor_id) == Vendor.id)
    vendor = (await session.exec(for_reliance(rows.where(Offer.id == offer_id), of=Vendor))).first()
    if vendor is None:
        raise NotFound
    vendor.ensure_approved()


async def _count_claim(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    """Count one more claim of an open offer with vouchers left, and return the offer.

    One guarded UPDATE, no check before it: it waits for the row and evaluates its condition on the
    committed values, so two claims cannot both take the last voucher. The condition reads only this
    row: others would be read as of the statement's start.
    """
    counted = (
        update(Offer)
        .where(
            col(Offer.id) == offer_id,
            col(Offer.state) == OfferState.PUBLISHED,
            col(Offer.starts_at) <= now(),
            col(Offer.ends_at) > now(),
            or_(col(Offer.capacity).is_(None), col(Offer.claimed) < col(Offer.capacity)),
        )
        .values(claimed=col(Offer.claimed) + 1)
        .returning(Offer)
    )
    updated = await session.scalar(counted)
    if updated is not None:
        return updated
    offer = (await session.exec(select(Offer).where(Offer.id == offer_id))).first()
    if offer is None or offer.state is OfferState.DRAFT:
        raise NotFound
    offer.ensure_claimable()
    raise OfferSoldOut


async def _next_claim_number(session: AsyncSession, viewer: Viewer, offer: Offer) -> int:
    """Return the lowest unused claim number of the viewer.

    The offer's row is locked by now, so no other claim can use the number.
    """
    rows = select(Voucher.claim_number).where(
        Voucher.offer_id == offer.id,
        Voucher.user_id == viewer.require_user(),
        Voucher.state != VoucherState.CANCELLED,
    )
    used = set((await session.exec(rows)).all())
    free = next((n for n in range(1, offer.per_user_limit + 1) if n not in used), None)
    if free is None:
        raise ClaimLimitReached
    return free
