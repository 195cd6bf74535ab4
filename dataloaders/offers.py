"""Loaders of offers and their likes."""

from sqlmodel import col, func, literal, select

from core.statements.selected import AnySelect, Match
from engine.loaders import by_id, of_viewer, valued, visible
from models.offers.imports import OfferImport, OfferImportRow
from models.offers.listings import City
from models.offers.offers import Offer, OfferLike
from services.offers.imports.imports import visible_imports, visible_results
from services.offers.offers import shown_offers, visible_offers
from services.viewer import VIEWER_ID


def _likes(matches: Match) -> AnySelect:
    offer_id = col(OfferLike.offer_id)
    return select(offer_id, func.count()).where(matches(offer_id)).group_by(offer_id)


def _own_likes(matches: Match) -> AnySelect:
    offer_id = col(OfferLike.offer_id)
    mine = col(OfferLike.user_id) == VIEWER_ID
    return select(offer_id, literal(True)).where(mine, matches(offer_id))


offer_by_id = by_id(Offer)
visible_offer = visible(Offer, visible_offers)
shown_offer = visible(Offer, lambda _: shown_offers())
visible_city = visible(City, lambda _: select(City))
like_count = valued(_likes, 0)
liked_by_viewer = of_viewer(valued(_own_likes, missing=False))
offer_import_by_id = by_id(OfferImport)
visible_offer_import = visible(OfferImport, visible_imports)
visible_offer_import_row = visible(OfferImportRow, visible_results)
