"""Access to services and what they need, for all and for the members of their vendors."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change
from models.bookings.claims import TimeBlock
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceKind, ResourceState
from models.bookings.setting_up.schedules import Closure, DayOverride, Schedule
from models.bookings.setting_up.services import Service, ServiceResource, ServiceState, StaffChoice
from models.errors import NotFound
from models.members import Permission
from models.vendors import Vendor, VendorStatus
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

Found = TypeVar("Found", CancellationPolicy, Closure, Schedule, TimeBlock)

# The states in which everybody sees a service: also a paused one, for old links.
SHOWN = (ServiceState.ACTIVE, ServiceState.PAUSED)


def _approved() -> SelectOfScalar[UUID]:
    return select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)


def shown_services() -> SelectOfScalar[Service]:
    return select(Service).where(
        col(Service.state).in_(SHOWN), col(Service.vendor_id).in_(_approved())
    )


def bookable_services() -> SelectOfScalar[Service]:
    """Select services of approved vendors that can be booked now."""
    return shown_services().where(Service.state == ServiceState.ACTIVE)


def visible_services(viewer: Viewer) -> SelectOfScalar[Service]:
    """Select shown services of approved vendors, and all of the viewer's. Admins see all."""
    shown = shown_services()
    if viewer.admin:
        return select(Service)
    if viewer.user_id is None or shown.whereclause is None:
        return shown
    return select(Service).where(or_(and_(shown.whereclause), _works(viewer, Service.vendor_id)))


def _works(
    viewer: Viewer, vendor_id: Any, permission: Permission = Permission.SEE_BOOKINGS
) -> ColumnElement[bool]:
    if viewer.user_id is None:
        return false()
    return works_at(viewer.staff, col(vendor_id), permission)


def _named_staff() -> ColumnElement[bool]:
    """Match active staff who do a shown service whose customers learn their names."""
    services = and_(
        col(Service.id) == col(ServiceResource.service_id),
        col(Service.state).in_(SHOWN),
        Service.staff_choice != StaffChoice.HIDDEN,
    )
    named = exists_in(
        ServiceResource,
        col(ServiceResource.resource_id) == col(Resource.id),
        exists_in(Service, services),
    )
    return and_(
        Resource.kind == ResourceKind.STAFF,
        Resource.state == ResourceState.ACTIVE,
        col(Resource.vendor_id).in_(_approved()),
        named,
    )


def visible_resources(viewer: Viewer) -> SelectOfScalar[Resource]:
    """Select staff whose names customers learn, and all resources of the viewer's vendors.

    Admins see all.
    """
    if viewer.admin:
        return select(Resource)
    if viewer.user_id is None:
        return select(Resource).where(_named_staff())
    return select(Resource).where(or_(_named_staff(), _works(viewer, Resource.vendor_id)))


def managed_resources(viewer: Viewer) -> SelectOfScalar[Resource]:
    """Select all resources of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Resource)
    return select(Resource).where(_works(viewer, Resource.vendor_id))


def managed_services(viewer: Viewer) -> SelectOfScalar[Service]:
    """Select all services of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Service)
    return select(Service).where(_works(viewer, Service.vendor_id))


def visible_schedules(viewer: Viewer) -> SelectOfScalar[Schedule]:
    return select(Schedule).where(col(Schedule.resource_id).in_(_managed_ids(viewer)))


def visible_overrides(viewer: Viewer) -> SelectOfScalar[DayOverride]:
    return select(DayOverride).where(col(DayOverride.resource_id).in_(_managed_ids(viewer)))


def visible_blocks(viewer: Viewer) -> SelectOfScalar[TimeBlock]:
    return select(TimeBlock).where(col(TimeBlock.resource_id).in_(_managed_ids(viewer)))


def _managed_ids(viewer: Viewer) -> Any:
    return managed_resources(viewer).with_only_columns(col(Resource.id))


def visible_closures(viewer: Viewer) -> SelectOfScalar[Closure]:
    """Select closures of approved vendors, and of the viewer's. Admins see all."""
    if viewer.admin:
        return select(Closure)
    approved = col(Closure.vendor_id).in_(_approved())
    if viewer.user_id is None:
        return select(Closure).where(approved)
    return select(Closure).where(or_(approved, _works(viewer, Closure.vendor_id)))


def visible_policies(viewer: Viewer) -> SelectOfScalar[CancellationPolicy]:
    """Select cancellation policies of approved vendors, and of the viewer's. Admins see all."""
    if viewer.admin:
        return select(CancellationPolicy)
    approved = col(CancellationPolicy.vendor_id).in_(_approved())
    if viewer.user_id is None:
        return select(CancellationPolicy).where(approved)
    own = _works(viewer, CancellationPolicy.vendor_id)
    return select(CancellationPolicy).where(or_(approved, own))


async def access_managed_service(
    session: AsyncSession, viewer: Viewer, service_id: UUID
) -> tuple[Vendor, Service]:
    """Return a service that the viewer manages, and its vendor.

    The vendor is locked to change it: holds rely on it, so none is made meanwhile by what the
    service was before.
    """
    vendor = await _access_vendor_of(
        session, viewer, select(Service.vendor_id).where(Service.id == service_id)
    )
    rows = select(Service).where(Service.id == service_id)
    return vendor, (await session.exec(for_change(rows))).one()


async def access_managed_resource(
    session: AsyncSession, viewer: Viewer, resource_id: UUID
) -> tuple[Vendor, Resource]:
    """Return a resource that the viewer manages, locked, and its vendor, locked to change it."""
    vendor = await _access_vendor_of(
        session, viewer, select(Resource.vendor_id).where(Resource.id == resource_id)
    )
    return vendor, await lock_resource(session, resource_id)


async def access_blocked_resource(
    session: AsyncSession, viewer: Viewer, resource_id: UUID
) -> Resource:
    """Return a resource whose times the viewer can block, locked. The vendor is locked shared."""
    rows = select(Resource.vendor_id).where(Resource.id == resource_id)
    await _access_vendor_of(session, viewer, rows, Permission.EDIT_BOOKINGS, change=False)
    return await lock_resource(session, resource_id)


async def lock_resource(session: AsyncSession, resource_id: UUID) -> Resource:
    rows = select(Resource).where(Resource.id == resource_id)
    return (await session.exec(for_change(rows))).one()


async def access_managed_policy(
    session: AsyncSession, viewer: Viewer, policy_id: UUID
) -> CancellationPolicy:
    """Return a policy that the viewer manages. The vendor is locked to change it."""
    rows = select(CancellationPolicy.vendor_id).where(CancellationPolicy.id == policy_id)
    await _access_vendor_of(session, viewer, rows)
    policies = select(CancellationPolicy).where(CancellationPolicy.id == policy_id)
    return await _still(session, policies)


async def access_managed_closure(
    session: AsyncSession, viewer: Viewer, closure_id: UUID
) -> Closure:
    """Return a closure that the viewer manages. The vendor is locked to change it."""
    rows = select(Closure.vendor_id).where(Closure.id == closure_id)
    await _access_vendor_of(session, viewer, rows)
    return await _still(session, select(Closure).where(Closure.id == closure_id))


async def access_managed_schedule(
    session: AsyncSession, viewer: Viewer, schedule_id: UUID
) -> tuple[Vendor, Resource, Schedule]:
    """Return a schedule that the viewer manages, with its resource and vendor, both locked."""
    resource_id = await _find(
        session, viewer, select(Schedule.resource_id).where(Schedule.id == schedule_id)
    )
    vendor, resource = await access_managed_resource(session, viewer, resource_id)
    schedules = select(Schedule).where(Schedule.id == schedule_id)
    return vendor, resource, await _still(session, schedules)


async def access_managed_block(
    session: AsyncSession, viewer: Viewer, block_id: UUID
) -> tuple[Resource, TimeBlock]:
    """Return a block that the viewer can remove, and its resource, which is locked."""
    resource_id = await _find(
        session, viewer, select(TimeBlock.resource_id).where(TimeBlock.id == block_id)
    )
    resource = await access_blocked_resource(session, viewer, resource_id)
    return resource, await _still(session, select(TimeBlock).where(TimeBlock.id == block_id))


async def _access_vendor_of(
    session: AsyncSession,
    viewer: Viewer,
    rows: SelectOfScalar[UUID],
    permission: Permission = Permission.EDIT_SERVICES,
    *,
    change: bool = True,
) -> Vendor:
    vendor_id = await _find(session, viewer, rows)
    return await access_vendor(session, viewer, vendor_id, permission, change=change)


async def _find(session: AsyncSession, viewer: Viewer, rows: SelectOfScalar[UUID]) -> UUID:
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found


async def _still(session: AsyncSession, rows: SelectOfScalar[Found]) -> Found:
    """Return a row that may have been removed while the vendor was waited for."""
    found = (await session.exec(for_change(rows))).first()
    if found is None:
        raise NotFound
    return found


async def ensure_of_vendor(
    session: AsyncSession, vendor_id: UUID, resource_ids: Sequence[UUID], field: list[str]
) -> None:
    """Raise `NotFound` unless all are resources of the vendor."""
    wanted = set(resource_ids)
    rows = select(Resource.id).where(col(Resource.id).in_(wanted), Resource.vendor_id == vendor_id)
    if wanted and set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=field)
