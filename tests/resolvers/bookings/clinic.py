"""A clinic with staff, a room, an appointment and a class: the scene of bookings."""

from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from models.bookings.bookings import Booking
from models.bookings.claims import Claim
from models.bookings.classes import ClassMeeting
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.factories.bookings import at, workday
from tests.factories.vendors import new_member
from tests.factories.world import World


class Clinic:
    """An approved vendor in Asia/Kolkata that is open on Mondays to Saturdays, 9:00 to 18:00.

    `asha` and `ravi` do `visit`, of 30 minutes, in `room`. `asha` holds `yoga`, a class of an hour
    with five seats, in `hall`. Both services cost 500.00 and are paid at the desk.
    """

    world: World
    vendor: Vendor
    asha: Resource
    ravi: Resource
    room: Resource
    hall: Resource
    visit: Service
    yoga: Service
    owner: User
    customer: User

    @classmethod
    async def open(cls, world: World, vendor: Vendor | None = None, **values: Any) -> "Clinic":
        """Open a clinic. The values are those of `visit`."""
        self = cls()
        self.world, self.customer = world, await world.user()
        self.vendor = vendor or await world.vendor()
        self.owner = await new_member(world, self.vendor, MemberRole.OWNER)
        self.asha = await world.working(self.vendor, name="Asha")
        self.ravi = await world.working(self.vendor, name="Ravi")
        self.room = await world.working(self.vendor, ResourceKind.ROOM, name="Room", lanes=2)
        self.hall = await world.working(self.vendor, ResourceKind.ROOM, name="Hall")
        self.visit = await world.service(self.vendor, self.asha, self.ravi, self.room, **values)
        self.yoga = await world.service(
            self.vendor, self.asha, self.hall, name={"en": "Yoga"}, duration=60, step=60, seats=5
        )
        return self

    async def member(self, role: MemberRole) -> User:
        """Return a new member, such as a MANAGER, STAFF or SCANNER."""
        return await new_member(self.world, self.vendor, role)

    def day(self, ahead: int = 2) -> date:
        """Return a day on which the clinic is open, by default the second one from now."""
        return workday(ahead, self.vendor.time_zone)

    def at(self, hour: int, minute: int = 0, ahead: int = 2) -> datetime:
        """Return the instant of a wall time on a day on which the clinic is open."""
        return at(self.day(ahead), hour, minute, self.vendor.time_zone)

    async def booking(
        self,
        user: User | None = None,
        starts_at: datetime | None = None,
        staff: Resource | None = None,
        **values: Any,
    ) -> Booking:
        """Return a booking of `visit`, by default the customer's at 10:00 with `asha`."""
        return await self.world.booking(
            user or self.customer,
            self.visit,
            starts_at or self.at(10),
            staff or self.asha,
            self.room,
            **values,
        )

    async def meeting(self, starts_at: datetime | None = None, **values: Any) -> ClassMeeting:
        """Return a meeting of `yoga`, by default at 10:00 with `asha`."""
        return await self.world.meeting(
            self.yoga, starts_at or self.at(10), self.asha, self.hall, **values
        )

    async def claims(self, resource: Resource) -> list[tuple[datetime, datetime, int]]:
        """Return the times of a resource that are taken, with their lanes, the earliest first."""
        rows = select(Claim).where(Claim.resource_id == resource.id)
        ordered = rows.order_by(col(Claim.blocked_from), col(Claim.lane))
        async with self.world.database.session() as session:
            found = (await session.exec(ordered)).all()
        return [(one.blocked_from, one.blocked_until, one.lane) for one in found]
