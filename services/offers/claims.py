"""Claims: how a user gets a voucher.

Many claim at once when an offer opens, so the statements are prepared, and one is enough for most
claims: see docs/architecture/reads.md.
"""

from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam
from sqlmodel import col, or_, select, update

from core.database import for_reliance
from core.ids import new_id
from core.security.codes import new_code
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_if_free, insert_new
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, TransactionOnDemand
from models.errors import NotFound
from models.offers.offers import Offer, OfferSoldOut, OfferState
from models.redemptions import Voucher, VoucherState
from models.redemptions.requests import GeoPoint
from models.vendors import Vendor
from services import idempotency
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.offers import first_claims
from services.offers.eligibility import ensure_rules, select_facts
from services.offers.first_claims import IS_APPROVED, IS_OPEN, OF_OFFER, THIS_OFFER
from services.redemptions.entries import VoucherClaimed
from services.viewer import Viewer

VENDOR = Statement(
    select(col(Vendor.id), col(Vendor.status))
    .join(Offer, col(Offer.vendor_id) == Vendor.id)
    .where(THIS_OFFER),
    Vendor,
)
# Claims share the lock of the vendor; an admin who withdraws the approval waits for them, or they
# wait for the admin and read the new status. The offer's row is joined to that of the vendor before
# it is updated, so the locks are taken in their order.
_relied_on = for_reliance(
    select(col(Vendor.id))
    .join(Offer, col(Offer.vendor_id) == Vendor.id)
    .where(THIS_OFFER, IS_APPROVED),
    of=Vendor,
).cte("relied_on")
# One guarded UPDATE, no check before it: it waits for the row and evaluates its condition on the
# committed values, so two claims cannot both take the last voucher. But for the vendor, whose row
# is locked, the condition reads only this row: others would be read as of the statement's start.
COUNT_CLAIM = Statement(
    update(Offer)
    .where(THIS_OFFER, col(Offer.vendor_id) == _relied_on.c.id, *IS_OPEN)
    .values(claimed=col(Offer.claimed) + 1)
    .returning(*columns_of(Offer)),
    Offer,
)
OFFER = Statement(select(*columns_of(Offer)).where(THIS_OFFER), Offer)
NUMBERS = Statement(
    select(
        col(Voucher.user_id),
        col(Voucher.giver_id),
        col(Voucher.claim_number),
        col(Voucher.holder_number),
    ).where(
        col(Voucher.offer_id) == bindparam("offer_id"),
        or_(
            col(Voucher.user_id) == bindparam("user_id"),
            col(Voucher.giver_id) == bindparam("user_id"),
        ),
        col(Voucher.state) != VoucherState.CANCELLED,
    )
)
FACTS = Statement(
    select_facts(bindparam("user_id", type_=Uuid()), col(Offer.currency)).where(THIS_OFFER)
)
OWN_VOUCHER = Statement(
    select(*columns_of(Voucher)).where(
        col(Voucher.id) == bindparam("id"), col(Voucher.user_id) == bindparam("user_id")
    ),
    Voucher,
)


async def claim_offer(
    unit: TransactionOnDemand,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    offer_id: UUID,
    idempotency_key: str,
    location: GeoPoint | None = None,
) -> Voucher:
    """Create a voucher of a live offer for the viewer, once per idempotency key.

    An accurate location is kept to two decimals, about a kilometre: the risk score compares it with
    that of the till. It is no part of the input that the key is of, as a device moves meanwhile.
    Raises `NotFound`, `VendorNotApproved`, the offer's own refusals (not claimable, not started,
    ended, sold out), `ClaimLimitReached` and `RuleFailed`.
    """
    user_id, id = viewer.require_user(), new_id()
    claim = "claimOffer", idempotency_key
    key = idempotency.values_of_new(user_id, *claim, id, offer_id=offer_id)
    token = keys.sign_voucher(id, 1, offer_id)
    new = {"id": id, "code": new_code(), "token": token} | _rough(location)
    facts = VoucherClaimed(id, offer_id).facts()
    first = await first_claims.claim(unit, **key, **new, offer_id=offer_id, facts=facts)
    if first is not None:
        return first
    replayed = await idempotency.find_result(unit, viewer, *claim, offer_id=offer_id)
    if replayed is None:
        await _ensure_claimable(unit.connection, offer_id)  # to refuse without a transaction
        await unit.start()
        claimed = await idempotency.claim(unit, viewer, *claim, id, offer_id=offer_id)
        replayed = claimed.replayed
    if replayed is not None:
        (voucher,) = await OWN_VOUCHER.fetch(unit.connection, id=replayed, user_id=user_id)
        return voucher
    return await _claim_next(unit, offer_id, user_id=user_id, **new)


def _rough(location: GeoPoint | None) -> dict[str, Any]:
    """Return about where the claimer is, or nulls unless the location is accurate."""
    if location is None or not location.is_accurate:
        return {"claim_latitude": None, "claim_longitude": None}
    return {
        "claim_latitude": round(location.latitude, 2),
        "claim_longitude": round(location.longitude, 2),
    }


async def _claim_next(unit: PreparedTransaction, offer_id: UUID, **values: Any) -> Voucher:
    """Claim any further voucher, statement by statement, with a new key."""
    offer = await _count_claim(unit.connection, offer_id)
    if offer.claims_judged:
        await _ensure_rules(unit.connection, offer_id, values["user_id"])
    voucher = await _insert_voucher(
        unit.connection,
        offer,
        offer_id=offer.id,
        **{name: getattr(offer, column.key) for name, column in OF_OFFER.items()},
        **values,
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
    await _ensure_claimable(connection, offer_id)
    raise OfferSoldOut


async def _ensure_rules(connection: asyncpg.Connection, offer_id: UUID, user_id: UUID) -> None:
    """Raise `RuleFailed` for a rule that the claim does not meet. The offer is locked."""
    (facts,) = await FACTS.fetch(connection, offer_id=offer_id, user_id=user_id)
    ensure_rules(facts)


async def _ensure_claimable(connection: asyncpg.Connection, offer_id: UUID) -> None:
    vendor = await VENDOR.fetch_one(connection, offer_id=offer_id)
    offer = await OFFER.fetch_one(connection, offer_id=offer_id)
    if vendor is None or offer is None:
        raise NotFound
    vendor.ensure_approved()
    if offer.state is OfferState.DRAFT:
        raise NotFound
    offer.ensure_claimable()
    if offer.remaining == 0:
        raise OfferSoldOut


async def _insert_voucher(connection: asyncpg.Connection, offer: Offer, **values: Any) -> Voucher:
    """Insert a voucher with the lowest unused numbers of the user.

    They are nearly always the first, so those are tried before the used ones are read.
    """
    first = {"claim_number": 1, "holder_number": 1}
    if made := await insert_if_free(connection, Voucher, **first, **values):
        return made
    numbers = await _next_numbers(connection, values["user_id"], offer)
    return await insert_new(connection, Voucher, **numbers, **values)


async def _next_numbers(
    connection: asyncpg.Connection, user_id: UUID, offer: Offer
) -> dict[str, int]:
    """Return the lowest unused numbers of the user: of claims, and of vouchers that they hold.

    The offer's row is locked by now, so no other claim or gift can use them.
    """
    rows = await NUMBERS.fetch(connection, offer_id=offer.id, user_id=user_id)
    claimed = {row["claim_number"] for row in rows if user_id == (row["giver_id"] or user_id)}
    held = {row["holder_number"] for row in rows if row["user_id"] == user_id}
    return {
        "claim_number": offer.lowest_unused(claimed),
        "holder_number": offer.lowest_unused(held),
    }
