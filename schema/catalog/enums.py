"""Enums of the domain `catalog` in the GraphQL schema."""

from engine.enums import publish
from models.catalog.products import ProductKind, ProductState, TaxClass
from models.catalog.variants import VariantState
from services.catalog.search import ProductOrder

__all__ = ["ProductKind", "ProductOrder", "ProductState", "TaxClass", "VariantState"]

publish(
    ProductKind,
    "The kind of a product.",
    PHYSICAL="Goods that are shipped or picked up.",
    DIGITAL="Files that are downloaded.",
)

publish(
    ProductOrder,
    "The order of a list of products.",
    NEWEST="Most recently created first.",
    PRICE_ASCENDING="Lowest price first. Requires `where.currency`.",
    PRICE_DESCENDING="Highest price first, by the lowest price of each product. Requires"
    " `where.currency`.",
    NEAREST="Nearest vendor first. Requires `near`.",
    RELEVANCE="Best match first. Requires `search`.",
)

publish(
    ProductState,
    "The state of a product.",
    DRAFT="Not published yet. Only the vendor's members can see it.",
    PUBLISHED="Can be bought, while its vendor is APPROVED.",
    HIDDEN="Not shown and not sold until it is published again.",
    ARCHIVED="Withdrawn for good.",
)

publish(
    TaxClass,
    "The class by which the tax rates of a country apply to a product.",
    STANDARD="The standard rate.",
    REDUCED="The reduced rate.",
    LOW="The lowest rate above zero.",
    ZERO="A rate of zero.",
    EXEMPT="Exempt from tax.",
)

publish(
    VariantState,
    "The state of a variant.",
    ACTIVE="Sold with its product.",
    RETIRED="Not sold. Only the vendor's members can see it.",
)
