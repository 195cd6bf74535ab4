"""Loaders of offers and their likes."""

from sqlmodel import col, func, literal, select

from core.statements.statement import Statement, any_of
from engine.loaders import by_id, of_viewer, valued, visible
from models.offers.offers import Offer, OfferLike
from services.offers.offers import shown_offers, visible_offers
from services.viewer import VIEWER_ID

_LIKES = select(OfferLike.offer_id, func.count()).group_by(col(OfferLike.offer_id))
_OWN_LIKES = select(OfferLike.offer_id, literal(True)).where(OfferLike.user_id == VIEWER_ID)

offer_by_id = by_id(Offer)
visible_offer = visible(Offer, visible_offers)
shown_offer = visible(Offer, lambda _: shown_offers())
like_count = valued(Statement(_LIKES.where(any_of(col(OfferLike.offer_id)))), 0)
liked_by_viewer = of_viewer(
    valued(Statement(_OWN_LIKES.where(any_of(col(OfferLike.offer_id)))), missing=False)
)
