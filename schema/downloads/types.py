"""Files and license keys that are sold, and the rights of their buyers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.catalog import visible_variant
from dataloaders.downloads import asset_by_id, visible_asset, visible_attempt, visible_grant
from dataloaders.downloads import visible_key as visible_license_key
from dataloaders.orders import line_by_id, visible_line
from engine.address_scalars import URL
from engine.connections import Connection, LiveConnection
from engine.context import Info
from engine.errors.conversion import Payload
from engine.ids import id_of
from engine.types import Rows, column, field, loaded, related
from models.downloads import assets, grants, keys
from schema.downloads.enums import (
    AssetState,
    DownloadOutcome,
    DownloadState,
    LicenseKeyState,
    Watermark,
)
from schema.lazy import LazyOrderLine, LazyVariant
from services.downloads.selling.keys import open_key

DigitalAssetId = Annotated[UUID, id_of("DigitalAsset", "The file's id.")]
DownloadGrantId = Annotated[UUID, id_of("DownloadGrant", "The id of the right to a file.")]
GrantRoot = strawberry.Parent[grants.DownloadGrant]
KeyRoot = strawberry.Parent[keys.LicenseKey]


@strawberry.type(
    description="A file that buyers of a variant can download. Visible to everyone who can see the"
    " variant while it is offered, to those who have bought it, to the vendor's members with the"
    " STAFF role or higher, and to admins. The file itself is for those who have bought it."
)
class DigitalAsset(Rows[assets.DigitalAsset], relay.Node, access=visible_asset):
    id: relay.NodeID[UUID]
    asset_state: AssetState = column("The state of the file.", of="state")
    file_name: str = column("The file name.")
    content_type: str = column("The media type.")
    size: int = column("The size in bytes, without a mark.")
    watermark: Watermark = column("How each buyer's copy is marked.")
    edition: int = column(
        "The number of the edition. Replacing the file makes the next one.", of="version"
    )
    max_downloads: int = column("The downloads that a buyer has for each unit.")
    valid_days: int | None = column("The days in which it can be downloaded. Null is for ever.")
    created_at: datetime = column("The time at which it was added.")
    current_variant: LazyVariant | None = related(
        visible_variant,
        by="variant_id",
        description="The variant as it is now. Null if it is not sold any more.",
    )

    @field(
        "The stable URL of a small picture of it: of a PDF file, its first page. Null without one.",
        needs=("id", "preview_sha256"),
    )
    def preview_url(root: strawberry.Parent[assets.DigitalAsset], info: Info) -> URL | None:
        path = root.preview_path
        return None if path is None else URL(f"{info.context.app.settings.address}{path}")


@strawberry.type(
    description="The right of a buyer to download a file. Visible to the buyer, to the vendor's"
    " members with the STAFF role or higher, and to admins."
)
class DownloadGrant(Rows[grants.DownloadGrant], relay.Node, access=visible_grant):
    id: relay.NodeID[UUID]
    downloads_used: int = column("The links that were used.", of="used")
    downloads_left: int = column(
        "The links that can still be used.", of="left", needs=("most", "used")
    )
    downloadable_until: datetime | None = column(
        "The time until which it can be downloaded. Null is for ever.", of="expires_at"
    )
    revoked_at: datetime | None = column("The time at which it was revoked. Null before.")
    created_at: datetime = column("The time at which it was bought.")
    file: DigitalAsset = related(asset_by_id, by="asset_id", description="The file.")
    line: LazyOrderLine = related(line_by_id, by="line_id", description="The line of the order.")

    @loaded(
        asset_by_id,
        by="asset_id",
        description="The state of the file for the buyer.",
        needs=("asset_id", "most", "used", "expires_at", "revoked_at", "copy_version"),
    )
    def download_state(root: GrantRoot, asset: assets.DigitalAsset) -> DownloadState:
        return root.state_of(asset)


@strawberry.type(
    description="A use of a link to a file. Visible to the vendor's members with the STAFF role or"
    " higher, and to admins. Kept for 180 days."
)
class DownloadAttempt(Rows[grants.Download], relay.Node, access=visible_attempt):
    id: relay.NodeID[UUID]
    download_outcome: DownloadOutcome = column("The outcome.", of="outcome")
    place: str | None = column(
        "The network of the caller: the /24 of an IPv4 address, or the /48 of an IPv6 address."
    )
    device_name: str | None = column(
        "The program and the system, such as `Chrome, Android`.", of="device"
    )
    requests: int = column("The requests of the link: ranges, and resumed ones.")
    created_at: datetime = column("The time of the first request.")
    last_at: datetime = column("The time of the last request.")


@strawberry.type(
    description="A license key of a variant. Visible to its buyer, to the vendor's members with the"
    " STAFF role or higher, and to admins. Its text is for the buyer alone."
)
class LicenseKey(Rows[keys.LicenseKey], relay.Node, access=visible_license_key):
    id: relay.NodeID[UUID]
    created_at: datetime = column("The time at which it was imported.")
    sold_at: datetime | None = column("The time at which it was sold. Null before.")
    revoked_at: datetime | None = column("The time at which its unit was refunded. Null before.")
    key_state: LicenseKeyState = column(
        "The state of the key.", of="state", needs=("line_id", "revoked_at")
    )
    sold_line: LazyOrderLine | None = related(
        visible_line,
        by="line_id",
        description="The line that it was sold in. Null before.",
    )
    current_variant: LazyVariant | None = related(
        visible_variant,
        by="variant_id",
        description="The variant as it is now. Null if it is not sold any more.",
    )

    @field(
        "The key. Null for all but its buyer, and after its unit was refunded.",
        needs=("id", "key", "user_id", "revoked_at"),
    )
    def license_code(root: KeyRoot, info: Info) -> str | None:
        viewer = info.context.viewer
        if viewer.user_id is None or viewer.user_id != root.user_id:
            return None
        if viewer.impersonator is not None or root.revoked_at is not None:
            return None
        return open_key(info.context.app.sealer, root)


@strawberry.type(description="A page of the viewer's files, with live changes: `orderChanges`.")
class DownloadConnection(LiveConnection[DownloadGrant]):
    pass


@strawberry.type(description="A page of the uses of links to a file.")
class DownloadAttemptConnection(Connection[DownloadAttempt]):
    pass


@strawberry.type(description="A page of the license keys of a variant.")
class LicenseKeyConnection(Connection[LicenseKey]):
    pass


@strawberry.type(
    description="A link to a file. Ranges and repeated requests of one link are one download."
)
class CreateDownloadLinkPayload(Payload):
    url: URL | None = strawberry.field(
        default=None, description="The link. It needs no sign-in: do not pass it on."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="The time at which it expires, in ten minutes."
    )
    left: int | None = strawberry.field(
        default=None, description="The downloads that are left before this link is used."
    )
