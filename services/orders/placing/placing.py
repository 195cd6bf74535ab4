"""Placing orders: a checkout becomes an order that holds its units until it is paid.

Many order the same goods at once when a sale begins, so the statements are prepared: see
docs/architecture/reads.md. What others wait for is taken last: promo codes, the wallet, then the
stock. Only a few per process wait for the stock of one variant; the others queue before they take
a connection.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update

from core.clock import now
from core.database import for_change
from core.security.sealed import Sealer
from core.statements.inserts import insert_row, insert_rows
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.carts import Cart
from models.checkouts import Checkout, CheckoutState
from models.errors import InvalidInput, NotFound
from models.events.selling.holds import HeldTicketsChanged
from models.ledger.accounts import WalletTooLow
from models.orders.lines import MAX_LINES, LineKind
from models.orders.orders import Order
from models.orders.placing import TotalChanged
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.payments.payments import PaymentProvider
from models.payments.ways import PaymentWay
from models.promos.codes import PromoUsedUp, PromoUseLimitReached
from models.stock.levels import InsufficientStock
from services import idempotency, jobs
from services.carts.ordered import remove_ordered
from services.checkouts.quote import quote_checkout
from services.ledger.wallets import hold_wallet
from services.orders.deductions import find_rates
from services.orders.placing.building import NewOrder, build_order, new_number
from services.orders.placing.confirming import Confirmed, announce, confirm, post_money
from services.orders.placing.expiry import try_to_expire
from services.orders.placing.shortage import (
    CONTEST,
    DEAD_HOLDS,
    OWN_MONEY,
    OWN_USES,
    Contest,
    end_own_orders,
    find_lacking_money,
)
from services.orders.rows import WholeOrder, publish
from services.orders.rules import RULES
from services.payments.calls.rows import plan_payments
from services.payments.calls.sending import CallSender
from services.payments.ways import WaysToPay, ensure_own_method
from services.promos.uses import reserve_uses
from services.viewer import Viewer

log = structlog.get_logger(__name__)

MAX_GATES = 5  # of the hot rows of one order; more are rarely hot at the same time
MAX_NUMBER_TRIES = 5

OpenPrepared = Callable[..., AbstractAsyncContextManager[PreparedTransaction]]
Fetch = Callable[..., Awaitable[list[Any]]]

_THIS_CHECKOUT = (
    col(Checkout.id) == bindparam("checkout_id", type_=Uuid()),
    col(Checkout.user_id) == bindparam("user_id", type_=Uuid()),
)
# Lines of a cart change under its lock, so they stay as they are while they are ordered.
LOCK_CART = Statement(
    for_change(
        select(col(Cart.id)).where(
            col(Cart.id)
            == select(Checkout.cart_id).where(*_THIS_CHECKOUT).correlate(None).scalar_subquery()
        )
    )
)
LOCK_CHECKOUT = Statement(
    for_change(select(*columns_of(Checkout)).where(*_THIS_CHECKOUT)), Checkout
)
MARK_ORDERED = Statement(
    update(Checkout)
    .where(*_THIS_CHECKOUT)
    .values(state=CheckoutState.ORDERED, ship_to=None, bill_to=None, buyer_tax_id=None)
)
INSERT_ORDER = Statement(insert(Order).on_conflict_do_nothing(index_elements=["number"]))


@dataclass(frozen=True)
class PlacingDraft:
    """An order as the buyer agreed to it. `expected_total` is in minor units."""

    checkout_id: UUID
    expected_total: int
    way: PaymentWay
    idempotency_key: str


@dataclass(frozen=True)
class Placing:
    """Places orders of a viewer, who pays in one of the `ways`.

    `fetch` sends a statement without a transaction. `prepared` opens one for the hot rows that will
    be locked, and the `sender` one with a session.
    """

    viewer: Viewer
    sender: CallSender
    ways: WaysToPay
    fetch: Fetch
    prepared: OpenPrepared

    async def place(self, draft: PlacingDraft) -> UUID:
        """Place an order, once per idempotency key, and return its id.

        Unpaid orders of the same buyer that hold the same goods are cancelled first, and those that
        hold the last uses of the promo codes or the money of the wallet too, so that a buyer is
        never refused because of an own former attempt. A hold that is changed meanwhile is ordered
        as it is then, if the total is still the expected one. A buyer for whom there are too few
        units ends the holds whose time is over, and tries once more. The call that has a provider
        collect the payment is planned; the caller sends it.

        Raises `NotFound`, `ProviderNotAvailable`, `PaymentTooSmall`, `CheckoutExpired`, the
        refusals of the checkout's problems and of promo codes, `TotalChanged`, `WalletTooLow`,
        `HeldTicketsChanged` if a hold is changed twice meanwhile, and `TooManyUnpaid`.
        """
        user_id = self.viewer.require_user()
        self.ways.ensure_valid(draft.way)
        if draft.way.method_id is not None:
            async with self.sender.transaction() as session:
                await ensure_own_method(session, self.viewer, draft.way)
        contest = await self._find_contest(draft)
        if contest.own_order_ids:
            await end_own_orders(self.sender, contest.own_order_ids, user_id)
            contest = await self._find_contest(draft)
        try:
            return await self._try(draft, contest)
        except InsufficientStock:
            if not await self._end_dead_holds(contest):
                raise
        except (PromoUseLimitReached, PromoUsedUp):
            if not await self._end_own_uses(draft):
                raise
        except WalletTooLow:
            if not await self._end_own_money(draft):
                raise
        except HeldTicketsChanged:
            log.info("order.hold_changed", checkout_id=str(draft.checkout_id))
        return await self._try(draft, await self._find_contest(draft))

    async def _find_contest(self, draft: PlacingDraft) -> Contest:
        user_id = self.viewer.require_user()
        rows = await self.fetch(CONTEST, checkout_id=draft.checkout_id, user_id=user_id)
        return Contest(rows)

    async def _try(self, draft: PlacingDraft, contest: Contest) -> UUID:
        contest.ensure_few_unpaid()
        contest.ensure_enough()
        async with self.prepared(*contest.variant_ids[:MAX_GATES]) as unit:
            return await _place(unit, self.viewer, self.sender.sealer, self.ways, draft)

    async def _end_dead_holds(self, contest: Contest) -> bool:
        """Return units of these variants that orders hold whose time is over."""
        rows = await self.fetch(DEAD_HOLDS, keys=contest.variant_ids)
        ended = [await try_to_expire(self.sender.transaction, row[0]) for row in rows]
        return any(ended)

    async def _end_own_uses(self, draft: PlacingDraft) -> bool:
        """Return the uses of the codes that the buyer's own unpaid orders hold."""
        user_id = self.viewer.require_user()
        rows = await self.fetch(OWN_USES, checkout_id=draft.checkout_id, user_id=user_id)
        await end_own_orders(self.sender, [row[0] for row in rows], user_id)
        return bool(rows)

    async def _end_own_money(self, draft: PlacingDraft) -> bool:
        """Return the money of the wallet that the buyer's own unpaid orders hold, if it is enough.

        The oldest end first, and no more of them than it takes.
        """
        user_id = self.viewer.require_user()
        rows = await self.fetch(OWN_MONEY, checkout_id=draft.checkout_id, user_id=user_id)
        ids = find_lacking_money(rows, draft.expected_total)
        await end_own_orders(self.sender, ids, user_id)
        return bool(ids)


async def _place(
    unit: PreparedTransaction,
    viewer: Viewer,
    sealer: Sealer,
    ways: WaysToPay,
    draft: PlacingDraft,
) -> UUID:
    claimed = await idempotency.claim(
        unit,
        viewer,
        "placeOrder",
        draft.idempotency_key,
        checkout_id=draft.checkout_id,
        expected_total=draft.expected_total,
        way=draft.way.model_dump(),
    )
    if claimed.replayed:
        return claimed.replayed
    checkout = await _lock_checkout(unit.connection, viewer, draft.checkout_id)
    time = now()
    checkout.ensure_open(time)
    quote = await quote_checkout(unit, viewer, sealer, checkout)
    quote.ensure_orderable()
    if sum(len(group.sellable) for group in quote.groups) > MAX_LINES:
        raise InvalidInput("An order can have at most {most} different things.", most=MAX_LINES)
    if quote.total != draft.expected_total:
        raise TotalChanged(total=quote.total, currency=quote.currency)
    _ensure_payable(ways, draft.way, quote.total - checkout.wallet, quote.currency)
    rates = await find_rates(unit, [group.vendor.id for group in quote.groups])
    new = build_order(checkout, quote, sealer, draft.way, time, rates)
    confirmed = _confirm_if_paid(new.rows)
    await _store(unit, new, confirmed)
    await _end_checkout(unit, checkout, new.rows)
    await idempotency.record_result(unit, claimed, new.rows.order.id)
    await _take(unit, new, confirmed)
    return new.rows.order.id


def _ensure_payable(ways: WaysToPay, way: PaymentWay, rest: int, currency: str) -> None:
    """Refuse a way that cannot pay for what the wallet leaves."""
    if rest <= 0:
        return
    if way.provider is PaymentProvider.WALLET:
        raise InvalidInput(
            "Your wallet does not pay for all of it. Choose how to pay the rest.",
            field=["provider"],
        )
    ways.ensure_possible(way, rest, currency)


async def _lock_checkout(
    connection: asyncpg.Connection, viewer: Viewer, checkout_id: UUID
) -> Checkout:
    """Lock the viewer's checkout, after its cart."""
    mine = {"checkout_id": checkout_id, "user_id": viewer.require_user()}
    await LOCK_CART.fetch(connection, **mine)
    row = await LOCK_CHECKOUT.fetch_one(connection, **mine)
    if row is None:
        raise NotFound
    return Checkout(**{name: getattr(row, name) for name in Checkout.model_fields})


def _confirm_if_paid(rows: WholeOrder) -> Confirmed | None:
    """Confirm an order at once if the wallet pays for all of it, or if it costs nothing."""
    if rows.wallet_amount < rows.order.total:
        return None
    return confirm(rows, rows.payments, OrderActor.BUYER, rows.order.user_id)


async def _store(unit: PreparedTransaction, new: NewOrder, confirmed: Confirmed | None) -> None:
    """Insert the rows that no other transaction waits for."""
    connection, rows = unit.connection, new.rows
    order = await _insert_order(connection, rows.order)
    placed = OrderStep(
        order_id=order.id,
        kind=OrderStepKind.PLACED,
        actor=OrderActor.BUYER,
        user_id=order.user_id,
    )
    await insert_rows(connection, rows.suborders)
    await insert_rows(connection, rows.lines)
    await insert_rows(connection, new.taxes)
    await insert_rows(connection, new.discounts)
    await insert_rows(connection, rows.payments)
    await insert_row(connection, placed)
    if confirmed is None:
        await jobs.defer(unit, "expire_order", at=order.hold_until, order_id=order.id)
        await plan_payments(unit, rows.payments)
        return
    await insert_rows(connection, confirmed.splits)
    await insert_rows(connection, confirmed.steps)


async def _insert_order(connection: asyncpg.Connection, order: Order) -> Order:
    """Insert an order. If its number is taken already, another one is tried."""
    for _ in range(MAX_NUMBER_TRIES):
        if await INSERT_ORDER.execute(connection, **vars(order)):
            return order
        order.number = new_number()
    raise RuntimeError("No free number for an order was found.")


async def _end_checkout(unit: PreparedTransaction, checkout: Checkout, rows: WholeOrder) -> None:
    """End the checkout, and remove what was ordered from the cart."""
    ordered = [line.ref_id for line in rows.lines if line.kind is LineKind.GOODS]
    await MARK_ORDERED.execute(unit.connection, checkout_id=checkout.id, user_id=checkout.user_id)
    if checkout.cart_id is not None:
        await remove_ordered(unit, checkout.cart_id, checkout.user_id, ordered)


async def _take(unit: PreparedTransaction, new: NewOrder, confirmed: Confirmed | None) -> None:
    """Take what others wait for: promo codes, the wallet, and last the stock."""
    rows = new.rows
    order = rows.order
    await reserve_uses(unit, user_id=order.user_id, order_id=order.id, amounts=new.uses)
    await hold_wallet(
        unit,
        user_id=order.user_id,
        currency=order.currency,
        order_id=order.id,
        amount=rows.wallet_amount,
    )
    if confirmed is not None:
        await post_money(unit, rows, confirmed)
        await announce(unit, rows)
    publish(unit, rows)
    for kind, lines in rows.by_kind.items():
        await RULES[kind].take(unit, order, lines)
    if confirmed is not None:
        for kind, lines in rows.by_kind.items():
            await RULES[kind].line_paid(unit, order, lines)
