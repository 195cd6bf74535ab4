"""Changes that the subscription to a vendor's imports of offers sends."""

import strawberry

from engine.types import column
from schema.offers.imports import OfferImport


@strawberry.type(description="A change of an import of offers.")
class OfferImportChange:
    cursor: str = column("The cursor to resume after this change.")
    offer_import: OfferImport | None = strawberry.field(
        default=None,
        description="The import in its current state. Null if nothing has changed, and there is"
        " only a newer cursor to resume from.",
    )
