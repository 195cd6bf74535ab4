"""A vendor whose offers are imported."""

import pytest

from jobs.context import WorkerContext
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.offers.importer import OfferImporter


@pytest.fixture
async def shop(
    world: World, api: Client, worker_context: WorkerContext, work: Work
) -> OfferImporter:
    vendor = await world.vendor(await world.user())
    member = await new_member(world, vendor, MemberRole.MANAGER)
    return OfferImporter(world, api, worker_context, work, vendor, member)
