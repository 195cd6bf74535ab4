"""The migrations create the schema that the models describe, and can be reverted."""

import asyncio
import re
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from core.database import Database
from core.security.key_file import NOT_ENCRYPTED
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import HOME, Settings
from tests import servers
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.invariants import check_invariants

EXTENSIONS = ("btree_gist", "citext", "cube", "earthdistance", "pg_trgm")
DEFINITIONS = text(
    """
    SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
        || (CASE WHEN convalidated THEN '' ELSE ' NOT VALID' END)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
        AND conrelid::regclass::text !~ '^(procrastinate|alembic)'
    UNION ALL
    SELECT tablename || ' ' || indexname, indexdef
    FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '^(procrastinate|alembic)'
    UNION ALL
    SELECT attrelid::regclass || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
        attnotnull, attgenerated, attcollation, pg_get_expr(adbin, adrelid))
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        AND relname !~ '^(procrastinate|alembic)'
    """
)
# PostgreSQL rewrites a constraint whose column gets another length: the cast of a list of names
# becomes one of each name.
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")

OLD_USER = text(
    """INSERT INTO "user" (id, created_at, email, name, password_hash, role) VALUES
    (gen_random_uuid(), now(), gen_random_uuid() || '@haat.example', :name, '', 'USER')"""
)
OLD_REPLY = text(
    """INSERT INTO canned_reply (id, created_at, vendor_id, title, text) VALUES
    (gen_random_uuid(), now(), '00000000-0000-7000-8000-000000000000', :title, 'Sorry')"""
)


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    return not (name or "").startswith(("procrastinate_", "alembic_"))


def differences(connection: Connection) -> list[Any]:
    options = {"include_name": is_ours, "compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, SQLModel.metadata))


@pytest.mark.filterwarnings("ignore:Did not recognize type")
async def test_autogenerate_finds_nothing_to_migrate(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def fresh(name: str) -> Database:
    """Open an empty database as a superuser, who can plant rows without foreign keys."""
    await servers.create_database(name)
    return Database(Settings(database_url=servers.superuser_url_of(name)).sqlalchemy_url)


def config_of(database: Database, settings: Settings) -> Config:
    """Return the configuration of migrations, with the keys that they seal values with."""
    url = database.engine.url.render_as_string(hide_password=False)
    config = Config(HOME / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    keys = SigningKeys.load(settings.keys_file, NOT_ENCRYPTED)
    config.attributes["read_sealer"] = lambda: Sealer(keys)
    return config


async def definitions(database: Database) -> dict[str, str]:
    """Return the definition of every column, constraint and index, as PostgreSQL prints it."""
    async with database.session() as session:
        found = (await session.execute(DEFINITIONS)).all()
    return {name: CASTS.sub("", definition) for name, definition in found}


async def test_migrations_create_exactly_the_schema_of_the_models(
    database: Database, worker_id: str
) -> None:
    from_models = await fresh(f"haat_models_{worker_id}")
    async with from_models.engine.begin() as connection:
        for extension in EXTENSIONS:
            await connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        await connection.run_sync(SQLModel.metadata.create_all)
    assert await definitions(database) == await definitions(from_models)
    await from_models.close()


async def test_migrations_can_be_reverted_and_repeated(
    database: Database, settings: Settings, worker_id: str
) -> None:
    reverted = await fresh(f"haat_reverted_{worker_id}")
    config = config_of(reverted, settings)
    await asyncio.to_thread(command.upgrade, config, "head")
    await asyncio.to_thread(command.downgrade, config, "base")
    assert await definitions(reverted) == {}
    await asyncio.to_thread(command.upgrade, config, "head")
    assert await definitions(reverted) == await definitions(database)
    await reverted.close()


def number_of(migration: str) -> str:
    """Return the revision of a migration by its name."""
    (path,) = (HOME / "alembic/versions").glob(f"*_{migration}.py")
    return path.name.partition("_")[0]


async def test_names_stored_before_the_rule_are_cleaned(settings: Settings, worker_id: str) -> None:
    database = await fresh(f"haat_names_{worker_id}")
    config = config_of(database, settings)
    await asyncio.to_thread(command.upgrade, config, f"{number_of('one_line_text')}-1")
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in ("Asha", "Haat\n\nConfirm\u202e", "\u200b"):
            await connection.execute(OLD_USER, {"name": name})
        for title in ("Sorry", "Sorry\u200b", " Sorry"):
            await connection.execute(OLD_REPLY, {"title": title})
    await asyncio.to_thread(command.upgrade, config, "head")
    async with database.session() as session:
        names = (await session.execute(text('SELECT name FROM "user" ORDER BY name'))).scalars()
        assert list(names) == ["Asha", "Haat Confirm", "User"]
        titles = (await session.execute(text("SELECT title, id FROM canned_reply"))).all()
        assert {title.removesuffix(f" {one}") for title, one in titles} == {"Sorry"}
    await database.close()


OLD_TEXTS = """
    INSERT INTO vendor (id, created_at, name, description, category_id, status, locale, country,
        city, pin_code, latitude, longitude, time_zone, currency, search_text)
    VALUES ('00000000-0000-7000-8000-000000000001', now(), '半額', '{}', gen_random_uuid(),
        'APPROVED', 'ja', 'JP', 'Ōsaka', '5300001', 34, 135, 'Asia/Tokyo', 'JPY', '半額 osaka');
    INSERT INTO offer (id, created_at, vendor_id, category_id, state, locale, title, description,
        terms, discount_kind, percent, currency, claimed, per_user_limit, starts_at, ends_at,
        country, pin_codes, latitude, longitude, search_text)
    SELECT gen_random_uuid(), now(), id, category_id, 'PUBLISHED', 'ja', '{"ja": "茶 2杯"}', '{}',
        '{}', 'PERCENT', 10, currency, 0, 1, now(), now() + interval '1 day', country, '{}',
        latitude, longitude, '茶 2杯 半額 osaka' FROM vendor;
    INSERT INTO conversation (id, created_at, user_id, vendor_id, state, last_sequence,
        user_messages, last_message_at, user_read, user_delivered, vendor_read, vendor_delivered)
    VALUES (gen_random_uuid(), now(), '00000000-0000-7000-8000-000000000002',
        '00000000-0000-7000-8000-000000000001', 'OPEN', 2, 2, now(), 0, 0, 0, 0);
    INSERT INTO message (id, created_at, conversation_id, sequence, side, sender_id, kind, text,
        client_message_id, user_messages, deleted_at)
    SELECT gen_random_uuid(), now(), conversation.id, 1 + (text = '')::int, 'USER', user_id, 'TEXT',
        text, text, 1, CASE text WHEN '' THEN now() END
    FROM conversation, unnest('{Rs.500,""}'::text[]) AS text
"""
SIDES = "user:00000000-0000-7000-8000-000000000002 vendor:00000000-0000-7000-8000-000000000001"


async def test_stored_texts_are_prepared_for_search(settings: Settings, worker_id: str) -> None:
    database = await fresh(f"haat_search_{worker_id}")
    config = config_of(database, settings)
    before = f"{number_of('search')}-1"
    await asyncio.to_thread(command.upgrade, config, before)
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in OLD_TEXTS.split(";"):
            await connection.execute(text(statement))
    for _ in range(2):
        await asyncio.to_thread(command.upgrade, config, "head")
        async with database.session() as session:
            for table, stored in (
                ("vendor", ["半額 額 osaka"]),
                ("offer", ["茶 2 杯 半額 額 osaka"]),
                ("message", ["", f"{SIDES} rs 500"]),
            ):
                statement = f"SELECT search_text FROM {table} ORDER BY 1"
                assert list((await session.execute(text(statement))).scalars()) == stored
        await asyncio.to_thread(command.downgrade, config, before)
    await database.close()


OLD_ROWS = """
    INSERT INTO "user" (id, created_at, email, name, password_hash, role)
    SELECT gen_random_uuid(), now(), 'a@haat.example', 'A', '', 'USER';
    INSERT INTO user_session (id, created_at, user_id)
    SELECT gen_random_uuid(), now() - n * interval '1 day', "user".id
    FROM "user", unnest('{100,200}'::int[]) AS n;
    INSERT INTO refresh_token (id, created_at, session_id, token_hash, expires_at)
    SELECT gen_random_uuid(), now(), id, '', now() + interval '5 days'
    FROM user_session WHERE created_at > now() - interval '150 days';
    INSERT INTO api_token (id, created_at, user_id, name, prefix, token_hash, scopes, expires_at)
    SELECT gen_random_uuid(), now() - interval '200 days', "user".id, 'A', 'haat_',
        coalesce(n, 0)::text::bytea, '{READ}', now() + n * interval '1 day'
    FROM "user", unnest('{10,1000,NULL}'::int[]) AS n
"""
AFTER_SESSIONS = text(
    """
    SELECT (SELECT array_agg(round(extract(epoch FROM idle_until - now()) / 86400)
            ORDER BY created_at DESC) FROM user_session),
        (SELECT array_agg(round(extract(epoch FROM ends_at - now()) / 86400)) FROM user_session),
        (SELECT array_agg(round(extract(epoch FROM expires_at - now()) / 86400) ORDER BY expires_at)
            FROM api_token)
    """
)


DELETE_AS_BEFORE = text(
    """
    WITH deleted AS (
        UPDATE message SET text = '', search_text = '', deleted_at = now()
        WHERE sequence = :at AND deleted_at IS NULL
        RETURNING id
    )
    INSERT INTO message_version (id, created_at, message_id, kind, text)
    SELECT gen_random_uuid(), now(), id, 'DELETED', '' FROM deleted
    """
)
NONE_DISCOUNTED = text(
    """
    WITH counted AS (UPDATE message SET discounted = false WHERE discounted),
        moved AS (UPDATE participant SET user_deleted = 0, vendor_deleted = 0)
    UPDATE conversation SET user_deleted = 0, vendor_deleted = 0
    """
)


async def test_sessions_and_api_tokens_get_an_end(settings: Settings, worker_id: str) -> None:
    """Open sessions get 90 days, tokens without an end 90 days, and later ends a year."""
    old = await fresh(f"haat_sessions_{worker_id}")
    config = config_of(old, settings)
    await asyncio.to_thread(command.upgrade, config, number_of("sessions"))
    await asyncio.to_thread(command.downgrade, config, f"{number_of('sessions')}-1")
    async with old.session() as session, session.begin():
        for statement in OLD_ROWS.replace("::", r"\:\:").split(";"):
            await session.execute(text(statement))
    await asyncio.to_thread(command.upgrade, config, "head")
    async with old.session() as session:
        assert (await session.execute(AFTER_SESSIONS)).one() == (
            [5, -200],
            [90, 90],
            [10, 90, 365],
        )
    await old.close()


async def test_messages_deleted_before_are_taken_out_of_the_counters(
    world: World, api: Client, database: Database, worker_id: str
) -> None:
    """Of a copy with messages that the previous release deleted, read and unread, and back."""
    scripts = ScriptDirectory.from_config(Config(HOME / "alembic.ini"))
    migration: Any = scripts.get_revision(number_of("deleted_unread")).module
    chats = [await Chat.open(world, api) for _ in range(2)]
    for chat in chats:
        sent = [await chat.send(chat.customer if n % 3 else chat.member) for n in range(8)]
        await chat.read(chat.customer, 4)
        async with database.session() as session, session.begin():
            for one in (sent[1], sent[3], sent[6], sent[7]):
                await session.execute(DELETE_AS_BEFORE, {"at": one["sequence"]})
    with pytest.raises(AssertionError):
        await check_invariants(database)
    async with database.session() as session, session.begin():
        for statement in migration.DISCOUNT:
            await session.execute(text(statement))
    await check_invariants(database)
    async with database.session() as session, session.begin():
        for statement in migration.COUNT_AGAIN:
            await session.execute(text(statement))
        await session.execute(NONE_DISCOUNTED)
    with pytest.raises(AssertionError):
        await check_invariants(database)
    async with database.session() as session, session.begin():
        for statement in migration.DISCOUNT:
            await session.execute(text(statement))
    await check_invariants(database)
