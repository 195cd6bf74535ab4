"""Everything at once over a few rows: nothing hangs, nothing breaks, and every sum is right."""

import asyncio
import random

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from core.outages import sqlstate
from core.redis.pubsub import PubSub
from core.settings import Settings
from models.identity.accounts import User
from models.vendors import MemberRole
from services.offers import offers
from services.redemptions import redemptions
from services.transaction import Transactions
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import crowd
from tests.races.meeting import Meeting
from tests.races.storm import MAX_SECONDS, Storm

AT_ONCE = 24
ORDINARY = {
    "OK",
    "APPROVED",
    "ALREADY_REDEEMED",
    "CANCELLED",
    "OTHER_VENDOR",
    "OFFER_SOLD_OUT",
    "OFFER_NOT_CLAIMABLE",
    "CLAIM_LIMIT_REACHED",
    "CAPACITY_BELOW_CLAIMED",
    "VOUCHER_NOT_CANCELLABLE",
    "OFFER_STATE",
}

DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
LOCK = text('SELECT pg_stat_force_next_flush() FROM "user" WHERE id = :id FOR UPDATE')


async def end_again_and_again(storm: Storm, transactions: Transactions) -> None:
    """Run the job that ends offers, over and over, while the storm lasts."""
    while not storm.is_over:
        for till in storm.tills:
            async with transactions.begin() as session:
                await offers.expire_offer(session, till.offer.id)
            async with transactions.begin() as session:
                await redemptions.expire_vouchers(session, till.offer.id)
        await asyncio.sleep(0.05)


async def deadlocks(database: Database) -> int:
    """How many PostgreSQL has had to end in this database; a second try would hide them."""
    async with database.session() as session:
        found = await session.scalar(DEADLOCKS)
    return int(found or 0)


async def test_storm_over_few_rows_ends_in_order(
    world: World, servers: list[Client], database: Database, settings: Settings
) -> None:
    tills = [await Till.open(world, capacity=60, per_user_limit=20) for _ in range(3)]
    managers = await crowd(world, 3)
    for till, manager in zip(tills, managers, strict=True):
        await world.member(till.vendor, manager, MemberRole.MANAGER)
    storm = Storm(tills, managers, await crowd(world, 12), servers, random.Random(7))
    before = await deadlocks(database)
    transactions = Transactions(database, PubSub(settings.redis))
    async with asyncio.timeout(MAX_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(end_again_and_again(storm, transactions))
        for _ in range(AT_ONCE):
            group.create_task(storm.hand())
    assert {code for _, code in storm.met} <= ORDINARY, storm.met
    assert await deadlocks(database) == before
    await check_invariants(database)


async def test_storm_would_have_seen_a_deadlock(world: World, database: Database) -> None:
    rows = await crowd(world, 2)
    before, both_locked = await deadlocks(database), Meeting()

    async def lock(first: User, second: User) -> None:
        async with database.session() as session, session.begin():
            await session.execute(LOCK, {"id": first.id})
            await both_locked.arrive()
            await session.execute(LOCK, {"id": second.id})

    results = await asyncio.gather(lock(*rows), lock(*reversed(rows)), return_exceptions=True)
    assert [sqlstate(one) for one in results if isinstance(one, DBAPIError)] == ["40P01"]
    assert await deadlocks(database) == before + 1
