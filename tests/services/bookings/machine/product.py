"""The product that the machine drives: services, on a real database."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from core.clock import now
from models.bookings.bookings import Booking
from models.bookings.drafts import BookingDraft, CancelBookingDraft, DeclineDraft, MoveDraft
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.schedule_drafts import ClosureDraft, TimeBlockDraft
from models.bookings.setting_up.services import Service
from models.orders.lines import LineKind
from services.bookings import answering, cancelling, moving, visits
from services.bookings.holding import confirming, holding
from services.bookings.holding.ending import expire_bookings
from services.bookings.setting_up.blocks import block_time, unblock_time
from services.bookings.setting_up.closures import close_days, reopen_days
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.bookings import at
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.services.bookings.machine.model import AFTER, BEFORE, MOST, SEATS, Start
from tests.services.orders.driven import DrivenOrders, key

PAST = text("UPDATE claim SET expires_at = :moment WHERE booking_id = :id")


class DrivenClinic(DrivenOrders):
    """A clinic with two staff, a room of three lanes, visits of three kinds and a class."""

    kind = LineKind.BOOKING
    clinic: Clinic
    services: dict[str, Service]
    staff: dict[str, Resource]
    owner: Viewer

    @classmethod
    async def open(cls, world: World, users: int) -> Self:
        self = cls()
        self.world = world
        given: dict[str, Any] = {
            "buffer_before": BEFORE,
            "buffer_after": AFTER,
            "step": 15,
            "per_user_open": MOST,
        }
        self.clinic = clinic = await Clinic.open(world, **given)
        self.staff = {"asha": clinic.asha, "ravi": clinic.ravi}
        room = await world.working(clinic.vendor, clinic.room.kind, name="Wide room", lanes=3)
        clinic.room.state = room.state.RETIRED
        clinic.yoga.seats, clinic.yoga.pay_at_desk = SEATS, False
        clinic.yoga.step = 15
        await world.save(clinic.room, clinic.yoga)
        used = clinic.asha, clinic.ravi, room
        visit = await world.service(clinic.vendor, *used, **given)
        prepaid = await world.service(clinic.vendor, *used, **given | {"pay_at_desk": False})
        asked = await world.service(clinic.vendor, *used, **given | {"needs_approval": True})
        self.services = {"visit": visit, "prepaid": prepaid, "asked": asked, "yoga": clinic.yoga}
        self.users = [await world.user() for _ in range(users)]
        self.admin = await world.admin()
        self.owner = Viewer(user_id=clinic.owner.id)
        self.transactions = Transactions(world.database, Unheard(), notify_after=timedelta())
        return self

    def at(self, start: Start) -> datetime:
        day, minute = start
        return at(self.clinic.day(2 + day), 0, zone=self.clinic.vendor.time_zone) + timedelta(
            minutes=minute
        )

    def staff_id(self, name: str | None) -> UUID | None:
        return self.staff[name].id if name else None

    async def booking(self, id: UUID) -> Booking:
        async with self.world.database.session() as session:
            return await session.get_one(Booking, id)

    async def states(self) -> dict[UUID, str]:
        of_clinic = Booking.vendor_id == self.clinic.vendor.id
        async with self.world.database.session() as session:
            rows = await session.exec(select(Booking.id, Booking.state).where(of_clinic))
            return {id: str(state) for id, state in rows}

    async def hold(self, user: int, service: str, start: Start, staff: str | None) -> UUID:
        draft = BookingDraft(
            service_id=self.services[service].id,
            starts_at=self.at(start),
            staff_id=self.staff_id(staff),
        )
        async with self.transactions.begin_prepared() as unit:
            booking = await holding.hold_booking(
                unit, self.viewer(user), draft, idempotency_key=key()
            )
            return booking.id

    async def release(self, user: int, id: UUID) -> None:
        async with self.transactions.begin_prepared() as unit:
            await holding.release_booking(unit, self.viewer(user), booking_id=id)

    async def confirm(self, user: int, id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(lambda session: confirming.confirm_booking(session, viewer, booking_id=id))

    async def approve(self, id: UUID) -> None:
        await self.do(lambda session: answering.approve_booking(session, self.owner, booking_id=id))

    async def decline(self, id: UUID) -> None:
        await self.do(
            lambda session: answering.decline_booking(
                session, self.owner, DeclineDraft(), booking_id=id
            )
        )

    async def cancel(self, user: int | None, id: UUID) -> None:
        """Cancel it as its customer, or as the clinic."""
        viewer = self.owner if user is None else self.viewer(user)
        await self.do(
            lambda session: cancelling.cancel_booking(
                session, viewer, CancelBookingDraft(), booking_id=id, idempotency_key=key()
            )
        )

    async def move(self, user: int, id: UUID, revision: int, to: tuple[Start, str | None]) -> None:
        viewer, (start, staff) = self.viewer(user), to
        draft = MoveDraft(
            revision=revision, starts_at=self.at(start), staff_id=self.staff_id(staff)
        )
        await self.do(
            lambda session: moving.reschedule_booking(
                session, viewer, draft, booking_id=id, idempotency_key=key()
            )
        )

    async def visit(self, act: str, id: UUID) -> None:
        """Do what members do at a visit, a quarter of an hour after its start."""
        acts = {
            "miss": visits.mark_no_show,
            "undo": visits.undo_no_show,
            "complete": visits.complete_booking,
        }
        later = (await self.booking(id)).starts_at + timedelta(minutes=15)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(visits, "now", lambda: later)
            await self.do(lambda session: acts[act](session, self.owner, booking_id=id))

    async def let_pass(self, id: UUID) -> None:
        """Let the time to confirm or to answer pass. The job is late."""
        moment = now() - timedelta(seconds=1)
        over = update(Booking).where(col(Booking.id) == id).values(expires_at=moment)
        async with self.world.database.session() as session, session.begin():
            await session.exec(over)
            await session.execute(PAST, {"id": id, "moment": moment})

    async def expire(self, ids: list[UUID]) -> None:
        await self.do(lambda session: expire_bookings(session, sorted(ids)))

    async def block(self, staff: str, day: int, span: tuple[int, int]) -> UUID:
        first, end = (self.at((day, minute)) for minute in span)
        block = await self.do(
            lambda session: block_time(
                session,
                self.owner,
                resource_id=self.staff[staff].id,
                draft=TimeBlockDraft(starts_at=first, ends_at=end),
                idempotency_key=key(),
            )
        )
        id: UUID = block.id
        return id

    async def unblock(self, id: UUID) -> None:
        await self.do(lambda session: unblock_time(session, self.owner, block_id=id))

    async def close(self, day: int) -> UUID:
        date = self.clinic.day(2 + day)
        closure = await self.do(
            lambda session: close_days(
                session,
                self.owner,
                vendor_id=self.clinic.vendor.id,
                draft=ClosureDraft(from_day=date, until_day=date, name="Closed"),
                idempotency_key=key(),
            )
        )
        id: UUID = closure.id
        return id

    async def reopen(self, id: UUID) -> None:
        await self.do(lambda session: reopen_days(session, self.owner, closure_id=id))
