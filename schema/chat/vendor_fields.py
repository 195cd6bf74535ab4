"""Fields of Vendor about its chat."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from core.clock import now
from core.keyset import Listing
from dataloaders.chat import canned_of_vendor, first_answers_of_vendor, hours_of_vendor
from dataloaders.vendors import own_membership
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.permissions import visible_to_members
from engine.types import field, loaded, related
from models import vendors as rows
from models.chat.canned_replies import MAX_CANNED_REPLIES
from models.chat.hours import ChatHours as ChatHoursRow
from models.members import Permission
from schema.chat.canned_replies import CannedReply, with_title_prefix
from schema.chat.conversations import Conversation, viewer_topics
from schema.chat.enums import AssignmentFilter, ConversationState
from schema.chat.hours import ChatHours, FirstAnswer
from services.chat.assignments import list_vendor_conversations
from services.vendors.access import may_do

StartingWith = Annotated[
    str | None,
    strawberry.argument(
        description="Returns replies whose title starts with this text. Case and accents don't"
        " matter."
    ),
]
AssignedTo = Annotated[
    AssignmentFilter,
    strawberry.argument(description="Returns conversations with this assignment."),
]
InState = Annotated[
    ConversationState, strawberry.argument(description="Returns conversations in this state.")
]


@strawberry.type
class ChatVendorFields:
    """A base of Vendor, not a type of the schema."""

    chat_hours: ChatHours = related(
        hours_of_vendor,
        by="id",
        description="The hours in which the vendor answers in the chat.",
        public=True,
    )

    @loaded(
        hours_of_vendor,
        by="id",
        description="Whether the vendor answers in the chat at this time.",
        needs=("id", "time_zone"),
        cost=1,
    )
    def answers_now(root: strawberry.Parent[rows.Vendor], desk: ChatHoursRow) -> bool:
        return desk.hours.open_at(now(), root.time_zone)

    @visible_to_members(own_membership, may_do(Permission.CHAT))
    @field(
        "Canned replies by title. Visible to members with the STAFF role or higher, and not to"
        " admins: chats are private.",
        needs=("id",),
        size=MAX_CANNED_REPLIES,
    )
    async def canned_replies(
        root: strawberry.Parent[rows.Vendor], info: Info, starting_with: StartingWith = None
    ) -> list[CannedReply]:
        replies = await info.context.loaders[canned_of_vendor].load(root.id)
        return [CannedReply.wrap(reply) for reply in with_title_prefix(replies, starting_with)]

    @visible_to_members(own_membership, may_do(Permission.CHAT))
    @connection(
        LiveConnection[Conversation],
        "The vendor's conversations by last message, newest first. Subscription: `inboxChanges`."
        " Visible to members with the STAFF role or higher, and not to admins: chats are private.",
        needs=("id",),
    )
    async def conversations(
        root: strawberry.Parent[rows.Vendor],
        info: Info,
        assigned: AssignedTo = AssignmentFilter.ANYONE,
        state: InState = ConversationState.OPEN,
    ) -> Listing[Any]:
        listed = list_vendor_conversations(info.context.viewer, root.id, assigned, state)
        return replace(listed, topics=await viewer_topics(info))

    @visible_to_members(own_membership, may_do(Permission.SEE_STATISTICS), admins=True)
    @field(
        "First response times. Visible to members with the STAFF role or higher, and admins.",
        needs=("id",),
        cost=20,
    )
    async def first_answer(root: strawberry.Parent[rows.Vendor], info: Info) -> FirstAnswer:
        counted = await info.context.loaders[first_answers_of_vendor].load(root.id)
        return FirstAnswer(**counted._asdict())
