"""Saved addresses."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.addresses import visible_address
from engine.address_scalars import PhoneNumber
from engine.context import Info
from engine.ids import id_of
from engine.scalars import CountryCode
from engine.types import Rows, column, field
from models import addresses as rows
from models.vendors import MAX_STREET_LINES

AddressId = Annotated[UUID, id_of("SavedAddress", "The saved address's id.")]
SEALED = ("id", "details")

Root = strawberry.Parent[rows.SavedAddress]


def _open(address: rows.SavedAddress, info: Info) -> rows.AddressDetails:
    return address.open(info.context.app.sealer)


@strawberry.type(description="A place on the earth.")
class Coordinates:
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")


@strawberry.type(
    description="An address as a checkout or an order has it: a copy, which later changes of the"
    " address book do not change."
)
class PostalAddress:
    country: CountryCode = column("The country.")
    recipient: str = column("The name of the person who receives things there.")
    company: str | None = column("The company.")
    street_lines: list[str] = strawberry.field(
        description="The street and number, and more lines.", metadata={"size": MAX_STREET_LINES}
    )
    city: str | None = column("The city. Null in countries whose addresses have none.")
    subdivision: str | None = column(
        "The state, province or the like, as addresses in the country write it."
    )
    postal_code: str | None = column(
        "The postal code, in upper case without spaces and hyphens. Null without one."
    )
    phone: PhoneNumber | None = column("The phone number for the courier.")
    instructions: str | None = column("Instructions for the courier.")
    formatted: list[str] = strawberry.field(
        description="The lines of the address in the order of its country, without the country's"
        " name.",
        metadata={"size": 10},
    )

    @classmethod
    def of(cls, address: rows.PostalAddress | None) -> Self | None:
        """Return an address that was opened."""
        if address is None:
            return None
        details = address.details
        return cls(
            country=CountryCode(address.country),
            recipient=details.recipient,
            company=details.company,
            street_lines=details.street_lines,
            city=details.city,
            subdivision=details.subdivision,
            postal_code=details.pin_code,
            phone=PhoneNumber(details.phone) if details.phone else None,
            instructions=details.instructions,
            formatted=rows.format_address(address.country, details),
        )


@strawberry.type(description="An address in a user's address book. Visible to the user.")
class SavedAddress(Rows[rows.SavedAddress], relay.Node, access=visible_address):
    id: relay.NodeID[UUID]
    country: CountryCode = column("The country.")
    is_default: bool = column("Whether it is the user's default address. One of a user's is.")
    created_at: datetime = column("The time at which it was saved.")

    @field("The user's own name for it, such as “Home”.", needs=SEALED)
    def label(root: Root, info: Info) -> str | None:
        return _open(root, info).label

    @field("The name of the person who receives things there.", needs=SEALED)
    def recipient(root: Root, info: Info) -> str:
        return _open(root, info).recipient

    @field("The company.", needs=SEALED)
    def company(root: Root, info: Info) -> str | None:
        return _open(root, info).company

    @field("The street and number, and more lines.", needs=SEALED, size=MAX_STREET_LINES)
    def street_lines(root: Root, info: Info) -> list[str]:
        return _open(root, info).street_lines

    @field("The city. Empty in countries whose addresses have none.", needs=SEALED)
    def city(root: Root, info: Info) -> str:
        return _open(root, info).city or ""

    @field("The state, province or the like, as addresses in the country write it.", needs=SEALED)
    def subdivision(root: Root, info: Info) -> str | None:
        return _open(root, info).subdivision

    @field(
        "The postal code, in upper case without spaces and hyphens. Empty without one.",
        needs=SEALED,
    )
    def postal_code(root: Root, info: Info) -> str:
        return _open(root, info).pin_code or ""

    @field("The phone number for the courier.", needs=SEALED)
    def phone(root: Root, info: Info) -> PhoneNumber | None:
        phone = _open(root, info).phone
        return None if phone is None else PhoneNumber(phone)

    @field("Instructions for the courier.", needs=SEALED)
    def instructions(root: Root, info: Info) -> str | None:
        return _open(root, info).instructions

    @field("The place. Null if it is not known.", needs=SEALED)
    def coordinates(root: Root, info: Info) -> Coordinates | None:
        found = _open(root, info)
        if found.latitude is None or found.longitude is None:
            return None
        return Coordinates(latitude=found.latitude, longitude=found.longitude)

    @field(
        "The lines of the address in the order of its country, without the country's name.",
        needs=(*SEALED, "country"),
        size=10,
    )
    def formatted(root: Root, info: Info) -> list[str]:
        return rows.format_address(root.country, _open(root, info))
