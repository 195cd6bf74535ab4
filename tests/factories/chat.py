"""A conversation between a customer and a vendor, and the vendor's chat settings."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from core.ids import new_id
from models.chat.canned_replies import CannedReply
from models.chat.conversations import Conversation
from models.chat.hours import ChatHours
from models.chat.messages import Message
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.world import World

MESSAGE = "message { id sequence text sentAt sender { id } }"


@dataclass(frozen=True)
class Chat:
    """A conversation between a customer and a member of a vendor, driven through the API."""

    world: World
    api: Client
    customer: User
    vendor: Vendor
    member: User
    id: str

    @classmethod
    async def open(cls, world: World, api: Client, **vendor: Any) -> "Chat":
        customer, member, shop = (
            await world.user(),
            await world.user(),
            await world.vendor(**vendor),
        )
        await world.member(shop, member, MemberRole.STAFF)
        return await cls.between(world, api, customer, shop, member)

    @classmethod
    async def between(
        cls, world: World, api: Client, customer: User, vendor: Vendor, member: User, **about: str
    ) -> "Chat":
        started = await api.signed_in(customer).do(
            "startConversation", {"vendorId": gid(vendor)} | about, "conversation { id }"
        )
        return cls(world, api, customer, vendor, member, started["conversation"]["id"])

    def draft(self, text: str = "Hello", **changes: Any) -> dict[str, Any]:
        """Return the input of `sendMessage`, with a new id unless one is given."""
        own = {"conversationId": self.id, "clientMessageId": str(new_id()), "text": text}
        return own | changes

    async def send(self, user: User, text: str = "Hello", **changes: Any) -> dict[str, Any]:
        """Send a message, and return it as the sender receives it."""
        draft = self.draft(text, **changes)
        payload = await self.api.signed_in(user).do("sendMessage", draft, MESSAGE)
        assert payload["errors"] == []
        message: dict[str, Any] = payload["message"]
        return message

    async def read(self, user: User, sequence: int) -> dict[str, Any]:
        """Return the conversation after the user has read up to this sequence."""
        payload = await self.api.signed_in(user).do(
            "markRead",
            {"conversationId": self.id, "sequence": sequence},
            "conversation { unreadMessages readByUser readByVendor }",
        )
        assert payload["errors"] == []
        conversation: dict[str, Any] = payload["conversation"]
        return conversation

    async def block(self, user: User, *, blocked: bool = True) -> None:
        given = {"conversationId": self.id, "blocked": blocked}
        assert await self.api.signed_in(user).refusal_codes("blockConversation", given) == []

    async def row(self) -> Conversation:
        """Return the conversation as the database has it."""
        async with self.world.database.session() as session:
            rows = select(Conversation).where(Conversation.vendor_id == self.vendor.id)
            found = (await session.exec(rows)).all()
        return next(one for one in found if gid(one) == self.id)

    async def messages(self) -> list[Message]:
        """Return the messages of all of the vendor's conversations, as the database has them."""
        async with self.world.database.session() as session:
            rows = select(Message).join(
                Conversation, col(Conversation.id) == Message.conversation_id
            )
            mine = rows.where(Conversation.vendor_id == self.vendor.id)
            return list((await session.exec(mine.order_by(col(Message.sequence)))).all())


async def canned_replies(world: World, vendor: Vendor, *titles: str) -> list[CannedReply]:
    """Return canned replies with these titles, the only ones of the vendor."""
    replies = [CannedReply(vendor_id=vendor.id, title=title, text=f"{title}!") for title in titles]
    hours = ChatHours(vendor_id=vendor.id, canned_replies=len(titles))
    await world.save(hours, *replies)
    return replies


def canned_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    """Return the minimal input of `saveCannedReply`, with changes."""
    return {"vendorId": gid(vendor), "title": "Thanks", "text": "Thank you for asking."} | changes


def span(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def hours_input(vendor: Vendor, *spans: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the minimal input of `saveChatHours`, with changes."""
    return {"vendorId": gid(vendor), "spans": list(spans)} | changes
