"""Wallets: held by an order, then claimed or given back, each once."""

from uuid import UUID

import pytest

from core.ids import new_id
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind, WalletTooLow
from models.ledger.entries import Leg
from services.ledger.posting import PostingDiffers
from services.ledger.wallets import (
    HeldMoney,
    claim_held,
    find_held,
    refund_to_wallet,
)
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.services.ledger.holding import INR, hold, unhold


async def claim(world: World, user: User, order_id: UUID, *legs: Leg) -> bool:
    async with world.database.session() as session, session.begin():
        return await claim_held(
            session, user_id=user.id, currency=INR, order_id=order_id, legs=legs
        )


def held_by(user: User) -> Account:
    return Account(AccountKind.WALLET_HELD, INR, user.id)


async def test_promotional_money_is_held_first_and_given_back_to_where_it_was(
    world: World,
) -> None:
    user, order_id = await world.user(), new_id()
    await world.fund(user, 100, promo=30)
    assert await hold(world, user, order_id, 50) == HeldMoney(balance=20, promo=30)
    assert await world.wallet(user) == (80, 0, 50)
    assert await hold(world, user, order_id, 50) == HeldMoney(balance=20, promo=30)
    assert await world.wallet(user) == (80, 0, 50)
    assert await unhold(world, user, order_id) == 50
    assert await world.wallet(user) == (100, 30, 0)
    assert await unhold(world, user, order_id) == 0
    assert await world.wallet(user) == (100, 30, 0)
    await check_invariants(world.database)


async def test_more_than_the_wallet_has_is_refused(world: World) -> None:
    user, poor = await world.user(), await world.user()
    await world.fund(user, 100, promo=30)
    with pytest.raises(WalletTooLow) as refused:
        await hold(world, user, new_id(), 131)
    assert refused.value.balance.amount_minor == 130
    assert await world.wallet(user) == (100, 30, 0)
    assert await hold(world, user, new_id(), 130) == HeldMoney(balance=100, promo=30)
    with pytest.raises(WalletTooLow):
        await hold(world, poor, new_id(), 1)
    assert await hold(world, poor, new_id(), 0) == HeldMoney()


async def test_a_confirmed_order_claims_what_it_has_held(world: World) -> None:
    user, vendor, order_id, other = await world.user(), await world.vendor(), new_id(), new_id()
    await world.fund(user, 100)
    await hold(world, user, order_id, 60)
    await hold(world, user, other, 40)
    pending = Account(AccountKind.V_PENDING, INR, vendor.id)
    legs = [
        Leg(held_by(user), pending, 60),
        Leg(pending, Account(AccountKind.COMMISSION, INR), 6),
    ]
    with pytest.raises(ValueError, match="exactly what it has held"):
        await claim(world, user, order_id, legs[0]._replace(amount=59))
    assert await claim(world, user, order_id, *legs)
    assert not await claim(world, user, order_id, *legs)
    assert await world.wallet(user) == (0, 0, 40)
    # The rest is of another order: a claimed one gives nothing back.
    assert await unhold(world, user, order_id) == 0
    assert await unhold(world, user, other) == 40
    with pytest.raises(ValueError, match="exactly what it has held"):
        await claim(world, user, other, Leg(held_by(user), pending, 40))
    assert await world.wallet(user) == (40, 0, 0)
    await check_invariants(world.database)


async def test_an_order_without_held_money_is_confirmed_from_its_payment(world: World) -> None:
    user, vendor, order_id = await world.user(), await world.vendor(), new_id()
    pending = Account(AccountKind.V_PENDING, INR, vendor.id)
    assert await claim(world, user, order_id, Leg(Account(AccountKind.UNCLAIMED, INR), pending, 60))
    assert await unhold(world, user, order_id) == 0
    await check_invariants(world.database)


async def test_a_refund_makes_promotional_money_promotional_again(world: World) -> None:
    user, refund_id, order_id = await world.user(), new_id(), new_id()
    await world.fund(user, 20, promo=30)
    await hold(world, user, order_id, 50)
    async with world.database.session() as session, session.begin():
        assert await find_held(session, order_id) == HeldMoney(balance=20, promo=30)
    await unhold(world, user, order_id)

    async def refund(amount: int, promo: int) -> bool:
        async with world.database.session() as session, session.begin():
            return await refund_to_wallet(
                session,
                user_id=user.id,
                currency=INR,
                refund_part_id=refund_id,
                subject_id=order_id,
                amount=amount,
                promo=promo,
            )

    assert await refund(10, 4)
    assert not await refund(10, 4)
    assert await world.wallet(user) == (26, 34, 0)
    with pytest.raises(PostingDiffers):
        await refund(11, 4)
    await check_invariants(world.database)
