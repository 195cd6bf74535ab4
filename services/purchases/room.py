"""Room in wallets, which can have so much money without a check of their owner's papers."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import in_major_units
from models.ledger.accounts import WALLET_KINDS, LedgerAccount
from models.purchases import (
    TOP_UP_LIMITS,
    VENDOR_FACTOR,
    Purchase,
    PurchaseKind,
    PurchaseState,
    WalletFull,
)
from services.ledger.wallets import lock_wallet


async def ensure_room(
    session: AsyncSession, owner_id: UUID, amount: int, currency: str, *, of_vendor: bool
) -> None:
    """Raise `WalletFull` if the wallet would have too much once all top-ups are paid."""
    balances = select(func.coalesce(func.sum(LedgerAccount.balance), 0)).where(
        LedgerAccount.owner_id == owner_id,
        LedgerAccount.currency == currency,
        col(LedgerAccount.kind).in_(WALLET_KINDS),
    )
    waiting = select(func.coalesce(func.sum(Purchase.total), 0)).where(
        Purchase.owner_id == owner_id,
        Purchase.currency == currency,
        Purchase.kind == PurchaseKind.TOP_UP,
        Purchase.state == PurchaseState.PENDING,
    )
    has = int((await session.exec(balances)).one()) + int((await session.exec(waiting)).one())
    most = TOP_UP_LIMITS[currency].balance * (VENDOR_FACTOR if of_vendor else 1)
    if has + amount > most:
        raise WalletFull(
            most=in_major_units(most, currency), currency=currency, field=["amountMinor"]
        )


async def ensure_still_room(session: AsyncSession, purchase: Purchase) -> None:
    """Raise `WalletFull` for a top-up that has expired, whose room others may have taken."""
    owner_id, currency = purchase.owner_id, purchase.currency
    await lock_wallet(session, owner_id, currency)
    of_vendor = purchase.vendor_id is not None
    await ensure_room(session, owner_id, purchase.total, currency, of_vendor=of_vendor)
