"""Services: saved, published, paused and archived by the members of a vendor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in
from core.text.search_text import searchable
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceState
from models.bookings.setting_up.service_drafts import (
    NeedDraft,
    ProviderDraft,
    ServiceDraft,
    ServiceParts,
)
from models.bookings.setting_up.services import (
    MAX_SERVICES,
    Service,
    ServiceIncomplete,
    ServiceLimitReached,
    ServiceNeed,
    ServiceResource,
    ServiceState,
)
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.validation import parse
from models.vendors import Vendor
from services import idempotency
from services.bookings.access import access_managed_service, ensure_of_vendor
from services.bookings.setting_up.entries import ServiceChanged, announce
from services.bookings.waiting.freeing import serve_waits_at
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def save_service(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    service_id: UUID | None,
    values: dict[str, Any],
    parts: ServiceParts,
    idempotency_key: str,
) -> Service:
    """Create a draft of a service, or change one, once per idempotency key.

    `values` are those that the request sets: others keep what they are. Bookings keep the times,
    prices and terms that they were made with.
    """
    given = {"values": values, "parts": parts.model_dump(), "service_id": service_id}
    claimed = await idempotency.claim(
        session, viewer, "saveService", idempotency_key, vendor_id=vendor_id, **given
    )
    if claimed.replayed:
        return (await access_managed_service(session, viewer, claimed.replayed))[1]
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_SERVICES, change=True)
    _ensure_currency(vendor, parts)
    if service_id is None:
        service = await _create(session, vendor, parse(ServiceDraft, **values))
    else:
        service = await _change(session, vendor, service_id, values)
    await _ensure_policy(session, service)
    await _set_parts(session, service, parts)
    if service.state is ServiceState.ACTIVE:
        await _ensure_complete(session, service)
    announce(session, vendor.id, ServiceChanged(service.id))
    await serve_waits_at(session, vendor.id)
    await idempotency.record_result(session, claimed, service.id)
    return service


async def _create(session: AsyncSession, vendor: Vendor, draft: ServiceDraft) -> Service:
    await _ensure_room(session, vendor.id)
    service = Service(
        vendor_id=vendor.id,
        locale=vendor.locale,
        currency=vendor.currency,
        search_text=_search_text(draft),
        **draft.model_dump(),
    )
    session.add(service)
    return service


async def _change(
    session: AsyncSession, vendor: Vendor, service_id: UUID, values: dict[str, Any]
) -> Service:
    """Change the values that are given. The service is validated as a whole."""
    rows = select(Service).where(Service.id == service_id, Service.vendor_id == vendor.id)
    service = (await session.exec(rows)).first()
    if service is None:
        raise NotFound(field=["serviceId"])
    current = service.model_dump(include=set(ServiceDraft.model_fields))
    draft = parse(ServiceDraft, **current | values)
    if (draft.seats > 1) != service.is_class:
        await _ensure_unbooked(session, service)
    for name, value in draft.model_dump().items():
        setattr(service, name, value)
    service.search_text = _search_text(draft)
    return service


async def publish_service(session: AsyncSession, viewer: Viewer, *, service_id: UUID) -> Service:
    """Publish a service. Raises `ServiceIncomplete` unless enough resources can do it."""
    vendor, service = await access_managed_service(session, viewer, service_id)
    vendor.ensure_approved()
    if service.state is ServiceState.ACTIVE:
        return service
    service.state.ensure_can_become(ServiceState.ACTIVE)
    await _ensure_complete(session, service)
    await serve_waits_at(session, service.vendor_id)
    return _become(session, service, ServiceState.ACTIVE)


async def pause_service(session: AsyncSession, viewer: Viewer, *, service_id: UUID) -> Service:
    """Take no more bookings of a service for now, or take it out of the archive.

    Those to come stay.
    """
    vendor, service = await access_managed_service(session, viewer, service_id)
    if service.state is ServiceState.ARCHIVED:
        await _ensure_room(session, vendor.id)
    return _become(session, service, ServiceState.PAUSED)


async def archive_service(session: AsyncSession, viewer: Viewer, *, service_id: UUID) -> Service:
    """Stop offering a service. Bookings to come stay."""
    _, service = await access_managed_service(session, viewer, service_id)
    return _become(session, service, ServiceState.ARCHIVED)


def _become(session: AsyncSession, service: Service, state: ServiceState) -> Service:
    if service.state is not state:
        service.state.ensure_can_become(state)
        service.state = state
        announce(session, service.vendor_id, ServiceChanged(service.id))
    return service


def _ensure_currency(vendor: Vendor, parts: ServiceParts) -> None:
    given: dict[tuple[str, ...], str] = {
        (name,): currency for name, currency in parts.currencies.items()
    }
    for place, one in enumerate(parts.providers or []):
        given["providers", str(place), "price"] = one.currency or vendor.currency
    for path, currency in given.items():
        if currency != vendor.currency:
            raise InvalidInput(
                "The vendor's currency is {currency}. Use it for this amount.",
                currency=vendor.currency,
                field=[*path, "currency"],
            )


def _search_text(draft: ServiceDraft) -> str:
    return searchable(*draft.name.values())


async def _ensure_room(session: AsyncSession, vendor_id: UUID) -> None:
    counted = select(func.count()).where(
        Service.vendor_id == vendor_id, Service.state != ServiceState.ARCHIVED
    )
    if (await session.exec(counted)).one() >= MAX_SERVICES:
        raise ServiceLimitReached(most=MAX_SERVICES)


async def _ensure_unbooked(session: AsyncSession, service: Service) -> None:
    """Raise `InvalidInput` if there are bookings to come, which a class shares."""
    bookings = exists_in(
        Booking, Booking.service_id == service.id, col(Booking.state).in_(OCCUPYING)
    )
    meetings = exists_in(
        ClassMeeting,
        ClassMeeting.service_id == service.id,
        ClassMeeting.state == MeetingState.SCHEDULED,
    )
    if (await session.exec(select(bookings | meetings))).one():
        raise InvalidInput(
            "This service has bookings. Add another one to change between appointments and"
            " classes.",
            field=["seats"],
        )


async def _ensure_policy(session: AsyncSession, service: Service) -> None:
    """Raise `NotFound` for a policy of another vendor."""
    if service.policy_id is None:
        return
    rows = select(CancellationPolicy.id).where(
        CancellationPolicy.id == service.policy_id,
        CancellationPolicy.vendor_id == service.vendor_id,
    )
    with session.no_autoflush:
        if (await session.exec(rows)).first() is None:
            raise NotFound(field=["policyId"])


async def _set_parts(session: AsyncSession, service: Service, parts: ServiceParts) -> None:
    if parts.needs is not None:
        await _set_needs(session, service.id, parts.needs)
    if parts.providers is not None:
        ids = [one.resource_id for one in parts.providers]
        await ensure_of_vendor(session, service.vendor_id, ids, field=["providers"])
        await _set_providers(session, service.id, parts.providers)
    await session.flush()


async def _set_needs(session: AsyncSession, service_id: UUID, needs: Sequence[NeedDraft]) -> None:
    await session.exec(delete(ServiceNeed).where(col(ServiceNeed.service_id) == service_id))
    for need in needs:
        session.add(ServiceNeed(service_id=service_id, kind=need.kind, count=need.count))


async def _set_providers(
    session: AsyncSession, service_id: UUID, providers: Sequence[ProviderDraft]
) -> None:
    await session.exec(delete(ServiceResource).where(col(ServiceResource.service_id) == service_id))
    for one in providers:
        values = one.model_dump(exclude={"currency"})
        session.add(ServiceResource(service_id=service_id, **values))


async def _ensure_complete(session: AsyncSession, service: Service) -> None:
    """Raise `ServiceIncomplete` unless it needs something, of which enough can be used."""
    needs = select(ServiceNeed.kind, ServiceNeed.count).where(ServiceNeed.service_id == service.id)
    needed = dict((await session.exec(needs)).all())
    rows = (
        select(Resource.kind, func.count())
        .join(ServiceResource, col(ServiceResource.resource_id) == col(Resource.id))
        .where(ServiceResource.service_id == service.id, Resource.state == ResourceState.ACTIVE)
        .group_by(col(Resource.kind))
    )
    there = dict((await session.exec(rows)).all())
    if not needed or any(there.get(kind, 0) < count for kind, count in needed.items()):
        raise ServiceIncomplete
