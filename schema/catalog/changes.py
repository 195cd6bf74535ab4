"""Changes that the subscriptions to a vendor's products and imports send."""

import strawberry

from engine.types import column
from schema.catalog.imports import ProductImport
from schema.catalog.types import Product


@strawberry.type(description="A change of a product of a vendor.")
class ProductChange:
    cursor: str = column("The cursor to resume after this change.")
    product: Product | None = strawberry.field(
        default=None,
        description="The product in its current state. Null if nothing has changed, and there is"
        " only a newer cursor to resume from.",
    )


@strawberry.type(description="A change of an import of products.")
class ProductImportChange:
    cursor: str = column("The cursor to resume after this change.")
    product_import: ProductImport | None = strawberry.field(
        default=None,
        description="The import in its current state. Null if nothing has changed, and there is"
        " only a newer cursor to resume from.",
    )
