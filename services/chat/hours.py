"""When a vendor answers its chats, and the automatic reply otherwise."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import lock_or_create
from models.chat.conversations import Conversation, Side
from models.chat.hours import AUTO_REPLY_INTERVAL, ChatHours, WeeklyHours
from models.chat.messages import Message
from models.members import Permission
from models.vendors import Vendor
from services.chat import log
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def save_chat_hours(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, hours: WeeklyHours
) -> Vendor:
    """Replace a vendor's chat hours and automatic reply."""
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_CHAT_HOURS)
    row = await lock_or_create(session, ChatHours, vendor_id=vendor_id)
    row.spans = [span.model_dump(mode="json") for span in hours.spans]
    row.auto_reply = hours.auto_reply
    return vendor


async def reply_out_of_hours(session: AsyncSession, conversation: Conversation) -> None:
    """Send the automatic reply to a customer who wrote outside the chat hours.

    Not within eight hours of the last one, or of a member's message.
    """
    moment = now()
    if conversation.auto_replied_at and moment - conversation.auto_replied_at < AUTO_REPLY_INTERVAL:
        return
    rows = (
        select(ChatHours, Vendor.time_zone)
        .join(Vendor, col(Vendor.id) == ChatHours.vendor_id)
        .where(ChatHours.vendor_id == conversation.vendor_id, ChatHours.auto_reply != "")
    )
    row, time_zone = (await session.exec(rows)).first() or (None, "")
    if row is None or row.hours.open_at(moment, time_zone):
        return
    answered_at = await _find_last_answer(session, conversation)
    if answered_at and moment - answered_at < AUTO_REPLY_INTERVAL:
        return
    message = await log.append_auto_reply(session, conversation, row.auto_reply)
    conversation.auto_replied_at = message.created_at


async def _find_last_answer(session: AsyncSession, conversation: Conversation) -> datetime | None:
    rows = select(Message.created_at).where(
        Message.conversation_id == conversation.id,
        Message.side == Side.VENDOR,
        col(Message.sender_id).is_not(None),
    )
    return (await session.exec(rows.order_by(col(Message.sequence).desc()).limit(1))).first()
