"""Moves by customers: the approval of the vendor that they need, and the terms that they keep."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.setting_up.services import Service
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, move_input
from tests.resolvers.bookings.paying import PayingCustomer
from tests.resolvers.bookings.test_answers import request

QUOTE = """query ($id: ID!) { booking(id: $id) {
  cancelQuote { refundBps refund { amountMinor } until }
} }"""


async def test_an_approved_time_is_moved_by_members_alone(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    customer, staff = api.signed_in(clinic.customer), api.signed_in(clinic.owner)
    moved = move_input(booking, clinic.at(11))
    assert await customer.refusal_codes("rescheduleBooking", moved) == [], "not answered yet"
    assert await staff.refusal_codes("approveBooking", {"bookingId": gid(booking)}) == []
    approved = await world.fresh(booking)
    before = await clinic.claims(clinic.asha)
    input = move_input(approved, clinic.at(12))
    assert await customer.refusal_codes("rescheduleBooking", input) == ["MOVE_NEEDS_APPROVAL"]
    kept = await world.fresh(booking)
    assert (kept.starts_at, kept.state) == (clinic.at(11), BookingState.CONFIRMED)
    assert await clinic.claims(clinic.asha) == before
    assert await staff.refusal_codes("rescheduleBooking", input) == []


async def test_a_vendor_can_allow_moves_of_what_it_approved(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await clinic.booking(confirmed_at=now(), approved_at=now())
    visit_id = {"vendorId": gid(clinic.vendor), "serviceId": gid(clinic.visit)}
    allow = visit_id | {"movesWithoutApproval": True}
    shown = "service { movesWithoutApproval }"
    saved = await api.signed_in(clinic.owner).do(
        "saveService", allow | {"idempotencyKey": "allow"}, shown
    )
    assert saved == {"service": {"movesWithoutApproval": True}, "errors": []}
    visit: Service = await world.fresh(clinic.visit)
    assert visit.needs_approval
    input = move_input(booking, clinic.at(12))
    assert await api.signed_in(clinic.customer).refusal_codes("rescheduleBooking", input) == []


async def test_members_approve_the_time_that_they_have_seen(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    booking = await request(clinic, api)
    moved = move_input(booking, clinic.at(11))
    assert await api.signed_in(clinic.customer).refusal_codes("rescheduleBooking", moved) == []
    staff = api.signed_in(clinic.owner)
    seen: dict[str, Any] = {"bookingId": gid(booking), "revision": 0}
    assert await staff.refusal_codes("approveBooking", seen) == ["BOOKING_CHANGED"]
    assert (await world.fresh(booking)).state is BookingState.REQUESTED
    assert await staff.refusal_codes("approveBooking", seen | {"revision": 1}) == []


async def test_a_move_far_away_does_not_improve_the_terms(world: World, api: Client) -> None:
    """Otherwise a customer moves a visit of today to next week, and cancels that free of charge."""
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    booking = await ordering.now()
    paid, clinic = booking.paid_online, ordering.clinic
    hours = int((booking.starts_at - now()) / timedelta(hours=1))
    booking.refund_tiers = [[(hours + 2) * 60, 10_000], [60, 5_000]]
    await world.save(booking)
    far = clinic.at(15, ahead=9)
    input = move_input(booking, far)
    assert await ordering.customer.refusal_codes("rescheduleBooking", input) == []
    asked = await ordering.customer.ask(QUOTE, id=gid(booking))
    quote = asked["booking"]["cancelQuote"]
    assert (quote["refundBps"], quote["refund"]["amountMinor"]) == (5_000, paid // 2)
    hour_before = (far - timedelta(hours=1)).isoformat()
    assert quote["until"].removesuffix("Z") == hour_before.removesuffix("+00:00")
    too_much = cancel_input(booking, refundBps=10_000)
    assert await ordering.customer.refusal_codes("cancelBooking", too_much) == ["CANCEL_TOO_LATE"]
    assert await ordering.customer.refusal_codes("cancelBooking", cancel_input(booking)) == []
    assert await ordering.order.refunded() == [("CANCELLED", paid // 2)]


async def test_a_move_in_time_and_one_by_the_vendor_keep_the_terms(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    free: dict[str, Any] = {"refund_tiers": [[60, 10_000]], "confirmed_at": now()}
    early = await clinic.booking(**free)
    late = await clinic.booking(starts_at=clinic.at(13), **free | {"refund_tiers": [[60_000, 1]]})
    customer, staff = api.signed_in(clinic.customer), api.signed_in(clinic.owner)
    assert await customer.refusal_codes("rescheduleBooking", move_input(early, clinic.at(11))) == []
    assert await staff.refusal_codes("rescheduleBooking", move_input(late, clinic.at(14))) == []
    for one in (early, late):
        assert (await world.fresh(one)).refund_cap_bps == 10_000
