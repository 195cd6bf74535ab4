"""Enums of the domain `offers` in the GraphQL schema."""

from engine.enums import publish
from models.offers.offers import DiscountKind, OfferState, PublishFailure
from services.offers.filters import OfferOrder

__all__ = ["DiscountKind", "OfferOrder", "OfferState", "PublishFailure"]

publish(
    OfferOrder,
    "The order of a list of offers.",
    NEWEST="Most recently published first; with `states`, most recently created first.",
    ENDING_SOON="Ending soonest first.",
    NEAREST="Nearest first. Requires `near`.",
    MOST_LIKED="Most liked first, as of a minute ago. Not with `search` or `states`.",
    MOST_CLAIMED="Most claimed first, as of a minute ago. Not with `search` or `states`.",
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

publish(
    DiscountKind,
    "The kind of a discount.",
    PERCENT="A percentage.",
    AMOUNT="An amount.",
    BUY_GET="Additional items for free.",
    FREE_ITEM="A free item with a purchase.",
)

publish(
    PublishFailure,
    "The reason why a scheduled offer was not published.",
    VENDOR_NOT_APPROVED="The vendor was not approved.",
    VENDOR_SUSPENDED="The vendor was suspended.",
    OFFER_ENDED="The offer's end had passed.",
    QUOTA_USED_UP="The vendor needed a pack, and had no units of it left.",
)
