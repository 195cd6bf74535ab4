"""New files of vendors: a preview for all, and a trial of the mark, made by a job."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.catalog.variants import Variant
from models.downloads.assets import AssetState, DigitalAsset, preview_prefix
from services.catalog.access import lock_product
from services.catalog.variants import announce
from services.downloads.selling.content import hide_without_content


@dataclass(frozen=True)
class CheckedAsset:
    """The findings about a version of a file. `preview_sha256` is None without a preview."""

    asset_id: UUID
    version: int
    preview_sha256: str | None
    can_be_marked: bool


async def find_asset(session: AsyncSession, asset_id: UUID, version: int) -> DigitalAsset | None:
    """Return a file. None if it was replaced or removed."""
    asset = await session.get(DigitalAsset, asset_id)
    if asset is None or asset.version != version or asset.state is AssetState.REMOVED:
        return None
    return asset


async def record_check(session: AsyncSession, checked: CheckedAsset) -> None:
    """Note what was found of a file, unless it was replaced or removed in the meantime."""
    found = await find_asset(session, checked.asset_id, checked.version)
    if found is None:
        return
    variant = await session.get_one(Variant, found.variant_id)
    product = await lock_product(session, variant.product_id)
    rows = select(DigitalAsset).where(DigitalAsset.id == found.id)
    again = {"populate_existing": True}
    asset = (await session.exec(for_change(rows), execution_options=again)).one()
    if asset.version != checked.version:
        return
    asset.preview_sha256 = checked.preview_sha256
    if asset.state is AssetState.CHECKING:
        asset.state = AssetState.READY if checked.can_be_marked else AssetState.FAILED
        await session.flush()
        await hide_without_content(session, product)
    announce(session, product)


async def find_kept_preview(session: AsyncSession, asset_id: UUID) -> str | None:
    """Return the key of the preview to keep. None if the file is gone."""
    asset = await session.get(DigitalAsset, asset_id)
    if asset is None or asset.preview_sha256 is None:
        return None
    return f"{preview_prefix(asset.id)}{asset.preview_sha256}"
