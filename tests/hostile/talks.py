"""Conversations that are nobody's business but two people's."""

from models.chat.conversations import Conversation, Side
from models.chat.messages import Message, MessageVersion, VersionKind
from models.identity.accounts import User
from models.vendors import Vendor
from tests.factories.world import World


async def talk(
    world: World, user: User, vendor: Vendor, member: User, asked: str, answered: str, before: str
) -> tuple[Conversation, Message, Message]:
    """A question and an answer, the first of which said something else before."""
    conversation = Conversation(
        user_id=user.id, vendor_id=vendor.id, last_sequence=2, user_messages=1
    )
    question, answer = (
        Message(
            conversation_id=conversation.id,
            sequence=sequence,
            side=side,
            sender_id=sender.id,
            client_message_id="1",
            text=text,
            user_messages=1,
        )
        for sequence, side, sender, text in (
            (1, Side.USER, user, asked),
            (2, Side.VENDOR, member, answered),
        )
    )
    version = MessageVersion(message_id=question.id, kind=VersionKind.EDITED, text=before)
    await world.save(conversation, question, answer, version)
    return conversation, question, answer
