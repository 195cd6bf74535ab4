"""Many orders for the money of one wallet, and many postings to the same accounts, at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from asyncpg.exceptions import DeadlockDetectedError, LockNotAvailableError
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import Refusal
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger import posting, wallets
from services.ledger.balances import read_balance
from services.ledger.posting import post_entries
from services.ledger.statements import POST
from services.ledger.wallets import claim_held, hold_wallet, unhold_wallet
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting, held

CLIENTS = 15  # as many as the pool has connections, or others would wait for one
BANK, UNCLAIMED = Account(AccountKind.BANK, "INR"), Account(AccountKind.UNCLAIMED, "INR")

Task = Callable[[AsyncSession], Awaitable[object]]


async def at_once(world: World, *tasks: Task) -> Counter[str]:
    """Run each task in a transaction of its own, and return the tally of what happened."""
    free = asyncio.Semaphore(CLIENTS)

    async def run(task: Task) -> str:
        try:
            async with free, world.database.session() as session, session.begin():
                return "OK" if await task(session) else "NOTHING"
        except Refusal as refusal:
            return refusal.code
        except (DeadlockDetectedError, LockNotAvailableError) as error:
            return type(error).__name__

    return Counter(await asyncio.gather(*map(run, tasks)))


def holding(user: User, order_id: UUID | None = None, amount: int = 100) -> Task:
    return lambda session: hold_wallet(
        session,
        user_id=user.id,
        currency="INR",
        order_id=order_id or new_id(),
        amount=amount,
    )


def posting_of(*legs: Leg, subject_id: UUID | None = None) -> Task:
    return lambda session: post_entries(
        session, Posting(PostingKind.PAY, subject_id or new_id()), list(legs)
    )


async def test_fifty_orders_of_a_hundred_hold_a_wallet_of_a_hundred_once(world: World) -> None:
    user = await world.user()
    await world.fund(user, 60, promo=40)
    tally = await at_once(world, *(holding(user) for _ in range(50)))
    assert tally == {"OK": 1, "WALLET_TOO_LOW": 49}
    assert await world.wallet(user) == (0, 0, 100)
    await check_invariants(world.database)


async def unlocked(unit: UnitOfWork, owner_id: UUID, currency: str) -> Mapping[AccountKind, int]:
    rows = await (await connection_of(unit)).fetch(
        "SELECT kind, balance FROM ledger_account WHERE owner_id = $1", owner_id
    )
    return {AccountKind(row["kind"]): row["balance"] for row in rows}


def rewritten(statement: Statement[Any], old: str, new: str) -> Statement[Any]:
    """Return a statement with another text, as a control."""
    assert old in statement.sql
    other = object.__new__(Statement)
    for name in Statement.__slots__:
        setattr(other, name, getattr(statement, name))
    other.sql = statement.sql.replace(old, new)
    return other


async def test_the_guard_of_the_posting_suffices_without_the_lock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wallets, "lock_wallet", Meeting().after(unlocked))
    user = await world.user()
    await world.fund(user, 100)
    tally = await at_once(world, *(holding(user) for _ in range(50)))
    assert tally == {"OK": 1, "WALLET_TOO_LOW": 49}
    await check_invariants(world.database)


async def test_a_wallet_is_held_more_than_once_without_the_guard(
    drop: Drop, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drop("ledger_account_balance_check")
    monkeypatch.setattr(wallets, "lock_wallet", Meeting().after(unlocked))
    guard = "AND one.balance + change.amount >= 0"
    monkeypatch.setattr(posting, "POST", rewritten(POST, guard, ""))
    user = await world.user()
    await world.fund(user, 100)
    tally = await at_once(world, *(holding(user) for _ in range(50)))
    assert tally["OK"] > 1
    assert (await world.wallet(user))[0] == 100 - 100 * tally["OK"]


async def test_one_order_holds_and_one_posting_moves_money_once(world: World) -> None:
    user, order_id, payment_id = await world.user(), new_id(), new_id()
    await world.fund(user, 500)
    assert await at_once(world, *[holding(user, order_id)] * 16) == {"OK": 16}
    assert await world.wallet(user) == (400, 0, 100)
    leg = Leg(BANK, Account(AccountKind.WALLET, "INR", user.id), 7)
    tally = await at_once(world, *[posting_of(leg, subject_id=payment_id)] * 16)
    assert tally == {"OK": 1, "NOTHING": 15}
    assert await world.wallet(user) == (407, 0, 100)
    await check_invariants(world.database)


async def test_held_money_is_claimed_or_given_back(world: World) -> None:
    user, vendor = await world.user(), await world.vendor()
    await world.fund(user, 500)
    pending = Account(AccountKind.V_PENDING, "INR", vendor.id)
    leg = Leg(Account(AccountKind.WALLET_HELD, "INR", user.id), pending, 100)
    orders = [new_id() for _ in range(5)]
    await at_once(world, *(holding(user, one) for one in orders))

    def giving_back(order_id: UUID) -> Task:
        return lambda session: unhold_wallet(
            session, user_id=user.id, currency="INR", order_id=order_id
        )

    async def confirm(session: AsyncSession, order_id: UUID) -> bool:
        try:
            return await claim_held(
                session, user_id=user.id, currency="INR", order_id=order_id, legs=[leg]
            )
        except ValueError:
            return False

    def claiming(order_id: UUID) -> Task:
        return lambda session: confirm(session, order_id)

    tasks = [make(one) for one in orders for make in (giving_back, claiming) for _ in range(4)]
    random.Random(1).shuffle(tasks)
    assert (await at_once(world, *tasks))["OK"] == len(orders)
    balance, _, held = await world.wallet(user)
    async with world.database.session() as session:
        assert balance + await read_balance(session, pending) == 500
    assert held == 0
    await check_invariants(world.database)


def transfer(users: Iterable[User]) -> Task:
    """Return a posting that moves money from each wallet to the next one."""
    chosen = [Account(AccountKind.WALLET, "INR", user.id) for user in users]
    return posting_of(*(Leg(a, b, 1) for a, b in pairwise(chosen)))


async def test_postings_to_several_wallets_never_wait_in_a_circle(world: World) -> None:
    users = [await world.user() for _ in range(6)]
    for user in users:
        await world.fund(user, 1_000)
    dice = random.Random(2)
    tasks = [transfer(dice.sample(users, 5)) for _ in range(200)]
    assert await at_once(world, *tasks) == {"OK": 200}
    await check_invariants(world.database)


async def test_postings_wait_in_a_circle_without_the_order_of_ids(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One goes from the first wallet to the last one, the other back, and they meet half way."""
    by_amount = "(SELECT amount FROM change WHERE change.id = ledger_account.id)"
    payers_first = rewritten(POST, "ORDER BY id FOR NO KEY", f"ORDER BY {by_amount} FOR NO KEY")
    monkeypatch.setattr(posting, "POST", payers_first)
    users = [await world.user() for _ in range(3)]
    for user in users:
        await world.fund(user, 1_000)
    wallet = f"SELECT FROM ledger_account WHERE owner_id = '{users[1].id}' FOR UPDATE"
    async with held(world.database, wallet):
        tally = await at_once(world, transfer(users), transfer(reversed(users)))
    assert tally["DeadlockDetectedError"] or tally["LockNotAvailableError"]


async def test_no_posting_waits_for_another_one_at_accounts_of_the_platform(world: World) -> None:
    """A control: one that moves the same wallet waits, until its time is over."""
    user = await world.user()
    await world.fund(user, 1_000)
    wallet = Account(AccountKind.WALLET, "INR", user.id)
    legs = [Leg(BANK, UNCLAIMED, 1), Leg(UNCLAIMED, Account(AccountKind.COMMISSION, "INR"), 1)]
    await at_once(world, posting_of(*legs))  # accounts that are new are waited for
    async with world.database.session() as slow, slow.begin():
        await posting_of(*legs, Leg(wallet, BANK, 1))(slow)
        await slow.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert await at_once(world, *(posting_of(*legs) for _ in range(64))) == {"OK": 64}
        assert await at_once(world, posting_of(Leg(wallet, BANK, 1))) == {
            "LockNotAvailableError": 1
        }
    assert (await world.wallet(user))[0] == 999
    await check_invariants(world.database)


async def test_the_first_postings_to_new_accounts_come_at_once(world: World) -> None:
    vendors = [await world.vendor() for _ in range(2)]
    pending = [Account(AccountKind.V_PENDING, "INR", one.id) for one in vendors]
    legs = [Leg(UNCLAIMED, one, 1) for one in pending]
    both = [posting_of(*legs), posting_of(*reversed(legs))]
    assert await at_once(world, *both * 8) == {"OK": 16}
    await check_invariants(world.database)
