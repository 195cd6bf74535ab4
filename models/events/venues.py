"""Venues: the places of a vendor where its events take place."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from core.countries import addresses
from models.base import Row, foreign_key, position_column, timestamp
from models.errors import NULL_REFUSED, InvalidInput, Refusal
from models.personal_data import of_others
from models.text import LINE_PATTERN, OneLine, one_line_constraint
from models.vendors import MAX_STREET_LINES, AddressDraft, City, StreetLine, Subdivision

MAX_VENUES = 200  # of a vendor, without archived ones
MAX_VENUE_NAME_LENGTH = 120
VenueName = Annotated[str, OneLine(MAX_VENUE_NAME_LENGTH, web_addresses=False)]


class Venue(Row, table=True):
    """A place with an address. Its dates' wall times are those of its time zone."""

    __table_args__ = (
        one_line_constraint("name"),
        one_line_constraint("city"),
        one_line_constraint("subdivision"),
        CheckConstraint(
            f"cardinality(street_lines) <= {MAX_STREET_LINES}"
            f" AND array_to_string(street_lines, '') !~ '{LINE_PATTERN}'",
            name="street_lines",
        ),
        CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name="pin_code"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        UniqueConstraint("id", "vendor_id"),
        Index("venue_vendor_id_idx", "vendor_id", "name", "id"),
    )
    __privacy__ = of_others(
        none=(
            "name country city pin_code street_lines subdivision latitude longitude position"
            " time_zone"
        )
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    name: VenueName = Field(max_length=MAX_VENUE_NAME_LENGTH)
    country: str = Field(max_length=2)
    city: City = Field(max_length=80)
    pin_code: str = Field(max_length=12)
    street_lines: list[StreetLine] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False)
    )
    subdivision: Subdivision | None = Field(default=None, max_length=80)
    latitude: float
    longitude: float
    position: str | None = position_column()
    time_zone: str = Field(max_length=64)
    archived_at: datetime | None = timestamp(default=None)

    @property
    def formatted(self) -> list[str]:
        """Return the lines of the address in its country's order."""
        parts = {"street": "\n".join(self.street_lines), "city": self.city}
        parts |= {"subdivision": self.subdivision or "", "postal_code": self.pin_code}
        return addresses.format_lines(self.country, parts)

    def ensure_usable(self) -> None:
        if self.archived_at is not None:
            raise VenueArchived


class VenueDraft(BaseModel, frozen=True):
    """Validated input of a new venue. The time zone was checked as a scalar."""

    name: VenueName
    address: AddressDraft
    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]
    time_zone: str | None = None

    def columns(self, country: str) -> dict[str, Any]:
        """Return the columns for a country. Raises `InvalidInput` for the address."""
        values = self.model_dump(exclude={"address", "time_zone"})
        return values | self.address.in_country(country)


class VenuePatch(BaseModel, frozen=True):
    """Values of a venue that a request sets. Its country and its time zone do not change."""

    name: VenueName | None = None
    address: AddressDraft | None = None
    latitude: Annotated[float, Range(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Range(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def columns(self, country: str) -> dict[str, Any]:
        """Return the columns to set. Raises `InvalidInput` for the address."""
        values = self.model_dump(exclude_unset=True, exclude={"address"})
        return values | (self.address.in_country(country) if self.address else {})


class VenueArchived(Refusal):
    message = "This venue is archived. Choose another one."
    meaning = "The venue is archived, so it cannot be changed, and no date can take place there."
    remedy = "Let the user choose or create another venue."


class VenueLimitReached(Refusal):
    message = "A business can have at most {most} venues. Archive some first."
    meaning = "The vendor has the maximum number of venues that are not archived."
    remedy = "Let the user archive venues that are not used any more."


class VenueInUse(Refusal):
    message = "Events will take place at this venue. Move or cancel them first."
    meaning = "The venue has dates that are not over, so it cannot be archived."
    remedy = "List the coming dates at the venue, so that the user can move them."
