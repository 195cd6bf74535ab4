"""Locks what a payment or a refund is for: an order, or a purchase from the platform."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.orders.orders import Order
from models.payments.payments import Payment
from models.payments.refunds import Refund
from models.purchases import Purchase
from services.orders.access import lock_order
from services.purchases.access import lock_purchase


@dataclass(frozen=True)
class LockedSubject:
    """An order or a purchase, which is locked."""

    row: Order | Purchase

    @property
    def order(self) -> Order | None:
        return self.row if isinstance(self.row, Order) else None

    @property
    def purchase(self) -> Purchase | None:
        return self.row if isinstance(self.row, Purchase) else None

    @property
    def payer_id(self) -> UUID:
        return self.row.user_id

    @property
    def wallet_owner_id(self) -> UUID:
        """Return whose wallet takes money that goes back: that of a vendor for its purchase."""
        return self.row.user_id if isinstance(self.row, Order) else self.row.owner_id


async def lock_subject(session: AsyncSession, of: Payment | Refund) -> LockedSubject:
    """Lock what a payment or a refund is for, a purchase with its payments. Raises `NotFound`."""
    row: Order | Purchase | None = None
    if of.order_id is not None:
        row = await lock_order(session, of.order_id)
    elif of.purchase_id is not None:
        locked = await lock_purchase(session, of.purchase_id)
        row = locked.purchase if locked else None
    if row is None:
        raise NotFound
    return LockedSubject(row)
