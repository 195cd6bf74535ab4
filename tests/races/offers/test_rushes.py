"""Rushes of two hundred clients, each on an offer with a few vouchers.

`OFFER_RUSHES` sets their number. The control without the guard is in `test_last_vouchers`.
"""

import os
from collections import Counter

from sqlmodel import col, func, select

from core.database import Database
from models.offers.offers import Offer
from models.redemptions import Voucher
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import claim_at_once, crowd, tally

RUSHES = int(os.environ.get("OFFER_RUSHES", "4"))
CLIENTS, MOST_VOUCHERS = 200, 7


async def test_no_rush_sells_more_or_fewer_than_there_are(
    world: World, servers: list[Client], database: Database
) -> None:
    vendor, users = await world.vendor(), await crowd(world, CLIENTS)
    offers = [
        await world.offer(vendor, capacity=number % MOST_VOUCHERS + 1) for number in range(RUSHES)
    ]
    for offer in offers:
        answers = tally(await claim_at_once(servers, users, offer))
        sold = offer.capacity or 0
        assert answers == {"OK": sold, "OFFER_SOLD_OUT": CLIENTS - sold}
    assert await count_vouchers(database) == {one.id: one.capacity for one in offers}
    assert await count_claimed(database) == {one.id: one.capacity for one in offers}
    await check_invariants(database)


async def count_vouchers(database: Database) -> Counter[object]:
    rows = select(Voucher.offer_id, func.count()).group_by(col(Voucher.offer_id))
    async with database.session() as session:
        return Counter(dict((await session.exec(rows)).all()))


async def count_claimed(database: Database) -> Counter[object]:
    async with database.session() as session:
        return Counter(dict((await session.exec(select(Offer.id, Offer.claimed))).all()))
