"""Saved searches: each user keeps their own, and no one else sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in, for_change
from core.keyset import Listing, newest_first
from models.categories import Category
from models.errors import NotFound
from models.identity.accounts import User
from models.offers.listings import City, ListedOffer
from models.searches import (
    MAX_SAVED_SEARCHES,
    SavedSearch,
    SavedSearchHit,
    SavedSearchLimitReached,
    SavedSearchNameTaken,
    SearchConditions,
    SearchNotices,
)
from models.vendors import Vendor
from services import jobs
from services.offers.public_lists import is_live
from services.searches.anchors import prepare
from services.vendors.access import visible_vendors
from services.viewer import Viewer


def visible_searches(viewer: Viewer) -> SelectOfScalar[SavedSearch]:
    """Select the viewer's saved searches."""
    return select(SavedSearch).where(SavedSearch.user_id == viewer.user_id)


def visible_hits(viewer: Viewer) -> SelectOfScalar[SavedSearchHit]:
    """Select the offers that match the viewer's saved searches."""
    own = visible_searches(viewer).with_only_columns(col(SavedSearch.id))
    return select(SavedSearchHit).where(col(SavedSearchHit.search_id).in_(own))


def list_searches(viewer: Viewer) -> Listing[SavedSearch]:
    """List the viewer's saved searches, the newest first."""
    viewer.require_user()
    return Listing(visible_searches(viewer), newest_first(SavedSearch))


def list_hits(search_id: UUID) -> Listing[SavedSearchHit]:
    """List the live offers that match a saved search, the latest match first."""
    rows = select(SavedSearchHit).where(SavedSearchHit.search_id == search_id, is_hit_live())
    return Listing(rows, newest_first(SavedSearchHit))


def is_hit_live() -> Any:
    """Match hits whose offers are live."""
    table = aliased(ListedOffer)
    return exists_in(table, col(table.offer_id) == SavedSearchHit.offer_id, is_live(table))


async def save_search(
    session: AsyncSession,
    viewer: Viewer,
    *,
    name: str,
    conditions: SearchConditions,
    notices: SearchNotices,
) -> SavedSearch:
    """Save a search, or return the one with this name and these conditions.

    The user is locked, so that two requests at once cannot exceed the limit. Raises
    `SavedSearchLimitReached` and `SavedSearchNameTaken`.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    same = (await session.exec(visible_searches(viewer).where(SavedSearch.name == name))).first()
    if same is not None:
        if same.has(conditions):
            return same
        raise SavedSearchNameTaken
    counted = select(func.count()).where(SavedSearch.user_id == user_id)
    if (await session.exec(counted)).one() >= MAX_SAVED_SEARCHES:
        raise SavedSearchLimitReached(most=MAX_SAVED_SEARCHES)
    saved = SavedSearch(
        user_id=user_id,
        name=name,
        notices=notices,
        **conditions.columns(),
        **await _prepare(session, viewer, conditions),
    )
    session.add(saved)
    await jobs.defer(session, "match_recent_offers", search_id=saved.id)
    return saved


async def update_saved_search(
    session: AsyncSession,
    viewer: Viewer,
    *,
    search_id: UUID,
    name: str | None = None,
    conditions: SearchConditions | None = None,
    notices: SearchNotices | None = None,
) -> SavedSearch:
    """Change what is given. With other conditions, what is published until now is old."""
    saved = await _access(session, viewer, search_id)
    if name is not None:
        saved.name = name
    if conditions is not None and not saved.has(conditions):
        prepared = await _prepare(session, viewer, conditions)
        for column, value in (conditions.columns() | prepared).items():
            setattr(saved, column, value)
        saved.seen_upto = now()
        await _delete_hits(session, search_id)
        await jobs.defer(session, "match_recent_offers", search_id=search_id)
    if notices is not None:
        saved.notices = notices
    if notices is SearchNotices.OFF:
        waiting = col(SavedSearchHit.waiting), col(SavedSearchHit.search_id) == search_id
        await session.exec(update(SavedSearchHit).where(*waiting).values(waiting=False))
    return saved


async def delete_saved_search(session: AsyncSession, viewer: Viewer, *, search_id: UUID) -> None:
    saved = await _access(session, viewer, search_id)
    await _delete_hits(session, search_id)
    await session.delete(saved)


async def mark_saved_search_seen(
    session: AsyncSession, viewer: Viewer, *, search_id: UUID
) -> SavedSearch:
    """Mark all matches that were found until now as seen."""
    saved = await _access(session, viewer, search_id)
    unseen = col(SavedSearchHit.search_id) == search_id, col(SavedSearchHit.seen).is_(False)
    await session.exec(update(SavedSearchHit).where(*unseen).values(seen=True))
    return saved


async def _access(session: AsyncSession, viewer: Viewer, search_id: UUID) -> SavedSearch:
    """Return a saved search of the viewer, locked."""
    viewer.require_user()
    rows = visible_searches(viewer).where(SavedSearch.id == search_id)
    saved = (await session.exec(for_change(rows))).first()
    if saved is None:
        raise NotFound
    return saved


async def _delete_hits(session: AsyncSession, search_id: UUID) -> None:
    await session.exec(delete(SavedSearchHit).where(col(SavedSearchHit.search_id) == search_id))


async def _prepare(
    session: AsyncSession, viewer: Viewer, conditions: SearchConditions
) -> dict[str, Any]:
    """Return the anchors and the query. Raises `NotFound` for what the viewer cannot see."""
    chosen: list[tuple[SelectOfScalar[Any], Any, UUID | None]] = [
        (visible_vendors(viewer), Vendor, conditions.vendor_id),
        (select(Category), Category, conditions.category_id),
        (select(City), City, conditions.city_id),
    ]
    for rows, table, id in chosen:
        if id is not None and (await session.exec(rows.where(table.id == id))).first() is None:
            raise NotFound
    return await prepare(session, conditions)
