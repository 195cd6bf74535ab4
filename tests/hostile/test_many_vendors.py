"""Among 200,000 vendors, no list of them reads more than a small part.

Open vendors are listed of one place only: if the first 130,000 of an order are closed, a list of
all that are open reads them.
"""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from core.database import Database
from core.settings import Settings
from services.near import Near
from services.vendors.queries import VendorFilter, VendorOrder, search_vendors
from services.viewer import ANONYMOUS
from tests import servers
from tests.hostile.test_town import rows_read
from tests.hostile.town.build import BUILD_SECONDS

MAX_READ = 3_000  # the nearest 1,000, or 250 that are open, are read for another order
# On a grid of 0.01 degrees around 0, a third of them open. They are not searched by text.
BUILD = """
    SET LOCAL session_replication_role = replica;
    DROP INDEX vendor_search_idx;
    DROP INDEX vendor_terms_idx;
    INSERT INTO vendor (id, created_at, name, description, category_id, status, locale, country,
        city, pin_code, latitude, longitude, time_zone, currency, search_text)
    SELECT uuidv7(), now() - number * interval '1 minute', 'Shop ' || md5(number::text), '{}',
        '00000000-0000-7000-8000-000000000000', 'APPROVED', 'en', CASE number % 4 WHEN 0 THEN 'DE'
        ELSE 'IN' END, 'City', (100000 + number % 5000)::text,
        (number / 450 - 222) * 0.01, (number % 450 - 225) * 0.01, 'UTC', 'EUR', ''
    FROM generate_series(1, 200000) AS number;
    INSERT INTO vendor_open SELECT id, now() - interval '1 hour', now() + interval '1 day'
    FROM vendor WHERE left(md5(name), 1) < '5'
"""
WANTED = [
    VendorFilter(),
    VendorFilter(country="DE"),
    VendorFilter(pin_code="100007"),
    VendorFilter(near=Near(0, 0, 5)),
    VendorFilter(near=Near(0, 0, 300)),
    VendorFilter(near=Near(1.5, 0, 300), open_now=True),
    VendorFilter(open_now=True, pin_code="100007"),
    VendorFilter(open_now=True, pin_code="100007", country="DE"),
]


@pytest.fixture(scope="module")
async def many(settings: Settings, worker_id: str) -> AsyncIterator[Database]:
    name = f"haat_vendors_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    url = servers.superuser_url_of(name).replace("://", "+asyncpg://")
    database = Database(url, pool=2, statement_seconds=BUILD_SECONDS)
    async with database.engine.begin() as connection:
        for statement in BUILD.split(";"):
            await connection.execute(text(statement.replace("::", r"\:\:")))
    async with database.engine.connect() as connection:
        vacuumed = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await vacuumed.execute(text("VACUUM ANALYZE"))
    yield database
    await database.close()


@pytest.mark.parametrize("wanted", WANTED, ids=str)
@pytest.mark.parametrize("order", VendorOrder)
async def test_a_list_reads_few_vendors(
    many: Database, wanted: VendorFilter, order: VendorOrder
) -> None:
    if order is VendorOrder.DISTANCE and wanted.near is None:
        pytest.skip("DISTANCE requires a place.")
    assert await rows_read(many, search_vendors(ANONYMOUS, wanted, order)) < MAX_READ
