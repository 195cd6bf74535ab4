"""The audit log: what is recorded, and who can read it."""

import asyncio
from typing import Any
from uuid import UUID

from core.database import Database
from models.audit import AuditAct
from services.audit.entries import build_entry
from services.viewer import ANONYMOUS
from tests.client import Client, gid, unknown
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.chat.test_report_message import report

LOG = """query ($where: AuditWhere) {
  auditLog(where: $where, first: 50) {
    totalCount
    nodes { id act code actorKind actor { id } subjectId network requestId times }
  }
}"""


async def read_log(client: Client, *, count: int = 1, **where: Any) -> list[dict[str, Any]]:
    """Return the entries, once there are as many: those without a transaction take a second."""
    async with asyncio.timeout(20):
        while True:
            entries: list[dict[str, Any]]
            entries = (await client.ask(LOG, where=where))["auditLog"]["nodes"]
            if sum(entry["times"] for entry in entries) >= count:
                return entries
            await asyncio.sleep(0.1)


async def test_admin_acts_are_recorded_with_actor_subject_and_network(
    world: World, api: Client
) -> None:
    admin = await world.admin()
    report_id = await report(await Chat.open(world, api))
    await api.signed_in(admin).do("resolveReport", {"reportId": report_id})
    (entry,) = await read_log(api.signed_in(admin), act="RESOLVE_REPORT")
    assert entry | {"id": "", "requestId": ""} == {
        "id": "",
        "requestId": "",
        "act": "RESOLVE_REPORT",
        "code": None,
        "actorKind": "USER",
        "actor": {"id": gid(admin)},
        "subjectId": report_id,
        "network": "127.0.0.1",
        "times": 1,
    }
    assert UUID(entry["requestId"])


async def test_resolving_again_is_no_second_act(
    world: World, api: Client, database: Database
) -> None:
    admin = api.signed_in(await world.admin())
    given = {"reportId": await report(await Chat.open(world, api))}
    await admin.do("resolveReport", given)
    await admin.do("resolveReport", given)
    assert len(await read_log(admin, act="RESOLVE_REPORT", outcome="DONE")) == 1


async def test_refused_admin_acts_are_recorded_once_with_a_count(
    world: World, api: Client, database: Database
) -> None:
    user = await world.user()
    given = {"reportId": unknown("MessageReport")}
    for _ in range(3):
        assert await api.signed_in(user).mutation_failed("resolveReport", given) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    entries = await read_log(admin, count=3, outcome="REFUSED", actorId=gid(user))
    assert {entry["code"] for entry in entries} == {"FORBIDDEN"}
    assert len(entries) <= 2  # one, unless a second ended between the requests


async def test_admins_who_read_a_reported_conversation_are_recorded(
    world: World, api: Client, database: Database
) -> None:
    chat, admin = await Chat.open(world, api), await world.admin()
    await report(chat)
    asked = "query ($id: ID!) { node(id: $id) { ... on Conversation { messages { totalCount } } } }"
    for reader in (admin, chat.customer, chat.member):
        await api.signed_in(reader).ask(asked, id=chat.id)
    (entry,) = await read_log(api.signed_in(admin), act="READ_CONVERSATION")
    assert (entry["actor"], entry["subjectId"]) == ({"id": gid(admin)}, chat.id)


async def test_only_signed_in_admins_read_the_audit_log(
    world: World, api: Client, database: Database
) -> None:
    admin = await world.admin()
    async with database.session() as session, session.begin():
        session.add(entry := build_entry(ANONYMOUS, AuditAct.LOG_IN, code="WRONG_CREDENTIALS"))
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await api.signed_in(admin).ask(node, id=gid(entry)))["node"] == {"id": gid(entry)}
    for client in (api, api.signed_in(await world.user())):
        assert (await client.ask(node, id=gid(entry)))["node"] is None
    assert await api.failed(LOG) == ["UNAUTHENTICATED"]
    assert await api.signed_in(await world.user()).failed(LOG) == ["FORBIDDEN"]
