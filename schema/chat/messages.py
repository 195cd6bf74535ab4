"""What is said in conversations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.chat import conversation_by_id, message_by_id
from dataloaders.identity import user_by_id
from dataloaders.offers import shown_offer
from dataloaders.uploads import upload_by_id
from engine.connections import Connection
from engine.context import Info
from engine.types import Rows, column, field, related
from models.chat import messages as rows
from schema.chat.conversations import Conversation
from schema.chat.enums import MessageKind, NoticeKind, Receipt, Side
from schema.identity.types import User
from schema.offers.types import Offer
from schema.uploads.types import Upload


@strawberry.type(description="One thing said in a conversation.")
class Message(Rows[rows.Message], relay.Node):
    """The same for everybody who may see it. One that was deleted keeps its place, empty."""

    id: relay.NodeID[UUID]
    sequence: int = column("Its number in the conversation: from 1, without gaps.")
    side: Side = column("For which of the two it was said.")
    kind: MessageKind = column("What it is made of.")
    notice: NoticeKind | None = column("What a NOTICE tells; null for every other kind.")
    text: str = column("What it says; empty once it is deleted.")
    client_message_id: str | None = column("What its sender's program calls it.")
    edited_at: datetime | None = column("When it was last edited.")
    deleted_at: datetime | None = column("When it was deleted.")
    sent_at: datetime = strawberry.field(
        resolver=lambda root: root.created_at,
        graphql_type=datetime,
        description="When it was sent.",
    )
    sender: User | None = related(
        user_by_id, by="sender_id", description="Who sent it; null where the house speaks."
    )
    conversation: Conversation = related(
        conversation_by_id, by="conversation_id", description="Where it was said."
    )
    reply_to: Annotated["Message", strawberry.lazy("schema.chat.messages")] | None = related(
        message_by_id, by="reply_to_id", description="The message that it answers."
    )

    @field("The offer on its card; null without one, and once message or offer are gone.")
    async def offer(root: strawberry.Parent[rows.Message], info: Info) -> Offer | None:
        if root.offer_id is None or root.deleted_at is not None:
            return None
        return Offer.maybe(await info.context.loaders[shown_offer].load(root.offer_id))

    @field("Its picture or file; null without one, and once the message is deleted.")
    async def upload(root: strawberry.Parent[rows.Message], info: Info) -> Upload | None:
        if root.upload_id is None or root.deleted_at is not None:
            return None
        return Upload.maybe(await info.context.loaders[upload_by_id].load(root.upload_id))

    @field("How far it has come with the other side.")
    async def receipt(root: strawberry.Parent[rows.Message], info: Info) -> Receipt:
        conversation = await info.context.loaders[conversation_by_id].load(root.conversation_id)
        return root.receipt(conversation) if conversation else Receipt.SENT


@strawberry.type(description="A page of messages, and where to follow on from it.")
class MessageConnection(Connection[Message]):
    """Its place in the journal is read before the page, so that nothing falls in between."""

    changes_after: str | None = strawberry.field(
        default=None,
        description="Pass it as `after` to `conversationChanges`, to miss nothing; null in a"
        " search, which follows no conversation.",
    )
