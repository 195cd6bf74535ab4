"""Failures of other booking systems, as reported in public: see docs/known-failures.md."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select, update

from core.clock import now
from core.wall import wall
from models.bookings.bookings import Booking, BookingState
from models.bookings.claims import BlockSource, TimeBlock
from models.bookings.feeds import BusyFeed
from models.bookings.setting_up.resources import Resource, ResourceState
from models.bookings.setting_up.services import Service
from models.notifications.inbox import NotificationKind
from models.payments.payments import Payment
from models.vendors import MemberRole
from services.bookings.holding.retaking import retake_time
from services.bookings.notices import notify_customer
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.bookings.test_guest_mail import text_of
from tests.jobs.bookings.test_reminders import read
from tests.jobs.conftest import Defer, Work
from tests.jobs.privacy.test_erase_account import due
from tests.resolvers.bookings.calendars.test_calendar_feeds import subscribe
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, cancel_input, hold_input, keyed, move_input
from tests.resolvers.bookings.paying import PROBLEMS
from tests.resolvers.bookings.stored import row_of
from tests.resolvers.bookings.test_agenda import lanes
from tests.resolvers.bookings.test_answers import request
from tests.resolvers.bookings.test_slots import slots

TIMES = {
    NotificationKind.BOOKING_CONFIRMED: "is confirmed",
    NotificationKind.BOOKING_MOVED: "now starts on",
    NotificationKind.BOOKING_CANCELLED: "was cancelled",
    NotificationKind.BOOKING_DECLINED: "was declined",
}


async def test_customers_of_a_class_learn_nothing_of_each_other(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    """calcom/cal.diy#25256: those who paid for a seat saw the addresses of all others."""
    clinic = await Clinic.open(world)
    known = await world.user(name="Mira Known", email="mira@example.com")
    other = await world.user(name="Ravi Other", email="ravi@example.com")
    for user in (known, other):
        client = api.signed_in(user)
        held = await client.do("holdBooking", hold_input(clinic.yoga, clinic.at(10)), BOOKING)
        await client.do("confirmBooking", {"bookingId": held["booking"]["id"]}, BOOKING)
    booking = await _booking_of(world, known.id)
    await api.signed_in(clinic.owner).do("cancelBooking", cancel_input(booking))
    await work()
    mails = {one["To"]: one.as_string() for one in read(outbox) if "@example.com" in one["To"]}
    assert {"mira@example.com", "ravi@example.com"} <= mails.keys()
    for text, hidden in ((mails["mira@example.com"], "ravi"), (mails["ravi@example.com"], "mira")):
        assert hidden not in text.lower()
    seen = await api.signed_in(other).ask(
        "query ($id: ID!) { node(id: $id) { ...on Booking { customer { name } } } }",
        id=gid(booking),
    )
    assert seen["node"] is None


async def _booking_of(world: World, user_id: Any) -> Booking:
    async with world.database.session() as session:
        return (await session.exec(select(Booking).where(Booking.user_id == user_id))).one()


async def test_a_declined_booking_is_never_paid(world: World, api: Client) -> None:
    """calcom/cal.diy#14040: the customer was charged for what the host had rejected."""
    clinic = await Clinic.open(world, needs_approval=True, pay_at_desk=False)
    booking = await request(clinic, api)
    owner = api.signed_in(clinic.owner)
    assert await owner.refusal_codes("declineBooking", {"bookingId": gid(booking)}) == []
    input = {"currency": "INR", "bookingIds": [gid(booking)]}
    made = await api.signed_in(clinic.customer).do("createCheckout", input, PROBLEMS)
    assert gid(booking) in {one["bookingId"] for one in made["checkout"]["problems"]}
    assert "CHECKOUT_EMPTY" in {one["code"] for one in made["checkout"]["problems"]}
    async with world.database.session() as session:
        assert (await session.exec(select(Payment))).all() == []


async def test_a_booking_outlives_the_account_of_its_customer(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """alextselegidis/easyappointments#1345: a removed customer broke the pages of bookings."""
    clinic = await Clinic.open(world)
    former = clinic.at(10) - timedelta(days=14)
    booking = await clinic.booking(
        starts_at=former, state=BookingState.COMPLETED, ended_at=former + timedelta(hours=1)
    )
    user, owner = clinic.customer, api.signed_in(clinic.owner)
    path = await subscribe(owner, scope="VENDOR", vendorId=gid(clinic.vendor))
    assert user.name in (await api.http.get(path)).text
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    found = await lanes(owner, clinic, day=(clinic.day() - timedelta(days=14)).isoformat())
    (shown,) = found["lanes"]["Asha"]["bookings"]
    assert shown["id"] == gid(booking)
    assert (shown["customer"] or {}).get("name") != user.name
    answer = await api.http.get(path)
    assert answer.status_code == 200
    assert user.name not in answer.text
    await check_invariants(world.database)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
async def test_late_hours_are_offered_in_each_zone(world: World, api: Client, zone: str) -> None:
    """alextselegidis/easyappointments#1432: slots that are past midnight elsewhere were lost."""
    clinic = await Clinic.open(world)
    late = await world.resource(clinic.vendor, name="Late")
    spans = [[weekday, 22 * 60, 24 * 60] for weekday in range(1, 8)]
    await world.schedule(late, spans=spans)
    night = await world.service(clinic.vendor, late, duration=60, step=60)
    days = """query ($id: ID!, $from: Date!, $until: Date!, $zone: TimeZone) {
        availability(serviceId: $id, fromDay: $from, untilDay: $until, timeZone: $zone) {
            days { day slots firstStartsAt } } }"""
    start = clinic.at(22)
    day = wall(start, zone).date()
    given = {"id": gid(night), "from": f"{day}", "until": f"{day}"}
    (found,) = (await api.ask(days, **given, zone=zone))["availability"]["days"]
    assert found["slots"] == 2
    wanted = {clinic.at(22), clinic.at(23)}
    client = api.signed_in(clinic.customer)
    assert wall(max(wanted), zone).date() == day
    held = await client.do("holdBooking", hold_input(night, max(wanted)), BOOKING)
    assert held["errors"] == []


@pytest.mark.parametrize("kind", TIMES)
async def test_mails_name_the_time_of_their_reader(
    world: World, outbox: Path, work: Work, transactions: Transactions, kind: NotificationKind
) -> None:
    """calcom/cal.diy#18248: a mail showed the host's time, as if it was the customer's."""
    user = await world.user(email="asha@example.com", time_zone="Europe/Berlin")
    vendor = await world.vendor()
    room = await world.resource(vendor)
    service = await world.service(vendor, room, name={"en": "Visit"})
    starts_at = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    cancelled = kind is NotificationKind.BOOKING_CANCELLED
    state = BookingState.CANCELLED if cancelled else BookingState.CONFIRMED
    booking = await world.booking(user, service, starts_at, room, state=state)
    async with transactions.begin() as session:
        await notify_customer(session, await session.get_one(Booking, booking.id), kind)
    await work()
    (mail,) = read(outbox)
    text = " ".join(text_of(mail).split())
    there, own = booking.local_start, wall(starts_at, "Europe/Berlin")
    assert f"{there:%Y-%m-%d %H:%M} there ({own:%Y-%m-%d %H:%M} for you)" in text
    assert TIMES[kind] in text


async def test_a_mail_is_in_the_language_of_its_reader(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    """alextselegidis/easyappointments#1402: it was in that of the member who made the change."""
    clinic = await Clinic.open(world)
    reader = await world.user(email="jana@example.com", locale="de")
    booking = await clinic.booking(reader)
    english = api.signed_in(clinic.owner).reading("en")
    assert await english.refusal_codes("cancelBooking", cancel_input(booking)) == []
    await work()
    (mail,) = [one for one in read(outbox) if one["To"] == "jana@example.com"]
    assert mail["Subject"] == "Eine Buchung wurde storniert"


async def test_fewer_lanes_take_no_more_visits_than_that(world: World, api: Client) -> None:
    """o2Labs/office-booker#39: a lower limit was checked against no booking to come."""
    clinic = await Clinic.open(world)
    first = await clinic.booking(starts_at=clinic.at(10))
    held = await api.signed_in(clinic.customer).do(
        "holdBooking", hold_input(clinic.visit, clinic.at(10), clinic.ravi), BOOKING
    )
    second = await row_of(world, held)
    assert {lane for *_, lane in await clinic.claims(clinic.room)} == {0, 1}
    owner = api.signed_in(clinic.owner)
    saved = {"vendorId": gid(clinic.vendor), "resourceId": gid(clinic.room), "lanes": 1, **keyed()}
    assert await owner.refusal_codes("saveResource", saved) == []
    assert await owner.refusal_codes("cancelBooking", cancel_input(first)) == []
    assert [lane for *_, lane in await clinic.claims(clinic.room)] == [1]
    offered = {one["startsAt"] for one in (await slots(api, clinic))["slots"]}
    ten = clinic.at(10)
    assert ten.isoformat().replace("+00:00", "Z") not in offered
    customer = api.signed_in(await world.user())
    input = hold_input(clinic.visit, ten)
    assert await customer.refusal_codes("holdBooking", input) == ["SLOT_TAKEN"]
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Booking, first.id)
        assert not await retake_time(session, row), "also for money that comes late"
    released = {"bookingId": gid(second)}
    assert await api.signed_in(clinic.customer).refusal_codes("releaseBooking", released) == []
    assert await customer.refusal_codes("holdBooking", hold_input(clinic.visit, ten)) == []


@pytest.mark.parametrize("way", ["removed", "left", "erased"])
async def test_who_has_left_is_not_booked_any_more(
    world: World, api: Client, defer: Defer, work: Work, way: str
) -> None:
    """calcom/cal.diy#17847: a former member of the team was still booked."""
    clinic = await Clinic.open(world)
    user = await world.user()
    member = await world.member(clinic.vendor, user, MemberRole.STAFF)
    async with world.database.session() as session, session.begin():
        ravi = update(Resource).where(Resource.id == clinic.ravi.id)  # type: ignore[arg-type]
        await session.exec(ravi.values(member_id=user.id))
    feed = await world.busy_feed(clinic.asha, "https://calendar.example/a.ics")
    feed.added_by_id = user.id
    block = await world.time_block(clinic.asha, clinic.at(15), clinic.at(16))
    block.feed_id, block.source = feed.id, BlockSource.BUSY_FEED
    await world.save(feed, block)
    booking = await clinic.booking(starts_at=clinic.at(10), staff=clinic.ravi)
    if way == "removed":
        given = {"memberId": gid(member, "Member")}
        assert await api.signed_in(clinic.owner).refusal_codes("removeMember", given) == []
    elif way == "left":
        left = {"vendorId": gid(clinic.vendor)}
        assert await api.signed_in(user).refusal_codes("leaveVendor", left) == []
    else:
        await due(world, user)
        await defer("erase_account", user_id=user.id)
        await work()
    assert (await world.fresh(clinic.ravi)).state is ResourceState.RETIRED
    assert (await world.fresh(clinic.asha)).state is ResourceState.ACTIVE
    assert (await world.first(BusyFeed)).removed_at is not None
    async with world.database.session() as session:
        assert (await session.exec(select(TimeBlock))).all() == []
    customer = api.signed_in(clinic.customer)
    for staff, code in ((clinic.ravi, "SLOT_NOT_OFFERED"), (clinic.asha, None)):
        input = hold_input(clinic.visit, clinic.at(15), staff)
        refused = await customer.refusal_codes("holdBooking", input)
        assert refused == ([code] if code else [])
    assert (await world.fresh(booking)).state is BookingState.CONFIRMED
    owner = api.signed_in(clinic.owner)
    assert await owner.refusal_codes("restoreResource", {"resourceId": gid(clinic.ravi)}) == []
    await check_invariants(world.database)


async def test_a_move_takes_the_length_that_is_offered_by_now(world: World, api: Client) -> None:
    """calcom/cal.diy#23284: slots of the former length were offered for a move."""
    clinic = await Clinic.open(world)
    booking = await clinic.booking(starts_at=clinic.at(10))
    async with world.database.session() as session, session.begin():
        longer = update(Service).where(Service.id == clinic.visit.id)  # type: ignore[arg-type]
        await session.exec(longer.values(duration=60))
    customer = api.signed_in(clinic.customer)
    found = {one["startsAt"]: one["endsAt"] for one in (await slots(customer, clinic))["slots"]}
    fresh = await world.fresh(booking)
    assert fresh.ends_at == clinic.at(10, 30), "bookings that exist keep their length"
    moved = await customer.do("rescheduleBooking", move_input(fresh, clinic.at(14)), BOOKING)
    shown = moved["booking"]
    assert found[shown["startsAt"]] == shown["endsAt"]
    assert (await world.fresh(booking)).ends_at == clinic.at(15)
