"""The link of `haat admin create`: an account becomes an admin's once its owner proves to be it."""

from datetime import timedelta
from typing import Any, cast

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from core.redis.pubsub import PubSub
from core.security.random_secrets import hash_secret
from models.identity.accounts import Role, User
from models.identity.admin_invitations import AdminInvitation
from services.identity.admin_invitations import invite_admin
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.audit.test_identity_acts import NoSubscribers
from tests.resolvers.identity.signing_in import challenge_of, codes_of, second_step

ADMIN = "viewer { id email role name }"
NEW_PASSWORD = "kitchen-ladder-74-plum"
LINK = "query ($token: String!) { authLink(token: $token) { purpose email accountExists } }"
RESOLVE = "{ reports { totalCount } }"


async def invite(world: World, email: str) -> str:
    async with Transactions(world.database, cast("PubSub", NoSubscribers())).begin() as session:
        made = await invite_admin(session, world.sealer, email)
    assert made is not None
    return made[0]


async def link(api: Client, token: str) -> Any:
    return (await api.ask(LINK, token=token))["authLink"]


async def test_a_new_address(world: World, api: Client) -> None:
    token = await invite(world, "new@haat.example")
    assert await link(api, token) == {
        "purpose": "ACCEPT_ADMIN",
        "email": "new@haat.example",
        "accountExists": False,
    }
    given = {"token": token, "password": NEW_PASSWORD, "name": " Asha "}
    payload = await api.do("acceptAdminInvitation", given, ADMIN)
    viewer = payload["viewer"]
    assert payload["errors"] == []
    assert (viewer["email"], viewer["role"], viewer["name"]) == (
        "new@haat.example",
        "ADMIN",
        "Asha",
    )
    assert await link(api, token) is None
    account = {"email": "new@haat.example", "password": NEW_PASSWORD}
    signed_in = await api.do("logIn", account, "session { accessToken }")
    client = api.bearing(signed_in["session"]["accessToken"])
    assert await client.failed(RESOLVE) == []
    assert await api.refusal_codes("acceptAdminInvitation", given) == ["INVITATION_ENDED"]
    entries = await read_log(client, count=3, subjectId=viewer["id"])
    assert [(one["act"], one["actor"]) for one in entries] == [
        (act, {"id": viewer["id"]}) for act in ("LOG_IN", "CHANGE_ROLE", "CREATE_ACCOUNT")
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"password": "password"}, "PASSWORD_WEAK", ["password"]),
        ({"password": "x" * 7}, "INVALID_INPUT", ["password"]),
        ({"name": None}, "INVALID_INPUT", ["name"]),
        ({"name": "\u200b"}, "INVALID_INPUT", ["name"]),
        ({"name": "evil.com"}, "INVALID_INPUT", ["name"]),
    ],
)
async def test_a_new_account_has_the_rules_of_others(
    world: World, api: Client, changes: dict[str, Any], code: str, field: list[str]
) -> None:
    token = await invite(world, "new@haat.example")
    given = {"token": token, "password": NEW_PASSWORD, "name": "Asha"}
    payload = await api.do("acceptAdminInvitation", given | changes)
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [(code, field)]
    assert await api.refusal_codes("acceptAdminInvitation", given) == []


async def test_an_account_needs_its_own_password(world: World, api: Client) -> None:
    user = await world.user()
    token = await invite(world, email_of(user))
    assert (await link(api, token))["accountExists"] is True
    given = {"token": token, "password": NEW_PASSWORD, "name": "Another"}
    assert await api.refusal_codes("acceptAdminInvitation", given) == ["WRONG_CREDENTIALS"]
    assert (await world.fresh(user)).role is Role.USER
    payload = await api.do("acceptAdminInvitation", given | {"password": PASSWORD}, ADMIN)
    assert payload["viewer"] == {
        "id": gid(user),
        "email": email_of(user),
        "role": "ADMIN",
        "name": user.name,
    }


async def test_an_account_needs_its_second_factor_too(world: World, api: Client) -> None:
    """The password with the link neither makes an admin nor shows the account."""
    user = await world.user()
    app = await world.totp(user)
    given = {"token": await invite(world, email_of(user)), "password": PASSWORD}
    for code, answer in (
        (None, "FACTOR_NEEDED"),
        (app.wrong_code(), "FACTOR_WRONG"),
        ("0000-0000-0000-0000", "FACTOR_WRONG"),
    ):
        payload = await api.do("acceptAdminInvitation", given | {"factorCode": code}, ADMIN)
        assert [error["code"] for error in payload["errors"]] == [answer]
        assert payload["viewer"] is None
    wrong = given | {"password": "wrong", "factorCode": app.code()}
    assert await api.refusal_codes("acceptAdminInvitation", wrong) == ["WRONG_CREDENTIALS"]
    assert (await world.fresh(user)).role is Role.USER
    right = given | {"factorCode": app.code()}
    assert await api.refusal_codes("acceptAdminInvitation", right) == []
    assert (await world.fresh(user)).role is Role.ADMIN


async def test_a_recovery_code_accepts_once(world: World, api: Client) -> None:
    user = await world.user()
    code = (await world.totp(user)).recovery_codes[0]
    given = {
        "token": await invite(world, email_of(user)),
        "password": PASSWORD,
        "factorCode": code,
    }
    assert await api.refusal_codes("acceptAdminInvitation", given) == []
    used = await second_step(api, await challenge_of(api, user), recoveryCode=code)
    assert codes_of(used) == ["FACTOR_WRONG"]


async def test_wrong_passwords_are_limited(world: World, api: Client) -> None:
    user = await world.user()
    given = {"token": await invite(world, email_of(user)), "password": "wrong"}
    for _ in range(5):
        assert await api.refusal_codes("acceptAdminInvitation", given) == ["WRONG_CREDENTIALS"]
    assert await api.mutation_failed("acceptAdminInvitation", given) == ["RATE_LIMITED"]


async def test_links_end(world: World, api: Client) -> None:
    expired = AdminInvitation(token_hash=hash_secret("expired"), expires_at=now() - timedelta(1))
    await world.save(give_email(world.sealer, expired, "a@haat.example"))
    former = await invite(world, "b@haat.example")
    await invite(world, "b@haat.example")
    for token in ("expired", "unknown", "", former):
        assert await link(api, token) is None
        given = {"token": token, "password": NEW_PASSWORD, "name": "Asha"}
        assert await api.refusal_codes("acceptAdminInvitation", given) == ["INVITATION_ENDED"]


async def test_looking_at_a_link_changes_nothing(
    world: World, api: Client, database: Database
) -> None:
    sign_up = await world.registration()
    before = await world.fresh(sign_up.row)
    for _ in range(3):
        assert await link(api, sign_up.token) == {
            "purpose": "VERIFY_EMAIL",
            "email": email_of(sign_up.row),
            "accountExists": False,
        }
    assert await world.fresh(sign_up.row) == before
    await world.user(email=email_of(sign_up.row))
    assert (await link(api, sign_up.token))["accountExists"] is True
    async with database.session() as session:
        assert len((await session.exec(select(User))).all()) == 1
    for token in (sign_up.secret, "token-0", ""):
        assert await link(api, token) is None
