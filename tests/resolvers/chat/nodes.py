"""A conversation with one message, which the vendor reported, and a canned reply."""

from sqlmodel import SQLModel

from models.chat.conversations import Conversation, Side
from models.chat.messages import Message
from models.chat.reports import MessageReport, ReportReason
from tests.factories.chat import canned_replies
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "Conversation": {OWNER, CUSTOMER, ADMIN},
    "Message": {OWNER, CUSTOMER, ADMIN},
    "MessageReport": {OWNER, ADMIN},
    "CannedReply": {OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    conversation = Conversation(
        user_id=scene.customer.id, vendor_id=scene.vendor.id, last_sequence=1, user_messages=1
    )
    message = Message(
        conversation_id=conversation.id,
        sequence=1,
        side=Side.USER,
        sender_id=scene.customer.id,
        client_message_id="1",
        text="Hello",
        user_messages=1,
    )
    report = MessageReport(
        message_id=message.id,
        conversation_id=conversation.id,
        reporter_id=scene.owner.id,
        reason=ReportReason.SPAM,
    )
    await scene.world.save(conversation, message, report)
    (reply,) = await canned_replies(scene.world, scene.vendor, "Thanks")
    return {
        "Conversation": conversation,
        "Message": message,
        "MessageReport": report,
        "CannedReply": reply,
    }
