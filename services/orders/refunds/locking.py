"""Locks of what a refund gives back beside the order, taken before what was sold is locked.

An order takes codes, then the wallet, then what it buys. A refund of a booking or of a ticket
starts from that, and would wait for the others in the wrong order.
"""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.ledger.accounts import WALLET_KINDS, LedgerAccount
from models.orders.orders import Order
from models.payments.payments import Payment, PaymentProvider
from models.promos.codes import PromoCode, PromoUse


async def lock_codes_and_wallets(session: AsyncSession, order_ids: Collection[UUID]) -> None:
    """Lock the codes that orders have used, and the wallets that have paid for them, by their ids.

    The caller has locked the orders.
    """
    used = select(PromoUse.promo_code_id).where(col(PromoUse.order_id).in_(order_ids))
    codes = select(PromoCode.id).where(col(PromoCode.id).in_(used)).order_by(col(PromoCode.id))
    await session.exec(for_change(codes))
    paid = exists_in(
        Payment,
        col(Payment.order_id) == col(Order.id),
        col(Payment.provider) == PaymentProvider.WALLET,
    )
    wallet = exists_in(
        Order,
        col(Order.id).in_(order_ids),
        col(Order.user_id) == col(LedgerAccount.owner_id),
        col(Order.currency) == col(LedgerAccount.currency),
        paid,
    )
    accounts = select(LedgerAccount.id).where(col(LedgerAccount.kind).in_(WALLET_KINDS), wallet)
    await session.exec(for_change(accounts.order_by(col(LedgerAccount.id))))
