"""The first voucher of an offer for a user, claimed in one statement.

Nearly all claims are first ones, of an offer that is open. The statement does all of such a claim
or nothing, and is a transaction of its own. It decides no refusal: `claims` does, by the rows.
"""

from typing import Any

from asyncpg.exceptions import LockNotAvailableError, NotNullViolationError, UniqueViolationError
from sqlalchemy import CTE, ColumnElement, bindparam, literal, null, true
from sqlmodel import col, func, insert, or_, select, update

from core.database import exists_in, for_reliance
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import TransactionOnDemand
from models.offers.offers import Offer, OfferState
from models.redemptions import Voucher, VoucherState
from models.vendors import Vendor, VendorStatus
from services import idempotency
from services.journal import joined
from services.journal.topics import user_topic_of, vendor_topic_of
from services.redemptions.entries import VoucherClaimed

THIS_OFFER = col(Offer.id) == bindparam("offer_id")
IS_APPROVED = col(Vendor.status) == VendorStatus.APPROVED
IS_OPEN = (
    col(Offer.state) == OfferState.PUBLISHED,
    col(Offer.starts_at) <= current_time(),
    col(Offer.ends_at) > current_time(),
    or_(col(Offer.capacity).is_(None), col(Offer.claimed) < col(Offer.capacity)),
)
# Those whose rules a claim must meet are left to the service.
IS_UNJUDGED = col(Offer.claims_judged).is_(False)
# Of what the statement leaves to the service: another claim of the user's or of the last voucher,
# or a change of the offer, was committed while it waited for its lock.
OVERTAKEN = (NotNullViolationError, UniqueViolationError, LockNotAvailableError)


# The columns of a voucher that have the value of its offer.
OF_OFFER: dict[str, Any] = {
    "vendor_id": Offer.vendor_id,
    "starts_at": Offer.starts_at,
    "expires_at": Offer.ends_at,
    "terms_id": Offer.terms_id,
    "max_uses": Offer.voucher_uses,
    "value_minor": Offer.voucher_minor,
    "balance_minor": Offer.voucher_minor,
}


def claimed_key() -> CTE:
    """Claim the key, unless the claim would be refused as of the statement's start."""
    has_first = exists_in(
        Voucher,
        col(Voucher.offer_id) == bindparam("offer_id"),
        func.coalesce(col(Voucher.giver_id), col(Voucher.user_id)) == bindparam("user_id"),
        col(Voucher.claim_number) == 1,
        col(Voucher.state) != VoucherState.CANCELLED,
    )
    offers = select(col(Offer.id)).join(Vendor, col(Vendor.id) == Offer.vendor_id)
    return idempotency.claimed_for(
        offers.where(THIS_OFFER, IS_APPROVED, *IS_OPEN, IS_UNJUDGED, ~has_first)
    )


def relied_on_vendor(key: CTE) -> CTE:
    """Lock the vendor for reliance, once the key is claimed."""
    vendors = (
        select(col(Vendor.id))
        .join(Offer, col(Offer.vendor_id) == Vendor.id)
        .join(key, true())
        .where(THIS_OFFER, IS_APPROVED)
    )
    return for_reliance(vendors, of=Vendor).cte("relied_on")


def counted_offer(vendor: CTE) -> CTE:
    """Count the claim, once the vendor is locked. Conditions are evaluated on committed values."""
    these = THIS_OFFER, col(Offer.vendor_id) == vendor.c.id, *IS_OPEN, IS_UNJUDGED
    counted = update(Offer).where(*these).values(claimed=col(Offer.claimed) + 1)
    read = {column.key: column for column in OF_OFFER.values()}
    return counted.returning(*read.values()).cte("counted")


def first_claim(key: CTE, offer: CTE) -> Statement[Voucher]:
    """Return the statement that inserts the voucher of the counted offer, and its entries.

    With a key but no offer, the columns of the offer are null, and the constraints of the voucher
    make the statement fail: the key is free again.
    """
    values = _values_of_voucher(offer)
    voucher = insert(Voucher).from_select(
        [*values], select(*values.values()).select_from(key).outerjoin(offer, true())
    )
    made = voucher.returning(*columns_of(Voucher)).cte("made")
    topics = user_topic_of(made.c.user_id), vendor_topic_of(made.c.vendor_id)
    entries = joined.entry_columns(made, VoucherClaimed, to=topics)
    return Statement(select(*made.c, *entries), Voucher)


def _values_of_voucher(offer: CTE) -> dict[str, ColumnElement[Any]]:
    given = ("id", "offer_id", "user_id", "code", "token", "claim_latitude", "claim_longitude")
    return {
        **{name: bindparam(name, type_=_type_of(name)) for name in given},
        "created_at": current_time(),
        "giver_id": null(),
        "claim_number": literal(1),
        "holder_number": literal(1),
        "uses": literal(0),
        "generation": literal(1),
        "state": literal(VoucherState.CLAIMED, _type_of("state")),
        "redeemed_at": null(),
        "cancelled_at": null(),
        "used": literal(0),
        **{name: offer.c[column.key] for name, column in OF_OFFER.items()},
    }


def _type_of(name: str) -> Any:
    return getattr(Voucher, name).type


def write() -> Statement[Voucher]:
    key = claimed_key()
    return first_claim(key, counted_offer(relied_on_vendor(key)))


FIRST_CLAIM = write()


async def claim(unit: TransactionOnDemand, **values: Any) -> Voucher | None:
    """Claim an offer, if it is open and the user has no voucher of it.

    Returns None if that is not so, or if the key was claimed. Then nothing was written.
    """
    try:
        made = await FIRST_CLAIM.fetch_one(unit.connection, **values)
    except OVERTAKEN:
        return None
    if made is not None:
        joined.note_entries(unit, made)
    return made
