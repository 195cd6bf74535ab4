"""Enums of the domain `offers` in the GraphQL schema."""

from engine.enums import publish
from models.offers.imports import OfferColumn, OfferImportFailure
from models.offers.offers import DiscountKind, OfferState, PublishFailure
from models.offers.rules import OfferRuleKind, StackingKind
from models.offers.suggestions import SuggestionKind
from services.offers.facets import OfferFacet
from services.offers.filters import OfferOrder
from services.offers.for_you.scoring import OfferReasonKind

__all__ = [
    "DiscountKind",
    "OfferColumn",
    "OfferFacet",
    "OfferImportFailure",
    "OfferOrder",
    "OfferReasonKind",
    "OfferRuleKind",
    "OfferState",
    "PublishFailure",
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
    FOR_YOU="Best for the viewer first, by distance with `near`, what the viewer likes and has"
    " used, popularity and age: at most 200 offers, as of the first page. Later pages are found for"
    " 10 minutes, then the error is CURSOR_EXPIRED. For anonymous callers, API tokens and users who"
    " have turned it off, by popularity. Not with `search` or `states`.",
)

publish(
    OfferReasonKind,
    "The kind of a reason why an offer is where it is in the order FOR_YOU.",
    NEAR="It is near the place.",
    LIKED_CATEGORY="The viewer likes offers in its category, or in one beside it.",
    USED_CATEGORY="The viewer has used vouchers in its category, or in one beside it.",
    POPULAR="Many users like it or have claimed it.",
    NEW="It was published recently.",
    NOT_PERSONAL="The list is by popularity, within `near` if given, and not by the viewer's"
    " history. It is the only reason then.",
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

publish(
    PublishFailure,
    "The reason why a scheduled offer was not published.",
    VENDOR_NOT_APPROVED="The vendor was not approved.",
    VENDOR_SUSPENDED="The vendor was suspended.",
    OFFER_ENDED="The offer's end had passed.",
    QUOTA_USED_UP="The vendor needed a pack, and had no units of it left.",
)

publish(
    OfferColumn,
    "A column of a file of offers. Headers can be in lower or upper case.",
    ID="The vendor's own id of the offer, at most 64 characters. Required.",
    TITLE="The title, in the vendor's language. Required for a new offer.",
    DESCRIPTION="The description, in the vendor's language.",
    TERMS="The terms and conditions, in the vendor's language.",
    CATEGORY="The slug of the category. That of a new offer defaults to the vendor's category.",
    PERCENT="A discount of a percentage, from 1 to 100.",
    AMOUNT="A discount of an amount in the vendor's currency, with a decimal point.",
    BUY="The number of items to pay for. Together with GET.",
    GET="The number of additional, free items. Together with BUY.",
    FREE_ITEM="A free item with a purchase, in the vendor's language.",
    CAPACITY="The number of vouchers that can be claimed. That of a new offer is unlimited by"
    " default.",
    PER_USER_LIMIT="The number of vouchers that one user can claim. That of a new offer defaults to"
    " 1.",
    STARTS_AT="The start, such as 2026-12-31 18:30. In the vendor's time zone, unless it has an"
    " offset. Required for a new offer.",
    ENDS_AT="The end, as STARTS_AT. A date alone includes its whole day. Required for a new offer.",
    PUBLISH_AT="The time at which a draft is published, as by `scheduleOffer`.",
    PIN_CODES="The postal codes, separated by spaces.",
)

publish(
    OfferImportFailure,
    "The reason why an import of offers failed. Unless it was INTERRUPTED or NOT_PERMITTED, it has"
    " changed nothing.",
    FILE_MISSING="The file was deleted.",
    NOT_CSV="The file is not CSV in UTF-8.",
    UNKNOWN_COLUMN="The header has a name that is not an `OfferColumn`.",
    REPEATED_COLUMN="The header has a name twice.",
    ID_COLUMN_MISSING="The header has no column ID.",
    NO_ROWS="The file has no rows.",
    TOO_MANY_ROWS="The file has more than 5,000 rows.",
    NOT_PERMITTED="The member who imports may not edit the vendor's offers any more.",
    INTERRUPTED="The server has given up after a day of attempts. Rows with a result were imported,"
    " unless it was a dry run. Import the file again: what is there already is UNCHANGED.",
)
