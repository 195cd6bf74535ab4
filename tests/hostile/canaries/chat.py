"""Conversations, with the text of a message before its edit, and canned replies."""

from models.chat.conversations import Conversation, Side
from models.chat.messages import Message, MessageVersion, VersionKind
from models.identity.accounts import User
from models.vendors import Vendor
from tests.factories.chat import canned_replies
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, CUSTOMER, OWNER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    shop, rival, people = canaries.vendors["shop"], canaries.vendors["rival"], canaries.people
    visible = ("Canary of a question", "Canary of an answer")
    hidden = ("Canary of a quarrel", "Canary of a threat")
    edited = "Canary of the first words"
    canaries.rows += [
        *await _conversation(world, people[CUSTOMER], shop, people[OWNER], *visible, edited),
        *await _conversation(world, people["stranger"], rival, people["rival"], *hidden, edited),
        *await canned_replies(world, shop, "Canary of the shop's reply"),
        *await canned_replies(world, rival, "Canary of the rival's reply"),
    ]
    canaries.add(*visible, readers=[CUSTOMER, OWNER])
    canaries.add(*hidden, edited)
    canaries.add("Canary of the shop's reply!", readers=[OWNER, ADMIN])
    canaries.add("Canary of the rival's reply!", readers=[ADMIN])


async def _conversation(
    world: World, user: User, vendor: Vendor, member: User, question: str, answer: str, before: str
) -> tuple[Conversation, Message, Message]:
    """Return a conversation, a question that was edited, and its answer."""
    conversation = Conversation(
        user_id=user.id, vendor_id=vendor.id, last_sequence=2, user_messages=1
    )
    first, second = (
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
            (1, Side.USER, user, question),
            (2, Side.VENDOR, member, answer),
        )
    )
    version = MessageVersion(message_id=first.id, kind=VersionKind.EDITED, text=before)
    await world.save(conversation, first, second, version)
    return conversation, first, second
