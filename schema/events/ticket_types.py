"""Ticket types with their prices, and quotas."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import (
    codes_of_type,
    date_by_id,
    event_by_id,
    tiers_of_type,
    types_of_quota,
    visible_quota,
    visible_type,
)
from engine.types import Rows, column, field, localized_text, related
from models.events import ticket_types as rows
from models.events.selling.availability import SoldType
from schema.catalog.enums import TaxClass
from schema.events.enums import TicketAvailability, TicketTypeKind, TicketTypeState
from schema.lazy import LazyEvent, LazyEventDate
from schema.money import Money, money_of
from schema.promos.types import PromoCode
from schema.texts import LocalizedText

TypeRoot = strawberry.Parent[rows.TicketType]
SoldRoot = strawberry.Parent[SoldType]


@strawberry.type(
    description="A kind of ticket. Visible to everyone who can see the event while it is ACTIVE and"
    " needs no code, otherwise to the vendor's members with the STAFF role or higher, and admins."
)
class TicketType(Rows[rows.TicketType], relay.Node, access=visible_type):
    id: relay.NodeID[UUID]
    kind: TicketTypeKind = column("The kind.")
    state: TicketTypeState = column("The state.")
    name: str = localized_text("name", "The name.")
    description: str = localized_text("description", "The description. May be empty.")
    admits: int = column("The number of tickets that one unit gives: more than 1 for groups.")
    min_per_order: int = column("The fewest units of one order.")
    max_per_order: int = column("The most units of one order.")
    needs_code: bool = column("Whether it is sold with a code alone.")
    seated: bool = column("Whether its tickets have seats.", needs=("category_ids",))
    sale_starts_at: datetime | None = column(
        "The time from which it is sold. Null if it is sold as the date is."
    )
    sale_ends_at: datetime | None = column(
        "The time until which it is sold. Null if it is sold as the date is."
    )
    tax_class: TaxClass = column("The tax class.")
    companion_of: "TicketType | None" = related(
        visible_type,
        by="companion_of_id",
        description="The type that its tickets accompany: a hold has as many of that. Null if they"
        " are sold by themselves.",
    )
    tiers: list["PriceTier"] = related(
        tiers_of_type,
        by="id",
        description=f"The price tiers in their order, at most {rows.MAX_TIERS}. The first one that"
        " is open is the price.",
        size=3,
    )

    promo_codes: list[PromoCode] = related(
        codes_of_type,
        by="id",
        description="The promo codes that unlock it. Empty for all but the vendor's members with"
        f" the STAFF role or higher, and admins. At most {rows.MAX_CODES_OF_TYPE}.",
        size=3,
    )
    event: LazyEvent = related(
        event_by_id,
        by="event_id",
        description="The event.",
        public=True,
    )

    @field("The name in all its languages.", needs=("name",), size=2, public=True)
    def names(root: TypeRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.name.items())]

    @field(
        "The price of a unit without a tier that is open.",
        needs=("price", "currency"),
        public=True,
    )
    def full_price(root: TypeRoot) -> Money:
        return money_of(root.price, root.currency)


@strawberry.type(description="A price of a ticket type until a time, or until a quota is used up.")
class PriceTier(Rows[rows.PriceTier]):
    name: str = column("The name.")
    until: datetime | None = column("The time until which it is open. Null if a quota ends it.")

    @field("The price of a unit.", needs=("price", "currency"), public=True)
    def price(root: strawberry.Parent[rows.PriceTier]) -> Money:
        return money_of(root.price, root.currency)


@strawberry.type(description="A ticket type as it is sold on a date at this moment.")
class SoldTicketType:
    ticket_type: TicketType = column("The ticket type.", of="row")
    tier: str | None = column(
        "The name of the price tier that is open. Null without one.", of="tier_name"
    )
    on_sale: bool = column("Whether it can be held now, as far as tickets are left.")
    opens_at: datetime | None = column(
        "The time at which its sale opens. Null if it is open, or that is not known."
    )
    availability: TicketAvailability = column(
        "A band of how many are left. FEW if the only seats left are accessible ones."
    )
    remaining: int | None = column(
        "The tickets that are left. Null if seats alone limit them, and for all but the vendor's"
        " members with the STAFF role or higher, and admins."
    )

    @field("The price of a unit.")
    def price(root: SoldRoot) -> Money:
        return money_of(root.price, root.event.currency)


@strawberry.type(
    description="So many tickets of a date, of one or more types. Visible to the vendor's members"
    " with the STAFF role or higher, and admins."
)
class TicketQuota(Rows[rows.TicketQuota], relay.Node, access=visible_quota):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    capacity: int | None = column("The number of tickets. Never null.")
    taken: int = column("The tickets that are held or sold.", volatile=True)
    waitlist_first: bool = column(
        "Whether only those on the waitlist get tickets for now.", volatile=True
    )
    ticket_types: list[TicketType] = related(
        types_of_quota,
        by="id",
        description=f"The types that are sold out of it, at most {rows.MAX_TICKET_TYPES}.",
        size=5,
    )
    event_date: LazyEventDate = related(
        date_by_id,
        by="event_date_id",
        description="The date.",
    )
