"""Confirming orders: all of their money has come, so the units are sold.

The rows change first, then the ledger, then the stock: others wait for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.clock import now
from core.statements.units import UnitOfWork
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import SubOrder
from models.orders.states import OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.payments.payments import Payment, PaymentProvider, PaymentSplit
from models.pricing.amounts import split
from services import jobs
from services.ledger.posting import post_entries
from services.ledger.wallets import claim_held
from services.orders.deductions import take
from services.orders.rows import WholeOrder


@dataclass(frozen=True)
class Confirmed:
    """The rows that a confirmation adds to those of an order."""

    splits: Sequence[PaymentSplit]
    steps: Sequence[OrderStep]


def confirm(
    rows: WholeOrder, payments: Sequence[Payment], actor: OrderActor, user_id: UUID | None
) -> Confirmed:
    """Confirm an order by payments that sum to its total, and return what is to be inserted.

    Raises `InvalidOrderState` for an order that was cancelled.
    """
    order = rows.order
    order.become(OrderState.CONFIRMED)
    order.confirmed_at = now()
    for suborder in rows.suborders:
        suborder.become(SubOrderState.CONFIRMED)
    for payment in payments:
        payment.receive(payment.amount, payment.currency)
    order.count_paid(sum(payment.amount for payment in payments))
    steps = [
        OrderStep(order_id=order.id, kind=kind, actor=actor, user_id=user_id)
        for kind in (OrderStepKind.PAID, OrderStepKind.CONFIRMED)
    ]
    return Confirmed([*_split(payments, rows.suborders)], steps)


def _split(payments: Sequence[Payment], suborders: Sequence[SubOrder]) -> Iterator[PaymentSplit]:
    """Split each payment over the parts, so that all payments of a part sum to its total."""
    rest = [suborder.total for suborder in suborders]
    for payment in payments:
        shares = split(payment.amount, rest)
        rest = [amount - share for amount, share in zip(rest, shares, strict=True)]
        for suborder, share in zip(suborders, shares, strict=True):
            if share:
                yield PaymentSplit(payment_id=payment.id, suborder_id=suborder.id, captured=share)


async def post_money(
    unit: UnitOfWork, rows: WholeOrder, confirmed: Confirmed, *, held: bool = True
) -> None:
    """Post the money of an order to the ledger: what came in, and what each vendor gets of it.

    What the platform keeps is taken from the vendor's accounts, so each statement shows it.
    An order that is paid late holds nothing of the wallet any more: it is taken from the balance.
    Raises `WalletTooLow`.
    """
    order = rows.order
    unclaimed = Account(AccountKind.UNCLAIMED, order.currency)
    paid = {one.payment_id for one in confirmed.splits}
    paid_from_wallet = AccountKind.WALLET_HELD if held else AccountKind.WALLET
    sources: dict[UUID, Account] = {}
    for payment in rows.payments:
        if payment.provider is PaymentProvider.WALLET:
            sources[payment.id] = Account(paid_from_wallet, order.currency, order.user_id)
        elif payment.id in paid:
            sources[payment.id] = unclaimed
            kind = AccountKind.PROVIDER if payment.provider.is_online else AccountKind.BANK
            legs = [Leg(Account(kind, order.currency), unclaimed, payment.captured)]
            await post_entries(unit, Posting(PostingKind.PAY, payment.id), legs)
    legs = [
        Leg(sources[one.payment_id], _pending(rows, one.suborder_id), one.captured, one.suborder_id)
        for one in confirmed.splits
    ]
    promotions = Account(AccountKind.PROMOTIONS, order.currency)
    legs += [
        Leg(promotions, _pending(rows, one.id), one.platform_discount, one.id)
        for one in rows.suborders
        if one.platform_discount
    ]
    for one in rows.suborders:
        legs += take(_pending(rows, one.id), one.deductions, one.id)
    if legs:
        await claim_held(
            unit, user_id=order.user_id, currency=order.currency, order_id=order.id, legs=legs
        )


def _pending(rows: WholeOrder, suborder_id: UUID) -> Account:
    """Return the account of what the vendor of a part gets later."""
    vendor_id = next(one.vendor_id for one in rows.suborders if one.id == suborder_id)
    return Account(AccountKind.V_PENDING, rows.order.currency, vendor_id)


async def announce(unit: UnitOfWork, rows: WholeOrder) -> None:
    """Have the buyer and the vendors notified after the commit."""
    await jobs.defer(unit, "announce_order", order_id=rows.order.id)
