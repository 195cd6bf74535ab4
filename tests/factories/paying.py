"""A shop whose buyers pay by a provider, which the stand-in takes the place of."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select, update

from core.clock import now
from jobs.context import WorkerContext
from models.identity.accounts import User
from models.ledger.entries import LedgerEntry
from models.notifications.inbox import Notification
from models.orders.orders import Order
from models.payments.methods import PaymentCustomer, PaymentMethod
from models.payments.payments import SILENT_MINUTES, Payment, PaymentProvider, PaymentStatus
from models.payments.refunds import Refund, RefundPart
from services.orders.placing.expiry import expire_order, expire_overdue
from services.payments.watching import FIRST_LOOK, look_at_payment
from tests.client import Client
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.world import World
from tests.payment_providers import RunningStandIn

RETURN_URL = "https://shop.example/paid"
CARD = {"provider": "STRIPE", "returnUrl": f"{RETURN_URL}?order=1"}
FIELDS = (
    "order { id state paymentState }"
    " payment { id paymentProvider paymentStatus clientSecret redirectUrl declineCode attempt }"
)
ALL_DUE = text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


async def save_card(world: World, stand_in: RunningStandIn, user_id: UUID) -> PaymentMethod:
    """Save a card of a user, here and at the stand-in."""
    customer = stand_in.call("/v1/customers")["id"]
    card = stand_in.call("/v1/payment_methods/pm_card_visa/attach", customer=customer)
    provider = PaymentProvider.STRIPE
    method = PaymentMethod(
        user_id=user_id,
        provider=provider,
        reference=card["id"],
        customer=customer,
        brand="visa",
        last4="4242",
    )
    await world.save(
        PaymentCustomer(user_id=user_id, provider=provider, reference=customer), method
    )
    return method


@dataclass
class PayingShop:
    """A vendor's goods, and what happens when buyers pay for them by card."""

    world: World
    api: Client
    stand_in: RunningStandIn
    work: Callable[[], Awaitable[None]]
    worker: WorkerContext
    stall: Stall

    @classmethod
    async def open_for(
        cls,
        world: World,
        api: Client,
        stand_in: RunningStandIn,
        work: Callable[[], Awaitable[None]],
        worker: WorkerContext,
    ) -> Self:
        return cls(world, api, stand_in, work, worker, await Stall.open(world, kind="PHYSICAL"))

    async def buyer(self, **values: Any) -> Buyer:
        """Return a buyer with a checkout."""
        buyer = await Buyer.create(self.world, self.api)
        return await buyer.fill(self.stall.variant, **values)

    async def place(self, buyer: Buyer, **values: Any) -> dict[str, Any]:
        """Place an order that is paid by card."""
        given = buyer.input(**{**CARD, **values})
        placed = await buyer.client.do("placeOrder", given, FIELDS)
        assert placed["errors"] == []
        return placed

    async def placed(self, **values: Any) -> tuple[Buyer, Payment]:
        """Return a buyer who has an order to pay, and the payment."""
        buyer = await self.buyer()
        await self.place(buyer, **values)
        return buyer, await self.payment(buyer)

    async def save_card(self, buyer: Buyer) -> PaymentMethod:
        """Save a card of a buyer, as an earlier payment would."""
        return await self.save_card_of(buyer.user)

    async def save_card_of(self, user: User) -> PaymentMethod:
        return await save_card(self.world, self.stand_in, user.id)

    async def payments(self, buyer: Buyer) -> Sequence[Payment]:
        order_ids = select(Order.id).where(Order.user_id == buyer.user.id)
        rows = select(Payment).where(
            col(Payment.order_id).in_(order_ids), Payment.provider == PaymentProvider.STRIPE
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows.order_by(col(Payment.id)))).all()

    async def payment(self, buyer: Buyer) -> Payment:
        """Return the newest payment."""
        return (await self.payments(buyer))[-1]

    def pay(self, payment: Payment, card: str = "pm_card_visa") -> dict[str, Any]:
        """Pay as the buyer's browser does."""
        assert payment.reference is not None
        return self.stand_in.confirm(payment.reference, card)

    async def look(self, payment: Payment) -> None:
        """Ask the provider about a payment, as the poller does."""
        await look_at_payment(self.worker.transactions.begin, self.worker.payments, payment.id)

    async def webhooks(self) -> None:
        """Wait until the webhooks of the stand-in have arrived, and run the jobs."""
        for _ in range(200):
            if not self.stand_in.state.deliveries._tasks:
                break
            await asyncio.sleep(0.02)
        await self.work()

    async def run_all(self) -> None:
        """Run all jobs, also those that wait for their time."""
        async with self.world.database.session() as session, session.begin():
            await session.execute(ALL_DUE)
        await self.work()

    async def end_hold(self, buyer: Buyer, minutes: int = 0) -> None:
        """Let the time of the buyer's orders be over, since some minutes."""
        over = update(Order).where(col(Order.user_id) == buyer.user.id)
        time = now() - timedelta(minutes=minutes, seconds=1)
        async with self.world.database.session() as session, session.begin():
            await session.exec(over.values(hold_until=time))

    async def refunds(self, buyer: Buyer) -> Sequence[tuple[str, int, str]]:
        """Return the reason and amount of each refund, and by which provider it goes back."""
        rows = (
            select(Refund.reason, RefundPart.amount, RefundPart.provider)
            .join(RefundPart, col(RefundPart.refund_id) == Refund.id)
            .join(Order, col(Order.id) == Refund.order_id)
            .where(Order.user_id == buyer.user.id)
            .order_by(col(Refund.id))
        )
        async with self.world.database.session() as session:
            return [(str(a), b, str(c)) for a, b, c in (await session.exec(rows)).all()]

    async def postings(self, payment: Payment) -> Sequence[tuple[str, int]]:
        """Return the kinds of postings about a payment, with their amounts."""
        rows = select(LedgerEntry.posting, LedgerEntry.amount).where(
            col(LedgerEntry.posting).like(f"%:{payment.id}")
        )
        async with self.world.database.session() as session:
            found = (await session.exec(rows)).all()
        return sorted((posting.partition(":")[0], amount) for posting, amount in found)

    async def told(self, buyer: Buyer) -> list[str]:
        rows = select(Notification.kind).where(Notification.user_id == buyer.user.id)
        async with self.world.database.session() as session:
            return sorted((await session.exec(rows)).all())

    def intent(self, payment: Payment) -> dict[str, Any]:
        """Return the payment as the stand-in has it."""
        assert payment.reference is not None
        return self.stand_in.objects("payment_intent")[payment.reference]

    def taken(self, payments: Sequence[Payment]) -> int:
        """Return how much money the stand-in has taken, in minor units."""
        return sum(self.intent(one)["amount_received"] for one in payments if one.reference)

    async def run_due(self) -> None:
        """Let orders expire whose time is over, and run the jobs that are due."""
        while await expire_overdue(self.worker.transactions.begin):
            pass
        await self.work()

    async def expire(self, buyer: Buyer) -> None:
        for order in await buyer.orders():
            await expire_order(self.worker.transactions.begin, order.id)

    async def make_silent(self, payment: Payment) -> None:
        """Let the provider have been silent about a cancelled payment for long."""
        await self._change(payment, cancelling_at=now() - timedelta(minutes=SILENT_MINUTES + 1))

    async def make_old(self, payment: Payment) -> None:
        """Let so much time pass that the poller looks at a payment."""
        await self._change(payment, created_at=now() - 2 * FIRST_LOOK)

    async def make_ended(self, payment: Payment) -> None:
        await self._change(payment, status=PaymentStatus.CANCELLED)

    async def _change(self, payment: Payment, **values: Any) -> None:
        this = update(Payment).where(col(Payment.id) == payment.id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(this.values(**values))


__all__ = ["CARD", "FIELDS", "PRICE", "PayingShop"]
