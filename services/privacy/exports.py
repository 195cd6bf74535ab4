"""Exports of accounts' data: asked for, made by a job, and downloaded once."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.security.random_secrets import hash_secret
from gateways.storage.base import LINK_SECONDS, DownloadOptions
from models.audit import AuditAct
from models.identity.accounts import EmailNeeded, User
from models.identity.password_resets import LinkEnded
from models.privacy import DataExport
from models.quotas import DailyAct
from services import jobs
from services.audit import entries as audit
from services.cleanup_tasks import delete_old_rows
from services.identity.factors.recent_changes import ensure_no_recent_change
from services.quotas import ensure_within_quota
from services.viewer import Viewer

KEPT_DAYS = 7
REMOVAL_MARGIN = timedelta(minutes=5)  # for a download that began in time
DOWNLOAD = DownloadOptions("application/zip", "haat-export.zip", inline=False)


async def request_export(session: AsyncSession, viewer: Viewer) -> DataExport:
    """Have an export made, or return the one that is not downloaded yet.

    Raises `EmailNeeded` without an address for the link, `AccountRecentlyChanged` while a thief may
    have changed the address, and `DailyLimitReached`. The user is locked, so that two requests make
    one export.
    """
    user_id = viewer.require_user()
    rows = select(User).where(User.id == user_id)
    user = (await session.exec(for_change(rows))).one()
    if user.email is None:
        raise EmailNeeded
    newest = await find_export(session, user_id)
    if newest is not None and newest.is_live:
        return newest
    ensure_no_recent_change(user)
    await ensure_within_quota(session, user_id, DailyAct.EXPORT)
    export = DataExport(user_id=user_id)
    session.add(export)
    audit.append(session, viewer, AuditAct.EXPORT_DATA, subject_id=user_id)
    await jobs.defer(session, "make_export", export_id=export.id)
    await _remove_at(session, export, export.expires_at - now())
    return export


async def find_export(session: AsyncSession, user_id: UUID) -> DataExport | None:
    """Return the newest export of a user."""
    rows = select(DataExport).where(DataExport.user_id == user_id)
    return (await session.exec(rows.order_by(col(DataExport.id).desc()).limit(1))).first()


async def find_by_token(session: AsyncSession, token: str) -> DataExport | None:
    """Return the export that this token downloads."""
    return (await session.exec(_downloadable(token))).first()


async def download_export(session: AsyncSession, viewer: Viewer, token: str) -> DataExport:
    """Use the link of an export up. Raises `LinkEnded`, also for one of another user."""
    user_id = viewer.require_user()
    rows = _downloadable(token).where(DataExport.user_id == user_id)
    export = (await session.exec(for_change(rows))).first()
    if export is None:
        raise LinkEnded
    export.downloaded_at = now()
    audit.append(session, viewer, AuditAct.DOWNLOAD_DATA, subject_id=user_id)
    await _remove_at(session, export, timedelta(seconds=LINK_SECONDS))
    return export


async def find_unfinished(session: AsyncSession, export_id: UUID) -> DataExport | None:
    """Return an export that is still to be made."""
    export = await session.get(DataExport, export_id)
    return export if export and export.is_live and export.ready_at is None else None


async def finish_export(session: AsyncSession, export_id: UUID, size: int) -> bool:
    """Record the size of an export that was made, and have its link mailed.

    Returns False if the account was erased, or the time has ended, meanwhile.
    """
    rows = select(DataExport).where(DataExport.id == export_id)
    export = (await session.exec(for_change(rows))).first()
    if export is None or not export.is_live:
        return False
    if export.ready_at is None:
        export.ready_at, export.size = now(), size
        await jobs.defer(session, "send_export", export_id=export_id)
    return True


async def is_over(session: AsyncSession, export_id: UUID) -> bool:
    """Return whether the object of an export is not needed any more."""
    export = await session.get(DataExport, export_id)
    if export is None or export.expires_at <= now():
        return True
    ended = export.downloaded_at and export.downloaded_at + timedelta(seconds=LINK_SECONDS)
    return ended is not None and ended <= now()


async def _remove_at(session: AsyncSession, export: DataExport, after: timedelta) -> None:
    await jobs.defer(
        session, "remove_export", at=now() + after + REMOVAL_MARGIN, export_id=export.id
    )


def _downloadable(token: str) -> SelectOfScalar[DataExport]:
    return select(DataExport).where(
        DataExport.token_hash == hash_secret(token),
        col(DataExport.ready_at).is_not(None),
        col(DataExport.downloaded_at).is_(None),
        col(DataExport.expires_at) > now(),
    )


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM data_export WHERE id IN (
            SELECT id FROM data_export WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        KEPT_DAYS,
    )
]
