"""Conversations between a user and a vendor."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Window
from dataloaders.chat import blocked_by_viewer, message_at, unread_by_viewer
from dataloaders.identity import user_by_id
from dataloaders.offers import shown_offer
from dataloaders.redemptions import voucher_by_id
from dataloaders.vendors import vendor_by_id
from engine.arguments import After, Before, First, Last
from engine.connections import Connection
from engine.context import Info
from engine.types import Rows, column, field, related
from models.chat import conversations as rows
from schema.enums import ConversationState
from schema.identity.types import User
from schema.offers.types import Offer
from schema.redemptions.types import Voucher
from schema.vendors.types import Vendor
from services.chat.messages import list_messages
from services.journal.topics import conversation_topic

if TYPE_CHECKING:
    from schema.chat.messages import Message, MessageConnection

Subject = Annotated[
    Offer | Voucher,
    strawberry.union("Subject", description="What a conversation can be about."),
]
SUBJECTS: dict[rows.SubjectKind, Any] = {
    rows.SubjectKind.OFFER: shown_offer,
    rows.SubjectKind.VOUCHER: voucher_by_id,
}


@strawberry.type(description="What a user and a vendor have to say to each other about one thing.")
class Conversation(Rows[rows.Conversation], relay.Node):
    """For the user and the vendor's members. Of its fields, two depend on who asks."""

    id: relay.NodeID[UUID]
    state: ConversationState = column("Whether it is open.")
    created_at: datetime = column("When it was started.")
    last_message_at: datetime = column("When its last message was sent, or it was started.")
    last_sequence: int = column("The number of its last message; 0 before the first.")
    first_asked_at: datetime | None = column("When the user first wrote.")
    first_answered_at: datetime | None = column("When a member of the vendor first answered.")
    user: User = related(user_by_id, by="user_id", description="Who talks with the vendor.")
    vendor: Vendor = related(
        vendor_by_id, by="vendor_id", description="Whose members talk with the user."
    )
    assignee: User | None = related(
        user_by_id, by="assignee_id", description="The member who looks after it; null for nobody."
    )

    @field("How many seconds the user waited for the first answer; null before it.")
    def first_answer_seconds(root: strawberry.Parent[rows.Conversation]) -> int | None:
        return root.first_answer_seconds

    @field("What it is about; null if nothing, or if the offer has been put away.")
    async def subject(root: strawberry.Parent[rows.Conversation], info: Info) -> Subject | None:
        if root.subject_kind is None:
            return None
        subject: Subject | None = await info.context.loaders[SUBJECTS[root.subject_kind]].load(
            root.subject_id
        )
        return subject

    @field("Its last message; null before the first.")
    async def last_message(
        root: strawberry.Parent[rows.Conversation], info: Info
    ) -> Annotated["Message", strawberry.lazy("schema.chat.messages")] | None:
        from schema.chat.messages import Message  # noqa: PLC0415 - it needs Conversation

        place = (root.id, root.last_sequence)
        return Message.maybe(await info.context.loaders[message_at].load(place))

    @field("How many of the other side's messages the viewer has not read. Notices are nobody's.")
    async def unread_messages(root: strawberry.Parent[rows.Conversation], info: Info) -> int:
        return await info.context.loaders[unread_by_viewer].load(root.id)

    @field("Whether the viewer's side blocks the other, and so whether it can lift that.")
    async def blocked_by_viewer(root: strawberry.Parent[rows.Conversation], info: Info) -> bool:
        return await info.context.loaders[blocked_by_viewer].load(root.id)

    @field("Up to which message the user has read; 0 for none.")
    def read_by_user(root: strawberry.Parent[rows.Conversation]) -> int:
        return root.user_read

    @field("Up to which message the vendor has read, whichever of its members it was.")
    def read_by_vendor(root: strawberry.Parent[rows.Conversation]) -> int:
        return root.vendor_read

    @field("Up to which message a device of the user has them; 0 for none.")
    def delivered_to_user(root: strawberry.Parent[rows.Conversation]) -> int:
        return root.user_delivered

    @field("Up to which message a device of one of the vendor's members has them.")
    def delivered_to_vendor(root: strawberry.Parent[rows.Conversation]) -> int:
        return root.vendor_delivered

    @field("Its messages in the order of their numbers: the newest page is `last: 20`.")
    async def messages(
        root: strawberry.Parent[rows.Conversation],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["MessageConnection", strawberry.lazy("schema.chat.messages")]:
        from schema.chat.messages import MessageConnection  # noqa: PLC0415 - as above

        cursor = await info.context.cursor(conversation_topic(root.id))
        window = Window(first, after, last, before)
        page = await MessageConnection.fetch(info, *list_messages(root.id), window)
        page.changes_after = cursor
        return page


@strawberry.type(description="A page of conversations, and where to follow on from it.")
class ConversationConnection(Connection[Conversation]):
    """Its place in the journal is read before the page, so that nothing falls in between."""

    changes_after: str = strawberry.field(
        default="", description="Pass it as `after` to `inboxChanges`, to miss nothing."
    )
