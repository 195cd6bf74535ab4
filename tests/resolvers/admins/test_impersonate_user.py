"""Using the account of a user as an admin: for minutes, visibly, and without harm."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from core.clock import now
from models.admins.impersonations import Impersonation
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import Role, UserSession, UserState
from models.vendors import MemberRole
from services.transaction import Transactions
from tests.client import Client, gid, unknown
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.admins.deciding import change, impersonate, log_in, suspension
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.identity.sessions.test_revocation import transactions

__all__ = ["transactions"]

ME = "{ viewer { id email sessions { totalCount } } }"
SECRETS = "query ($id: ID!) { voucher(id: $id) { id code token qrSvg qrPng } }"
BY = """query ($id: ID!) {
  auditLog(where: {impersonatorId: $id}) { nodes { impersonator { id } } }
}"""
ALL = """{ impersonations {
  nodes { id reason since until endedAt user { id } admin { id } }
} }"""


async def test_an_admin_sees_what_the_user_sees_and_each_answer_says_so(
    world: World, api: Client
) -> None:
    admin, till = await world.admin(), await Till.open(world)
    voucher = await till.voucher()
    codes, client = await impersonate(api.signed_in(admin), till.customer)
    assert codes == []
    for _ in range(2):  # the second answer takes the short path
        answer = await client.send(ME)
        assert answer["data"]["viewer"]["id"] == gid(till.customer)
        assert answer["data"]["viewer"]["sessions"]["totalCount"] == 0, "places are private"
        told = answer["extensions"]["impersonation"]
        assert told["by"] == gid(admin)
        left = datetime.fromisoformat(told["until"]) - now()
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    for query in ("{ nothing }", "{", "mutation { disableTotp { errors { code } } }"):
        answer = await client.send(query)
        assert answer["extensions"]["impersonation"]["by"] == gid(admin), "also of an error"
    hash = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    unknown_document = await client.http.post(
        "/graphql", json={"extensions": hash}, headers=client.headers
    )
    assert unknown_document.json()["extensions"]["impersonation"]["by"] == gid(admin)
    own = api.signed_in(till.customer)
    assert "impersonation" not in (await own.send(ME)).get("extensions", {})
    seen = (await client.ask(SECRETS, id=gid(voucher)))["voucher"]
    assert seen == {"id": gid(voucher)} | dict.fromkeys(("code", "token", "qrSvg", "qrPng"))
    assert (await own.ask(SECRETS, id=gid(voucher)))["voucher"]["token"] == voucher.token
    listed = (await own.ask(ME))["viewer"]["sessions"]["totalCount"]
    assert listed == 1, "the user's devices are those of the user"


async def test_every_entry_names_both(world: World, api: Client) -> None:
    admin, owner = await world.admin(), await world.user()
    vendor = await world.vendor(owner)
    here = api.signed_in(admin)
    _, client = await impersonate(here, owner)
    given = {"vendorId": gid(vendor), "website": "https://shop.example"}
    assert await client.refusal_codes("updateVendor", given) == []
    assert await client.refusal_codes("followVendor", {"vendorId": gid(vendor)}) == []
    wrong = {"vendorId": unknown("Vendor"), "website": None}
    assert await client.refusal_codes("updateVendor", wrong) == ["NOT_FOUND"]
    await read_log(here, act="UPDATE_VENDOR", outcome="REFUSED")  # it is stored within a second
    async with world.database.session() as session:
        rows = select(AuditEntry).where(AuditEntry.impersonator_id == admin.id)
        entries = (await session.exec(rows.order_by(col(AuditEntry.created_at)))).all()
    assert {entry.actor_id for entry in entries} == {owner.id}
    assert [entry.act for entry in entries if entry.code is None] == [
        AuditAct.ACT_AS_USER,
        AuditAct.UPDATE_VENDOR,
        AuditAct.ACT_AS_USER,
    ], "also of an act that has no entry of its own"
    (began,) = await read_log(here, act="IMPERSONATE_USER")
    assert (began["actor"]["id"], began["subjectId"]) == (gid(admin), gid(owner))
    found = (await here.ask(BY, id=gid(admin)))["auditLog"]["nodes"]
    assert found == len(entries) * [{"impersonator": {"id": gid(admin)}}]


async def test_end_by_the_token_of_the_account(world: World, api: Client) -> None:
    admin, user = await world.admin(), await world.user()
    here = api.signed_in(admin)
    _, client = await impersonate(here, user)
    ended = await client.do("endImpersonation", {}, "impersonation { endedAt user { id } }")
    assert ended["impersonation"]["user"]["id"] == gid(user)
    assert await client.failed(ME) == ["UNAUTHENTICATED"]
    (one,) = (await here.ask(ALL))["impersonations"]["nodes"]
    assert (one["admin"]["id"], one["endedAt"] is not None) == (gid(admin), True)
    (entry,) = await read_log(here, act="END_IMPERSONATION")
    assert (entry["actor"]["id"], entry["subjectId"]) == (gid(user), gid(user))


async def test_end_by_admins(world: World, api: Client) -> None:
    admin, other, user = await world.admin(), await world.admin(), await world.user()
    here, there = api.signed_in(admin), api.signed_in(other)
    _, first = await impersonate(here, user)
    _, second = await impersonate(here, await world.user())
    assert await first.failed(ME) == ["UNAUTHENTICATED"], "an admin uses one account at a time"
    assert await here.refusal_codes("endImpersonation", {}) == []
    assert await second.failed(ME) == ["UNAUTHENTICATED"]
    assert await here.refusal_codes("endImpersonation", {}) == [], "it is harmless to repeat"
    assert await there.refusal_codes("endImpersonation", {}) == ["NOT_FOUND"]
    _, third = await impersonate(here, user)
    newest = (await there.ask(ALL))["impersonations"]["nodes"][0]["id"]
    assert await there.refusal_codes("endImpersonation", {"impersonationId": newest}) == []
    assert await third.failed(ME) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "event",
    ["log out", "sign out everywhere", "suspend admin", "suspend user", "role", "user", "time"],
)
async def test_it_ends_with_what_it_depends_on(
    world: World, api: Client, event: str, transactions: Transactions
) -> None:
    admin, other, user = await world.admin(), await world.admin(), await world.user()
    _, tokens = await log_in(api, admin)
    here, there = api.bearing(tokens["accessToken"]), api.signed_in(other)
    codes, client = await impersonate(here, user)
    assert codes == await client.failed(ME) == []
    if event == "log out":
        assert await here.refusal_codes("logOut", {}) == []
    elif event == "sign out everywhere":
        assert await api.signed_in(admin).refusal_codes("revokeOtherSessions", {}) == []
    elif event == "suspend admin":
        assert await there.refusal_codes("suspendUser", suspension(admin)) == []
    elif event == "suspend user":
        assert await there.refusal_codes("suspendUser", suspension(user)) == []
    elif event == "role":
        third = api.signed_in(await world.admin())
        assert await change(there, "revokeAdmin", admin) == ("REQUESTED", [])
        assert await change(third, "revokeAdmin", admin) == ("CONFIRMED", [])
    elif event == "user":
        assert await api.signed_in(user).refusal_codes("revokeOtherSessions", {}) == []
    else:
        token = world.keys.sign_access(user.id, user.id, -1, impersonator_id=admin.id)[0]
        client = api.bearing(token)
    assert await client.failed(ME) == ["UNAUTHENTICATED"]
    if event != "time":
        async with world.database.session() as session:
            assert (await session.exec(select(Impersonation.ended_at))).one() is not None


async def test_it_cannot_be_refreshed_nor_prove_a_presence(world: World, api: Client) -> None:
    """A stored token of 30 minutes is the most that is left behind."""
    admin, user = await world.admin(), await world.user()
    _, client = await impersonate(api.signed_in(admin), user, minutes=30)
    async with world.database.session() as session:
        rows = select(UserSession).where(UserSession.user_id == user.id)
        opened = (await session.exec(rows.where(UserSession.impersonator_id == admin.id))).one()
    assert opened.ends_at == opened.idle_until == opened.created_at + timedelta(minutes=30)
    assert (opened.place, opened.device_name) == (None, None)
    tokens = (await log_in(api, user))[1]
    refused = ["NOT_WHILE_IMPERSONATING"]
    refresh = {"refreshToken": tokens["refreshToken"]}
    assert await client.mutation_failed("refreshSession", refresh) == refused
    proof = {"password": "correct horse battery staple"}
    assert await client.mutation_failed("reauthenticate", proof) == refused
    other = {"userId": gid(await world.user()), "reason": "More.", "minutes": 5}
    assert await client.mutation_failed("impersonateUser", other) == refused, "not nested"


async def test_whom_an_admin_cannot_impersonate(world: World, api: Client) -> None:
    admin = await world.admin()
    here = api.signed_in(admin)
    for user, code in (
        (await world.admin(), "USER_IS_ADMIN"),
        (await world.user(role=Role.ADMIN, state=UserState.SUSPENDED), "USER_IS_ADMIN"),
        (admin, "OWN_ACCOUNT"),
        (await world.user(state=UserState.SUSPENDED), "INVALID_USER_STATE"),
    ):
        assert (await impersonate(here, user))[0] == [code]
    assert (await impersonate(here, await world.user(), minutes=31))[0] == ["INVALID_INPUT"]
    assert (await impersonate(here, await world.user(), minutes=0))[0] == ["INVALID_INPUT"]
    assert (await impersonate(here, await world.user(), reason=" "))[0] == ["INVALID_INPUT"]


async def test_who_cannot_impersonate(world: World, api: Client) -> None:
    admin, till = await world.admin(), await Till.open(world)
    owner = await world.user()
    await world.member(till.vendor, owner, MemberRole.OWNER)
    given: dict[str, Any] = {"userId": gid(till.customer), "reason": "Help.", "minutes": 5}
    _, secret = await world.api_token(admin)
    assert await api.mutation_failed("impersonateUser", given) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("endImpersonation", {}) == ["UNAUTHENTICATED"]
    for client in (api.signed_in(owner), api.signed_in(till.customer), api.bearing(secret)):
        assert await client.mutation_failed("impersonateUser", given) == ["FORBIDDEN"]
        assert await client.mutation_failed("endImpersonation", {}) == ["FORBIDDEN"]
        assert await client.failed(ALL) == ["FORBIDDEN"]
    nobody = given | {"userId": unknown("User")}
    assert await api.signed_in(admin).refusal_codes("impersonateUser", nobody) == ["NOT_FOUND"]
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(signed_in_at=long_ago))
    stale = await api.signed_in(admin).refusal_codes("impersonateUser", given)
    assert stale == ["STEP_UP_REQUIRED"]
