"""A field that fails takes its siblings with it, and nothing that another branch waits for."""

import asyncio
from uuid import UUID

import pytest

from core.database import Database
from dataloaders.vendors import vendor_by_id
from engine.request_loaders import Loaders
from models.base import Row
from tests.factories.world import World
from tests.sources import DatabaseSource


async def test_cancelling_one_field_cancels_no_other(world: World, database: Database) -> None:
    """As GraphQL cancels the siblings of a field that failed."""
    vendor = await world.vendor()
    source = DatabaseSource(database)
    loader = Loaders(source)[vendor_by_id]

    async def wait(id: UUID) -> Row | None:
        return await loader.load(id)

    first, second = asyncio.create_task(wait(vendor.id)), asyncio.create_task(wait(vendor.id))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    found = await second
    assert found
    assert found.id == vendor.id
