"""Saved searches."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from core.ids import FIRST_ID
from models.identity.accounts import User
from models.searches import SavedSearch, SearchConditions, SearchNotices
from services.searches.matching import match_saved_searches
from services.searches.searches import save_search
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.base import NUMBERS


async def saved(
    transactions: Transactions,
    user: User,
    notices: SearchNotices = SearchNotices.INSTANT,
    *,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
    **conditions: Any,
) -> SavedSearch:
    """Return a saved search of a user, for tea by default. `meanwhile` runs before the commit."""
    given = SearchConditions(**conditions or {"search": "tea"})
    async with transactions.begin() as session:
        search = await save_search(
            session,
            Viewer(user_id=user.id),
            name=f"Search {next(NUMBERS)}",
            conditions=given,
            notices=notices,
        )
        if meanwhile is not None:
            await session.flush()
            await meanwhile()
        return search


async def match(transactions: Transactions, offer_id: UUID) -> None:
    """Do what a job does after an offer was published."""
    last: UUID | None = FIRST_ID
    while last is not None:
        async with transactions.begin() as session:
            last = await match_saved_searches(session, offer_id, last)
