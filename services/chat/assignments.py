"""Which member of a vendor looks after which conversation."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Ordering
from models.chat.conversations import Conversation, ConversationState, Side
from models.chat.messages import NoticeKind
from models.errors import NotFound
from models.vendors import MemberRole, VendorMember
from services.chat import log
from services.chat.conversations import access_conversation, latest
from services.chat.entries import ConversationUpdated
from services.vendors import find_member
from services.viewer import Viewer


class AssignmentFilter(StrEnum):
    """Whose conversations of a vendor are listed."""

    ANYONE = "ANYONE"
    UNASSIGNED = "UNASSIGNED"
    MINE = "MINE"


def list_vendor_conversations(
    viewer: Viewer, vendor_id: UUID, assigned: AssignmentFilter, state: ConversationState
) -> tuple[SelectOfScalar[Conversation], Ordering]:
    """A vendor's conversations in one state, by their last message, the latest first."""
    rows = select(Conversation).where(
        Conversation.vendor_id == vendor_id, Conversation.state == state
    )
    if assigned is AssignmentFilter.UNASSIGNED:
        rows = rows.where(col(Conversation.assignee_id).is_(None))
    elif assigned is AssignmentFilter.MINE:
        rows = rows.where(Conversation.assignee_id == viewer.require_user())
    return rows, latest()


async def assign_conversation(
    session: AsyncSession, viewer: Viewer, *, conversation_id: UUID, member_id: UUID | None
) -> Conversation:
    """Have a member look after a conversation, or nobody.

    Every member may take what nobody has and give back what is theirs; managers decide for all.
    Raises `NotFound`, `InvalidInput`, `ConversationAlreadyAssigned` and `ConversationBlocked`.
    """
    conversation = await access_conversation(session, viewer, conversation_id)
    me = await find_member(session, viewer, conversation.vendor_id)
    if me is None or conversation.side_of(me.user_id) is Side.USER:
        raise NotFound
    if not me.role.covers(MemberRole.MANAGER):
        conversation.ensure_assignable_by(me.user_id)
        if member_id not in {None, me.user_id}:
            raise NotFound(field=["memberId"])
    if conversation.assignee_id != member_id:
        conversation.ensure_writable()
        conversation.assign(await _known_member(session, conversation.vendor_id, member_id))
        if member_id:
            log.notice(session, conversation, NoticeKind.ASSIGNED)
        updated = ConversationUpdated(conversation.id, conversation.user_id)
        log.publish(session, conversation, updated)
    return conversation


async def _known_member(
    session: AsyncSession, vendor_id: UUID, user_id: UUID | None
) -> UUID | None:
    rows = select(VendorMember.id).where(
        VendorMember.vendor_id == vendor_id, VendorMember.user_id == user_id
    )
    if user_id is not None and (await session.exec(rows)).first() is None:
        raise NotFound(field=["memberId"])
    return user_id
