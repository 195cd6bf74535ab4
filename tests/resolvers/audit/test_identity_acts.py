"""Acts around accounts in the audit log: done and refused, with the account and the network."""

from typing import Any, cast

from sqlmodel import select

from core.redis.pubsub import PubSub
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import Role
from services.identity.accounts import change_role
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.identity.refreshing import pass_time, refreshed, refusal, use


class NoSubscribers:
    def publish(self, grown: dict[str, int]) -> None:
        pass


async def log_of(world: World, api: Client, act: str, **where: Any) -> list[dict[str, Any]]:
    return await read_log(api.signed_in(await world.admin()), act=act, **where)


async def test_log_in_and_its_refusals(world: World, api: Client) -> None:
    user = await world.user()
    given = {"email": email_of(user), "password": PASSWORD}
    assert await api.refusal_codes("logIn", given) == []
    assert await api.refusal_codes("logIn", given | {"password": "wrong"}) == ["WRONG_CREDENTIALS"]
    (done,) = await log_of(world, api, "LOG_IN", outcome="DONE")
    assert (done["subjectId"], done["network"]) == (gid(user), "127.0.0.1")
    assert (done["actorKind"], done["actor"]) == ("USER", {"id": gid(user)})
    (refused,) = await log_of(world, api, "LOG_IN", outcome="REFUSED")
    assert (refused["code"], refused["subjectId"]) == ("WRONG_CREDENTIALS", gid(user))
    assert (refused["actorKind"], refused["actor"]) == ("ANONYMOUS", None)


async def test_log_in_is_recorded_in_its_new_session(world: World, api: Client) -> None:
    user = await world.user()
    given = {"email": email_of(user), "password": PASSWORD}
    made = (await api.do("logIn", given, "session { accessToken }"))["session"]
    async with world.database.session() as session:
        (entry,) = await session.exec(select(AuditEntry).where(AuditEntry.act == AuditAct.LOG_IN))
    assert entry.session_id == world.keys.read_access(made["accessToken"]).session_id


async def test_log_in_to_no_account_has_no_subject(world: World, api: Client) -> None:
    given = {"email": "nobody@haat.example", "password": "wrong"}
    assert await api.refusal_codes("logIn", given) == ["WRONG_CREDENTIALS"]
    (refused,) = await log_of(world, api, "LOG_IN")
    assert refused["subjectId"] is None


async def test_a_lock_out_names_the_account(world: World, api: Client) -> None:
    user = await world.user()
    given = {"email": email_of(user), "password": "wrong"}
    for _ in range(5):
        await api.refusal_codes("logIn", given)
    assert await api.mutation_failed("logIn", given) == ["RATE_LIMITED"]
    entries = await log_of(world, api, "LOG_IN", count=6)
    assert {entry["code"] for entry in entries} == {"WRONG_CREDENTIALS", "RATE_LIMITED"}
    assert {entry["subjectId"] for entry in entries} == {gid(user)}


async def test_log_out_and_the_reuse_of_a_refresh_token(world: World, api: Client) -> None:
    user = await world.user()
    given = {"email": email_of(user), "password": PASSWORD}
    session = "session { accessToken refreshToken }"
    first = (await api.do("logIn", given, session))["session"]
    await api.bearing(first["accessToken"]).do("logOut", {})
    (out,) = await log_of(world, api, "LOG_OUT")
    assert (out["actor"], out["subjectId"]) == ({"id": gid(user)}, gid(user))
    tokens = (await api.do("logIn", given, session))["session"]
    await pass_time(world)
    await use(world, api, await refreshed(api, tokens))
    assert await refusal(api, tokens) == [], "a retry is no theft"
    await pass_time(world)
    assert await refusal(api, tokens) == ["SESSION_ENDED"]
    reused = await log_of(world, api, "REFRESH_SESSION", count=2)
    assert {entry["code"] for entry in reused} == {"REFRESH_TOKEN_REUSED", "SESSION_ENDED"}
    assert {gid(user)} == {entry["subjectId"] for entry in reused} - {None}


async def test_api_tokens_and_reauthentication(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await client.do("reauthenticate", {"password": PASSWORD})
    made = await client.do(
        "createApiToken", {"name": "Till", "scopes": ["READ"]}, "apiToken { id }"
    )
    id = made["apiToken"]["id"]
    await client.do("revokeApiToken", {"apiTokenId": id})
    assert len(await log_of(world, api, "REAUTHENTICATE", subjectId=gid(user))) == 1
    for act in ("CREATE_API_TOKEN", "REVOKE_API_TOKEN"):
        (entry,) = await log_of(world, api, act)
        assert (entry["actor"], entry["subjectId"]) == ({"id": gid(user)}, id)


async def test_forged_tokens(world: World, api: Client) -> None:
    for token in ("forged", "haat_forged"):
        assert await api.bearing(token).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    (entry,) = await log_of(world, api, "USE_TOKEN", count=2)
    assert (entry["code"], entry["times"]) == ("UNAUTHENTICATED", 2)


async def test_a_change_of_role(world: World, api: Client) -> None:
    user = await world.user()
    transactions = Transactions(world.database, cast("PubSub", NoSubscribers()))
    async with transactions.begin() as session:
        await change_role(session, user_id=user.id, role=Role.ADMIN)
    (entry,) = await log_of(world, api, "CHANGE_ROLE")
    assert (entry["actorKind"], entry["subjectId"]) == ("SYSTEM", gid(user))
