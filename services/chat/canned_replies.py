"""Canned replies: texts that a vendor's members send often."""

from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, lock_or_create
from models.chat.canned_replies import CannedReply, CannedReplyDraft
from models.chat.hours import ChatHours
from models.errors import NotFound
from models.members import Permission
from services.vendors.access import access_vendor, member_vendor_ids
from services.viewer import Viewer


def visible_canned_replies(viewer: Viewer) -> SelectOfScalar[CannedReply]:
    """Select canned replies of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(CannedReply)
    own = member_vendor_ids(viewer.staff, Permission.CHAT)
    return select(CannedReply).where(col(CannedReply.vendor_id).in_(own))


async def save_canned_reply(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    canned_reply_id: UUID | None,
    draft: CannedReplyDraft,
) -> CannedReply:
    """Create a canned reply, or change the one with this id.

    Raises `NotFound`, `CannedReplyLimitReached` and `CannedReplyTitleTaken`.
    """
    await access_vendor(session, viewer, vendor_id, Permission.CHAT)
    if canned_reply_id is None:
        (await lock_or_create(session, ChatHours, vendor_id=vendor_id)).count_canned_reply()
        reply = CannedReply(vendor_id=vendor_id, title=draft.title, text=draft.text)
        session.add(reply)
        return reply
    rows = select(CannedReply).where(
        CannedReply.id == canned_reply_id, CannedReply.vendor_id == vendor_id
    )
    found = (await session.exec(for_change(rows))).first()
    if found is None:
        raise NotFound(field=["cannedReplyId"])
    found.title, found.text = draft.title, draft.text
    return found


async def delete_canned_reply(
    session: AsyncSession, viewer: Viewer, *, canned_reply_id: UUID
) -> None:
    """Delete a canned reply. Raises `NotFound`, also when already deleted."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(CannedReply.vendor_id).where(CannedReply.id == canned_reply_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.CHAT)
    counter = await lock_or_create(session, ChatHours, vendor_id=vendor_id)
    deleted = delete(CannedReply).where(col(CannedReply.id) == canned_reply_id)
    if await session.scalar(deleted.returning(col(CannedReply.id))) is None:
        raise NotFound
    counter.canned_replies -= 1
