"""Lists of services and of the staff, rooms and equipment that they use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, bindparam, cast
from sqlalchemy.types import TypeEngine
from sqlmodel import col, func, or_
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.keyset import Listing, Ordering
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceKind, ResourceState
from models.bookings.setting_up.services import Service, ServiceResource, ServiceState, StaffChoice
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
MAX_SHAPES = 256  # of lists whose statements are kept
# The conditions on services whose values are parameters of statements.
SERVICE_PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "vendor_id": Uuid(),
    "resource_id": Uuid(),
    "for_species": String(),
}


@dataclass(frozen=True)
class ListedServices:
    """Conditions on the services of a vendor. None is no condition.

    Services in `states` that are not shown are found only at the viewer's vendors.
    """

    vendor_id: UUID
    states: tuple[ServiceState, ...] | None = None
    resource_id: UUID | None = None
    is_class: bool | None = None
    for_species: str | None = None


def list_services(viewer: Viewer, wanted: ListedServices, search: str | None) -> Listing[Service]:
    """List the services of a vendor that can be booked, in its order, or by similarity."""
    if search is not None:
        return by_similarity(_matching(viewer, wanted), Service, search)
    values = given(wanted, SERVICE_PARAMETERS)
    statements = _services(viewer.kind, tuple(values), wanted.states, wanted.is_class)
    return statements.listing(values)


@lru_cache(maxsize=MAX_SHAPES)
def _services(
    viewer: Viewer,
    names: tuple[str, ...],
    states: tuple[ServiceState, ...] | None,
    is_class: bool | None,
) -> PageStatements[Service]:
    """Write the statements for conditions. `names` are at most 3, of SERVICE_PARAMETERS."""
    values = placeholders(names, SERVICE_PARAMETERS)
    wanted = ListedServices(**values, states=states, is_class=is_class)
    return PageStatements(Listing(_matching(viewer, wanted), SERVICES))


def _matching(viewer: Viewer, wanted: ListedServices) -> SelectOfScalar[Service]:
    return visible_services(viewer).where(*_conditions(viewer, wanted))


def _conditions(viewer: Viewer, wanted: ListedServices) -> Iterator[ColumnElement[bool] | bool]:
    yield Service.vendor_id == wanted.vendor_id
    yield col(Service.state).in_(wanted.states or (ServiceState.ACTIVE,))
    if wanted.is_class is not None:
        yield col(Service.seats) > 1 if wanted.is_class else col(Service.seats) == 1
    if wanted.for_species is not None:
        species = col(Service.species)
        wanted_one = cast(wanted.for_species, String) == func.any(species)
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
    statements = _staff(viewer.kind, of_service=service_id is not None)
    return statements.listing({"vendor_id": vendor_id, "service_id": service_id})


@lru_cache(maxsize=MAX_SHAPES)
def _staff(viewer: Viewer, *, of_service: bool) -> PageStatements[Resource]:
    """Write the statements, with `service_id` as a parameter for the staff of a service."""
    vendor_id = bindparam("vendor_id", type_=Uuid())
    service_id = bindparam("service_id", type_=Uuid())
    rows = visible_resources(viewer).where(
        Resource.vendor_id == vendor_id,
        Resource.kind == ResourceKind.STAFF,
        Resource.state == ResourceState.ACTIVE,
    )
    if of_service:
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
    return PageStatements(Listing(rows, RESOURCES))


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
