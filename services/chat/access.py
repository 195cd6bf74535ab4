"""SQL predicates of access to conversations, shared with subscriptions: they cannot disagree."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col, or_

from core.database import exists_in
from models.chat.conversations import Conversation, Participant
from models.chat.messages import Message
from models.chat.reports import MessageReport
from models.vendors import VendorMember
from services.vendors import UserRef, works_at

Condition = ColumnElement[bool] | bool


def takes_part(user: UserRef) -> ColumnElement[bool]:
    """Match the user's conversations, as the customer or a member of the vendor."""
    return or_(col(Conversation.user_id) == user, works_at(user, col(Conversation.vendor_id)))


def is_reported() -> ColumnElement[bool]:
    """Match conversations with a reported message, which admins can read."""
    return exists_in(MessageReport, col(MessageReport.conversation_id) == Conversation.id)


def sees(user: UserRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Match the people that a user can see, except themselves."""
    return or_(is_colleague(user, person), sees_customer(user, person), sees_member(user, person))


def is_colleague(
    user: UserRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    here = works_at(user, col(VendorMember.vendor_id))
    return exists_in(VendorMember, col(VendorMember.user_id) == person, here, *conditions)


def sees_customer(
    user: UserRef, person: SQLColumnExpression[UUID], *conditions: Condition
) -> ColumnElement[bool]:
    """Match customers with a conversation with the user's vendors."""
    here = works_at(user, col(Conversation.vendor_id))
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
    )
    shown = or_(wrote, received, col(Conversation.assignee_id) == person)
    return exists_in(Conversation, col(Conversation.user_id) == user, shown, *conditions)
