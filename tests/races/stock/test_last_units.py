"""Two hundred requests for the last fifty units of a variant, at once and by several ways."""

import asyncio
from collections import Counter
from functools import partial
from itertools import cycle

import pytest

from core.database import Database
from core.ids import new_id
from models.catalog.variants import Variant
from models.payments.refunds import UnitsRefunded
from models.stock.levels import InsufficientStock, Stock
from models.vendors import MemberRole, Vendor
from services.stock import levels
from services.stock.levels import MovedUnits
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.races.unguarded import try_change

REQUESTS, UNITS = 200, 50


async def one_variant(world: World, on_hand: int = UNITS) -> Variant:
    product = await world.product(await world.vendor(), on_hand=on_hand)
    (variant,) = await world.variants(product)
    return variant


async def write_off_at_once(
    world: World, clients: list[Client], variant: Variant, requests: int = REQUESTS
) -> Counter[str]:
    """Write one unit off per request, as two members at two processes."""
    async with world.database.session() as session:
        vendor = await session.get_one(Vendor, variant.vendor_id)
    members = [await new_member(world, vendor, MemberRole.STAFF) for _ in range(2)]
    given = {"variantId": gid(variant), "quantity": 1}
    calls = (
        client.signed_in(member).do(
            "writeOffStock", given | {"idempotencyKey": str(new_id())}, "stock { onHand }"
        )
        for client, member, _ in zip(cycle(clients), cycle(members), range(requests), strict=False)
    )
    return tally(await at_once(calls, most=32))


async def test_exactly_the_last_units_are_taken(
    world: World, clients: list[Client], database: Database
) -> None:
    variant = await one_variant(world)
    answers = await write_off_at_once(world, clients, variant)
    assert answers == {"OK": UNITS, "INSUFFICIENT_STOCK": REQUESTS - UNITS}
    assert (await world.stock(variant)).on_hand == 0
    await check_invariants(database)


async def test_more_than_the_last_units_are_taken_without_the_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    await drop("stock_reserved_check")
    monkeypatch.setattr(levels, "try_change", partial(try_change, Meeting()))
    variant = await one_variant(world)
    answers = await write_off_at_once(world, [api], variant)
    assert answers["OK"] > UNITS
    with pytest.raises(AssertionError, match="differs from the sum of its movements"):
        await check_invariants(database)


async def test_orders_and_members_never_sell_more_than_there_is(
    world: World, api: Client, database: Database
) -> None:
    """Orders reserve, sell, release and take back while members write off the same units."""
    variant, other = await one_variant(world), await one_variant(world, on_hand=200)
    transactions = Transactions(database, Unheard())
    held: Counter[str] = Counter()
    seats = asyncio.Semaphore(8)

    async def order(number: int) -> None:
        wanted = {variant.id: 1 + number % 3, other.id: 1}
        try:
            async with seats, transactions.begin() as session:
                await levels.reserve(session, wanted)
        except InsufficientStock:
            held["refused"] += 1
            return
        held["reserved"] += 1
        line = MovedUnits(variant.id, new_id(), 0, wanted[variant.id])
        rest = MovedUnits(other.id, new_id(), 0, 1)
        async with seats, transactions.begin() as session:
            if number % 2:
                await levels.release(session, wanted)
            else:
                await levels.sell(session, [line, rest])
        if number % 4 == 0:
            async with seats, transactions.begin() as session:
                await levels.take_back(session, [line])

    await asyncio.gather(
        write_off_at_once(world, [api], variant, 30), *(order(number) for number in range(120))
    )
    assert held["reserved"]
    for stock in (await world.stock(variant), await world.stock(other)):
        assert stock.reserved == 0
        assert stock.on_hand >= 0
    await check_invariants(database)


async def test_lines_of_one_variant_are_reserved_together(world: World, database: Database) -> None:
    """Three and three of five: each alone would do."""
    variant = await one_variant(world, on_hand=5)
    transactions = Transactions(database, Unheard())
    with pytest.raises(InsufficientStock) as refused:
        async with transactions.begin() as session:
            await levels.reserve(session, {variant.id: 6})
    assert refused.value.available == 5
    assert (await world.stock(variant)).reserved == 0


async def test_a_unit_comes_back_once(world: World, database: Database) -> None:
    """A refund, a return and a cancellation of a line at once put each unit back once."""
    variant = await one_variant(world, on_hand=5)
    transactions = Transactions(database, Unheard())
    line = MovedUnits(variant.id, new_id(), 0, 3)
    async with transactions.begin() as session:
        await levels.reserve(session, {variant.id: 3})
        await levels.sell(session, [line])

    async def back(first: int, quantity: int) -> bool:
        units = line._replace(first=first, quantity=quantity)
        try:
            async with transactions.begin() as session:
                await levels.take_back(session, [units])
        except UnitsRefunded:
            return False
        return True

    done = await asyncio.gather(back(0, 2), back(1, 2), back(0, 3))
    assert sum(done) == 1
    stock: Stock = await world.stock(variant)
    assert stock.on_hand in {4, 5}
    await check_invariants(database)
