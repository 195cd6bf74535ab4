"""What mutations of a vendor's desk take and answer."""

from dataclasses import asdict
from datetime import time

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import column
from models.chat.canned_replies import CannedReplyDraft
from models.chat.hours import WeeklyHours
from models.validation import parse
from schema.chat.conversations import Conversation
from schema.chat.desk import CannedReply
from schema.vendors.types import Vendor


@strawberry.input(description="A canned reply, new or changed.")
class SaveCannedReplyInput:
    """What `saveCannedReply` takes."""

    vendor_id: relay.GlobalID = column("Whose it is.")
    title: str = column("What it is found by; 1 to 80 characters, none alike at one vendor.")
    text: str = column("What is sent; 1 to 4,000 characters.")
    canned_reply_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Which one to change; absent: a new one."
    )

    def draft(self) -> CannedReplyDraft:
        return parse(CannedReplyDraft, title=self.title, text=self.text)


@strawberry.type(description="The canned reply as it is now.")
class SaveCannedReplyPayload(Payload):
    """What `saveCannedReply` answers."""

    canned_reply: CannedReply | None = strawberry.field(
        default=None, description="The canned reply as it is now."
    )


@strawberry.input(description="Which canned reply to delete.")
class DeleteCannedReplyInput:
    """What `deleteCannedReply` takes."""

    canned_reply_id: relay.GlobalID = column("Which canned reply.")


@strawberry.type(description="What has been deleted.")
class DeleteCannedReplyPayload(Payload):
    """What `deleteCannedReply` answers."""

    deleted_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The id that the canned reply had."
    )


@strawberry.input(description="Hours of one day of the week, in the vendor's time zone.")
class ChatSpanInput:
    """Those past midnight are of two days."""

    weekday: int = column("From Monday, 1, to Sunday, 7.")
    opens: time = column("When it begins, to the minute.")
    closes: time = column("When it ends; 00:00 is midnight at the end of the day.")


@strawberry.input(description="When a vendor answers in the chat.")
class SaveChatHoursInput:
    """What `saveChatHours` takes."""

    vendor_id: relay.GlobalID = column("Whose hours they are.")
    spans: list[ChatSpanInput] = column(
        "All of them, at most 28, none overlapping; none at all: somebody is always there."
    )
    auto_reply: str = strawberry.field(
        default="", description="What is said at other times; at most 1,000 characters."
    )

    def hours(self) -> WeeklyHours:
        return parse(WeeklyHours, **asdict(self))


@strawberry.type(description="The vendor with its new hours.")
class SaveChatHoursPayload(Payload):
    """What `saveChatHours` answers."""

    vendor: Vendor | None = strawberry.field(
        default=None, description="The vendor with its new hours."
    )


@strawberry.input(description="Who shall look after a conversation.")
class AssignConversationInput:
    """What `assignConversation` takes."""

    conversation_id: relay.GlobalID = column("Which conversation.")
    member_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The user who is a member of the vendor; null for nobody."
    )


@strawberry.type(description="The conversation, assigned.")
class AssignConversationPayload(Payload):
    """What `assignConversation` answers."""

    conversation: Conversation | None = strawberry.field(
        default=None, description="The conversation as it is now."
    )
