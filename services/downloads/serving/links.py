"""Links to files that were bought: signed, for ten minutes, and each counts once however used."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.security.signing_keys import SigningKeys
from models.downloads.grants import DownloadGrant
from services.downloads.access import access_own_grant
from services.downloads.serving.copies import make_copy_later
from services.links import LinkPurpose, SignedLink, read_link, sign_link
from services.viewer import Viewer

PATH = "/downloads"
LINK_SECONDS = 600


@dataclass(frozen=True)
class DownloadLink:
    """A link to the file of a right. `jti` distinguishes it from other links to the same."""

    grant_id: UUID
    jti: UUID

    @classmethod
    def to(cls, grant: DownloadGrant) -> Self:
        return cls(grant.id, new_id())

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {"grant": self.grant_id.hex, "jti": self.jti.hex}
        return sign_link(keys, LinkPurpose.DOWNLOAD, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, token: str) -> Self:
        """Return what a link is to. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.DOWNLOAD, token)
        return cls(UUID(hex=claims["grant"]), UUID(hex=claims["jti"]))


async def create_download_link(
    session: AsyncSession, viewer: Viewer, *, grant_id: UUID
) -> tuple[DownloadGrant, DownloadLink | None]:
    """Return a right of the viewer with a link to its file.

    None while the buyer's copy is being made, which this has done if it is missing. Raises
    `DownloadRevoked`, `DownloadExpired` and `DownloadLimitReached`.
    """
    grant, asset = await access_own_grant(session, viewer, grant_id)
    grant.ensure_usable()
    if not grant.is_prepared(asset):
        await make_copy_later(session, grant.id)
        return grant, None
    return grant, DownloadLink.to(grant)
