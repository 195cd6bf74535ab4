"""Variants whose stock is their license keys."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.downloads.keys import LicenseKey, StockFollowsKeys


async def has_keys(session: AsyncSession, variant_ids: Collection[UUID]) -> bool:
    """Return whether one of the variants has license keys, also sold ones."""
    rows = select(LicenseKey.id).where(col(LicenseKey.variant_id).in_(variant_ids)).limit(1)
    return (await session.exec(rows)).first() is not None


async def ensure_without_keys(session: AsyncSession, variant_ids: Collection[UUID]) -> None:
    """Raise `StockFollowsKeys` if the stock of one of the variants is its keys."""
    if await has_keys(session, variant_ids):
        raise StockFollowsKeys
