"""What subscriptions of conversations send: a union by kind, each member with its cursor."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.base import described
from schema.changes import CHECKPOINT
from schema.chat import Conversation
from schema.chat_messages import Message
from schema.identity import User
from schema.notifications import Notification
from schema.redemptions import Redemption, Voucher


@strawberry.interface(description="Something that happened, with where to go on from it.")
class Change:
    """More kinds may come; treat an unknown one as a reason to refetch."""

    cursor: str = described("Pass it as `after` to go on behind this change.")


@strawberry.type(description="A message was sent.")
class MessageSent(Change):
    """As it is now: it may have been edited or deleted since."""

    message: Message | None = described("As it is now; null if it is gone.")


@strawberry.type(description="A message was edited.")
class MessageEdited(Change):
    """As it is now."""

    message: Message | None = described("As it is now; null if it is gone.")


@strawberry.type(description="A message was deleted; it keeps its place, empty.")
class MessageDeleted(Change):
    """Without what it said."""

    message: Message | None = described("What is left of it; null if it is gone.")


@strawberry.type(description="Somebody has read on, or has been sent more.")
class ReceiptMoved(Change):
    """How far was noted with the entry, so it never goes back."""

    conversation: Conversation | None = described("Where; null if it is gone.")
    reader: User | None = described("Who; null if they are gone.")
    read_sequence: int = described("Up to which message they have read.")
    delivered_sequence: int = described("Up to which message a device of theirs has them.")


@strawberry.type(description="A conversation was started, or its state or assignment changed.")
class ConversationUpdated(Change):
    """As it is now."""

    conversation: Conversation | None = described("As it is now; null if it is gone.")


@strawberry.type(description="A voucher was presented at a till of the viewer's vendor.")
class RedemptionMade(Change):
    """With the attempt as it is kept."""

    redemption: Redemption | None = described("The attempt; null if it is gone.")


@strawberry.type(description="Something happened to one of the viewer's own vouchers.")
class VoucherUpdated(Change):
    """As it is now."""

    voucher: Voucher | None = described("As it is now; null if it is gone.")


@strawberry.type(description="The viewer was told of something, or has read what they were told.")
class NotificationsChanged(Change):
    """On all of one's devices, so that each shows the same number."""

    notification: Notification | None = described("What they were told; null if it was read.")
    unread_count: int = described("How many of the viewer's notifications are unread now.")


@strawberry.type(description=CHECKPOINT)
class Checkpoint(Change):
    """Keep the cursor and show nothing."""


ConversationChange = Annotated[
    MessageSent | MessageEdited | MessageDeleted | ReceiptMoved | ConversationUpdated | Checkpoint,
    strawberry.union("ConversationChange", description="What happens in one conversation."),
]
InboxChange = Annotated[
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReceiptMoved
    | ConversationUpdated
    | RedemptionMade
    | VoucherUpdated
    | NotificationsChanged
    | Checkpoint,
    strawberry.union("InboxChange", description="What happens anywhere that concerns a person."),
]


@strawberry.type(description="Who is typing in a conversation, at this moment.")
class Typists:
    """Told anew whenever it changes."""

    users: list[User] = described("All of them; an empty list when nobody types any more.")


@strawberry.type(description="Whether somebody is there.")
class Presence:
    """Told first as it is, and again whenever it changes."""

    user: User | None = described("Who.")
    online: bool | None = described("Whether a socket of theirs is open; null if nobody knows.")
    last_seen_at: datetime | None = described(
        "When one last was; null while one is, or if nobody knows."
    )
