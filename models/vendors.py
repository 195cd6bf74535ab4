"""Vendors and their members."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import LocaleTag, PinCode, Row, enum_column, foreign_key, json
from models.errors import Refusal
from models.search import terms_index
from models.text import OneLine, Paragraphs, one_line_constraint

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


class VendorDraft(BaseModel, frozen=True):
    """Validated input of a new vendor. Country, currency and the like were checked as scalars."""

    name: VendorName
    description: Annotated[dict[LocaleTag, VendorDescription], Range(max_length=20)] = {}
    locale: LocaleTag = "en"
    country: str
    city: City
    pin_code: PinCode
    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]
    phone: str | None = None
    website: str | None = None
    time_zone: str
    currency: str


class LastOwner(Refusal):
    message = "This is the last owner of the vendor. Make another member an owner first."
    meaning = "The vendor would have no member with the OWNER role."
    remedy = "Make another member an owner first."


class VendorNotApproved(Refusal):
    message = (
        "This vendor is not approved, so its offers cannot be published, claimed or redeemed."
        " Ask the platform to approve it."
    )
    meaning = "The vendor is not approved, so its offers cannot be published, claimed or redeemed."
    remedy = "Inform the user. Only an admin of the platform can approve a vendor."
