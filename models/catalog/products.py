"""Products: states, options, and what is denormalized on them for lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import (
    LONG,
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
    position_column,
    timestamp,
)
from models.errors import InvalidInput, Refusal
from models.personal_data import of_others
from models.search import similarity_index, terms_index
from models.text import OneLine, Paragraphs

MAX_PRODUCTS = 5_000  # of a vendor, without archived ones
MAX_OPTIONS, MAX_OPTION_VALUES = 3, 30
MAX_HSN_LENGTH = 8
ProductTitle = Annotated[str, OneLine(120, min_length=3)]
ProductText = Annotated[str, Paragraphs(8_000)]


class ProductState(StrEnum):
    """`DRAFT → PUBLISHED ⇄ HIDDEN → ARCHIVED`. A DRAFT and a PUBLISHED one can be archived too."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    HIDDEN = "HIDDEN"
    ARCHIVED = "ARCHIVED"

    def ensure_can_become(self, state: "ProductState") -> None:
        if state not in TRANSITIONS[self]:
            raise InvalidProductState(
                "A product that is {state} cannot become {wanted}.", state=self, wanted=state
            )


TRANSITIONS = {
    ProductState.DRAFT: {ProductState.PUBLISHED, ProductState.ARCHIVED},
    ProductState.PUBLISHED: {ProductState.HIDDEN, ProductState.ARCHIVED},
    ProductState.HIDDEN: {ProductState.PUBLISHED, ProductState.ARCHIVED},
    ProductState.ARCHIVED: set[ProductState](),
}


class ProductKind(StrEnum):
    PHYSICAL = "PHYSICAL"
    DIGITAL = "DIGITAL"


class TaxClass(StrEnum):
    """The class by which the tax rates of a country apply to a product."""

    STANDARD = "STANDARD"
    REDUCED = "REDUCED"
    LOW = "LOW"
    ZERO = "ZERO"
    EXEMPT = "EXEMPT"


class ProductChoice(NamedTuple):
    """An option of a product or a value of one: a key for programs, and its name."""

    key: str
    name: Mapping[str, str]
    locale: str
    values: "Sequence[ProductChoice]" = ()


class Product(Row, table=True):
    """Goods of a vendor, sold as variants.

    `options` has the options in their order, each with its values: a variant has one value of each.
    The prices are the lowest and the highest of the active variants, None without any. Country and
    place are the vendor's.
    """

    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        CheckConstraint(f"hsn_code ~ '^[0-9]{{4,{MAX_HSN_LENGTH}}}$'", name="hsn_code"),
        CheckConstraint(
            "num_nonnulls(min_price, max_price) IN (0, 2) AND min_price BETWEEN 0 AND max_price",
            name="prices",
        ),
        CheckConstraint(f"jsonb_array_length(options) <= {MAX_OPTIONS}", name="options"),
        CheckConstraint(
            "CASE state WHEN 'DRAFT' THEN published_at IS NULL"
            " WHEN 'ARCHIVED' THEN true ELSE published_at IS NOT NULL END",
            name="published_at",
        ),
        CheckConstraint("state <> 'PUBLISHED' OR min_price IS NOT NULL", name="sold"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        terms_index("product"),
        similarity_index("product"),
        Index("product_position_idx", "position", postgresql_using="gist"),
        Index("product_created_at_idx", "created_at", "id"),
        Index("product_country_idx", "country", "created_at", "id"),
        Index("product_state_created_at_idx", "state", "created_at", "id"),
        Index("product_price_idx", "currency", "min_price", "id"),
        Index("product_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("product_category_id_idx", "category_id", "created_at", "id"),
        # Related products are read in the order of these, up to the number that is shown. With
        # others, PostgreSQL sorted all of a vendor or a category: 25 ms for each product of 12,000.
        Index(
            "product_published_idx",
            "category_id",
            "created_at",
            "id",
            postgresql_where=text("state = 'PUBLISHED'"),
        ),
        Index(
            "product_related_idx",
            "vendor_id",
            "category_id",
            "created_at",
            "id",
            postgresql_where=text("state = 'PUBLISHED'"),
        ),
    )
    __privacy__ = of_others(
        none=(
            "locale title description options hsn_code currency min_price max_price country"
            " latitude longitude position search_text"
        )
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    category_id: UUID = foreign_key("category", index=False)
    kind: ProductKind = enum_column(ProductKind)
    state: ProductState = enum_column(ProductState, default=ProductState.DRAFT)
    locale: str = Field(max_length=16)
    title: dict[str, ProductTitle] = json()
    description: dict[str, ProductText] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG}
    )
    options: list[dict[str, Any]] = json(default_factory=list, sa_column_kwargs={"info": LONG})
    tax_class: TaxClass = open_enum_column(TaxClass, default=TaxClass.STANDARD)
    hsn_code: str | None = Field(default=None, max_length=MAX_HSN_LENGTH)
    currency: str = Field(max_length=3)
    min_price: int | None = Field(default=None, sa_type=BigInteger)
    max_price: int | None = Field(default=None, sa_type=BigInteger)
    published_at: datetime | None = timestamp(default=None)

    country: str = Field(max_length=2)
    latitude: float
    longitude: float
    position: str | None = position_column()
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD})

    @property
    def choices(self) -> list[ProductChoice]:
        """Return the options with their values."""
        return [
            ProductChoice(
                option["key"],
                option["name"],
                self.locale,
                [ProductChoice(one["key"], one["name"], self.locale) for one in option["values"]],
            )
            for option in self.options
        ]

    def fits(self, options: Mapping[str, str]) -> bool:
        """Return whether these are one value of each option."""
        known = {one.key: {value.key for value in one.values} for one in self.choices}
        return known.keys() == options.keys() and all(
            value in known[key] for key, value in options.items()
        )

    def ensure_fits(self, options: Mapping[str, str], *, field: list[str]) -> None:
        if not self.fits(options):
            raise InvalidInput("Choose one value of each option of the product.", field=field)

    def ensure_editable(self) -> None:
        if self.state is ProductState.ARCHIVED:
            raise InvalidProductState(
                "A product that is {state} cannot be changed.", state=self.state
            )


class InvalidProductState(Refusal):
    code = "PRODUCT_STATE"
    message = "The product's state does not allow this. Reload the product."
    meaning = "The product is in a state that does not allow this action."
    remedy = "Refetch the product's `state` and show only the actions that it allows."


class ProductIncomplete(Refusal):
    message = "A published product needs a variant with a price. Add one first."
    meaning = "The product has no active variant, or would have none while it is PUBLISHED."
    remedy = "Add a variant before publishing. Hide the product before its last one is retired."


class ProductLimitReached(Refusal):
    message = "A business can have at most {most} products. Archive some first."
    meaning = "The vendor has the maximum number of products that are not archived."
    remedy = "Let the user archive products that are not sold any more."
