"""Inputs of chat mutations, and arguments that several of them take."""

from dataclasses import asdict
from datetime import time
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from engine.ids import decode_id, id_field, id_of
from engine.types import column
from models.chat.conversations import SubjectKind
from models.chat.hours import WeeklyHours
from models.chat.messages import MessageDraft
from models.validation import parse

ConversationId = Annotated[UUID, id_of("Conversation", "The conversation's id.")]
OwnMessageId = Annotated[
    UUID, id_of("Message", "The id of a message that the viewer sent in the last 15 minutes.")
]


@strawberry.input(description="The conversation to start or find.")
class StartConversationInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    subject_id: relay.GlobalID | None = strawberry.field(
        default=None,
        description="The id of one of the vendor's offers, vouchers, parts of orders or bookings."
        " Required for members: they pass a voucher, a part of an order or a booking, and the"
        " conversation is with its owner.",
    )

    def subject(self) -> tuple[SubjectKind | None, UUID | None]:
        """Return the kind and the row id of the subject."""
        if self.subject_id is None:
            return None, None
        if self.subject_id.type_name == "Voucher":
            return SubjectKind.VOUCHER, decode_id(self.subject_id, "Voucher")
        if self.subject_id.type_name == "SubOrder":
            return SubjectKind.ORDER, decode_id(self.subject_id, "SubOrder")
        if self.subject_id.type_name == "Booking":
            return SubjectKind.BOOKING, decode_id(self.subject_id, "Booking")
        return SubjectKind.OFFER, decode_id(self.subject_id, "Offer")


@strawberry.input(description="A message to send.")
class SendMessageInput:
    conversation_id: UUID = id_field("Conversation", "The conversation's id.")
    client_message_id: str = column(
        "A unique id of at most 100 characters. A retry with the same id returns the message that"
        " was sent first."
    )
    text: str = strawberry.field(
        default="",
        description="The text, at most 4,000 characters. Required without a file or an offer.",
    )
    upload_id: UUID | None = id_field(
        "Upload",
        "The id of a file to attach. The viewer's own, READY, and not attached yet.",
        default=None,
    )
    offer_id: UUID | None = id_field(
        "Offer", "The id of one of the vendor's live offers to attach.", default=None
    )
    reply_to_id: UUID | None = id_field(
        "Message", "The id of the message to answer, in the same conversation.", default=None
    )

    def draft(self) -> MessageDraft:
        return parse(
            MessageDraft,
            client_message_id=self.client_message_id,
            text=self.text,
            upload_id=self.upload_id,
            offer_id=self.offer_id,
            reply_to_id=self.reply_to_id,
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
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
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
