"""A row in every table, and SQL that goes past the code."""

import pytest

from tests.domains import of_domains
from tests.factories.redemptions import Till
from tests.factories.world import World


@pytest.fixture(scope="module")
async def peopled(module_world: World) -> World:
    """One row in each table that has rules, and two where one must differ from another."""
    till = await Till.open(module_world, claimed=1)
    for domain in of_domains("models", "rows"):
        await domain.make(module_world, till)
    return module_world
