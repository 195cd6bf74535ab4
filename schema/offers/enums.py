"""Enums of the domain `offers` in the GraphQL schema."""

from engine.enums import publish
from models.offers.offers import OfferState
from services.offers.search import OfferOrder

__all__ = ["OfferOrder", "OfferState"]

publish(
    OfferOrder,
    "The order of a list of offers.",
    NEWEST="Most recently created first.",
    ENDING_SOON="Ending soonest first.",
    NEAREST="Nearest first. Requires `near`.",
    RELEVANCE="Best match first. Requires `search`.",
)

publish(
    OfferState,
    "The state of an offer.",
    DRAFT="Not published. Only the vendor's members can see it.",
    PUBLISHED="Can be claimed between its start and its end.",
    PAUSED="Cannot be claimed for now. Claimed vouchers stay valid.",
    EXPIRED="Its end has passed.",
    ARCHIVED="Withdrawn for good. Claimed vouchers stay valid.",
)
