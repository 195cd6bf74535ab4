"""Staff, rooms and equipment, and their inputs."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from core.keyset import Listing
from dataloaders.bookings.services import schedules_of_resource, visible_resource
from dataloaders.identity import visible_user
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_field, id_of, ids_field
from engine.scalars import TimeZone
from engine.types import Rows, column, related
from models.bookings.setting_up import resources as rows
from models.bookings.setting_up.schedules import MAX_SCHEDULES
from models.bookings.setting_up.service_drafts import ResourceDraft, values_to_set
from models.bookings.setting_up.services import MAX_SERVICES
from schema.bookings.enums import ResourceKind, ResourceState
from schema.bookings.setting_up.policies import SAVING, set_values
from schema.bookings.setting_up.schedules import DayOverride, Schedule, TimeBlock
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import LazyUser, LazyVendor
from services.bookings.setting_up.blocks import list_blocks
from services.bookings.setting_up.schedules import list_overrides

ResourceId = Annotated[UUID, id_of("Resource", "The id of the staff, room or equipment.")]
ResourceRoot = strawberry.Parent[rows.Resource]
MEMBERS = "the vendor's members with the STAFF role or higher, and admins"
FromDay = Annotated[
    date | None, strawberry.argument(description="The first day. Defaults to today.")
]
UntilDay = Annotated[date | None, strawberry.argument(description="The last day.")]
EndsAfter = Annotated[
    datetime | None,
    strawberry.argument(description="Returns those that end after this time. Defaults to now."),
]
StartsBefore = Annotated[
    datetime | None, strawberry.argument(description="Returns those that start before this time.")
]


@strawberry.type(
    description="A person, a room or a piece of equipment that bookings take. Active staff are"
    " public if the vendor is APPROVED and they do a service that does not hide them. Otherwise"
    f" visible to {MEMBERS}."
)
class Resource(Rows[rows.Resource], relay.Node, access=visible_resource):
    id: relay.NodeID[UUID]
    resource_kind: ResourceKind = column("The kind.", of="kind")
    state: ResourceState = column("The state.")
    position: int = column("The place in the vendor's order.")
    name: str = column("The name.")
    lanes: int = column("The number of visits at a time.")
    time_zone: TimeZone = column("The time zone of its schedules.")
    weight: int = column(
        "Its part of the bookings whose customers do not choose, beside those of others."
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )
    assigned_user: LazyUser | None = related(
        visible_user,
        by="member_id",
        description="The user whose agenda it is. Null without one, and if the viewer can't see"
        " the user.",
    )
    schedules: list[Schedule] = related(
        schedules_of_resource,
        by="id",
        description=f"The weekly times, the earliest first, at most {MAX_SCHEDULES}. Empty for all"
        f" but {MEMBERS}.",
        size=3,
    )

    @connection(
        Connection[DayOverride],
        f"Days with other times, the earliest first. Empty for all but {MEMBERS}.",
        needs=("id",),
    )
    def day_overrides(
        root: ResourceRoot, info: Info, from_day: FromDay = None, until_day: UntilDay = None
    ) -> Listing[Any]:
        return list_overrides(info.context.viewer, root.id, from_day, until_day)

    @connection(
        Connection[TimeBlock],
        f"Blocked times, the earliest first. Empty for all but {MEMBERS}.",
        needs=("id",),
    )
    def time_blocks(
        root: ResourceRoot,
        info: Info,
        ends_after: EndsAfter = None,
        starts_before: StartsBefore = None,
    ) -> Listing[Any]:
        return list_blocks(info.context.viewer, root.id, ends_after, starts_before)


@strawberry.input(description=f"A person, a room or a piece of equipment. {SAVING}")
class SaveResourceInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    resource_id: UUID | None = id_field(
        "Resource", "The id of the resource to change. Without one, creates it.", default=None
    )
    kind: ResourceKind | None = strawberry.field(
        default=UNSET, description="The kind, which can't be changed. Required for a new one."
    )
    name: str | None = strawberry.field(
        default=UNSET, description="The name, at most 80 characters. Required for a new one."
    )
    position: int | None = strawberry.field(
        default=UNSET, description="The place in the vendor's order, at most 999. Defaults to 0."
    )
    lanes: int | None = strawberry.field(
        default=UNSET,
        description=f"The number of visits at a time, at most {rows.MAX_LANES}. Defaults to 1.",
    )
    member_id: UUID | None = id_field(
        "Member", "The id of the member whose agenda it is, of staff alone.", default=UNSET
    )
    time_zone: TimeZone | None = strawberry.field(
        default=UNSET,
        description="The time zone of its schedules. Defaults to the vendor's for a new one.",
    )
    weight: int | None = strawberry.field(
        default=UNSET,
        description="Its part of the bookings whose customers do not choose, beside those of"
        f" others, at most {rows.MAX_WEIGHT:,}. Defaults to 100.",
    )
    service_ids: list[UUID] | None = ids_field(
        "Service",
        f"Replaces the services that it does, at most {MAX_SERVICES}. Those that stay keep its"
        " time and its price.",
        default=UNSET,
    )


def resource_values(input: SaveResourceInput) -> dict[str, Any]:
    values = set_values(ResourceDraft, input)
    if values.get("time_zone", UNSET) is None and input.resource_id is None:
        del values["time_zone"]
    return values_to_set(ResourceDraft, values)


def service_ids(input: SaveResourceInput) -> list[UUID] | None:
    return None if input.service_ids is UNSET else input.service_ids or []
