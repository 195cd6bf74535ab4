"""The resources that do services, as a viewer sees them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.resources import Resource, ResourceState
from models.bookings.services import Service, ServiceProvider, ServiceResource, StaffChoice
from services.bookings.access import managed_resources, visible_resources, visible_services
from services.viewer import Viewer


async def find_providers(
    session: AsyncSession, viewer: Viewer, service_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[ServiceProvider]]:
    """Return the resources of each service in their order.

    Customers see active staff of services that do not hide them, members see all.
    """
    seen = visible_resources(viewer).with_only_columns(col(Resource.id))
    own = managed_resources(viewer).with_only_columns(col(Resource.id))
    services = visible_services(viewer).with_only_columns(col(Service.id))
    named = and_(
        col(Resource.id).in_(seen),
        Service.staff_choice != StaffChoice.HIDDEN,
        Resource.state == ResourceState.ACTIVE,
    )
    rows = (
        select(Service, ServiceResource)
        .join(ServiceResource, col(ServiceResource.service_id) == col(Service.id))
        .join(Resource, col(Resource.id) == col(ServiceResource.resource_id))
        .where(
            col(Service.id).in_(service_ids),
            col(Service.id).in_(services),
            or_(named, col(Resource.id).in_(own)),
        )
        .order_by(col(Resource.position), col(Resource.id))
    )
    found: dict[UUID, list[ServiceProvider]] = defaultdict(list)
    for service, row in await session.exec(rows):
        found[service.id].append(ServiceProvider(service, row.resource_id, row.duration, row.price))
    return found
