"""Times that are held, confirmed, and given back."""

from datetime import timedelta

from sqlmodel import select

from core.clock import now
from models.bookings.bookings import Booking
from models.bookings.claims import Claim
from models.notifications.inbox import Notification
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input

SHOWN = """booking {
  id bookingState bookingSource revision startsAt endsAt localStart timeZone expiresAt note
  price { decimal } dueOnline { decimal } vendor { id } meeting { taken } movesLeft
  cancelQuote { refundBps refund { decimal } until }
}"""


async def expire(world: World, booking: Booking) -> None:
    fresh = await world.fresh(booking)
    fresh.expires_at = now() - timedelta(seconds=3)
    async with world.database.session() as session:
        claims = (await session.exec(select(Claim).where(Claim.booking_id == booking.id))).all()
    for claim in claims:
        claim.expires_at = fresh.expires_at
    await world.save(fresh, *claims)


async def row_of(world: World, payload: dict[str, dict[str, str]]) -> Booking:
    async with world.database.session() as session:
        rows = (await session.exec(select(Booking))).all()
    (row,) = [one for one in rows if gid(one) == payload["booking"]["id"]]
    return row


async def test_hold_booking_once_per_key_and_confirm_it(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, buffer_before=10, buffer_after=5)
    client = api.signed_in(clinic.customer)
    start = clinic.at(10)
    input = hold_input(clinic.visit, start, clinic.asha, note="It is urgent.")
    held = await client.do("holdBooking", input, SHOWN)
    assert held["errors"] == []
    shown = held["booking"]
    assert (shown["bookingState"], shown["bookingSource"]) == ("HELD", "ONLINE")
    assert shown["localStart"] == f"{clinic.day()}T10:00:00+05:30"
    assert (shown["price"]["decimal"], shown["dueOnline"]["decimal"]) == ("500.00", "0.00")
    assert shown["cancelQuote"]["refundBps"] == 10_000
    assert await client.do("holdBooking", input, SHOWN) == held
    taken = (start - timedelta(minutes=10), start + timedelta(minutes=35), 0)
    assert await clinic.claims(clinic.asha) == [taken]
    assert await clinic.claims(clinic.room) == [taken]

    confirmed = await client.do("confirmBooking", {"bookingId": shown["id"]}, SHOWN)
    assert (confirmed["booking"]["bookingState"], confirmed["booking"]["expiresAt"]) == (
        "CONFIRMED",
        None,
    )
    assert await client.do("confirmBooking", {"bookingId": shown["id"]}, SHOWN) == confirmed
    async with world.database.session() as session:
        kinds = sorted(one.kind for one in (await session.exec(select(Notification))).all())
    assert kinds == ["BOOKING_CONFIRMED", "BOOKING_MADE"]
    listed = await client.ask("{ bookings { nodes { id } } }")
    assert listed["bookings"]["nodes"] == [{"id": shown["id"]}]
    other = api.signed_in(await world.user())
    assert await other.refusal_codes(
        "holdBooking", hold_input(clinic.visit, start, clinic.asha)
    ) == ["SLOT_TAKEN"]
