"""The resources that do services, as a viewer sees them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import and_, col, or_, select

from core.statements.selected import AnySelect
from core.statements.statement import any_of
from models.bookings.setting_up.resources import Resource, ResourceState
from models.bookings.setting_up.services import (
    Service,
    ServiceProvider,
    ServiceResource,
    StaffChoice,
)
from services.bookings.access import managed_resources, visible_resources, visible_services
from services.viewer import Viewer


def select_providers(viewer: Viewer, _: object = None) -> AnySelect:
    """Select the resources of the services in `keys`, in their order.

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
    columns: list[Any] = [
        col(ServiceResource.service_id),
        col(ServiceResource.resource_id),
        col(ServiceResource.duration),
        col(ServiceResource.price),
        col(Service.duration).label("usual_duration"),
        col(Service.price).label("usual_price"),
        col(Service.currency),
    ]
    rows: AnySelect = (
        select(*columns)
        .join(Service, col(Service.id) == col(ServiceResource.service_id))
        .join(Resource, col(Resource.id) == col(ServiceResource.resource_id))
        .where(
            any_of(col(Service.id)),
            col(Service.id).in_(services),
            or_(named, col(Resource.id).in_(own)),
        )
        .order_by(col(Resource.position), col(Resource.id))
    )
    return rows


def providers_by_service(records: Iterable[Any]) -> Mapping[UUID, Sequence[ServiceProvider]]:
    """Return the providers of each service, of the records of `select_providers`."""
    found: dict[UUID, list[ServiceProvider]] = defaultdict(list)
    for row in records:
        found[row["service_id"]].append(
            ServiceProvider(
                resource_id=row["resource_id"],
                own_duration=row["duration"],
                own_price=row["price"],
                usual_duration=row["usual_duration"],
                usual_price=row["usual_price"],
                currency=row["currency"],
            )
        )
    return found
