"""A forgotten password: the request, its mail, and the link."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.clock import now
from gateways.mail import MailMessage
from models.identity.accounts import User
from models.identity.password_resets import PasswordReset
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.identity.passwords.reset_mail import compose_reset
from tests.client import Client
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.identity.refreshing import refusal

EVIL = "192.0.2.66"
NEW = "kitchen-ladder-74"
LINK = re.compile(r"^https://haat\.example/auth/password#(\S+)$", re.MULTILINE)
REQUEST = """
mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { errors { code } }
}"""
TOKENS = "session { accessToken refreshToken }"
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
JOBS = text("SELECT args::text FROM procrastinate_jobs")
ACTS = text("SELECT act, outcome, code FROM audit_entry WHERE act = 'RESET_PASSWORD'")


async def person(world: World) -> User:
    return await world.user(email=f"{uuid4().hex}@haat.example")


async def request(api: Client, email: str) -> list[str]:
    return await api.refusal_codes("requestPasswordReset", {"email": email})


async def read_mail(world: World, email: str) -> MailMessage | None:
    """Return the mail that the newest request for an address gets now."""
    newest = (
        select(PasswordReset.id)
        .where(has_email(PasswordReset, lookup_email(world.sealer, email)))
        .order_by(col(PasswordReset.id).desc())
    )
    async with world.database.session() as session, session.begin():
        reset_id = (await session.exec(newest)).first()
        assert reset_id is not None
        return await compose_reset(session, world.sealer, reset_id, "https://haat.example")


async def asked(world: World, api: Client, user: User) -> str:
    """Ask for a new password, and return the token of the link."""
    assert await request(api, email_of(user)) == []
    mail = await read_mail(world, email_of(user))
    assert mail is not None
    link = LINK.search(mail.body)
    assert link is not None
    return link[1]


async def reset(api: Client, token: str, password: str = NEW) -> list[str]:
    return await api.refusal_codes("resetPassword", {"token": token, "password": password})


async def log_in(api: Client, user: User, password: str) -> dict[str, str] | None:
    account = {"email": email_of(user), "password": password}
    tokens: dict[str, str] | None = (await api.do("logIn", account, TOKENS))["session"]
    return tokens


async def test_a_reset_replaces_the_password_and_ends_everything(world: World, api: Client) -> None:
    user = await person(world)
    tokens = await log_in(api, user, PASSWORD)
    assert tokens is not None
    _, secret = await world.api_token(user)
    assert await reset(api, await asked(world, api, user)) == []
    assert await refusal(api, tokens) == ["SESSION_ENDED"]
    for client in (api.bearing(tokens["accessToken"]), api.bearing(secret), api.signed_in(user)):
        assert await client.failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    assert await log_in(api, user, PASSWORD) is None
    assert await log_in(api, user, NEW)
    async with world.database.session() as session:
        assert (await session.execute(NOTICES)).scalars().all() == ["PASSWORD_CHANGED"]
        assert (await session.execute(ACTS)).all() == [("RESET_PASSWORD", "DONE", None)]


async def test_a_link_works_once_and_a_newer_one_voids_it(world: World, api: Client) -> None:
    user = await person(world)
    older, newer = [await asked(world, api, user) for _ in range(2)]
    assert await reset(api, older) == ["LINK_ENDED"]
    assert await reset(api, newer, "12345678") == ["PASSWORD_WEAK"], "which uses nothing up"
    assert await reset(api, newer) == []
    assert await reset(api, newer) == ["LINK_ENDED"]


@pytest.mark.parametrize("change", ["expired", "another address", "another epoch"])
async def test_a_link_ends_with_what_it_was_sent_for(
    world: World, api: Client, change: str
) -> None:
    user = await person(world)
    token = await asked(world, api, user)
    async with world.database.session() as session, session.begin():
        row = (await session.exec(select(PasswordReset))).one()
        owner = await session.get_one(User, user.id)
        if change == "expired":
            row.expires_at = now() - timedelta(seconds=1)
        elif change == "another address":
            give_email(world.sealer, owner, f"{uuid4().hex}@haat.example")
        else:
            owner.epoch += 1
    query = "query ($token: String!) { authLink(token: $token) { purpose } }"
    assert (await api.ask(query, token=token))["authLink"] is None
    assert await reset(api, token) == ["LINK_ENDED"]
    assert await log_in(api, user, NEW) is None


async def test_a_link_is_looked_up_without_being_used(world: World, api: Client) -> None:
    user = await person(world)
    token = await asked(world, api, user)
    query = "query ($token: String!) { authLink(token: $token) { purpose email accountExists } }"
    found = {"purpose": "RESET_PASSWORD", "email": email_of(user), "accountExists": True}
    for _ in range(2):
        assert (await api.ask(query, token=token))["authLink"] == found
    assert await reset(api, token) == []


async def test_an_unknown_address_is_answered_as_a_known_one(world: World, api: Client) -> None:
    """With the same statements, none of which looks for the account; and it gets no mail."""
    user, nobody = await person(world), f"{uuid4().hex}@haat.example"
    known, unknown = [
        await statements(api, REQUEST, input={"email": email}) for email in (email_of(user), nobody)
    ]
    assert known == unknown
    assert not any('FROM "user"' in statement for statement in known)
    assert await read_mail(world, nobody) is None
    assert await reset(api, "") == ["LINK_ENDED"], "its row has no token"


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "Origin", "Referer"])
async def test_no_header_of_the_request_reaches_the_mail(
    world: World, api: Client, header: str
) -> None:
    """A worker writes the links, of `PUBLIC_URL`, and gets the id of the request alone.

    Requests for other names are refused, but not those for other IP addresses.
    """
    user = await person(world)
    headers = {header: f"{'host=' if header == 'Forwarded' else ''}{EVIL}"}
    assert await request(replace(api, headers=headers), email_of(user)) == []
    async with world.database.session() as session:
        job = (await session.execute(JOBS)).scalar_one()
        (row,) = (await session.exec(select(PasswordReset))).all()
    assert EVIL not in f"{job}{row}"
    mail = await read_mail(world, email_of(user))
    assert mail is not None
    assert re.findall(r"https?://\S+?(?=/)", mail.body) == ["https://haat.example"]


async def test_requests_are_limited_per_address(world: World, api: Client) -> None:
    """And not only those of addresses with accounts, or the limit would reveal them."""
    for email in (email_of(await person(world)), f"{uuid4().hex}@haat.example"):
        for _ in range(3):
            assert await request(api, email) == []
        assert await api.mutation_failed("requestPasswordReset", {"email": email}) == [
            "RATE_LIMITED"
        ]
    assert await request(api, "no address") == ["INVALID_INPUT"]


async def test_the_mail_is_in_the_language_of_the_user(world: World, api: Client) -> None:
    user = await world.user(email=f"{uuid4().hex}@haat.example", locale="de-CH")
    assert await request(api, email_of(user).upper()) == []
    mail = await read_mail(world, email_of(user))
    assert mail is not None
    assert mail.subject == "Wähle ein neues Passwort für Haat"
    assert user.name not in mail.body
