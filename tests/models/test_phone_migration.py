"""Vendors of the release before their phone numbers were sealed, upgraded and taken back."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from core.database import JOB_STATEMENT_SECONDS, Database
from core.ids import new_id
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.vendors import PHONE_COLUMN
from tests import servers
from tests.jobs.privacy import planting
from tests.models.test_address_migration import files_as_they_are
from tests.models.test_migrations import config_of, number_of

WORD = planting.WORD
PHONE = f"+91{WORD}"  # 15 characters, as those of a number
CATEGORY = text(
    """
    INSERT INTO category (id, created_at, slug, path, name, position)
    VALUES (:id, now(), 'cafes', 'cafes/', '{}', 0)
    """
)
VENDOR = text(
    """
    INSERT INTO vendor (id, created_at, name, description, category_id, status, locale, country,
        city, pin_code, latitude, longitude, phone, time_zone, currency, search_text)
    VALUES (:id, now(), 'Tea', '{}', :category, 'APPROVED', 'en', 'IN', 'Mysuru', '570001', 12, 77,
        :phone, 'Asia/Kolkata', 'INR', '')
    """
)
STORED = text("SELECT id, phone FROM vendor ORDER BY id")


@pytest.fixture
async def former(worker_id: str) -> Database:
    """Return a database without migrations."""
    name = f"haat_phones_{worker_id}"
    await servers.create_database(name)
    url = Settings(database_url=servers.superuser_url_of(name)).sqlalchemy_url
    return Database(url, statement_seconds=JOB_STATEMENT_SECONDS)


async def stored(database: Database) -> dict[Any, Any]:
    await database.engine.dispose()  # the statements of the connections know the former type
    async with database.session() as session:
        return {row.id: row.phone for row in await session.execute(STORED)}


async def test_numbers_of_the_former_release_are_sealed(
    former: Database, settings: Settings, keys: SigningKeys
) -> None:
    config, category = config_of(former, settings), new_id()
    before = f"{number_of('sealed_phones')}-1"
    await asyncio.to_thread(command.upgrade, config, before)
    given = {new_id(): PHONE, new_id(): PHONE[:8], new_id(): None}
    async with former.session() as session, session.begin():
        await session.execute(CATEGORY, {"id": category})
        for id, phone in given.items():
            await session.execute(VENDOR, {"id": id, "category": category, "phone": phone})
    assert "vendor" in await files_as_they_are(former), "a control"
    await asyncio.to_thread(command.upgrade, config, "head")
    assert await planting.tables_with_the_word(former) == set()
    assert await files_as_they_are(former) == set()
    sealer = Sealer(keys)
    opened = {
        id: value and sealer.open(PHONE_COLUMN, id, value).decode()
        for id, value in (await stored(former)).items()
    }
    assert opened == given
    await asyncio.to_thread(command.downgrade, config, before)
    assert await stored(former) == given
    await former.close()
