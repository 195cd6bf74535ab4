"""Uses of links: each counts once, however often it is requested, and is refused past the most.

A browser requests a file in ranges, and resumes it, by the same link: a row of `download` shows
that the link was used. The guard is in the UPDATE, which waits for the row and then evaluates its
condition on the committed values.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.limits.networks import place_of
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import connection_of
from core.web.user_agents import MAX_DEVICE_LENGTH, device_of
from models.downloads.assets import DigitalAsset
from models.downloads.grants import Download, DownloadGrant, DownloadOutcome
from models.errors import NotFound
from services.downloads.serving.links import DownloadLink

BEGIN = Statement(
    text(
        """
        INSERT INTO download (
            id, created_at, grant_id, jti, outcome, place, device, requests, last_at
        )
        SELECT uuidv7(), :current_time, id, :jti, 'SERVED', :place, :device, 1, :current_time
        FROM download_grant WHERE id = :grant_id
        ON CONFLICT (grant_id, jti) DO UPDATE
            SET requests = download.requests + 1, last_at = :current_time
        RETURNING outcome, requests
        """
    ).bindparams(
        current_time(),
        bindparam("grant_id", type_=Uuid()),
        bindparam("jti", type_=Uuid()),
        bindparam("place", type_=String()),
        bindparam("device", type_=String()),
    )
)
COUNT = Statement(
    text(
        """
        UPDATE download_grant SET used = used + 1
        WHERE id = :grant_id AND used < most AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > :current_time)
        RETURNING used
        """
    ).bindparams(current_time(), bindparam("grant_id", type_=Uuid()))
)


@dataclass(frozen=True)
class ServedFile:
    """The object to serve, with the type and name of the download.

    It `is_ready` unless the buyer's copy is missing. Of a right that was revoked or is over, which
    is refused anyway, it need not be.
    """

    key: str
    content_type: str
    file_name: str
    is_copy: bool
    is_ready: bool
    has_ended: bool


@dataclass(frozen=True)
class Downloader:
    """Where a request comes from. Only its network and its program are kept."""

    address: str
    user_agent: str

    @property
    def place(self) -> str | None:
        return place_of(self.address)

    @property
    def device(self) -> str | None:
        found = device_of(self.user_agent)
        return found and found[:MAX_DEVICE_LENGTH]


async def find_file(session: AsyncSession, link: DownloadLink) -> ServedFile:
    """Return the file of a link, and count nothing. Raises `NotFound` without such a right."""
    rows = select(DownloadGrant, DigitalAsset).join(
        DigitalAsset, col(DigitalAsset.id) == DownloadGrant.asset_id
    )
    found = (await session.exec(rows.where(DownloadGrant.id == link.grant_id))).first()
    if found is None:
        raise NotFound
    grant, asset = found
    key = grant.key_of(asset)
    return ServedFile(
        key,
        asset.served_type,
        asset.file_name,
        is_copy=key != asset.object_key,
        is_ready=grant.is_prepared(asset),
        has_ended=grant.revoked_at is not None or grant.is_expired,
    )


async def take_download(
    session: AsyncSession, link: DownloadLink, caller: Downloader
) -> DownloadOutcome:
    """Record a request of a link, and count the link at its first one.

    What was refused stays recorded. A later request of a link that was served is refused if the
    right was revoked or has ended since.
    """
    connection = await connection_of(session)
    row = await BEGIN.fetch_one(
        connection,
        grant_id=link.grant_id,
        jti=link.jti,
        place=caller.place,
        device=caller.device,
    )
    if row is None:
        raise NotFound
    if row["requests"] > 1:
        return await _check_again(session, link.grant_id, DownloadOutcome(row["outcome"]))
    if await COUNT.fetch_one(connection, grant_id=link.grant_id) is not None:
        return DownloadOutcome.SERVED
    refused = await _why_refused(session, link.grant_id)
    this = (col(Download.grant_id) == link.grant_id, col(Download.jti) == link.jti)
    await session.exec(update(Download).where(*this).values(outcome=refused))
    return refused


async def _check_again(
    session: AsyncSession, grant_id: UUID, first: DownloadOutcome
) -> DownloadOutcome:
    if first is not DownloadOutcome.SERVED:
        return first
    grant = await session.get_one(DownloadGrant, grant_id)
    if grant.revoked_at is not None:
        return DownloadOutcome.REVOKED
    return DownloadOutcome.EXPIRED if grant.is_expired else first


async def _why_refused(session: AsyncSession, grant_id: UUID) -> DownloadOutcome:
    grant = await session.get_one(DownloadGrant, grant_id)
    if grant.revoked_at is not None:
        return DownloadOutcome.REVOKED
    if grant.expires_at is not None and grant.expires_at <= now():
        return DownloadOutcome.EXPIRED
    return DownloadOutcome.USED_UP
