"""The list of users: by address, number, name, state, role and time, for admins alone."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.security.sealed import Sealer
from models.identity.accounts import Role, UserState
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.admins.deciding import REASON, suspension
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.counting import statements
from tests.resolvers.identity.phones.test_phone_codes import new_number, set_number

USERS = """query ($where: UserWhere, $search: String, $first: Int, $after: String) {
  users(where: $where, search: $search, first: $first, after: $after) {
    totalCount nodes { id } pageInfo { endCursor hasNextPage }
  }
}"""
SUSPENSION = """query ($where: UserWhere) {
  users(where: $where, first: 20) {
    nodes { state role accountSuspension { reason until admin { id } } }
  }
}"""


async def found(client: Client, search: str | None = None, **where: Any) -> list[str]:
    listed = (await client.ask(USERS, where=where, search=search))["users"]
    assert listed["totalCount"] == len(listed["nodes"])
    return [node["id"] for node in listed["nodes"]]


async def test_find_users(world: World, api: Client) -> None:
    admin, sealer = await world.admin(), Sealer(world.keys)
    client, number = api.signed_in(admin), new_number()
    asha = await world.user(name="Asha Rao", created_at=now() - timedelta(days=90))
    ravi = await world.user(name="रवि कुमार", state=UserState.SUSPENDED)
    await set_number(world, sealer, ravi, number)
    assert await found(client, email=email_of(asha).upper()) == [gid(asha)]
    assert await found(client, email="asha@") == await found(client, email=email_of(asha)[1:]) == []
    assert await found(client, phone=f"{number[:3]} {number[3:]}") == [gid(ravi)]
    assert await found(client, phone=new_number()) == await found(client, phone="12") == []
    zoe = await world.user(name="Zoë Łuczak")
    assert await found(client, "ASHA") == await found(client, "rao ash") == [gid(asha)]
    assert await found(client, "कुमार") == [gid(ravi)]
    assert await found(client, "zoe") == await found(client, "Luczak") == [gid(zoe)]
    assert await found(client, "a%ha") == await found(client, "a_ha") == []
    assert await found(client, state="SUSPENDED") == [gid(ravi)]
    assert await found(client, role="ADMIN") == [gid(admin)]
    old = (now() - timedelta(days=60)).isoformat()
    assert await found(client, createdBefore=old) == [gid(asha)]
    assert set(await found(client, createdFrom=old)) == set(map(gid, (ravi, admin, zoe)))
    assert await found(client, "rao", state="SUSPENDED") == []
    for search in ("a", " ", "x" * 101):
        assert await client.failed(USERS, search=search) == ["BAD_USER_INPUT"]
    assert await read_log(client, act="READ_USERS")


async def test_find_users_by_the_names_that_they_have_now(world: World, api: Client) -> None:
    admin, sign_up = await world.admin(), await world.registration()
    given = {"registrationSecret": sign_up.secret, "token": sign_up.token}
    made = await api.do("verifyEmail", given, "session { accessToken } viewer { id name }")
    client = api.bearing(made["session"]["accessToken"])
    assert await found(api.signed_in(admin), made["viewer"]["name"]) == [made["viewer"]["id"]]
    assert await client.refusal_codes("updateProfile", {"name": "Zoë"}) == []
    assert await found(api.signed_in(admin), "zoe") == [made["viewer"]["id"]]


async def test_users_by_pages(world: World, api: Client) -> None:
    client = api.signed_in(await world.admin())
    users = [await world.user(created_at=now() - timedelta(days=n)) for n in range(5)]
    cursor, seen = None, []
    for _ in range(3):
        page = (await client.ask(USERS, first=2, after=cursor))["users"]
        seen += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    assert len(seen) == 6
    assert [id for id in seen if id in set(map(gid, users))] == [gid(user) for user in users]
    assert await client.failed(USERS, first=101) == ["BAD_USER_INPUT"]
    other = {"search": "User", "after": cursor}
    assert await client.failed(USERS, **other) == ["BAD_USER_INPUT"]


async def test_suspensions_of_many_take_no_more_statements(world: World, api: Client) -> None:
    admin = await world.admin()
    client, counted = api.signed_in(admin), []
    for many in (1, 4):
        for _ in range(many):
            given = suspension(await world.user())
            assert await client.refusal_codes("suspendUser", given) == []
        only = {"state": "SUSPENDED"}
        counted.append(len(await statements(client, SUSPENSION, where=only)))
    assert counted[0] == counted[1]
    listed = await client.ask(SUSPENSION, where=only)
    assert listed["users"]["nodes"] == 5 * [
        {
            "state": "SUSPENDED",
            "role": Role.USER,
            "accountSuspension": {"reason": REASON, "until": None, "admin": {"id": gid(admin)}},
        }
    ]


@pytest.mark.parametrize("query", [USERS, "{ adminChanges { totalCount } }"])
async def test_others_list_no_users(world: World, api: Client, query: str) -> None:
    owner = await world.user()
    await world.vendor(owner)
    assert await api.failed(query) == ["UNAUTHENTICATED"]
    assert await api.signed_in(owner).failed(query) == ["FORBIDDEN"]
    _, secret = await world.api_token(await world.admin())
    assert await api.bearing(secret).failed(query) == ["FORBIDDEN"]
    former = await world.admin()
    client = api.signed_in(former)  # with a token of an admin
    former.role = Role.USER
    await world.save(former)
    assert await client.failed(query) == ["FORBIDDEN"]
    suspended = await world.user(role=Role.ADMIN, state=UserState.SUSPENDED)
    assert await api.signed_in(suspended).failed(query) == ["FORBIDDEN"]
