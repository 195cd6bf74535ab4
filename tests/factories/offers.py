"""Offers and likes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from strawberry import UNSET

from core.clock import now
from core.ids import FIRST_ID
from core.text.search_text import searchable
from models.identity.accounts import User
from models.offers.offers import DiscountKind, Offer, OfferLike, OfferState
from models.vendors import Vendor
from services.offers.facet_counts import count_listings
from services.offers.ranks import rank_next
from services.offers.suggested_names import (
    suggest_categories,
    suggest_cities,
    suggest_vendors,
)
from services.offers.vocabulary import count_terms
from tests.client import gid
from tests.factories.base import NUMBERS, RowStore


class OfferRows(RowStore):
    """Creates offers."""

    async def offer(self, vendor: Vendor, **values: Any) -> Offer:
        """Return a published offer of 10 % with a capacity of 100, one per user."""
        given: dict[str, Any] = {
            "category_id": vendor.category_id,
            "state": OfferState.PUBLISHED,
            "locale": vendor.locale,
            "title": {"en": f"Offer {next(NUMBERS)}"},
            "discount_kind": DiscountKind.PERCENT,
            "percent": 10,
            "capacity": 100,
            "starts_at": now() - timedelta(days=1),
            "ends_at": now() + timedelta(days=1),
            "pin_codes": [vendor.pin_code],
            "latitude": vendor.latitude,
            "longitude": vendor.longitude,
        } | values
        text = searchable(*given["title"].values(), vendor.name, vendor.city)
        offer = Offer(
            vendor_id=vendor.id,
            currency=vendor.currency,
            country=vendor.country,
            search_text=text,
            **given,
        )
        await self.save(offer)
        return offer

    async def rank_offers(self) -> None:
        """Rank all listed offers, as a job does each night."""
        async with self.database.session() as session, session.begin():
            await rank_next(session, FIRST_ID)

    async def count_words(self) -> None:
        """Count the words of listed offers, as a job does each minute."""
        async with self.database.session() as session, session.begin():
            while await count_terms(session):
                pass

    async def count_listings(self) -> None:
        """Count the listed offers, as a job does each minute."""
        async with self.database.session() as session, session.begin():
            await count_listings(session)

    async def suggest_names(self) -> None:
        """Write the names that are suggested, as a job does every ten minutes."""
        async with self.database.session() as session, session.begin():
            await suggest_categories(session)
            await suggest_cities(session)
            last: UUID | None = FIRST_ID
            while last is not None:
                last = await suggest_vendors(session, last)

    async def like(self, offer: Offer, *users: User) -> None:
        await self.save(*(OfferLike(user_id=user.id, offer_id=offer.id) for user in users))


def offer_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    """Return the minimal input of `createOffer`, with changes. `UNSET` leaves a field out."""
    given = {
        "vendorId": gid(vendor),
        "title": texts(en="Two for one"),
        "discount": {"percent": 25},
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2030-02-01T00:00:00+05:30",
    } | changes
    return {name: value for name, value in given.items() if value is not UNSET}


def texts(**by_locale: str) -> list[dict[str, str]]:
    return [{"locale": locale, "text": text} for locale, text in by_locale.items()]
