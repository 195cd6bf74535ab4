"""Which people conversations show."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col, or_

from core.database import exists_in
from models.chat.conversations import Conversation, Participant
from models.chat.messages import Message
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef

Condition = ColumnElement[bool] | bool


def sees_customer(
    staff: StaffRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    """Match customers with a conversation with the user's vendors."""
    here = works_at(staff, col(Conversation.vendor_id), Permission.CHAT)
    return exists_in(Conversation, col(Conversation.user_id) == person, here, *conditions)


def sees_member(
    user: UserRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    """Match members whom a conversation shows to its customer.

    These are its senders, its readers (named by read receipts) and its assignee.
    """
    wrote = exists_in(
        Message,
        col(Message.conversation_id) == Conversation.id,
        col(Message.sender_id) == person,
    )
    received = exists_in(
        Participant,
        col(Participant.conversation_id) == Conversation.id,
        col(Participant.user_id) == person,
        col(Participant.delivered) > col(Participant.joined_at_sequence),
    )
    shown = or_(wrote, received, col(Conversation.assignee_id) == person)
    return exists_in(Conversation, col(Conversation.user_id) == user, shown, *conditions)


def _seen(user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    return or_(sees_customer(staff, person), sees_member(user, person))


SEEN = [_seen]
