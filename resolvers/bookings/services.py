"""Services, searched by everyone and written by members of their vendor."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.bookings.services import visible_service
from engine.arguments import PUBLIC_COUNT_COST, SEARCH_COST, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.mutation import mutation
from engine.types import field
from models.bookings.setting_up import services as rows
from models.errors import KEYED, InvalidInput, NotFound
from models.vendors import VendorNotApproved, VendorSuspended
from schema.bookings.setting_up.resources import Resource
from schema.bookings.setting_up.service_inputs import SaveServiceInput, ServiceWhere, service_filter
from schema.bookings.setting_up.services import Service, ServiceId
from schema.texts import located
from services.bookings.setting_up import services
from services.bookings.setting_up.listing import list_services, list_staff

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
OfService = Annotated[UUID | None, optional_id_of("Service", "Returns staff who do this service.")]
Where = Annotated[ServiceWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class ServiceQuery:
    @connection(
        Connection[Service],
        "The services of a vendor in its order, or the most similar first with `search`. ACTIVE"
        " ones by default.",
        argument_costs={"search": SEARCH_COST},
        count_cost=PUBLIC_COUNT_COST,
        public=True,
    )
    def services(
        self, info: Info, vendor_id: VendorId, where: Where = None, search: Search = None
    ) -> Listing[Any]:
        wanted = service_filter(vendor_id, where or ServiceWhere())
        return list_services(info.context.viewer, wanted, search)

    @field("Returns a service. Null if it doesn't exist or the viewer can't see it.", public=True)
    async def service(self, info: Info, id: ServiceId) -> Service | None:
        return Service.wrap_optional(await info.context.loaders[visible_service].load(id))

    @connection(
        Connection[Resource],
        "The active staff of a vendor in its order, whom the viewer can choose or whose agenda they"
        " can see.",
        public=True,
    )
    def staff(self, info: Info, vendor_id: VendorId, service_id: OfService = None) -> Listing[Any]:
        return list_staff(info.context.viewer, vendor_id, service_id)


@strawberry.type
class ServiceMutation:
    @mutation(
        service=Service,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.ServiceLimitReached,
            rows.ServiceIncomplete,
            *KEYED,
        ),
    )
    async def save_service(self, info: Info, input: SaveServiceInput) -> rows.Service:
        """Create a draft of a service, or change one. Requires the vendor's MANAGER or OWNER
        role.
        """
        with located(input.texts):
            values, parts = input.values, input.parts
            async with info.context.transaction() as session:
                return await services.save_service(
                    session,
                    info.context.viewer,
                    vendor_id=input.vendor_id,
                    service_id=input.service_id,
                    values=values,
                    parts=parts,
                    idempotency_key=input.idempotency_key,
                )

    @mutation(
        service=Service,
        while_impersonating=True,
        raises=(
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.InvalidServiceState,
            rows.ServiceIncomplete,
        ),
        repeatable="sets a state",
    )
    async def publish_service(self, info: Info, service_id: ServiceId) -> rows.Service:
        """Publish a service, so that it can be booked. Requires the vendor's MANAGER or OWNER
        role.
        """
        async with info.context.transaction() as session:
            return await services.publish_service(
                session, info.context.viewer, service_id=service_id
            )

    @mutation(
        service=Service,
        while_impersonating=True,
        raises=(NotFound, rows.InvalidServiceState, rows.ServiceLimitReached),
        repeatable="sets a state",
    )
    async def pause_service(self, info: Info, service_id: ServiceId) -> rows.Service:
        """Take no more bookings of a service until it is published again, or take it out of the
        archive. Bookings to come stay.
        """
        async with info.context.transaction() as session:
            return await services.pause_service(session, info.context.viewer, service_id=service_id)

    @mutation(
        service=Service,
        while_impersonating=True,
        raises=(NotFound, rows.InvalidServiceState),
        repeatable="sets a state",
    )
    async def archive_service(self, info: Info, service_id: ServiceId) -> rows.Service:
        """Stop offering a service. Bookings to come stay. `pauseService` takes it back."""
        async with info.context.transaction() as session:
            return await services.archive_service(
                session, info.context.viewer, service_id=service_id
            )
