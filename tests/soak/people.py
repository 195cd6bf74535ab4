"""The people who chat: customers and members, with a conversation for each customer."""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.soak.scale import Scale

HOURS = 2  # lifetime of an access token: longer than any test
AT_ONCE = 8
CHANGE = """
... on Change { cursor }
... on MessageSent { message { id sequence text sentAt conversation { id } } }"""
HERE = f"""
subscription ($conversationId: ID!, $after: String) {{
  conversationChanges(conversationId: $conversationId, after: $after) {{ {CHANGE} }}
}}"""
INBOX = f"""
subscription ($after: String) {{
  inboxChanges(after: $after) {{ {CHANGE} }}
}}"""
BEGINNING = """
query ($id: ID!) {
  conversation(id: $id) { messages { changesAfter } }
  viewer { conversations { changesAfter } }
}"""


@dataclass(frozen=True)
class Person:
    """A participant of a conversation; a member's inbox has all conversations of the vendor."""

    name: str
    user_id: UUID
    token: str
    conversation: str
    inbox: frozenset[str]
    beginnings: tuple[str, str]

    @property
    def streams(self) -> list[frozenset[str]]:
        """Return the conversations that each subscription publishes."""
        return [frozenset({self.conversation}), self.inbox]

    def described(self) -> dict[str, Any]:
        """Return the fields of Person in tests/node/person.mjs."""
        here, inbox = self.beginnings
        followed: list[dict[str, Any]] = [
            {
                "query": HERE,
                "variables": {"conversationId": self.conversation, "after": here},
            },
            {"query": INBOX, "variables": {"after": inbox}},
        ]
        return {
            "name": self.name,
            "token": self.token,
            "conversationId": self.conversation,
            "streams": followed,
        }


async def gather(world: World, api: Client, scale: Scale) -> list[Person]:
    """Create all participants and their conversations, without messages."""
    vendors = await _few(_vendor(world, api, scale) for _ in range(scale.vendors))
    return [person for people in vendors for person in people]


async def _vendor(world: World, api: Client, scale: Scale) -> list[Person]:
    vendor = await world.vendor()
    customers = [await world.user() for _ in range(scale.customers)]
    members = [await world.user() for _ in range(scale.members)]
    for member in members:
        await world.member(vendor, member, MemberRole.STAFF)
    conversations = []
    for customer in customers:
        payload = await api.signed_in(customer).do(
            "startConversation", {"vendorId": gid(vendor)}, "conversation { id }"
        )
        conversations.append(payload["conversation"]["id"])
    return [
        await _person(api, user, own, frozenset({own}))
        for user, own in zip(customers, conversations, strict=True)
    ] + [
        await _person(api, user, conversations[n % len(conversations)], frozenset(conversations))
        for n, user in enumerate(members)
    ]


async def _person(api: Client, user: User, conversation: str, inbox: frozenset[str]) -> Person:
    there = api.signed_in(user, minutes=60 * HOURS)
    data = await there.ask(BEGINNING, id=conversation)
    return Person(
        name=user.name,
        user_id=user.id,
        token=there.headers["Authorization"].removeprefix("Bearer "),
        conversation=conversation,
        inbox=inbox,
        beginnings=(
            data["conversation"]["messages"]["changesAfter"],
            data["viewer"]["conversations"]["changesAfter"],
        ),
    )


async def _few(vendors: Iterable[Awaitable[list[Person]]]) -> list[list[Person]]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(vendor: Awaitable[list[Person]]) -> list[Person]:
        async with turns:
            return await vendor

    return await asyncio.gather(*map(one, vendors))
