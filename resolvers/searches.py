"""Root fields of saved searches."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models import searches as rows
from models.errors import InvalidInput, NotFound
from schema.searches.inputs import SaveSearchInput, UpdateSavedSearchInput, search_name
from schema.searches.types import SavedSearch, SavedSearchId
from services.searches import searches


@strawberry.type
class SearchQuery:
    @connection(Connection[SavedSearch], "The viewer's saved searches, newest first: at most 50.")
    def saved_searches(self, info: Info) -> Listing[Any]:
        return searches.list_searches(info.context.viewer)


@strawberry.type
class SearchMutation:
    @mutation(
        saved_search=SavedSearch,
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.SavedSearchLimitReached,
            rows.SavedSearchNameTaken,
        ),
        repeatable="returns the search with the same name and conditions",
    )
    async def save_search(self, info: Info, input: SaveSearchInput) -> rows.SavedSearch:
        """Save a search of offers, to be notified of new ones. A user can have at most 50.

        Offers that are already published never match.
        """
        name, conditions = search_name(input.name), input.conditions.conditions()
        async with info.context.transaction() as session:
            return await searches.save_search(
                session,
                info.context.viewer,
                name=name,
                conditions=conditions,
                notices=input.notices,
            )

    @mutation(
        saved_search=SavedSearch,
        personal=True,
        raises=(InvalidInput, NotFound, rows.SavedSearchNameTaken),
        repeatable="sets values",
    )
    async def update_saved_search(
        self, info: Info, input: UpdateSavedSearchInput
    ) -> rows.SavedSearch:
        """Change a saved search of the viewer."""
        name = None if input.name is None else search_name(input.name)
        conditions = None if input.conditions is None else input.conditions.conditions()
        async with info.context.transaction() as session:
            return await searches.update_saved_search(
                session,
                info.context.viewer,
                search_id=input.saved_search_id,
                name=name,
                conditions=conditions,
                notices=input.notices,
            )

    @mutation(personal=True, raises=(NotFound,), repeatable="refuses a deleted search")
    async def delete_saved_search(self, info: Info, saved_search_id: SavedSearchId) -> None:
        """Delete a saved search of the viewer, with its matches."""
        async with info.context.transaction() as session:
            await searches.delete_saved_search(
                session, info.context.viewer, search_id=saved_search_id
            )

    @mutation(
        saved_search=SavedSearch, personal=True, raises=(NotFound,), repeatable="sets a state"
    )
    async def mark_saved_search_seen(
        self, info: Info, saved_search_id: SavedSearchId
    ) -> rows.SavedSearch:
        """Mark all matches of a saved search that were found until now as seen."""
        async with info.context.transaction() as session:
            return await searches.mark_saved_search_seen(
                session, info.context.viewer, search_id=saved_search_id
            )
