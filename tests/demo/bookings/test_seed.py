"""The demo data has practices in four time zones, with bookings in each state that lasts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import CLINIC, CUSTOMER
from models.bookings.bookings import Booking, BookingState
from models.bookings.claims import Claim
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.moves import BookingMove
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.schedules import Closure, DayOverride, Schedule
from models.bookings.setting_up.services import Service
from models.bookings.waits import BookingWait, BookingWaitState
from models.identity.accounts import User
from models.orders.lines import LineKind, OrderLine
from models.pets.pets import Pet
from models.vendors import Vendor, VendorMember
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.jobs import task_name
from tests import servers


@pytest.fixture
async def session(demo_data: str) -> AsyncIterator[AsyncSession]:
    database = Database(Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url)
    async with database.session() as session:
        yield session
    await database.close()


async def test_practices_are_in_four_zones(session: AsyncSession) -> None:
    zones = set((await session.exec(select(Resource.time_zone))).all())
    assert zones == {
        "Asia/Kolkata",
        "Europe/Berlin",
        "America/New_York",
        "America/Los_Angeles",
    }
    resources = (await session.exec(select(Resource))).all()
    assert {one.kind for one in resources} == set(ResourceKind)
    scheduled = (await session.exec(select(Schedule.resource_id))).all()
    assert sorted(scheduled) == sorted(one.id for one in resources)
    services = (await session.exec(select(Service))).all()
    assert {one.vendor_id for one in services} == {one.vendor_id for one in resources}
    assert all(one.locale in one.name for one in services)
    assert any(one.needs_approval for one in services)
    assert any(one.is_class for one in services)
    for table in (Closure, DayOverride):
        assert (await session.exec(select(func.count()).select_from(table))).one()


async def test_bookings_are_in_each_state_that_lasts(session: AsyncSession) -> None:
    states = set((await session.exec(select(Booking.state))).all())
    assert states == set(BookingState) - {BookingState.EXPIRED, BookingState.PENDING_PAYMENT}
    assert (await session.exec(select(BookingMove.revision))).all() == [1]
    meetings = (await session.exec(select(ClassMeeting))).all()
    assert {one.state for one in meetings} == {MeetingState.SCHEDULED, MeetingState.ENDED}
    (full,) = [one for one in meetings if not one.left]
    waits = (await session.exec(select(BookingWait))).all()
    assert {one.state for one in waits} == {BookingWaitState.WAITING}
    (alone,) = [one for one in waits if one.service_id != full.service_id]
    assert alone.staff_id, "the clinic has one who waits"
    blocks = select(Claim.id).where(col(Claim.block_id).is_not(None))
    assert len((await session.exec(blocks)).all()) == 1


async def test_a_deposit_is_paid_and_what_is_due_is_planned(session: AsyncSession) -> None:
    paid = (await session.exec(select(Booking).where(Booking.paid_online > 0))).one()
    line = await session.get_one(OrderLine, paid.order_line_id)
    assert (line.kind, line.total) == (LineKind.BOOKING, paid.due_online)
    jobs = text("SELECT args->>'booking_id' FROM procrastinate_jobs WHERE task_name = :task")
    for task, states in (
        ("end_booking_hold", {BookingState.HELD, BookingState.REQUESTED}),
        ("remind_of_booking", {BookingState.CONFIRMED}),
    ):
        ids = set(await session.scalars(jobs, {"task": task_name(task)}))
        planned = select(Booking).where(col(Booking.id).in_(ids))
        found = (await session.exec(planned)).all()
        assert {one.state for one in found} == states
    reminded = {one.time_zone for one in found}
    assert reminded == {"Asia/Kolkata", "Europe/Berlin"}, "the studio sends no reminders"


async def test_the_clinic_has_an_owner_and_its_customer_pets(
    session: AsyncSession, keys: SigningKeys
) -> None:
    owner, customer = [
        (await session.exec(select(User.id).where(has_email(User, lookup)))).one()
        for lookup in (lookup_email(Sealer(keys), one.email) for one in (CLINIC, CUSTOMER))
    ]
    vendor = (
        await session.exec(
            select(Vendor)
            .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
            .where(VendorMember.user_id == owner)
        )
    ).one()
    own = select(Booking).where(Booking.user_id == customer, Booking.vendor_id == vendor.id)
    bookings = (await session.exec(own)).all()
    pets = (await session.exec(select(Pet).where(Pet.user_id == customer))).all()
    assert {one.species for one in pets} == {"dog", "cat", "goldfish"}
    assert {one.pet_id for one in bookings} == {one.id for one in pets if one.active}
    held = next(one for one in bookings if one.state is BookingState.HELD)
    assert held.expires_at
    assert held.expires_at - held.created_at > timedelta(hours=24)
