"""Inputs of services: their list, and what a vendor saves."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field
from engine.types import column
from models.bookings.setting_up import services as rows
from models.bookings.setting_up.resources import MAX_RESOURCES
from models.bookings.setting_up.service_drafts import (
    MAX_POSITION,
    ServiceDraft,
    ServiceParts,
    values_to_set,
)
from models.validation import parse
from schema.bookings.enums import ResourceKind, ServiceState, SlotAnchor, StaffChoice
from schema.bookings.setting_up.policies import SAVING, set_values
from schema.catalog.enums import TaxClass
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.money import MoneyInput
from schema.texts import TextLists, Texts, by_locale
from services.bookings.setting_up.listing import ListedServices

OWN_PRICE = "Its own price. Defaults to the service's."
NEEDS = "Replaces what it takes at once, one entry for each kind. Required to publish it."


@strawberry.input(description="Conditions of a list of services. All of them must hold.")
class ServiceWhere:
    resource_id: UUID | None = id_field(
        "Resource", "Done by this member of staff, or in this room.", default=None
    )
    is_class: bool | None = strawberry.field(
        default=None, description="Whether customers share its times."
    )
    species: str | None = strawberry.field(
        default=None, description="For pets of this species, at most 40 characters."
    )
    states: list[ServiceState] | None = strawberry.field(
        default=None,
        description="In one of these states. Defaults to ACTIVE. Those in DRAFT and ARCHIVED are"
        " found only at the viewer's own vendors.",
    )


def service_filter(vendor_id: UUID, where: ServiceWhere) -> ListedServices:
    return ListedServices(
        vendor_id=vendor_id,
        states=None if where.states is None else tuple(sorted(set(where.states))),
        resource_id=where.resource_id,
        is_class=where.is_class,
        for_species=where.species and where.species[:40],
    )


@strawberry.input(description="A number of resources of a kind that a service takes at once.")
class ServiceNeedInput:
    kind: ResourceKind = column("The kind.")
    count: int = strawberry.field(default=1, description=f"The number, at most {rows.MAX_NEEDED}.")


@strawberry.input(description="A resource that does a service, or is used for it.")
class ServiceProviderInput:
    resource_id: UUID = id_field("Resource", "The id of the staff, room or equipment.")
    duration: int | None = strawberry.field(
        default=None, description="Its own minutes. Defaults to the service's."
    )
    price: MoneyInput | None = strawberry.field(default=None, description=OWN_PRICE)

    def given(self) -> dict[str, Any]:
        price = self.price
        return vars(self) | {
            "price": price and price.amount_minor,
            "currency": price and price.currency,
        }


@strawberry.input(description=f"A service. {SAVING} Bookings keep what they were made with.")
class SaveServiceInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    service_id: UUID | None = id_field(
        "Service",
        "The id of the service to change. Without one, creates it as a DRAFT.",
        default=None,
    )
    name: Texts | None = strawberry.field(
        default=UNSET,
        description="The name in each language, at most 120 characters. Required for a new one.",
    )
    description: Texts | None = strawberry.field(
        default=UNSET, description="The description in each language, at most 4,000 characters."
    )
    position: int | None = strawberry.field(
        default=UNSET,
        description=f"The place in the vendor's order, at most {MAX_POSITION}. Defaults to 0.",
    )
    duration: int | None = strawberry.field(
        default=UNSET,
        description=f"The minutes of a visit, {rows.MIN_DURATION} to {rows.MAX_DURATION}. Required"
        " for a new one.",
    )
    buffer_before: int | None = strawberry.field(
        default=UNSET,
        description="The minutes before a visit for which its resources are kept, at most"
        f" {rows.MAX_BUFFER}. Defaults to 0.",
    )
    buffer_after: int | None = strawberry.field(
        default=UNSET,
        description="The minutes after a visit for which its resources are kept, at most"
        f" {rows.MAX_BUFFER}. Defaults to 0.",
    )
    step: int | None = strawberry.field(
        default=UNSET,
        description=f"The minutes between two starts, {rows.MIN_STEP} to {rows.MAX_STEP}. Defaults"
        " to 15.",
    )
    anchor: SlotAnchor | None = strawberry.field(
        default=UNSET,
        description="The origin from which starts are counted. Defaults to OPENING.",
    )
    notice: int | None = strawberry.field(
        default=UNSET,
        description=f"The least minutes between booking and start, at most {rows.MAX_NOTICE:,}."
        " Defaults to 60.",
    )
    horizon: int | None = strawberry.field(
        default=UNSET,
        description="The number of days ahead that can be booked, at most"
        f" {rows.MAX_HORIZON}. Defaults to 90.",
    )
    seats: int | None = strawberry.field(
        default=UNSET,
        description=f"The number of customers at a time, at most {rows.MAX_SEATS}: more than 1 for"
        " a class. Defaults to 1.",
    )
    staff_choice: StaffChoice | None = strawberry.field(
        default=UNSET, description="Whether customers choose who does it. Defaults to ANY."
    )
    needs_approval: bool | None = strawberry.field(
        default=UNSET, description="Whether the vendor answers each booking. Defaults to no."
    )
    moves_without_approval: bool | None = strawberry.field(
        default=UNSET,
        description="Whether customers can move a booking that the vendor has approved. Defaults to"
        " no.",
    )
    needs_pet: bool | None = strawberry.field(
        default=UNSET, description="Whether it is for a pet. Defaults to no."
    )
    species: list[str] | None = strawberry.field(
        default=UNSET,
        description=f"The species of pets, at most {rows.MAX_SPECIES}. Defaults to all.",
    )
    per_user_open: int | None = strawberry.field(
        default=UNSET,
        description=f"The most bookings to come of a customer, at most {rows.MAX_OPEN}. Defaults to"
        " 5.",
    )
    per_day: int | None = strawberry.field(
        default=UNSET,
        description=f"The most bookings on a local day, at most {rows.MAX_PER_DAY}. Defaults to no"
        " limit.",
    )
    price: MoneyInput | None = strawberry.field(
        default=UNSET, description="The price. Required for a new one."
    )
    deposit: MoneyInput | None = strawberry.field(
        default=UNSET,
        description="The part of the price that is paid online. Without one, all of it is.",
    )
    pay_at_desk: bool | None = strawberry.field(
        default=UNSET, description="Whether all is paid at the visit. Defaults to no."
    )
    policy_id: UUID | None = id_field(
        "CancellationPolicy", "The id of the terms of cancelling.", default=UNSET
    )
    tax_class: TaxClass | None = strawberry.field(
        default=UNSET, description="The tax class. Defaults to STANDARD."
    )
    hsn_code: str | None = strawberry.field(
        default=UNSET, description="The code of the service for taxes, of 4 to 8 digits."
    )
    needs: list[ServiceNeedInput] | None = strawberry.field(default=UNSET, description=NEEDS)
    providers: list[ServiceProviderInput] | None = strawberry.field(
        default=UNSET,
        description=f"Replaces who does it: staff, rooms and equipment, at most {MAX_RESOURCES}.",
    )

    @property
    def texts(self) -> TextLists:
        return {
            (name,): given
            for name in ("name", "description")
            if (given := getattr(self, name)) not in (None, UNSET)
        }

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that it sets, with defaults for null."""
        values = set_values(ServiceDraft, self)
        for (name,), texts in self.texts.items():
            values[name] = by_locale(name, texts=texts or [])
        for name in ("price", "deposit"):
            if values.get(name) is not None:
                values[name] = values[name].amount_minor
        return values_to_set(ServiceDraft, values)

    @property
    def parts(self) -> ServiceParts:
        amounts = {name: getattr(self, name) for name in ("price", "deposit")}
        currencies = {name: one.currency for name, one in amounts.items() if one}
        needs = None if self.needs is UNSET else [vars(one) for one in self.needs or []]
        resources = (
            None if self.providers is UNSET else [one.given() for one in self.providers or []]
        )
        return parse(ServiceParts, currencies=currencies, needs=needs, providers=resources)
