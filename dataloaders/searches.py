"""Loaders of saved searches and of the offers that match them."""

from sqlmodel import col, func, select

from core.statements.selected import AnySelect, Match
from engine.loaders import valued, visible
from models.searches import SavedSearch, SavedSearchHit
from services.searches.searches import is_hit_live, visible_hits, visible_searches


def _new_hits(matches: Match) -> AnySelect:
    search_id = col(SavedSearchHit.search_id)
    unseen = col(SavedSearchHit.seen).is_(False)
    counted = select(search_id, func.count()).where(matches(search_id), unseen, is_hit_live())
    return counted.group_by(search_id)


visible_search = visible(SavedSearch, visible_searches)
visible_hit = visible(SavedSearchHit, visible_hits)
new_hits = valued(_new_hits, 0)
