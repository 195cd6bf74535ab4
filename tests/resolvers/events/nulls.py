"""The column's value after null, for every nullable field of the update inputs of events."""

from collections.abc import Mapping
from typing import Any

from models.catalog.products import TaxClass
from models.events.check_in.lists import CheckInMode
from models.events.events import (
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from tests.resolvers.nulls import OF_VENDOR, REFUSED

NULLS: Mapping[str, Mapping[str, Any]] = {
    "UpdateVenueInput": {
        "name": REFUSED,
        "address": REFUSED,
        "latitude": REFUSED,
        "longitude": REFUSED,
    },
    "UpdateEventInput": {
        "title": REFUSED,
        "description": {},
        "slug": REFUSED,
        "categoryId": OF_VENDOR,
        "visibility": EventVisibility.PUBLIC,
        "maxPerUser": 10,
        "transfer": TransferPolicy.FREE,
        "transferHours": REFUSED,  # of a transfer until some hours before the start
        "resale": ResalePolicy.NONE,
        "refundHours": None,
        "refundBps": 10_000,
        "answerUntilHours": 0,
        "orphanRule": OrphanRule.LENIENT,
        "waitlist": WaitlistRule.FIRST_FIT,
        "pictures": [],
    },
    "UpdateCheckInListInput": {
        "name": REFUSED,
        "ticketTypeIds": [],
        "mode": CheckInMode.ONCE,
        "maxEntries": REFUSED,  # of a list that admits a number of times
        "opensAt": None,
        "closesAt": None,
        "reentryMinutes": None,
    },
    "UpdateEventQuestionInput": {"prompt": REFUSED, "choices": REFUSED, "required": False},
    "UpdateQuotaInput": {"name": REFUSED, "capacity": REFUSED, "ticketTypeIds": REFUSED},
    "UpdateTicketTypeInput": {
        "name": REFUSED,
        "description": {},
        "price": REFUSED,
        "admits": 1,
        "minPerOrder": 1,
        "maxPerOrder": 10,
        "needsCode": False,
        "companionOfId": None,
        "categoryIds": [],
        "saleStartsAt": None,
        "saleEndsAt": None,
        "taxClass": TaxClass.STANDARD,
        "hsnCode": None,
        "tiers": [],
    },
}
