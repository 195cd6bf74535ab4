"""Buyers with a checkout of goods that can be ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from sqlmodel import col, select, update

from core.clock import now
from core.ids import new_id
from models.carts import Cart, CartLine, CartState
from models.catalog.variants import Variant
from models.checkouts import Checkout
from models.identity.accounts import User
from models.orders.orders import Order, SubOrder
from models.promos.codes import PromoCode
from models.shipping.zones import ShippingRate
from models.vendors import Vendor
from services.orders.placing.expiry import expire_order
from services.transaction import Publisher, Transactions
from tests.client import Client, gid
from tests.factories.world import World

PRICE = 10_000
FIELDS = (
    "order { id number state paymentState holdUntil amounts { total { amountMinor } } }"
    " payment { paymentProvider paymentStatus amount { amountMinor } }"
)


class Unheard(Publisher):
    """Publishes to no process."""

    def publish(self, grown: Mapping[str, int]) -> None:
        pass


@dataclass
class Stall:
    """A vendor whose goods are sold in India: digital ones, or others with a free delivery."""

    world: World
    vendor: Vendor
    variants: Sequence[Variant]

    @classmethod
    async def open(
        cls, world: World, *, variants: int = 1, on_hand: int = 10, kind: str = "DIGITAL"
    ) -> Self:
        vendor = await world.vendor()
        if kind != "DIGITAL":
            await world.shipping_rate(await world.shipping_zone(vendor), bands=[[None, 0]])
        product = await world.product(
            vendor, variants=variants, on_hand=on_hand, price=PRICE, kind=kind
        )
        return cls(world, vendor, await world.variants(product))

    @property
    def variant(self) -> Variant:
        return self.variants[0]


@dataclass
class Buyer:
    """A user, and a client that is signed in as them."""

    world: World
    user: User
    client: Client
    checkout: Checkout | None = None

    @classmethod
    async def create(cls, world: World, api: Client) -> Self:
        user = await world.user()
        return cls(world, user, api.signed_in(user))

    async def fill(
        self,
        *variants: Variant,
        quantity: int = 1,
        codes: tuple[PromoCode, ...] = (),
        **values: Any,
    ) -> Self:
        """Fill a cart, and begin a checkout."""
        cart = await self.world.cart(self.user, *((one, quantity) for one in variants))
        values.setdefault("rates", await self._rates(variants))
        self.checkout = await self.world.checkout(cart, codes=codes, **values)
        return self

    async def _rates(self, variants: Sequence[Variant]) -> tuple[ShippingRate, ...]:
        """Return the rates of the vendors, which have one or none."""
        vendor_ids = {one.vendor_id for one in variants}
        rows = select(ShippingRate).where(col(ShippingRate.vendor_id).in_(vendor_ids))
        async with self.world.database.session() as session:
            return tuple((await session.exec(rows)).all())

    async def fill_other(self, variant: Variant, **values: Any) -> Self:
        """Begin a checkout of a cart that is not the user's active one, as if in another tab."""
        cart = Cart(user_id=self.user.id, state=CartState.ORDERED)
        line = CartLine(cart_id=cart.id, variant_id=variant.id, quantity=1, seen_price=PRICE)
        await self.world.save(cart, line)
        rates = await self._rates([variant])
        self.checkout = await self.world.checkout(cart, rates=rates, **values)
        return self

    async def again(self, *variants: Variant, quantity: int = 1, **values: Any) -> Self:
        """Put units into the cart again, and begin another checkout."""
        assert self.checkout is not None
        assert self.checkout.cart_id is not None
        cart_id = self.checkout.cart_id
        lines = [
            CartLine(cart_id=cart_id, variant_id=one.id, quantity=quantity, seen_price=one.price)
            for one in variants
        ]
        await self.world.save(*lines)
        cart = Cart(id=cart_id, user_id=self.user.id)
        rates = await self._rates(variants)
        self.checkout = await self.world.checkout(cart, rates=rates, **values)
        return self

    async def end_hold(self) -> None:
        """Move the end of the holds of the buyer's orders into the past."""
        over = update(Order).where(col(Order.user_id) == self.user.id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(over.values(hold_until=now() - timedelta(seconds=1)))

    async def expire(self) -> None:
        """End the holds of the buyer's orders, and let them expire."""
        await self.end_hold()
        transactions = Transactions(self.world.database, Unheard())
        for order in await self.orders():
            assert await expire_order(transactions.begin, order.id)

    def input(self, total: int = PRICE, key: str | None = None, **values: Any) -> dict[str, Any]:
        return {
            "checkoutId": gid(self.checkout),
            "expectedTotalMinor": total,
            "idempotencyKey": key or str(new_id()),
        } | values

    async def place(self, total: int = PRICE, **values: Any) -> dict[str, Any]:
        return await self.client.do("placeOrder", self.input(total, **values), FIELDS)

    async def orders(self) -> Sequence[Order]:
        rows = select(Order).where(Order.user_id == self.user.id).order_by(col(Order.id))
        async with self.world.database.session() as session:
            return (await session.exec(rows)).all()

    async def order(self) -> Order:
        """Return the only order."""
        (order,) = await self.orders()
        return order

    async def parts(self) -> Sequence[SubOrder]:
        order = await self.order()
        rows = select(SubOrder).where(SubOrder.order_id == order.id)
        async with self.world.database.session() as session:
            return (await session.exec(rows.order_by(col(SubOrder.position)))).all()
