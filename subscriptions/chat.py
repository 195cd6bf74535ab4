"""Changes of conversations, and of everything in a user's inbox."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.errors import CursorExpired
from core.statements.shared_reads import SharedReads
from core.topics import topic_id
from dataloaders.chat import conversation_by_id, message_by_id
from dataloaders.identity import user_by_id
from dataloaders.notifications import notification_by_id, unread_notifications
from dataloaders.redemptions import redemption_by_id, voucher_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import ChangeFactory, JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.chat.changes import (
    Checkpoint,
    ConversationChange,
    ConversationUpdated,
    InboxChange,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    NotificationsChanged,
    ReadReceiptUpdated,
    RedemptionCreated,
    VoucherUpdated,
)
from schema.chat.conversations import Conversation
from services.chat import entries
from services.chat.log import inbox_topics
from services.journal.cursor import OtherTopics
from services.journal.entries import Entry
from services.journal.queries import JournalRecord
from services.journal.topics import conversation_topic, user_topic
from services.notifications.entries import NotificationCreated, NotificationsRead
from services.redemptions import entries as redemptions
from services.subscription_access import is_third_party, non_participants
from services.viewer import Acting, Viewer

VENDORS_CHANGED = "Your vendor memberships have changed. Reload to see the current state."


@strawberry.type
class ChatSubscription:
    @subscription(
        "Changes of a conversation: messages, read receipts, state and assignment. For its"
        " participants, and for admins if a message was reported. Resume with the last `cursor`."
    )
    async def conversation_changes(
        self,
        info: Info,
        conversation_id: Annotated[
            UUID, id_of("Conversation", "A conversation that the viewer can see.")
        ],
        after: Resume = None,
    ) -> AsyncGenerator[ConversationChange, None]:
        source = ConversationSource(conversation_id, by_admins=info.context.viewer.admin)
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Changes of everything that concerns the viewer: their conversations, their own vouchers"
        " and notifications, and redemptions at the vendors whose chats they answer. Resume with"
        " the last `cursor`."
    )
    async def inbox_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[InboxChange, None]:
        user_id = info.context.viewer.require_user()
        acting = info.context.viewer.acting
        topics = await inbox_topics(info.context.app.database.shared, user_id, acting)
        try:
            source = InboxSource(user_id, tuple(sorted(topics)), acting)
            return await subscribe_to_journal(info, source, after)
        except OtherTopics as error:
            raise CursorExpired(VENDORS_CHANGED) from error


def _message_change(kind: type[MessageSent | MessageEdited | MessageDeleted]) -> ChangeFactory:
    async def build(loaders: Loaders, record: JournalRecord[Any], cursor: str) -> Any:
        message: Any = await loaders[message_by_id].load(record.entry.message_id)
        return kind(cursor=cursor, message=message)

    return build


async def _receipt(
    loaders: Loaders, record: JournalRecord[entries.ConversationRead], cursor: str
) -> ReadReceiptUpdated:
    reader: Any = await loaders[user_by_id].load(record.entry.reader_id)
    conversation = await loaders[conversation_by_id].load(record.entry.conversation_id)
    return ReadReceiptUpdated(
        cursor=cursor,
        conversation=Conversation.wrap_optional(conversation),
        reader=reader,
        read_sequence=record.entry.read,
        delivered_sequence=record.entry.delivered,
    )


async def _conversation_change(
    loaders: Loaders, record: JournalRecord[entries.ConversationEntry], cursor: str
) -> ConversationUpdated:
    conversation = await loaders[conversation_by_id].load(record.entry.conversation_id)
    return ConversationUpdated(cursor=cursor, conversation=Conversation.wrap_optional(conversation))


async def _voucher_change(
    loaders: Loaders, record: JournalRecord[redemptions.VoucherEntry], cursor: str
) -> VoucherUpdated:
    voucher: Any = await loaders[voucher_by_id].load(record.entry.voucher_id)
    return VoucherUpdated(cursor=cursor, voucher=voucher)


async def _redemption_change(
    loaders: Loaders, record: JournalRecord[redemptions.RedemptionCreated], cursor: str
) -> RedemptionCreated:
    redemption: Any = await loaders[redemption_by_id].load(record.entry.redemption_id)
    return RedemptionCreated(cursor=cursor, redemption=redemption)


async def _notification_created(
    loaders: Loaders, record: JournalRecord[NotificationCreated], cursor: str
) -> NotificationsChanged:
    notification: Any = await loaders[notification_by_id].load(record.entry.notification_id)
    unread = await loaders[unread_notifications].load(topic_id(record.topic))
    return NotificationsChanged(cursor=cursor, notification=notification, unread_count=unread)


async def _notifications_read(
    loaders: Loaders, record: JournalRecord[NotificationsRead], cursor: str
) -> NotificationsChanged:
    unread = await loaders[unread_notifications].load(topic_id(record.topic))
    return NotificationsChanged(cursor=cursor, notification=None, unread_count=unread)


CONVERSATION_CHANGES: dict[type[Entry], ChangeFactory] = {
    entries.MessageSent: _message_change(MessageSent),
    entries.MessageEdited: _message_change(MessageEdited),
    entries.MessageDeleted: _message_change(MessageDeleted),
    entries.ConversationRead: _receipt,
    entries.ConversationStarted: _conversation_change,
    entries.ConversationUpdated: _conversation_change,
}

VOUCHER_CHANGES: dict[type[Entry], ChangeFactory] = {
    redemptions.VoucherClaimed: _voucher_change,
    redemptions.VoucherPresented: _voucher_change,
    redemptions.VoucherCancelled: _voucher_change,
    redemptions.VoucherExpired: _voucher_change,
    redemptions.VoucherVendorChanged: _voucher_change,
}


@dataclass(frozen=True)
class ConversationSource(JournalSource[Any]):
    """One conversation, the same for both sides. `by_admins` if admins subscribe as such."""

    conversation_id: UUID
    by_admins: bool
    changes = CONVERSATION_CHANGES

    @property
    def topics(self) -> Sequence[str]:
        return [conversation_topic(self.conversation_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "readers"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_participants(reads, self.conversation_id, user_ids, admins=self.by_admins)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        if self.by_admins:
            return False
        return await is_third_party(reads, self.conversation_id, viewer)

    def checkpoint(self, cursor: str) -> Any:
        return Checkpoint(cursor=cursor)


@dataclass(frozen=True)
class InboxSource(JournalSource[Any]):
    """A user's own topic and those of their vendors, the same on all devices of the user."""

    user_id: UUID
    followed: tuple[str, ...]
    acting: Acting | None = None
    changes = (
        CONVERSATION_CHANGES
        | VOUCHER_CHANGES
        | {
            redemptions.RedemptionCreated: _redemption_change,
            NotificationCreated: _notification_created,
            NotificationsRead: _notifications_read,
        }
    )

    @property
    def topics(self) -> Sequence[str]:
        return self.followed

    def audience(self, viewer: Viewer) -> Hashable:
        return "user"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """End the stream when the user works for other vendors: its topics are then others."""
        topics = await inbox_topics(reads, self.user_id, self.acting)
        return user_ids if set(topics) != set(self.followed) else []

    @property
    def revocation_error(self) -> Exception:
        return CursorExpired(VENDORS_CHANGED)

    def includes(self, record: JournalRecord[Any]) -> bool:
        """Publish vouchers from the user's own topic, and redemptions from those of vendors.

        Conversations are in both; if the user is the customer, they come from the user's topic.
        """
        if not super().includes(record):
            return False
        entry = record.entry
        if record.topic == user_topic(self.user_id):
            return not isinstance(entry, redemptions.RedemptionCreated)
        if isinstance(entry, entries.ConversationEntry):
            return entry.user_id != self.user_id
        return isinstance(entry, redemptions.RedemptionCreated)

    def checkpoint(self, cursor: str) -> Any:
        return Checkpoint(cursor=cursor)
