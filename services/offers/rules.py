"""Rules that managers set for the vouchers of an offer."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import InvalidInput
from models.events.check_in.scanners import Scanner
from models.offers.offers import Offer
from models.offers.rules import OfferRules
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.offers.entries import OfferEdited
from services.offers.offers import access_managed_offer
from services.offers.terms import write_terms
from services.viewer import Viewer


async def set_offer_rules(
    session: AsyncSession,
    viewer: Viewer,
    *,
    offer_id: UUID,
    rules: OfferRules,
    currencies: Mapping[str, str],
) -> Offer:
    """Replace the rules of an offer with a new version of its terms.

    `currencies` are those of the amounts. Claimed vouchers keep their terms. The rules that it has
    already are no new version. Raises `NotFound`, `InvalidInput`, `InvalidOfferState` and
    `TooManyTerms`.
    """
    offer = await access_managed_offer(session, viewer, offer_id)
    offer.ensure_editable()
    _ensure_currencies(offer, currencies)
    await _ensure_scanners(session, offer.vendor_id, rules)
    await write_terms(session, offer, rules)
    journal.append(session, OfferEdited(offer.id), to=[vendor_topic(offer.vendor_id)])
    return offer


def _ensure_currencies(offer: Offer, currencies: Mapping[str, str]) -> None:
    for name, currency in currencies.items():
        if currency != offer.currency:
            raise InvalidInput(
                "The vendor's currency is {currency}. Use it for this amount.",
                currency=offer.currency,
                field=["rules", name, "currency"],
            )


async def _ensure_scanners(session: AsyncSession, vendor_id: UUID, rules: OfferRules) -> None:
    """Refuse scanners of other vendors and revoked ones, with the path to each."""
    named = {id for one in rules.branches for id in one.scanner_ids}
    rows = select(Scanner.id).where(
        col(Scanner.id).in_(named),
        Scanner.vendor_id == vendor_id,
        col(Scanner.revoked_at).is_(None),
    )
    known = set((await session.exec(rows)).all()) if named else set()
    for number, branch in enumerate(rules.branches):
        for place, id in enumerate(branch.scanner_ids):
            if id not in known:
                path = ["rules", "branches", str(number), "scannerIds", str(place)]
                raise InvalidInput("Choose a scanner of this vendor.", field=path)
