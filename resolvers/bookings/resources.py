"""Staff, rooms and equipment, written by members of their vendor."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.bookings.setting_up import resources as rows
from models.errors import KEYED, InvalidInput, NotFound
from schema.bookings.enums import ResourceKind, ResourceState
from schema.bookings.setting_up.resources import (
    Resource,
    ResourceId,
    SaveResourceInput,
    resource_values,
    service_ids,
)
from services.bookings.setting_up import resources
from services.bookings.setting_up.listing import list_resources

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
Kinds = Annotated[
    list[ResourceKind] | None, strawberry.argument(description="Returns those of these kinds.")
]
States = Annotated[
    list[ResourceState] | None,
    strawberry.argument(description="Returns those in these states. Defaults to ACTIVE."),
]


@strawberry.type
class ResourceQuery:
    @connection(
        Connection[Resource],
        "The staff, rooms and equipment of a vendor in its order. Empty for all but the vendor's"
        " members with the STAFF role or higher, and admins.",
    )
    def resources(
        self, info: Info, vendor_id: VendorId, kinds: Kinds = None, states: States = None
    ) -> Listing[Any]:
        return list_resources(info.context.viewer, vendor_id, _once(kinds), _once(states))


def _once(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(sorted(set(values)))


@strawberry.type
class ResourceMutation:
    @mutation(
        resource=Resource,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.ResourceLimitReached, rows.MemberHasResource, *KEYED),
    )
    async def save_resource(self, info: Info, input: SaveResourceInput) -> rows.Resource:
        """Add staff, a room or equipment, or change it. Requires the vendor's MANAGER or OWNER
        role.
        """
        values = resource_values(input)
        async with info.context.transaction() as session:
            return await resources.save_resource(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                resource_id=input.resource_id,
                values=values,
                service_ids=service_ids(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        resource=Resource,
        while_impersonating=True,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def retire_resource(self, info: Info, resource_id: ResourceId) -> rows.Resource:
        """Take no new bookings for staff, a room or equipment. Those to come stay."""
        async with info.context.transaction() as session:
            return await resources.retire_resource(
                session, info.context.viewer, resource_id=resource_id
            )

    @mutation(
        resource=Resource,
        while_impersonating=True,
        raises=(NotFound, rows.ResourceLimitReached),
        repeatable="sets a state",
    )
    async def restore_resource(self, info: Info, resource_id: ResourceId) -> rows.Resource:
        """Take bookings again for what was retired."""
        async with info.context.transaction() as session:
            return await resources.restore_resource(
                session, info.context.viewer, resource_id=resource_id
            )
