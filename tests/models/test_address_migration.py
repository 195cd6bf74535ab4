"""A database of the release before addresses were sealed, upgraded, used, and taken back."""

import asyncio
from typing import Any

import httpx
import pytest
from alembic import command
from sqlalchemy import text

from core.database import JOB_STATEMENT_SECONDS, Database
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from tests import servers
from tests.client import Client
from tests.factories.identity import HASHED, PASSWORD
from tests.factories.world import World
from tests.jobs.privacy import planting
from tests.models.test_migrations import config_of, number_of
from tests.web.conftest import started

DOMAIN = f"{planting.WORD}.example"
EMAIL, FORMER = f"asha@{DOMAIN}", f"former@{DOMAIN}"
ACCOUNTS = text(
    """
    INSERT INTO "user" (id, created_at, email, name, password_hash, role) VALUES
    (:asha, now(), :email, 'Asha', :hashed, 'USER'),
    (:number, now(), NULL, 'New user', NULL, 'USER'),
    (CAST(:erased AS uuid), now(), 'erased-' || CAST(:erased AS uuid) || '@haat.invalid',
        'Deleted user', NULL, 'USER')
    """
)
WAITING = (
    """
    INSERT INTO registration (id, created_at, email, name, password_hash, locale, secret_hash,
        tries, token_hash, code_hash, expires_at)
    VALUES (gen_random_uuid(), now(), :waiting, 'Momo', :hashed, 'en', :secret, 0, :secret,
        :secret, now() + interval '1 day')
    """,
    """
    INSERT INTO email_change (id, created_at, user_id, old_email, new_email, epoch, expires_at,
        used_at, undo_hash, undo_until)
    VALUES (gen_random_uuid(), now(), :asha, :former, :email, 0, now() + interval '1 day', now(),
        :secret, now() + interval '3 days')
    """,
    """
    INSERT INTO password_reset (id, created_at, email, expires_at)
    VALUES (gen_random_uuid(), now(), :email, now())
    """,
    """
    INSERT INTO admin_invitation (id, created_at, email, token_hash, expires_at)
    VALUES (gen_random_uuid(), now(), :email, :secret, now())
    """,
)
PLAIN = text("""SELECT email::text FROM "user" ORDER BY email""")


@pytest.fixture
async def former(worker_id: str) -> Database:
    """Return a database without migrations."""
    name = f"haat_addresses_{worker_id}"
    await servers.create_database(name)
    url = Settings(database_url=servers.superuser_url_of(name)).sqlalchemy_url
    return Database(url, statement_seconds=JOB_STATEMENT_SECONDS)


async def test_accounts_of_the_former_release_log_in_after_the_upgrade(
    former: Database, settings: Settings, keys: SigningKeys, worker_id: str
) -> None:
    config, asha = config_of(former, settings), new_id()
    before = f"{number_of('sealed_addresses')}-1"
    await asyncio.to_thread(command.upgrade, config, before)
    values: dict[str, Any] = {
        "asha": asha,
        "number": new_id(),
        "erased": new_id(),
        "email": EMAIL,
        "former": FORMER,
        "waiting": f"momo@{DOMAIN}",
        "hashed": HASHED,
        "secret": hash_secret("secret"),
    }
    async with former.session() as session, session.begin():
        for statement in (ACCOUNTS, *map(text, WAITING)):
            names = statement.compile().params
            await session.execute(statement, {name: values[name] for name in names})
    assert "user" in await files_as_they_are(former), "a control"
    await asyncio.to_thread(command.upgrade, config, "head")
    assert await planting.tables_with_the_word(former) == set()
    assert await files_as_they_are(former) == set()
    await ensure_usable(former, settings, keys)
    world = World(former, keys)
    assert await world.email(User(id=asha, name="", password_hash=None)) == EMAIL
    await asyncio.to_thread(command.downgrade, config, before)
    async with former.session() as session:
        plain = list((await session.execute(PLAIN)).scalars())
    assert plain == [EMAIL, f"erased-{values['erased']}@haat.invalid", f"momo@{DOMAIN}", None]
    await former.close()


async def files_as_they_are(database: Database) -> set[str]:
    """Return the tables whose files have the word, without rewriting them first."""
    async with database.session() as session:
        await session.execute(text("CHECKPOINT"))
        return {
            name
            for name, path in (await session.execute(planting.RELATIONS)).all()
            if await session.scalar(planting.HOLDS, {"word": planting.WORD.encode(), "path": path})
        }


async def ensure_usable(database: Database, settings: Settings, keys: SigningKeys) -> None:
    """Log in, verify the registration that waits, and find the address that is kept."""
    url = database.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    async with started(settings.model_copy(update={"database_url": url})) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            client = Client(http, keys)
            for spelling in (EMAIL, EMAIL.upper(), f" {EMAIL}"):
                given = {"email": spelling, "password": PASSWORD}
                assert await client.refusal_codes("logIn", given) == []
            proof = {"token": "secret", "registrationSecret": "secret"}
            assert await client.refusal_codes("verifyEmail", proof) == []
            query = "query ($token: String!) { authLink(token: $token) { purpose email } }"
            link = (await client.ask(query, token="secret"))["authLink"]
            assert link == {"purpose": "UNDO_CHANGE", "email": FORMER}
