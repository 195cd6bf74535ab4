"""Statements about the uses of vouchers, their households and visits."""

from sqlalchemy import BigInteger, DateTime, Integer, Uuid, bindparam, case, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import any_, col, delete, func, or_

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.fraud.links import IdentityLink, LinkKind
from models.offers.offers import Offer
from models.offers.terms import OfferTerms
from models.redemptions import Redemption, RedemptionOutcome, Voucher, VoucherState
from models.redemptions.bills import OfferHousehold, VendorVisit

TAKING = frozenset({RedemptionOutcome.APPROVED, RedemptionOutcome.HELD})
_AMOUNT = bindparam("amount", type_=BigInteger())
_AT = bindparam("at", type_=DateTime(timezone=True))
_THIS_VOUCHER = col(Voucher.id) == bindparam("voucher_id")
TERMS = Statement(
    select(*columns_of(OfferTerms)).where(col(OfferTerms.id) == bindparam("id")), OfferTerms
)
DISCOUNT = Statement(
    select(col(Offer.percent), col(Offer.amount_minor)).where(col(Offer.id) == bindparam("id"))
)
HOUSEHOLD = (col(IdentityLink.user_id) == bindparam("user_id")) & col(IdentityLink.kind).in_(
    [LinkKind.DEVICE, LinkKind.PHONE]
)
_new_visit = insert(VendorVisit)
# Locks the row, so that of two first visits at once, the second reads that of the first.
LOCK_VISITS = Statement(
    _new_visit.on_conflict_do_update(
        index_elements=[col(VendorVisit.vendor_id), col(VendorVisit.user_id)],
        set_={"visits": col(VendorVisit.visits)},
    ).returning(col(VendorVisit.visits))
)
COUNT_VISIT = Statement(
    _new_visit.on_conflict_do_update(
        index_elements=[col(VendorVisit.vendor_id), col(VendorVisit.user_id)],
        set_={"visits": col(VendorVisit.visits) + _new_visit.excluded.visits},
    )
)
# Rows that several change are locked in one order first, whichever statement changes them.
LOCK_VISITS_OF = Statement(
    for_change(
        select(col(VendorVisit.user_id))
        .where(
            col(VendorVisit.vendor_id) == any_(bindparam("vendor_ids", type_=ARRAY(Uuid()))),
            col(VendorVisit.user_id) == any_(bindparam("user_ids", type_=ARRAY(Uuid()))),
        )
        .order_by(col(VendorVisit.vendor_id), col(VendorVisit.user_id))
    )
)
_fewer = bindparam("fewer", type_=Integer())
# An account that was erased has no row, but its redemptions can still be reversed.
TAKE_BACK_VISITS = Statement(
    update(VendorVisit)
    .where(
        col(VendorVisit.vendor_id) == bindparam("vendor_id"),
        col(VendorVisit.user_id) == bindparam("user_id"),
        col(VendorVisit.visits) >= _fewer,
    )
    .values(visits=col(VendorVisit.visits) - _fewer)
)
# One guarded UPDATE decides on the uses and the balance; no row is the refusal. It reads only its
# own row, so of uses at once, each finds what the former ones have left.
IS_LEFT = (
    col(Voucher.state) == VoucherState.CLAIMED,
    col(Voucher.held_at).is_(None),
    col(Voucher.used) < col(Voucher.max_uses),
    or_(col(Voucher.balance_minor).is_(None), col(Voucher.balance_minor) >= _AMOUNT),
)
_used_up = or_(
    col(Voucher.used) + 1 >= col(Voucher.max_uses), col(Voucher.balance_minor) == _AMOUNT
)
STATE = next(one.type for one in columns_of(Voucher) if one.key == "state")
_REDEEMED = literal(VoucherState.REDEEMED, STATE)
_taken = (
    update(Voucher)
    .where(_THIS_VOUCHER, *IS_LEFT)
    .values(
        balance_minor=col(Voucher.balance_minor) - _AMOUNT,
        used=col(Voucher.used) + 1,
        uses=col(Voucher.uses) + 1,
        state=case((_used_up, _REDEEMED), else_=col(Voucher.state)),
        redeemed_at=case((_used_up, _AT)),
    )
    .returning(col(Voucher.vendor_id), col(Voucher.user_id))
    .cte("taken")
)
_visit = (
    insert(VendorVisit)
    .from_select(
        ["vendor_id", "user_id", "visits", "first_at"],
        select(_taken.c.vendor_id, _taken.c.user_id, literal(1), _AT),
    )
    .on_conflict_do_update(
        index_elements=[col(VendorVisit.vendor_id), col(VendorVisit.user_id)],
        set_={"visits": col(VendorVisit.visits) + 1},
    )
    .cte("visit")
)
TAKE = Statement(select(_taken.c.user_id).add_cte(_visit))
_links = select(
    bindparam("offer_id", type_=Uuid()).label("offer_id"),
    col(IdentityLink.kind),
    col(IdentityLink.hash),
    bindparam("voucher_id", type_=Uuid()).label("voucher_id"),
    _AT.label("created_at"),
).where(HOUSEHOLD)
TAKE_HOUSEHOLD = Statement(
    insert(OfferHousehold)
    .from_select(
        ["offer_id", "kind", "hash", "voucher_id", "created_at"],
        _links.order_by(col(IdentityLink.kind), col(IdentityLink.hash)),
    )
    .on_conflict_do_nothing()
)
SHARED = Statement(
    select(func.count())
    .select_from(OfferHousehold)
    .join(
        IdentityLink,
        (col(IdentityLink.kind) == OfferHousehold.kind)
        & (col(IdentityLink.hash) == OfferHousehold.hash),
    )
    .where(
        col(OfferHousehold.offer_id) == bindparam("offer_id"),
        col(OfferHousehold.voucher_id) != bindparam("voucher_id"),
        HOUSEHOLD,
    )
)
LEAVE_HOUSEHOLD = Statement(
    delete(OfferHousehold).where(col(OfferHousehold.voucher_id) == bindparam("voucher_id"))
)
USE_NUMBERS = Statement(
    select(col(Redemption.use_no)).where(
        col(Redemption.voucher_id) == bindparam("voucher_id"),
        col(Redemption.outcome).in_(sorted(TAKING)),
        col(Redemption.reversed_at).is_(None),
    )
)
