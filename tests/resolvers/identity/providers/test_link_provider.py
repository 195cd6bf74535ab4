"""Linking accounts at providers, unlinking them, and stepping up with one."""

from typing import Any

import pytest
from sqlmodel import col, update

from core.clock import now
from models.identity.accounts import User
from models.identity.providers import ProviderPurpose, SignInProvider
from models.scopes import ApiScope
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.factors import answer_for, identity_of, passkey_of
from tests.factories.world import World
from tests.resolvers.identity.providers.redirects import SignInShop
from tests.resolvers.identity.providers.test_log_in_with_provider import links, notices
from tests.resolvers.identity.sign_ins.test_reauthenticate import in_session
from tests.resolvers.identity.signing_in import codes_of

OWN = "{ viewer { providerIdentities { id provider } } }"
LINKED = "providerIdentity { id provider }"
STEP_UP = """
mutation ($input: UnlinkProviderInput!) {
  unlinkProvider(input: $input) { errors { code message ... on StepUpRequired { methods } } }
}"""


async def link(client: Client, user: User, world: World, **values: Any) -> list[str]:
    answer = answer_for(world.sealer, user, ProviderPurpose.LINK, **values)
    await world.save(answer.row)
    return await client.refusal_codes("linkProvider", answer.proof)


async def remove_password(world: World, user: User) -> None:
    async with world.database.session() as session, session.begin():
        await session.exec(update(User).where(col(User.id) == user.id).values(password_hash=None))


async def test_link_over_the_redirect_and_unlink(world: World, shop: SignInShop) -> None:
    user = await world.user()
    client = shop.api.signed_in(user)
    proof = await shop.proof(client, purpose="LINK")
    payload = await client.do("linkProvider", proof, LINKED)
    assert codes_of(payload) == []
    assert (await client.ask(OWN))["viewer"]["providerIdentities"] == [payload["providerIdentity"]]
    assert (await shop.log_in())["viewer"]["email"] == email_of(user)
    given = {"providerIdentityId": payload["providerIdentity"]["id"]}
    assert await client.refusal_codes("unlinkProvider", given) == []
    assert await links(world.database) == {}
    assert await notices(world.database) == ["PROVIDER_LINKED", "PROVIDER_UNLINKED"]


async def test_an_answer_belongs_to_who_asked_for_it(world: World, api: Client) -> None:
    user, thief = await world.user(), await world.user()
    answer = answer_for(world.sealer, user, ProviderPurpose.LINK)
    await world.save(answer.row)
    assert await api.mutation_failed("linkProvider", answer.proof) == ["UNAUTHENTICATED"]
    stolen = await api.signed_in(thief).refusal_codes("linkProvider", answer.proof)
    assert stolen == ["FLOW_ENDED"]
    async with world.database.session() as session, session.begin():
        await session.exec(update(User).where(col(User.id) == user.id).values(epoch=1))
    ended = await api.signed_in(user).refusal_codes("linkProvider", answer.proof)
    assert ended == ["FLOW_ENDED"], "the password has changed since"


async def test_one_account_signs_in_to_one(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    client = api.signed_in(user)
    assert await link(client, user, world, subject="1") == []
    assert await link(client, user, world, subject="1") == [], "it is linked already"
    assert await link(client, user, world, subject="2") == ["PROVIDER_ALREADY_LINKED"]
    refused = await link(api.signed_in(other), other, world, subject="1")
    assert refused == ["PROVIDER_ACCOUNT_TAKEN"]
    facebook = {"provider": SignInProvider.FACEBOOK, "subject": "1"}
    assert await link(client, user, world, **facebook) == [], "another provider's subject"


async def test_unlink_as_others(world: World, api: Client) -> None:
    user, stranger = await world.user(), await world.user()
    identity = identity_of(user)
    await world.save(identity)
    given = {"providerIdentityId": gid(identity)}
    assert await api.mutation_failed("unlinkProvider", given) == ["UNAUTHENTICATED"]
    assert await api.signed_in(stranger).refusal_codes("unlinkProvider", given) == ["NOT_FOUND"]
    _, secret = await world.api_token(user, *ApiScope)
    program = api.bearing(secret)
    assert await program.mutation_failed("unlinkProvider", given) == ["FORBIDDEN"]
    viewer = (await program.ask(OWN))["viewer"]
    assert viewer["providerIdentities"] is None
    assert await world.fresh(identity) is not None


@pytest.mark.parametrize("other", ["none", "passkey", "facebook", "password"])
async def test_the_last_way_in_stays(world: World, api: Client, other: str) -> None:
    user = await world.user()
    identity = identity_of(user)
    await world.save(identity)
    if other != "password":
        await remove_password(world, user)
    if other == "facebook":
        await world.save(identity_of(user, SignInProvider.FACEBOOK))
    if other == "passkey":
        await world.save(passkey_of(user))
    client = await in_session(world, api, user, minutes_ago=0, factor_at=now())
    refused = await client.refusal_codes("unlinkProvider", {"providerIdentityId": gid(identity)})
    assert refused == (["LAST_WAY_IN"] if other == "none" else [])


async def test_a_passkey_beside_a_provider_can_be_removed(world: World, api: Client) -> None:
    user = await world.user()
    passkey = passkey_of(user)
    await world.save(passkey, identity_of(user))
    await remove_password(world, user)
    client = await in_session(world, api, user, minutes_ago=1, factor_at=now())
    assert await client.refusal_codes("removePasskey", {"passkeyId": gid(passkey)}) == []


async def test_a_user_without_a_password_steps_up_with_the_provider(
    world: World, api: Client
) -> None:
    user = await world.user()
    identity, spare = identity_of(user), identity_of(user, SignInProvider.FACEBOOK)
    await world.save(identity, spare)
    await remove_password(world, user)
    client = await in_session(world, api, user, minutes_ago=11)
    unlink = {"providerIdentityId": gid(spare)}
    payload = (await client.ask(STEP_UP, input=unlink))["unlinkProvider"]
    (error,) = payload["errors"]
    assert (error["code"], error["methods"]) == ("STEP_UP_REQUIRED", ["PROVIDER"])
    assert "Sign in with the provider again" in error["message"]

    async def prove(**values: Any) -> list[str]:
        answer = answer_for(world.sealer, user, ProviderPurpose.STEP_UP, **values)
        await world.save(answer.row)
        given = {"provider": answer.proof}
        return await client.refusal_codes("reauthenticate", given)

    stranger = await world.user()
    await world.save(identity_of(stranger))
    assert await prove(subject=stranger.id.hex) == ["WRONG_CREDENTIALS"]
    assert await prove(subject="unknown") == ["WRONG_CREDENTIALS"]
    assert await prove(subject=identity.subject) == []
    assert await client.refusal_codes("unlinkProvider", unlink) == []


async def test_a_provider_is_no_second_factor(world: World, api: Client) -> None:
    user = await world.user()
    identity = identity_of(user)
    await world.save(identity)
    await world.totp(user)
    answer = answer_for(world.sealer, user, ProviderPurpose.STEP_UP, subject=identity.subject)
    await world.save(answer.row)
    client = api.signed_in(user)
    given = {"provider": answer.proof}
    assert await client.refusal_codes("reauthenticate", given) == ["STEP_UP_REQUIRED"]
