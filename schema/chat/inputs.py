"""Inputs of chat mutations, and arguments that several of them take."""

from dataclasses import asdict
from datetime import time
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from engine.types import column, decode_id, decode_optional_id
from models.chat.conversations import SubjectKind
from models.chat.hours import WeeklyHours
from models.chat.messages import MessageDraft
from models.validation import parse
from schema.chat.messages import Message
from schema.offers.types import Offer
from schema.redemptions.types import Voucher
from schema.uploads.types import Upload

ConversationId = Annotated[
    relay.GlobalID, strawberry.argument(description="The conversation's id.")
]
OwnMessageId = Annotated[
    relay.GlobalID,
    strawberry.argument(
        description="The id of a message that the viewer sent in the last 15 minutes."
    ),
]


@strawberry.input(description="The conversation to start or find.")
class StartConversationInput:
    vendor_id: relay.GlobalID = column("The vendor's id.")
    subject_id: relay.GlobalID | None = strawberry.field(
        default=None,
        description="The id of one of the vendor's offers or vouchers. Required for members: they"
        " pass a voucher, and the conversation is with its owner.",
    )

    def subject(self) -> tuple[SubjectKind | None, UUID | None]:
        """Return the kind and the row id of the subject."""
        if self.subject_id is None:
            return None, None
        if self.subject_id.type_name == Voucher.__name__:
            return SubjectKind.VOUCHER, decode_id(self.subject_id, Voucher)
        return SubjectKind.OFFER, decode_id(self.subject_id, Offer)


@strawberry.input(description="A message to send.")
class SendMessageInput:
    conversation_id: relay.GlobalID = column("The conversation's id.")
    client_message_id: str = column(
        "A unique id of at most 100 characters. A retry with the same id returns the message that"
        " was sent first."
    )
    text: str = strawberry.field(
        default="",
        description="The text, at most 4,000 characters. Required without a file or an offer.",
    )
    upload_id: relay.GlobalID | None = strawberry.field(
        default=None,
        description="The id of a file to attach. The viewer's own, READY, and not attached yet.",
    )
    offer_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The id of one of the vendor's live offers to attach."
    )
    reply_to_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The id of the message to answer, in the same conversation."
    )

    def draft(self) -> MessageDraft:
        return parse(
            MessageDraft,
            client_message_id=self.client_message_id,
            text=self.text,
            upload_id=decode_optional_id(self.upload_id, Upload),
            offer_id=decode_optional_id(self.offer_id, Offer),
            reply_to_id=decode_optional_id(self.reply_to_id, Message),
        )


@strawberry.input(description="Opening hours on one weekday, in the vendor's time zone.")
class ChatSpanInput:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start, in whole minutes.")
    closes: time = column(
        "The end, in whole minutes. 00:00 is midnight at the end of the day. Hours past midnight"
        " need a second entry."
    )


@strawberry.input(description="The hours in which a vendor answers in the chat.")
class SaveChatHoursInput:
    vendor_id: relay.GlobalID = column("The vendor's id.")
    spans: list[ChatSpanInput] = column(
        "All opening hours, at most 28, without overlaps. If empty, always open."
    )
    auto_reply: str = strawberry.field(
        default="",
        description="The automatic reply outside these hours, at most 1,000 characters. Not sent if"
        " empty.",
    )

    def hours(self) -> WeeklyHours:
        return parse(WeeklyHours, **asdict(self))
