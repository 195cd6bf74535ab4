"""What each step of a conversation takes and answers: the conversation as it is then."""

from uuid import UUID

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import column, decode_id
from models.chat.conversations import SubjectKind
from schema.chat.conversations import Conversation
from schema.offers.types import Offer
from schema.redemptions.types import Voucher


@strawberry.input
class OneConversation:
    """What most of them take; no type of the schema itself."""

    conversation_id: relay.GlobalID = column("Which conversation.")


@strawberry.type
class ChangedConversation(Payload):
    """What each of them answers; no type of the schema itself."""

    conversation: Conversation | None = strawberry.field(
        default=None, description="The conversation as it is now."
    )


@strawberry.input(description="With whom to talk, and about what.")
class StartConversationInput:
    """What `startConversation` takes."""

    vendor_id: relay.GlobalID = column("The vendor to talk with, or to talk for.")
    subject_id: relay.GlobalID | None = strawberry.field(
        default=None,
        description="An offer or a voucher of that vendor. Its members name a voucher, and talk"
        " with the user who has it.",
    )

    def subject(self) -> tuple[SubjectKind | None, UUID | None]:
        """Which table it is in, and the row's id there."""
        if self.subject_id is None:
            return None, None
        if self.subject_id.type_name == Voucher.__name__:
            return SubjectKind.VOUCHER, decode_id(self.subject_id, Voucher)
        return SubjectKind.OFFER, decode_id(self.subject_id, Offer)


@strawberry.type(description="The one conversation about this, whoever started it.")
class StartConversationPayload(ChangedConversation):
    """What `startConversation` answers."""


@strawberry.input(description="How far the viewer has read.")
class MarkReadInput(OneConversation):
    """What `markRead` takes."""

    sequence: int = column("The number of the last message that was read.")


@strawberry.type(description="The conversation, read up to there or further.")
class MarkReadPayload(ChangedConversation):
    """What `markRead` answers."""


@strawberry.input(description="How far a device of the viewer has the messages.")
class MarkDeliveredInput(OneConversation):
    """What `markDelivered` takes."""

    sequence: int = column("The number of the last message that has arrived.")


@strawberry.type(description="The conversation, delivered up to there or further.")
class MarkDeliveredPayload(ChangedConversation):
    """What `markDelivered` answers."""


@strawberry.input(description="Whether the viewer types.")
class SetTypingInput(OneConversation):
    """What `setTyping` takes."""

    typing: bool = strawberry.field(default=True, description="False when they type no more.")


@strawberry.type(description="Nothing to tell but errors.")
class SetTypingPayload(Payload):
    """What `setTyping` answers."""


@strawberry.input(description="Which conversation to put away, or to take out again.")
class ArchiveConversationInput(OneConversation):
    """What `archiveConversation` takes."""

    archived: bool = strawberry.field(
        default=True, description="False takes it out again, as the next message does."
    )


@strawberry.type(description="The conversation, put away or taken out.")
class ArchiveConversationPayload(ChangedConversation):
    """What `archiveConversation` answers."""


@strawberry.input(description="A conversation whose other side to block, or no longer to block.")
class BlockConversationInput(OneConversation):
    """What `blockConversation` takes."""

    blocked: bool = strawberry.field(
        default=True, description="False lifts one's own block, and not the other side's."
    )


@strawberry.type(description="The conversation. All others of these two are blocked with it.")
class BlockConversationPayload(ChangedConversation):
    """What `blockConversation` answers."""
