"""Files of variants: added, replaced and removed by members of the vendor."""

from typing import Any
from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.catalog.products import ProductKind
from models.downloads.assets import (
    MAX_ASSETS,
    AssetDraft,
    AssetLimitReached,
    AssetState,
    DigitalAsset,
)
from models.downloads.grants import DownloadGrant
from models.errors import InvalidInput
from models.uploads import Upload, UploadPurpose
from services import idempotency, jobs
from services.catalog.access import access_managed_variant
from services.catalog.variants import announce
from services.downloads.access import access_managed_asset
from services.downloads.selling.content import keep_content
from services.uploads.uploads import attach_upload
from services.viewer import Viewer

NOT_DIGITAL = "Only digital products have files. Create a digital product for this one."
NOT_FOR_SALE = "This file was not uploaded to be sold. Upload it again for that."


async def add_digital_asset(
    session: AsyncSession,
    viewer: Viewer,
    draft: AssetDraft,
    *,
    variant_id: UUID,
    upload_id: UUID,
    idempotency_key: str,
) -> DigitalAsset:
    """Add a file to a variant, once per idempotency key. Earlier buyers do not get it.

    Raises `AssetLimitReached` and `InvalidInput`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "addDigitalAsset",
        idempotency_key,
        variant_id=variant_id,
        upload_id=upload_id,
        draft=draft.model_dump(),
    )
    product, variant = await access_managed_variant(session, viewer, variant_id)
    if claimed.replayed:
        return await session.get_one(DigitalAsset, claimed.replayed)
    product.ensure_editable()
    if product.kind is not ProductKind.DIGITAL:
        raise InvalidInput(NOT_DIGITAL, field=["variantId"])
    upload = await _attach(session, viewer, upload_id)
    asset = DigitalAsset(
        variant_id=variant.id,
        vendor_id=variant.vendor_id,
        position=await _next_position(session, variant.id),
        has_preview=draft.preview,
        max_downloads=draft.max_downloads,
        valid_days=draft.valid_days,
        state=AssetState.READY,
        **_of_upload(upload),
    )
    asset.mark(wanted=draft.watermark)
    session.add(asset)
    await _check_later(session, asset)
    announce(session, product)
    await idempotency.record_result(session, claimed, asset.id)
    return asset


async def replace_digital_asset(
    session: AsyncSession, viewer: Viewer, *, asset_id: UUID, upload_id: UUID
) -> DigitalAsset:
    """Replace a file, also for those who have bought it: such as a corrected edition.

    A buyer who downloads it again gets the new one, marked again.
    """
    product, asset = await access_managed_asset(session, viewer, asset_id)
    product.ensure_editable()
    if asset.upload_id == upload_id:
        return asset
    former = await session.get_one(Upload, asset.upload_id)
    upload = await _attach(session, viewer, upload_id)
    for name, value in _of_upload(upload).items():
        setattr(asset, name, value)
    asset.version += 1
    asset.preview_sha256 = None
    asset.mark(wanted=asset.is_marked)
    former.release()
    await jobs.defer(session, "tidy_upload", upload_id=former.id)
    await _check_later(session, asset)
    await session.flush()
    await keep_content(session, product)
    announce(session, product)
    return asset


async def remove_digital_asset(session: AsyncSession, viewer: Viewer, *, asset_id: UUID) -> None:
    """Stop selling a file. Those who have bought it keep it.

    Raises `DigitalContentMissing` for the last one of a variant of a published product.
    """
    product, asset = await access_managed_asset(session, viewer, asset_id)
    asset.state = AssetState.REMOVED
    await session.flush()
    await keep_content(session, product)
    sold = select(DownloadGrant.id).where(DownloadGrant.asset_id == asset.id).limit(1)
    if (await session.exec(sold)).first() is None:
        upload = await session.get_one(Upload, asset.upload_id)
        upload.release()
        await jobs.defer(session, "tidy_asset", asset_id=asset.id)
        await jobs.defer(session, "tidy_upload", upload_id=upload.id)
        await session.delete(asset)
    announce(session, product)


async def _attach(session: AsyncSession, viewer: Viewer, upload_id: UUID) -> Upload:
    upload = await attach_upload(session, viewer, upload_id=upload_id)
    if upload.purpose is not UploadPurpose.DIGITAL:
        raise InvalidInput(NOT_FOR_SALE, field=["uploadId"])
    return upload


def _of_upload(upload: Upload) -> dict[str, Any]:
    """Return what a file has of its upload. The key of an upload ends in the content's hash."""
    key = upload.key or ""
    return {
        "upload_id": upload.id,
        "file_name": upload.file_name,
        "content_type": upload.content_type,
        "size": upload.size,
        "object_key": key,
        "sha256": key.rpartition("-")[2],
    }


async def _next_position(session: AsyncSession, variant_id: UUID) -> int:
    """Return the place of a new file. The product is locked."""
    rows = select(func.count(), func.max(DigitalAsset.position)).where(
        DigitalAsset.variant_id == variant_id, DigitalAsset.state != AssetState.REMOVED
    )
    number, last = (await session.exec(rows)).one()
    if number >= MAX_ASSETS:
        raise AssetLimitReached(most=MAX_ASSETS)
    return 0 if last is None else last + 1


async def _check_later(session: AsyncSession, asset: DigitalAsset) -> None:
    """Have the preview and a trial mark made after the commit, if the file has them."""
    if asset.is_marked or asset.can_be_previewed:
        await jobs.defer(
            session,
            "check_asset",
            queue=jobs.PICTURES,
            asset_id=asset.id,
            version=asset.version,
        )
