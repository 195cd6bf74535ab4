"""Former members of a vendor have no access to its conversations and chat settings."""

from dataclasses import dataclass
from typing import Any

import pytest

from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.chat import Chat, canned_replies
from tests.factories.world import World

HERE = {"conversationId": "the conversation"}
INPUTS: dict[str, dict[str, Any]] = {
    "sendMessage": HERE | {"clientMessageId": "again", "text": "Hello"},
    "editMessage": {"messageId": "their message", "text": "Otherwise"},
    "deleteMessage": {"messageId": "their message"},
    "reportMessage": {"messageId": "the customer's message", "reason": "SPAM"},
    "markRead": HERE | {"sequence": 3},
    "markDelivered": HERE | {"sequence": 3},
    "archiveConversation": HERE,
    "blockConversation": HERE,
    "assignConversation": HERE | {"memberId": "themself"},
    "setTyping": HERE,
    "saveCannedReply": {"vendorId": "the vendor", "title": "Thanks", "text": "Thank you."},
    "deleteCannedReply": {"cannedReplyId": "a canned reply"},
    "saveChatHours": {"vendorId": "the vendor", "spans": []},
}
SEEN = [
    "the conversation",
    "their message",
    "the customer's message",
    "their report",
    "a canned reply",
]


@dataclass(frozen=True)
class FormerMember:
    """A former owner who received, answered, and reported a message before they left."""

    world: World
    api: Client
    owner: User
    vendor: Vendor
    ids: dict[str, str]

    @property
    def client(self) -> Client:
        return self.api.signed_in(self.owner)

    async def comes_back(self) -> None:
        await self.world.member(self.vendor, self.owner, MemberRole.OWNER)


@pytest.fixture
async def former(world: World, api: Client) -> FormerMember:
    chat, owner = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, owner, MemberRole.OWNER)
    received, sent = await chat.send(chat.customer), await chat.send(owner)
    complaint = {"messageId": (await chat.send(chat.customer, "Rude"))["id"], "reason": "ABUSE"}
    made = await api.signed_in(owner).do("reportMessage", complaint, "report { id }")
    (reply,) = await canned_replies(world, chat.vendor, "Sorry")
    await world.leaves(owner)
    ids = {
        "the conversation": chat.id,
        "the vendor": gid(chat.vendor),
        "themself": gid(owner),
        "the customer's message": received["id"],
        "their message": sent["id"],
        "their report": made["report"]["id"],
        "a canned reply": gid(reply),
    }
    return FormerMember(world, api, owner, chat.vendor, ids)


@pytest.mark.parametrize("name", INPUTS)
async def test_former_member_cannot_write_until_they_are_back(
    former: FormerMember, name: str
) -> None:
    given = {key: former.ids.get(str(value), value) for key, value in INPUTS[name].items()}
    assert await former.client.refusal_codes(name, given) == ["NOT_FOUND"]
    await former.comes_back()
    assert await former.client.refusal_codes(name, given) == []


@pytest.mark.parametrize("what", SEEN)
async def test_former_member_cannot_read_until_they_are_back(
    former: FormerMember, what: str
) -> None:
    query, id = "query ($id: ID!) { node(id: $id) { id } }", former.ids[what]
    assert await former.client.ask(query, id=id) == {"node": None}
    await former.comes_back()
    assert await former.client.ask(query, id=id) == {"node": {"id": id}}
