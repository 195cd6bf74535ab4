"""A vendor's desk: canned replies, and the hours somebody is there."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.desk import CannedDraft, CannedReply, ChatHours, Hours
from models.errors import NotFound
from models.vendors import MemberRole, Vendor
from services.vendors import access_vendor, own_vendor_ids
from services.viewer import Viewer


def visible_canned_replies(viewer: Viewer) -> SelectOfScalar[CannedReply]:
    """Those of their vendors for members, all for an admin."""
    if viewer.admin:
        return select(CannedReply)
    return select(CannedReply).where(col(CannedReply.vendor_id).in_(own_vendor_ids(viewer)))


async def save_canned_reply(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    canned_reply_id: UUID | None,
    draft: CannedDraft,
) -> CannedReply:
    """A new one, or another title and text for one there is.

    Raises `NotFound`, `TooManyCanned` and `CannedTitleTaken`.
    """
    await access_vendor(session, viewer, vendor_id, MemberRole.STAFF)
    if canned_reply_id is None:
        (await _lock_desk(session, vendor_id)).count_canned()
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
    """Deleting twice is an error. Who isn't signed in is told so, whether it is there or not."""
    _ = viewer.signed_in
    rows = select(CannedReply.vendor_id).where(CannedReply.id == canned_reply_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, MemberRole.STAFF)
    desk = await _lock_desk(session, vendor_id)
    gone = delete(CannedReply).where(col(CannedReply.id) == canned_reply_id)
    if await session.scalar(gone.returning(col(CannedReply.id))) is None:
        raise NotFound
    desk.canned_replies -= 1


async def save_chat_hours(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, hours: Hours
) -> Vendor:
    """All of a vendor's hours anew, and what is said at other times."""
    vendor = await access_vendor(session, viewer, vendor_id, MemberRole.MANAGER)
    desk = await _lock_desk(session, vendor_id)
    desk.spans = [span.model_dump(mode="json") for span in hours.spans]
    desk.auto_reply = hours.auto_reply
    return vendor


async def _lock_desk(session: AsyncSession, vendor_id: UUID) -> ChatHours:
    first = ChatHours(vendor_id=vendor_id).model_dump()
    await session.exec(insert(ChatHours).values(first).on_conflict_do_nothing())
    rows = select(ChatHours).where(ChatHours.vendor_id == vendor_id)
    return (await session.exec(for_change(rows))).one()
