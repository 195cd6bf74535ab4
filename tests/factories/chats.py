"""A customer and a vendor who talk with each other."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from core.ids import new_id
from models.chat.conversations import Conversation
from models.chat.messages import Message
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.world import World

MESSAGE = "message { id sequence text sentAt sender { id } }"


@dataclass(frozen=True)
class Chat:
    """One conversation, between a customer and a vendor with a member, by the API alone."""

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
        """The input of `sendMessage`, under a new id unless one is given."""
        own = {"conversationId": self.id, "clientMessageId": str(new_id()), "text": text}
        return own | changes

    async def send(self, user: User, text: str = "Hello", **changes: Any) -> dict[str, Any]:
        """What was said, as its sender is answered."""
        draft = self.draft(text, **changes)
        payload = await self.api.signed_in(user).do("sendMessage", draft, MESSAGE)
        assert payload["errors"] == []
        message: dict[str, Any] = payload["message"]
        return message

    async def read(self, user: User, sequence: int) -> dict[str, Any]:
        """The conversation after somebody has read up to there."""
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
        assert await self.api.signed_in(user).refused("blockConversation", given) == []

    async def row(self) -> Conversation:
        """The conversation as the database has it."""
        async with self.world.database.session() as session:
            rows = select(Conversation).where(Conversation.vendor_id == self.vendor.id)
            found = (await session.exec(rows)).all()
        return next(one for one in found if gid(one) == self.id)

    async def messages(self) -> list[Message]:
        """What was said in all of the vendor's conversations, as the database has it."""
        async with self.world.database.session() as session:
            rows = select(Message).join(
                Conversation, col(Conversation.id) == Message.conversation_id
            )
            mine = rows.where(Conversation.vendor_id == self.vendor.id)
            return list((await session.exec(mine.order_by(col(Message.sequence)))).all())
