"""Address books: the addresses to which users have things delivered and billed."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel
from sqlalchemy import CheckConstraint, Index, false, text
from sqlmodel import Field

from core.countries import addresses, postal_codes
from core.security.sealed import Sealer
from models.base import PinCode, Row, foreign_key
from models.errors import NULL_REFUSED, InvalidInput, Refusal
from models.personal_data import delete_rows
from models.pricing.tax_rules import Jurisdiction
from models.sealed_columns import sealed
from models.text import Name, OneLine
from models.vendors import MAX_STREET_LINES, City, StreetLine, Subdivision, choose_subdivision

MAX_ADDRESSES = 20
DETAILS_COLUMN = "saved_address.details"

Label = Annotated[str, OneLine(40, web_addresses=False)]
Company = Annotated[str, OneLine(120, web_addresses=False)]
Instructions = Annotated[str, OneLine(200, web_addresses=False)]


@dataclass(frozen=True)
class AddressDetails:
    """All of an address but its country. `pin_code` is in upper case without spaces and hyphens."""

    recipient: str
    street_lines: list[str]
    label: str | None = None
    company: str | None = None
    city: str | None = None
    subdivision: str | None = None
    pin_code: str | None = None
    phone: str | None = None
    instructions: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class PostalAddress:
    """An address as a checkout and an order have it: a copy, without the user's label of it."""

    country: str
    details: AddressDetails

    @property
    def place(self) -> Jurisdiction:
        return Jurisdiction(self.country, self.details.subdivision)

    @property
    def for_pickup(self) -> Self:
        """Return what a vendor needs to know who collects: not where they live."""
        details = self.details
        return replace(
            self, details=AddressDetails(details.recipient, street_lines=[], phone=details.phone)
        )

    def encode(self) -> bytes:
        """Return the address to be sealed, for a column such as `order.ship_to`."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def open(cls, sealer: Sealer, column: str, row_id: UUID, sealed_address: bytes) -> Self:
        known = json.loads(sealer.open(column, row_id, sealed_address))
        return cls(known["country"], AddressDetails(**known["details"]))


class SavedAddress(Row, table=True):
    """An address in a user's book. Only the user sees it, and `details` are sealed.

    A user with addresses has one that is the default.
    """

    __tablename__ = "saved_address"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        Index(
            "saved_address_default_key",
            "user_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        Index("saved_address_user_id_idx", "user_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(personal="country")

    user_id: UUID = foreign_key("user", index=False)
    country: str = Field(max_length=2)
    details: bytes = sealed()
    is_default: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    def open(self, sealer: Sealer) -> AddressDetails:
        return AddressDetails(**json.loads(sealer.open(DETAILS_COLUMN, self.id, self.details)))

    def seal_details(self, sealer: Sealer, draft: "SavedAddressDraft") -> None:
        """Set the values of a draft. Raises `InvalidInput` if they break the country's rules."""
        details = json.dumps(asdict(draft.details()), ensure_ascii=False)
        self.country = draft.country
        self.details = sealer.seal(DETAILS_COLUMN, self.id, details.encode())


def format_address(country: str, details: AddressDetails) -> list[str]:
    """Return the lines of an address in its country's order, with the recipient first."""
    parts = {
        "street": "\n".join(details.street_lines),
        "city": details.city or "",
        "subdivision": details.subdivision or "",
        "postal_code": details.pin_code or "",
    }
    names = [details.recipient, *([details.company] if details.company else [])]
    if not details.street_lines:  # of a pick-up
        return names
    return [*names, *addresses.format_lines(country, parts)]


class SavedAddressDraft(BaseModel, frozen=True):
    """Validated input of an address. Country and phone number were checked as scalars."""

    country: str
    recipient: Name
    street_lines: Annotated[list[StreetLine], Range(min_length=1, max_length=MAX_STREET_LINES)]
    label: Label | None = None
    company: Company | None = None
    city: City | None = None
    subdivision: Subdivision | None = None
    postal_code: PinCode | None = None
    phone: str | None = None
    instructions: Instructions | None = None
    latitude: Annotated[float, Range(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Range(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def ensure_both_coordinates(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise InvalidInput("Enter both coordinates, or none.", field=[missing])
        return self

    def details(self) -> AddressDetails:
        """Return the values by the rules of the country. Raises `InvalidInput`."""
        if self.city is None and addresses.requires_city(self.country):
            raise InvalidInput("Enter the city.", field=["city"])
        subdivision = choose_subdivision(self.country, self.subdivision, field=["subdivision"])
        self._ensure_postal_code(subdivision)
        values = self.model_dump(exclude={"country", "subdivision", "postal_code"})
        return AddressDetails(**values, subdivision=subdivision, pin_code=self.postal_code)

    def _ensure_postal_code(self, subdivision: str | None) -> None:
        code, country, place = self.postal_code, self.country, ["postalCode"]
        if code is None:
            if addresses.requires_postal_code(country):
                raise InvalidInput("Enter the postal code.", field=place)
            return
        if not addresses.uses_postal_codes(country):
            raise InvalidInput(
                "Addresses in {country} have no postal code. Leave it empty.",
                country=country,
                field=place,
            )
        if not postal_codes.is_valid(code, country):
            raise InvalidInput(
                "“{code}” is not a postal code of {country}.",
                code=code,
                country=country,
                field=place,
            )
        if subdivision and not postal_codes.fits_subdivision(code, country, subdivision):
            raise InvalidInput(
                "“{code}” is not a postal code of {name}. Check both.",
                code=code,
                name=subdivision,
                field=place,
            )


REQUIRED = ("country", "recipient", "street_lines")


def changed_draft_values(
    country: str, details: AddressDetails, given: dict[str, Any]
) -> dict[str, Any]:
    """Return the values of an address with those that an update sets. Null empties one.

    Raises `InvalidInput` if it would empty one that each address has.
    """
    for name in REQUIRED:
        if name in given and given[name] is None:
            raise InvalidInput(NULL_REFUSED, field=[to_camel(name)])
    known = {one.name: getattr(details, one.name) for one in fields(AddressDetails)}
    known["postal_code"] = known.pop("pin_code")
    return known | {"country": country} | given


class AddressLimitReached(Refusal):
    message = "You can save at most {most} addresses. Delete one first."
    meaning = "The user has the maximum number of saved addresses."
    remedy = "List the addresses, so that the user can delete one."
