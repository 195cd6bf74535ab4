"""Every mutation that returns a session asks for the second factor of a user who has one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from core.clock import now
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User, UserState
from models.privacy import AccountDeletion
from tests.authenticator import SoftAuthenticator
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.factors import answer_of, identity_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.credentials.test_change_password import change
from tests.resolvers.identity.credentials.test_confirm_second_factor import sessions_of
from tests.resolvers.identity.credentials.test_passkeys import log_in as log_in_by_passkey
from tests.resolvers.identity.credentials.test_password_reset import NEW, asked, reset
from tests.resolvers.identity.phones.test_phone_codes import ask, code_of, new_number, set_number
from tests.resolvers.identity.registering import register
from tests.resolvers.identity.sign_ins.test_reauthenticate import FRESH
from tests.resolvers.identity.signing_in import STEP, challenge_of, codes_of, second_step

Given = dict[str, Any]


@pytest.fixture
def device(settings: Settings) -> SoftAuthenticator:
    return SoftAuthenticator(settings.relying_party.origins[0])


async def by_password(world: World, api: Client, keys: SigningKeys, user: User) -> Given:
    return {"email": email_of(user), "password": PASSWORD}


async def by_phone(world: World, api: Client, keys: SigningKeys, user: User) -> Given:
    number, sealer = new_number(), Sealer(keys)
    await set_number(world, sealer, user, number)
    secret = await ask(api, "requestLoginCode", number)
    return {"challengeId": secret, "code": await code_of(world, sealer)}


async def by_provider(world: World, api: Client, keys: SigningKeys, user: User) -> Given:
    identity = identity_of(user)
    answer = answer_of(world.sealer, subject=identity.subject)
    await world.save(identity, answer.row)
    return answer.proof


# The first steps of a sign-in, each with its input.
FIRST_STEPS: dict[str, Callable[[World, Client, SigningKeys, User], Awaitable[Given]]] = {
    "logIn": by_password,
    "logInWithCode": by_phone,
    "logInWithProvider": by_provider,
}
OTHERS = {
    "confirmSecondFactor": "is the second step",
    "logInWithPasskey": "the passkey has verified the user, so it is both factors",
    "register": "its session is null, and stays in the schema for old clients",
    "refreshSession": "keeps a session, which the factor has opened",
    "verifyEmail": "opens the first session of a new account, which has no factor",
}


def returning_sessions(graph: GraphQLSchema) -> set[str]:
    assert graph.mutation_type is not None
    payloads = {
        name: get_named_type(field.type) for name, field in graph.mutation_type.fields.items()
    }
    return {
        name
        for name, kind in payloads.items()
        if isinstance(kind, GraphQLObjectType)
        and any(get_named_type(one.type).name == "Session" for one in kind.fields.values())
    }


def test_every_mutation_that_returns_a_session_is_known(graph: GraphQLSchema) -> None:
    assert returning_sessions(graph) == FIRST_STEPS.keys() | OTHERS.keys()


@pytest.mark.parametrize("name", FIRST_STEPS)
async def test_a_first_step_opens_no_session(
    world: World, api: Client, keys: SigningKeys, name: str
) -> None:
    user = await world.user()
    app = await world.totp(user)
    given = await FIRST_STEPS[name](world, api, keys, user)
    step = await api.do(name, given, f"viewer {{ id }} {STEP}")
    assert codes_of(step) == []
    assert (step["session"], step["viewer"]) == (None, None)
    assert await sessions_of(world, user) == 0
    assert step["secondFactor"]["methods"] == ["TOTP", "RECOVERY_CODE"]
    opened = await second_step(api, step["secondFactor"]["challengeId"], totp=app.code())
    assert opened["viewer"] == {"id": gid(user)}


async def test_a_new_password_opens_no_session_without_the_factor(
    world: World, api: Client
) -> None:
    user = await world.user()
    await world.totp(user)
    assert await reset(api, await asked(world, api, user)) == []
    assert await sessions_of(world, user) == 0
    step = await api.do("logIn", {"email": email_of(user), "password": NEW}, STEP)
    assert step["session"] is None
    assert step["secondFactor"]["methods"] == ["TOTP", "RECOVERY_CODE"]


@pytest.mark.parametrize("way", ["reset", "change"])
async def test_a_new_password_ends_open_challenges(world: World, api: Client, way: str) -> None:
    user = await world.user()
    app, client = await world.totp(user), api.signed_in(user)
    challenge_id = await challenge_of(api, user)
    if way == "reset":
        assert await reset(api, await asked(world, api, user)) == []
    else:
        assert await client.refusal_codes("reauthenticate", {"totp": app.code(steps=-1)}) == []
        assert await change(client) == []
    refused = await second_step(api, challenge_id, totp=app.code())
    assert codes_of(refused) == ["CHALLENGE_ENDED"]


@pytest.mark.parametrize("name", FRESH)
async def test_a_password_is_no_step_up_for_a_user_with_a_factor(
    world: World, api: Client, name: str
) -> None:
    """The session is new, as after a password alone."""
    user = await world.user()
    await world.totp(user)
    make_input, _ = FRESH[name]
    input = make_input()
    declared = f"($input: {name[0].upper()}{name[1:]}Input!)" if input else ""
    given = "(input: $input)" if input else ""
    fields = "errors { code ... on StepUpRequired { methods } }"
    query = f"mutation {declared} {{ {name}{given} {{ {fields} }} }}"
    answer = await api.signed_in(user).ask(query, input=input)
    assert answer[name]["errors"] == [{"code": "STEP_UP_REQUIRED", "methods": ["TOTP"]}]


async def suspend(world: World, user: User) -> None:
    user.state = UserState.SUSPENDED
    await world.save(user)


async def let_deletion_be_due(world: World, user: User) -> None:
    """From then on, the erasure may have begun."""
    asked_at = now() - timedelta(days=14)
    await world.save(AccountDeletion(user_id=user.id, created_at=asked_at, due_at=now()))


CLOSED = {"USER_SUSPENDED": suspend, "WRONG_CREDENTIALS": let_deletion_be_due}


@pytest.mark.parametrize("code", CLOSED)
@pytest.mark.parametrize("name", FIRST_STEPS)
async def test_no_first_step_leads_to_a_closed_account(
    world: World, api: Client, keys: SigningKeys, name: str, code: str
) -> None:
    user = await world.user()
    given = await FIRST_STEPS[name](world, api, keys, user)
    await CLOSED[code](world, user)
    assert await api.refusal_codes(name, given) == [code]
    assert await sessions_of(world, user) == 0


@pytest.mark.parametrize("code", CLOSED)
async def test_no_factor_leads_to_a_closed_account(
    world: World, api: Client, device: SoftAuthenticator, code: str
) -> None:
    user = await world.user()
    assert codes_of(await register(api.signed_in(user), device)) == []
    app = await world.totp(user)
    challenge_id = await challenge_of(api, user)
    await CLOSED[code](world, user)
    assert codes_of(await log_in_by_passkey(api, device)) == [code]
    assert codes_of(await second_step(api, challenge_id, totp=app.code())) == [code]
    assert await sessions_of(world, user) == 0
