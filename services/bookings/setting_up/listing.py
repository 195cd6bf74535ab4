"""Lists of services and of the staff, rooms and equipment that they use."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, literal, or_

from core.database import exists_in
from core.keyset import Listing, Ordering
from models.bookings.policies import CancellationPolicy
from models.bookings.resources import Resource, ResourceKind, ResourceState
from models.bookings.services import Service, ServiceResource, ServiceState, StaffChoice
from services.bookings.access import (
    managed_resources,
    managed_services,
    shown_services,
    visible_policies,
    visible_resources,
    visible_services,
)
from services.search import by_similarity
from services.viewer import Viewer

SERVICES = Ordering("position", Service.position, Service.id, int)
RESOURCES = Ordering("position", Resource.position, Resource.id, int)
POLICIES = Ordering("name", CancellationPolicy.name, CancellationPolicy.id, str)


@dataclass(frozen=True)
class ListedServices:
    """Conditions on the services of a vendor. None is no condition.

    Services in `states` that are not shown are found only at the viewer's vendors.
    """

    states: tuple[ServiceState, ...] | None = None
    resource_id: UUID | None = None
    is_class: bool | None = None
    for_species: str | None = None


def list_services(
    viewer: Viewer, vendor_id: UUID, wanted: ListedServices, search: str | None
) -> Listing[Service]:
    """List the services of a vendor that can be booked, in its order, or by similarity."""
    rows = visible_services(viewer).where(
        Service.vendor_id == vendor_id, *_conditions(viewer, wanted)
    )
    if search is not None:
        return by_similarity(rows, Service, search)
    return Listing(rows, SERVICES)


def _conditions(viewer: Viewer, wanted: ListedServices) -> Iterator[ColumnElement[bool] | bool]:
    yield col(Service.state).in_(wanted.states or (ServiceState.ACTIVE,))
    if wanted.is_class is not None:
        yield col(Service.seats) > 1 if wanted.is_class else col(Service.seats) == 1
    if wanted.for_species is not None:
        species = col(Service.species)
        wanted_one = literal(wanted.for_species) == func.any(species)
        yield or_(wanted_one, func.cardinality(species) == 0)
    if wanted.resource_id is not None:
        seen = visible_resources(viewer).with_only_columns(col(Resource.id))
        does = col(ServiceResource.service_id) == col(Service.id)
        yield exists_in(ServiceResource, does, ServiceResource.resource_id == wanted.resource_id)
        yield exists_in(Resource, Resource.id == wanted.resource_id, col(Resource.id).in_(seen))


def list_staff(viewer: Viewer, vendor_id: UUID, service_id: UUID | None) -> Listing[Resource]:
    """List the active staff of a vendor whom the viewer sees, or those who do a service.

    Of a service that hides its staff, only members see them.
    """
    rows = visible_resources(viewer).where(
        Resource.vendor_id == vendor_id,
        Resource.kind == ResourceKind.STAFF,
        Resource.state == ResourceState.ACTIVE,
    )
    if service_id is not None:
        named = shown_services().where(Service.staff_choice != StaffChoice.HIDDEN)
        ids = named.with_only_columns(col(Service.id))
        own = managed_services(viewer).with_only_columns(col(Service.id))
        rows = rows.where(
            exists_in(
                ServiceResource,
                col(ServiceResource.resource_id) == col(Resource.id),
                ServiceResource.service_id == service_id,
                or_(
                    col(ServiceResource.service_id).in_(ids),
                    col(ServiceResource.service_id).in_(own),
                ),
            )
        )
    return Listing(rows, RESOURCES)


def list_resources(
    viewer: Viewer,
    vendor_id: UUID,
    kinds: tuple[ResourceKind, ...] | None = None,
    states: tuple[ResourceState, ...] | None = None,
) -> Listing[Resource]:
    """List the resources of one of the viewer's vendors, in its order. Admins see all."""
    viewer.require_user()
    rows = managed_resources(viewer).where(Resource.vendor_id == vendor_id)
    rows = rows.where(col(Resource.state).in_(states or (ResourceState.ACTIVE,)))
    if kinds is not None:
        rows = rows.where(col(Resource.kind).in_(kinds))
    return Listing(rows, RESOURCES)


def list_policies(viewer: Viewer, vendor_id: UUID) -> Listing[CancellationPolicy]:
    rows = visible_policies(viewer).where(CancellationPolicy.vendor_id == vendor_id)
    return Listing(rows, POLICIES)
