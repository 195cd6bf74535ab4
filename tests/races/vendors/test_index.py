"""A job that denormalizes a vendor's values, while the vendor changes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.vendors import Vendor
from services.catalog import products
from services.offers import offers
from services.transaction import Transactions
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.races.meeting import waits_or_ends

Index = Callable[[AsyncSession, UUID, UUID], Awaitable[UUID | None]]


async def index_during_a_move(world: World, database: Database, index: Index, row: Any) -> str:
    """Index while the vendor's move to Mysuru is not committed yet, and return the search text."""
    transactions = Transactions(database, Unheard())

    async def run() -> None:
        async with transactions.begin() as session:
            await index(session, row.vendor_id, UUID(int=0))

    async with database.session() as session, session.begin():
        (await session.get_one(Vendor, row.vendor_id)).city = "Mysuru"
        await session.flush()
        indexing = asyncio.create_task(run())
        await waits_or_ends(database, indexing)
    await indexing
    searched: str = (await world.fresh(row)).search_text
    return searched


async def scenes(world: World) -> list[tuple[Any, Index]]:
    vendor = await world.vendor()
    return [
        (await world.product(vendor), products.index_products),
        (await world.offer(vendor), offers.index_offers),
    ]


async def test_a_job_reads_its_vendor_as_it_is_when_it_writes(
    world: World, database: Database
) -> None:
    for row, index in await scenes(world):
        assert "mysuru" in await index_during_a_move(world, database, index, row)


@pytest.mark.parametrize("place", [0, 1])
async def test_a_job_without_the_lock_writes_the_city_before(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    row, index = (await scenes(world))[place]
    for module in (products, offers):
        monkeypatch.setattr(module, "for_reliance", lambda rows: rows)
    assert "mysuru" not in await index_during_a_move(world, database, index, row)
