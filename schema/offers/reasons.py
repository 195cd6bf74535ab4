"""Why an offer is where it is in a list in the order FOR_YOU."""

from collections.abc import Mapping

import strawberry

from core.errors import UserMessage
from engine.context import Info
from engine.types import column, field
from schema.offers.enums import OfferReasonKind
from services.i18n import translate

MESSAGES: Mapping[OfferReasonKind, UserMessage] = {
    OfferReasonKind.NEAR: UserMessage("Near you"),
    OfferReasonKind.LIKED_CATEGORY: UserMessage("You like similar offers"),
    OfferReasonKind.USED_CATEGORY: UserMessage("You have used similar offers"),
    OfferReasonKind.POPULAR: UserMessage("Popular"),
    OfferReasonKind.NEW: UserMessage("New"),
    OfferReasonKind.NOT_PERSONAL: UserMessage("Popular offers, not chosen by your history"),
}


@strawberry.type(description="A reason why an offer is where it is in the order FOR_YOU.")
class OfferReason:
    kind: OfferReasonKind = column("The kind.")
    points: int = column(
        "The points of 100 that it adds to the offer's score, by which the list is sorted. 0 for"
        " NOT_PERSONAL."
    )

    @field("The reason in the caller's language, to be shown to users.", public=True)
    def text(self, info: Info) -> str:
        return translate(MESSAGES[self.kind], info.context.locales)
