"""How PostgreSQL finds lists of offers, by the plans that prepared statements get.

The offers are those of `benchmarks/offers`, fewer of them.
"""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from benchmarks.offers.lists import measured_lists, page_of
from benchmarks.offers.plans import Node, explain, nodes
from benchmarks.offers.searches import measured_searches
from benchmarks.offers.seed import seed
from core.keyset import Window
from core.runtime.embedded import as_role
from core.settings import Settings
from core.statements.row_source import SessionRows
from models.offers.offers import OfferLike
from services.near import Near
from services.offers import public_lists, relevance, relevance_pages, sifting, understanding
from services.offers.facets import OfferFacet, count_facets
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.for_you.kept_lists import KeptLists
from services.offers.for_you.pages import RankedPage, personalize
from services.offers.search import search_offers
from services.offers.suggestions import suggest
from services.viewer import Viewer
from tests import servers
from tests.factories.world import World
from tests.resolvers.counting import captured

LARGE = {"offer", "listing", "listing_pin", "listing_rank", "term"}
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
    for module in (sifting, relevance_pages):
        monkeypatch.setattr(module, "MAX_WALKED", 200)
    monkeypatch.setattr(understanding, "COMMON", 500)
    for statements in (public_lists._statements, relevance._statement):
        statements.cache_clear()
    yield
    for statements in (public_lists._statements, relevance._statement):
        statements.cache_clear()


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


async def test_no_suggestion_scans_the_vocabulary_or_sorts_all_words(
    world: World, connection: asyncpg.Connection
) -> None:
    await world.suggest_names()
    for typed in ("v", "ve", "vendor 1", "bir", "biriy", "vemdor", "zzzz"):
        with captured() as sent:
            async with world.database.session() as session:
                found = await suggest(SessionRows(session), typed, None, 8)
        assert bool(found) == (typed != "zzzz"), typed
        for statement, arguments in sent:
            for generic in (True, False):
                plan = (await explain(connection, statement, arguments, generic=generic))["Plan"]
                assert not scanned(plan) & LARGE, (typed, generic)
                assert sorted_rows(plan) <= MAX_SORTED, (typed, generic)


async def test_no_facet_of_a_narrow_list_scans_a_table(
    world: World, connection: asyncpg.Connection
) -> None:
    await world.count_listings()
    facts = await connection.fetchrow("SELECT * FROM listing ORDER BY published_at DESC LIMIT 1")
    near = Near(facts["latitude"], facts["longitude"], 10)
    pin = """
        SELECT pin FROM listing_pin JOIN listing USING (offer_id) WHERE percent IS NOT NULL
        GROUP BY 1 ORDER BY count(*), pin LIMIT 1
    """
    rare = await connection.fetchval(pin)
    for wanted in (
        OfferFilter(),
        OfferFilter(category_id=facts["root_id"]),
        OfferFilter(vendor_id=facts["vendor_id"]),
        OfferFilter(near=near, discount_at_least=20),
        OfferFilter(pin_code=rare),
    ):
        with captured() as sent:
            async with world.database.session() as session:
                found = await count_facets(session, Viewer(), wanted, [*OfferFacet])
        assert all(facet.values for facet in found), wanted
        for statement, arguments in sent:
            plan = (await explain(connection, statement, arguments))["Plan"]
            assert not scanned(plan) & LARGE, wanted


async def test_no_list_for_a_user_scans_a_table_or_sorts_all_offers(
    world: World, connection: asyncpg.Connection, settings: Settings
) -> None:
    user, kept = await world.user(), KeptLists(settings.redis)
    newest = "SELECT * FROM listing ORDER BY published_at DESC LIMIT 30"
    rows = await connection.fetch(newest)
    await world.save(*(OfferLike(user_id=user.id, offer_id=one["offer_id"]) for one in rows))
    await connection.execute("ANALYZE offer_like")
    facts, viewer = rows[0], Viewer(user.id)
    near = Near(facts["latitude"], facts["longitude"], 10)
    for wanted in (
        OfferFilter(),
        OfferFilter(near=near),
        OfferFilter(near=near, discount_at_least=20),
        OfferFilter(category_id=facts["root_id"], country=facts["country"]),
        OfferFilter(liked=True),
    ):
        listing = search_offers(viewer, wanted, OfferOrder.FOR_YOU)
        pager = personalize(listing, viewer, wanted, kept).pager
        assert pager
        with captured() as sent:
            async with world.database.session() as session:
                page = await pager.fetch_page(session, Window(first=20))
            async with world.database.session() as session:
                await pager.fetch_page(session, Window(first=20, after=page.cursor(-1)))
        assert isinstance(page, RankedPage), wanted
        for statement, arguments in sent:
            for generic in (True, False):
                plan = (await explain(connection, statement, arguments, generic=generic))["Plan"]
                assert not scanned(plan) & LARGE, (wanted, generic, statement)
                assert sorted_rows(plan) <= MAX_SORTED, (wanted, generic, statement)
    await kept.close()


async def test_no_search_scans_a_table_or_sorts_all_offers(
    world: World, connection: asyncpg.Connection
) -> None:
    for one in await measured_searches(connection):
        with captured() as sent:
            async with world.database.session() as session:
                source = SessionRows(session)
                first = await one.fetch_page(session, source)
                if first.has_next:
                    await one.fetch_page(session, source, first.cursor(-1))
        assert bool(first.rows) == (one.name != "unknown word"), one.name
        for statement, arguments in sent:
            for generic in (True, False):
                plan = (await explain(connection, statement, arguments, generic=generic))["Plan"]
                assert not scanned(plan) & LARGE, (one.name, generic, statement)
                assert sorted_rows(plan) <= MAX_SORTED, (one.name, generic, statement)
