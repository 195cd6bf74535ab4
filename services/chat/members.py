"""Read positions and assignments of members who begin or stop to answer for a vendor."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sql
from sqlalchemy import Uuid, literal
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.chat.conversations import Conversation, InboxReader, Participant
from services.chat import log
from services.chat.entries import ConversationUpdated

COUNTS = ("user_messages", "notices", "user_deleted", "vendor_deleted")


async def start_chatting(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> None:
    """Mark everything in the vendor's inbox as read for a user who may chat from now on.

    The conversations are locked, so that no message is sent, read or deleted meanwhile: the counter
    of the inbox must be the sum of the positions. The positions are not shown to customers, who see
    only the members that have read or received a message. What the user wrote as a customer is
    counted apart.
    """
    others = select(Conversation.id).where(
        Conversation.vendor_id == vendor_id,
        Conversation.user_id != user_id,
        Conversation.last_sequence > 0,
    )
    locked = (await session.exec(for_change(others.order_by(col(Conversation.id))))).all()
    if not locked:
        return
    end = col(Conversation.last_sequence)
    values: Mapping[str, Any] = {
        "joined_at_sequence": end,
        "read": end,
        "delivered": end,
        **{name: getattr(Conversation, name) for name in COUNTS},
    }
    ends = sql.select(col(Conversation.id), literal(user_id, Uuid()), *values.values()).where(
        col(Conversation.id).in_(locked)
    )
    row = insert(Participant).from_select(["conversation_id", "user_id", *values], ends)
    positions = (
        row.on_conflict_do_update(
            index_elements=["conversation_id", "user_id"],
            set_={name: row.excluded[name] for name in values},
        )
        .returning(col(Participant.user_messages), col(Participant.user_deleted))
        .cte("positions")
    )
    read = func.coalesce(func.sum(positions.c.user_messages - positions.c.user_deleted), 0)
    reader = insert(InboxReader).from_select(
        ["owner_id", "user_id", "read"],
        sql.select(literal(vendor_id, Uuid()), literal(user_id, Uuid()), read),
    )
    await session.exec(
        reader.on_conflict_do_update(
            index_elements=["owner_id", "user_id"], set_={"read": reader.excluded["read"]}
        )
    )


async def stop_chatting(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> None:
    """Unassign the conversations of a member who may not chat any more."""
    assigned = select(Conversation).where(
        Conversation.vendor_id == vendor_id, Conversation.assignee_id == user_id
    )
    for conversation in await session.exec(for_change(assigned.order_by(col(Conversation.id)))):
        conversation.assign(None)
        updated = ConversationUpdated(conversation.id, conversation.user_id)
        log.publish(session, conversation, updated)
