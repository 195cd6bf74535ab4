"""Enums of the domain `chat` in the GraphQL schema."""

from engine.enums import publish
from models.chat.conversations import ConversationState, Side
from models.chat.messages import MessageKind, NoticeKind, Receipt, VersionKind
from models.chat.reports import ReportReason
from services.chat.assignments import AssignmentFilter

__all__ = [
    "AssignmentFilter",
    "ConversationState",
    "MessageKind",
    "NoticeKind",
    "Receipt",
    "ReportReason",
    "Side",
    "VersionKind",
]

publish(
    AssignmentFilter,
    "Filters conversations by the member they are assigned to.",
    ANYONE="All conversations of the vendor.",
    UNASSIGNED="Conversations that are assigned to no member.",
    MINE="Conversations that are assigned to the viewer.",
)

publish(
    ConversationState,
    "The state of a conversation.",
    OPEN="Both sides can send messages.",
    ARCHIVED="Archived by either side. The next message reopens it.",
    BLOCKED="One side blocks the other, so no messages can be sent.",
)

publish(
    MessageKind,
    "The kind of content of a message.",
    TEXT="Text only.",
    IMAGE="An image, with optional text.",
    FILE="A file, with optional text.",
    OFFER="A card that links to an offer, with optional text.",
    AUTO_REPLY="The vendor's automatic reply outside its chat hours. It has no sender.",
    NOTICE="A system notice; `notice` is its kind. It has no sender.",
)

publish(
    NoticeKind,
    "The kind of a system notice in a conversation.",
    ASSIGNED="The conversation was assigned to another member, or unassigned.",
    ARCHIVED="The conversation was archived.",
    REOPENED="The conversation was reopened.",
)

publish(
    Receipt,
    "The delivery status of a message on the other side.",
    SENT="Stored by the server, but not delivered yet.",
    DELIVERED="Delivered to a device of the other side.",
    READ="Read by the other side.",
)

publish(
    ReportReason,
    "The reason for reporting a message.",
    SPAM="Unsolicited advertising.",
    ABUSE="Insults or threats.",
    FRAUD="An attempt to defraud.",
    OTHER="Another reason, explained in the note.",
)

publish(
    Side,
    "One of the two sides of a conversation.",
    USER="The user.",
    VENDOR="The vendor: one of its members, or the system.",
)

publish(
    VersionKind,
    "The change that replaced a version of a message.",
    EDITED="The sender edited the message.",
    DELETED="The sender deleted the message.",
)
