"""Signing in with accounts at providers: whose account it is, and when one is created."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from core.clock import now
from core.database import Database
from models.identity.accounts import User
from models.identity.providers import ProviderFlow, ProviderIdentity, ProviderPurpose
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.factors import answer_for, answer_of, identity_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.browser import BrowserPages
from tests.resolvers.identity.mailbox import read_mail
from tests.resolvers.identity.providers.redirects import LOGGED_IN, SignInShop
from tests.resolvers.identity.signing_in import codes_of, second_step

NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
VERIFIED = "session { accessToken } viewer { id email }"


async def log_in(api: Client, proof: dict[str, str], **more: str) -> dict[str, Any]:
    return await api.do("logInWithProvider", {**proof, **more}, LOGGED_IN)


async def links(database: Database) -> dict[Any, Any]:
    """Return the subjects that are linked, by user."""
    async with database.session() as session:
        rows = (await session.exec(select(ProviderIdentity))).all()
    return {row.user_id: row.subject for row in rows}


async def notices(database: Database) -> list[str]:
    async with database.session() as session:
        return list((await session.execute(NOTICES)).scalars())


async def verify(api: Client, payload: dict[str, Any], code: str) -> dict[str, Any]:
    given = {"registrationSecret": payload["registrationSecret"], "code": code}
    return await api.do("verifyEmail", given, VERIFIED)


async def test_a_new_user_of_google_and_the_same_one_again(world: World, shop: SignInShop) -> None:
    shop.provider.is_honest(email="asha@gmail.com", email_verified=True)
    first = await shop.log_in()
    assert codes_of(first) == []
    assert first["viewer"]["email"] == "asha@gmail.com"
    shop.provider.person["email"] = "renamed@gmail.com"
    again = await shop.log_in()
    assert again["viewer"] == first["viewer"], "found by the subject, not by the address"
    client = shop.api.bearing(again["session"]["accessToken"])
    fields = "name providerIdentities { provider lastUsedAt }"
    viewer = (await client.ask(f"{{ viewer {{ {fields} }} }}"))["viewer"]
    assert viewer["name"] == "Asha"
    (identity,) = viewer["providerIdentities"]
    assert identity["provider"] == "GOOGLE"
    assert await notices(world.database) == []


async def test_a_user_of_facebook_verifies_an_address(world: World, shop: SignInShop) -> None:
    """Users without an address are not the same user."""
    shop.provider.is_honest()
    proof = await shop.proof(provider="FACEBOOK")
    refused = await log_in(shop.api, proof)
    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("DETAILS_NEEDED", ["email"])
    ]
    asked = await log_in(shop.api, proof, email="Asha@Shop.example")
    assert (asked["session"], asked["errors"]) == (None, [])
    code = (await read_mail(world, "asha@shop.example")).code
    done = await verify(shop.api, asked, code)
    assert done["viewer"]["email"] == "asha@shop.example"
    assert (await shop.log_in(provider="FACEBOOK"))["viewer"] == done["viewer"]
    shop.provider.is_honest()
    assert codes_of(await shop.log_in(provider="FACEBOOK")) == ["DETAILS_NEEDED"]


async def test_an_account_is_linked_on_a_proven_address(world: World, api: Client) -> None:
    user = await world.user(email="asha@gmail.com")
    answer = answer_of(world.sealer, email="asha@gmail.com")
    await world.save(answer.row)
    payload = await log_in(api, answer.proof)
    assert payload["viewer"]["email"] == email_of(user)
    assert await links(world.database) == {user.id: answer.row.subject}
    assert await notices(world.database) == ["PROVIDER_LINKED"]
    password = {"email": email_of(user), "password": PASSWORD}
    assert await api.refusal_codes("logIn", password) == []


async def test_no_account_is_linked_on_another_address(world: World, api: Client) -> None:
    """The mail states that the address has an account, and has no code."""
    user = await world.user(email="asha@shop.example")
    answer = answer_of(world.sealer, email=email_of(user), email_proven=False)
    await world.save(answer.row)
    payload = await log_in(api, answer.proof)
    assert (payload["session"], payload["viewer"]) == (None, None)
    proof = await read_mail(world, email_of(user))
    assert (proof.code, "already has one" in proof.mail.body) == ("", True)
    assert codes_of(await verify(api, payload, "000000")) == ["CODE_WRONG"]
    assert await links(world.database) == {}


async def test_an_address_that_moved_to_another_person(world: World, api: Client) -> None:
    """A domain gives the address of a former employee to a new one."""
    user = await world.user(email="sales@shop.example")
    answer = answer_of(world.sealer, email=email_of(user))
    await world.save(identity_of(user), answer.row)
    payload = await log_in(api, answer.proof)
    assert (payload["session"], payload["secondFactor"]) == (None, None)
    assert await links(world.database) == {user.id: user.id.hex}


async def test_the_second_factor_is_asked_for_before_the_link(world: World, api: Client) -> None:
    user = await world.user(email="asha@gmail.com")
    app = await world.totp(user)
    answer = answer_of(world.sealer, email="asha@gmail.com")
    await world.save(answer.row)
    payload = await log_in(api, answer.proof)
    assert (payload["session"], payload["viewer"]) == (None, None)
    challenge_id = payload["secondFactor"]["challengeId"]
    wrong = await second_step(api, challenge_id, totp=app.wrong_code())
    assert codes_of(wrong) == ["FACTOR_WRONG"]
    assert await links(world.database) == {}
    assert codes_of(await second_step(api, challenge_id, totp=app.code())) == []
    assert await links(world.database) == {user.id: answer.row.subject}
    again = answer_of(world.sealer, subject=answer.row.subject)
    await world.save(again.row)
    assert (await log_in(api, again.proof))["secondFactor"] is not None


async def test_an_attacker_who_registered_the_address_first(world: World, api: Client) -> None:
    waiting = await world.registration(email="asha@gmail.com")
    answer = answer_of(world.sealer, email="asha@gmail.com")
    await world.save(answer.row)
    payload = await log_in(api, answer.proof)
    assert payload["viewer"]["email"] == "asha@gmail.com"
    verified = {"registrationSecret": waiting.secret, "code": waiting.code}
    assert await api.refusal_codes("verifyEmail", verified) == ["EMAIL_TAKEN"]
    password = {"email": "asha@gmail.com", "password": PASSWORD}
    assert await api.refusal_codes("logIn", password) == ["WRONG_CREDENTIALS"]


async def test_an_attacker_who_entered_the_address_of_a_stranger(world: World, api: Client) -> None:
    """The stranger opens the link of the mail: the attacker's account is not linked."""
    answer = answer_of(world.sealer, email=None, email_proven=False)
    await world.save(answer.row)
    await log_in(api, answer.proof, email="victim@shop.example")
    token = (await read_mail(world, "victim@shop.example")).token
    assert await api.refusal_codes("verifyEmail", {"token": token}) == ["PASSWORD_NEEDED"]
    given = {"token": token, "password": "kitchen-ladder-74"}
    assert await api.refusal_codes("verifyEmail", given) == []
    assert await links(world.database) == {}


async def test_a_name_that_users_cannot_have_is_asked_for(world: World, shop: SignInShop) -> None:
    shop.provider.is_honest(email="a@gmail.com", email_verified=True, name="visit evil.com")
    proof = await shop.proof()
    refused = await log_in(shop.api, proof)
    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("DETAILS_NEEDED", ["name"])
    ]
    assert codes_of(await log_in(shop.api, proof, name="Asha")) == []


@pytest.mark.parametrize(
    "ended", ["verifier", "purpose", "expired", "unknown"], ids=lambda name: name
)
async def test_an_answer_is_for_its_client_and_purpose(
    world: World, api: Client, ended: str
) -> None:
    user = await world.user()
    values = {"expires_at": now()} if ended == "expired" else {}
    answer = answer_of(world.sealer, **values)
    if ended == "purpose":
        answer = answer_for(world.sealer, user, ProviderPurpose.LINK)
    proof = dict(answer.proof)
    proof |= {"codeVerifier": "v" * 43} if ended == "verifier" else {}
    proof |= {"flow": "unknown"} if ended == "unknown" else {}
    await world.save(answer.row)
    assert codes_of(await log_in(api, proof)) == ["FLOW_ENDED"]
    async with world.database.session() as session:
        assert (await session.exec(select(ProviderFlow.used_at))).one() is None


async def test_mails_to_an_address_are_limited(world: World, api: Client) -> None:
    """An answer that was refused for that can be used later."""
    answers = [
        answer_of(world.sealer, email="many@shop.example", email_proven=False) for _ in range(4)
    ]
    await world.save(*(one.row for one in answers))
    for answer in answers[:3]:
        assert codes_of(await log_in(api, answer.proof)) == []
    last = answers[3].proof
    assert await api.mutation_failed("logInWithProvider", last) == ["RATE_LIMITED"]
    assert codes_of(await log_in(api, last, email="other@shop.example")) == []


async def test_the_audit_log_has_the_sign_in(world: World, api: Client) -> None:
    answer = answer_of(world.sealer)
    await world.save(answer.row)
    await log_in(api, answer.proof)
    acts = text("SELECT act FROM audit_entry WHERE outcome = 'DONE' ORDER BY act")
    async with world.database.session() as session:
        found = list((await session.execute(acts)).scalars())
    assert found == ["CREATE_ACCOUNT", "LINK_PROVIDER", "LOG_IN"]


async def test_a_new_password_ends_no_link(world: World, api: Client) -> None:
    user = await world.user()
    answer = answer_of(world.sealer, subject=user.id.hex)
    await world.save(identity_of(user), answer.row)
    async with world.database.session() as session, session.begin():
        await session.exec(update(User).where(col(User.id) == user.id).values(epoch=1))
    assert (await log_in(api, answer.proof))["viewer"]["email"] == email_of(user)


async def test_a_browser_is_signed_in_after_the_redirects_although_its_cookie_is_strict(
    world: World, shop: SignInShop
) -> None:
    """The page that the provider leads back to signs in by a request of its own origin."""
    shop.provider.is_honest(email="asha@gmail.com", email_verified=True)
    proof = await shop.proof()
    pages = BrowserPages(shop.api.http)
    payload = await pages.do("logInWithProvider", proof, "viewer { email csrfToken }")
    assert payload["viewer"]["email"] == "asha@gmail.com"
    assert pages.cookie is not None
    assert await pages.ask("{ viewer { email } }") == {"viewer": {"email": "asha@gmail.com"}}
