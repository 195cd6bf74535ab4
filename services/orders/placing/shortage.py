"""Units that orders compete for: what is left of them, and holds that need not be any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam
from sqlmodel import and_, any_, case, col, func, select

from core.statements.parameters import current_time
from core.statements.statement import Statement, any_of
from models.carts import CartLine
from models.catalog.variants import Variant
from models.checkouts import Checkout, CheckoutState
from models.ledger.accounts import AccountKind, LedgerAccount
from models.orders.orders import Order
from models.orders.placing import MAX_UNPAID_ORDERS, TooManyUnpaid
from models.orders.states import OrderState
from models.orders.timeline import OrderActor
from models.payments.payments import CancelReason, Payment, PaymentProvider
from models.promos.codes import PromoUse
from models.stock.levels import InsufficientStock, Stock
from models.stock.reservations import Reservation, ReservationState
from services.orders.access import lock_order
from services.orders.placing.unpaid import cancel_unpaid
from services.orders.rows import read_rows
from services.payments.calls.sending import CallSender
from services.payments.order_payments import cancel_at_provider

BATCH_SIZE = 100

_CHECKOUT, _USER = bindparam("checkout_id", type_=Uuid()), bindparam("user_id", type_=Uuid())
_HELD = and_(
    col(Reservation.order_id) == col(Order.id),
    col(Reservation.state) == ReservationState.HELD,
    col(Order.state) == OrderState.PENDING,
)
# The buyer's own orders that hold the variant and are not paid. Those of this checkout are not
# among them: a retry must not cancel what its first request has placed.
_OWN = (
    select(func.array_agg(col(Order.id)))
    .join(Reservation, _HELD)
    .where(
        col(Order.user_id) == _USER,
        col(Order.checkout_id) != _CHECKOUT,
        col(Reservation.variant_id) == col(Variant.id),
    )
    .correlate(Variant)
    .scalar_subquery()
)
# Without a correlation, so that it is evaluated once.
_UNPAID = (
    select(func.count())
    .select_from(
        select(col(Order.id))
        .where(
            col(Order.user_id) == _USER,
            col(Order.state) == OrderState.PENDING,
            col(Order.hold_until) > current_time(),
        )
        .limit(MAX_UNPAID_ORDERS)
        .subquery()
    )
    .scalar_subquery()
)
_COLUMNS: list[Any] = [
    col(Variant.id),
    col(CartLine.quantity),
    case((col(Variant.tracks_stock), col(Stock.on_hand) - col(Stock.reserved)), else_=None).label(
        "available"
    ),
    _OWN.label("own_order_ids"),
    _UNPAID.label("unpaid"),
]
CONTEST = Statement(
    select(*_COLUMNS)
    .select_from(Checkout)
    .join(CartLine, col(CartLine.cart_id) == col(Checkout.cart_id))
    .join(Variant, col(Variant.id) == col(CartLine.variant_id))
    .join(Stock, col(Stock.variant_id) == col(Variant.id))
    .where(
        col(Checkout.id) == _CHECKOUT,
        col(Checkout.user_id) == _USER,
        col(Checkout.state) == CheckoutState.OPEN,
        col(Checkout.expires_at) > current_time(),
        col(Variant.currency) == col(Checkout.currency),
    )
    .order_by(col(Variant.id))
)
DEAD_HOLDS = Statement(
    select(col(Order.id))
    .join(Reservation, _HELD)
    .where(any_of(col(Reservation.variant_id)), col(Order.hold_until) <= current_time())
    .distinct()
    .limit(BATCH_SIZE)
)

_ENTERED: Any = Checkout.promo_code_ids
# The buyer's own orders that are not paid, and hold uses of the codes of a checkout.
OWN_USES = Statement(
    select(col(Order.id))
    .join(PromoUse, col(PromoUse.order_id) == col(Order.id))
    .join(Checkout, col(PromoUse.promo_code_id) == any_(_ENTERED))
    .where(
        col(Checkout.id) == _CHECKOUT,
        col(Checkout.user_id) == _USER,
        col(Order.user_id) == _USER,
        col(Order.checkout_id) != _CHECKOUT,
        col(Order.state) == OrderState.PENDING,
    )
    .distinct()
)

_FREE = (
    select(func.coalesce(func.sum(LedgerAccount.balance), 0))
    .where(
        col(LedgerAccount.owner_id) == _USER,
        col(LedgerAccount.currency) == col(Checkout.currency),
        col(LedgerAccount.kind).in_((AccountKind.WALLET, AccountKind.WALLET_PROMO)),
    )
    .correlate(Checkout)
    .scalar_subquery()
)
# The buyer's own orders that are not paid, and hold money of the wallet that a checkout takes from,
# with what is `free` in it.
OWN_MONEY = Statement(
    select(col(Order.id), col(Payment.amount), col(Checkout.wallet), _FREE.label("free"))
    .join(Payment, col(Payment.order_id) == col(Order.id))
    .join(Checkout, col(Checkout.currency) == col(Order.currency))
    .where(
        col(Checkout.id) == _CHECKOUT,
        col(Checkout.user_id) == _USER,
        col(Order.user_id) == _USER,
        col(Order.checkout_id) != _CHECKOUT,
        col(Order.state) == OrderState.PENDING,
        col(Payment.provider) == PaymentProvider.WALLET,
    )
    .order_by(col(Order.created_at), col(Order.id))
)


def find_lacking_money(rows: Sequence[asyncpg.Record], total: int) -> Sequence[UUID]:
    """Return the oldest orders whose held money a checkout of a total lacks beside what is free.

    None if the money of all of them is not enough.
    """
    found: list[UUID] = []
    for row in rows:
        found.append(row["id"])
        free = row["free"] + sum(one["amount"] for one in rows[: len(found)])
        if free >= min(row["wallet"], total):
            return found
    return []


@dataclass(frozen=True)
class Contest:
    """The goods of a checkout that is open, as they are now. Nothing is locked."""

    rows: Sequence[asyncpg.Record]

    @property
    def variant_ids(self) -> Sequence[UUID]:
        """Return the variants in the order in which their stock is locked."""
        return [row["id"] for row in self.rows]

    @property
    def own_order_ids(self) -> Sequence[UUID]:
        return sorted({id for row in self.rows for id in row["own_order_ids"] or ()})

    def ensure_few_unpaid(self) -> None:
        """Raise `TooManyUnpaid` for a buyer who holds too much that is not paid.

        Requests at once can exceed the limit by their number.
        """
        if self.rows and self.rows[0]["unpaid"] >= MAX_UNPAID_ORDERS:
            raise TooManyUnpaid(most=MAX_UNPAID_ORDERS)

    def ensure_enough(self) -> None:
        """Raise `InsufficientStock` for the first variant with too few units.

        Most are refused like this when a sale is over: without a lock or a transaction.
        """
        for row in self.rows:
            available = row["available"]
            if available is not None and available < row["quantity"]:
                raise InsufficientStock(variant_id=row["id"], available=max(0, available))


async def end_own_orders(sender: CallSender, order_ids: Sequence[UUID], user_id: UUID) -> None:
    """Cancel orders of a buyer that are not paid, unless one was paid in the meantime.

    Their payments are cancelled at the providers first. Money that comes yet goes back.
    """
    for order_id in order_ids:
        await cancel_at_provider(sender, order_id, CancelReason.BUYER)
        async with sender.transaction() as session:
            order = await lock_order(session, order_id)
            if order is not None and order.state is OrderState.PENDING:
                rows = await read_rows(session, order)
                await cancel_unpaid(session, rows, actor=OrderActor.BUYER, user_id=user_id)
