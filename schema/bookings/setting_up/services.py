"""Services, what they need and who does them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.services import (
    needs_of_service,
    policy_by_id,
    providers_of_service,
    resource_by_id,
    visible_service,
)
from dataloaders.questions import questions_of_service
from dataloaders.vendors import vendor_by_id
from engine.ids import id_of
from engine.types import Rows, column, field, loaded, localized_text, related
from models.bookings.intake import MAX_KEPT_SERVICE_QUESTIONS, MAX_SERVICE_QUESTIONS
from models.bookings.setting_up import services as rows
from models.bookings.setting_up.resources import MAX_RESOURCES
from schema.bookings.enums import ResourceKind, ServiceState, SlotAnchor, StaffChoice
from schema.bookings.intake import ServiceQuestion
from schema.bookings.setting_up.policies import CancellationPolicy
from schema.bookings.setting_up.resources import Resource
from schema.catalog.enums import TaxClass
from schema.lazy import LazyVendor
from schema.money import Money, money_of, optional_money
from schema.texts import LocalizedText

ServiceId = Annotated[UUID, id_of("Service", "The service's id.")]
ServiceRoot = strawberry.Parent[rows.Service]
ProviderRoot = strawberry.Parent[rows.ServiceProvider]


@strawberry.type(description="A number of resources of a kind that a service takes at once.")
class ServiceNeed:
    kind: ResourceKind = column("The kind.")
    count: int = column("The number.")


@strawberry.type(description="A resource that does a service, or is used for it.")
class ServiceProvider:
    resource: Resource = related(
        resource_by_id, by="resource_id", description="The resource.", public=True
    )
    duration: int = column("The minutes that the service takes with it.")
    own_duration: int | None = column("Its own minutes. Null if they are the service's.")

    @field("The price with it.", public=True)
    def price(root: ProviderRoot) -> Money:
        return money_of(root.price, root.currency)

    @field("Its own price. Null if it is the service's.", public=True)
    def own_price(root: ProviderRoot) -> Money | None:
        return optional_money(root.own_price, root.currency)


@strawberry.type(
    description="A thing that a vendor does by appointment or as a class. Public while it is"
    " ACTIVE or PAUSED and the vendor is APPROVED. Otherwise visible to the vendor's members with"
    " the STAFF role or higher, and admins."
)
class Service(Rows[rows.Service], relay.Node, access=visible_service):
    id: relay.NodeID[UUID]
    state: ServiceState = column("The state.")
    position: int = column("The place in the vendor's order.")
    name: str = localized_text("name", "The name.")
    description: str = localized_text("description", "The description. May be empty.")
    duration: int = column("The minutes of a visit.")
    buffer_before: int = column("The minutes before it for which its resources are kept.")
    buffer_after: int = column("The minutes after it for which its resources are kept.")
    step: int = column("The minutes between two starts.")
    anchor: SlotAnchor = column("The origin from which starts are counted.")
    notice_minutes: int = column("The least minutes between booking and start.", of="notice")
    horizon: int = column("The number of days ahead that can be booked.")
    seats: int = column("The number of customers at a time: more than 1 for a class.")
    is_class: bool = column("Whether customers share its times.", needs=("seats",))
    staff_choice: StaffChoice = column("Whether customers choose who does it.")
    needs_approval: bool = column("Whether the vendor answers each booking.")
    moves_without_approval: bool = column(
        "Whether customers can move a booking that the vendor has approved, if it answers each."
    )
    needs_pet: bool = column("Whether it is for a pet.")
    takes_species: list[str] = column("The species of pets. Empty for all.", of="species")
    per_user_open: int = column("The most bookings to come of a customer.")
    per_day: int | None = column("The most bookings on a local day. Null without a limit.")
    pay_at_desk: bool = column("Whether all is paid at the visit.")
    tax_class: TaxClass = column("The tax class.")
    hsn_code: str | None = column("The code of the service for taxes. Null without one.")
    policy: CancellationPolicy | None = related(
        policy_by_id,
        by="policy_id",
        description="The terms of cancelling. Null for none: customers who cancel before the start"
        " get back all that they paid.",
        public=True,
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )
    providers: list[ServiceProvider] = related(
        providers_of_service,
        by="id",
        description="The staff who do it, in the vendor's order: active staff, unless their names"
        " are HIDDEN. For the vendor's members with the STAFF role or higher, and admins, all"
        f" staff, rooms and equipment. At most {MAX_RESOURCES}.",
        size=10,
        public=True,
    )

    intake_questions: list[ServiceQuestion] = related(
        questions_of_service,
        by="id",
        description="The questions to customers who book it, in the vendor's order, at most"
        f" {MAX_SERVICE_QUESTIONS}. For the vendor's members with the STAFF role or higher, and"
        f" admins, retired ones too: at most {MAX_KEPT_SERVICE_QUESTIONS}.",
        size=5,
        public=True,
    )

    @field("The name in all its languages.", needs=("name",), size=2, public=True)
    def names(root: ServiceRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.name.items())]

    @field("The description in all its languages.", needs=("description",), size=2, public=True)
    def descriptions(root: ServiceRoot) -> list[LocalizedText]:
        texts = sorted(root.description.items())
        return [LocalizedText(locale=tag, text=text) for tag, text in texts]

    @field("The price, without that of a provider.", needs=("price", "currency"), public=True)
    def price(root: ServiceRoot) -> Money:
        return money_of(root.price, root.currency)

    @field("The part of the price that is paid online.", needs=("deposit", "currency"), public=True)
    def deposit(root: ServiceRoot) -> Money:
        return money_of(root.deposit, root.currency)

    @field(
        "The amount that is paid online to book it: the deposit if there is one, else the price,"
        " and nothing if all is paid at the desk.",
        needs=("price", "deposit", "pay_at_desk", "currency"),
        public=True,
    )
    def due_online(root: ServiceRoot) -> Money:
        return money_of(root.due_online, root.currency)

    @loaded(
        needs_of_service,
        by="id",
        description="The resources that it takes at once, one entry for each kind.",
        size=3,
        public=True,
    )
    def needs(root: ServiceRoot, found: Sequence[rows.ServiceNeed]) -> list[ServiceNeed]:
        return [ServiceNeed(kind=one.kind, count=one.count) for one in found]
