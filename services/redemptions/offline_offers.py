"""The offers of a bundle, with the rules that a scanner obeys without a network."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from models.offers.offers import Offer, OfferState
from models.offers.rules import OfferRules, RuleSpan
from models.offers.terms import OfferTerms, read_rules
from models.redemptions import Voucher, VoucherState

MAX_OFFERS = 1_000


async def find_offers(
    session: AsyncSession, vendor_id: UUID, scanner_id: UUID
) -> list[dict[str, Any]]:
    """Return the offers whose vouchers can still be redeemed, the next to end first.

    A code does not name the terms of its voucher, so the rules of all that are in use must hold.
    """
    rows = (
        select(Offer.id, Offer.starts_at, Offer.ends_at)
        .where(
            Offer.vendor_id == vendor_id,
            Offer.state != OfferState.DRAFT,
            Offer.ends_at > now(),
        )
        .order_by(col(Offer.ends_at), col(Offer.id))
        .limit(MAX_OFFERS)
    )
    offers = (await session.exec(rows)).all()
    rules = await _find_rules(session, [id for id, _, _ in offers])
    return [
        {"id": id.hex, "starts": int(starts.timestamp()), "ends": int(ends.timestamp())}
        | _limits(rules.get(id, []), scanner_id)
        for id, starts, ends in offers
    ]


async def _find_rules(
    session: AsyncSession, offer_ids: Sequence[UUID]
) -> dict[UUID, list[OfferRules]]:
    """Return the rules of the newest terms of each offer, and of those of vouchers in use."""
    in_use = exists_in(
        Voucher, Voucher.terms_id == OfferTerms.id, Voucher.state == VoucherState.CLAIMED
    )
    rows = (
        select(OfferTerms)
        .join(Offer, col(Offer.id) == OfferTerms.offer_id)
        .where(
            col(OfferTerms.offer_id).in_(offer_ids),
            or_(col(Offer.terms_id) == OfferTerms.id, in_use),
        )
        .order_by(col(OfferTerms.version))
    )
    found: dict[UUID, list[OfferRules]] = {}
    for terms in (await session.exec(rows)).all():
        found.setdefault(terms.offer_id, []).append(read_rules(terms.rules))
    return found


def _limits(rules: Sequence[OfferRules], scanner_id: UUID) -> dict[str, Any]:
    """Return what a scanner obeys: nothing if the offer is red, which needs a network."""
    if any(one.needs_server or not _is_at(one, scanner_id) for one in rules):
        return {"red": True}
    times = [
        {
            "first": one.days_hours.from_day and one.days_hours.from_day.isoformat(),
            "last": one.days_hours.until_day and one.days_hours.until_day.isoformat(),
            "spans": [_span(span) for span in one.days_hours.spans],
        }
        for one in rules
        if one.days_hours is not None
    ]
    uses = min((one.uses for one in rules), default=1)
    return ({"times": times} if times else {}) | ({"uses": uses} if uses > 1 else {})


def _is_at(rules: OfferRules, scanner_id: UUID) -> bool:
    return not rules.branches or any(scanner_id in one.scanner_ids for one in rules.branches)


def _span(span: RuleSpan) -> list[int]:
    """Return the weekday, and the minutes of the day at which the span begins and ends."""
    minutes = [one.hour * 60 + one.minute for one in (span.opens, span.closes)]
    return [span.weekday, *minutes]
