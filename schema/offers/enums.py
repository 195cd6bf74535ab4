"""Enums of the domain `offers` in the GraphQL schema."""

from engine.enums import publish
from models.offers.offers import DiscountKind, OfferState
from models.offers.rules import OfferRuleKind, StackingKind
from models.offers.suggestions import SuggestionKind
from services.offers.facets import OfferFacet
from services.offers.filters import OfferOrder

__all__ = [
    "DiscountKind",
    "OfferFacet",
    "OfferOrder",
    "OfferRuleKind",
    "OfferState",
    "StackingKind",
    "SuggestionKind",
]

publish(
    OfferRuleKind,
    "A rule of an offer.",
    MINIMUM_SPEND="The bill is at least this high.",
    FIRST_VISIT="The customer has used no voucher at the vendor before.",
    DAYS_HOURS="It is used on these days, in these hours.",
    HOUSEHOLD="A household uses it once: users of one device or phone number.",
    STACKING="The bill takes it beside its other vouchers, which never pass its amount.",
    BRANCH="It is used in one of these branches.",
    MAXIMUM_USES="It is used at most this often.",
    BALANCE="Its balance covers the amount.",
)

publish(
    StackingKind,
    "How a voucher shares a bill with other vouchers.",
    ALONE="The bill has no other voucher.",
    ONE_PER_GROUP="The bill has no other voucher of its group.",
    FREE="The bill can have any other voucher that allows it.",
)

publish(
    OfferOrder,
    "The order of a list of offers.",
    NEWEST="Most recently published first; with `states`, most recently created first.",
    ENDING_SOON="Ending soonest first.",
    NEAREST="Nearest first. Requires `near`.",
    MOST_LIKED="Most liked first, as of a minute ago. Not with `states`.",
    MOST_CLAIMED="Most claimed first, as of a minute ago. Not with `states`.",
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
    SuggestionKind,
    "The kind of a suggestion.",
    TERM="A word of live offers, to be searched for.",
    VENDOR="The name of a vendor with live offers.",
    CATEGORY="The name of a category with live offers.",
    CITY="The name of a city with live offers.",
)

publish(
    OfferFacet,
    "A property by whose values offers are counted.",
    CATEGORY="Top-level categories; with `categoryId`, the categories directly within it.",
    CITY="Cities of the vendors, whichever `cityId` is chosen.",
    DISCOUNT="Bands of ten percent, whichever `discountAtLeast` is chosen.",
    KIND="Kinds of discounts, whichever `discountKinds` are chosen.",
)
