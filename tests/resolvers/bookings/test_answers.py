"""Bookings that the vendor has to approve."""

from datetime import timedelta

from core.clock import now
from models.audit import AuditEntry
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.resources import Resource
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from services.bookings.answering import announce_unanswered
from services.bookings.holding.ending import expire_bookings
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import BOOKING, hold_input
from tests.resolvers.bookings.stored import expire, kinds, row_of


async def request(clinic: Clinic, api: Client, hour: int = 10) -> Booking:
    """Hold and confirm a time of a service that needs approval."""
    client = api.signed_in(clinic.customer)
    held = await client.do("holdBooking", hold_input(clinic.visit, clinic.at(hour)), BOOKING)
    await client.do("confirmBooking", {"bookingId": held["booking"]["id"]}, BOOKING)
    return await row_of(clinic.world, held)


async def test_approve_booking_confirms_it_once(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    assert booking.state is BookingState.REQUESTED
    assert booking.expires_at is not None
    assert now() + timedelta(hours=24) < booking.expires_at <= booking.starts_at
    assert await kinds(world) == [NotificationKind.BOOKING_REQUESTED]
    other = api.signed_in(await world.user())
    assert await other.refusal_codes(
        "holdBooking", hold_input(clinic.visit, clinic.at(10), staff_of(clinic, booking))
    ) == ["SLOT_TAKEN"], "it takes its time while it waits"

    input = {"bookingId": gid(booking)}
    for client, code in (
        (api.signed_in(clinic.customer), "NOT_FOUND"),
        (api.signed_in(await clinic.member(MemberRole.SCANNER)), "NOT_FOUND"),
        (api.signed_in((await Clinic.open(world)).owner), "NOT_FOUND"),
    ):
        for mutation in ("approveBooking", "declineBooking"):
            assert await client.refusal_codes(mutation, input) == [code]
    assert await api.mutation_failed("approveBooking", input) == ["UNAUTHENTICATED"]

    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    approved = await staff.do("approveBooking", input, BOOKING)
    assert approved["booking"]["bookingState"] == "CONFIRMED"
    assert await staff.do("approveBooking", input, BOOKING) == approved
    assert (await kinds(world))[1:] == [NotificationKind.BOOKING_CONFIRMED]
    assert (await world.newest(AuditEntry)).act == "APPROVE_BOOKING"
    assert await staff.refusal_codes("declineBooking", input) == ["BOOKING_STATE"]


def staff_of(clinic: Clinic, booking: Booking) -> Resource:
    return clinic.asha if booking.staff_id == clinic.asha.id else clinic.ravi


async def test_decline_booking_frees_its_time_and_gives_the_reason(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    owner = api.signed_in(clinic.owner)
    input = {"bookingId": gid(booking), "reason": "We are on an outing."}
    declined = await owner.do("declineBooking", input, "booking { bookingState reason }")
    assert declined["booking"] == {"bookingState": "DECLINED", "reason": input["reason"]}
    assert await owner.do("declineBooking", input, "booking { bookingState reason }") == declined
    assert await clinic.claims(clinic.asha) == await clinic.claims(clinic.ravi) == []
    assert (await kinds(world))[1:] == [NotificationKind.BOOKING_DECLINED]
    assert await owner.refusal_codes("approveBooking", {"bookingId": gid(booking)}) == [
        "BOOKING_STATE"
    ]


async def test_approved_bookings_that_are_paid_online_are_held_for_a_day(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world, needs_approval=True, pay_at_desk=False)
    booking = await request(clinic, api)
    owner = api.signed_in(clinic.owner)
    approved = await owner.do("approveBooking", {"bookingId": gid(booking)}, BOOKING)
    assert approved["booking"]["bookingState"] == "HELD"
    assert await owner.do("approveBooking", {"bookingId": gid(booking)}, BOOKING) == approved
    fresh = await world.fresh(booking)
    assert now() + timedelta(hours=23) < fresh.expires_at <= now() + timedelta(hours=24)
    customer = api.signed_in(clinic.customer)
    assert await customer.refusal_codes("confirmBooking", {"bookingId": gid(booking)}) == [
        "BOOKING_UNPAID"
    ]
    assert (await kinds(world))[1:] == [NotificationKind.BOOKING_APPROVED]


async def test_bookings_that_nobody_answers_end(world: World, api: Client) -> None:
    transactions = Transactions(world.database, Unheard())
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    await expire(world, booking)
    owner = api.signed_in(clinic.owner)
    for mutation in ("approveBooking", "declineBooking"):
        assert await owner.refusal_codes(mutation, {"bookingId": gid(booking)}) == [
            "BOOKING_HOLD_EXPIRED"
        ]
    async with world.database.session() as session, session.begin():
        await expire_bookings(session, [booking.id])
    assert (await world.fresh(booking)).state is BookingState.EXPIRED
    async with transactions.begin() as session:
        await announce_unanswered(session, booking.id)
    assert (await kinds(world))[1:] == [NotificationKind.BOOKING_UNANSWERED]
