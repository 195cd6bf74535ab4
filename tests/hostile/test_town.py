"""Among 200,000 offers and as many messages, no list of them reads more than a small part.

The rows that PostgreSQL reads are counted, which unlike times do not depend on the machine;
`python -m tests.hostile.town` measures times.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from core.database import Database
from core.keyset import Listing
from core.keyset import Window as Page
from core.runtime.embedded import as_role
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.seed import seed_database
from engine.reads.lists import count_rows, fetch_page
from gateways.storage.factory import create_storage
from models.offers.offers import OfferState
from services.chat.search import search_messages
from services.near import Near
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.search import search_offers
from services.vendors.queries import VendorFilter, search_vendors
from services.viewer import ANONYMOUS, Viewer
from tests import servers
from tests.hostile.town.build import BUILD_SECONDS, grow
from tests.hostile.town.chat import grow_chat
from tests.resolvers.counting import captured
from tests.sources import DatabaseSource

MAX_ROWS_READ = 20_000
MAX_ROWS_COUNTED = 70_000
SEARCHES = [
    "free",  # 60,000 offers
    "cafe",
    "massage",
    "masage",
    "misage",
    "get",
    "xyzzy",  # none
    "get chicago yoga",  # common, but not together
    "first visit",
    "the your free in and get buy with for you",
    "evening families buy get free first visit",
    "e r n t s a o i h l d m c u p b g k f",
    "半額",
    "半額" * 20,
]
FILTERS = [
    OfferFilter(),
    OfferFilter(country="IN"),
    OfferFilter(country="FR"),  # none
    OfferFilter(states=frozenset(OfferState)),
    OfferFilter(states=frozenset({OfferState.DRAFT, OfferState.PUBLISHED})),
    OfferFilter(states=frozenset({OfferState.DRAFT})),
    OfferFilter(states=frozenset({OfferState.EXPIRED, OfferState.ARCHIVED})),
    OfferFilter(pin_code="none"),
    OfferFilter(near=Near(19.07, 72.87, 50)),
    OfferFilter(near=Near(28.6, 77.2, 500)),
]
MESSAGE_SEARCHES = [
    "the",  # 35,000 of the vendor's messages
    "hello",
    "xyzzy",
    '"every day of the week"',
    "-hello",
    "hello or sunday",
    "t",
]


def describe(wanted: OfferFilter) -> str:
    """Name a filter the same in each process: a set has an order of its own in each."""
    given = {name: value for name, value in vars(wanted).items() if value}
    shown = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in given.items()
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items()) or "all"


@pytest.fixture(scope="module")
async def town(settings: Settings, worker_id: str) -> AsyncIterator[Database]:
    name = f"haat_town_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    url = servers.url_of(name).replace("://", "+asyncpg://")
    builder = Database(as_role(url, servers.SUPERUSER), pool=2, statement_seconds=BUILD_SECONDS)
    keys = SigningKeys.generate()
    await seed_database(builder, keys, create_storage(settings, keys), lambda *_: None)
    await grow(builder)
    await grow_chat(builder)
    await builder.close()
    database = Database(url, pool=2)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def member(town: Database) -> Viewer:
    async with town.session() as session:
        found = await session.execute(text("SELECT user_id FROM vendor_member LIMIT 1"))
        return Viewer(found.scalar_one())


@pytest.fixture(scope="module")
async def busiest_member(town: Database) -> Viewer:
    """Return a member of the vendor with 100,000 messages."""
    async with town.session() as session:
        found = await session.execute(
            text(
                """SELECT user_id FROM vendor_member WHERE vendor_id = (
                    SELECT vendor_id FROM conversation GROUP BY vendor_id
                    ORDER BY count(*) DESC LIMIT 1
                ) LIMIT 1"""
            )
        )
        return Viewer(found.scalar_one())


@pytest.fixture(scope="module")
async def busiest_place(town: Database) -> tuple[float, float]:
    """Return the coordinates around which the most offers are."""
    async with town.session() as session:
        found = await session.execute(
            text(
                """SELECT avg(latitude), avg(longitude) FROM listing
                GROUP BY round(latitude), round(longitude) ORDER BY count(*) DESC LIMIT 1"""
            )
        )
        latitude, longitude = found.one()
        return latitude, longitude


async def test_the_town_has_its_size(town: Database) -> None:
    async with town.session() as session:
        counted = await session.execute(
            text("SELECT (SELECT count(*) FROM offer), (SELECT count(*) FROM listing)")
        )
        offers, listed = counted.one()
        assert offers > 190_000
        assert listed > 140_000, "public lists are read from them"


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("order", [None, OfferOrder.NEWEST, OfferOrder.ENDING_SOON])
async def test_a_search_reads_few_offers(
    town: Database, search: str, order: OfferOrder | None
) -> None:
    listing = search_offers(ANONYMOUS, OfferFilter(search=search), order)
    assert await rows_read(town, listing) < MAX_ROWS_READ


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_search_reads_few_vendors(town: Database, search: str) -> None:
    listing = search_vendors(ANONYMOUS, VendorFilter(search=search))
    assert await rows_read(town, listing) < MAX_ROWS_READ


@pytest.mark.parametrize("wanted", FILTERS, ids=describe)
@pytest.mark.parametrize("order", [None, OfferOrder.NEWEST, OfferOrder.ENDING_SOON])
@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "member"])
async def test_a_list_reads_few_offers(
    town: Database,
    member: Viewer,
    wanted: OfferFilter,
    order: OfferOrder | None,
    *,
    signed_in: bool,
) -> None:
    listing = search_offers(member if signed_in else ANONYMOUS, wanted, order)
    assert await rows_read(town, listing) < MAX_ROWS_READ


@pytest.mark.parametrize("wanted", [*FILTERS, OfferFilter(search="free")], ids=describe)
async def test_a_count_stops(town: Database, wanted: OfferFilter) -> None:
    listing = search_offers(ANONYMOUS, wanted)
    assert await rows_read(town, listing, counts=True) < MAX_ROWS_COUNTED
    found = await count_rows(DatabaseSource(town), listing)
    assert found.number <= listing.countable
    assert found.exact == (found.number < listing.countable)


@pytest.mark.parametrize("search", MESSAGE_SEARCHES)
@pytest.mark.parametrize("counts", [False, True], ids=["page", "count"])
async def test_a_search_reads_few_messages(
    town: Database, busiest_member: Viewer, search: str, *, counts: bool
) -> None:
    listing = search_messages(busiest_member, search)
    assert await rows_read(town, listing, counts=counts) < MAX_ROWS_READ


@pytest.mark.parametrize("order", sorted({*OfferOrder} - {OfferOrder.RELEVANCE}))
@pytest.mark.parametrize("within_km", [5, 50, 500])
async def test_a_circle_reads_few_offers(
    town: Database, busiest_place: tuple[float, float], order: OfferOrder, within_km: float
) -> None:
    """The nearest are read by rings, and 1,000 of them are sorted in another order."""
    near = Near(*busiest_place, within_km)
    listing = search_offers(ANONYMOUS, OfferFilter(near=near), order)
    assert await rows_read(town, listing, covered=True) < MAX_ROWS_READ


async def rows_read(
    database: Database, listing: Listing[Any], *, counts: bool = False, covered: bool = False
) -> int:
    """Return the rows that the scans of a list's statements read, `covered` by an index or not."""
    with captured() as sent:
        if counts:
            await count_rows(DatabaseSource(database), listing)
        else:
            await fetch_page(DatabaseSource(database), listing, Page(first=20))
    async with database.engine.connect() as connection:
        read = 0
        for statement, parameters in sent:
            if "set_config" in statement:
                await connection.exec_driver_sql(statement, parameters)
                continue
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
            plan = (await connection.exec_driver_sql(explain, parameters)).scalar_one()
            tree = json.loads(plan) if isinstance(plan, str) else plan
            read += sum(_read(node, covered=covered) for node in _nodes(tree[0]["Plan"]))
    return read


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _read(node: dict[str, Any], *, covered: bool) -> int:
    """Return the rows that a scan read, also those it dismissed.

    A join with the approved vendors may read all of them in one go, which takes 4 ms.
    """
    if "Relation Name" not in node or (node["Node Type"] == "Index Only Scan" and not covered):
        return 0
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])
