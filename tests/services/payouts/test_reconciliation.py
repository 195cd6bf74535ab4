"""Reconciliation: each line of a provider agrees with one posting, or is a discrepancy."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select, update

from core.clock import now
from core.ids import new_id
from gateways.payments.gateway import BalanceTransaction as Line
from gateways.payments.gateway import MoneyStatus
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payouts.reconciliation import (
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from services.ledger.balances import read_balance
from services.ledger.posting import post_entries
from services.payouts.outcomes import follow_payout
from services.payouts.reconciliation.balances import compare_balances
from services.payouts.reconciliation.importing import import_lines
from services.payouts.reconciliation.matching import UNDERWAY, match_lines
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.services.payouts.conftest import Rail

STRIPE = PaymentProvider.STRIPE
PROVIDER = Account(AccountKind.PROVIDER, "EUR")
OLD = timedelta(days=2)


def line(kind: str, amount: int, source: str, fee: int = 0, **values: Any) -> Line:
    given: dict[str, Any] = {
        "reference": f"txn_{new_id().hex}",
        "currency": "EUR",
        "created_at": now(),
    } | values
    return Line(kind=kind, amount=amount, fee=fee, net=amount - fee, source=source, **given)


async def paid(rail: Rail, amount: int) -> Payment:
    """Return a payment of an order that Stripe has collected, with its posting."""
    placed = await rail.world.placed_order(await rail.world.user(), [rail.vendor])
    reference = f"pi_{placed.order.id.hex}"
    payment = Payment(
        order_id=placed.order.id,
        provider=STRIPE,
        status=PaymentStatus.SUCCEEDED,
        amount=amount,
        currency="EUR",
        captured=amount,
        reference=reference,
    )
    await rail.world.save(payment)
    leg = Leg(PROVIDER, Account(AccountKind.UNCLAIMED, "EUR"), amount)
    async with rail.world.database.session() as session, session.begin():
        await post_entries(session, Posting(PostingKind.PAY, payment.id), [leg])
    return payment


async def reconcile(rail: Rail) -> list[ProviderTransaction]:
    await import_lines(rail.transactions.begin, STRIPE, rail.provider.gateway)
    await match_lines(rail.transactions.begin)
    async with rail.world.database.session() as session:
        rows = select(ProviderTransaction).where(
            ProviderTransaction.kind != TransactionKind.BALANCE
        )
        found = (await session.exec(rows.order_by(ProviderTransaction.id))).all()  # type: ignore[arg-type]
    return list(found)


async def balance_rows(world: World) -> list[tuple[MatchState, int]]:
    async with world.database.session() as session:
        rows = select(ProviderTransaction).where(
            ProviderTransaction.kind == TransactionKind.BALANCE
        )
        return [(one.state, one.amount) for one in (await session.exec(rows)).all()]


async def test_lines_match_their_postings_and_post_their_fees(rail: Rail, world: World) -> None:
    payment = await paid(rail, 100_00)
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    async with rail.transactions.begin() as session:
        await follow_payout(session, payout.id, MoneyStatus.SUCCEEDED)
    reference = (await world.fresh(payout)).reference or ""
    rail.provider.lines = [
        line("PAYMENT", 100_00, payment.reference or "", fee=3_20),
        line("TRANSFER", -500_00, reference),
        line("FEE", 0, "", fee=2_00),
        line("PAYOUT", -50_00, "po_1"),
    ]
    for _ in range(2):
        found = await reconcile(rail)
        assert [one.state for one in found] == [MatchState.MATCHED] * 4
    async with world.database.session() as session:
        ours = -await read_balance(session, PROVIDER)
        fees = -await read_balance(session, Account(AccountKind.PROVIDER_FEES, "EUR"))
    assert fees == 5_20
    assert ours == 600_00 + 100_00 - 500_00 - 5_20 - 50_00
    rail.provider.available, rail.provider.pending = ours - 1_00, 1_00
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"amount": 99_99}, DiscrepancyCause.AMOUNT_DIFFERS),
        ({"source": "pi_of_nobody", "created_at": now() - OLD}, DiscrepancyCause.NOT_POSTED),
        ({"currency": "USD"}, DiscrepancyCause.CURRENCY_DIFFERS),
        ({"kind": "OTHER", "created_at": now() - OLD}, DiscrepancyCause.NOT_POSTED),
    ],
)
async def test_lines_that_differ_are_discrepancies(
    rail: Rail, changes: dict[str, Any], cause: DiscrepancyCause
) -> None:
    payment = await paid(rail, 100_00)
    given: dict[str, Any] = {"kind": "PAYMENT", "amount": 100_00, "source": payment.reference}
    given |= changes
    rail.provider.lines = [line(**given)]
    (found,) = await reconcile(rail)
    assert (found.state, found.cause, found.posting) == (MatchState.DISCREPANT, cause, None)


async def test_a_posting_is_of_one_line(rail: Rail) -> None:
    payment = await paid(rail, 100_00)
    rail.provider.lines = [line("PAYMENT", 100_00, payment.reference or "") for _ in range(2)]
    found = await reconcile(rail)
    assert [one.state for one in found] == [MatchState.MATCHED, MatchState.DISCREPANT]
    assert found[1].cause is DiscrepancyCause.POSTED_ONCE


async def test_a_line_waits_for_its_posting_and_a_late_one_ends_the_discrepancy(
    rail: Rail, world: World
) -> None:
    """That of a payout on its way has ten days, in which banks pay."""
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    reference = (await world.fresh(payout)).reference or ""
    rail.provider.lines = [line("TRANSFER", -500_00, reference)]
    (found,) = await reconcile(rail)
    assert found.state is MatchState.NEW
    await _age(world, now() - OLD)
    (found,) = await reconcile(rail)
    assert found.state is MatchState.NEW
    await _age(world, now() - UNDERWAY)
    (found,) = await reconcile(rail)
    assert found.cause is DiscrepancyCause.NOT_POSTED
    async with rail.transactions.begin() as session:
        await follow_payout(session, payout.id, MoneyStatus.SUCCEEDED)
    (found,) = await reconcile(rail)
    assert (found.state, found.posting) == (MatchState.MATCHED, f"payout_done:{payout.id}")


async def test_lines_of_a_payout_that_failed_cancel_each_other(rail: Rail, world: World) -> None:
    """The ledger has the money of a payout when it is paid. This one never left it."""
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    reference = (await world.fresh(payout)).reference or ""
    rail.provider.lines = [line("TRANSFER", -500_00, reference, fee=10)]
    await reconcile(rail)
    (taken,) = rail.provider.lines
    rail.provider.lines = [replace(taken, fee=0, net=-500_00), line("TRANSFER", 500_00, reference)]
    async with rail.transactions.begin() as session:
        await follow_payout(session, payout.id, MoneyStatus.FAILED)
    found = await reconcile(rail)
    assert [(one.state, one.posting, one.fee) for one in found] == [
        (MatchState.MATCHED, None, 0),
        (MatchState.MATCHED, None, 0),
    ]
    rail.provider.available = 600_00
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == []
    await check_invariants(world.database)


async def test_lines_of_a_payout_that_was_returned_have_a_posting_each(rail: Rail) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    for status in (MoneyStatus.SUCCEEDED, MoneyStatus.FAILED):
        async with rail.transactions.begin() as session:
            await follow_payout(session, payout.id, status)
    reference = (await rail.world.fresh(payout)).reference or ""
    rail.provider.lines = [line("TRANSFER", amount, reference) for amount in (-500_00, 500_00)]
    found = await reconcile(rail)
    assert [one.posting for one in found] == [
        f"payout_done:{payout.id}",
        f"payout_back:{payout.id}",
    ]


async def test_a_currency_that_the_provider_lost_is_a_discrepancy(rail: Rail, world: World) -> None:
    """The ledger has 600.00 in EUR, and the provider knows no EUR."""
    rail.provider.currency = "USD"
    rail.provider.available = 0
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == [(MatchState.DISCREPANT, -600_00)]


async def _age(world: World, moment: datetime) -> None:
    async with world.database.session() as session, session.begin():
        await session.execute(update(ProviderTransaction).values(happened_at=moment))


async def test_a_balance_that_differs_is_one_discrepancy_until_it_agrees(
    rail: Rail, world: World
) -> None:
    """600.00 were paid in. A line that is not posted is no difference of its own."""
    rail.provider.available = 605_00
    for _ in range(2):
        await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == [(MatchState.DISCREPANT, 5_00)]
    rail.provider.available = 604_00
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == [(MatchState.DISCREPANT, 4_00)]
    rail.provider.lines = [line("PAYMENT", 4_00, "pi_on_its_way")]
    await reconcile(rail)
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert await balance_rows(world) == [(MatchState.MATCHED, 4_00)]
    rail.provider.available = 600_00
    await compare_balances(rail.transactions.begin, rail.gateways)
    assert sorted(await balance_rows(world)) == [
        (MatchState.DISCREPANT, -4_00),
        (MatchState.MATCHED, 4_00),
    ]
