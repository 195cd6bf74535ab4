"""Factors that a thief adds in a fresh session end when the owner takes the account back."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.security.sealed import Sealer
from core.settings import Settings
from models.identity.accounts import User
from models.identity.factors import RecoveryCode, TotpFactor
from models.identity.passkeys import Passkey
from models.identity.phones import Phone
from models.identity.providers import ProviderIdentity
from services.identity.security_notices import SecurityNotice, compose_notice
from tests.authenticator import SoftAuthenticator
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.factors import identity_of
from tests.factories.world import World
from tests.resolvers.identity.credentials.test_change_password import change
from tests.resolvers.identity.credentials.test_passkeys import log_in as log_in_by_passkey
from tests.resolvers.identity.credentials.test_password_reset import LINK as RESET_LINK
from tests.resolvers.identity.credentials.test_password_reset import (
    NEW,
    asked,
    log_in,
    read_mail,
    reset,
)
from tests.resolvers.identity.credentials.test_totp import call, turned_on
from tests.resolvers.identity.phones.test_phone_codes import (
    ask,
    code_of,
    new_number,
    proof,
    set_number,
)
from tests.resolvers.identity.registering import register, started
from tests.resolvers.identity.signing_in import STEP, codes_of
from tests.resolvers.identity.test_change_email import (
    address,
    asked_for,
    confirm,
    mails,
    person,
    token_of,
)

TOKEN = {"name": "Till", "scopes": ["READ"]}
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
ACTS = text("SELECT act FROM audit_entry WHERE outcome = 'DONE' AND actor_id = :user ORDER BY id")
# All that is stored of an account, as if it had happened earlier.
EARLIER = [
    text(f'UPDATE "{table}" SET {column} = {column} - make_interval(hours => :hours)')
    for table, column in (
        ("user", "factor_since"),
        ("user", "credentials_changed_at"),
        ("phone", "created_at"),
        ("provider_identity", "created_at"),
        ("email_change", "created_at"),
    )
]


@pytest.fixture
def device(settings: Settings) -> SoftAuthenticator:
    return SoftAuthenticator(settings.relying_party.origins[0])


async def pass_hours(world: World, hours: int) -> None:
    async with world.database.session() as session, session.begin():
        for statement in EARLIER:
            await session.execute(statement, {"hours": hours})


async def set_phone(world: World, client: Client, number: str) -> list[str]:
    secret = await ask(client, "changePhone", number)
    code = await code_of(world, Sealer(world.keys))
    return await client.refusal_codes("confirmPhone", proof(secret, code))


async def enter(world: World, api: Client, user: User, device: SoftAuthenticator) -> None:
    """Add all ways in, as a thief in the owner's session."""
    client = api.signed_in(user)
    assert await set_phone(world, client, new_number()) == []
    await world.save(identity_of(user))
    await turned_on(client)
    assert codes_of(await register(client, device)) == []


async def is_locked_out(api: Client, user: User, password: str) -> bool:
    """Return whether the owner, who has the password alone, is asked for a factor."""
    given = {"email": email_of(user), "password": password}
    return bool((await api.do("logIn", given, STEP))["secondFactor"])


async def ensure_thief_is_out(
    world: World, api: Client, user: User, device: SoftAuthenticator
) -> None:
    assert codes_of(await log_in_by_passkey(api, device)) == ["PASSKEY_REFUSED"]
    assert (await world.fresh(user)).factor_since is None
    async with world.database.session() as session:
        for table in (Phone, ProviderIdentity, TotpFactor, Passkey, RecoveryCode):
            assert (await session.exec(select(table))).all() == []
        assert "RECENT_REMOVED" in (await session.execute(NOTICES)).scalars().all()
        acts = (await session.execute(ACTS, {"user": user.id})).scalars().all()
    assert {"DISABLE_TOTP", "REMOVE_PASSKEY"} <= set(acts)
    assert acts.count("CHANGE_PHONE") == 2, "set, and removed"


async def test_a_reset_removes_what_a_thief_has_added(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await person(world)
    await enter(world, api, user, device)
    assert await reset(api, await asked(world, api, user)) == []
    assert not await is_locked_out(api, user, NEW)
    await ensure_thief_is_out(world, api, user, device)
    async with world.database.session() as session:
        acts = (await session.execute(ACTS, {"user": user.id})).scalars().all()
    assert "UNLINK_PROVIDER" in acts


async def test_a_reset_keeps_what_is_older(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    user = await person(world)
    await enter(world, api, user, device)
    await pass_hours(world, 49)
    assert await reset(api, await asked(world, api, user)) == []
    assert await is_locked_out(api, user, NEW)
    assert codes_of(await log_in_by_passkey(api, device)) == []
    async with world.database.session() as session:
        assert len((await session.exec(select(ProviderIdentity))).all()) == 1


async def test_a_reset_unlinks_what_a_thief_has_linked(world: World, api: Client) -> None:
    """Also beside a factor that is older: an account at a provider is no second factor."""
    user = await person(world)
    await turned_on(api.signed_in(user))
    await pass_hours(world, 49)
    await world.save(identity_of(user))
    assert await reset(api, await asked(world, api, user)) == []
    assert await is_locked_out(api, user, NEW)
    async with world.database.session() as session:
        assert (await session.exec(select(ProviderIdentity))).all() == []


async def test_mail_alone_does_not_turn_factors_off_that_replaced_others(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    """The reader of the mail sees that a new app was set up, and asks for a new password."""
    user = await person(world)
    client = api.signed_in(user)
    await turned_on(client)
    await pass_hours(world, 49)
    await turned_on(client)
    assert codes_of(await register(client, device)) == []
    assert await reset(api, await asked(world, api, user)) == []
    assert await is_locked_out(api, user, NEW)
    assert codes_of(await log_in_by_passkey(api, device)) == []


async def test_an_account_without_factors_starts_anew(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    """A thief who turns the old factor off and adds another one is out too."""
    user = await person(world)
    client = api.signed_in(user)
    await turned_on(client)
    await pass_hours(world, 49)
    assert await call(client, "disableTotp") == []
    assert codes_of(await register(client, device)) == []
    assert await reset(api, await asked(world, api, user)) == []
    assert not await is_locked_out(api, user, NEW)


async def test_an_undone_change_removes_what_was_added_around_it(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    """Sixty hours later, although it was added an hour before the change."""
    user = await person(world)
    await enter(world, api, user, device)
    await pass_hours(world, 1)
    assert await confirm(api, await asked_for(world, api, user, address())) == []
    undo = token_of(await mails(world, user, changed=True))
    await pass_hours(world, 60)
    assert await api.refusal_codes("undoChange", {"token": undo}) == []
    await ensure_thief_is_out(world, api, user, device)
    mail = await read_mail(world, email_of(user))
    link = RESET_LINK.search(mail.body if mail else "")
    assert link is not None
    assert await reset(api, link[1]) == []
    assert not await is_locked_out(api, user, NEW)


async def test_notices_reach_the_address_that_was_given_up(world: World, api: Client) -> None:
    """A thief changes the address first, so that the owner does not see what follows."""
    user, thief = await person(world), address()
    assert await confirm(api, await asked_for(world, api, user, thief)) == []

    async def informed() -> list[str]:
        async with world.database.session() as session:
            notice = SecurityNotice.PASSKEY_ADDED
            sent = await compose_notice(session, world.sealer, user.id, notice, now())
        return [mail.to for mail in sent]

    assert await informed() == [thief, email_of(user)]
    undo = token_of(await mails(world, user, changed=True))
    assert await api.refusal_codes("undoChange", {"token": undo}) == []
    assert await informed() == [email_of(user)]


async def test_a_sign_in_with_a_factor_does_not_suffice_to_change_factors(
    world: World, api: Client, device: SoftAuthenticator
) -> None:
    """A thief of the session could add a factor right after it, and that would stay."""
    user = await person(world)
    assert codes_of(await register(api.signed_in(user), device)) == []
    opened = (await log_in_by_passkey(api, device))["session"]
    client = api.bearing(opened["accessToken"])
    for name in ("enableTotp", "regenerateRecoveryCodes"):
        assert await call(client, name) == ["STEP_UP_REQUIRED"]
    start = await started(client, "STEP_UP")
    answer = {"challengeId": start["challengeId"], "credential": device.get(start["options"])}
    assert await client.refusal_codes("reauthenticate", {"passkey": answer}) == []
    assert await call(client, "regenerateRecoveryCodes") == []


@pytest.mark.parametrize("changed", ["password", "reset", "email", "phone"])
async def test_no_api_token_for_48_hours(world: World, api: Client, changed: str) -> None:
    """A program's token outlives the session, and what the owner can still undo."""
    user = await person(world)
    client = api.signed_in(user)
    assert await client.refusal_codes("createApiToken", TOKEN) == []
    if changed == "password":
        assert await change(client) == []
    elif changed == "reset":
        assert await reset(api, await asked(world, api, user)) == []
        tokens = await log_in(api, user, NEW)
        assert tokens is not None
        client = api.bearing(tokens["accessToken"])
    elif changed == "email":
        assert await confirm(api, await asked_for(world, api, user, address())) == []
    else:
        assert await set_phone(world, client, new_number()) == []
    for hours in (0, 47):
        await pass_hours(world, hours)
        assert await client.refusal_codes("createApiToken", TOKEN) == ["ACCOUNT_RECENTLY_CHANGED"]
    await pass_hours(world, 2)
    assert await client.refusal_codes("createApiToken", TOKEN) == []


async def test_a_number_that_becomes_another_accounts_does_not_restrict_the_former_one(
    world: World, api: Client
) -> None:
    former, user, number = await person(world), await person(world), new_number()
    await set_number(world, Sealer(world.keys), former, number)
    assert await set_phone(world, api.signed_in(user), number) == []
    assert await api.signed_in(former).refusal_codes("createApiToken", TOKEN) == []
    rows = text("SELECT count(*) FROM audit_entry WHERE act = 'CHANGE_PHONE' AND subject_id = :id")
    async with world.database.session() as session:
        counts = [
            (await session.execute(rows, {"id": one.id})).scalar_one() for one in (former, user)
        ]
    assert counts == [1, 1], "the loss is an entry of the former owner"
