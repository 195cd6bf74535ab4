"""Changes that chat subscriptions send: a union, each member with its cursor."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine.types import column
from schema.chat.conversations import Conversation
from schema.chat.messages import Message
from schema.lazy import LazyUser
from schema.notifications.inbox import Notification
from schema.redemptions.changes import CHECKPOINT
from schema.redemptions.types import Redemption, Voucher

MESSAGE_NOW = "The message in its current state. Null if it is gone."


@strawberry.interface(
    description="A change with its cursor. Types may be added: refetch on an unknown one."
)
class Change:
    cursor: str = column("The cursor to resume after this change.")


@strawberry.type(description="A message was sent.")
class MessageSent(Change):
    message: Message | None = column(MESSAGE_NOW)


@strawberry.type(description="A message was edited.")
class MessageEdited(Change):
    message: Message | None = column(MESSAGE_NOW)


@strawberry.type(description="A message was deleted. It keeps its sequence number.")
class MessageDeleted(Change):
    message: Message | None = column(MESSAGE_NOW)


@strawberry.type(
    description="A participant has read messages, or messages were delivered to them. The numbers"
    " are those of the time of the change, so they only grow."
)
class ReadReceiptUpdated(Change):
    conversation: Conversation | None = column("The conversation. Null if it is gone.")
    reader: LazyUser | None = column("The participant. Null if the account is gone.")
    read_sequence: int = column("The sequence number up to which they have read.")
    delivered_sequence: int = column("The sequence number up to which a device has the messages.")


@strawberry.type(description="A conversation was started, or its state or assignee changed.")
class ConversationUpdated(Change):
    conversation: Conversation | None = column(
        "The conversation in its current state. Null if it is gone."
    )


@strawberry.type(description="A voucher was presented at one of the viewer's vendors.")
class RedemptionCreated(Change):
    redemption: Redemption | None = column("The redemption attempt. Null if it is gone.")


@strawberry.type(description="One of the viewer's vouchers changed.")
class VoucherUpdated(Change):
    voucher: Voucher | None = column("The voucher in its current state. Null if it is gone.")


@strawberry.type(description="The viewer received a notification, or read notifications.")
class NotificationsChanged(Change):
    notification: Notification | None = column(
        "The new notification. Null if notifications were read."
    )
    unread_count: int = column("The number of the viewer's unread notifications.")


@strawberry.type(description=CHECKPOINT)
class Checkpoint(Change):
    pass


ConversationChange = Annotated[
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReadReceiptUpdated
    | ConversationUpdated
    | Checkpoint,
    strawberry.union("ConversationChange", description="A change in a conversation."),
]
InboxChange = Annotated[
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReadReceiptUpdated
    | ConversationUpdated
    | RedemptionCreated
    | VoucherUpdated
    | NotificationsChanged
    | Checkpoint,
    strawberry.union("InboxChange", description="A change that concerns the viewer."),
]


@strawberry.type(description="The users who are typing in a conversation.")
class TypingUsers:
    users: list[LazyUser] = column("All typing users. Empty if no user is typing.")


@strawberry.type(description="The presence of a user.")
class Presence:
    user: LazyUser | None = column("The user. Null if the account is gone.")
    online: bool | None = column("Whether the user has an open connection. Null if unknown.")
    last_seen_at: datetime | None = column(
        "The time at which the last connection was closed. Null while online, or if unknown."
    )
