"""Pages and counts of listings, by their statements or with a session."""

from typing import Any, TypeVar

from core import keyset
from core.keyset import Count, Listing, Page, Window
from core.statements.selected import Selected
from engine.reads.source import ReadSource

Row = TypeVar("Row")


async def fetch_page(
    source: ReadSource, listing: Listing[Row], window: Window, selected: Selected | None = None
) -> Page[Row]:
    """Fetch a page in one statement. A session reads whole rows, whatever is selected."""
    if listing.reader is not None:
        return await listing.reader.read_page(source, window, selected)
    if listing.statements is None:
        async with source.read_session() as session:
            return await keyset.fetch_page(session, listing, window)
    bounds = listing.statements.bound_values(window)
    statement = listing.statements.page(window, selected)
    rows: list[Any] = await source.fetch(statement, **listing.values, **bounds)
    keys = [row["sort_key"] for row in rows]
    return keyset.page_of(rows, keys, listing.ordering, window)


async def count_rows(source: ReadSource, listing: Listing[Any]) -> Count:
    """Count a list's rows, up to its limit."""
    if listing.statements is None:
        async with source.read_session() as session:
            return await keyset.count(session, listing)
    (row,) = await source.fetch(listing.statements.count, **listing.values)
    return keyset.count_of(row[0], listing)
