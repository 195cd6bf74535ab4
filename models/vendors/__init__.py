"""Vendors and their members."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from core.clock import now
from core.countries import addresses, postal_codes, public_holidays
from core.security.sealed import Sealer
from models.base import (
    LONG,
    MAX_LOCALES,
    UNREAD,
    LocaleTag,
    PinCode,
    Row,
    enum_column,
    foreign_key,
    json,
    position_column,
    timestamp,
)
from models.errors import NULL_REFUSED, InvalidInput, Refusal
from models.personal_data import blank_values, delete_rows
from models.sealed_columns import sealed
from models.search import similarity_index, terms_index
from models.slugs import Slug
from models.text import LINE_PATTERN, OneLine, Paragraphs, one_line_constraint

VendorName = Annotated[str, OneLine(120, web_addresses=False)]
VendorDescription = Annotated[str, Paragraphs(4_000)]
VendorDescriptions = Annotated[dict[LocaleTag, VendorDescription], Range(max_length=MAX_LOCALES)]
City = Annotated[str, OneLine(80, web_addresses=False)]
StreetLine = Annotated[str, OneLine(120, web_addresses=False)]
Subdivision = Annotated[str, OneLine(80, web_addresses=False)]
SeoTitle = Annotated[str, OneLine(70)]
SeoTitles = Annotated[dict[LocaleTag, SeoTitle], Range(max_length=MAX_LOCALES)]
SeoText = Annotated[str, OneLine(200)]
SeoTexts = Annotated[dict[LocaleTag, SeoText], Range(max_length=MAX_LOCALES)]
MAX_STREET_LINES = 3
PHONE_COLUMN = "vendor.phone"


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
    """A business: shop, clinic, maker or organiser.

    Its address is public, and lists are searched by it. Its phone number can be a person's own, and
    is sealed: who sees the vendor sees the number, but a copy of the database does not have it.
    """

    __table_args__ = (
        one_line_constraint("name"),
        one_line_constraint("city"),
        one_line_constraint("subdivision"),
        CheckConstraint(
            f"cardinality(street_lines) <= {MAX_STREET_LINES}"
            f" AND array_to_string(street_lines, '') !~ '{LINE_PATTERN}'",
            name="street_lines",
        ),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        terms_index("vendor"),
        similarity_index("vendor"),
        CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name="pin_code"),
        Index("vendor_country_pin_code_idx", "country", "pin_code"),
        Index("vendor_status_name_idx", "status", "name", "id"),
        Index("vendor_name_idx", "name", "id"),
        Index("vendor_created_at_idx", "created_at", "id"),
        Index("vendor_position_idx", "position", postgresql_using="gist"),
        UniqueConstraint("id", "currency"),  # for the foreign keys of prices
    )
    __privacy__ = blank_values(
        of="",
        where="""
            status <> 'APPROVED' AND id IN (
                SELECT vendor_id FROM vendor_application
                WHERE user_id = :person AND state <> 'APPROVED'
            )
        """,
        personal=(
            "name description seo_title seo_text city pin_code street_lines subdivision latitude"
            " longitude position website search_text"
        ),
        none="locale country time_zone currency",
        blank={
            "name": "'Deleted vendor'",
            "description": "'{}'::jsonb",
            "seo_title": "'{}'::jsonb",
            "seo_text": "'{}'::jsonb",
            "city": "'-'",
            "pin_code": "'000'",
            "street_lines": "'{}'::text[]",
            "latitude": "0",
            "longitude": "0",
            "search_text": "''",
        },
    )

    name: VendorName = Field(max_length=120)
    description: dict[str, VendorDescription] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG}
    )
    seo_title: dict[str, SeoTitle] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG, "server_default": "{}"}
    )
    seo_text: dict[str, SeoText] = json(
        default_factory=dict, sa_column_kwargs={"info": LONG, "server_default": "{}"}
    )
    category_id: UUID = foreign_key("category")
    status: VendorStatus = enum_column(VendorStatus, default=VendorStatus.PENDING)
    locale: str = Field(max_length=16)
    country: str = Field(max_length=2)
    city: City = Field(max_length=80)
    pin_code: str = Field(max_length=12)
    street_lines: list[StreetLine] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )
    subdivision: Subdivision | None = Field(default=None, max_length=80)
    latitude: float
    longitude: float
    phone: bytes | None = sealed(optional=True)
    website: str | None = Field(default=None, max_length=2000)
    time_zone: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    position: str | None = position_column()
    closes_on_holidays: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD})

    @property
    def formatted(self) -> list[str]:
        """Return the lines of the address in its country's order."""
        parts = {"street": "\n".join(self.street_lines), "city": self.city}
        parts |= {"subdivision": self.subdivision or "", "postal_code": self.pin_code}
        return addresses.format_lines(self.country, parts)

    def seal_phone(self, sealer: Sealer, phone: str | None) -> None:
        """Set the phone number, or remove it."""
        self.phone = sealer.seal(PHONE_COLUMN, self.id, phone.encode()) if phone else None

    def open_phone(self, sealer: Sealer) -> str | None:
        if self.phone is None:
            return None
        return sealer.open(PHONE_COLUMN, self.id, self.phone).decode()

    @property
    def suspended(self) -> bool:
        return self.status is VendorStatus.SUSPENDED

    def ensure_not_suspended(self) -> None:
        if self.suspended:
            raise VendorSuspended

    def ensure_approved(self) -> None:
        self.ensure_not_suspended()
        if self.status is not VendorStatus.APPROVED:
            raise VendorNotApproved

    def ensure_status(self, needed: VendorStatus) -> None:
        if self.status is not needed:
            raise InvalidVendorStatus(status=self.status)


class VendorMember(Row, table=True):
    __tablename__ = "vendor_member"
    __table_args__ = (UniqueConstraint("vendor_id", "user_id"),)
    __privacy__ = delete_rows()

    vendor_id: UUID = foreign_key("vendor", index=False)
    user_id: UUID = foreign_key("user")
    role: MemberRole = enum_column(MemberRole)


class VendorFollow(SQLModel, table=True):
    """A user follows a vendor."""

    __tablename__ = "follow"
    __table_args__ = (Index("follow_vendor_id_idx", "vendor_id", "user_id"),)
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    created_at: datetime = timestamp(default_factory=now)


class LastOwner(Refusal):
    message = "This is the last owner of the vendor. Make another member an owner first."
    meaning = (
        "The vendor would have no owner who stays: none, or only some who are suspended, or whose"
        " accounts will be deleted."
    )
    remedy = "Show `message`, and let the user make another member of the vendor an owner."


class AddressDraft(BaseModel, frozen=True):
    """Validated input of an address, but for the rules of its country."""

    street_lines: Annotated[list[StreetLine], Range(min_length=1, max_length=MAX_STREET_LINES)]
    city: City
    subdivision: Subdivision | None = None
    postal_code: PinCode

    def in_country(self, country: str) -> dict[str, Any]:
        """Return the columns for a country. Raises `InvalidInput` if they break its rules."""
        if not postal_codes.is_valid(self.postal_code, country):
            raise InvalidInput(
                "“{code}” is not a postal code of {country}.",
                code=self.postal_code,
                country=country,
                field=["address", "postalCode"],
            )
        return {
            "street_lines": self.street_lines,
            "city": self.city,
            "subdivision": self._subdivision_in(country),
            "pin_code": self.postal_code,
        }

    def _subdivision_in(self, country: str) -> str | None:
        """Return the state that the address has, or the region that has holidays of its own."""
        place = ["address", "subdivision"]
        if self.subdivision is None or addresses.uses_subdivisions(country):
            return choose_subdivision(country, self.subdivision, field=place)
        region = public_holidays.find_region(country, self.subdivision)
        return _known_subdivision(region, country, self.subdivision, field=place)


def choose_subdivision(country: str, name: str | None, *, field: list[str]) -> str | None:
    """Return a state or the like as addresses write it. Raises `InvalidInput` for the field."""
    if name is None:
        if addresses.requires_subdivision(country):
            raise InvalidInput("Choose the state, province or region.", field=field)
        return None
    if not addresses.uses_subdivisions(country):
        raise InvalidInput(
            "Addresses in {country} have no state or region. Leave it empty.",
            country=country,
            field=field,
        )
    found = addresses.find_subdivision(country, name)
    return _known_subdivision(found, country, name, field=field)


def _known_subdivision(found: str | None, country: str, name: str, *, field: list[str]) -> str:
    if found is None:
        raise InvalidInput(
            "“{name}” is not a state or region of {country}. Choose another one.",
            name=name,
            country=country,
            field=field,
        )
    return found


class VendorDraft(BaseModel, frozen=True):
    """Validated input of a new vendor. Country, currency and the like were checked as scalars."""

    name: VendorName
    description: VendorDescriptions = {}
    locale: LocaleTag = "en"
    country: str
    address: AddressDraft
    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]
    phone: str | None = None
    website: str | None = None
    time_zone: str
    currency: str

    def columns(self) -> dict[str, Any]:
        """Return the values of plain columns. Raises `InvalidInput` for the address."""
        values = self.model_dump(exclude={"address", "phone"})
        return values | self.address.in_country(self.country)

    def given(self, sealer: Sealer) -> dict[str, Any]:
        """Return the input whose hash is stored for idempotency.

        The phone number in it is hashed with the key: the rest is public, so that the number could
        be guessed from a plain hash.
        """
        phone = sealer.hash(PHONE_COLUMN, self.phone).hex() if self.phone else None
        return self.model_dump() | {"phone": phone}


class VendorPatch(BaseModel):
    """Values of a vendor that a request sets, each within its range. Others are unset."""

    description: VendorDescriptions | None = None
    seo_title: SeoTitles | None = None
    seo_text: SeoTexts | None = None
    slug: Slug | None = None
    address: AddressDraft | None = None
    latitude: Annotated[float, Range(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Range(ge=-180, le=180)] | None = None
    phone: str | None = None
    website: str | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("slug", "address", "latitude", "longitude"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def columns(self, country: str) -> dict[str, Any]:
        """Return the values of the plain columns to set. Raises `InvalidInput`."""
        values = self.model_dump(exclude_unset=True, exclude={"address", "phone", "slug"})
        for name in ("description", "seo_title", "seo_text"):
            if name in values:
                values[name] = values[name] or {}
        return values | (self.address.in_country(country) if self.address else {})


class VendorNotApproved(Refusal):
    message = (
        "This vendor is not approved, so nothing can be published, claimed or redeemed here."
        " Ask the platform to approve it."
    )
    meaning = "The vendor is not approved, so it can publish, sell and redeem nothing yet."
    remedy = "Inform the user. Only an admin of the platform can approve a vendor."


class VendorSuspended(Refusal):
    message = (
        "This vendor is suspended, so nothing of it can be published, bought, booked or redeemed."
    )
    meaning = "An admin has suspended the vendor. It cannot sell until an admin restores it."
    remedy = "Inform the user. Vouchers become valid again if the vendor is restored in time."


class OwnVendor(Refusal):
    message = "You work for this business, so you cannot decide on it. Ask another admin."
    meaning = "The admin is a member of the vendor."
    remedy = "Ask another admin."


class InvalidVendorStatus(Refusal):
    message = "The vendor is {status}, so this is not possible."
    meaning = (
        "Only a vendor that is APPROVED can be suspended, and only one that is SUSPENDED can be"
        " restored. One that is REJECTED cannot get a slug."
    )
    remedy = "Refetch the vendor's `status`."
