"""The address of a delivery, opened for those who deliver."""

import strawberry

from core.security.sealed import Sealer
from engine.address_scalars import PhoneNumber
from engine.scalars import CountryCode
from models.addresses import PostalAddress, format_address
from models.orders.orders import Order


@strawberry.type(
    description="The address to which a part of an order is delivered, as it was when the order was"
    " placed."
)
class DeliveryAddress:
    recipient: str = strawberry.field(description="The name of the recipient.")
    company: str | None = strawberry.field(description="The company. Null without one.")
    street_lines: list[str] = strawberry.field(
        description="The street and number, and more lines: at most 3. None for a pick-up.",
        metadata={"size": 3},
    )
    city: str | None = strawberry.field(description="The city. Null where there are none.")
    subdivision: str | None = strawberry.field(description="The state or province, if needed.")
    postal_code: str | None = strawberry.field(description="The postal code. Null without one.")
    country: CountryCode = strawberry.field(description="The country.")
    phone: PhoneNumber | None = strawberry.field(description="A phone number for the carrier.")
    instructions: str | None = strawberry.field(description="A note for the carrier.")
    formatted: list[str] = strawberry.field(
        description="The lines in the order of the country, with the recipient first.",
        metadata={"size": 8},
    )


def open_address(sealer: Sealer, order: Order, *, is_pickup: bool) -> DeliveryAddress | None:
    """Return the address of an order, None without one and after the term of bookkeeping.

    That of a pick-up has only who collects it.
    """
    if order.ship_to is None:
        return None
    opened = PostalAddress.open(sealer, "order.ship_to", order.id, order.ship_to)
    if is_pickup:
        opened = opened.for_pickup
    details = opened.details
    return DeliveryAddress(
        recipient=details.recipient,
        company=details.company,
        street_lines=details.street_lines,
        city=details.city,
        subdivision=details.subdivision,
        postal_code=details.pin_code,
        country=CountryCode(opened.country),
        phone=None if details.phone is None else PhoneNumber(details.phone),
        instructions=details.instructions,
        formatted=format_address(opened.country, details),
    )
