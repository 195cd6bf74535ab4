"""Offers that are found by a text, the most relevant first.

The degrees of relevance are tiers: the words as written in the title, in another text, longer
words, and other spellings. Within one, the order is that of the offers' quality.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Count, Ordering, Page, Window, page_of
from core.statements.pages import limit_for
from core.statements.parameters import given, placeholders
from core.statements.row_source import RowSource, SessionRows
from core.statements.selected import Selected
from core.statements.statement import Statement
from models.offers.offers import Offer
from services.offers.filters import PARAMETERS, FilterShape, OfferFilter
from services.offers.public_lists import values_of
from services.offers.relevance_pages import (
    CURSORS,
    TIER_SIZE,
    PageShape,
    RelevancePage,
    base_of,
)
from services.offers.text_search import TextSearch, count_found
from services.offers.understanding import Tier
from services.viewer import ANONYMOUS

MAX_SHAPES = 1_024  # of pages whose statements are kept: to write one takes 5 ms


@dataclass(frozen=True)
class MostRelevantFirst:
    """Pages of offers by their tier, and within one by their quality."""

    search: TextSearch
    ordering: Ordering

    @property
    def is_kept(self) -> bool:
        """Return whether statements are kept. Places and viewers are part of them."""
        return self.search.wanted.near is None and not self.search.wanted.liked

    async def read_page(
        self, source: RowSource, window: Window, selected: Selected | None
    ) -> Page[Offer]:
        """Read a page by two statements: of the words, and one that stops at the last tier."""
        wanted = self.search.wanted
        shape, values = await self._look_up(source, window)
        names = tuple(given(wanted, PARAMETERS))
        rows: list[Any] = await source.fetch(
            _statement(names, wanted.shape, shape, selected), **values
        )
        return page_of(rows, [row["sort_key"] for row in rows], self.ordering, window)

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        """Fetch a page by two statements, of which the second is written for each page."""
        shape, values = await self._look_up(SessionRows(session), window)
        statement = RelevancePage(self.search, shape).select_rows()
        rows = (await session.execute(statement, values)).all()
        return page_of([row[0] for row in rows], [row[1] for row in rows], self.ordering, window)

    async def count(self, session: AsyncSession) -> Count:
        return await count_found(self.search, session)

    async def _look_up(self, source: RowSource, window: Window) -> tuple[PageShape, dict[str, Any]]:
        """Return the shape of a page and the values of its statement."""
        tiers = (await self.search.understand(source)).tiers
        bounds = {
            name: self.ordering.place(cursor)
            for name, _ in CURSORS
            if (cursor := getattr(window, name)) is not None
        }
        shape = PageShape(
            tuple(tier.number for tier in tiers),
            tuple((tier.number, tier.is_common) for tier in tiers if _overlaps(tier, bounds)),
            tuple(bounds),
            window.backward,
            limit_for(window.size + 1),
        )
        return shape, self._values(tiers, bounds)

    def _values(self, tiers: Sequence[Tier], bounds: Mapping[str, Any]) -> dict[str, Any]:
        values = values_of(self.search.wanted)
        for tier in tiers:
            values[f"tsquery_{tier.number}"] = tier.tsquery
            values[f"narrowed_{tier.number}"] = self.search.narrowed(tier.tsquery)
            for name, (key, _) in bounds.items():
                values[f"{name}_{tier.number}"] = key - base_of(tier.number)
        return values | {f"{name}_id": id for name, (_, id) in bounds.items()}


def _overlaps(tier: Tier, bounds: Mapping[str, Any]) -> bool:
    """Return whether offers of a tier can be within the cursors."""
    base = base_of(tier.number)
    follow = "after" not in bounds or base <= bounds["after"][0]
    return follow and ("before" not in bounds or bounds["before"][0] < base + TIER_SIZE)


@lru_cache(maxsize=MAX_SHAPES)
def _statement(
    names: tuple[str, ...], conditions: FilterShape, shape: PageShape, selected: Selected | None
) -> Statement[Offer]:
    """Write the statement for conditions. `names` are at most 7, of PARAMETERS."""
    wanted: Any = OfferFilter(**vars(conditions), **placeholders(names, PARAMETERS))
    page = RelevancePage(TextSearch(ANONYMOUS, wanted, ()), shape)
    return Statement(page.select_columns(selected), Offer, selected)
