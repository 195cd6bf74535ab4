"""Customers of a clinic who pay online: the scene of deposits, balances and refunds."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from tests.client import Client, gid
from tests.factories.order_of_user import OrderOfUser
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed

PROBLEMS = "checkout { id totals { total { amountMinor } } problems { code bookingId } }"
PLACED = "order { id state suborders { lines { title quantity } } } "
PRICE, DEPOSIT = 500_00, 200_00
HELD: dict[str, Any] = {
    "state": BookingState.HELD,
    "due_online": DEPOSIT,
    "refund_tiers": [[24 * 60, 10_000], [60, 5_000]],
    "no_show_bps": 2_000,
}


class PayingCustomer:
    """A customer of a clinic, who orders a booking that is held."""

    def __init__(self, clinic: Clinic, api: Client, booking: Booking) -> None:
        self.clinic, self.world, self.booking = clinic, clinic.world, booking
        self.customer = api.signed_in(clinic.customer)
        self.order = OrderOfUser(clinic.world, clinic.customer)

    @classmethod
    async def begin(cls, world: World, api: Client, **values: Any) -> "PayingCustomer":
        clinic = await Clinic.open(world)
        expires_at = now() + timedelta(minutes=10)
        held = HELD | {"expires_at": expires_at, "hard_until": expires_at} | values
        return cls(clinic, api, await clinic.booking(**held))

    async def check_out(self, client: Client | None = None, *others: Booking) -> dict[str, Any]:
        ids = [gid(one) for one in (self.booking, *others)]
        input = {"currency": "INR", "bookingIds": ids}
        made = await (client or self.customer).do("createCheckout", input, PROBLEMS)
        checkout: dict[str, Any] = made["checkout"]
        return checkout

    async def place(self, *others: Booking, **values: Any) -> dict[str, Any]:
        checkout = await self.check_out(None, *others)
        assert checkout["problems"] == []
        total = checkout["totals"]["total"]["amountMinor"]
        input = {"checkoutId": checkout["id"], "expectedTotalMinor": total, **keyed(), **values}
        return await self.customer.do("placeOrder", input, PLACED)

    async def buy(self, *others: Booking) -> None:
        assert (await self.place(*others))["errors"] == []
        await self.order.pay()

    async def now(self) -> Booking:
        booking: Booking = await self.world.fresh(self.booking)
        return booking


async def part_of(world: World) -> SubOrder:
    rows = select(SubOrder).join(OrderLine, col(OrderLine.suborder_id) == col(SubOrder.id))
    async with world.database.session() as session:
        return (await session.exec(rows.distinct())).one()
