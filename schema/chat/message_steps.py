"""What each step of a message takes and answers: the message as it is then."""

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import column, decode_id
from models.chat.messages import MessageDraft
from models.validation import parse
from schema.chat.messages import Message
from schema.offers.types import Offer
from schema.uploads.types import Upload


@strawberry.type
class ChangedMessage(Payload):
    """What each of them answers; no type of the schema itself."""

    message: Message | None = strawberry.field(
        default=None, description="The message as it is now."
    )


@strawberry.input(description="Something to say.")
class SendMessageInput:
    """What `sendMessage` takes."""

    conversation_id: relay.GlobalID = column("Where to say it.")
    client_message_id: str = column(
        "Yours, new for each message and the same when it is repeated; at most 100 characters."
    )
    text: str = strawberry.field(
        default="", description="At most 4,000 characters; with a file or an offer it may be empty."
    )
    upload_id: relay.GlobalID | None = strawberry.field(
        default=None, description="One's own file that is ready and not attached to anything yet."
    )
    offer_id: relay.GlobalID | None = strawberry.field(
        default=None, description="A live offer of the conversation's vendor, shown as a card."
    )
    reply_to_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The message of the same conversation that this one answers."
    )

    def draft(self) -> MessageDraft:
        return parse(
            MessageDraft,
            client_message_id=self.client_message_id,
            text=self.text,
            upload_id=decode_id(self.upload_id, Upload) if self.upload_id else None,
            offer_id=decode_id(self.offer_id, Offer) if self.offer_id else None,
            reply_to_id=decode_id(self.reply_to_id, Message) if self.reply_to_id else None,
        )


@strawberry.type(description="The message; the same again when it was sent before under its id.")
class SendMessagePayload(ChangedMessage):
    """What `sendMessage` answers."""


@strawberry.input(description="What a message shall say instead.")
class EditMessageInput:
    """What `editMessage` takes."""

    message_id: relay.GlobalID = column("One's own message, sent within fifteen minutes.")
    text: str = column("Between 1 and 4,000 characters.")


@strawberry.type(description="The message as it says now.")
class EditMessagePayload(ChangedMessage):
    """What `editMessage` answers."""


@strawberry.input(description="Which message to take back.")
class DeleteMessageInput:
    """What `deleteMessage` takes."""

    message_id: relay.GlobalID = column("One's own message, sent within fifteen minutes.")


@strawberry.type(description="The message, empty in its place.")
class DeleteMessagePayload(ChangedMessage):
    """What `deleteMessage` answers."""
