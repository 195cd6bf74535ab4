"""A service as it can be booked now, with what a booking of it depends on, locked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam
from sqlmodel import and_, col, func, not_, or_, select

from core.clock import now
from core.database import for_change, for_reliance
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import (
    MAX_HELD,
    MAX_HELD_TIMES,
    NO_SHOWS,
    OCCUPYING,
    Booking,
    BookingLimit,
    BookingState,
    HeldBookingLimit,
)
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import Service, ServiceResource, ServiceState
from models.errors import NotFound
from models.identity.accounts import User
from models.pricing.amounts import BPS
from models.vendors import Vendor, VendorStatus
from services.bookings.holding.ending import expire_bookings

SHOWN = (ServiceState.ACTIVE, ServiceState.PAUSED)
_SERVICE: list[Any] = [*columns_of(Service), col(Vendor.time_zone).label("vendor_zone")]
RELY = Statement(
    for_reliance(
        select(*_SERVICE)
        .join(Vendor, col(Vendor.id) == col(Service.vendor_id))
        .where(
            col(Service.id) == bindparam("service_id"),
            col(Service.state).in_(SHOWN),
            col(Vendor.status) == VendorStatus.APPROVED,
        ),
        of=(Vendor, Service),
    ),
    Service,
)
LOCK_USER = Statement(for_change(select(col(User.id)).where(col(User.id) == bindparam("user_id"))))
_CHOSEN_STAFF = bindparam("staff_id", type_=Uuid())
_DOES = select(col(ServiceResource.resource_id)).where(
    col(ServiceResource.service_id) == bindparam("service_id"),
)
# One order of all locks of resources: those of a booking that moves are among them.
LOCK = Statement(
    for_change(
        select(*columns_of(Resource))
        .where(
            or_(
                any_of(col(Resource.id)),
                and_(
                    col(Resource.id).in_(_DOES),
                    or_(
                        _CHOSEN_STAFF.is_(None),
                        col(Resource.kind) != ResourceKind.STAFF,
                        col(Resource.id) == _CHOSEN_STAFF,
                    ),
                ),
            )
        )
        .order_by(col(Resource.id))
    ),
    Resource,
)
_SERIES = func.coalesce(col(Booking.series_id), col(Booking.id))  # it counts as one booking
_OF_SERVICE = (
    col(Booking.service_id) == bindparam("service_id"),
    col(Booking.state).in_(OCCUPYING),
)
_IS_HELD = col(Booking.state).in_((BookingState.HELD, BookingState.REQUESTED))
_IS_OVER = and_(_IS_HELD, col(Booking.expires_at) <= current_time())
_OTHERS = _SERIES.is_distinct_from(bindparam("series_id", type_=Uuid()))
_COUNTED: list[Any] = [
    func.count(func.distinct(_SERIES))
    .filter(
        _OTHERS,
        *_OF_SERVICE,
        col(Booking.ends_at) > bindparam("moment", type_=DateTime(timezone=True)),
        not_(_IS_OVER),
    )
    .label("open"),
    func.count(func.distinct(_SERIES)).filter(_OTHERS, _IS_HELD, not_(_IS_OVER)).label("held"),
    func.count().filter(_OTHERS, _IS_HELD, not_(_IS_OVER)).label("held_times"),
    func.array_agg(col(Booking.id)).filter(*_OF_SERVICE, _IS_OVER).label("expired"),
    func.count().filter(col(Booking.state) == BookingState.NO_SHOW).label("no_shows"),
]
COUNT = Statement(
    select(*_COUNTED).where(
        col(Booking.user_id) == bindparam("user_id"),
        col(Booking.vendor_id) == bindparam("vendor_id"),
    )
)
POLICY = Statement(
    select(*columns_of(CancellationPolicy)).where(
        col(CancellationPolicy.id) == bindparam("policy_id")
    ),
    CancellationPolicy,
)


@dataclass(frozen=True)
class OpenService:
    """A service that can be booked at a moment."""

    service: Service
    vendor_zone: str
    moment: datetime


async def rely_on_service(unit: UnitOfWork, service_id: UUID) -> OpenService:
    """Return a service that is shown to customers. It and its vendor are locked, shared."""
    row: Any = await RELY.fetch_one(await connection_of(unit), service_id=service_id)
    if row is None:
        raise NotFound
    return OpenService(cast("Service", row), row["vendor_zone"], now())


async def lock_user(unit: UnitOfWork, user_id: UUID) -> None:
    """Lock a user before all else, so that two bookings at once are counted one after another."""
    await LOCK_USER.fetch(await connection_of(unit), user_id=user_id)


async def lock_resources(
    unit: UnitOfWork,
    service: Service,
    *,
    staff_id: UUID | None = None,
    also: Collection[UUID] = (),
) -> Mapping[UUID, Resource]:
    """Lock the staff, rooms and equipment of a service and some more, in the order of their ids.

    If the customer has chosen the staff, others are left out. A daily limit counts the bookings of
    all staff, so then all are locked.
    """
    chosen = None if service.per_day is not None else staff_id
    rows = await LOCK.fetch(
        await connection_of(unit),
        service_id=service.id,
        staff_id=chosen,
        **{KEYS: sorted(also)},
    )
    return {row.id: row for row in rows}


@dataclass(frozen=True)
class BookingTerms:
    """The terms of a booking, as they are when it is made. It keeps a copy."""

    tiers: Sequence[Sequence[int]]
    no_show_bps: int
    moves: int
    move_minutes: int


# Without a policy, a customer gets back all until the start.
WITHOUT_POLICY = BookingTerms([[0, BPS]], no_show_bps=0, moves=3, move_minutes=0)


async def find_terms(unit: UnitOfWork, service: Service) -> BookingTerms:
    if service.policy_id is None:
        return WITHOUT_POLICY
    (policy,) = await POLICY.fetch(await connection_of(unit), policy_id=service.policy_id)
    return BookingTerms(
        policy.tiers, policy.no_show_bps, policy.reschedules, policy.reschedule_minutes
    )


async def ensure_below_limit(
    unit: UnitOfWork, user_id: UUID, opened: OpenService, *, series_id: UUID | None = None
) -> bool:
    """Raise `BookingLimit` for a user with as many bookings to come as the service allows.

    Raises `HeldBookingLimit` for one who keeps so many times of the vendor that are not confirmed.

    A series is one of them, that with `series_id` none; but the times of series that are not
    confirmed are counted as well, or a user could keep hundreds for days. Called with the user
    locked. Their bookings of the service that have expired are ended, and not counted. Returns
    whether the user must pay online, having not come twice.
    """
    service = opened.service
    (counted,) = await COUNT.fetch(
        await connection_of(unit),
        user_id=user_id,
        vendor_id=service.vendor_id,
        service_id=service.id,
        series_id=series_id,
        moment=opened.moment,
    )
    if counted["expired"]:
        await expire_bookings(unit, sorted(counted["expired"]))
    if counted["held"] >= MAX_HELD:
        raise HeldBookingLimit(most=MAX_HELD)
    if counted["held_times"] >= MAX_HELD_TIMES:
        raise HeldBookingLimit(most=MAX_HELD_TIMES)
    if counted["open"] >= service.per_user_open:
        raise BookingLimit(most=service.per_user_open)
    return bool(counted["no_shows"] >= NO_SHOWS)
