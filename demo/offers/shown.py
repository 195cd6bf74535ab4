"""Rows of offers with which the tabs of GraphiQL begin."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import global_id
from models.offers.imports import OfferImport
from models.offers.offers import Offer, OfferState

# The variables of the tabs, and the types of their ids.
IDS: Mapping[str, str] = {"draft": "Offer", "offersFile": "Upload"}


async def find_drafts(session: AsyncSession, vendor_id: UUID | None) -> Mapping[str, str]:
    """Return global ids by the names of the variables, empty for what is missing."""
    drafts = (
        select(Offer.id)
        .where(Offer.vendor_id == vendor_id, Offer.state == OfferState.DRAFT)
        .order_by(col(Offer.publish_at).nulls_last(), col(Offer.id))
    )
    files = (
        select(OfferImport.upload_id)
        .where(OfferImport.vendor_id == vendor_id, OfferImport.dry_run)
        .order_by(col(OfferImport.created_at).desc())
    )
    found = {
        "draft": (await session.exec(drafts.limit(1))).first(),
        "offersFile": (await session.exec(files.limit(1))).first(),
    }
    return {name: global_id(IDS[name], id) if id else "" for name, id in found.items()}
