"""Root fields of digital goods: files and license keys, sold by vendors and used by buyers."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.downloads import visible_grant
from engine.address_scalars import URL
from engine.arguments import IdempotencyKey
from engine.connections import connection
from engine.context import Info
from engine.errors import user_errors
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.catalog.products import InvalidProductState
from models.catalog.variants import Variant as VariantRow
from models.downloads import assets as asset_rows
from models.downloads import grants as grant_rows
from models.downloads import keys as key_rows
from models.errors import KEYED, InvalidInput, NotFound
from models.stock.levels import StockTooHigh
from models.validation import parse
from schema.catalog.types import Variant
from schema.downloads.inputs import (
    AddDigitalAssetInput,
    Free,
    KeyIds,
    Keys,
    MoreDownloads,
    UploadId,
    VariantId,
)
from schema.downloads.types import (
    CreateDownloadLinkPayload,
    DigitalAsset,
    DigitalAssetId,
    DownloadAttemptConnection,
    DownloadConnection,
    DownloadGrant,
    DownloadGrantId,
    LicenseKeyConnection,
)
from services.downloads import access, assets, links, revoking
from services.downloads import keys as license_keys

GrantNodeId = Annotated[UUID, id_of("DownloadGrant")]
LINK_COST = 5  # a signature, and a row of each use


@strawberry.type
class DownloadQuery:
    @connection(DownloadConnection, "The files that the viewer has bought, newest first.")
    def downloads(self, info: Info) -> Listing[Any]:
        return access.list_downloads(info.context.viewer)

    @field("Returns the right to a file. Null if it doesn't exist or the viewer can't see it.")
    async def download_grant(self, info: Info, id: GrantNodeId) -> DownloadGrant | None:
        return DownloadGrant.wrap_optional(await info.context.loaders[visible_grant].load(id))

    @connection(
        DownloadAttemptConnection,
        "The uses of links to a file that was sold, newest first. Empty for all but the vendor's"
        " members with the STAFF role or higher, and admins.",
    )
    def download_attempts(self, info: Info, grant_id: DownloadGrantId) -> Listing[Any]:
        return access.list_attempts(info.context.viewer, grant_id)

    @connection(
        LicenseKeyConnection,
        "The license keys of a variant, without their texts, newest first. Empty for all but the"
        " vendor's members with the STAFF role or higher, and admins.",
    )
    def license_keys(self, info: Info, variant_id: VariantId, free: Free = None) -> Listing[Any]:
        return access.list_keys(info.context.viewer, variant_id, free=free)


@strawberry.type
class DownloadMutation:
    @mutation(
        personal=True,
        cost=LINK_COST,
        raises=(
            NotFound,
            grant_rows.DownloadRevoked,
            grant_rows.DownloadExpired,
            grant_rows.DownloadLimitReached,
            grant_rows.DownloadPreparing,
        ),
        repeatable="a link counts when it is used",
    )
    async def create_download_link(
        self, info: Info, grant_id: DownloadGrantId
    ) -> CreateDownloadLinkPayload:
        """Return a link to a file that the viewer has bought. Refused with DOWNLOAD_PREPARING while
        the viewer's copy is being made.
        """
        async with info.context.transaction() as session:
            grant, link = await links.create_download_link(
                session, info.context.viewer, grant_id=grant_id
            )
        if link is None:
            refused = user_errors(grant_rows.DownloadPreparing(), info.context.locales)
            return CreateDownloadLinkPayload(left=grant.left, errors=refused)
        signed = link.sign(info.context.app.keys)
        url = URL(f"{info.context.app.settings.address}{links.PATH}/{signed.token}")
        return CreateDownloadLinkPayload(url=url, expires_at=signed.expires_at, left=grant.left)

    @mutation(
        personal=True,
        grant=DownloadGrant,
        audit=AuditAct.REVOKE_DOWNLOAD,
        raises=(NotFound, *KEYED),
    )
    async def revoke_download(
        self, info: Info, grant_id: DownloadGrantId, idempotency_key: IdempotencyKey
    ) -> grant_rows.DownloadGrant:
        """Take the right to a file back, such as of one that was passed on. No money goes back.
        Requires the vendor's STAFF role or higher, or an admin.
        """
        async with info.context.transaction() as session:
            return await revoking.revoke_download(
                session, info.context.viewer, grant_id=grant_id, idempotency_key=idempotency_key
            )

    @mutation(
        personal=True,
        grant=DownloadGrant,
        audit=AuditAct.RESET_DOWNLOADS,
        raises=(InvalidInput, NotFound, *KEYED),
    )
    async def reset_downloads(
        self,
        info: Info,
        grant_id: DownloadGrantId,
        downloads: MoreDownloads,
        idempotency_key: IdempotencyKey,
    ) -> grant_rows.DownloadGrant:
        """Allow a buyer more downloads of a file, also after the right was used up, expired or was
        revoked. Requires the vendor's STAFF role or higher, or an admin.
        """
        given = parse(grant_rows.MoreDownloads, downloads=downloads)
        async with info.context.transaction() as session:
            return await revoking.reset_downloads(
                session,
                info.context.viewer,
                grant_id=grant_id,
                more=given.downloads,
                idempotency_key=idempotency_key,
            )

    @mutation(
        personal=True,
        asset=DigitalAsset,
        raises=(
            InvalidInput,
            NotFound,
            InvalidProductState,
            asset_rows.AssetLimitReached,
            *KEYED,
        ),
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

    @mutation(
        personal=True,
        variant=Variant,
        raises=(
            InvalidInput,
            NotFound,
            InvalidProductState,
            StockTooHigh,
            key_rows.LicenseKeyTaken,
            key_rows.LicenseKeyLimitReached,
            *KEYED,
        ),
    )
    async def import_license_keys(
        self, info: Info, variant_id: VariantId, keys: Keys, idempotency_key: IdempotencyKey
    ) -> VariantRow:
        """Add license keys to a variant of a digital product, of which each unit that is sold gets
        one. They become its stock: no more units than keys can be sold. Requires the vendor's
        MANAGER role or higher.
        """
        given = parse(key_rows.KeyImport, keys=keys)
        async with info.context.transaction() as session:
            return await license_keys.import_license_keys(
                session,
                info.context.viewer,
                info.context.app.sealer,
                given,
                variant_id=variant_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        personal=True,
        variant=Variant,
        raises=(InvalidInput, NotFound, key_rows.LicenseKeyInUse),
        repeatable="refuses keys that are gone",
    )
    async def remove_license_keys(
        self, info: Info, variant_id: VariantId, key_ids: KeyIds
    ) -> VariantRow:
        """Remove license keys that are free from a variant and its stock. Requires the vendor's
        MANAGER role or higher.
        """
        chosen = parse(key_rows.KeyRemoval, key_ids=key_ids)
        async with info.context.transaction() as session:
            return await license_keys.remove_license_keys(
                session, info.context.viewer, variant_id=variant_id, key_ids=chosen.key_ids
            )
