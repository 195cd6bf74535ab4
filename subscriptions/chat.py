"""Following conversations, and all that concerns a person."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry import relay

from core.errors import CursorExpired
from dataloaders.chat import conversation_by_id, message_by_id
from dataloaders.identity import user_by_id
from dataloaders.notifications import notification_by_id, unread_notifications
from dataloaders.redemptions import redemption_by_id, voucher_by_id
from engine.arguments import Resume
from engine.context import Context, Info
from engine.live.sources import JournalSource, follow
from engine.types import decode_id, subscription
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
from services.chat.log import inbox_topics
from services.journal import append as journal
from services.journal.cursor import OtherTopics
from services.journal.queries import Entry
from services.subscription_access import outsiders
from services.viewer import Viewer

MOVED = "Your vendor memberships have changed. Refetch the state and subscribe from there."

Make = Callable[[Context, Entry, str], Awaitable[Any]]


@strawberry.type
class ChatSubscription:
    """For those who take part, and for admins where a message was reported."""

    @subscription("What happens in a conversation. Resume with the last `cursor`.")
    async def conversation_changes(
        self,
        info: Info,
        conversation_id: Annotated[
            relay.GlobalID,
            strawberry.argument(description="A conversation that the viewer may see."),
        ],
        after: Resume = None,
    ) -> AsyncGenerator[ConversationChange, None]:
        id, viewer = decode_id(conversation_id, Conversation), info.context.viewer
        return await follow(info, ConversationSource(id, by_admins=viewer.admin), after)

    @subscription(
        "All that concerns the viewer: conversations, own vouchers and notifications, and tills of"
        " the vendors the viewer works at. Resume with the last `cursor`."
    )
    async def inbox_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[InboxChange, None]:
        user_id = info.context.viewer.require_user()
        async with info.context.read_session() as session:
            topics = await inbox_topics(session, info.context.viewer)
        try:
            return await follow(info, InboxSource(user_id, tuple(sorted(topics))), after)
        except OtherTopics as error:
            raise CursorExpired(MOVED) from error


@dataclass(frozen=True)
class ConversationSource(JournalSource[Any]):
    """One conversation, the same for both sides. `by_admins` where they follow as such."""

    conversation_id: UUID
    by_admins: bool

    @property
    def topics(self) -> Sequence[str]:
        return [journal.conversation_topic(self.conversation_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "readers"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await outsiders(session, self.conversation_id, user_ids, admins=self.by_admins)

    def includes(self, entry: Entry) -> bool:
        return entry.kind in OF_CONVERSATIONS

    async def change(self, context: Context, entry: Entry, cursor: str) -> Any:
        return await OF_CONVERSATIONS[entry.kind](context, entry, cursor)

    def checkpoint(self, cursor: str) -> Any:
        return Checkpoint(cursor=cursor)


@dataclass(frozen=True)
class InboxSource(JournalSource[Any]):
    """One's own topic, and those of the vendors one works at; the same on all of one's devices."""

    user_id: UUID
    followed: tuple[str, ...]

    @property
    def topics(self) -> Sequence[str]:
        return self.followed

    def audience(self, viewer: Viewer) -> Hashable:
        return "oneself"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Whoever works elsewhere than when this began follows other topics from then on."""
        topics = await inbox_topics(session, Viewer(self.user_id))
        return user_ids if set(topics) != set(self.followed) else []

    @property
    def revocation_error(self) -> Exception:
        return CursorExpired(MOVED)

    def includes(self, entry: Entry) -> bool:
        """What a vendor's topic tells of vouchers is for the till, which has its redemptions.

        And one's own topic tells of the conversations that one is the user of.
        """
        if entry.topic == journal.user_topic(self.user_id):
            return entry.kind in OF_ONESELF
        return entry.kind in OF_VENDORS and entry.facts.get("user_id") != str(self.user_id)

    async def change(self, context: Context, entry: Entry, cursor: str) -> Any:
        return await OF_ALL[entry.kind](context, entry, cursor)

    def checkpoint(self, cursor: str) -> Any:
        return Checkpoint(cursor=cursor)


def _of_message(kind: type[MessageSent | MessageEdited | MessageDeleted]) -> Make:
    async def make(context: Context, entry: Entry, cursor: str) -> Any:
        found: Any = await context.loaders[message_by_id].load(UUID(entry.facts["message_id"]))
        return kind(cursor=cursor, message=found)

    return make


async def _receipt(context: Context, entry: Entry, cursor: str) -> ReadReceiptUpdated:
    reader: Any = await context.loaders[user_by_id].load(UUID(entry.facts["reader_id"]))
    return ReadReceiptUpdated(
        cursor=cursor,
        conversation=await _conversation(context, entry),
        reader=reader,
        read_sequence=int(entry.facts["read"]),
        delivered_sequence=int(entry.facts["delivered"]),
    )


async def _updated(context: Context, entry: Entry, cursor: str) -> ConversationUpdated:
    return ConversationUpdated(cursor=cursor, conversation=await _conversation(context, entry))


async def _conversation(context: Context, entry: Entry) -> Conversation | None:
    id = UUID(entry.facts["conversation_id"])
    return Conversation.maybe(await context.loaders[conversation_by_id].load(id))


async def _voucher(context: Context, entry: Entry, cursor: str) -> VoucherUpdated:
    found: Any = await context.loaders[voucher_by_id].load(UUID(entry.facts["voucher_id"]))
    return VoucherUpdated(cursor=cursor, voucher=found)


async def _redemption(context: Context, entry: Entry, cursor: str) -> RedemptionCreated:
    found: Any = await context.loaders[redemption_by_id].load(UUID(entry.facts["redemption_id"]))
    return RedemptionCreated(cursor=cursor, redemption=found)


async def _notifications(context: Context, entry: Entry, cursor: str) -> NotificationsChanged:
    id, user_id = entry.facts.get("notification_id"), UUID(entry.topic.partition(":")[2])
    found: Any = await context.loaders[notification_by_id].load(UUID(id)) if id else None
    unread = await context.loaders[unread_notifications].load(user_id)
    return NotificationsChanged(cursor=cursor, notification=found, unread_count=unread)


OF_CONVERSATIONS: dict[str, Make] = {
    "message.sent": _of_message(MessageSent),
    "message.edited": _of_message(MessageEdited),
    "message.deleted": _of_message(MessageDeleted),
    "conversation.read": _receipt,
    "conversation.started": _updated,
    "conversation.updated": _updated,
}
OF_VOUCHERS: dict[str, Make] = dict.fromkeys(
    ("voucher.claimed", "voucher.redemption", "voucher.cancelled", "voucher.expired"), _voucher
)
OF_NOTIFICATIONS = dict.fromkeys(("notification.made", "notification.read"), _notifications)
OF_ONESELF: dict[str, Make] = OF_CONVERSATIONS | OF_VOUCHERS | OF_NOTIFICATIONS
OF_VENDORS: dict[str, Make] = OF_CONVERSATIONS | {"redemption": _redemption}
OF_ALL = OF_ONESELF | OF_VENDORS
