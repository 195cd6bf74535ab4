"""All fails while buyers pay: each payment ends settled or refunded exactly once.

The provider loses answers, fails in between, and drops, doubles and reorders its webhooks. The
server and the worker are killed, and PostgreSQL crashes. Afterwards no person is needed: the jobs,
the poller and the list of webhooks end what is open. `CHAOS_PAYMENTS` is the number of payments.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.ledger.accounts import AccountKind, LedgerAccount
from models.ledger.entries import LedgerEntry
from models.orders.orders import Order
from models.orders.states import OrderState
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import RefundPart
from payments_stand_in.server import notify
from tests.client import Client
from tests.factories.buying import Stall
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.outages.payments.crowd import PayingCrowd, Recovery
from tests.payment_providers import RunningStandIn, running_stand_in
from tests.processes import free_port
from tests.running import Postgres, Valkey

PAYMENTS = int(os.environ.get("CHAOS_PAYMENTS", "12"))
AT_ONCE = 8
FAULTS = {
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


@pytest.fixture(scope="module")
def stand_in() -> Iterator[RunningStandIn]:
    with running_stand_in() as running:
        yield running


async def test_every_payment_ends_once_whatever_fails(
    own_settings: Settings,
    postgres: Postgres,
    valkey: Valkey,
    stand_in: RunningStandIn,
    keys: SigningKeys,
    folder: Path,
) -> None:
    port = free_port()
    notify(stand_in.state, f"http://127.0.0.1:{port}")
    database = Database(own_settings.sqlalchemy_url, pool=10, statement_seconds=60)
    world = World(database, keys)
    stall = await Stall.open(world, on_hand=PAYMENTS * 3 // 4)
    chance = Random(7)
    with ExitStack() as running:
        crowd = PayingCrowd(own_settings, stand_in, world, stall, folder, port, running, chance)
        await asyncio.to_thread(crowd.start, "serve", "worker")
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30
        ) as http:
            buyers = [await crowd.buyer(Client(http, keys)) for _ in range(PAYMENTS)]
            stand_in.control(**FAULTS)
            gate = asyncio.Semaphore(AT_ONCE)
            paying = [asyncio.create_task(crowd.pay(buyer, gate)) for buyer in buyers]
            await crowd.destroy(postgres, paying)
            await asyncio.gather(*paying)
    stand_in.control(reset=True)
    await database.close()  # its connections are from before the crash
    database = Database(own_settings.sqlalchemy_url, pool=10, statement_seconds=60)
    await Recovery(own_settings, stand_in, keys, database).run()
    await ensure_settled(database, stand_in)
    await check_invariants(database)
    await database.close()


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


async def provider_balance(session: AsyncSession) -> int:
    """Return the money that is at the provider, by the ledger."""
    account = select(LedgerAccount.id).where(LedgerAccount.kind == AccountKind.PROVIDER)
    ids = (await session.exec(account)).all()
    debits = select(LedgerEntry.amount).where(col(LedgerEntry.debit_id).in_(ids))
    credits = select(LedgerEntry.amount).where(col(LedgerEntry.credit_id).in_(ids))
    return sum((await session.exec(debits)).all()) - sum((await session.exec(credits)).all())
