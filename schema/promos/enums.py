"""Enums of the domain `promos` in the GraphQL schema."""

from engine.enums import publish
from models.pricing.discounts import FundedBy, PromoKind
from models.promos.codes import PromoCodeState

__all__ = ["FundedBy", "PromoCodeState", "PromoKind"]

publish(
    PromoKind,
    "The kind of discount of a promo code.",
    PERCENT="A percentage of the goods that the code is for.",
    AMOUNT="An amount off the goods that the code is for.",
    FREE_DELIVERY="The price of the delivery of those goods.",
)

publish(
    FundedBy,
    "The side that bears a cost: of a discount, or of a refund.",
    VENDOR="The vendor, which gets less.",
    PLATFORM="The platform. Vendors get the full amount.",
)

publish(
    PromoCodeState,
    "The state of a promo code.",
    ACTIVE="Valid between its start and its end, while uses are left.",
    ENDED="Ended for good. Orders that were placed with it keep their discount.",
)
