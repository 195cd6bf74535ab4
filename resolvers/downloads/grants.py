"""Rights to files: links for their buyers, and changes by vendors."""

import strawberry

from engine.address_scalars import URL
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.errors.conversion import user_errors
from engine.mutation import mutation
from models.audit import AuditAct
from models.downloads import grants as grant_rows
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.recording import OwnOrder
from models.validation import parse
from schema.downloads.inputs import MoreDownloads
from schema.downloads.types import CreateDownloadLinkPayload, DownloadGrant, DownloadGrantId
from services.downloads.rights import revoking
from services.downloads.serving import links

LINK_COST = 5  # a signature, and a row of each use


@strawberry.type
class DownloadGrantMutation:
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
        raises=(NotFound, OwnOrder, *KEYED),
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
        raises=(InvalidInput, NotFound, OwnOrder, *KEYED),
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
