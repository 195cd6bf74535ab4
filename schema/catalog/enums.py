"""Enums of the domain `catalog` in the GraphQL schema."""

from engine.enums import publish
from models.catalog.imports import (
    MAX_IMPORT_ROWS,
    ImportColumn,
    ImportFailure,
)
from models.catalog.products import ProductKind, ProductState, TaxClass
from models.catalog.variants import VariantState
from services.catalog.search import ProductOrder

__all__ = [
    "ImportColumn",
    "ImportFailure",
    "ProductKind",
    "ProductOrder",
    "ProductState",
    "TaxClass",
    "VariantState",
]

publish(
    ImportColumn,
    "A column of a file of products. The header has its name in upper or lower case.",
    SKU="The vendor's number of the article. Required.",
    TITLE="The title in the vendor's language. Required in the row of a new product.",
    DESCRIPTION="The description in the vendor's language.",
    TAX_CLASS="The tax class.",
    HSN_CODE="The code in the Harmonized System, of 4 to 8 digits.",
    PRICE="The price in the vendor's currency, with a decimal point. Required as the title is.",
    COMPARE_AT="A higher price to show beside the price.",
    WEIGHT_G="The weight in grams.",
    PER_ORDER_MAX="The most units that one order can take.",
    TRACKS_STOCK="Whether stock is kept: true, yes, false or no.",
    ON_HAND="The units that are there of a new product. Ignored if the SKU exists: use"
    " `countStock`.",
)

publish(
    ImportFailure,
    "The reason why an import failed. Unless it was INTERRUPTED, it has changed nothing.",
    FILE_MISSING="The file was deleted before it could be read.",
    NOT_CSV="The file is not CSV in UTF-8.",
    UNKNOWN_COLUMN="The header has a name that is not an `ImportColumn`.",
    REPEATED_COLUMN="The header has a name twice.",
    SKU_COLUMN_MISSING="The header has no column SKU.",
    NO_ROWS="There is no row below the header.",
    TOO_MANY_ROWS=f"The file has more than {MAX_IMPORT_ROWS:,} rows.",
    NOT_PERMITTED="The member who imports may not edit the vendor's products any more.",
    INTERRUPTED="The server has given up after a day of attempts. Rows with a result were imported,"
    " unless it was a dry run. Import the file again: what is there already is UNCHANGED.",
)

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
