"""Granting and revoking the rights of an admin: two admins agree, within a day."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core.clock import now
from models.admins.changes import AdminChange
from models.identity.accounts import Role, User, UserSession, UserState
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.admins.deciding import change, suspension
from tests.resolvers.audit.test_audit_log import read_log

NAMES = ("grantAdmin", "revokeAdmin")
CHANGES = """query ($state: AdminChangeState) {
  adminChanges(state: $state) {
    nodes { id request state user { id } requester { id } decider { id } }
  }
}"""
NOTICES = "{ viewer { notifications { nodes { kind subject { id } } } } }"


async def role_of(world: World, user: User) -> Role:
    role: Role = (await world.fresh(user)).role
    return role


async def test_a_second_admin_confirms(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    here, there, theirs = api.signed_in(first), api.signed_in(second), api.signed_in(user)
    for name, role in zip(NAMES, (Role.ADMIN, Role.USER), strict=True):
        before = await role_of(world, user)
        for _ in range(2):
            assert await change(here, name, user) == ("REQUESTED", []), "by one, however often"
        assert await role_of(world, user) is before
        (node,) = (await there.ask(CHANGES, state="REQUESTED"))["adminChanges"]["nodes"]
        assert (node["requester"]["id"], node["decider"]) == (gid(first), None)
        assert await change(there, name, user) == ("CONFIRMED", [])
        assert await role_of(world, user) is role
        assert await change(there, name, user) == (None, ["INVALID_ROLE"])
    assert await theirs.failed("{ viewer { id } }") == ["UNAUTHENTICATED"], "signed out as a user"
    nodes = (await here.ask(CHANGES))["adminChanges"]["nodes"]
    assert [(one["request"], one["state"]) for one in nodes] == [
        ("REVOKE", "CONFIRMED"),
        ("GRANT", "CONFIRMED"),
    ]
    assert {one["decider"]["id"] for one in nodes} == {gid(second)}
    told = (await there.ask(NOTICES))["viewer"]["notifications"]["nodes"]
    assert [one["subject"]["id"] for one in told] == [one["id"] for one in nodes]
    assert (await here.ask(NOTICES))["viewer"]["notifications"]["nodes"] == []
    for act in ("GRANT_ADMIN", "REVOKE_ADMIN"):
        entries = await read_log(here, act=act, outcome="DONE", count=2)
        assert [one["actor"]["id"] for one in entries] == [gid(second), gid(first)]
        assert {one["subjectId"] for one in entries} == {gid(user)}
    assert len(await read_log(here, act="CHANGE_ROLE")) == 2


async def test_the_opposite_withdraws_a_request(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    here, there = api.signed_in(first), api.signed_in(second)
    assert await change(here, "grantAdmin", user) == ("REQUESTED", [])
    assert await change(there, "revokeAdmin", user) == ("WITHDRAWN", [])
    assert await change(there, "revokeAdmin", user) == (None, ["INVALID_ROLE"])
    assert await change(there, "grantAdmin", user) == ("REQUESTED", []), "starts again"
    assert await role_of(world, user) is Role.USER
    (withdrawn,) = await read_log(here, act="GRANT_ADMIN", outcome="REFUSED")
    assert withdrawn["code"] == "WITHDRAWN"


async def test_a_request_ends_after_a_day(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    assert await change(api.signed_in(first), "grantAdmin", user) == ("REQUESTED", [])
    async with world.database.session() as session, session.begin():
        await session.exec(update(AdminChange).values(expires_at=now() - timedelta(seconds=1)))
    assert await change(api.signed_in(second), "grantAdmin", user) == ("REQUESTED", [])
    assert await role_of(world, user) is Role.USER
    async with world.database.session() as session:
        rows = select(AdminChange.state).order_by(col(AdminChange.created_at))
        assert [*(await session.exec(rows))] == ["EXPIRED", "REQUESTED"]


async def test_a_request_of_a_former_admin_counts_no_more(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    assert await change(api.signed_in(first), "grantAdmin", user) == ("REQUESTED", [])
    client = api.signed_in(second)
    assert await client.refusal_codes("suspendUser", suspension(first)) == []
    assert await change(client, "grantAdmin", user) == ("REQUESTED", [])
    assert await role_of(world, user) is Role.USER


@pytest.mark.parametrize("name", NAMES)
async def test_the_second_factor_must_be_fresh(world: World, api: Client, name: str) -> None:
    admin, user = await world.admin(), await world.user()
    client = api.signed_in(admin)
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(signed_in_at=long_ago))
    assert await change(client, name, user) == (None, ["STEP_UP_REQUIRED"])


@pytest.mark.parametrize("name", NAMES)
async def test_wrong_users_and_accounts(world: World, api: Client, name: str) -> None:
    admin, user = await world.admin(), await world.user()
    owner = await world.user()
    await world.vendor(owner)
    given = {"userId": gid(user)}
    _, secret = await world.api_token(admin)
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    for client in (api.signed_in(user), api.signed_in(owner), api.bearing(secret)):
        assert await client.mutation_failed(name, given) == ["FORBIDDEN"]
    here = api.signed_in(admin)
    assert await here.refusal_codes(name, {"userId": unknown("User")}) == ["NOT_FOUND"]
    assert await here.refusal_codes(name, {"userId": gid(admin)}) == ["OWN_ACCOUNT"]
    suspended = await world.user(state=UserState.SUSPENDED)
    wrong = {"grantAdmin": "INVALID_USER_STATE", "revokeAdmin": "INVALID_ROLE"}
    assert await here.refusal_codes(name, {"userId": gid(suspended)}) == [wrong[name]]
