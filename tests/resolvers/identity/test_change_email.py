"""Another email address: confirmed at the new one, announced to the old one, and undone."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from gateways.mail import MailMessage
from models.identity.accounts import User
from models.identity.email_changes import EmailChange
from services.identity.addresses.email_change_mail import compose_change, compose_changed
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.factors import identity_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.credentials.test_password_reset import NEW, asked, log_in, reset
from tests.resolvers.identity.credentials.test_password_reset import read_mail as read_reset
from tests.resolvers.identity.mailbox import read_mail as read_verification

LINK = re.compile(r"^https://haat\.example/auth/(?:email|undo)#(\S+)$", re.MULTILINE)
AGED = text("UPDATE user_session SET signed_in_at = signed_in_at - interval '11 minutes'")
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
PURPOSE = "query ($token: String!) { authLink(token: $token) { purpose email } }"
FIELDS = "viewer { id } session { expiresIn }"
URL = "https://haat.example"


def address() -> str:
    return f"{uuid4().hex}@haat.example"


async def person(world: World) -> User:
    return await world.user(email=address(), locale="de")


async def change(client: Client, email: str) -> list[str]:
    return await client.refusal_codes("changeEmail", {"email": email})


async def confirm(client: Client, token: str) -> list[str]:
    return await client.refusal_codes("verifyEmail", {"token": token})


async def mails(world: World, user: User, *, changed: bool = False) -> MailMessage:
    """Return the mail to the new address, or to the old one, of the newest change."""
    newest = (
        select(EmailChange.id).where(EmailChange.user_id == user.id).order_by(EmailChange.id.desc())  # type: ignore[attr-defined]
    )
    async with world.database.session() as session, session.begin():
        id = (await session.exec(newest)).first()
        assert id is not None
        mail = await (compose_changed if changed else compose_change)(
            session, world.sealer, id, URL
        )
    assert mail is not None
    return mail


def token_of(mail: MailMessage) -> str:
    link = LINK.search(mail.body)
    assert link is not None
    return link[1]


async def asked_for(world: World, api: Client, user: User, email: str) -> str:
    assert await change(api.signed_in(user), email) == []
    return token_of(await mails(world, user))


async def test_a_change_is_confirmed_at_the_new_address(world: World, api: Client) -> None:
    user, email = await person(world), address()
    assert await change(api.signed_in(user), email.upper()) == []
    async with world.database.session() as session:
        assert (await session.execute(NOTICES)).scalars().all() == ["EMAIL_CHANGE_REQUESTED"]
    mail = await mails(world, user)
    assert (mail.to, mail.subject) == (email, "Bestätige deine neue E-Mail-Adresse für Haat")
    assert user.name not in mail.body
    assert email_of(user) not in mail.body
    assert await world.email(user) == email_of(user), "nothing has changed yet"
    token = token_of(mail)
    found = (await api.ask(PURPOSE, token=token))["authLink"]
    assert found == {"purpose": "CHANGE_EMAIL", "email": email}
    own = await api.signed_in(user).do("verifyEmail", {"token": token}, "viewer { email }")
    assert own == {"viewer": {"email": email}, "errors": []}
    told = await mails(world, user, changed=True)
    assert told.to == email_of(user)
    assert await confirm(api, token) == ["CODE_ENDED"], "it is used once"
    given = {"email": email, "password": PASSWORD}
    assert await api.refusal_codes("logIn", given) == []


async def test_a_stranger_learns_nothing_of_the_account(world: World, api: Client) -> None:
    """The address may be mistyped, so that another person opens the link."""
    user, other = await person(world), await world.user()
    for client in (api, api.signed_in(other)):
        token = await asked_for(world, api, user, address())
        payload = await client.do("verifyEmail", {"token": token}, FIELDS)
        assert payload == {"viewer": None, "session": None, "errors": []}
    assert await world.email(other) == email_of(other)


async def test_an_address_of_another_account_is_refused_after_the_proof(
    world: World, api: Client
) -> None:
    user, other = await person(world), await person(world)
    token = await asked_for(world, api, user, email_of(other))
    assert await confirm(api, token) == ["EMAIL_TAKEN"]
    assert await world.email(user) == email_of(user)


async def test_a_pending_change_ends(world: World, api: Client) -> None:
    """With a newer one, with the password, and after a day."""
    user = await person(world)
    older = await asked_for(world, api, user, address())
    newer = await asked_for(world, api, user, address())
    assert await confirm(api, older) == ["CODE_ENDED"]
    given = {"current": PASSWORD, "password": NEW}
    assert await api.signed_in(user).refusal_codes("changePassword", given) == []
    assert await confirm(api, newer) == ["CODE_ENDED"]
    late = await asked_for(world, api, user, address())
    async with world.database.session() as session, session.begin():
        for row in (await session.exec(select(EmailChange))).all():
            row.expires_at = now() - timedelta(seconds=1)
    assert await confirm(api, late) == ["CODE_ENDED"]
    assert await world.email(user) == email_of(user)


async def test_change_email_is_refused(world: World, api: Client) -> None:
    user = await person(world)
    client = api.signed_in(user)
    assert await change(client, "no address") == ["INVALID_INPUT"]
    assert await change(client, email_of(user)) == ["INVALID_INPUT"]
    assert await api.mutation_failed("changeEmail", {"email": address()}) == ["UNAUTHENTICATED"]
    async with world.database.session() as session, session.begin():
        await session.execute(AGED)
    assert await change(client, address()) == ["STEP_UP_REQUIRED"]


async def test_the_old_address_undoes_what_a_thief_did(world: World, api: Client) -> None:
    """Even if the thief changed the password and the address again."""
    user, thief = await person(world), address()
    stolen = await log_in(api, user, PASSWORD)
    assert stolen is not None
    link = await asked(world, api, user)
    assert await confirm(api, await asked_for(world, api, user, thief)) == []
    undo = token_of(await mails(world, user, changed=True))
    assert await reset(api, link) == ["LINK_ENDED"], "it was sent to the old address"
    client = api.signed_in(user)
    given = {"current": PASSWORD, "password": NEW, "revokeApiTokens": False}
    assert await client.refusal_codes("changePassword", given) == []
    assert await confirm(api, await asked_for(world, api, user, address())) == []
    again = token_of(await mails(world, user, changed=True))
    linked = identity_of(user)
    await world.save(linked)
    assert (await api.ask(PURPOSE, token=undo))["authLink"]["email"] == email_of(user)
    assert await api.refusal_codes("undoChange", {"token": undo}) == []
    assert await world.email(user) == email_of(user)
    for token in (undo, again):
        assert await api.refusal_codes("undoChange", {"token": token}) == ["LINK_ENDED"]
    assert await client.failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    for password in (PASSWORD, NEW, ""):
        assert await log_in(api, user, password) is None
    assert await world.fresh(linked) is None
    mail = await read_reset(world, email_of(user))
    assert mail is not None
    assert mail.to == email_of(user)


async def test_an_undo_ends_after_72_hours(world: World, api: Client) -> None:
    user = await person(world)
    assert await confirm(api, await asked_for(world, api, user, address())) == []
    undo = token_of(await mails(world, user, changed=True))
    async with world.database.session() as session, session.begin():
        (row,) = (await session.exec(select(EmailChange))).all()
        row.undo_until = now() - timedelta(seconds=1)
    assert await api.refusal_codes("undoChange", {"token": undo}) == ["LINK_ENDED"]


@pytest.mark.parametrize("by", ["registration", "change"])
async def test_no_other_account_gets_an_address_that_can_be_taken_back(
    world: World, api: Client, by: str
) -> None:
    user, other = await person(world), await person(world)
    waiting = await world.registration(email=email_of(user))
    assert await confirm(api, await asked_for(world, api, user, address())) == []
    if by == "registration":
        given = {"registrationSecret": waiting.secret, "code": waiting.code}
        assert await api.refusal_codes("verifyEmail", given) == ["EMAIL_TAKEN"]
        fresh = await world.registration(email=email_of(user))
        assert (await read_verification(world, email_of(fresh.row))).token == ""
    else:
        token = await asked_for(world, api, other, email_of(user))
        assert await confirm(api, token) == ["EMAIL_TAKEN"]
    back = await asked_for(world, api, user, email_of(user))
    assert await confirm(api, back) == [], "but the account itself does"
