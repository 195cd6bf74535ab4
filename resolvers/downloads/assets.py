"""Files that vendors sell."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.catalog.products import InvalidProductState
from models.downloads import assets as asset_rows
from models.errors import KEYED, InvalidInput, NotFound
from schema.downloads.inputs import AddDigitalAssetInput, UploadId
from schema.downloads.types import DigitalAsset, DigitalAssetId
from services.downloads.selling import assets


@strawberry.type
class DigitalAssetMutation:
    @mutation(
        personal=True,
        asset=DigitalAsset,
        raises=(InvalidInput, NotFound, InvalidProductState, asset_rows.AssetLimitReached, *KEYED),
    )
    async def add_digital_asset(
        self, info: Info, input: AddDigitalAssetInput
    ) -> asset_rows.DigitalAsset:
        """Add a file to a variant, for those who buy it from now on. Requires the vendor's MANAGER
        role or higher.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await assets.add_digital_asset(
                session,
                info.context.viewer,
                draft,
                variant_id=input.variant_id,
                upload_id=input.upload_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        personal=True,
        asset=DigitalAsset,
        raises=(InvalidInput, NotFound, InvalidProductState, asset_rows.DigitalContentMissing),
        repeatable="keeps the file that it has",
    )
    async def replace_digital_asset(
        self, info: Info, asset_id: DigitalAssetId, upload_id: UploadId
    ) -> asset_rows.DigitalAsset:
        """Replace a file by another edition, also for those who have bought it. Requires the
        vendor's MANAGER role or higher.
        """
        async with info.context.transaction() as session:
            return await assets.replace_digital_asset(
                session, info.context.viewer, asset_id=asset_id, upload_id=upload_id
            )

    @mutation(
        personal=True,
        raises=(NotFound, asset_rows.DigitalContentMissing),
        repeatable="refuses a removed file",
    )
    async def remove_digital_asset(self, info: Info, asset_id: DigitalAssetId) -> None:
        """Stop selling a file. Those who have bought it keep it. Requires the vendor's MANAGER role
        or higher.
        """
        async with info.context.transaction() as session:
            await assets.remove_digital_asset(session, info.context.viewer, asset_id=asset_id)
