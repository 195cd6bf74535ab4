"""Counts of public rows with a category that could be hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.parameters import current_time
from models.catalog.products import Product, ProductState
from models.categories import Category
from models.events.events import Event, EventState
from models.offers.offers import Offer, OfferState
from models.vendors import Vendor, VendorStatus
from services.viewer import Viewer


@dataclass(frozen=True)
class HidingQuote:
    """The numbers of what keeps a category, or one below it, after it is hidden."""

    vendors: int
    offers: int
    products: int
    events: int


async def quote_hidings(
    session: AsyncSession, viewer: Viewer, category_ids: Sequence[UUID]
) -> Mapping[UUID, HidingQuote]:
    """Count what is public in categories that are not hidden, for admins."""
    if not viewer.admin:
        return {}
    columns: list[Any] = [
        col(Category.id),
        _count(Vendor, Vendor.status == VendorStatus.APPROVED),
        _count(Offer, Offer.state == OfferState.PUBLISHED, Offer.ends_at > current_time()),
        _count(Product, Product.state == ProductState.PUBLISHED),
        _count(Event, Event.state == EventState.PUBLISHED),
    ]
    rows: Any = select(*columns).where(col(Category.id).in_(category_ids), ~col(Category.hidden))
    found = await session.exec(rows)
    return {id: HidingQuote(*counts) for id, *counts in found}


def _count(table: Any, *conditions: Any) -> Any:
    below = aliased(Category)
    within = select(below.id).where(col(below.path).startswith(col(Category.path)))
    chosen = col(table.category_id).in_(within.correlate(Category))
    counted = select(func.count()).select_from(table).where(chosen, *conditions)
    return counted.correlate(Category).scalar_subquery()
