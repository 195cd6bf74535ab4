"""Lists of offers at growing scales, on an embedded server.

Run `python -m benchmarks.offers 10000 100000 1000000`. It prints milliseconds of execution, the
best of five, and pages of 8 kB, for the first page and for one deep in the list, with generic
plans. Searches and lists near a place take several statements: it prints the time until they are
answered. `--plans` rewrites docs/performance-plans.md with the plans of the first pages.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.offers.lists import MeasuredList, measured_lists, page_of
from benchmarks.offers.plan_page import write_plans
from benchmarks.offers.plans import buffers, explain
from benchmarks.offers.searches import MeasuredSearch, PreparedRows, measured_searches
from benchmarks.offers.seed import seed
from core.database import Database
from core.ids import FIRST_ID
from core.keyset import Page, Window
from core.runtime.embedded import as_role, servers
from core.settings import HOME
from core.statements.row_source import RowSource
from models.offers.offers import Offer
from services.near import Near
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.search import search_offers
from services.offers.suggested_names import (
    suggest_categories,
    suggest_cities,
    suggest_vendors,
)
from services.offers.suggestions import suggest
from services.viewer import Viewer

ROUNDS, DEEP, DEEP_PAGES = 5, 20_000, 100
TYPED = ("b", "bi", "bir", "birya", "biriy", "vendor 12", "vendir", "xqzw")


async def measure(url: str, offers: int, *, plans: bool) -> None:
    connection = await asyncpg.connect(url)
    began = time.perf_counter()
    await seed(connection, offers=offers, vendors=max(100, offers // 50), leaves=40)
    listed = await connection.fetchval("SELECT count(*) FROM listing")
    _print(f"{offers:,} offers, {listed:,} listed: seeded in {time.perf_counter() - began:.0f} s")
    lists = await measured_lists(connection)
    for one in lists:
        first = await _measure_page(connection, one, None)
        deep = await _measure_page(connection, one, await _deep_cursor(connection, one))
        _print(f"{one.name:26} {first:>20} {deep:>20}")
    if plans:
        await write_plans(connection, lists, offers)
    place = await connection.fetchrow(
        "SELECT latitude, longitude FROM listing"
        " WHERE city_id = (SELECT city_id FROM listing GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
        " LIMIT 1"
    )
    searches = await measured_searches(connection)
    await connection.close()
    await _measure_searches(url, searches)
    near = Near(place["latitude"], place["longitude"], 500)
    await _measure_suggestions(url, near)
    await _measure_near(url, near)


async def _measure_page(
    connection: asyncpg.Connection, one: MeasuredList, after: str | None
) -> str:
    statement, arguments = page_of(one.listing(), after)
    found = [await explain(connection, statement.sql, arguments) for _ in range(ROUNDS)]
    best = min(explained["Execution Time"] for explained in found)
    return f"{best:.2f} / {buffers(found[-1]):,}"


async def _deep_cursor(connection: asyncpg.Connection, one: MeasuredList) -> str | None:
    """Return the cursor after 20,000 offers, or in the middle of a list with fewer."""
    listing = one.listing()
    statement, arguments = page_of(listing)
    key = "sort_key"
    sql = statement.sql.replace("LIMIT 21", f"LIMIT {DEEP}")
    rows = await connection.fetch(sql, *arguments)
    row = rows[-1] if len(rows) == DEEP else rows[len(rows) // 2]
    return listing.ordering.cursor(row[key], row["id"])


async def _measure_searches(url: str, searches: Sequence[MeasuredSearch]) -> None:
    """Print milliseconds of the first page of each search, and of one deep in it."""
    database = Database(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    source = PreparedRows(database.reads)
    async with database.session() as session:
        for one in searches:
            first, page = await _time_search(session, source, one, None)
            for _ in range(DEEP_PAGES if page.has_next else 0):
                page = await one.fetch_page(session, source, page.cursor(-1))
                if not page.has_next:
                    break
            after = page.cursor(-1) if page.rows else None
            deep, _ = await _time_search(session, source, one, after)
            _print(f"{one.name:26} {first:>17.2f} ms {deep:>17.2f} ms")
    await database.close()


async def _time_search(
    session: AsyncSession, source: RowSource, one: MeasuredSearch, after: str | None
) -> tuple[float, Page[Offer]]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        page = await one.fetch_page(session, source, after)
        times.append(time.perf_counter() - began)
    return 1_000 * min(times), page


async def _measure_suggestions(url: str, near: Near) -> None:
    """Print milliseconds until suggestions are found, after those of all names are written."""
    database = Database(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with database.session() as session, session.begin():
        await suggest_categories(session)
        await suggest_cities(session)
        last: UUID | None = FIRST_ID
        while last is not None:
            last = await suggest_vendors(session, last)
    source = PreparedRows(database.reads)
    for typed in TYPED:
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await suggest(source, typed, near, 8)
            times.append(time.perf_counter() - began)
        _print(f"suggest {typed:18} {1_000 * min(times):>17.2f} ms")
    await database.close()


async def _measure_near(url: str, near: Near) -> None:
    database = Database(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    listing = search_offers(Viewer(), OfferFilter(near=near), OfferOrder.NEAREST)
    pager = listing.pager
    if pager is None:
        raise TypeError("Lists near a place have a pager.")
    window = Window(first=20)
    for number in (1, 1_000):
        async with database.session() as session:
            times = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                page = await pager.fetch_page(session, window)
                times.append(time.perf_counter() - began)
            _print(f"nearest, page {number:,}: {1_000 * min(times):.1f} ms with all statements")
            for _ in range(999 if number == 1 and page.has_next else 0):
                window = Window(first=20, after=page.cursor(-1))
                following = await pager.fetch_page(session, window)
                if not following.rows:
                    break
                page = following
    await database.close()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("offers", nargs="+", type=int)
    parser.add_argument("--plans", action="store_true", help="write the plans to their page")
    options = parser.parse_args()
    for offers in options.offers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
            with servers(folder) as running:
                environment = running.environment() | {"MIGRATIONS_URL": running.migrations_url}
                command = [sys.executable, str(HOME / "cli.py"), "migrate"]
                subprocess.run(command, env=os.environ | environment, check=True)  # noqa: S603
                url = as_role(running.database_url, "postgres")
                asyncio.run(measure(url, offers, plans=options.plans))


if __name__ == "__main__":
    main()
