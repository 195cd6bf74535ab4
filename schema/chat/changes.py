"""What subscriptions of conversations send: a union by kind, each member with its cursor."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine.types import column
from schema.chat.conversations import Conversation
from schema.chat.messages import Message
from schema.identity.types import User
from schema.notifications.inbox import Notification
from schema.redemptions.changes import CHECKPOINT
from schema.redemptions.types import Redemption, Voucher


@strawberry.interface(description="Something that happened, with where to go on from it.")
class Change:
    """More kinds may come; treat an unknown one as a reason to refetch."""

    cursor: str = column("Pass it as `after` to go on behind this change.")


@strawberry.type(description="A message was sent.")
class MessageSent(Change):
    """As it is now: it may have been edited or deleted since."""

    message: Message | None = column("As it is now; null if it is gone.")


@strawberry.type(description="A message was edited.")
class MessageEdited(Change):
    """As it is now."""

    message: Message | None = column("As it is now; null if it is gone.")


@strawberry.type(description="A message was deleted; it keeps its place, empty.")
class MessageDeleted(Change):
    """Without what it said."""

    message: Message | None = column("What is left of it; null if it is gone.")


@strawberry.type(description="Somebody has read on, or has been sent more.")
class ReadReceiptUpdated(Change):
    """How far was noted with the entry, so it never goes back."""

    conversation: Conversation | None = column("Where; null if it is gone.")
    reader: User | None = column("Who; null if they are gone.")
    read_sequence: int = column("Up to which message they have read.")
    delivered_sequence: int = column("Up to which message a device of theirs has them.")


@strawberry.type(description="A conversation was started, or its state or assignment changed.")
class ConversationUpdated(Change):
    """As it is now."""

    conversation: Conversation | None = column("As it is now; null if it is gone.")


@strawberry.type(description="A voucher was presented at a till of the viewer's vendor.")
class RedemptionCreated(Change):
    """With the attempt as it is kept."""

    redemption: Redemption | None = column("The attempt; null if it is gone.")


@strawberry.type(description="Something happened to one of the viewer's own vouchers.")
class VoucherUpdated(Change):
    """As it is now."""

    voucher: Voucher | None = column("As it is now; null if it is gone.")


@strawberry.type(description="The viewer was told of something, or has read what they were told.")
class NotificationsChanged(Change):
    """On all of one's devices, so that each shows the same number."""

    notification: Notification | None = column("What they were told; null if it was read.")
    unread_count: int = column("How many of the viewer's notifications are unread now.")


@strawberry.type(description=CHECKPOINT)
class Checkpoint(Change):
    """Keep the cursor and show nothing."""


ConversationChange = Annotated[
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReadReceiptUpdated
    | ConversationUpdated
    | Checkpoint,
    strawberry.union("ConversationChange", description="What happens in one conversation."),
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
    strawberry.union("InboxChange", description="What happens anywhere that concerns a person."),
]


@strawberry.type(description="Who is typing in a conversation, at this moment.")
class TypingUsers:
    """Told anew whenever it changes."""

    users: list[User] = column("All of them; an empty list when nobody types any more.")


@strawberry.type(description="Whether somebody is there.")
class Presence:
    """Told first as it is, and again whenever it changes."""

    user: User | None = column("Who.")
    online: bool | None = column("Whether a socket of theirs is open; null if nobody knows.")
    last_seen_at: datetime | None = column(
        "When one last was; null while one is, or if nobody knows."
    )
