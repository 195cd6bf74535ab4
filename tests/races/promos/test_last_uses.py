"""Two hundred orders take the last fifty uses of a code at once. An expired one gives it back."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from models.errors import Refusal
from models.identity.accounts import User
from models.promos.codes import PromoCode
from services.promos import uses
from tests.factories.orders import empty_order
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import crowd
from tests.races.meeting import Meeting
from tests.races.unguarded import count_use

PEOPLE, CAPACITY = 200, 50
CONNECTIONS = 15  # as many as the pool has connections, or others would wait for one


async def in_transactions(
    world: World, tasks: list[Callable[[AsyncSession], Awaitable[None]]]
) -> Counter[str]:
    """Run each task in a transaction of its own, and return the tally of what happened."""
    free = asyncio.Semaphore(CONNECTIONS)

    async def run(task: Callable[[AsyncSession], Awaitable[None]]) -> str:
        try:
            async with free, world.database.session() as session, session.begin():
                await task(session)
        except Refusal as refusal:
            return refusal.code
        return "OK"

    return Counter(await asyncio.gather(*map(run, tasks)))


async def take(
    session: AsyncSession, user: User, order_id: UUID, codes: Sequence[PromoCode]
) -> None:
    """Use codes for an order of nothing."""
    session.add_all(empty_order(user, order_id))
    await session.flush()
    amounts = {code.id: 1_00 for code in codes}
    await uses.reserve_uses(session, user_id=user.id, order_id=order_id, amounts=amounts)


def ordering(
    user: User, code: PromoCode, order_id: UUID | None = None
) -> Callable[[AsyncSession], Awaitable[None]]:
    async def order(session: AsyncSession) -> None:
        await take(session, user, order_id or new_id(), [code])

    return order


async def test_last_fifty_uses_are_taken_by_exactly_fifty(world: World) -> None:
    code = await world.promo_code(capacity=CAPACITY)
    people = await crowd(world, PEOPLE)
    tally = await in_transactions(world, [ordering(user, code) for user in people])
    assert tally == {"OK": 50, "PROMO_USED_UP": 150}
    assert (await world.fresh(code)).used == CAPACITY
    await check_invariants(world.database)


async def test_one_user_takes_as_many_as_one_may(world: World) -> None:
    code, user = await world.promo_code(per_user=3), await world.user()
    tally = await in_transactions(world, [ordering(user, code) for _ in range(100)])
    assert tally == {"OK": 3, "PROMO_USE_LIMIT_REACHED": 97}
    assert (await world.fresh(code)).used == 3
    await check_invariants(world.database)


async def test_orders_that_expire_give_back_while_others_take(world: World) -> None:
    """Two codes per order: all lock them in the order of their ids, so none waits in a circle."""
    codes = [await world.promo_code(capacity=20), await world.promo_code(capacity=20)]
    people = await crowd(world, 60)
    orders = {user.id: new_id() for user in people[:20]}
    for user in people[:20]:
        async with world.database.session() as session, session.begin():
            await take(session, user, orders[user.id], codes)

    def expiring(order_id: UUID) -> Callable[[AsyncSession], Awaitable[None]]:
        async def expire(session: AsyncSession) -> None:
            await uses.release_uses(session, order_id=order_id)

        return expire

    def both(user: User) -> Callable[[AsyncSession], Awaitable[None]]:
        async def order(session: AsyncSession) -> None:
            await take(session, user, new_id(), [*reversed(codes)])

        return order

    tasks = [
        task
        for user, order_id in zip(people[20:], [*orders.values()] * 2, strict=True)
        for task in (expiring(order_id), both(user))
    ]
    tally = await in_transactions(world, tasks)
    assert set(tally) <= {"OK", "PROMO_USED_UP"}
    for code in codes:
        assert (await world.fresh(code)).used == tally["OK"] - 40
    await check_invariants(world.database)


async def test_last_fifty_uses_are_taken_too_often_without_the_guard(
    drop: Drop, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "_count_use", partial(count_use, Meeting()))
    await drop("promo_code_capacity_check")
    code = await world.promo_code(capacity=CAPACITY)
    people = await crowd(world, PEOPLE)
    tally = await in_transactions(world, [ordering(user, code) for user in people])
    assert tally["OK"] > CAPACITY
    with pytest.raises(AssertionError, match=r"promo_code\.used differs"):
        await check_invariants(world.database)
