"""Changes that the subscription to a vendor's products sends."""

import strawberry

from engine.types import column
from schema.catalog.types import Product


@strawberry.type(description="A change of a product of a vendor.")
class ProductChange:
    cursor: str = column("The cursor to resume after this change.")
    product: Product | None = strawberry.field(
        default=None,
        description="The product in its current state. Null if nothing has changed, and there is"
        " only a newer cursor to resume from.",
    )
