"""Inputs of checkouts."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from engine.address_scalars import PhoneNumber
from engine.ids import ID_OF, id_field, id_of
from engine.scalars import CountryCode, CurrencyCode
from engine.types import column, optional
from models.addresses import SavedAddressDraft
from models.orders.lines import LineKind
from models.validation import parse, within
from schema.addresses import inputs as addresses
from services.checkouts.choices import AddressChoice

CheckoutId = Annotated[UUID, id_of("Checkout", "The checkout's id.")]
CodeText = Annotated[str, strawberry.argument(description="The code, in any case.")]


@strawberry.input(
    description="The start of an order: the goods of a cart in one currency, and other things."
)
class CreateCheckoutInput:
    currency: CurrencyCode = column("The currency of the order: one of the cart's.")
    cart_id: UUID | None = id_field(
        "Cart", "The viewer's cart, whose goods are ordered. Null for no goods.", default=None
    )
    hold_ids: list[UUID] = strawberry.field(
        default_factory=list,
        description="Open holds of tickets of the viewer, which are ordered whole.",
        graphql_type=list[relay.GlobalID],
        metadata={ID_OF: "TicketHold"},
    )
    booking_ids: list[UUID] = strawberry.field(
        default_factory=list,
        description="Held bookings of the viewer, of which a part is paid online, and confirmed"
        " ones with a deposit, of which the rest is.",
        graphql_type=list[relay.GlobalID],
        metadata={ID_OF: "Booking"},
    )

    def items(self) -> Mapping[LineKind, Sequence[UUID]]:
        return {LineKind.TICKET: self.hold_ids, LineKind.BOOKING: self.booking_ids}


@strawberry.input(description="An address for one checkout, which is not saved in the book.")
class PostalAddressInput:
    country: CountryCode = column("The country.")
    recipient: str = column(addresses.RECIPIENT)
    street_lines: list[str] = column(addresses.STREET)
    city: str | None = optional(addresses.CITY)
    subdivision: str | None = optional(addresses.SUBDIVISION)
    postal_code: str | None = optional(addresses.POSTAL_CODE)
    company: str | None = optional(addresses.COMPANY)
    phone: PhoneNumber | None = optional("The phone number for the courier.")
    instructions: str | None = optional(addresses.INSTRUCTIONS)
    latitude: float | None = optional(addresses.LATITUDE)
    longitude: float | None = optional(addresses.LONGITUDE)


@strawberry.input(one_of=True, description="An address, in exactly one of the two ways.")
class CheckoutAddressInput:
    address_id: UUID | None = id_field(
        "SavedAddress", "One of the viewer's saved addresses, which is copied.", default=UNSET
    )
    address: PostalAddressInput | None = optional("A new address.", UNSET)

    def choice(self, field: str) -> AddressChoice:
        """Return the address. Raises `InvalidInput`."""
        if not isinstance(self.address, PostalAddressInput):
            return self.address_id
        with within(field), within("address"):
            return parse(SavedAddressDraft, **vars(self.address))


@strawberry.input(
    description="Where a checkout is delivered and billed. Omitted fields stay unchanged, and null"
    " empties one."
)
class SetCheckoutAddressInput:
    checkout_id: UUID = id_field("Checkout", "The checkout's id.")
    ship_to: CheckoutAddressInput | None = optional(
        "Where it is delivered. Chosen deliveries stay, as far as they serve it.", UNSET
    )
    bill_to: CheckoutAddressInput | None = optional(
        "Where it is billed, if that is another place. Without a delivery, it is enough.", UNSET
    )
    buyer_tax_id: str | None = optional(
        "The tax number of the buyer's business, of the place where it is billed. With one of the"
        " European Union, a supply to another member state is taxed by the buyer.",
        UNSET,
    )

    def addresses(self) -> Mapping[str, AddressChoice]:
        given = {"ship_to": (self.ship_to, "shipTo"), "bill_to": (self.bill_to, "billTo")}
        return {
            column: None if one is None else one.choice(field)
            for column, (one, field) in given.items()
            if one is not UNSET
        }

    def tax_ids(self) -> Mapping[str, str | None]:
        return {} if self.buyer_tax_id is UNSET else {"buyer_tax_id": self.buyer_tax_id}
