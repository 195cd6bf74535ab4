"""A vendor that is suspended, and restored: customers keep what they have, nothing is sold."""

from typing import Any

from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.product.suspended import REASON, Bazaar
from tests.resolvers.bookings.calendars.test_calendar_feeds import read, subscribe
from tests.resolvers.bookings.inputs import cancel_input

KEPT = """query ($voucher: ID!, $visit: ID!) {
  voucher(id: $voucher) { state refusal vendor { name } offer { title } }
  tickets { nodes { state ticketType { name } eventDate { event { vendor { name } } } } }
  booking(id: $visit) { bookingState service { name } vendor { name } }
  viewer { conversations { nodes { id vendor { name } } } } }"""
OF_MEMBERS = """query ($vendor: ID!) {
  vendor(id: $vendor) { status suspension { reason } }
  vendorBalance(vendorId: $vendor) { own { available { amountMinor } } }
  vendorBookings(vendorId: $vendor) { totalCount } }"""
REFUSED = {
    "claimOffer": ["VENDOR_SUSPENDED"],
    "addToCart": ["NOT_SOLD"],
    "holdTickets": ["NOT_FOUND"],
    "holdBooking": ["NOT_FOUND"],
    "confirmBooking": ["VENDOR_SUSPENDED"],
    "startConversation": ["NOT_FOUND"],
}
NOT_SOLD = {
    "approveBooking": ["VENDOR_SUSPENDED"],
    "sellAtDesk": ["NOT_FOUND"],
    "requestPayout": ["PAYOUTS_HELD"],
}


def allowed(refused: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [] for name in refused}


async def test_nothing_new_is_sold_until_the_vendor_is_restored(world: World, api: Client) -> None:
    """A time that was held before cannot be confirmed, and a request not be approved."""
    bazaar = await Bazaar.open(world, api)
    await world.payout_account(bazaar.vendor, bazaar.clinic.owner)
    await world.earned(bazaar.vendor, 500_50)
    assert not await bazaar.problems() & {"NOT_SOLD", "VENDOR_CLOSED"}
    await bazaar.suspend()
    assert await bazaar.problems() >= {"NOT_SOLD", "VENDOR_CLOSED"}
    assert await bazaar.buying() == REFUSED
    assert await bazaar.selling() == NOT_SOLD
    await check_invariants(world.database)
    await bazaar.restore()
    assert not await bazaar.problems() & {"NOT_SOLD", "VENDOR_CLOSED"}
    assert await bazaar.buying() == allowed(REFUSED)
    assert await bazaar.selling() == allowed(NOT_SOLD)
    await check_invariants(world.database)


async def test_customers_keep_what_they_have(world: World, api: Client) -> None:
    """They see it, are admitted with it, can cancel it, and write to the vendor about it."""
    bazaar = await Bazaar.open(world, api)
    feed = await subscribe(bazaar.client)
    ids = {"voucher": bazaar.voucher_id, "visit": gid(bazaar.visit)}
    before = await bazaar.client.ask(KEPT, **ids)
    entries = set(await read(api, feed))
    await bazaar.suspend()
    after = await bazaar.client.ask(KEPT, **ids)
    assert after["voucher"].pop("refusal") == "VENDOR_SUSPENDED"
    assert before["voucher"].pop("refusal") is None
    assert after == before
    assert set(await read(api, feed)) == entries >= {str(bazaar.visit.id)}
    _, key = await bazaar.door.scanner()
    scanner = api.signed_in(bazaar.door.member)
    scan = await bazaar.door.check_in(scanner, key, bazaar.ticket)
    assert scan["scanOutcome"] == "ADMITTED"
    for user in (bazaar.customer, bazaar.clinic.owner):
        assert (await bazaar.chat.send(user))["text"] == "Hello"
    assert await bazaar.client.refusal_codes("cancelBooking", cancel_input(bazaar.visit)) == []
    await check_invariants(world.database)


async def test_members_still_see_their_vendor(world: World, api: Client) -> None:
    bazaar = await Bazaar.open(world, api)
    await world.earned(bazaar.vendor, 500_50)
    given = {"vendor": gid(bazaar.vendor)}
    feed = await subscribe(bazaar.owner, scope="VENDOR", vendorId=gid(bazaar.vendor))
    await bazaar.suspend()
    seen = await bazaar.owner.ask(OF_MEMBERS, **given)
    assert seen["vendor"] == {"status": "SUSPENDED", "suspension": {"reason": REASON}}
    assert seen["vendorBalance"]["own"]["available"] == {"amountMinor": 500_50}
    assert seen["vendorBookings"]["totalCount"] == 3
    assert str(bazaar.visit.id) in await read(api, feed)
    declined = {"bookingId": gid(bazaar.asked), "reason": "We are closed."}
    assert await bazaar.owner.refusal_codes("declineBooking", declined) == []
