"""How PostgreSQL finds lists of offers, by the plans that prepared statements get.

The offers are those of `benchmarks/offers`, fewer of them.
"""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from benchmarks.offers.lists import measured_lists, page_of
from benchmarks.offers.plans import Node, explain, nodes
from benchmarks.offers.seed import seed
from core.runtime.embedded import as_role
from services.offers import public_lists, sifting
from tests import servers
from tests.factories.world import World

LARGE = {"offer", "listing", "listing_pin", "listing_rank"}
MAX_SORTED = 3_001


@pytest.fixture
async def connection(world: World, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Return a connection of a superuser, to offers that are removed with the world."""
    connection = await asyncpg.connect(as_role(database_url, servers.SUPERUSER))
    await seed(connection, offers=12_000, vendors=400, leaves=8)
    yield connection
    await connection.close()


def scanned(plan: Node) -> set[str]:
    found = (one for one in nodes(plan) if one["Node Type"] == "Seq Scan")
    return {one["Relation Name"] for one in found}


def sorted_rows(plan: Node) -> float:
    sorts = [one for one in nodes(plan) if one["Node Type"] == "Sort"]
    return max((one["Plans"][0]["Actual Rows"] for one in sorts), default=0)


@pytest.fixture(autouse=True)
def few_walked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look through as small a part of the offers as of a million: the plan depends on it."""
    monkeypatch.setattr(sifting, "MAX_WALKED", 100)
    public_lists._statements.cache_clear()
    yield
    public_lists._statements.cache_clear()


async def test_no_list_scans_a_table_or_sorts_all_offers(connection: asyncpg.Connection) -> None:
    lists = await measured_lists(connection)
    for one in lists:
        statement, arguments = page_of(one.listing())
        for generic in (True, False):
            plan = (await explain(connection, statement.sql, arguments, generic=generic))["Plan"]
            assert not scanned(plan) & LARGE, (one.name, generic)
            assert sorted_rows(plan) <= MAX_SORTED, (one.name, generic)
    # A list that looks through all offers would be found.
    every = "SELECT offer_id FROM listing ORDER BY percent, offer_id LIMIT 21"
    plan = (await explain(connection, every, []))["Plan"]
    assert scanned(plan) == {"listing"}
    assert sorted_rows(plan) > MAX_SORTED
