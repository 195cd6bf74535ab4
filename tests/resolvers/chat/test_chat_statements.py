"""As many SQL statements for twenty conversations or messages as for one."""

from dataclasses import replace

import pytest

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.counting import load_one_by_one, statements

CONVERSATIONS = """query ($n: Int!) { viewer { unreadMessages conversations(first: $n) { nodes {
  state unreadMessages user { name email } vendor { name viewerRole } assignee { name }
  subject { ... on Voucher { state offer { title } } }
  lastMessage { text receipt sender { name } replyTo { text } offer { title } }
} } } }"""
MESSAGES = """query ($n: Int!) { viewer { conversations(first: 1) { nodes { messages(last: $n) {
  nodes {
    text receipt sender { name vendors { name } } replyTo { text sender { name } }
    offer { title vendor { name } } conversation { unreadMessages }
  }
} } } } }"""
FOUND = """query ($n: Int!) { viewer { messages(search: "hello", first: $n) { nodes {
  receipt sender { name } conversation { unreadMessages vendor { name } lastMessage { text } }
} } } }"""
REPORTS = """query ($n: Int!) { reports(first: $n) { nodes {
  reporter { name } message { text conversation { vendor { name } } } versions { text }
} } }"""
QUERIES = [CONVERSATIONS, MESSAGES, FOUND, REPORTS]


@pytest.fixture(scope="module")
async def client(module_world: World, api: Client) -> Client:
    """Create an admin who chats with twenty vendors, and with twenty users of the last of them.

    Each answers with a card, and is reported.
    """
    world = module_world
    customer = await world.admin()
    for _ in range(20):
        vendor, member = await world.vendor(), await world.user()
        await world.member(vendor, member, MemberRole.STAFF)
        offer = await world.offer(vendor)
        about = {"subjectId": gid(await world.voucher(offer, customer))}
        chat = await Chat.between(world, api, customer, vendor, member, **about)
        await talk(chat)
    for _ in range(20):
        colleague = await world.user()
        await world.member(chat.vendor, colleague, MemberRole.STAFF)
        await talk(replace(chat, member=colleague))
    return api.signed_in(customer)


async def talk(chat: Chat) -> None:
    asked = await chat.send(chat.customer, "hello?")
    card = gid(await chat.world.offer(chat.vendor))
    answer = await chat.send(chat.member, "hello!", replyToId=asked["id"], offerId=card)
    complaint = {"messageId": answer["id"], "reason": "SPAM"}
    assert await chat.api.signed_in(chat.customer).refusal_codes("reportMessage", complaint) == []


@pytest.mark.parametrize("query", QUERIES)
async def test_statements_do_not_grow_with_the_page(client: Client, query: str) -> None:
    """Fewer are as good: who was read as a sender isn't read again where they are answered."""
    one, twenty = [await statements(client, query, n=n) for n in (1, 20)]
    assert one
    assert len(twenty) <= len(one), "\n\n".join(twenty)


@pytest.mark.parametrize("query", QUERIES)
async def test_statements_would_grow_without_batches(
    client: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_one_by_one(monkeypatch)
    one, twenty = [await statements(client, query, n=n) for n in (1, 20)]
    assert len(twenty) > 2 * len(one)
