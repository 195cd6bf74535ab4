"""Uses of promo codes: taken and given back in the transaction of an order."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.ids import new_id
from models.errors import Refusal
from models.identity.accounts import User
from models.orders.states import OrderState
from models.promos.codes import (
    PromoCode,
    PromoCodeState,
    PromoNotValid,
    PromoUsedUp,
    PromoUseLimitReached,
)
from services.promos.uses import (
    find_entered,
    find_promo_codes,
    release_uses,
    reserve_uses,
)
from tests.factories.orders import empty_order
from tests.factories.world import World
from tests.invariants import check_invariants

ENDED: dict[str, Any] = {"state": PromoCodeState.ENDED, "ended_at": now()}


async def reserve(world: World, user: User, *codes: PromoCode) -> UUID:
    checkout, order = empty_order(user)
    order.state, order.confirmed_at = OrderState.CONFIRMED, now()
    async with world.database.session() as session, session.begin():
        session.add_all([checkout, order])
        await session.flush()
        amounts = {code.id: 5_00 for code in codes}
        await reserve_uses(session, user_id=user.id, order_id=order.id, amounts=amounts)
    return order.id


async def release(world: World, order_id: UUID) -> None:
    async with world.database.session() as session, session.begin():
        await release_uses(session, order_id=order_id)


async def used(world: World, code: PromoCode) -> int:
    return int((await world.fresh(code)).used)


async def test_reserve_and_release(world: World) -> None:
    user = await world.user()
    code, other = await world.promo_code(per_user=2, capacity=2), await world.promo_code()
    first = await reserve(world, user, code, other)
    second = await reserve(world, user, code)
    assert (await used(world, code), await used(world, other)) == (2, 1)
    with pytest.raises(PromoUsedUp):
        await reserve(world, await world.user(), code)
    for _ in range(2):  # a second call changes nothing
        await release(world, first)
        assert (await used(world, code), await used(world, other)) == (1, 0)
    await check_invariants(world.database)
    await reserve(world, user, code)  # the turn that was given back
    await release(world, second)
    assert await used(world, code) == 1
    await check_invariants(world.database)


async def test_a_refused_code_takes_no_other_code(world: World) -> None:
    user = await world.user()
    good, over = await world.promo_code(), await world.promo_code(**ENDED)
    with pytest.raises(PromoNotValid):
        await reserve(world, user, good, over)
    assert await used(world, good) == 0


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        (ENDED, PromoNotValid),
        ({"valid_from": now() + timedelta(hours=1)}, PromoNotValid),
        (
            {"valid_from": now() - timedelta(hours=2), "valid_until": now() - timedelta(hours=1)},
            PromoNotValid,
        ),
        ({"capacity": 1}, PromoUsedUp),
        ({"capacity": 2}, PromoUseLimitReached),
    ],
)
async def test_who_cannot_use_a_code(
    world: World, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    """The quote gives the same reason as the order."""
    user, other = await world.user(), await world.user()
    code = await world.promo_code(**values)
    if "capacity" in values:
        await reserve(world, user, code)
    with pytest.raises(refusal):
        await reserve(world, user, code)
    async with world.database.session() as session:
        [(_, quoted)] = await find_entered(session, [code.id], user.id)
    assert isinstance(quoted, refusal)
    if refusal is PromoUseLimitReached:
        await reserve(world, other, code)
    await check_invariants(world.database)


async def test_reserve_an_unknown_code(world: World) -> None:
    user = await world.user()
    async with world.database.session() as session:
        with pytest.raises(PromoNotValid):
            await reserve_uses(
                session, user_id=user.id, order_id=new_id(), amounts={new_id(): 5_00}
            )
        with pytest.raises(PromoNotValid):
            await find_promo_codes(session, "UNKNOWN", "INR", most=2)


async def test_find_the_active_code_in_any_case(world: World) -> None:
    await world.promo_code(code="TENTH", **ENDED)
    code = await world.promo_code(code="TENTH")
    async with world.database.session() as session:
        (found,) = await find_promo_codes(session, " tenth ", "INR", most=2)
        assert found.id == code.id
        with pytest.raises(PromoNotValid):
            await find_promo_codes(session, "TENTH", "EUR", most=2)
