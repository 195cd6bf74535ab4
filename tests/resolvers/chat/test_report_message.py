"""Reporting a message, and the admins who see to it."""

from typing import Any

import pytest

from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.paging import CONNECTION, walk

REPORT = """report {
  id reason note createdAt resolvedAt reporter { id } resolver { id }
  message { id text sender { id } } versions { kind text }
}"""
REPORTS = f"""query (
  $first: Int, $after: String, $last: Int, $before: String, $resolved: Boolean
) {{
  reports(first: $first, after: $after, last: $last, before: $before, resolved: $resolved) {{
    totalCount {CONNECTION}
  }}
}}"""


def complaint(message: dict[str, Any], **changes: str) -> dict[str, Any]:
    return {"messageId": message["id"], "reason": "ABUSE", "note": "Rude"} | changes


async def report(chat: Chat) -> str:
    """Report the member's message as the customer, and return the report's id."""
    sent = await chat.send(chat.member, "Go away")
    client = chat.api.signed_in(chat.customer)
    payload = await client.do("reportMessage", complaint(sent), REPORT)
    assert payload["errors"] == []
    id: str = payload["report"]["id"]
    return id


async def test_report_message_and_see_to_it(world: World, api: Client) -> None:
    chat, admin = await Chat.open(world, api), await world.admin()
    sent = await chat.send(chat.member, "Go away")
    reported = await api.signed_in(chat.customer).do("reportMessage", complaint(sent), REPORT)
    assert reported["report"] | {"id": "", "createdAt": ""} == {
        "id": "",
        "createdAt": "",
        "reason": "ABUSE",
        "note": "Rude",
        "resolvedAt": None,
        "resolver": None,
        "reporter": {"id": gid(chat.customer)},
        "message": {"id": sent["id"], "text": "Go away", "sender": {"id": gid(chat.member)}},
        "versions": [],
    }
    given = {"reportId": reported["report"]["id"]}
    first = (await api.signed_in(admin).do("resolveReport", given, REPORT))["report"]
    assert first["resolver"] == {"id": gid(admin)}
    again = await api.signed_in(await world.admin()).do("resolveReport", given, REPORT)
    assert again["report"] == first


async def test_report_message_shows_admins_earlier_versions(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent = await chat.send(chat.member, "Go away")
    member = api.signed_in(chat.member)
    edit = {"messageId": sent["id"], "text": "Good day"}
    assert await member.refusal_codes("editMessage", edit) == []
    client = api.signed_in(chat.customer)
    reported = (await client.do("reportMessage", complaint(sent), REPORT))["report"]
    assert reported["versions"] == []
    assert await member.refusal_codes("deleteMessage", {"messageId": sent["id"]}) == []
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on MessageReport {REPORT[7:]} }} }}"
    admin = api.signed_in(await world.admin())
    seen = (await admin.ask(query, id=reported["id"]))["node"]
    assert seen["message"]["text"] == ""
    assert seen["versions"] == [
        {"kind": "DELETED", "text": "Good day"},
        {"kind": "EDITED", "text": "Go away"},
    ]


async def test_report_message_lets_an_admin_read_that_conversation_alone(
    world: World, api: Client
) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    await other.send(other.customer)
    admin = api.signed_in(await world.admin())
    query = """query ($id: ID!) { conversation(id: $id) {
      unreadMessages messages { nodes { text } }
    } }"""
    assert (await admin.ask(query, id=chat.id))["conversation"] is None
    await report(chat)
    assert (await admin.ask(query, id=chat.id))["conversation"] == {
        "unreadMessages": 0,
        "messages": {"nodes": [{"text": "Go away"}]},
    }
    assert (await admin.ask(query, id=other.id))["conversation"] is None
    assert await admin.refusal_codes("sendMessage", chat.draft()) == ["NOT_FOUND"]


async def test_report_message_once(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.member), api.signed_in(chat.customer)
    assert await client.refusal_codes("reportMessage", complaint(sent)) == []
    assert await client.refusal_codes("reportMessage", complaint(sent)) == ["ALREADY_REPORTED"]


async def test_report_message_of_ones_own_or_a_notice(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    assert await client.refusal_codes("archiveConversation", {"conversationId": chat.id}) == []
    (notice,) = await chat.messages()
    own = await chat.send(chat.customer)
    for message in (own, {"id": gid(notice)}):
        assert await client.refusal_codes("reportMessage", complaint(message)) == ["INVALID_INPUT"]


async def test_report_message_with_a_note_that_is_too_long(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    sent, client = await chat.send(chat.member), api.signed_in(chat.customer)
    payload = await client.do("reportMessage", complaint(sent, note="ü" * 1_001))
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["note"])
    assert await client.refusal_codes("reportMessage", complaint(sent, note="ü" * 1_000)) == []


async def test_report_message_of_a_conversation_one_has_no_part_in(
    world: World, api: Client
) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    sent = await chat.send(chat.customer)
    for user in (other.customer, other.member, await world.user(), await world.admin()):
        client = api.signed_in(user)
        for message in (sent, {"id": unknown("Message")}):
            assert await client.refusal_codes("reportMessage", complaint(message)) == ["NOT_FOUND"]
    assert await api.mutation_failed("reportMessage", complaint(sent)) == ["UNAUTHENTICATED"]


async def test_resolve_report_as_non_admin(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    given = {"reportId": await report(chat)}
    for user in (chat.customer, chat.member, await world.user()):
        assert await api.signed_in(user).mutation_failed("resolveReport", given) == ["FORBIDDEN"]
    assert await api.mutation_failed("resolveReport", given) == ["UNAUTHENTICATED"]
    admin = api.signed_in(await world.admin())
    nothing = {"reportId": unknown("MessageReport")}
    assert await admin.refusal_codes("resolveReport", nothing) == ["NOT_FOUND"]


async def test_reports_in_pages_both_ways_and_by_whether_they_are_resolved(
    world: World, api: Client
) -> None:
    chat, client = await Chat.open(world, api), api.signed_in(await world.admin())
    ids = [await report(chat) for _ in range(5)][::-1]
    assert await walk(client, REPORTS, "reports", first=2) == ids
    assert await walk(client, REPORTS, "reports", last=2) == ids
    assert await client.refusal_codes("resolveReport", {"reportId": ids[1]}) == []
    assert await walk(client, REPORTS, "reports", first=9, resolved=True) == [ids[1]]
    left = [id for id in ids if id != ids[1]]
    assert await walk(client, REPORTS, "reports", first=9, resolved=False) == left


@pytest.mark.parametrize("who", ["customer", "member", "nobody"])
async def test_reports_as_non_admin(world: World, api: Client, who: str) -> None:
    chat = await Chat.open(world, api)
    await report(chat)
    client = api if who == "nobody" else api.signed_in(getattr(chat, who))
    expected = "UNAUTHENTICATED" if who == "nobody" else "FORBIDDEN"
    assert await client.failed(REPORTS) == [expected]


async def test_report_is_visible_to_its_author_and_to_admins(world: World, api: Client) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.OWNER)
    id = await report(chat)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for user in (chat.customer, await world.admin()):
        assert await api.signed_in(user).ask(query, id=id) == {"node": {"id": id}}
    for user in (chat.member, colleague, await world.user()):
        assert await api.signed_in(user).ask(query, id=id) == {"node": None}


async def test_report_is_not_visible_to_a_former_member(world: World, api: Client) -> None:
    """Otherwise the report would give access to messages sent since."""
    chat = await Chat.open(world, api)
    sent, member = await chat.send(chat.customer), api.signed_in(chat.member)
    made = (await member.do("reportMessage", complaint(sent), "report { id }"))["report"]
    await world.leaves(chat.member)
    assert await member.ask("query ($id: ID!) { node(id: $id) { id } }", id=made["id"]) == {
        "node": None
    }
