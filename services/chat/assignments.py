"""Assignment of conversations to members."""

from enum import StrEnum
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Listing, newest_first
from core.statements.pages import PageStatements
from models.chat.conversations import Conversation, ConversationState, Side
from models.chat.messages import NoticeKind
from models.errors import NotFound
from models.members import Permission, may
from models.vendors import VendorMember
from services.chat import log
from services.chat.conversations import access_conversation
from services.chat.entries import ConversationUpdated
from services.vendors.access import find_member, grants
from services.viewer import VIEWER_ID, Viewer


class AssignmentFilter(StrEnum):
    ANYONE = "ANYONE"
    UNASSIGNED = "UNASSIGNED"
    MINE = "MINE"


def list_vendor_conversations(
    viewer: Viewer, vendor_id: UUID, assigned: AssignmentFilter, state: ConversationState
) -> Listing[Conversation]:
    viewer.require_user()
    return _conversations(assigned, state).listing(viewer.parameters | {"vendor_id": vendor_id})


@cache
def _conversations(
    assigned: AssignmentFilter, state: ConversationState
) -> PageStatements[Conversation]:
    rows = select(Conversation).where(
        Conversation.vendor_id == bindparam("vendor_id"), Conversation.state == state
    )
    if assigned is AssignmentFilter.UNASSIGNED:
        rows = rows.where(col(Conversation.assignee_id).is_(None))
    elif assigned is AssignmentFilter.MINE:
        rows = rows.where(Conversation.assignee_id == VIEWER_ID)
    return PageStatements(Listing(rows, newest_first(Conversation, Conversation.last_message_at)))


async def assign_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, member_id: UUID | None
) -> Conversation:
    """Assign a conversation to a member, or to none.

    Members can assign an unassigned one to themselves, and give up their own; managers can assign
    all. Raises `NotFound`, `InvalidInput`, `ConversationAlreadyAssigned` and `ConversationBlocked`.
    """
    conversation = await access_conversation(session, viewer, conversation_id)
    member = await find_member(session, viewer, conversation.vendor_id)
    if member is None or conversation.side_of(member.user_id) is Side.USER:
        raise NotFound
    if not may(member.role, Permission.ASSIGN_CHATS):
        conversation.ensure_assignable_by(member.user_id)
        if member_id not in {None, member.user_id}:
            raise NotFound(field=["memberId"])
    if conversation.assignee_id != member_id:
        conversation.ensure_writable()
        conversation.assign(await _ensure_member(session, conversation.vendor_id, member_id))
        if member_id:
            log.append_notice(session, conversation, NoticeKind.ASSIGNED)
        updated = ConversationUpdated(conversation.id, conversation.user_id)
        log.publish(session, conversation, updated)
    return conversation


async def _ensure_member(
    session: AsyncSession, vendor_id: UUID, user_id: UUID | None
) -> UUID | None:
    rows = select(VendorMember.id).where(
        VendorMember.vendor_id == vendor_id,
        VendorMember.user_id == user_id,
        grants(Permission.CHAT),
    )
    if user_id is not None and (await session.exec(rows)).first() is None:
        raise NotFound(field=["memberId"])
    return user_id
