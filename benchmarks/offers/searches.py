"""Searches for offers by text: of common and rare words, misspelt, in a city and near a place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Page, Window
from core.statements.read_connections import ReadConnections
from core.statements.row_source import RowSource
from core.statements.statement import Statement
from models.offers.offers import Offer
from services.near import Near
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.search import search_offers
from services.viewer import Viewer

FACTS = """
    SELECT
        (SELECT city_id FROM listing GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS city,
        listing.latitude, listing.longitude, split_part(title ->> 'en', ' ', 4) AS rare
    FROM listing JOIN offer ON offer.id = offer_id ORDER BY listing.published_at DESC LIMIT 1
"""


Result = TypeVar("Result")


@dataclass(frozen=True)
class PreparedRows:
    """RowSource with the connections of a server that only read, whose plans are generic."""

    connections: ReadConnections

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        return await self.connections.fetch(statement, values)


@dataclass(frozen=True)
class MeasuredSearch:
    """A search: what it is asked for, and in which order."""

    name: str
    wanted: OfferFilter
    order: OfferOrder

    async def fetch_page(
        self, session: AsyncSession, source: RowSource, after: str | None = None
    ) -> Page[Offer]:
        """Fetch a page of 20 as the server does, with all statements that it takes."""
        listing = search_offers(Viewer(), self.wanted, self.order)
        window = Window(first=20, after=after)
        if listing.reader is not None:
            return await listing.reader.read_page(source, window, None)
        if listing.pager is None:
            raise TypeError("Searches have a pager.")
        return await listing.pager.fetch_page(session, window)


async def measured_searches(connection: asyncpg.Connection) -> list[MeasuredSearch]:
    facts = await connection.fetchrow(FACTS)
    return [*_searches(facts)]


def _searches(facts: asyncpg.Record) -> Iterator[MeasuredSearch]:
    relevance = OfferOrder.RELEVANCE
    near = Near(facts["latitude"], facts["longitude"], 25)
    common, rare = OfferFilter(search="biryani"), OfferFilter(search=facts["rare"])
    misspelt = OfferFilter(search="biriani")
    yield MeasuredSearch("common word", common, relevance)
    yield MeasuredSearch("common word, newest", common, OfferOrder.NEWEST)
    yield MeasuredSearch("common words", OfferFilter(search="coffee families"), relevance)
    yield MeasuredSearch("common word in a city", replace(common, city_id=facts["city"]), relevance)
    yield MeasuredSearch("common word, near", replace(common, near=near), relevance)
    yield MeasuredSearch("common word, nearest", replace(common, near=near), OfferOrder.NEAREST)
    yield MeasuredSearch("rare word", rare, relevance)
    yield MeasuredSearch("rare word, newest", rare, OfferOrder.NEWEST)
    yield MeasuredSearch("rare word, nearest", replace(rare, near=near), OfferOrder.NEAREST)
    yield MeasuredSearch("misspelt", misspelt, relevance)
    yield MeasuredSearch("misspelt, nearest", replace(misspelt, near=near), OfferOrder.NEAREST)
    yield MeasuredSearch("start of a word", OfferFilter(search="biry"), relevance)
    yield MeasuredSearch("unknown word", OfferFilter(search="zzzzzzzz"), relevance)
