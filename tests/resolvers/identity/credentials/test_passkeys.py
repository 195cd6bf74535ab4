"""Passkeys: added, used as the only proof and as a second factor, and removed."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import col, select, update
from starlette.applications import Starlette

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import User
from models.identity.passkeys import MAX_PASSKEYS
from tests.authenticator import USER_PRESENT, SoftAuthenticator, encode
from tests.client import Client, gid
from tests.factories.emails import email_of, give_email
from tests.factories.factors import passkey_of
from tests.factories.world import World
from tests.resolvers.identity.registering import owner_of, register, started
from tests.resolvers.identity.signing_in import (
    SESSION,
    challenge_of,
    codes_of,
    first_step,
    second_step,
)
from tests.web.conftest import called

TOKEN = {"name": "Till", "scopes": ["READ"]}


@pytest.fixture
def device(settings: Settings) -> SoftAuthenticator:
    return SoftAuthenticator(settings.relying_party.origins[0])


async def log_in(api: Client, device: SoftAuthenticator) -> dict[str, Any]:
    start = await started(api, "LOG_IN")
    credential = device.get(start["options"])
    given = {"challengeId": start["challengeId"], "credential": credential}
    return await api.do("logInWithPasskey", given, SESSION)


async def test_a_passkey_signs_in_alone_and_is_a_recent_proof(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await world.user()
    made = await register(api.signed_in(user), device)
    assert made["errors"] == []
    assert made["passkey"]["name"] == "Phone"
    assert len(made["recoveryCodes"]) == 10
    payload = await log_in(api, device)
    assert payload["errors"] == []
    assert payload["viewer"] == {"id": gid(user)}
    client = api.bearing(payload["session"]["accessToken"])
    assert await client.refusal_codes("createApiToken", TOKEN) == []


async def test_a_passkey_is_a_second_factor(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await owner_of(world, api, device)
    payload = await api.do(
        "logIn",
        {"email": email_of(user), "password": "correct horse battery staple"},
        "session { accessToken } secondFactor { challengeId methods passkeyOptions }",
    )
    assert payload["session"] is None
    step = payload["secondFactor"]
    assert step["methods"] == ["PASSKEY", "RECOVERY_CODE"]
    allowed = json.loads(step["passkeyOptions"])["allowCredentials"]
    assert [one["id"] for one in allowed] == [encode(device.credential_id)]
    credential = device.get(step["passkeyOptions"])
    assert codes_of(await second_step(api, step["challengeId"], passkey=credential)) == []
    again = await second_step(api, step["challengeId"], passkey=credential)
    assert codes_of(again) == ["CHALLENGE_ENDED"]
    other = await second_step(api, await challenge_of(api, user), passkey=credential)
    assert codes_of(other) == ["PASSKEY_REFUSED"], "it has signed another challenge"


async def test_the_passkey_of_another_user_is_no_second_factor(
    world: World, api: Client, device: SoftAuthenticator, settings: Settings
) -> None:
    await owner_of(world, api, device)
    victim = await world.user()
    await world.totp(victim)
    challenge_id = await challenge_of(api, victim)
    domain = settings.relying_party.id
    options = json.dumps({"rpId": domain, "challenge": encode(challenge_id.encode())})
    for handle in (device.user_handle, victim.id.bytes, None):
        device.user_handle = handle
        refused = await second_step(api, challenge_id, passkey=device.get(options))
        assert codes_of(refused) == ["PASSKEY_REFUSED"]


async def test_a_passkey_steps_up(world: World, api: Client, device: SoftAuthenticator) -> None:
    user = await owner_of(world, api, device)
    client = api.signed_in(user, session=await world.session(user))
    assert await client.refusal_codes("createApiToken", TOKEN) == ["STEP_UP_REQUIRED"]
    start = await started(client, "STEP_UP")
    proof = {"challengeId": start["challengeId"], "credential": device.get(start["options"])}
    assert await client.refusal_codes("reauthenticate", {"passkey": proof}) == []
    assert await client.refusal_codes("createApiToken", TOKEN) == []
    assert await client.refusal_codes("reauthenticate", {"passkey": proof}) == ["CHALLENGE_ENDED"]
    foreign = await started(api.signed_in(await world.user()), "STEP_UP")
    signed = {"challengeId": foreign["challengeId"], "credential": device.get(foreign["options"])}
    assert await client.refusal_codes("reauthenticate", {"passkey": signed}) == ["CHALLENGE_ENDED"]


async def test_a_challenge_serves_one_purpose_once(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await owner_of(world, api, device)
    start = await started(api, "LOG_IN")
    credential = device.get(start["options"])
    given = {"challengeId": start["challengeId"], "credential": credential}
    assert await api.refusal_codes("logInWithPasskey", given) == []
    assert await api.refusal_codes("logInWithPasskey", given) == ["CHALLENGE_ENDED"]
    for purpose in ("STEP_UP", "REGISTER_PASSKEY"):
        other = await started(api.signed_in(user), purpose)
        wrong = given | {"challengeId": other["challengeId"]}
        assert await api.refusal_codes("logInWithPasskey", wrong) == ["CHALLENGE_ENDED"]
    second = given | {"challengeId": await challenge_of(api, user)}
    assert await api.refusal_codes("logInWithPasskey", second) == ["CHALLENGE_ENDED"]


async def lies(device: SoftAuthenticator, name: str) -> None:
    """Make the authenticator do what the server must refuse."""
    if name == "origin":
        device.origin = "https://haat.evil.example"
    elif name == "no user verification":
        device.flags = USER_PRESENT
    elif name == "foreign handle":
        device.user_handle = bytes(16)
    elif name == "no handle":
        device.user_handle = None
    elif name == "foreign key":
        real, device.__dict__["_key"] = device.credential_id, SoftAuthenticator("")._key
        device.credential_id = real
    elif name == "unknown credential":
        device.credential_id = bytes(32)


@pytest.mark.parametrize(
    "lie",
    [
        "origin",
        "no user verification",
        "foreign handle",
        "no handle",
        "foreign key",
        "unknown credential",
    ],
)
async def test_a_lying_authenticator_is_refused(
    world: World, api: Client, device: SoftAuthenticator, lie: str
) -> None:
    await owner_of(world, api, device)
    await lies(device, lie)
    assert codes_of(await log_in(api, device)) == ["PASSKEY_REFUSED"]


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": 1}', "x" * 20_001])
async def test_malformed_credentials(
    world: World, api: Client, device: SoftAuthenticator, credential: str
) -> None:
    code = "INVALID_INPUT" if len(credential) > 20_000 else "PASSKEY_REFUSED"
    start = await started(api, "LOG_IN")
    given = {"challengeId": start["challengeId"], "credential": credential}
    assert await api.refusal_codes("logInWithPasskey", given) == [code]
    client = api.signed_in(await world.user())
    start = await started(client, "REGISTER_PASSKEY")
    new = {"challengeId": start["challengeId"], "credential": credential, "name": "Phone"}
    assert await client.refusal_codes("registerPasskey", new) == [code]


async def test_a_counter_that_falls_is_refused_recorded_and_reported(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await owner_of(world, api, device)
    assert codes_of(await log_in(api, device)) == []
    device.sign_count = 0
    assert codes_of(await log_in(api, device)) == ["PASSKEY_REFUSED"]
    async with world.database.session() as session:
        rows = select(AuditEntry.subject_id).where(AuditEntry.code == "PASSKEY_COPIED")
        assert (await session.exec(rows)).all() == [user.id]


async def test_a_forged_counter_reports_no_copy(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    await owner_of(world, api, device)
    assert codes_of(await log_in(api, device)) == []
    device.sign_count = 0
    await lies(device, "foreign key")
    assert codes_of(await log_in(api, device)) == ["PASSKEY_REFUSED"]
    async with world.database.session() as session:
        rows = select(AuditEntry).where(AuditEntry.code == "PASSKEY_COPIED")
        assert (await session.exec(rows)).all() == []


async def test_a_passkey_is_of_the_domain_of_the_settings_and_signs_in_at_each_of_its_origins(
    world: World, settings: Settings, keys: SigningKeys
) -> None:
    """Whatever `Host` is, and with the counter 0 of a synchronized key."""
    sites = ["https://haat.example", "https://shop.example"]
    named = {"passkey_domain": "haat.example", "passkey_origins": sites}
    device = SoftAuthenticator(sites[0], counts=False)
    async with called(settings.model_copy(update=named)) as http:
        api = Client(http, keys)
        await owner_of(world, api, device)
        for origin in sites:
            device.origin = origin
            for host in ("haat", "localhost"):
                client = replace(api, headers={"Host": host})
                options = json.loads((await started(client, "LOG_IN"))["options"])
                assert options["rpId"] == "haat.example"
                assert codes_of(await log_in(client, device)) == []
        device.origin = "https://haat.evil.example"
        assert codes_of(await log_in(api, device)) == ["PASSKEY_REFUSED"]


async def test_wrong_passwords_of_strangers_stop_no_passkey(
    world: World, app: Starlette, api: Client, device: SoftAuthenticator
) -> None:
    """Fifty in an hour stop every password of a network in which the user has not signed in."""
    user = await owner_of(world, api, device)
    address = f"{uuid4().hex}@haat.example"
    give_email(world.sealer, user, address)
    await world.save(user)
    wrong = {"email": address, "password": "wrong"}
    for number in range(11):
        transport = httpx.ASGITransport(app=app, client=(f"{uuid4().hex}-{number}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            stranger = replace(api, http=http)
            codes = [await stranger.mutation_failed("logIn", wrong) for _ in range(5)]
            assert codes_of(await log_in(stranger, device)) == []
    assert codes == [["RATE_LIMITED"]] * 5


async def test_synchronized_keys_do_not_count(
    world: World, api: Client, settings: Settings
) -> None:
    device = SoftAuthenticator(settings.relying_party.origins[0], counts=False)
    await owner_of(world, api, device)
    for _ in range(2):
        assert codes_of(await log_in(api, device)) == []


async def test_registration_refuses_other_challenges_and_known_keys(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user, other = await owner_of(world, api, device), await world.user()
    client = api.signed_in(other)
    assert codes_of(await register(client, device)) == ["PASSKEY_TAKEN"]
    foreign = await started(api.signed_in(user), "REGISTER_PASSKEY")
    new = SoftAuthenticator(device.origin)
    given = {
        "challengeId": foreign["challengeId"],
        "credential": new.create(foreign["options"]),
        "name": "Phone",
    }
    assert await client.refusal_codes("registerPasskey", given) == ["CHALLENGE_ENDED"]
    assert await api.mutation_failed("startPasskey", {"purpose": "STEP_UP"}) == ["UNAUTHENTICATED"]


async def test_ten_passkeys_and_recovery_codes_with_the_first_alone(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await owner_of(world, api, device)
    client = api.signed_in(user)
    second = await register(client, SoftAuthenticator(device.origin))
    assert second["recoveryCodes"] is None
    known = [passkey_of(user, number) for number in range(MAX_PASSKEYS - 2)]
    await world.save(*known)
    refused = await register(client, SoftAuthenticator(device.origin))
    assert codes_of(refused) == ["PASSKEY_LIMIT_REACHED"]


async def test_rename_and_remove_a_passkey_as_its_user_and_as_others(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await owner_of(world, api, device)
    owner = api.signed_in(user)
    shown = await owner.ask("{ viewer { factors { passkeys { id name lastUsedAt } } } }")
    (passkey,) = shown["viewer"]["factors"]["passkeys"]
    renamed, removed = {"passkeyId": passkey["id"], "name": "Key"}, {"passkeyId": passkey["id"]}
    for stranger in (await world.user(), await world.admin()):
        client = api.signed_in(stranger)
        assert await client.refusal_codes("renamePasskey", renamed) == ["NOT_FOUND"]
        assert await client.refusal_codes("removePasskey", removed) == ["NOT_FOUND"]
    payload = await owner.do("renamePasskey", renamed, "passkey { name }")
    assert payload["passkey"] == {"name": "Key"}
    assert await owner.refusal_codes("removePasskey", removed) == []
    assert codes_of(await log_in(api, device)) == ["PASSKEY_REFUSED"]
    assert (await first_step(api, user))["session"] is not None
    left = await owner.ask("{ viewer { factors { recoveryCodesLeft } } }")
    assert left["viewer"]["factors"] == {"recoveryCodesLeft": 0}
    async with world.database.session() as session:
        acts = (await session.exec(select(AuditEntry.act))).all()
    assert {AuditAct.ADD_PASSKEY, AuditAct.REMOVE_PASSKEY} <= set(acts)


async def test_the_last_way_in_stays(world: World, api: Client, device: SoftAuthenticator) -> None:
    user = await owner_of(world, api, device)
    async with world.database.session() as session, session.begin():
        await session.exec(update(User).where(col(User.id) == user.id).values(password_hash=None))
    password = {"email": email_of(user), "password": "correct horse battery staple"}
    assert await api.refusal_codes("logIn", password) == ["WRONG_CREDENTIALS"]
    client, other = api.signed_in(user), passkey_of(user)
    await world.save(other)
    assert await client.refusal_codes("removePasskey", {"passkeyId": gid(other)}) == []
    shown = await client.ask("{ viewer { factors { passkeys { id } } } }")
    (last,) = shown["viewer"]["factors"]["passkeys"]
    assert await client.refusal_codes("removePasskey", {"passkeyId": last["id"]}) == ["LAST_WAY_IN"]
    assert codes_of(await log_in(api, device)) == []
