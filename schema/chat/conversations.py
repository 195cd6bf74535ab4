"""Conversations between a user and a vendor."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.bookings.booked import booking_by_id
from dataloaders.chat import (
    blocked_by_viewer,
    message_at,
    unread_by_viewer,
    visible_conversation,
)
from dataloaders.identity import user_by_id
from dataloaders.offers import shown_offer
from dataloaders.orders import suborder_by_id
from dataloaders.redemptions import voucher_by_id
from dataloaders.vendors import vendor_by_id
from engine.connections import connection
from engine.context import Info
from engine.types import Rows, column, related, related_by_kind
from models.audit import AuditAct
from models.chat import conversations as rows
from schema.chat.enums import ConversationState
from schema.lazy import (
    LazyBooking,
    LazyMessage,
    LazyMessageConnection,
    LazySubOrder,
    LazyUser,
    LazyVendor,
)
from schema.offers.types import Offer
from schema.redemptions.types import Voucher
from services.chat.log import inbox_topics
from services.chat.messages import list_messages

Subject = Annotated[
    Offer | Voucher | LazySubOrder | LazyBooking,
    strawberry.union("Subject", description="The subject of a conversation."),
]
SUBJECTS: dict[rows.SubjectKind, Any] = {
    rows.SubjectKind.OFFER: shown_offer,
    rows.SubjectKind.VOUCHER: voucher_by_id,
    rows.SubjectKind.ORDER: suborder_by_id,
    rows.SubjectKind.BOOKING: booking_by_id,
}


@strawberry.type(
    description="A conversation between a user and a vendor about one subject. Visible to the user,"
    " to the vendor's members, and to admins if one of its messages was reported."
)
class Conversation(Rows[rows.Conversation], relay.Node, access=visible_conversation):
    id: relay.NodeID[UUID]
    state: ConversationState = column("The state of the conversation.")
    created_at: datetime = column("The time at which the conversation was started.")
    last_message_at: datetime = column(
        "The time of the last message. Without messages, the time of the start."
    )
    last_sequence: int = column("The sequence number of the last message. 0 without messages.")
    first_asked_at: datetime | None = column("The time of the user's first message.")
    first_answered_at: datetime | None = column("The time of a member's first answer.")
    user: LazyUser = related(user_by_id, by="user_id", description="The user.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    assignee: LazyUser | None = related(
        user_by_id, by="assignee_id", description="The member that the conversation is assigned to."
    )

    first_answer_seconds: int | None = column(
        "The seconds between the user's first message and a member's first answer.",
        needs=("first_asked_at", "first_answered_at"),
    )

    subject: Subject | None = related_by_kind(
        lambda: SUBJECTS,
        kind="subject_kind",
        by="subject_id",
        description="The subject. Null without one, or if the offer was archived.",
    )
    last_message: LazyMessage | None = related(
        message_at,
        by=("id", "last_sequence"),
        description="The last message. Null without messages.",
    )
    unread_messages: int = related(
        unread_by_viewer,
        by="id",
        description="The number of the other side's messages that the viewer has not read. Notices"
        " and deleted messages don't count.",
    )
    blocked_by_me: bool = related(
        blocked_by_viewer,
        by="id",
        description="Whether the viewer's side blocks the other side. Only this side can unblock"
        " it.",
    )
    read_by_user: int = column(
        "The sequence number up to which the user has read. 0 if nothing was read.", of="user_read"
    )

    read_by_vendor: int = column(
        "The sequence number up to which any member of the vendor has read.", of="vendor_read"
    )

    delivered_to_user: int = column(
        "The sequence number up to which messages were delivered to a device of the user.",
        of="user_delivered",
    )

    delivered_to_vendor: int = column(
        "The sequence number up to which messages were delivered to a device of any member.",
        of="vendor_delivered",
    )

    @connection(
        LazyMessageConnection,
        "The messages by sequence number. `last: 20` returns the newest page.",
        needs=("id", "user_id"),
    )
    def messages(root: strawberry.Parent[rows.Conversation], info: Info) -> Listing[Any]:
        viewer = info.context.viewer
        if viewer.admin and viewer.user_id != root.user_id:
            info.context.app.audit.done(viewer, AuditAct.READ_CONVERSATION, subject_id=root.id)
        return list_messages(root.id)


async def viewer_topics(info: Info) -> list[str]:
    """Return the topics of `inboxChanges`, which lists of conversations can be followed with.

    A cursor of fewer topics, such as the vendor's own, would be refused there.
    """
    context = info.context
    viewer = context.viewer
    return await inbox_topics(context.app.database.shared, viewer.require_user(), viewer.acting)
