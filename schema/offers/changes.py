"""Changes that the subscriptions to an offer and to a vendor's imports of offers send."""

import strawberry

from engine.types import column
from schema.offers.imports import OfferImport
from schema.offers.types import Offer


@strawberry.type(description="A change of an offer: of its values, its state, or its claims.")
class OfferChange:
    cursor: str = column("The cursor to resume after this change.")
    offer: Offer | None = strawberry.field(
        default=None,
        description="The offer as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )


@strawberry.type(description="A change of an import of offers.")
class OfferImportChange:
    cursor: str = column("The cursor to resume after this change.")
    offer_import: OfferImport | None = strawberry.field(
        default=None,
        description="The import in its current state. Null if nothing has changed, and there is"
        " only a newer cursor to resume from.",
    )
