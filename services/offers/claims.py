"""Claims: how a user gets a voucher.

Many claim at once when an offer opens, so the statements are prepared: see
docs/architecture/reads.md.
"""

from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import bindparam
from sqlmodel import col, or_, select, update

from core.database import for_reliance
from core.ids import new_id
from core.security.codes import new_code
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_if_free, insert_new
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.errors import NotFound
from models.offers.offers import ClaimLimitReached, Offer, OfferSoldOut, OfferState
from models.redemptions import Voucher, VoucherState
from models.vendors import Vendor, VendorStatus
from services import idempotency
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.redemptions.entries import VoucherClaimed
from services.viewer import Viewer

_THIS_OFFER = col(Offer.id) == bindparam("offer_id")
VENDOR = Statement(
    select(col(Vendor.id), col(Vendor.status))
    .join(Offer, col(Offer.vendor_id) == Vendor.id)
    .where(_THIS_OFFER),
    Vendor,
)
# Claims share the lock of the vendor; an admin who withdraws the approval waits for them, or they
# wait for the admin and read the new status. The offer's row is joined to that of the vendor before
# it is updated, so the locks are taken in their order.
_relied_on = for_reliance(
    select(col(Vendor.id))
    .join(Offer, col(Offer.vendor_id) == Vendor.id)
    .where(_THIS_OFFER, col(Vendor.status) == VendorStatus.APPROVED),
    of=Vendor,
).cte("relied_on")
# One guarded UPDATE, no check before it: it waits for the row and evaluates its condition on the
# committed values, so two claims cannot both take the last voucher. But for the vendor, whose row
# is locked, the condition reads only this row: others would be read as of the statement's start.
COUNT_CLAIM = Statement(
    update(Offer)
    .where(
        _THIS_OFFER,
        col(Offer.vendor_id) == _relied_on.c.id,
        col(Offer.state) == OfferState.PUBLISHED,
        col(Offer.starts_at) <= current_time(),
        col(Offer.ends_at) > current_time(),
        or_(col(Offer.capacity).is_(None), col(Offer.claimed) < col(Offer.capacity)),
    )
    .values(claimed=col(Offer.claimed) + 1)
    .returning(*columns_of(Offer)),
    Offer,
)
OFFER = Statement(select(*columns_of(Offer)).where(_THIS_OFFER), Offer)
CLAIM_NUMBERS = Statement(
    select(col(Voucher.claim_number)).where(
        col(Voucher.offer_id) == bindparam("offer_id"),
        col(Voucher.user_id) == bindparam("user_id"),
        col(Voucher.state) != VoucherState.CANCELLED,
    )
)
OWN_VOUCHER = Statement(
    select(*columns_of(Voucher)).where(
        col(Voucher.id) == bindparam("id"), col(Voucher.user_id) == bindparam("user_id")
    ),
    Voucher,
)


async def claim_offer(
    unit: PreparedTransaction,
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
    connection, user_id, voucher_id = unit.connection, viewer.require_user(), new_id()
    claimed = await idempotency.claim(
        unit, viewer, "claimOffer", idempotency_key, voucher_id, offer_id=offer_id
    )
    if claimed.replayed:
        (voucher,) = await OWN_VOUCHER.fetch(connection, id=claimed.replayed, user_id=user_id)
        return voucher

    offer = await _count_claim(connection, offer_id)
    voucher = await _insert_voucher(
        connection,
        offer,
        id=voucher_id,
        offer_id=offer.id,
        vendor_id=offer.vendor_id,
        user_id=user_id,
        code=new_code(),
        token=keys.sign_voucher(voucher_id, generation=1),
        starts_at=offer.starts_at,
        expires_at=offer.ends_at,
    )
    topics = user_topic(voucher.user_id), vendor_topic(voucher.vendor_id)
    journal.append(unit, VoucherClaimed(voucher.id, offer.id), to=topics)
    return voucher


async def _count_claim(connection: asyncpg.Connection, offer_id: UUID) -> Offer:
    """Count one more claim of an open offer with vouchers left, and return the offer.

    Its vendor is approved, and stays so until the commit.
    """
    if counted := await COUNT_CLAIM.fetch_one(connection, offer_id=offer_id):
        return counted
    vendor = await VENDOR.fetch_one(connection, offer_id=offer_id)
    offer = await OFFER.fetch_one(connection, offer_id=offer_id)
    if vendor is None or offer is None:
        raise NotFound
    vendor.ensure_approved()
    if offer.state is OfferState.DRAFT:
        raise NotFound
    offer.ensure_claimable()
    raise OfferSoldOut


async def _insert_voucher(connection: asyncpg.Connection, offer: Offer, **values: Any) -> Voucher:
    """Insert a voucher with the lowest unused claim number of the user.

    That is nearly always the first, so it is tried before the used ones are read.
    """
    if first := await insert_if_free(connection, Voucher, claim_number=1, **values):
        return first
    number = await _next_claim_number(connection, values["user_id"], offer)
    return await insert_new(connection, Voucher, claim_number=number, **values)


async def _next_claim_number(connection: asyncpg.Connection, user_id: UUID, offer: Offer) -> int:
    """Return the lowest unused claim number of the user.

    The offer's row is locked by now, so no other claim can use the number.
    """
    rows = await CLAIM_NUMBERS.fetch(connection, offer_id=offer.id, user_id=user_id)
    used = {row["claim_number"] for row in rows}
    free = next((n for n in range(1, offer.per_user_limit + 1) if n not in used), None)
    if free is None:
        raise ClaimLimitReached
    return free
