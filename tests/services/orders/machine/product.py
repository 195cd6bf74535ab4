"""The product that the machine drives: services, on a real database."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from core.statements.statement import Statement
from models.addresses import SavedAddressDraft
from models.carts import LineChange, LineDraft
from models.catalog.variants import Variant
from models.checkouts import Checkout
from models.errors import Refusal
from models.identity.accounts import User
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.selections import CancelDraft, ReasonDraft, UnitSelection, UnitsOfLine
from models.payments.granting import RefundDraft
from models.payments.payments import Payment, PaymentProvider
from models.payments.recording import RecordedPayment
from models.payments.refunds import RefundPart
from models.payments.ways import PaymentWay
from models.promos.codes import PromoCode
from models.shipments import ShipmentDraft
from models.shipping.zones import ShippingRate
from models.vendors import Vendor
from services.carts.lines import add_to_cart, set_cart_line
from services.checkouts.access import access_checkout
from services.checkouts.choices import (
    apply_promo_code,
    choose_delivery,
    set_checkout_address,
    use_wallet,
)
from services.checkouts.creation import create_checkout
from services.checkouts.quote import quote_checkout
from services.orders.handling import delivering, preparing, returns
from services.orders.handling.cancelling import cancel_order
from services.orders.placing.expiry import expire_order
from services.orders.placing.placing import Placing, PlacingDraft
from services.payments.calls.sending import CallSender
from services.payments.recording import record_payment
from services.payments.ways import WaysToPay
from services.refunds.granting import grant_part_refund
from services.shipments.shipping import create_shipment
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.addresses import BENGALURU
from tests.factories.buying import Unheard
from tests.factories.payouts import POLICY
from tests.factories.world import World
from tests.services.orders.machine.model import DELIVERED, DELIVERY, PRICES, VENDOR_OF

RETURN_DAYS = 14
MANUAL = PaymentWay(provider=PaymentProvider.MANUAL)
Step = Callable[[AsyncSession], Awaitable[Any]]


def key() -> str:
    return str(new_id())


@dataclass
class DrivenProduct:
    """Rows of one run, and a method for each step."""

    world: World
    admin: User
    users: list[User]
    owners: list[User]
    vendors: list[Vendor]
    variants: list[Variant]
    rates: Mapping[int, ShippingRate]
    code: PromoCode
    transactions: Transactions

    @classmethod
    async def open(cls, world: World, on_hand: list[int], wallets: list[int], uses: int) -> Self:
        users = [await world.user() for _ in wallets]
        owners = [await world.user() for _ in range(3)]
        vendors = [await world.vendor(owner) for owner in owners]
        await world.tax_registration(vendors[2])
        variants = []
        for number, price in enumerate(PRICES):
            place = VENDOR_OF[number]
            kind = "PHYSICAL" if place in DELIVERED else "DIGITAL"
            product = await world.product(
                vendors[place], on_hand=on_hand[number], price=price, kind=kind
            )
            variants += await world.variants(product)
        rates = {}
        for place in DELIVERED:
            zone = await world.shipping_zone(vendors[place])
            rates[place] = await world.shipping_rate(zone, bands=[[None, DELIVERY]])
        for user, amount in zip(users, wallets, strict=True):
            if amount:
                await world.fund(user, amount)
        code = await world.promo_code(capacity=uses)
        transactions = Transactions(world.database, Unheard())
        admin = await world.admin()
        return cls(world, admin, users, owners, vendors, variants, rates, code, transactions)

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.transactions.begin()

    def buyer(self, user: int) -> Viewer:
        return Viewer(user_id=self.users[user].id)

    def seller(self, vendor: int) -> Viewer:
        return Viewer(user_id=self.owners[vendor].id)

    async def do(self, step: Step) -> Any:
        async with self.begin() as session:
            return await step(session)

    async def add(self, user: int, variant: int, quantity: int) -> UUID:
        draft = LineDraft(variant_id=self.variants[variant].id, quantity=quantity)
        viewer = self.buyer(user)
        opened = await self.do(
            lambda session: add_to_cart(session, viewer, draft, token=None, idempotency_key=key())
        )
        id: UUID = opened.cart.id
        return id

    async def set_line(self, user: int, variant: int, quantity: int) -> None:
        change = LineChange(variant_id=self.variants[variant].id, quantity=quantity)
        viewer = self.buyer(user)
        await self.do(lambda session: set_cart_line(session, viewer, change, token=None))

    async def check_out(self, user: int, cart_id: UUID) -> UUID:
        """Begin a checkout, or find the open one, and set its address."""
        viewer = self.buyer(user)
        addresses = {"ship_to": SavedAddressDraft(**BENGALURU)}
        async with self.begin() as session:
            checkout = await create_checkout(
                session, viewer, cart_id=cart_id, currency="INR", items={}
            )
            await session.flush()
            await set_checkout_address(
                session,
                viewer,
                self.world.sealer,
                checkout_id=checkout.id,
                addresses=addresses,
                tax_ids={},
            )
            return checkout.id

    async def choose(self, user: int, checkout_id: UUID, vendor: int) -> None:
        viewer, ids = self.buyer(user), (self.vendors[vendor].id, self.rates[vendor].id)
        await self.do(
            lambda session: choose_delivery(
                session,
                viewer,
                self.world.sealer,
                checkout_id=checkout_id,
                vendor_id=ids[0],
                rate_id=ids[1],
            )
        )

    async def enter_code(self, user: int, checkout_id: UUID) -> None:
        viewer, sealer = self.buyer(user), self.world.sealer
        await self.do(
            lambda session: apply_promo_code(
                session, viewer, sealer, checkout_id=checkout_id, code=self.code.code
            )
        )

    async def use_wallet(self, user: int, checkout_id: UUID, amount: int) -> None:
        viewer = self.buyer(user)
        await self.do(
            lambda session: use_wallet(session, viewer, checkout_id=checkout_id, amount=amount)
        )

    async def total(self, user: int, checkout_id: UUID) -> int:
        """Return the total that the buyer sees."""
        viewer = self.buyer(user)
        async with self.begin() as session:
            checkout: Checkout = await access_checkout(session, viewer, checkout_id)
            return (await quote_checkout(session, viewer, self.world.sealer, checkout)).total

    async def place(self, user: int, checkout_id: UUID, total: int, idempotency_key: str) -> UUID:
        viewer = self.buyer(user)

        async def fetch(statement: Statement[Any], **values: Any) -> list[Any]:
            return await self.world.database.reads.fetch(statement, values)

        placing = Placing(
            viewer,
            CallSender(self.transactions.begin, {}, self.world.sealer),
            WaysToPay({}, (), {}),
            fetch,
            self.transactions.begin_prepared,
        )
        return await placing.place(PlacingDraft(checkout_id, total, MANUAL, idempotency_key))

    async def pay(self, order_id: UUID) -> None:
        rows = select(Payment).where(
            Payment.order_id == order_id, Payment.provider == PaymentProvider.MANUAL
        )
        async with self.begin() as session:
            payment = (await session.exec(rows)).first()
        recorded = RecordedPayment(
            amount=payment.amount if payment else 1, currency="INR", reference=f"UTR {order_id}"
        )
        viewer = Viewer(user_id=self.admin.id, admin=True)
        await self.do(
            lambda session: record_payment(
                session, viewer, recorded, order_id=order_id, idempotency_key=key()
            )
        )

    async def end_hold(self, order_id: UUID) -> None:
        past = {"hold_until": now() - timedelta(seconds=1)}
        await self.do(
            lambda session: session.exec(
                update(Order).where(col(Order.id) == order_id).values(**past)
            )
        )

    async def expire(self, order_id: UUID) -> bool:
        return await expire_order(self.transactions.begin, order_id)

    async def cancel(self, user: int, order_id: UUID) -> None:
        viewer = self.buyer(user)
        await self.do(
            lambda session: cancel_order(
                session,
                viewer,
                CancelDraft(),
                order_id=order_id,
                idempotency_key=key(),
                return_days=RETURN_DAYS,
            )
        )

    async def accept(self, vendor: int, part_id: UUID) -> None:
        viewer = self.seller(vendor)
        await self.do(
            lambda session: preparing.accept_suborder(session, viewer, suborder_id=part_id)
        )

    async def reject(self, vendor: int, part_id: UUID) -> None:
        viewer = self.seller(vendor)
        await self.do(
            lambda session: preparing.reject_suborder(
                session,
                viewer,
                suborder_id=part_id,
                reason=ReasonDraft(reason="Sold out"),
                idempotency_key=key(),
            )
        )

    async def cancel_units(self, vendor: int, part_id: UUID, line_id: UUID, units: int) -> None:
        viewer = self.seller(vendor)
        await self.do(
            lambda session: preparing.cancel_suborder_lines(
                session,
                viewer,
                suborder_id=part_id,
                selection=_select(line_id, units),
                idempotency_key=key(),
                return_days=RETURN_DAYS,
            )
        )

    async def ship(self, vendor: int, part_id: UUID, line_id: UUID, units: int) -> None:
        viewer = self.seller(vendor)
        await self.do(
            lambda session: create_shipment(
                session,
                viewer,
                ShipmentDraft(),
                suborder_id=part_id,
                lines=[_units(line_id, units)],
                idempotency_key=key(),
            )
        )

    async def deliver(self, user: int, part_id: UUID) -> None:
        viewer = self.buyer(user)
        await self.do(
            lambda session: delivering.confirm_delivery(
                session, viewer, suborder_id=part_id, return_days=RETURN_DAYS
            )
        )

    async def release(self, part_id: UUID) -> None:
        """End the time for returns of a part, and run the job."""
        past = {"release_at": now() - timedelta(seconds=1)}
        delivered = col(SubOrder.delivered_at).is_not(None)
        await self.do(
            lambda session: session.exec(
                update(SubOrder).where(col(SubOrder.id) == part_id, delivered).values(**past)
            )
        )
        await delivering.release_parts(self.transactions.begin, POLICY)

    async def request_return(self, user: int, part_id: UUID, line_id: UUID, units: int) -> UUID:
        viewer = self.buyer(user)
        request = await self.do(
            lambda session: returns.request_return(
                session,
                viewer,
                suborder_id=part_id,
                selection=_select(line_id, units),
                idempotency_key=key(),
            )
        )
        id: UUID = request.id
        return id

    async def end_return(
        self, user: int, vendor: int, return_id: UUID, state: str, *, restock: bool
    ) -> None:
        buyer, seller = self.buyer(user), self.seller(vendor)
        given: dict[str, Any] = {"return_id": return_id}
        keyed = given | {"idempotency_key": key()}
        steps: Mapping[str, Step] = {
            "ACCEPTED": lambda session: returns.accept_return(
                session, seller, answer=None, **keyed
            ),
            "WITHDRAWN": lambda session: returns.withdraw_return(session, buyer, **given),
            "RECEIVED": lambda session: returns.receive_return(
                session, seller, restock=restock, **keyed
            ),
        }
        await self.do(steps[state])

    async def goodwill(self, vendor: int, part_id: UUID, line_id: UUID, units: int) -> None:
        viewer = self.seller(vendor)
        await self.do(
            lambda session: grant_part_refund(
                session,
                viewer,
                RefundDraft(reason="It is broken", lines=[_units(line_id, units)]),
                suborder_id=part_id,
                idempotency_key=key(),
            )
        )

    async def parts(self, order_id: UUID) -> Mapping[UUID, SubOrder]:
        """Return the parts of an order by their vendors."""
        rows = select(SubOrder).where(SubOrder.order_id == order_id)
        async with self.begin() as session:
            return {part.vendor_id: part for part in await session.exec(rows)}

    async def lines(self, order_id: UUID) -> Mapping[UUID, OrderLine]:
        """Return the lines of an order by their variants."""
        rows = select(OrderLine).join(SubOrder, col(SubOrder.id) == OrderLine.suborder_id)
        async with self.begin() as session:
            found = await session.exec(rows.where(SubOrder.order_id == order_id))
            return {line.ref_id: line for line in found}

    async def state(self, order_id: UUID) -> tuple[str, int]:
        """Return the state and the total of an order."""
        async with self.begin() as session:
            order = await session.get_one(Order, order_id)
            return order.state, order.total

    async def refunded_to_wallets(self) -> list[int]:
        """Return the money that refunds have paid into the wallets of the users."""
        rows = (
            select(Order.user_id, func.sum(RefundPart.amount))
            .join(Payment, col(Payment.order_id) == Order.id)
            .join(RefundPart, col(RefundPart.payment_id) == Payment.id)
            .where(RefundPart.provider == PaymentProvider.WALLET)
            .group_by(col(Order.user_id))
        )
        async with self.begin() as session:
            found = dict((await session.exec(rows)).all())
        return [int(found.get(user.id, 0)) for user in self.users]


def _units(line_id: UUID, units: int) -> UnitsOfLine:
    return UnitsOfLine(line_id=line_id, quantity=units)


def _select(line_id: UUID, units: int) -> UnitSelection:
    return UnitSelection(reason="It is broken", lines=[_units(line_id, units)])


async def code_of(step: Awaitable[Any]) -> tuple[str | None, Any]:
    """Return the code with which a step is refused, and its result."""
    try:
        return None, await step
    except Refusal as refusal:
        return refusal.code, None
