"""Text search does not depend on the locale of PostgreSQL."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from core.database import Database
from core.keyset import Window, fetch_page
from core.settings import HOME
from core.text.search_text import searchable
from models.vendors import Vendor, VendorStatus
from services.vendors.queries import VendorFilter, search_vendors
from services.viewer import ANONYMOUS
from tests import servers


@pytest.fixture
async def without_locale(worker_id: str) -> AsyncIterator[Database]:
    """Return a database in which only ASCII has letters, as where `LANG` is not set."""
    name = f"haat_locale_{worker_id}"
    await servers.run_as_superuser(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    url = servers.superuser_url_of(name)
    await asyncio.to_thread(servers.migrate, url)
    database = Database(url.replace("://", "+asyncpg://"), pool=1)
    yield database
    await database.close()


async def test_a_search_finds_text_of_every_script_without_a_locale(
    without_locale: Database,
) -> None:
    corpus = tomllib.loads((HOME / "tests" / "search_corpus.toml").read_text())["text"]
    async with without_locale.session() as session, session.begin():
        trigrams = await session.execute(text("SELECT show_trgm('кофе')"))
        assert trigrams.scalar_one() == []
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        session.add_all(_vendor(entry["text"]) for entry in corpus)
    for entry in corpus:
        for query in entry["queries"]:
            async with without_locale.session() as session:
                listing = search_vendors(ANONYMOUS, VendorFilter(search=query))
                page = await fetch_page(session, listing, Window())
            assert entry["text"] in [vendor.name for vendor in page.rows], query


def _vendor(name: str) -> Vendor:
    return Vendor(
        name=name,
        category_id=UUID(int=0),
        status=VendorStatus.APPROVED,
        locale="en",
        country="IN",
        city="X",
        pin_code="560001",
        latitude=0,
        longitude=0,
        time_zone="UTC",
        currency="INR",
        search_text=searchable(name),
    )
