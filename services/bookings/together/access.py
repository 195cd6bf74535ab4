"""The bookings of a visit, and the services and resources that they can take, locked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import ServiceResource
from models.orders.orders import Order
from services.bookings.holding.access import lock_booking
from services.bookings.holding.opening import OpenService, lock_resources, rely_on_service
from services.bookings.ordering.refunding import (
    OrderedBooking,
    ensure_in_orders,
    lock_orders_of,
)


@dataclass(frozen=True)
class OpenServices:
    """Services by their ids, with all resources that they can take, which are locked."""

    services: Mapping[UUID, OpenService]
    resources: Mapping[UUID, Mapping[UUID, Resource]]


async def rely_on_services(
    session: AsyncSession, service_ids: Collection[UUID]
) -> Mapping[UUID, OpenService]:
    """Return services that are shown to customers, by id. Raises `NotFound`."""
    return {id: await rely_on_service(session, id) for id in sorted(set(service_ids))}


async def lock_what_they_take(
    session: AsyncSession,
    services: Mapping[UUID, OpenService],
    also: Mapping[UUID, Collection[UUID]] | None = None,
) -> OpenServices:
    """Lock the resources of services and some more of each, all in one order of their ids.

    One after another they could be locked against the order, and deadlock with other visits.
    """
    rows = select(ServiceResource.service_id, ServiceResource.resource_id).where(
        col(ServiceResource.service_id).in_(services)
    )
    wanted: dict[UUID, set[UUID]] = {id: set((also or {}).get(id, ())) for id in services}
    for service_id, resource_id in (await session.exec(rows)).all():
        wanted[service_id].add(resource_id)
    first = next(iter(services.values()))
    found = await lock_resources(session, first.service, also=set[UUID]().union(*wanted.values()))
    by_service = {
        service_id: {id: found[id] for id in ids if id in found}
        for service_id, ids in wanted.items()
    }
    return OpenServices(services, by_service)


async def bookings_of(session: AsyncSession, booking: Booking) -> Sequence[Booking]:
    """Return the bookings that were held together with one, by their starts. None is locked."""
    if booking.visit_id is None:
        return [booking]
    rows = select(Booking).where(Booking.visit_id == booking.visit_id)
    return (await session.exec(rows.order_by(col(Booking.starts_at), col(Booking.id)))).all()


async def lock_together(
    session: AsyncSession, bookings: Sequence[Booking]
) -> Sequence[OrderedBooking]:
    """Lock the orders of bookings, then the bookings, both by id."""
    orders = await lock_orders_of(session, bookings)
    return await lock_in_orders(session, bookings, orders)


async def lock_in_orders(
    session: AsyncSession, bookings: Sequence[Booking], orders: Mapping[UUID, Order]
) -> Sequence[OrderedBooking]:
    """Lock bookings by id whose orders are locked. Raises `InvalidBookingState`."""
    locked = []
    for one in sorted(bookings, key=lambda one: one.id):
        booking = await lock_booking(session, one.id)
        ensure_in_orders(booking, orders)
        locked.append(OrderedBooking(booking, orders))
    return locked
