"""Inputs of saved addresses."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.address_scalars import PhoneNumber
from engine.ids import id_field
from engine.scalars import CountryCode
from engine.types import column, optional
from models.addresses import SavedAddressDraft
from models.validation import parse

CITY = "The city, at most 80 characters. Required in most countries."
SUBDIVISION = (
    "The state, province or the like, by its name or code. Required in countries whose addresses"
    " have one, such as IN and US."
)
POSTAL_CODE = (
    "The postal code, in any spelling: of the country, and of the subdivision where both are known."
    " Required in countries whose addresses have one, such as DE, IN and US."
)
STREET = "The street and number, and more lines if needed: 1 to 3, at most 120 characters each."
RECIPIENT = "The name of the person who receives things there, at most 80 characters."
LABEL = "The user's own name for it, at most 40 characters."
COMPANY = "The company, at most 120 characters."
INSTRUCTIONS = "Instructions for the courier, at most 200 characters."
LATITUDE = "The latitude in degrees, within ±90. With it, vendors can offer local delivery."
LONGITUDE = "The longitude in degrees, within ±180."


@strawberry.input(description="A new address in the viewer's address book.")
class CreateAddressInput:
    country: CountryCode = column("The country.")
    recipient: str = column(RECIPIENT)
    street_lines: list[str] = column(STREET)
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's address."
    )
    city: str | None = optional(CITY, None)
    subdivision: str | None = optional(SUBDIVISION, None)
    postal_code: str | None = optional(POSTAL_CODE, None)
    label: str | None = optional(LABEL, None)
    company: str | None = optional(COMPANY, None)
    phone: PhoneNumber | None = optional("The phone number for the courier.", None)
    instructions: str | None = optional(INSTRUCTIONS, None)
    latitude: float | None = optional(LATITUDE, None)
    longitude: float | None = optional(LONGITUDE, None)
    is_default: bool = optional(
        "Whether it becomes the default. A user's first address always is.", False
    )

    def draft(self) -> SavedAddressDraft:
        values = {name: getattr(self, name) for name in SavedAddressDraft.model_fields}
        return parse(SavedAddressDraft, **values)


@strawberry.input(
    description="Changes to a saved address. Omitted fields stay unchanged, and null empties one."
    " The result is checked by the rules of its country. The limits are those of"
    " `CreateAddressInput`."
)
class UpdateAddressInput:
    address_id: UUID = id_field("SavedAddress", "The saved address's id.")
    country: CountryCode | None = optional("The new country.", UNSET)
    recipient: str | None = optional("The new recipient.", UNSET)
    street_lines: list[str] | None = optional("Replaces the lines of the street.", UNSET)
    city: str | None = optional("The new city.", UNSET)
    subdivision: str | None = optional("The new state, province or the like.", UNSET)
    postal_code: str | None = optional("The new postal code.", UNSET)
    label: str | None = optional("The user's new name for it.", UNSET)
    company: str | None = optional("The new company.", UNSET)
    phone: PhoneNumber | None = optional("The new phone number for the courier.", UNSET)
    instructions: str | None = optional("The new instructions for the courier.", UNSET)
    latitude: float | None = optional("The new latitude in degrees.", UNSET)
    longitude: float | None = optional("The new longitude in degrees.", UNSET)

    def given(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in SavedAddressDraft.model_fields}
        return {name: value for name, value in values.items() if value is not UNSET}
