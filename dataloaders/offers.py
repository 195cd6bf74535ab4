"""Loaders of offers and their likes."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, func, literal, select

from core.statements.selected import AnySelect, Match, columns_of
from core.statements.statement import Statement, any_of
from engine.loaders import Loader, by_id, of_viewer, valued, visible
from engine.reads.source import ReadSource
from models.offers.imports import OfferImport, OfferImportRow
from models.offers.listings import City
from models.offers.offers import Offer, OfferLike
from models.offers.terms import OfferTerms
from services.offers.eligibility import Eligibility, eligibility_of, select_claims, select_facts
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


_ELIGIBILITY = Statement(
    select_facts(VIEWER_ID, *columns_of(Offer), *select_claims(VIEWER_ID)).where(
        any_of(col(Offer.id))
    ),
    Offer,
)


async def _load_eligibility(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, Eligibility]:
    found = await source.fetch(_ELIGIBILITY, keys=ids)
    return {row.id: eligibility_of(row) for row in found}


offer_by_id = by_id(Offer)
terms_by_id = by_id(OfferTerms)
eligibility_of_viewer: Loader[UUID, Eligibility | None] = of_viewer(
    Loader(_load_eligibility, missing=None)
)
visible_offer = visible(Offer, visible_offers)
shown_offer = visible(Offer, lambda _: shown_offers())
visible_city = visible(City, lambda _: select(City))
like_count = valued(_likes, 0)
liked_by_viewer = of_viewer(valued(_own_likes, missing=False))
offer_import_by_id = by_id(OfferImport)
visible_offer_import = visible(OfferImport, visible_imports)
visible_offer_import_row = visible(OfferImportRow, visible_results)
