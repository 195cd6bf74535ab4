"""Payouts by a provider: money leaves the balance once, comes back once, and is paid once."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from gateways.payments.errors import NoAnswer, UnknownOutcome
from gateways.payments.gateway import MoneyStatus
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import Notification, NotificationKind
from models.payments.calls import CallState, ProviderCall
from models.payouts.accounts import PayoutAccountState
from models.payouts.payouts import Payout, PayoutCause, PayoutState
from models.payouts.reconciliation import (
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from services.ledger.posting import find_legs
from services.payouts.outcomes import follow_payout
from services.payouts.polling import note_unknown_payouts, poll_payouts
from services.payouts.reconciliation.matching import match_lines
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.services.payouts.conftest import Rail


async def kinds_told(world: World) -> list[NotificationKind]:
    async with world.database.session() as session:
        rows = select(col(Notification.kind)).order_by(col(Notification.created_at))
        return list((await session.exec(rows)).all())


async def follow(rail: Rail, payout: Payout, status: MoneyStatus) -> PayoutState:
    async with rail.transactions.begin() as session:
        await follow_payout(session, payout.id, status)
    state: PayoutState = (await rail.world.fresh(payout)).state
    return state


async def test_a_payout_is_sent_and_paid(rail: Rail, world: World) -> None:
    payout = await rail.plan()
    assert await world.available(rail.vendor) == 600_00
    for _ in range(2):
        await rail.start(payout)
    balance = await world.balance(rail.vendor)
    assert (balance.available, balance.in_transit) == (100_00, 500_00)
    await rail.send(payout)
    sent = await world.fresh(payout)
    assert sent.state is PayoutState.IN_TRANSIT
    assert [*rail.provider.payouts] == [sent.reference]
    rail.provider.become(sent.reference or "", MoneyStatus.SUCCEEDED)
    for _ in range(2):
        await poll_payouts(rail.transactions.begin, rail.gateways)
    assert (await world.fresh(payout)).state is PayoutState.PAID
    done = Posting(PostingKind.PAYOUT_DONE, payout.id)
    async with world.database.session() as session:
        legs = (await find_legs(session, done))[done]
    transit = Account(AccountKind.IN_TRANSIT, "EUR", rail.vendor.id)
    assert legs == [Leg(transit, Account(AccountKind.PROVIDER, "EUR"), 500_00)]
    assert await kinds_told(world) == [NotificationKind.PAYOUT_PAID]
    await check_invariants(world.database)


async def test_a_lost_answer_pays_once(rail: Rail, world: World) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    rail.provider.fault = "lose"
    with pytest.raises(NoAnswer):
        await rail.send(payout)
    await rail.send(payout)
    assert len(rail.provider.payouts) == 1
    assert (await world.fresh(payout)).state is PayoutState.IN_TRANSIT


async def test_a_provider_that_fails_in_between_is_looked_at_before_another_key(
    rail: Rail, world: World
) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    rail.provider.fault = "lose and break"
    with pytest.raises(UnknownOutcome):
        await rail.send(payout)
    await rail.send(payout)
    assert len(rail.provider.payouts) == 1
    assert (await world.fresh(payout)).state is PayoutState.IN_TRANSIT


async def test_without_the_stored_key_a_lost_answer_pays_twice(
    rail: Rail, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the two above."""
    payout = await rail.plan()
    await rail.start(payout)
    rail.provider.fault = "lose"
    with pytest.raises(NoAnswer):
        await rail.send(payout)
    async with world.database.session() as session, session.begin():
        call = (await session.exec(select(ProviderCall))).one()
        call.key = "another"
    await rail.send(payout)
    assert len(rail.provider.payouts) == 2


async def test_a_refused_payout_gives_the_money_back_and_restricts_the_account(
    rail: Rail, world: World
) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    rail.provider.fault = "refuse"
    await rail.send(payout)
    failed = await world.fresh(payout)
    assert (failed.state, failed.cause) == (PayoutState.FAILED, PayoutCause.PROVIDER)
    assert failed.failure == "The account is closed."
    assert await world.available(rail.vendor) == 600_00
    account = await world.fresh(rail.account)
    assert (account.state, account.restrictions) == (PayoutAccountState.RESTRICTED, 1)
    assert sorted(await kinds_told(world)) == [
        NotificationKind.PAYOUT_ACCOUNT_RESTRICTED,
        NotificationKind.PAYOUT_FAILED,
    ]
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("order", "state", "available"),
    [
        (["SUCCEEDED", "FAILED", "FAILED", "SUCCEEDED"], PayoutState.RETURNED, 600_00),
        (["FAILED", "SUCCEEDED", "SUCCEEDED"], PayoutState.PAID, 100_00),
        (["FAILED", "FAILED", "PENDING"], PayoutState.FAILED, 600_00),
        (["PENDING", "SUCCEEDED", "PENDING"], PayoutState.PAID, 100_00),
        (["FAILED", "SUCCEEDED", "FAILED"], PayoutState.PAID, 100_00),
    ],
)
async def test_outcomes_in_any_order_move_the_money_once(
    rail: Rail, world: World, order: list[str], state: PayoutState, available: int
) -> None:
    """A bank can return what was paid. What was FAILED, and is paid, is taken again."""
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    for status in order:
        await follow(rail, payout, MoneyStatus(status))
    assert (await world.fresh(payout)).state is state
    balance = await world.balance(rail.vendor)
    assert (balance.available, balance.in_transit) == (available, 0)
    await check_invariants(world.database)


async def test_a_payout_is_at_most_what_can_be_moved(rail: Rail, world: World) -> None:
    rail.provider.available = 300_00
    payout = await rail.plan()
    await rail.start(payout)
    assert (await world.fresh(payout)).amount == 300_00
    assert await world.available(rail.vendor) == 300_00
    await rail.send(payout)
    assert rail.provider.available == 0
    await follow(rail, payout, MoneyStatus.SUCCEEDED)
    second = await rail.plan(300_00)
    await rail.start(second)  # nothing can be moved: it waits, and nothing leaves the balance
    assert (await world.fresh(second)).state is PayoutState.PLANNED
    assert await world.available(rail.vendor) == 300_00


async def test_a_payout_shrinks_with_the_balance_and_ends_below_the_minimum(
    rail: Rail, world: World
) -> None:
    payout = await rail.plan()
    await world.earned(rail.vendor, -200_00)  # a refund after it was planned
    await rail.start(payout)
    assert (await world.fresh(payout)).amount == 400_00
    await rail.send(payout)
    second = await rail.plan(100_00)
    await rail.start(second)
    ended = await world.fresh(second)
    assert (ended.state, ended.cause) == (PayoutState.CANCELLED, PayoutCause.TOO_SMALL)
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("money", "cause"),
    [
        ({"amount": 400_00}, DiscrepancyCause.AMOUNT_DIFFERS),
        ({"currency": "USD"}, DiscrepancyCause.CURRENCY_DIFFERS),
    ],
)
async def test_an_answer_with_other_money_moves_nothing_until_it_is_explained(
    rail: Rail, world: World, money: dict[str, Any], cause: DiscrepancyCause
) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    await rail.send(payout)
    reference = (await world.fresh(payout)).reference or ""
    rail.provider.become(reference, MoneyStatus.SUCCEEDED)
    rail.provider.payouts[reference] = replace(rail.provider.payouts[reference], **money)
    for _ in range(2):
        await poll_payouts(rail.transactions.begin, rail.gateways)
    assert (await world.fresh(payout)).state is PayoutState.IN_TRANSIT
    async with world.database.session() as session:
        found = (await session.exec(select(ProviderTransaction))).one()
    assert (found.kind, found.state, found.cause) == (
        TransactionKind.ANSWER,
        MatchState.DISCREPANT,
        cause,
    )
    await match_lines(rail.transactions.begin)
    assert (await world.fresh(found)).state is MatchState.DISCREPANT
    found.resolve("Stripe has confirmed it", rail.account.set_by)
    await world.save(found)
    await poll_payouts(rail.transactions.begin, rail.gateways)
    assert (await world.fresh(payout)).state is PayoutState.PAID
    await check_invariants(world.database)


async def test_a_payout_whose_outcome_nobody_knows_is_shown_as_unknown(
    rail: Rail, world: World
) -> None:
    payout = await rail.plan()
    await rail.start(payout)
    async with world.database.session() as session, session.begin():
        call = (await session.exec(select(ProviderCall))).one()
        call.state = CallState.UNKNOWN
    for _ in range(2):
        await note_unknown_payouts(rail.transactions.begin)
    assert (await world.fresh(payout)).state is PayoutState.UNKNOWN
    assert (await world.balance(rail.vendor)).in_transit == 500_00
    assert await follow(rail, payout, MoneyStatus.SUCCEEDED) is PayoutState.PAID
    await check_invariants(world.database)
