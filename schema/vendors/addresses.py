"""The input of postal addresses."""

import strawberry

from engine.types import column


@strawberry.input(description="A postal address in the vendor's country.")
class AddressInput:
    street_lines: list[str] = column(
        "The street and number, and more lines if needed: 1 to 3, at most 120 characters each."
    )
    city: str = column("The city, at most 80 characters.")
    postal_code: str = column("The postal code, in any spelling.")
    subdivision: str | None = strawberry.field(
        default=None,
        description="The state, province or the like, by its name or code. Required in countries"
        " whose addresses have one, such as IN and US. In countries whose addresses have none, such"
        " as DE, the region whose public holidays are valid; `formatted` is without it.",
    )
