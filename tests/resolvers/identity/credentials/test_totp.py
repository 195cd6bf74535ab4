"""One-time codes: turned on, replaced and turned off by their user alone."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
from sqlmodel import select, update

from core.clock import now
from core.security.sealed import Sealer
from models.audit import AuditAct, AuditEntry, AuditOutcome
from models.identity.accounts import UserSession
from models.identity.factors import RecoveryCode, TotpFactor
from services.identity.factors.totp import COLUMN
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.signing_in import challenge_of, codes_of, first_step, second_step

ENABLE = "mutation { enableTotp { secret uri errors { code } } }"
FACTORS = "{ viewer { factors { totpEnabledAt recoveryCodesLeft } } }"
TOKEN = {"name": "Till", "scopes": ["READ"]}


async def turned_on(client: Client) -> tuple[str, list[str]]:
    """Set an app up. Returns its secret and the recovery codes."""
    made = (await client.ask(ENABLE))["enableTotp"]
    code = {"code": pyotp.TOTP(made["secret"]).now()}
    payload = await client.do("confirmTotp", code, "recoveryCodes")
    assert payload["errors"] == []
    return made["secret"], payload["recoveryCodes"]


async def call(client: Client, name: str) -> list[str]:
    """Call a mutation without arguments. Returns the codes of its errors."""
    answer = await client.ask(f"mutation {{ {name} {{ errors {{ code }} }} }}")
    return [error["code"] for error in answer[name]["errors"]]


async def test_an_app_is_set_up_and_asked_for(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    made = (await client.ask(ENABLE))["enableTotp"]
    uri = urlsplit(made["uri"])
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == (
        "otpauth",
        "totp",
        f"/Haat:{email_of(user)}",
    )
    assert parse_qs(uri.query) == {"secret": [made["secret"]], "issuer": ["Haat"]}
    assert (await client.ask(FACTORS))["viewer"]["factors"]["totpEnabledAt"] is None
    code = pyotp.TOTP(made["secret"]).now()
    payload = await client.do("confirmTotp", {"code": code}, "recoveryCodes")
    assert len(set(payload["recoveryCodes"])) == 10
    shown = (await client.ask(FACTORS))["viewer"]["factors"]
    assert shown["totpEnabledAt"] is not None
    assert shown["recoveryCodesLeft"] == 10
    used = await second_step(api, await challenge_of(api, user), totp=code)
    assert codes_of(used) == ["FACTOR_WRONG"], "the code that confirmed the app is used up"
    recovery = payload["recoveryCodes"][0]
    fits = await second_step(api, await challenge_of(api, user), recoveryCode=recovery)
    assert codes_of(fits) == []


async def test_secrets_are_stored_sealed_and_codes_as_hashes(world: World, api: Client) -> None:
    secret, codes = await turned_on(api.signed_in(await world.user()))
    async with world.database.session() as session:
        (factor,) = (await session.exec(select(TotpFactor))).all()
        kept = (await session.exec(select(RecoveryCode.code_hash))).all()
    assert secret.encode() not in factor.secret
    assert Sealer(world.keys).open(COLUMN, factor.id, factor.secret) == secret.encode()
    assert not {code.replace("-", "").encode() for code in codes} & set(kept)


async def test_a_wrong_code_turns_nothing_on(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    assert await client.refusal_codes("confirmTotp", {"code": "123456"}) == ["SETUP_ENDED"]
    secret = (await client.ask(ENABLE))["enableTotp"]["secret"]
    right = pyotp.TOTP(secret).now()
    for wrong in ("", "x", f"{right}0"):
        assert await client.refusal_codes("confirmTotp", {"code": wrong}) == ["FACTOR_WRONG"]
    assert await client.refusal_codes("confirmTotp", {"code": right * 9}) == ["INVALID_INPUT"]
    assert (await first_step(api, user))["session"] is not None
    other = api.signed_in(await world.user())
    assert await other.refusal_codes("confirmTotp", {"code": right}) == ["SETUP_ENDED"]
    await client.ask(ENABLE)
    assert await client.refusal_codes("confirmTotp", {"code": right}) == ["FACTOR_WRONG"]
    async with world.database.session() as session, session.begin():
        await session.exec(update(TotpFactor).values(expires_at=now()))
    assert await client.refusal_codes("confirmTotp", {"code": right}) == ["SETUP_ENDED"]


async def test_a_new_app_replaces_the_former_one_and_its_recovery_codes(
    world: World, api: Client
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    _, old_codes = await turned_on(client)
    async with world.database.session() as session, session.begin():
        await session.exec(update(TotpFactor).values(secret=b"of a lost app", last_step=2**40))
    secret, _ = await turned_on(client)
    former = {"recoveryCode": old_codes[0]}
    refused = await second_step(api, await challenge_of(api, user), **former)
    assert codes_of(refused) == ["FACTOR_WRONG"]
    code = pyotp.TOTP(secret).at(now() + timedelta(seconds=30))
    assert codes_of(await second_step(api, await challenge_of(api, user), totp=code)) == []


async def test_turning_codes_off(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    assert await call(client, "disableTotp") == ["FACTOR_MISSING"]
    assert await call(client, "regenerateRecoveryCodes") == ["FACTOR_MISSING"]
    await turned_on(client)
    assert await call(client, "disableTotp") == []
    assert (await first_step(api, user))["session"] is not None
    assert (await client.ask(FACTORS))["viewer"]["factors"] == {
        "totpEnabledAt": None,
        "recoveryCodesLeft": 0,
    }


async def test_new_recovery_codes_replace_the_former_ones(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    _, old = await turned_on(client)
    made = await client.ask("mutation { regenerateRecoveryCodes { recoveryCodes } }")
    new = made["regenerateRecoveryCodes"]["recoveryCodes"]
    challenge_id = await challenge_of(api, user)
    refused = await second_step(api, challenge_id, recoveryCode=old[0])
    assert codes_of(refused) == ["FACTOR_WRONG"]
    assert codes_of(await second_step(api, challenge_id, recoveryCode=new[0])) == []


async def test_factors_are_visible_to_their_user_alone(world: World, api: Client) -> None:
    user = await world.user()
    await world.totp(user)
    _, secret = await world.api_token(user)
    query = "query ($id: ID!) { node(id: $id) { ... on User { factors { totpEnabledAt } } } }"
    for client in (api.signed_in(await world.admin()), api.bearing(secret)):
        assert (await client.ask(query, id=gid(user)))["node"] == {"factors": None}
    assert await api.failed(ENABLE) == ["UNAUTHENTICATED"]
    assert await api.bearing(secret).failed(ENABLE) == ["FORBIDDEN"]


async def test_a_user_with_a_factor_steps_up_with_it(world: World, api: Client) -> None:
    """A recent password does not suffice, in the session or again."""
    user = await world.user()
    app = await world.totp(user)
    client = api.signed_in(user)
    query = (
        "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input)"
        " { errors { code message ... on StepUpRequired { methods } } } }"
    )
    (error,) = (await client.ask(query, input=TOKEN))["createApiToken"]["errors"]
    assert (error["code"], error["methods"]) == ("STEP_UP_REQUIRED", ["TOTP"])
    assert "second factor" in error["message"]
    password = {"password": PASSWORD}
    assert await client.refusal_codes("reauthenticate", password) == ["STEP_UP_REQUIRED"]
    wrong = {"totp": app.wrong_code()}
    assert await client.refusal_codes("reauthenticate", wrong) == ["FACTOR_WRONG"]
    right = {"totp": app.code()}
    payload = await client.do("reauthenticate", right, "freshUntil")
    assert payload["errors"] == []
    assert payload["freshUntil"] is not None
    assert await client.refusal_codes("createApiToken", TOKEN) == []
    assert await client.refusal_codes("reauthenticate", right) == ["FACTOR_WRONG"], "used up"
    async with world.database.session() as session, session.begin():
        past = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(factor_at=past))
    assert await client.refusal_codes("createApiToken", TOKEN) == ["STEP_UP_REQUIRED"]


async def test_a_user_without_a_factor_steps_up_with_the_password(
    world: World, api: Client
) -> None:
    client = api.signed_in(await world.user())
    assert await client.refusal_codes("reauthenticate", {"totp": "123456"}) == ["STEP_UP_REQUIRED"]
    for proofs in ({}, {"password": PASSWORD, "totp": "123456"}):
        assert await client.refusal_codes("reauthenticate", proofs) == ["INVALID_INPUT"]


async def test_acts_are_in_the_audit_log(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await turned_on(client)
    await call(client, "regenerateRecoveryCodes")
    await call(client, "disableTotp")
    done: dict[str, Any] = {"outcome": AuditOutcome.DONE, "subject_id": user.id}
    async with world.database.session() as session:
        entries = select(AuditEntry).filter_by(**done)
        acts = {entry.act for entry in (await session.exec(entries)).all()}
    expected = {AuditAct.ENABLE_TOTP, AuditAct.REPLACE_RECOVERY_CODES, AuditAct.DISABLE_TOTP}
    assert acts == expected
