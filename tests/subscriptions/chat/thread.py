"""A user and two members of a vendor, with messages that are partly read."""

from dataclasses import dataclass
from typing import Any

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World


@dataclass(frozen=True)
class Thread:
    """One conversation, with the ids of its messages by their text."""

    chat: Chat
    people: dict[str, User]
    offer: str
    message_ids: dict[str, str]

    @property
    def id(self) -> str:
        return self.chat.id

    @property
    def vendor(self) -> str:
        return gid(self.chat.vendor)

    def api(self, role: str) -> Client:
        return self.chat.api.signed_in(self.people[role])

    async def do(self, role: str, name: str, given: dict[str, Any]) -> None:
        assert await self.api(role).refusal_codes(name, given) == []

    @classmethod
    async def begin(cls, world: World, api: Client) -> "Thread":
        chat = await Chat.open(world, api)
        colleague = await world.user()
        await world.member(chat.vendor, colleague, MemberRole.OWNER)
        message_ids = {
            text: (await chat.send(sender, text))["id"]
            for sender, text in [
                (chat.customer, "Are you open?"),
                (chat.member, "Until six."),
                (chat.customer, "And on Sunday?"),
            ]
        }
        people = {"user": chat.customer, "member": chat.member, "colleague": colleague}
        thread = cls(chat, people, gid(await world.offer(chat.vendor)), message_ids)
        await thread.do("user", "markRead", {"conversationId": thread.id, "sequence": 2})
        await thread.do("colleague", "markDelivered", {"conversationId": thread.id, "sequence": 1})
        return thread
