"""Suspending and restoring a user: access ends, and comes back."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.identity.accounts import Role, UserState
from models.privacy import AccountDeletion, Erasure
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.admins.deciding import log_in, suspension
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.identity.signing_in import challenge_of

SIGNED_IN = "{ viewer { id } }"  # for programs too
VIEWER = "{ viewer { state accountSuspension { reason } } }"
NOTICES = "{ viewer { notifications { nodes { kind subject { id } } } } }"
SHOP = "query ($id: ID!) { vendor(id: $id) { redemptions { totalCount } } }"


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def test_all_access_of_a_suspended_user_ends(
    world: World, api: Client, admin: Client
) -> None:
    user = await world.user()
    _, secret = await world.api_token(user)
    _, tokens = await log_in(api, user)
    clients = [api.signed_in(user), api.bearing(secret), api.bearing(tokens["accessToken"])]
    assert [await client.failed(SIGNED_IN) for client in clients] == [[], [], []]
    made = await admin.do("suspendUser", suspension(user), "user { state }")
    assert (made["user"], made["errors"]) == ({"state": "SUSPENDED"}, [])
    assert [await client.failed(SIGNED_IN) for client in clients] == 3 * [["UNAUTHENTICATED"]]
    refresh = {"refreshToken": tokens["refreshToken"]}
    assert await api.refusal_codes("refreshSession", refresh) == ["SESSION_ENDED"]
    assert await log_in(api, user) == (["USER_SUSPENDED"], None)
    wrong = {"email": email_of(user), "password": f"{PASSWORD}?"}
    assert await api.refusal_codes("logIn", wrong) == ["WRONG_CREDENTIALS"], "reveals nothing"
    assert (await world.fresh(user)).epoch == 1


async def test_a_restored_user_signs_in_again(world: World, api: Client, admin: Client) -> None:
    user = await world.user()
    _, secret = await world.api_token(user)
    former, person = api.signed_in(user), {"userId": gid(user)}
    for _ in range(2):
        assert await admin.refusal_codes("suspendUser", suspension(user)) == []
        restored = await admin.do(
            "restoreUser", person, "user { state accountSuspension { reason } }"
        )
        assert restored["user"] == {"state": "ACTIVE", "accountSuspension": None}
    codes, tokens = await log_in(api, user)
    assert codes == []
    client = api.bearing(tokens["accessToken"])
    nodes = (await client.ask(NOTICES))["viewer"]["notifications"]["nodes"]
    assert [one["kind"] for one in nodes] == ["USER_RESTORED", "USER_SUSPENDED"] * 2
    assert {one["subject"]["id"] for one in nodes} == {gid(user)}
    for old in (former, api.bearing(secret)):
        assert await old.failed(VIEWER) == ["UNAUTHENTICATED"], "former access stays ended"
    assert (await client.ask(VIEWER))["viewer"] == {"state": "ACTIVE", "accountSuspension": None}
    for act in ("SUSPEND_USER", "RESTORE_USER"):
        entries = await read_log(admin, act=act, outcome="DONE", count=2)
        assert [one["subjectId"] for one in entries] == [gid(user)] * 2


async def test_a_second_step_of_a_suspended_user_is_refused(
    world: World, api: Client, admin: Client
) -> None:
    user = await world.user()
    app = await world.totp(user)
    assert await admin.refusal_codes("suspendUser", suspension(user)) == []
    given = {"challengeId": await challenge_of(api, user), "totp": app.code()}
    assert await api.refusal_codes("confirmSecondFactor", given) == ["USER_SUSPENDED"]


async def test_vouchers_of_a_suspended_user_are_refused_with_that_reason(
    world: World, api: Client, admin: Client
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    assert await admin.refusal_codes("suspendUser", suspension(till.customer)) == []
    refused = await till.redeem(api, token=voucher.token)
    assert (refused["outcome"], refused["reason"]) == ("REFUSED", "USER_SUSPENDED")
    assert (await till.redeem(api, code=voucher.code))["reason"] == "USER_SUSPENDED"
    assert await admin.refusal_codes("restoreUser", {"userId": gid(till.customer)}) == []
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"


async def test_a_membership_of_a_suspended_user_gives_no_rights(world: World, api: Client) -> None:
    """Also in a session that has not ended: at another process, that takes up to three seconds."""
    till = await Till.open(world)
    voucher = await till.voucher()
    scanner = api.signed_in(till.scanner)
    assert (await scanner.ask(SHOP, id=gid(till.vendor)))["vendor"]["redemptions"] is not None
    till.scanner.state = UserState.SUSPENDED
    await world.save(till.scanner)
    scan = till.scan(token=voucher.token)
    assert await scanner.refusal_codes("redeemVoucher", scan) == ["NOT_FOUND"]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await scanner.ask(node, id=gid(voucher)))["node"] is None
    assert await scanner.failed(SHOP, id=gid(till.vendor)) == ["FORBIDDEN"]
    manager = await world.user(state=UserState.SUSPENDED)
    await world.member(till.vendor, manager, MemberRole.MANAGER)
    patch = {"vendorId": gid(till.vendor), "website": None}
    assert await api.signed_in(manager).refusal_codes("updateVendor", patch) == ["NOT_FOUND"]


async def test_the_only_owner_of_a_vendor_that_sells_stays(
    world: World, api: Client, admin: Client
) -> None:
    owner, second = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    member = await world.member(vendor, second, MemberRole.OWNER)
    assert await admin.refusal_codes("suspendUser", suspension(second)) == []
    assert await admin.refusal_codes("suspendUser", suspension(owner)) == ["LAST_OWNER"]
    leave = {"vendorId": gid(vendor)}
    assert await api.signed_in(owner).refusal_codes("leaveVendor", leave) == ["LAST_OWNER"]
    assert (await world.fresh(owner)).state is UserState.ACTIVE
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    assert await admin.refusal_codes("suspendUser", suspension(owner)) == []
    assert await world.fresh(member) is not None


async def test_suspend_and_restore_only_in_the_right_state(
    world: World, api: Client, admin: Client
) -> None:
    user, wrong = await world.user(), ["INVALID_USER_STATE"]
    assert await admin.refusal_codes("restoreUser", {"userId": gid(user)}) == wrong
    assert await admin.refusal_codes("suspendUser", suspension(user)) == []
    assert await admin.refusal_codes("suspendUser", suspension(user)) == wrong
    other = await world.user()
    for until in (now(), now() + timedelta(days=3_651)):
        given = suspension(other, until=until.isoformat())
        assert await admin.refusal_codes("suspendUser", given) == ["INVALID_INPUT"]
    blank = suspension(other, reason=" ")
    assert await admin.refusal_codes("suspendUser", blank) == ["INVALID_INPUT"]
    given = suspension(other, until=(now() + timedelta(days=7)).isoformat())
    assert await admin.refusal_codes("suspendUser", given) == []


async def test_admins_suspend_each_other_and_not_themselves(
    world: World, api: Client, admin: Client
) -> None:
    other = await world.admin()
    client = api.signed_in(other)
    own = ["OWN_ACCOUNT"]
    assert await client.refusal_codes("suspendUser", suspension(other)) == own
    assert await client.refusal_codes("restoreUser", {"userId": gid(other)}) == own
    assert await admin.refusal_codes("suspendUser", suspension(other)) == []
    assert await client.mutation_failed("suspendUser", suspension(other)) == ["UNAUTHENTICATED"]
    row = await world.fresh(other)
    assert (row.role, row.state) == (Role.ADMIN, UserState.SUSPENDED)


async def test_suspend_and_restore_as_others(world: World, api: Client, admin: Client) -> None:
    till = await Till.open(world)
    owner = await world.user()
    await world.member(till.vendor, owner, MemberRole.OWNER)
    person = {"userId": gid(till.customer)}
    _, secret = await world.api_token(await world.admin())
    for name, given in (("suspendUser", suspension(till.customer)), ("restoreUser", person)):
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        for user in (owner, till.customer):
            assert await api.signed_in(user).mutation_failed(name, given) == ["FORBIDDEN"]
        assert await api.bearing(secret).mutation_failed(name, given) == ["FORBIDDEN"]
        nobody = given | {"userId": unknown("User")}
        assert await admin.refusal_codes(name, nobody) == ["NOT_FOUND"]


@pytest.mark.parametrize("erased", [False, True])
async def test_an_account_that_is_erased_is_gone(world: World, admin: Client, erased: bool) -> None:
    """Also while its erasure runs: an impersonation would leave rows, an admin would count."""
    user, moment = await world.user(), now()
    begun = AccountDeletion(user_id=user.id, created_at=moment - timedelta(days=14), due_at=moment)
    await world.save(
        Erasure(user_id=user.id, requested_at=moment, retained={}) if erased else begun
    )
    reason, minutes = {"reason": "They asked for help."}, {"minutes": 15}
    acts: dict[str, dict[str, Any]] = {
        "suspendUser": reason,
        "restoreUser": {},
        "grantAdmin": {},
        "revokeAdmin": {},
        "impersonateUser": reason | minutes,
    }
    for name, more in acts.items():
        given = {"userId": gid(user)} | more
        assert await admin.refusal_codes(name, given) == ["NOT_FOUND"]
