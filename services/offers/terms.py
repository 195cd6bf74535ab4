"""Versions of the terms of an offer: its rules, and the text beside them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.offers.offers import Offer
from models.offers.rules import NO_RULES, OfferRules
from models.offers.terms import OfferTerms, read_rules


async def write_terms(session: AsyncSession, offer: Offer, rules: OfferRules | None = None) -> None:
    """Add a version of an offer's terms, unless its newest one has the same rules and text.

    The offer is locked. Without `rules`, its rules stay; an offer without a version then gets none.
    Raises `TooManyTerms`.
    """
    newest = await session.get_one(OfferTerms, offer.terms_id) if offer.terms_id else None
    current = read_rules(newest.rules) if newest else NO_RULES
    wanted = current if rules is None else rules
    if wanted == current and (newest is None or newest.text == offer.terms):
        return
    if newest:
        newest.ensure_followable()
    terms = OfferTerms(
        offer_id=offer.id,
        version=newest.version + 1 if newest else 1,
        currency=offer.currency,
        locale=offer.locale,
        rules=wanted.stored(),
        text=offer.terms,
    )
    session.add(terms)
    offer.terms_id = terms.id
    offer.voucher_uses = wanted.uses
    offer.voucher_minor = wanted.voucher_balance
    offer.claims_judged = wanted.judged_on_claim


async def copy_rules(session: AsyncSession, source: Offer, copy: Offer) -> None:
    """Give a copy of an offer the rules of its source, as a first version of its own terms."""
    if source.terms_id is not None:
        terms = await session.get_one(OfferTerms, source.terms_id)
        await write_terms(session, copy, read_rules(terms.rules))
