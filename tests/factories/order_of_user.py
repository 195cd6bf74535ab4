"""The order of a user: paid, expired and refunded as the platform and providers do it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select, update

from core.clock import now
from core.database import Database
from core.ids import new_id
from gateways.payments.gateway import MoneyStatus, ProviderPayment
from models.identity.accounts import User
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.payments import Payment, PaymentProvider
from models.payments.recording import RecordedPayment
from models.payments.refunds import Refund
from services.orders.handling.on_site import deliver_on_site
from services.orders.placing.expiry import expire_order
from services.payments.recording import record_payment
from services.payments.settling import settle_payment
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.buying import Unheard
from tests.factories.world import World


@dataclass
class OrderOfUser:
    """The only order of a user."""

    world: World
    user: User

    async def order(self) -> Order:
        rows = select(Order).where(Order.user_id == self.user.id).order_by(col(Order.id).desc())
        async with self.world.database.session() as session:
            return (await session.exec(rows)).one()

    async def line(self) -> OrderLine:
        order = await self.order()
        rows = (
            select(OrderLine)
            .join(SubOrder, col(SubOrder.id) == OrderLine.suborder_id)
            .where(SubOrder.order_id == order.id)
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows)).one()

    async def pay(self, admin: User | None = None) -> None:
        """Record the transfer of the buyer, once."""
        order = await self.order()
        admin = admin or await self.world.admin()
        rows = select(Payment).where(Payment.order_id == order.id)
        async with Transactions(self.world.database, Unheard()).begin() as session:
            payment = (await session.exec(rows)).one()
            recorded = RecordedPayment(
                amount=payment.amount, currency=payment.currency, reference=f"UTR {order.id.hex}"
            )
            await record_payment(
                session,
                Viewer(user_id=admin.id, admin=True),
                recorded,
                order_id=order.id,
                idempotency_key=str(new_id()),
            )

    async def receive_money(self) -> None:
        """Let a provider report that it has collected the payment of the order."""
        order = await self.order()
        rows = select(Payment).where(Payment.order_id == order.id)
        async with self.world.database.session() as session:
            payment = (await session.exec(rows)).one()
        await collect_money(self.world.database, payment.id)

    async def refunded(self) -> list[tuple[str, int]]:
        """Return the reason and amount of each refund of the order."""
        order = await self.order()
        rows = select(Refund.reason, Refund.amount).where(Refund.order_id == order.id)
        async with self.world.database.session() as session:
            found = (await session.exec(rows.order_by(col(Refund.id)))).all()
        return [(str(reason), amount) for reason, amount in found]

    async def deliver(self) -> None:
        """Run the job of what is had on site."""
        order = await self.order()
        async with Transactions(self.world.database, Unheard()).begin() as session:
            await deliver_on_site(session, order.id, 14)

    async def expire(self) -> None:
        order = await self.order()
        over = update(Order).where(col(Order.id) == order.id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(over.values(hold_until=now() - timedelta(seconds=1)))
        transactions = Transactions(self.world.database, Unheard())
        assert await expire_order(transactions.begin, order.id)


async def collect_money(database: Database, payment_id: UUID) -> None:
    """Settle a payment that a provider has collected."""
    async with Transactions(database, Unheard()).begin() as session:
        payment = await session.get_one(Payment, payment_id)
        if payment.provider is not PaymentProvider.STRIPE:
            payment.provider = PaymentProvider.STRIPE
            await session.flush()
        seen = ProviderPayment(
            reference=f"pi_{payment.id.hex}",
            payment_id=payment.id,
            status=MoneyStatus.SUCCEEDED,
            amount=payment.amount,
            currency=payment.currency,
            captured=payment.amount,
        )
        await settle_payment(session, payment.id, seen)
