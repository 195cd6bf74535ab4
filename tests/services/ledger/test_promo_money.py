"""Promotional money that ends: spent first, given back to where it was, and ended once."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind, WalletTooLow
from models.ledger.entries import Leg, Posting, PostingKind
from models.ledger.promo_money import PromoMoney
from models.notifications.inbox import Notification, NotificationKind
from services.ledger import promo_ends
from services.ledger.balances import read_balance
from services.ledger.posting import post_entries
from services.ledger.wallets import (
    HeldMoney,
    find_held,
    refund_to_wallet,
)
from services.transaction import Transactions
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.services.ledger.holding import INR, hold, unhold

SOON, LATER = timedelta(days=1), timedelta(days=9)


async def left(world: World, user: User) -> list[int]:
    """Return what is left of each promotional money, what ends first being first."""
    rows = select(PromoMoney).where(PromoMoney.owner_id == user.id)
    async with world.database.session() as session:
        found = (await session.exec(rows.order_by(col(PromoMoney.ends_at)))).all()
    return [one.remaining for one in found]


async def pass_time(world: World, user: User, by: timedelta) -> None:
    async with world.database.session() as session, session.begin():
        mine = col(PromoMoney.owner_id) == user.id
        await session.exec(
            update(PromoMoney).where(mine).values(ends_at=col(PromoMoney.ends_at) - by)
        )


async def test_what_ends_first_is_spent_first_and_what_never_ends_last(world: World) -> None:
    user, first, second = await world.user(), new_id(), new_id()
    await world.promo_money(user, 30, LATER)
    await world.promo_money(user, 20, SOON)
    await world.fund(user, 100, promo=10)
    assert await hold(world, user, first, 25) == HeldMoney(promo=25)
    assert await left(world, user) == [0, 25]
    assert await hold(world, user, second, 40) == HeldMoney(balance=5, promo=35)
    assert await left(world, user) == [0, 0]
    assert await unhold(world, user, first) == 25
    assert await left(world, user) == [20, 5]
    assert await unhold(world, user, second) == 40
    assert await left(world, user) == [20, 30]
    assert await world.wallet(user) == (100, 60, 0)
    await check_invariants(world.database)


async def test_it_ends_once_and_is_not_spent_after_its_end(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    await world.promo_money(user, 20, SOON)
    await world.promo_money(user, 30, LATER)
    await pass_time(world, user, SOON)
    with pytest.raises(WalletTooLow) as refused:
        await hold(world, user, new_id(), 31)
    assert refused.value.balance.amount_minor == 30
    assert await world.wallet(user) == (0, 50, 0)
    for _ in range(2):
        assert not await promo_ends.end_promo_money(transactions.begin)
        assert await world.wallet(user) == (0, 30, 0)
    assert await hold(world, user, new_id(), 30) == HeldMoney(promo=30)
    async with world.database.session() as session:
        assert await read_balance(session, Account(AccountKind.PROMOTIONS, INR)) == -30
    await check_invariants(world.database)


async def test_a_hold_ends_what_is_past_its_end(world: World) -> None:
    user = await world.user()
    await world.promo_money(user, 20, SOON)
    await world.fund(user, 100)
    await pass_time(world, user, SOON)
    assert await hold(world, user, new_id(), 30) == HeldMoney(balance=30)
    assert await world.wallet(user) == (70, 0, 30)
    await check_invariants(world.database)


async def test_what_comes_back_after_its_end_can_be_spent_for_two_weeks(
    world: World, transactions: Transactions
) -> None:
    user, order_id = await world.user(), new_id()
    await world.promo_money(user, 20, SOON)
    await world.promo_money(user, 30, LATER)
    await hold(world, user, order_id, 50)
    await pass_time(world, user, SOON)
    await promo_ends.end_promo_money(transactions.begin)
    assert await unhold(world, user, order_id) == 50
    assert await left(world, user) == [0, 30, 20]
    assert await world.wallet(user) == (0, 50, 0)
    await pass_time(world, user, timedelta(days=15))
    await promo_ends.end_promo_money(transactions.begin)
    assert await world.wallet(user) == (0, 0, 0)
    await check_invariants(world.database)


async def test_owners_are_reminded_once(world: World, transactions: Transactions) -> None:
    user = await world.user()
    vendor = await world.vendor(user)
    await world.promo_money(user, 20, SOON)
    await world.promo_money(vendor, 20, SOON)
    await world.promo_money(user, 30, LATER)
    for _ in range(2):
        assert not await promo_ends.remind_of_ends(transactions.begin)
    notices = select(Notification.kind).where(Notification.user_id == user.id)
    async with world.database.session() as session:
        assert (await session.exec(notices)).all() == [NotificationKind.PROMO_MONEY_ENDING] * 2


class Shopper:
    """A user who holds, gives back, spends, and gets refunds, in any order."""

    def __init__(self, world: World, user: User, dice: random.Random) -> None:
        self.world, self.user, self.dice = world, user, dice
        self.held: list[UUID] = []
        self.spent: dict[UUID, list[int]] = {}  # what can be refunded: balance, promotional money

    async def step(self, begin: Transactions) -> None:
        acts: list[Callable[[], object]] = [self.give, self.hold, self.hold, self.unhold, self.buy]
        acts += [self.refund, self.wait, lambda: promo_ends.end_promo_money(begin.begin)]
        result: object = self.dice.choice(acts)()
        await result  # type: ignore[misc]

    async def give(self) -> None:
        days = timedelta(days=self.dice.choice([1, 3, 9]))
        await self.world.promo_money(self.user, self.dice.randint(1, 40), days)

    async def hold(self) -> None:
        order_id = new_id()
        try:
            await hold(self.world, self.user, order_id, self.dice.randint(1, 60))
        except WalletTooLow:
            return
        self.held.append(order_id)

    async def unhold(self) -> None:
        if self.held:
            await unhold(self.world, self.user, self.held.pop())

    async def buy(self) -> None:
        """Spend what an order has held."""
        if not self.held:
            return
        order_id = self.held.pop()
        held = Account(AccountKind.WALLET_HELD, INR, self.user.id)
        sales = Account(AccountKind.PACK_SALES, INR)
        async with self.world.database.session() as session, session.begin():
            money = await find_held(session, order_id)
            legs = [Leg(held, sales, money.amount)]
            await post_entries(session, Posting(PostingKind.CONFIRM, order_id), legs)
        self.spent[order_id] = [money.balance, money.promo]

    async def refund(self) -> None:
        if not self.spent:
            return
        order_id = self.dice.choice([*self.spent])
        balance, promo = (self.dice.randint(0, part) for part in self.spent[order_id])
        if not balance + promo:
            return
        self.spent[order_id][0] -= balance
        self.spent[order_id][1] -= promo
        sales, due = (
            Account(kind, INR) for kind in (AccountKind.PACK_SALES, AccountKind.REFUND_DUE)
        )
        refund_id = new_id()
        async with self.world.database.session() as session, session.begin():
            legs = [Leg(sales, due, balance + promo)]
            await post_entries(session, Posting(PostingKind.GRANT, refund_id), legs)
            await refund_to_wallet(
                session,
                user_id=self.user.id,
                currency=INR,
                refund_part_id=refund_id,
                subject_id=order_id,
                amount=balance + promo,
                promo=promo,
            )

    async def wait(self) -> None:
        await pass_time(self.world, self.user, timedelta(days=1))


@pytest.mark.parametrize("seed", range(4))
async def test_any_sequence_leaves_money_that_is_explained(
    world: World, transactions: Transactions, seed: int
) -> None:
    user = await world.user()
    await world.fund(user, 200, promo=15)
    shopper = Shopper(world, user, random.Random(seed))
    for number in range(60):
        await shopper.step(transactions)
        if number % 6 == 5:
            await check_invariants(world.database)
    await check_invariants(world.database)
