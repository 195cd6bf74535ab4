"""Vendors, members and categories."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, json, optional_foreign_key
from models.errors import Refusal
from models.search import terms_index
from models.text import OneLine, Paragraphs, one_line_constraint

CategoryName = Annotated[str, OneLine(80)]
VendorName = Annotated[str, OneLine(120, web_addresses=False)]
VendorDescription = Annotated[str, Paragraphs(4_000)]
City = Annotated[str, OneLine(80, web_addresses=False)]


class VendorStatus(StrEnum):
    """PENDING until an admin decides. Only APPROVED vendors are public and can sell."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    SUSPENDED = "SUSPENDED"
    REJECTED = "REJECTED"


class MemberRole(StrEnum):
    """The role of a member. Each includes the rights of those below it."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    STAFF = "STAFF"
    SCANNER = "SCANNER"

    def covers(self, needed: "MemberRole") -> bool:
        ranks = list(MemberRole)
        return ranks.index(self) <= ranks.index(needed)


class Category(Row, table=True):
    """A category. `path` has the slugs from the root, such as `food/cafes/`."""

    __table_args__ = (
        Index("category_path_idx", "path", postgresql_ops={"path": "text_pattern_ops"}),
        CheckConstraint("path LIKE '%' || slug || '/'", name="path_ends_in_slug"),
    )

    slug: str
    path: str = Field(unique=True)
    name: dict[str, CategoryName] = json()
    parent_id: UUID | None = optional_foreign_key("category")
    position: int = 0


class Vendor(Row, table=True):
    """A business: shop, clinic, maker or organiser."""

    __table_args__ = (
        one_line_constraint("name"),
        one_line_constraint("city"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        terms_index("vendor"),
        Index(
            "vendor_search_idx",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name="pin_code"),
        Index("vendor_country_pin_code_idx", "country", "pin_code"),
        Index("vendor_status_name_idx", "status", "name", "id"),
        Index("vendor_name_idx", "name", "id"),
        Index("vendor_created_at_idx", "created_at", "id"),
    )

    name: VendorName = Field(max_length=120)
    description: dict[str, VendorDescription] = json(default_factory=dict)
    category_id: UUID = foreign_key("category")
    status: VendorStatus = enum_column(VendorStatus, default=VendorStatus.PENDING)
    locale: str = Field(max_length=16)
    country: str = Field(max_length=2)
    city: City = Field(max_length=80)
    pin_code: str = Field(max_length=12)
    latitude: float
    longitude: float
    phone: str | None = Field(default=None, max_length=16)
    website: str | None = Field(default=None, max_length=2000)
    time_zone: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    search_text: str = ""

    def ensure_approved(self) -> None:
        if self.status is not VendorStatus.APPROVED:
            raise VendorNotApproved


class VendorMember(Row, table=True):
    __tablename__ = "vendor_member"
    __table_args__ = (UniqueConstraint("vendor_id", "user_id"),)

    vendor_id: UUID = foreign_key("vendor", index=False)
    user_id: UUID = foreign_key("user")
    role: MemberRole = enum_column(MemberRole)


class VendorNotApproved(Refusal):
    message = (
        "This vendor is not approved, so its offers cannot be published, claimed or redeemed."
        " Ask the platform to approve it."
    )
    meaning = "The vendor is not approved, so its offers cannot be published, claimed or redeemed."
    remedy = "Inform the user. Only an admin of the platform can approve a vendor."
