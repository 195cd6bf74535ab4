"""Whether a user can claim an offer: its own state, its limits and its rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import and_, col, exists, func

from core.clock import now
from core.statements.selected import AnySelect
from models.errors import Refusal
from models.fraud.links import IdentityLink
from models.offers.offers import ClaimLimitReached, Offer, OfferSoldOut
from models.offers.rules import RuleFacts, RuleResult, RuleStage, first_failure, judge
from models.offers.terms import OfferTerms, RuleFailed, read_rules
from models.redemptions import Voucher, VoucherState
from models.redemptions.bills import OfferHousehold, VendorVisit
from models.vendors import Vendor, VendorNotApproved, VendorStatus


@dataclass(frozen=True)
class Eligibility:
    """Whether a user can claim an offer now. `refusal` is that of `claimOffer`, and None if so."""

    refusal: Refusal | None = None
    failing: Sequence[RuleResult] = ()

    @property
    def can_claim(self) -> bool:
        return self.refusal is None


def select_facts(user_id: Any, *more: Any) -> AnySelect:
    """Select offers with what their rules and limits need to know of a user."""
    visits = select(col(VendorVisit.visits)).where(
        col(VendorVisit.vendor_id) == Offer.vendor_id, col(VendorVisit.user_id) == user_id
    )
    return (
        select(
            *more,
            col(OfferTerms.rules).label("rules"),
            col(Vendor.status).label("vendor_status"),
            col(Vendor.time_zone).label("time_zone"),
            func.coalesce(visits.scalar_subquery(), 0).label("visits"),
            _shares_household(user_id).label("shared_household"),
        )
        .join(Vendor, col(Vendor.id) == Offer.vendor_id)
        .outerjoin(OfferTerms, col(OfferTerms.id) == Offer.terms_id)
    )


def select_claims(user_id: Any) -> list[ColumnElement[int]]:
    """Return the columns with the number of a user's claims, and of the vouchers they hold."""
    standing = (col(Voucher.offer_id) == Offer.id, col(Voucher.state) != VoucherState.CANCELLED)
    claimed = func.coalesce(col(Voucher.giver_id), col(Voucher.user_id)) == user_id
    conditions = {"claims": claimed, "held": col(Voucher.user_id) == user_id}
    return [
        select(func.count()).select_from(Voucher).where(*standing, one).scalar_subquery().label(key)
        for key, one in conditions.items()
    ]


def _shares_household(user_id: Any) -> ColumnElement[bool]:
    same = and_(
        col(IdentityLink.kind) == OfferHousehold.kind, col(IdentityLink.hash) == OfferHousehold.hash
    )
    uses = select(col(OfferHousehold.voucher_id)).join(IdentityLink, same)
    return exists(
        uses.where(col(OfferHousehold.offer_id) == Offer.id, col(IdentityLink.user_id) == user_id)
    )


def ensure_rules(row: Any) -> None:
    """Raise `RuleFailed` for the first rule of an offer that a claim does not meet."""
    failure = first_failure(judge_claim(row))
    if failure is not None:
        raise RuleFailed(failure=failure)


def judge_claim(row: Any) -> list[RuleResult]:
    """Return the results of an offer's rules for a claim. `row` is of `select_facts`."""
    if row["rules"] is None:
        return []
    facts = RuleFacts(
        at=now(),
        time_zone=row["time_zone"],
        currency=row["currency"],
        visits=row["visits"],
        shared_household=row["shared_household"],
    )
    return judge(read_rules(row["rules"]), facts, RuleStage.CLAIM)


def eligibility_of(row: Any) -> Eligibility:
    """Return whether a user can claim an offer, with all its rules that fail."""
    failing = [one for one in judge_claim(row) if not one.ok]
    try:
        _ensure_open(row)
    except Refusal as refusal:
        return Eligibility(refusal, failing)
    return Eligibility(RuleFailed(failure=failing[0]) if failing else None, failing)


def _ensure_open(row: Any) -> None:
    if row["vendor_status"] != VendorStatus.APPROVED:
        raise VendorNotApproved
    row.ensure_claimable()
    if row.remaining == 0:
        raise OfferSoldOut
    if max(row["claims"], row["held"]) >= row.per_user_limit:
        raise ClaimLimitReached
