"""Orders of one thing that a state machine drives: placed, paid, expired and cancelled."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from core.statements.statement import Statement
from models.checkouts import Checkout
from models.identity.accounts import User
from models.orders.lines import LineKind
from models.orders.orders import Order
from models.orders.selections import CancelDraft
from models.payments.payments import Payment, PaymentProvider
from models.payments.recording import RecordedPayment
from models.payments.refunds import Refund
from models.payments.ways import PaymentWay
from services.checkouts.access import access_checkout
from services.checkouts.creation import create_checkout
from services.checkouts.quote import quote_checkout
from services.orders.handling.cancelling import cancel_order
from services.orders.placing.expiry import expire_order
from services.orders.placing.placing import Placing, PlacingDraft
from services.payments.calls.sending import CallSender
from services.payments.recording import record_payment
from services.payments.ways import WaysToPay
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.order_of_user import collect_money
from tests.factories.world import World

MANUAL = PaymentWay(provider=PaymentProvider.MANUAL)
Step = Callable[[AsyncSession], Awaitable[Any]]


def key() -> str:
    return str(new_id())


class DrivenOrders:
    """Orders of users, each for a thing of one kind: a hold of tickets, or a booking."""

    kind: ClassVar[LineKind]
    world: World
    users: list[User]
    admin: User
    transactions: Transactions

    def viewer(self, user: int) -> Viewer:
        return Viewer(user_id=self.users[user].id)

    async def do(self, step: Step) -> Any:
        async with self.transactions.begin() as session:
            return await step(session)

    async def order(self, user: int, thing_id: UUID) -> UUID:
        viewer = self.viewer(user)
        async with self.transactions.begin() as session:
            checkout = await create_checkout(
                session, viewer, cart_id=None, currency="INR", items={self.kind: [thing_id]}
            )
            checkout_id = checkout.id
        async with self.transactions.begin() as session:
            found: Checkout = await access_checkout(session, viewer, checkout_id)
            total = (await quote_checkout(session, viewer, self.world.sealer, found)).total

        async def fetch(statement: Statement[Any], **values: Any) -> list[Any]:
            return await self.world.database.reads.fetch(statement, values)

        placing = Placing(
            viewer,
            CallSender(self.transactions.begin, {}, self.world.sealer),
            WaysToPay({}, (), {}),
            fetch,
            self.transactions.begin_prepared,
        )
        return await placing.place(PlacingDraft(checkout_id, total, MANUAL, key()))

    async def pay(self, order_id: UUID) -> None:
        """Record that the buyer has paid."""
        async with self.transactions.begin() as session:
            payment = await _payment(session, order_id)
        recorded = RecordedPayment(
            amount=payment.amount, currency="INR", reference=f"UTR {order_id}"
        )
        viewer = Viewer(user_id=self.admin.id, admin=True)
        await self.do(
            lambda session: record_payment(
                session, viewer, recorded, order_id=order_id, idempotency_key=key()
            )
        )

    async def receive_money(self, order_id: UUID) -> None:
        """Let a provider report that it has collected the payment, which no one can refuse."""
        async with self.transactions.begin() as session:
            payment = await _payment(session, order_id)
        await collect_money(self.world.database, payment.id)

    async def refunded(self, order_id: UUID) -> list[str]:
        rows = select(Refund.reason).where(Refund.order_id == order_id)
        async with self.world.database.session() as session:
            return [str(one) for one in (await session.exec(rows)).all()]

    async def expire_order(self, order_id: UUID) -> bool:
        over = update(Order).where(col(Order.id) == order_id)
        past = now() - timedelta(seconds=1)
        await self.do(lambda session: session.exec(over.values(hold_until=past)))
        return await expire_order(self.transactions.begin, order_id)

    async def cancel_order(self, user: int, order_id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(
            lambda session: cancel_order(
                session,
                viewer,
                CancelDraft(),
                order_id=order_id,
                idempotency_key=key(),
                return_days=14,
            )
        )


async def _payment(session: AsyncSession, order_id: UUID) -> Payment:
    rows = select(Payment).where(Payment.order_id == order_id)
    return (await session.exec(rows)).one()
