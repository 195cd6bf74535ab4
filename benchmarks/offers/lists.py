"""The commonest lists, with the statements that the server sends for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from core.keyset import Listing, Window
from core.statements.statement import Statement
from models.offers.offers import DiscountKind, Offer
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.search import search_offers
from services.viewer import Viewer

FACTS = """
    SELECT
        (SELECT vendor_id FROM listing GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS vendor,
        (SELECT root_id FROM listing GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS root,
        (SELECT category_id FROM listing GROUP BY 1 ORDER BY count(*) LIMIT 1) AS rare,
        (SELECT city_id FROM listing GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS city,
        (SELECT pin FROM listing_pin GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS hot_pin,
        (SELECT pin FROM listing_pin GROUP BY 1 ORDER BY count(*) LIMIT 1) AS rare_pin
"""


@dataclass(frozen=True)
class MeasuredList:
    """A list by one statement: what it is asked for, and in which order."""

    name: str
    wanted: OfferFilter
    order: OfferOrder

    def listing(self) -> Listing[Offer]:
        return search_offers(Viewer(), self.wanted, self.order)


async def measured_lists(connection: asyncpg.Connection) -> list[MeasuredList]:
    """Return the lists, by the largest and the smallest of what offers can be of."""
    facts = await connection.fetchrow(FACTS)
    newest, ending = OfferOrder.NEWEST, OfferOrder.ENDING_SOON
    percent = frozenset({DiscountKind.PERCENT})
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return [
        MeasuredList("newest", OfferFilter(), newest),
        MeasuredList("ending soon", OfferFilter(), ending),
        MeasuredList("most liked", OfferFilter(), OfferOrder.MOST_LIKED),
        MeasuredList("most claimed", OfferFilter(), OfferOrder.MOST_CLAIMED),
        MeasuredList("vendor", OfferFilter(vendor_id=facts["vendor"]), newest),
        MeasuredList("root category", OfferFilter(category_id=facts["root"]), newest),
        MeasuredList("rare category, ending", OfferFilter(category_id=facts["rare"]), ending),
        MeasuredList("city", OfferFilter(city_id=facts["city"]), newest),
        MeasuredList("hot pin code", OfferFilter(pin_code=facts["hot_pin"]), newest),
        MeasuredList("rare pin code, ending", OfferFilter(pin_code=facts["rare_pin"]), ending),
        MeasuredList(
            "city, 50 % or more",
            OfferFilter(city_id=facts["city"], discount_kinds=percent, discount_at_least=50),
            newest,
        ),
        MeasuredList("within a day", OfferFilter(ends_before=tomorrow), newest),
    ]


def page_of(listing: Listing[Offer], after: str | None = None) -> tuple[Statement[Any], list[Any]]:
    """Return the statement of a page of 20, and its arguments."""
    if listing.statements is None:
        raise TypeError("This list takes more than one statement.")
    window = Window(first=20, after=after)
    statement = listing.statements.page(window)
    bounds = listing.statements.bound_values(window)
    return statement, statement.arguments({**listing.values, **bounds})
