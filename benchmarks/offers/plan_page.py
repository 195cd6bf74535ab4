"""The page with the plans of the commonest lists."""

from collections.abc import Iterable
from datetime import UTC, datetime

import asyncpg

from benchmarks.offers.lists import MeasuredList, page_of
from benchmarks.offers.plans import explain_as_text
from core.settings import HOME

PAGE = HOME / "docs/performance-plans.md"
INTRODUCTION = """# Plans of the commonest lists

The first page of 20 of each list among {offers:,} offers. The plans are the generic ones of the
statements that the server sends, by `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE`, with all rows
in memory. `python -m benchmarks.offers {given} --plans` wrote this page on {day}.

[Performance](performance.md#lists-of-offers) compares the figures with those of fewer offers, and
`tests/resolvers/offers/test_offer_plans.py` holds the shape of the plans on a small table.
"""


async def write_plans(
    connection: asyncpg.Connection, lists: Iterable[MeasuredList], offers: int
) -> None:
    """Write the plan of the first page of each list."""
    parts = [INTRODUCTION.format(offers=offers, given=offers, day=f"{datetime.now(UTC):%Y-%m-%d}")]
    for one in lists:
        statement, arguments = page_of(one.listing())
        lines = await explain_as_text(connection, statement.sql, arguments)
        parts.append("\n".join([f"## {one.name.capitalize()}", "", "```text", *lines, "```", ""]))
    PAGE.write_text("\n".join(parts))
