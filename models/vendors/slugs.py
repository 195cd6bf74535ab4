"""Slugs of vendors: the names in the addresses of their pages."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import delete_rows
from models.slugs import slug_constraints

MAX_SLUGS = 10  # of a vendor, with former ones


class VendorSlug(SQLModel, table=True):
    """A slug that a vendor has or had. It is kept for good, so no other vendor can take it over.

    Links and search engines know it: at another vendor they would lead customers to a stranger.
    Only those of a vendor that was never approved are deleted: the former ones of a PENDING vendor,
    all of a REJECTED one, and those of an applicant whose account is erased.
    """

    __tablename__ = "vendor_slug"
    __table_args__ = slug_constraints("vendor")
    __privacy__ = delete_rows(of="vendor_id", personal="slug")

    slug: str = Field(primary_key=True)
    vendor_id: UUID = foreign_key("vendor", index=False)
    is_current: bool = True
    created_at: datetime = timestamp(default_factory=now)


class SlugTaken(Refusal):
    message = "“{slug}” belongs to another business. Choose another name for the address."
    meaning = "Another vendor has the slug, or had it before."
    remedy = "Show `message` next to the field, so that the user can choose another slug."


class SlugLimitReached(Refusal):
    message = "A business can use at most {most} addresses. Choose one that it had before."
    meaning = "The vendor has had the maximum number of slugs, which all keep leading to it."
    remedy = "Offer the slugs that the vendor had before."
