"""Slugs of products: the names in the addresses of their pages, after the vendor's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.clock import now
from core.slugs import MAX_SLUG_LENGTH, MIN_SLUG_LENGTH, SLUG_PATTERN
from models.base import DEFERRED, timestamp
from models.errors import Refusal
from models.personal_data import of_others

MAX_PRODUCT_SLUGS = 10  # of a product, with former ones


class ProductSlug(SQLModel, table=True):
    """A slug that a product has or had. Of a vendor, no other product can take it over.

    Links and search engines know it: at another product they would lead customers astray.
    """

    __tablename__ = "product_slug"
    __table_args__ = (
        ForeignKeyConstraint(
            ["product_id", "vendor_id"], ["product.id", "product.vendor_id"], **DEFERRED
        ),
        CheckConstraint(
            f"slug ~ '^{SLUG_PATTERN}$'"
            f" AND char_length(slug) BETWEEN {MIN_SLUG_LENGTH} AND {MAX_SLUG_LENGTH}",
            name="slug",
        ),
        Index(
            "product_slug_current_key",
            "product_id",
            unique=True,
            postgresql_where=text("is_current"),
        ),
        Index("product_slug_product_id_idx", "product_id"),
    )
    __privacy__ = of_others(none="slug")

    vendor_id: UUID = Field(primary_key=True)
    slug: str = Field(primary_key=True)
    product_id: UUID
    is_current: bool = True
    created_at: datetime = timestamp(default_factory=now)


class ProductSlugTaken(Refusal):
    message = "“{slug}” belongs to another product. Choose another name for the address."
    meaning = "Another product of the vendor has the slug, or had it before."
    remedy = "Show `message` next to the field, so that the user can choose another slug."


class ProductSlugLimitReached(Refusal):
    message = "A product can use at most {most} addresses. Choose one that it had before."
    meaning = "The product has had the maximum number of slugs, which all keep leading to it."
    remedy = "Offer the slugs that the product had before."
