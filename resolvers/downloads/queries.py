"""Files that were bought, their uses, and license keys."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.downloads import visible_grant
from engine.connections import connection
from engine.context import Info
from engine.ids import id_of
from engine.types import field
from schema.downloads.inputs import Free, VariantId
from schema.downloads.types import (
    DownloadAttemptConnection,
    DownloadConnection,
    DownloadGrant,
    DownloadGrantId,
    LicenseKeyConnection,
)
from services.downloads import access

GrantNodeId = Annotated[UUID, id_of("DownloadGrant")]


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
