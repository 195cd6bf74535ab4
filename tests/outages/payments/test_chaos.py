"""All fails while buyers pay: each payment ends settled or refunded exactly once.

The provider loses answers, fails in between, and drops, doubles and reorders its webhooks. The
server and the worker are killed, and PostgreSQL crashes. Afterwards no person is needed: the jobs,
the poller and the list of webhooks end what is open. Each order is of goods, a ticket and the
deposit of a booking: who has paid has these or the money back, and never both. `CHAOS_PAYMENTS` is
the number of payments.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.bookings.bookings import Booking, BookingState
from models.events.selling.holds import HoldState, TicketHold
from models.events.tickets import Ticket
from models.ledger.accounts import AccountKind, LedgerAccount
from models.ledger.entries import LedgerEntry
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import RefundPart
from payments_stand_in.server import notify
from services.payments.calls.sending import CallSender, Sending
from tests.client import Client
from tests.factories.buying import Stall
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.outages.payments.crowd import PayingCrowd, Recovery
from tests.payment_providers import RunningStandIn, running_stand_in
from tests.processes import free_port
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.events.box_office import BoxOffice
from tests.running import Postgres

PAYMENTS = int(os.environ.get("CHAOS_PAYMENTS", "16"))
AT_ONCE = 4
FAULTS: dict[str, Any] = {
    "path": "/v1/",
    "lose_share": 0.5,
    "fail_share": 0.05,
    "webhooks": {
        "drop_share": 0.2,
        "duplicate_share": 0.3,
        "spread_ms": 1500,
        "attempts": 4,
        "retry_ms": 100,
    },
}
# Each answer is lost, and no webhook arrives.
NO_ANSWERS: dict[str, Any] = {"path": "/v1/", "lose_share": 1, "webhooks": {"drop_share": 1}}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[RunningStandIn]:
    with running_stand_in() as running:
        yield running


@dataclass
class Chaos:
    """Buyers who pay while all fails, and what is left when all is well again."""

    settings: Settings
    postgres: Postgres
    stand_in: RunningStandIn
    keys: SigningKeys
    folder: Path

    def database(self) -> Database:
        return Database(self.settings.sqlalchemy_url, pool=10, statement_seconds=60)

    async def let_them_pay(self, payments: int, faults: Mapping[str, Any], *, kill: bool) -> None:
        port = free_port()
        notify(self.stand_in.state, f"http://127.0.0.1:{port}")
        world = World(self.database(), self.keys)
        stall = await Stall.open(world, on_hand=payments * 3 // 4)
        office = await BoxOffice.open(world, capacity=payments)
        with ExitStack() as running:
            crowd = PayingCrowd(
                self.settings,
                self.stand_in,
                world,
                stall,
                office,
                await Clinic.open(world),
                self.folder,
                port,
                running,
                Random(7),
            )
            await asyncio.to_thread(crowd.start, "serve", *(["worker"] if kill else []))
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30
            ) as http:
                buyers = [await crowd.buyer(Client(http, self.keys)) for _ in range(payments)]
                self.stand_in.control(**faults)
                gate = asyncio.Semaphore(AT_ONCE)
                paying = [asyncio.create_task(crowd.pay(buyer, gate)) for buyer in buyers]
                if kill:
                    await crowd.destroy(self.postgres, paying)
                await asyncio.gather(*paying)
        assert not kill or {*crowd.killed} == {"serve", "worker", "postgres"}
        self.stand_in.control(reset=True)
        await world.database.close()  # its connections are from before the crash

    async def recover(self) -> None:
        """Do what the worker and its schedule do, and compare everything."""
        database = self.database()
        await Recovery(self.settings, self.stand_in, self.keys, database).run()
        ensure_made_once(self.stand_in)
        await ensure_settled(database, self.stand_in)
        await ensure_tickets(database)
        await ensure_bookings(database)
        await check_invariants(database)
        await check_books(database)
        await database.close()


@pytest.fixture
def chaos(
    own_settings: Settings,
    postgres: Postgres,
    stand_in: RunningStandIn,
    keys: SigningKeys,
    folder: Path,
) -> Chaos:
    return Chaos(own_settings, postgres, stand_in, keys, folder)


async def test_every_payment_ends_once_whatever_fails(chaos: Chaos) -> None:
    await chaos.let_them_pay(PAYMENTS, FAULTS, kill=True)
    await chaos.recover()


async def test_without_the_stored_keys_payments_are_made_twice(
    chaos: Chaos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control. It is the last test of this database."""
    ask = CallSender._ask

    async def ask_with_a_new_key(sender: CallSender, gateway: Any, sending: Sending) -> None:
        sending.call.key = str(new_id())
        await ask(sender, gateway, sending)

    await chaos.let_them_pay(4, NO_ANSWERS, kill=False)
    monkeypatch.setattr(CallSender, "_ask", ask_with_a_new_key)
    with pytest.raises(AssertionError, match="made twice"):
        await chaos.recover()


def ensure_made_once(stand_in: RunningStandIn) -> None:
    """Find payments and parts of refunds of which the provider has two objects."""
    made = Counter(
        one["metadata"][name]
        for kind, name in (("payment_intent", "payment_id"), ("refund", "refund_part_id"))
        for one in stand_in.objects(kind).values()
    )
    assert set(made.values()) <= {1}, f"made twice: {made.most_common(3)}"


async def ensure_settled(database: Database, stand_in: RunningStandIn) -> None:
    """Compare each payment, the ledger and the provider."""
    online = Payment.provider == PaymentProvider.STRIPE
    async with database.session() as session:
        payments = (await session.exec(select(Payment).where(online))).all()
        orders = {one.id: one for one in (await session.exec(select(Order))).all()}
        confirming = set((await session.exec(select(PaymentSplit.payment_id).distinct())).all())
        parts = (
            await session.exec(select(RefundPart).where(RefundPart.provider == "STRIPE"))
        ).all()
        balance = await provider_balance(session)
    by_reference = {one.reference: one for one in payments}
    refunded: Counter[str] = Counter()
    for refund in stand_in.objects("refund").values():
        refunded[refund["payment_intent"]] += refund["amount"]
    received = 0
    for reference, intent in stand_in.objects("payment_intent").items():
        taken = intent["amount_received"]
        received += taken - refunded[reference]
        if not taken:
            continue
        payment = by_reference[reference]
        assert payment.status is PaymentStatus.SUCCEEDED, payment
        assert payment.order_id is not None
        order = orders[payment.order_id]
        pays = payment.id in confirming
        assert (order.confirmed_at is not None) or not pays
        wanted = payment.refunded if pays else taken
        assert (payment.captured, refunded[reference]) == (taken, wanted), (payment, order)
    assert all(one.settled_at is not None for one in parts)
    assert not any(one.status.is_live for one in payments)
    assert not any(one.state is OrderState.PENDING for one in orders.values())
    assert balance == received
    paid = Counter(one.order_id for one in payments if one.id in confirming)
    assert set(paid.values()) <= {1}
    assert OrderState.CONFIRMED in {one.state for one in orders.values()}


async def ensure_tickets(database: Database) -> None:
    """Find orders that were confirmed without their ticket, or have one although they were not."""
    async with database.session() as session:
        holds = (await session.exec(select(TicketHold))).all()
        orders = {one.id: one for one in (await session.exec(select(Order))).all()}
        tickets = Counter((await session.exec(select(Ticket.hold_id))).all())
    ordered = {one.id: orders[one.order_id] for one in holds if one.order_id is not None}
    assert {one.order_id for one in holds} >= orders.keys()
    confirmed = {id for id, order in ordered.items() if order.confirmed_at is not None}
    assert tickets == dict.fromkeys(confirmed, 1)
    assert {one.id for one in holds if one.state is HoldState.SOLD} == confirmed
    assert not any(one.state is HoldState.CHECKOUT for one in holds)


async def ensure_bookings(database: Database) -> None:
    """Find orders that were confirmed without their booking, or have one although they were not."""
    line_of = OrderLine, col(OrderLine.id) == col(Booking.order_line_id)
    of_orders = (
        select(Booking.state, Order.confirmed_at)
        .join(*line_of)
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .join(Order, col(Order.id) == col(SubOrder.order_id))
    )
    async with database.session() as session:
        ordered = (await session.exec(of_orders)).all()
        orders = (await session.exec(select(Order.id))).all()
    assert len(ordered) == len(orders)
    ends = {(state, confirmed_at is not None) for state, confirmed_at in ordered}
    assert ends <= {(BookingState.CONFIRMED, True), (BookingState.EXPIRED, False)}


async def provider_balance(session: AsyncSession) -> int:
    """Return the money that is at the provider, by the ledger."""
    account = select(LedgerAccount.id).where(LedgerAccount.kind == AccountKind.PROVIDER)
    ids = (await session.exec(account)).all()
    debits = select(LedgerEntry.amount).where(col(LedgerEntry.debit_id).in_(ids))
    credits = select(LedgerEntry.amount).where(col(LedgerEntry.credit_id).in_(ids))
    return sum((await session.exec(debits)).all()) - sum((await session.exec(credits)).all())
