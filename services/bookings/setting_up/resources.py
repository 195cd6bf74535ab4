"""Staff, rooms and equipment, as the members of a vendor set them up."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.bookings.setting_up.resources import (
    MAX_RESOURCES,
    Resource,
    ResourceLimitReached,
    ResourceState,
)
from models.bookings.setting_up.service_drafts import ResourceDraft
from models.bookings.setting_up.services import MAX_SERVICES, Service, ServiceResource
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.validation import parse
from models.vendors import Vendor, VendorMember
from services import idempotency
from services.bookings.access import access_managed_resource
from services.bookings.setting_up.covering import cover_blocks
from services.bookings.setting_up.entries import ResourceChanged, announce
from services.bookings.waiting.freeing import serve_waits_at
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def save_resource(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    resource_id: UUID | None,
    values: dict[str, Any],
    service_ids: Sequence[UUID] | None,
    idempotency_key: str,
) -> Resource:
    """Create a resource, or change one, once per idempotency key.

    `values` are those that the request sets: others keep what they are. `service_ids` replace the
    services that it does; those that stay keep its time and its price.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "saveResource",
        idempotency_key,
        vendor_id=vendor_id,
        resource_id=resource_id,
        values=values,
        service_ids=service_ids,
    )
    if claimed.replayed:
        return (await access_managed_resource(session, viewer, claimed.replayed))[1]
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_SERVICES, change=True)
    given = values | await _find_user(session, vendor_id, values)
    if resource_id is None:
        resource = await _create(session, vendor, given)
    else:
        resource = await _change(session, vendor, resource_id, given)
    if service_ids is not None:
        await _set_services(session, resource, service_ids)
    announce(session, vendor_id, ResourceChanged(resource.id))
    await serve_waits_at(session, vendor_id)
    await idempotency.record_result(session, claimed, resource.id)
    return resource


async def _find_user(
    session: AsyncSession, vendor_id: UUID, values: dict[str, Any]
) -> dict[str, UUID]:
    """Return the user of the member. Raises `NotFound` for one of another vendor."""
    member_id = values.get("member_id")
    if member_id is None:
        return {}
    rows = select(VendorMember.user_id).where(
        VendorMember.id == member_id, VendorMember.vendor_id == vendor_id
    )
    user_id = (await session.exec(rows)).first()
    if user_id is None:
        raise NotFound(field=["memberId"])
    return {"member_id": user_id}


async def _create(session: AsyncSession, vendor: Vendor, values: dict[str, Any]) -> Resource:
    draft = parse(ResourceDraft, **{"time_zone": vendor.time_zone} | values)
    await _ensure_room(session, vendor.id)
    resource = Resource(vendor_id=vendor.id, **draft.model_dump())
    session.add(resource)
    return resource


async def _change(
    session: AsyncSession, vendor: Vendor, resource_id: UUID, values: dict[str, Any]
) -> Resource:
    """Change a resource. Blocked times are blocked on its new lanes as well."""
    rows = select(Resource).where(Resource.id == resource_id, Resource.vendor_id == vendor.id)
    resource = (await session.exec(for_change(rows))).first()
    if resource is None:
        raise NotFound(field=["resourceId"])
    current = resource.model_dump(include=set(ResourceDraft.model_fields))
    draft = parse(ResourceDraft, **current | values)
    if draft.kind is not resource.kind:
        raise InvalidInput("The kind cannot be changed. Add another entry.", field=["kind"])
    more_lanes = draft.lanes > resource.lanes
    for name, value in draft.model_dump().items():
        setattr(resource, name, value)
    if more_lanes:
        await session.flush()
        await cover_blocks(session, resource)
    return resource


async def retire_resource(session: AsyncSession, viewer: Viewer, *, resource_id: UUID) -> Resource:
    """Take no new bookings for a resource. Those to come stay."""
    _, resource = await access_managed_resource(session, viewer, resource_id)
    return _become(session, resource, ResourceState.RETIRED)


async def restore_resource(session: AsyncSession, viewer: Viewer, *, resource_id: UUID) -> Resource:
    """Use a resource again that was retired. Raises `ResourceLimitReached`."""
    vendor, resource = await access_managed_resource(session, viewer, resource_id)
    if resource.state is ResourceState.RETIRED:
        await _ensure_room(session, vendor.id)
        await serve_waits_at(session, vendor.id)
    return _become(session, resource, ResourceState.ACTIVE)


def _become(session: AsyncSession, resource: Resource, state: ResourceState) -> Resource:
    if resource.state is not state:
        resource.state = state
        announce(session, resource.vendor_id, ResourceChanged(resource.id))
    return resource


async def _ensure_room(session: AsyncSession, vendor_id: UUID) -> None:
    counted = select(func.count()).where(
        Resource.vendor_id == vendor_id, Resource.state == ResourceState.ACTIVE
    )
    if (await session.exec(counted)).one() >= MAX_RESOURCES:
        raise ResourceLimitReached(most=MAX_RESOURCES)


async def _set_services(
    session: AsyncSession, resource: Resource, service_ids: Sequence[UUID]
) -> None:
    """Let a resource do these services of its vendor, and no others."""
    wanted = set(service_ids)
    if len(service_ids) > MAX_SERVICES:
        raise InvalidInput(
            "Must have at most {max_length} entries.", max_length=MAX_SERVICES, field=["serviceIds"]
        )
    rows = select(Service.id).where(
        col(Service.id).in_(wanted), Service.vendor_id == resource.vendor_id
    )
    if set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=["serviceIds"])
    does = select(ServiceResource.service_id).where(ServiceResource.resource_id == resource.id)
    current = set((await session.exec(does)).all())
    gone = delete(ServiceResource).where(
        col(ServiceResource.resource_id) == resource.id,
        col(ServiceResource.service_id).in_(current - wanted),
    )
    await session.exec(gone)
    for service_id in wanted - current:
        session.add(ServiceResource(service_id=service_id, resource_id=resource.id))
