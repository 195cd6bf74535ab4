"""Two vendors, each of whom sells goods and something on site, and a customer of all of it."""

from collections.abc import Sequence
from typing import Any, Self

from sqlmodel import col, select
from strawberry.relay import to_base64

from models.bookings.bookings import Booking
from models.catalog.variants import Variant
from models.events.tickets import Ticket
from models.identity.accounts import User
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order, SubOrder
from models.shipping.zones import ShippingRate
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.addresses import BENGALURU
from tests.factories.paying import CARD
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input, keyed
from tests.resolvers.events.hall import SEATS, Hall

GOODS, SEAT, VISIT, DEPOSIT = 100_00, 100_00, 500_00, 200_00
TOTAL = 4 * GOODS + 2 * SEAT + DEPOSIT
CHECKOUT = "checkout { id totals { total { amountMinor } } problems { code } }"
PLACED = "order { id state } payment { paymentProvider paymentStatus amount { amountMinor } }"


class Basket:
    """`theatre` sells two units of goods and two seats, `clinic` two units and a visit's deposit.

    All are in one order, whose parts have goods that are shipped and things that are had on site.
    """

    hall: Hall
    clinic: Clinic
    goods: list[Variant]
    hold_id: str
    booking_id: str

    def __init__(self, world: World, api: Client, user: User) -> None:
        self.world, self.api, self.user = world, api, user
        self.client = api.signed_in(user)
        self.rates: list[ShippingRate] = []

    @classmethod
    async def fill(cls, world: World, api: Client) -> Self:
        self = cls(world, api, await world.user())
        self.hall = await Hall.open(world, refund_hours=24)
        policy = await world.cancellation_policy(
            vendor := await world.vendor(), tiers=[[7 * 24 * 60, 10_000], [60, 5_000]]
        )
        self.clinic = await Clinic.open(
            world, vendor, pay_at_desk=False, deposit=DEPOSIT, policy_id=policy.id
        )
        self.goods = [await self._goods(one) for one in (self.hall.vendor, vendor)]
        return self

    async def _goods(self, vendor: Vendor) -> Variant:
        zone = await self.world.shipping_zone(vendor)
        self.rates.append(await self.world.shipping_rate(zone, bands=[[None, 0]]))
        (variant,) = await self.world.variants(await self.world.product(vendor, price=GOODS))
        return variant

    async def check_out(self) -> str:
        """Put all of it into one checkout, and return its id."""
        for one in self.goods:
            put = {"variantId": gid(one), "quantity": 2, **keyed()}
            added = await self.client.do("addToCart", put, "cart { id }")
            assert added["errors"] == []
        hold = await self.hall.take(self.client, 0, 0, 1)
        start = hold_input(self.clinic.visit, self.clinic.at(10), self.clinic.asha)
        held = await self.client.do("holdBooking", start, "booking { id }")
        assert held["errors"] == []
        self.hold_id, self.booking_id = hold["id"], held["booking"]["id"]
        input = {
            "currency": "INR",
            "cartId": added["cart"]["id"],
            "holdIds": [self.hold_id],
            "bookingIds": [self.booking_id],
        }
        checkout_id: str = (await self._done("createCheckout", input, CHECKOUT))["checkout"]["id"]
        address = {to_camel(name): value for name, value in BENGALURU.items()}
        place = {"checkoutId": checkout_id, "shipTo": {"address": address}}
        await self._done("setCheckoutAddress", place, CHECKOUT)
        for rate in self.rates:
            chosen = {"vendorId": to_base64("Vendor", str(rate.vendor_id)), "rateId": gid(rate)}
            done = await self._done(
                "chooseDelivery", {"checkoutId": checkout_id, **chosen}, CHECKOUT
            )
        assert done["checkout"]["problems"] == []
        assert done["checkout"]["totals"]["total"]["amountMinor"] == TOTAL
        return checkout_id

    async def place(self, **values: Any) -> dict[str, Any]:
        """Place the order, which is paid by card."""
        input = {"checkoutId": await self.check_out(), "expectedTotalMinor": TOTAL} | keyed()
        return await self._done("placeOrder", input | CARD | values, PLACED)

    async def _done(self, name: str, input: dict[str, Any], fields: str) -> dict[str, Any]:
        payload = await self.client.do(name, input, fields)
        assert payload["errors"] == []
        return payload

    async def order(self) -> Order:
        async with self.world.database.session() as session:
            return (await session.exec(select(Order).where(Order.user_id == self.user.id))).one()

    async def parts(self) -> dict[Any, SubOrder]:
        """Return the parts by their vendors."""
        rows = select(SubOrder).join(Order, col(Order.id) == col(SubOrder.order_id))
        async with self.world.database.session() as session:
            found = await session.exec(rows.where(Order.user_id == self.user.id))
            return {one.vendor_id: one for one in found.all()}

    async def lines(self, vendor: Vendor, kind: LineKind) -> Sequence[OrderLine]:
        part = (await self.parts())[vendor.id]
        rows = select(OrderLine).where(OrderLine.suborder_id == part.id, OrderLine.kind == kind)
        async with self.world.database.session() as session:
            return (await session.exec(rows.order_by(col(OrderLine.position)))).all()

    async def tickets(self) -> list[str]:
        """Return the ids of the tickets."""
        async with self.world.database.session() as session:
            rows = select(Ticket).where(Ticket.holder_id == self.user.id).order_by(col(Ticket.id))
            return [gid(one) for one in (await session.exec(rows)).all()]

    async def booking(self) -> Booking:
        async with self.world.database.session() as session:
            return (
                await session.exec(select(Booking).where(Booking.user_id == self.user.id))
            ).one()

    async def seller(self, vendor: Vendor, role: MemberRole = MemberRole.OWNER) -> Client:
        return self.api.signed_in(await new_member(self.world, vendor, role))


def to_camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


__all__ = ["DEPOSIT", "GOODS", "SEAT", "SEATS", "TOTAL", "Basket"]
