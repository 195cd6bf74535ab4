"""Goodwill that members and admins grant for no line of an order with bookings."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.bookings.bookings import Booking
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.inputs import cancel_input, keyed
from tests.resolvers.bookings.paying import DEPOSIT, HELD, PayingCustomer, part_of

SHOWN = "query ($id: ID!) { booking(id: $id) { paidOnline { amountMinor } } }"


async def paid_online(ordering: PayingCustomer, booking: Booking) -> int:
    found = await ordering.customer.ask(SHOWN, id=gid(booking))
    return int(found["booking"]["paidOnline"]["amountMinor"])


async def goodwill(world: World, amount: int) -> dict[str, Any]:
    part = gid(await part_of(world))
    return {"suborderId": part, "amountMinor": amount, "reason": "A long wait.", **keyed()}


async def test_a_booking_shows_what_is_left_after_goodwill(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    staff = api.signed_in(ordering.clinic.owner)
    assert await staff.refusal_codes("grantRefund", await goodwill(world, 50_00)) == []
    assert await paid_online(ordering, ordering.booking) == DEPOSIT - 50_00
    cancel = cancel_input(ordering.booking)
    assert await ordering.customer.refusal_codes("cancelBooking", cancel) == []
    refunded = await ordering.order.refunded()
    assert sorted(amount for _, amount in refunded) == [50_00, DEPOSIT - 50_00]
    assert await paid_online(ordering, ordering.booking) == 0


async def test_goodwill_of_the_platform_counts_as_well(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.buy()
    order = await ordering.order.order()
    input = {"orderId": gid(order), "amountMinor": 30_00, "reason": "Sorry.", **keyed()}
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("grantOrderRefund", input) == []
    assert await paid_online(ordering, ordering.booking) == DEPOSIT - 30_00


async def test_goodwill_is_shared_by_the_bookings_of_a_part(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    clinic, until = ordering.clinic, now() + timedelta(minutes=10)
    held = HELD | {"expires_at": until, "hard_until": until, "due_online": 3 * DEPOSIT // 2}
    other = await clinic.booking(starts_at=clinic.at(12), **held)
    await ordering.buy(other)
    staff = api.signed_in(clinic.owner)
    assert await staff.refusal_codes("grantRefund", await goodwill(world, 100_00)) == []
    assert await paid_online(ordering, ordering.booking) == DEPOSIT - 40_00
    assert await paid_online(ordering, other) == 3 * DEPOSIT // 2 - 60_00
