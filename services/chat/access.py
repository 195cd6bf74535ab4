"""SQL predicates of access to conversations, shared with subscriptions: they cannot disagree."""

from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from core.database import exists_in
from models.chat.conversations import Conversation
from models.chat.reports import MessageReport
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef, Viewer


def takes_part(user: UserRef, staff: StaffRef) -> ColumnElement[bool]:
    """Match the user's conversations, as the customer or a member who answers for the vendor."""
    return or_(
        col(Conversation.user_id) == user,
        works_at(staff, col(Conversation.vendor_id), Permission.CHAT),
    )


def own_conversations(viewer: Viewer) -> ColumnElement[bool]:
    """Match the viewer's conversations in the role in which they act."""
    return takes_part(viewer.user_id, viewer.staff)


def is_reported() -> ColumnElement[bool]:
    """Match conversations with a reported message, which admins can read."""
    return exists_in(MessageReport, col(MessageReport.conversation_id) == Conversation.id)
