"""Slugs of products: the names in the addresses of their pages, after the vendor's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import DEFERRED, timestamp
from models.errors import Refusal
from models.personal_data import of_others
from models.slugs import slug_constraints

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
        *slug_constraints("product"),
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
