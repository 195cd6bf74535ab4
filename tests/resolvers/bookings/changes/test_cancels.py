"""Bookings that are cancelled, and what is refunded."""

from datetime import datetime, timedelta

from core.clock import now
from models.audit import AuditEntry
from models.bookings.bookings import BookingState
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input
from tests.resolvers.bookings.stored import kinds

SHOWN = """booking {
  bookingState cancelledBy reason cancelQuote { refundBps } dueAtVisit { amountMinor }
}"""
QUOTE = (
    "query ($id: ID!) { booking(id: $id) { cancelQuote { refundBps refund { decimal } until } } }"
)


async def test_cancel_booking_frees_its_time_once(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    client = api.signed_in(clinic.customer)
    input = cancel_input(booking, reason="My cat is well.", refundBps=0)
    cancelled = await client.do("cancelBooking", input, SHOWN)
    assert cancelled["errors"] == []
    assert cancelled["booking"] == {
        "bookingState": "CANCELLED",
        "cancelledBy": "CUSTOMER",
        "reason": "My cat is well.",
        "cancelQuote": None,
        "dueAtVisit": {"amountMinor": 0},
    }
    assert await client.do("cancelBooking", input, SHOWN) == cancelled
    assert await client.refusal_codes("cancelBooking", cancel_input(booking)) == ["BOOKING_STATE"]
    assert await clinic.claims(clinic.asha) == await clinic.claims(clinic.room) == []
    assert await kinds(world) == [NotificationKind.BOOKING_CANCELLED] * 2, "customer and owner"
    other = api.signed_in(await world.user())
    assert (
        await other.refusal_codes(
            "holdBooking", hold_input(clinic.visit, booking.starts_at, clinic.asha)
        )
        == []
    )


async def test_members_cancel_and_the_customer_is_told(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    input = cancel_input(booking)
    for wrong in (await clinic.member(MemberRole.SCANNER), await world.user()):
        assert await api.signed_in(wrong).refusal_codes("cancelBooking", input) == ["NOT_FOUND"]
    assert await api.mutation_failed("cancelBooking", input) == ["UNAUTHENTICATED"]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    cancelled = await staff.do("cancelBooking", input, SHOWN)
    assert cancelled["booking"]["cancelledBy"] == "VENDOR"
    assert await kinds(world) == [NotificationKind.BOOKING_CANCELLED]
    assert (await world.newest(AuditEntry)).act == "CANCEL_BOOKING"


async def test_the_quote_is_by_the_terms_of_the_booking(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    hour = timedelta(hours=1)
    tiers = [[24 * 60, 10_000], [2 * 60, 5_000]]
    tested = [(30 * hour, 10_000, 24), (10 * hour, 5_000, 2), (1 * hour, 0, 0)]
    for ahead, bps, until in tested:
        start = (now() + ahead).replace(second=0, microsecond=0)
        booking = await clinic.booking(starts_at=start, refund_tiers=tiers)
        quote = (await client.ask(QUOTE, id=gid(booking)))["booking"]["cancelQuote"]
        assert quote["refundBps"] == bps
        assert datetime.fromisoformat(quote["until"]) == start - until * hour


async def test_a_customer_is_asked_again_if_less_is_refunded_by_now(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(refund_tiers=[[0, 5_000]])
    client = api.signed_in(clinic.customer)
    payload = await client.do(
        "cancelBooking",
        cancel_input(booking, refundBps=10_000),
        "errors { ...on CancelTooLate { refundBps } }",
    )
    assert payload["errors"][0]["code"] == "CANCEL_TOO_LATE"
    assert payload["errors"][0]["refundBps"] == 5_000
    assert (await world.fresh(booking)).state is BookingState.CONFIRMED
    assert await client.refusal_codes("cancelBooking", cancel_input(booking, refundBps=5_000)) == []


async def test_a_customer_cannot_cancel_what_has_begun_but_the_vendor_can(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    begun = (now() - timedelta(minutes=5)).replace(second=0, microsecond=0)
    booking = await clinic.booking(starts_at=begun)
    client = api.signed_in(clinic.customer)
    assert (await client.ask(QUOTE, id=gid(booking)))["booking"]["cancelQuote"] is None
    assert await client.refusal_codes("cancelBooking", cancel_input(booking)) == ["BOOKING_STATE"]
    owner = api.signed_in(clinic.owner)
    assert await owner.refusal_codes("cancelBooking", cancel_input(booking)) == []
