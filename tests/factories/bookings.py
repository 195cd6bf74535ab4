"""Services with their staff, rooms and schedules, and bookings of them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.clock import now
from core.ids import new_id
from core.security.sealed import HASH_BYTES
from core.text.search_text import searchable
from core.wall import instant, wall
from models.bookings.bookings import OCCUPYING, Booking, BookingState, CancelledBy
from models.bookings.claims import Claim, TimeBlock
from models.bookings.classes import ClassMeeting
from models.bookings.feeds import BusyFeed, CalendarFeed, FeedScope
from models.bookings.moves import BookingResource
from models.bookings.series import BookingSeries, Occurrence
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.schedules import Closure, DayOverride, Schedule
from models.bookings.setting_up.services import Service, ServiceNeed, ServiceResource, ServiceState
from models.bookings.visits.desk import VisitPayment, VisitPaymentMethod
from models.bookings.visits.displays import WaitingRoomDisplay
from models.bookings.waits import BookingWait
from models.identity.accounts import User
from models.vendors import Vendor
from tests.factories.base import NUMBERS, RowStore

ZONE = "Asia/Kolkata"
WORKDAYS = range(1, 7)  # Monday to Saturday
OPENS, CLOSES = 9 * 60, 18 * 60
CONFIRMED_ONCE = {BookingState.CONFIRMED, BookingState.COMPLETED, BookingState.NO_SHOW}


def workday(ahead: int = 1, zone: str = ZONE) -> date:
    """Return the local day that is so many workdays from tomorrow's start, Sundays left out."""
    day = wall(now(), zone).date()
    for _ in range(ahead):
        day += timedelta(days=1)
        while day.isoweekday() not in WORKDAYS:
            day += timedelta(days=1)
    return day


def at(day: date, hour: int, minute: int = 0, zone: str = ZONE) -> datetime:
    """Return the instant of a wall time on a day."""
    moment = instant(datetime.combine(day, time(hour, minute)), zone)
    assert moment is not None, "clocks skip this time"
    return moment


class BookingRows(RowStore):
    """Creates services, what they need, and the bookings of them."""

    async def service(
        self,
        vendor: Vendor,
        *resources: Resource,
        needs: dict[ResourceKind, int] | None = None,
        **values: Any,
    ) -> Service:
        """Return an active service of 30 minutes, paid at the desk, that these resources do.

        It needs one resource of each kind among them. It can be booked at once.
        """
        given: dict[str, Any] = {
            "state": ServiceState.ACTIVE,
            "locale": vendor.locale,
            "name": {"en": f"Service {next(NUMBERS)}"},
            "currency": vendor.currency,
            "duration": 30,
            "step": 30,
            "notice": 0,
            "price": 500_00,
            "pay_at_desk": True,
        } | values
        given.setdefault("search_text", searchable(*given["name"].values()))
        service = Service(vendor_id=vendor.id, **given)
        kinds = {resource.kind: 1 for resource in resources} if needs is None else needs
        await self.save(
            service,
            *(ServiceNeed(service_id=service.id, kind=kind, count=n) for kind, n in kinds.items()),
            *(ServiceResource(service_id=service.id, resource_id=one.id) for one in resources),
        )
        return service

    async def service_resource(
        self, service: Service, resource: Resource, **values: Any
    ) -> ServiceResource:
        """Let a resource do a service, with a time or a price of its own."""
        row = ServiceResource(service_id=service.id, resource_id=resource.id, **values)
        await self.save(row)
        return row

    async def resource(
        self, vendor: Vendor, kind: ResourceKind = ResourceKind.STAFF, **values: Any
    ) -> Resource:
        """Return a resource in the vendor's time zone. It has no schedule."""
        number = next(NUMBERS)
        given: dict[str, Any] = {
            "name": f"{kind.title()} {number}",
            "time_zone": vendor.time_zone,
        } | values
        resource = Resource(vendor_id=vendor.id, kind=kind, **given)
        await self.save(resource)
        return resource

    async def schedule(self, resource: Resource, **values: Any) -> Schedule:
        """Return a schedule of Mondays to Saturdays, 9:00 to 18:00, since last month."""
        given: dict[str, Any] = {
            "from_day": now().date() - timedelta(days=31),
            "spans": [[weekday, OPENS, CLOSES] for weekday in WORKDAYS],
        } | values
        schedule = Schedule(resource_id=resource.id, **given)
        await self.save(schedule)
        return schedule

    async def working(
        self, vendor: Vendor, kind: ResourceKind = ResourceKind.STAFF, **values: Any
    ) -> Resource:
        """Return a resource with a schedule of Mondays to Saturdays, 9:00 to 18:00."""
        resource = await self.resource(vendor, kind, **values)
        await self.schedule(resource)
        return resource

    async def day_override(
        self, resource: Resource, day: date, *spans: tuple[int, int]
    ) -> DayOverride:
        """Return other times of a day. Without spans it is closed."""
        row = DayOverride(resource_id=resource.id, day=day, spans=[list(span) for span in spans])
        await self.save(row)
        return row

    async def closure(self, vendor: Vendor, from_day: date, **values: Any) -> Closure:
        given: dict[str, Any] = {"until_day": from_day, "name": f"Closed {next(NUMBERS)}"} | values
        row = Closure(vendor_id=vendor.id, from_day=from_day, **given)
        await self.save(row)
        return row

    async def cancellation_policy(self, vendor: Vendor, **values: Any) -> CancellationPolicy:
        """Return a policy that refunds all until a day before, and half until two hours before."""
        given: dict[str, Any] = {
            "name": f"Policy {next(NUMBERS)}",
            "tiers": [[1440, 10_000], [120, 5_000]],
        } | values
        row = CancellationPolicy(vendor_id=vendor.id, **given)
        await self.save(row)
        return row

    async def time_block(
        self, resource: Resource, starts_at: datetime, ends_at: datetime, **values: Any
    ) -> TimeBlock:
        """Return a block of at most 24 hours, with a claim on each lane."""
        row = TimeBlock(resource_id=resource.id, starts_at=starts_at, ends_at=ends_at, **values)
        claims = [
            Claim(
                resource_id=resource.id,
                lane=lane,
                block_id=row.id,
                blocked_from=starts_at,
                blocked_until=ends_at,
            )
            for lane in range(resource.lanes)
        ]
        await self.save(row, *claims)
        return row

    async def meeting(
        self,
        service: Service,
        starts_at: datetime | None = None,
        staff: Resource | None = None,
        room: Resource | None = None,
        **values: Any,
    ) -> ClassMeeting:
        """Return a meeting of a class, without bookings, that keeps its staff and room."""
        start = starts_at or at(workday(2), 10)
        row = ClassMeeting(
            service_id=service.id,
            vendor_id=service.vendor_id,
            staff_id=staff.id if staff else None,
            room_id=room.id if room else None,
            starts_at=start,
            ends_at=start + timedelta(minutes=service.duration),
            **{"seats": service.seats} | values,
        )
        kept = [one for one in (staff, room) if one is not None]
        await self.save(row, *_claims(service, row, kept, meeting_id=row.id))
        return row

    async def booking(
        self,
        user: User | None,
        service: Service,
        starts_at: datetime | None = None,
        *resources: Resource,
        meeting: ClassMeeting | None = None,
        lane: int = 0,
        **values: Any,
    ) -> Booking:
        """Return a CONFIRMED booking that uses these resources, the first of which is the staff.

        It starts at 10:00 on the second workday from now, or when its meeting does. If its state
        occupies a time, it has claims or a place in the meeting.
        """
        start = meeting.starts_at if meeting else starts_at or at(workday(2), 10)
        zone = resources[0].time_zone if resources else ZONE
        local = wall(start, zone)
        given = _times(values.get("state", BookingState.CONFIRMED)) | {
            "staff_id": resources[0].id if resources else None,
            "ends_at": start + timedelta(minutes=service.duration),
            "currency": service.currency,
            "price": service.price,
            "meeting_id": meeting.id if meeting else None,
        }
        booking = Booking(
            user_id=user.id if user else None,
            vendor_id=service.vendor_id,
            service_id=service.id,
            starts_at=start,
            local_start=local.replace(fold=0),
            fold=local.fold,
            time_zone=zone,
            **given | values,
        )
        used = [BookingResource(booking_id=booking.id, resource_id=one.id) for one in resources]
        rows: list[Any] = [booking, *used]
        if booking.occupies and meeting is not None:
            fresh: ClassMeeting = await self.fresh(meeting)
            fresh.taken += 1
            rows.append(fresh)
        elif booking.occupies:
            rows += _claims(
                service,
                booking,
                resources,
                booking_id=booking.id,
                lane=lane,
                expires_at=booking.expires_at,
            )
        await self.save(*rows)
        return booking

    async def booking_series(self, user: User, service: Service, **values: Any) -> BookingSeries:
        times = [Occurrence(number, "2030-01-01T10:00:00", None).as_json() for number in range(4)]
        given: dict[str, Any] = {"rule": {"weeks": 1}, "count": 4, "occurrences": times} | values
        row = BookingSeries(
            user_id=user.id, vendor_id=service.vendor_id, service_id=service.id, **given
        )
        await self.save(row)
        return row

    async def booking_wait(self, user: User, service: Service, **values: Any) -> BookingWait:
        """Return a user who waits for any time of the next 30 days."""
        today = now().date()
        given: dict[str, Any] = {"from_day": today, "until_day": today + timedelta(days=30)}
        row = BookingWait(
            user_id=user.id, vendor_id=service.vendor_id, service_id=service.id, **given | values
        )
        await self.save(row)
        return row

    async def visit_payment(
        self, booking: Booking, recorded_by: User, amount: int = 100_00, **values: Any
    ) -> VisitPayment:
        """Return what was paid in cash at a visit."""
        row = VisitPayment(
            booking_id=booking.id,
            recorded_by_id=recorded_by.id,
            amount=amount,
            **{"method": VisitPaymentMethod.CASH} | values,
        )
        fresh: Booking = await self.fresh(booking)
        fresh.paid_at_desk += amount
        await self.save(row, fresh)
        return row

    async def waiting_room_display(
        self, vendor: Vendor, created_by: User, **values: Any
    ) -> WaitingRoomDisplay:
        given = {"name": "Display", "key_hash": (new_id().bytes * 2)[:HASH_BYTES]} | values
        row = WaitingRoomDisplay(vendor_id=vendor.id, created_by_id=created_by.id, **given)
        await self.save(row)
        return row

    async def calendar_feed(self, user: User, **values: Any) -> CalendarFeed:
        """Return a feed of the user's own bookings."""
        given = {"scope": FeedScope.MINE, "secret_hash": (new_id().bytes * 2)[:HASH_BYTES]} | values
        row = CalendarFeed(user_id=user.id, **given)
        await self.save(row)
        return row

    async def busy_feed(self, resource: Resource, address: str, **values: Any) -> BusyFeed:
        """Return a feed that is due."""
        given = {"next_at": now(), "host": urlsplit(address).hostname} | values
        row = BusyFeed(resource_id=resource.id, address=b"", **given)
        row.address = self.sealer.seal("busy_feed.address", row.id, address.encode())
        await self.save(row)
        return row


def _claims(
    service: Service,
    timed: Booking | ClassMeeting,
    resources: Sequence[Resource],
    **values: Any,
) -> list[Claim]:
    return [
        Claim(
            resource_id=resource.id,
            blocked_from=timed.starts_at - timedelta(minutes=service.buffer_before),
            blocked_until=timed.ends_at + timedelta(minutes=service.buffer_after),
            **values,
        )
        for resource in resources
    ]


def _times(state: BookingState) -> dict[str, Any]:
    """Return the columns that a state requires."""
    values: dict[str, Any] = {"state": state}
    if state in CONFIRMED_ONCE:
        values["confirmed_at"] = now()
    elif state in OCCUPYING:
        values["expires_at"] = now() + timedelta(minutes=10)
        values["hard_until"] = now() + timedelta(minutes=30)
    if state is BookingState.CANCELLED:
        values["cancelled_by"] = CancelledBy.CUSTOMER
    return values
