"""One row in each table of conversations."""

from core.clock import now
from models.chat.canned_replies import CannedReply
from models.chat.contacts import Contact
from models.chat.conversations import (
    Conversation,
    Inbox,
    InboxReader,
    Participant,
    Side,
    SubjectKind,
)
from models.chat.hours import ChatHours
from models.chat.messages import Message, MessageKind, MessageVersion, VersionKind
from models.chat.reports import MessageReport, ReportReason
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    """Create rows for one message of the customer, read and reported by a member."""
    customer, vendor, member = till.customer.id, till.vendor.id, till.scanner.id
    conversation = Conversation(
        user_id=customer,
        vendor_id=vendor,
        subject_kind=SubjectKind.OFFER,
        subject_id=till.offer.id,
        last_sequence=1,
        user_messages=1,
        vendor_delivered=1,
        first_asked_at=now(),
    )
    message = Message(
        conversation_id=conversation.id,
        sequence=1,
        side=Side.USER,
        sender_id=customer,
        kind=MessageKind.OFFER,
        text="Is this still on?",
        offer_id=till.offer.id,
        client_message_id="1",
        user_messages=1,
    )
    await world.save(
        Contact(user_id=customer, vendor_id=vendor, conversations=1),
        conversation,
        message,
        Participant(
            conversation_id=conversation.id, user_id=member, read=1, delivered=1, user_messages=1
        ),
        Inbox(owner_id=vendor, received=1),
        InboxReader(owner_id=vendor, user_id=member, read=1),
        MessageVersion(message_id=message.id, kind=VersionKind.EDITED, text="Is it on?"),
        MessageReport(
            message_id=message.id,
            conversation_id=conversation.id,
            reporter_id=member,
            reason=ReportReason.SPAM,
            resolved_at=now(),
            resolver_id=member,
        ),
        CannedReply(vendor_id=vendor, title="Yes", text="Yes, it is."),
        ChatHours(vendor_id=vendor),
    )
