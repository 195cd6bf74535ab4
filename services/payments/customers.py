"""Payers, and the customers that providers know them as."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.orders import Order
from models.payments.methods import PaymentCustomer
from models.payments.payments import Payment, PaymentProvider
from models.purchases import Purchase


async def find_payer(session: AsyncSession, payment: Payment) -> UUID:
    if payment.order_id is not None:
        return (await session.get_one(Order, payment.order_id)).user_id
    return (await session.get_one(Purchase, payment.purchase_id)).user_id


async def note_customer(
    session: AsyncSession, user_id: UUID, provider: PaymentProvider, reference: str
) -> None:
    """Store as whom a provider knows a user."""
    row = PaymentCustomer(user_id=user_id, provider=provider, reference=reference)
    known = insert(PaymentCustomer).values(row.model_dump()).on_conflict_do_nothing()
    await session.execute(known)


async def find_customer(
    session: AsyncSession, user_id: UUID, provider: PaymentProvider
) -> str | None:
    rows = select(PaymentCustomer.reference).where(
        PaymentCustomer.user_id == user_id, PaymentCustomer.provider == provider
    )
    return (await session.exec(rows)).first()
